"""What a comparison found, as a table on the terminal, Markdown, JSON and a plot."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from benchmarks.memory import PAGES
from benchmarks.systems import SYSTEMS
from pipelines import __version__

OURS = SYSTEMS[0].name
# What the figures rest on beside the systems themselves.
LIBRARIES = ("lxml", "numpy")
# Columns of a table that goes into a file.
WIDTH = 120


@dataclass(frozen=True)
class Result:
    """One system: quality as means of shares (0 to 1), milliseconds a page, MB, exceptions."""

    name: str
    quality: dict[str, float]
    ms_mean: float
    ms_median: float
    mb_after_import: float | None
    mb_peak: float | None
    raised: tuple[str, ...]

    @property
    def mb_grown(self) -> float | None:
        """Peak memory above what importing the system takes."""
        if self.mb_peak is None or self.mb_after_import is None:
            return None
        return self.mb_peak - self.mb_after_import


@dataclass(frozen=True)
class Run:
    """What was compared, when, and on what machine."""

    folder: str
    pages: int
    out_of_fold: bool
    missing: tuple[str, ...]
    date: str
    cpu: str
    cores: int
    system: str
    python: str
    versions: dict[str, str]

    @classmethod
    def of(cls, folder: str, pages: int, out_of_fold: bool, missing: tuple[str, ...]) -> Run:
        """A run on this machine, now."""
        return cls(
            folder=folder,
            pages=pages,
            out_of_fold=out_of_fold,
            missing=missing,
            date=datetime.now(UTC).date().isoformat(),
            cpu=_cpu(),
            cores=os.cpu_count() or 1,
            system=f"{platform.system()} {platform.machine()}",
            python=platform.python_version(),
            versions=_versions(),
        )

    def sentences(self) -> list[str]:
        """How to read the figures."""
        tables = (
            "trained without the pages of each page's site (out of fold)"
            if self.out_of_fold
            else "as shipped: trained on WCXB and Fundus pages, so in-sample there"
        )
        said = ", ".join(f"{name} {number}" for name, number in self.versions.items())
        lines = [
            f"{self.pages} article pages of `{self.folder}`, {self.date}; {self.cpu}, "
            f"{self.cores} cores, {self.system}, Python {self.python}.",
            f"Tables of {OURS}: {tables}.",
            f"Versions: {said}.",
            "P, R and F1 are means over pages of bags of words; ± is half a 95% interval of the "
            "mean F1. Shingle F1 is that of mean precision and mean recall over runs of four "
            "words.",
            "Times are processor time a page, all systems on the same pages in one process: "
            f"compare the ratios (× time: of {OURS}'s mean). {OURS} makes the full record with "
            "people, dates and sections in its time, the others are asked for the text alone.",
            "Memory is the peak of a process of its own that reads the pages "
            f"(the {PAGES} largest): "
            "above its size after import (grown), and in all (peak).",
        ]
        if self.missing:
            lines.append(f"Not installed, left out: {', '.join(self.missing)}.")
        return lines


def _cpu() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        told = ""
    found = re.search(r"^model name\s*:\s*(.+)$", told, re.MULTILINE)
    return found[1].strip() if found else platform.processor() or platform.machine()


def _versions() -> dict[str, str]:
    found = {OURS: __version__}
    for name in [*(s.distribution for s in SYSTEMS if s.distribution), *LIBRARIES]:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


COLUMNS: tuple[tuple[str, Callable[[Result, Result], str]], ...] = (
    ("word P", lambda r, _: f"{r.quality['word_precision']:.3f}"),
    ("word R", lambda r, _: f"{r.quality['word_recall']:.3f}"),
    ("word F1", lambda r, _: f"{r.quality['word_f1']:.3f}"),
    ("±", lambda r, _: f"{r.quality['word_f1_interval']:.3f}"),
    ("shingle F1", lambda r, _: f"{r.quality['shingle_f1']:.3f}"),
    ("ms mean", lambda r, _: f"{r.ms_mean:.1f}"),
    ("ms median", lambda r, _: f"{r.ms_median:.1f}"),
    ("× time", lambda r, ours: f"{r.ms_mean / ours.ms_mean:.2f}"),
    ("MB grown", lambda r, _: _number(r.mb_grown, ".0f")),
    ("MB peak", lambda r, _: _number(r.mb_peak, ".0f")),
    ("raised", lambda r, _: str(len(r.raised))),
)


def rows(results: Sequence[Result]) -> list[list[str]]:
    """A row a system, the best shingle F1 first."""
    ours = next(result for result in results if result.name == OURS)
    ranked = sorted(results, key=lambda result: -result.quality["shingle_f1"])
    return [[r.name, *(column(r, ours) for _, column in COLUMNS)] for r in ranked]


def print_table(run: Run, results: Sequence[Result]) -> None:
    """The table on the terminal."""
    table = Table(title=f"{run.pages} article pages of {run.folder}", box=SIMPLE)
    table.add_column("system", no_wrap=True)
    for heading, _ in COLUMNS:
        table.add_column(heading, justify="right")
    for row in rows(results):
        table.add_row(*row, style="bold" if row[0] == OURS else "")
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)  # into a file, no column is cut short
    console.print(table)
    for line in run.sentences():
        console.print(line, highlight=False, style="dim")


def write_markdown(run: Run, results: Sequence[Result], path: Path) -> None:
    """The table as Markdown."""
    lines = [
        "| system | " + " | ".join(heading for heading, _ in COLUMNS) + " |",
        "| --- |" + " ---: |" * len(COLUMNS),
        *(
            "| " + " | ".join(f"**{c}**" if row[0] == OURS else c for c in row) + " |"
            for row in rows(results)
        ),
        "",
        *(f"- {line}" for line in run.sentences()),
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def write_json(run: Run, results: Sequence[Result], path: Path) -> None:
    """Everything, for programs."""
    told = {"run": asdict(run), "systems": [asdict(result) for result in results]}
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")


def draw(run: Run, results: Sequence[Result], path: Path) -> bool:
    """Quality against time as SVG; False where matplotlib is not installed."""
    try:
        matplotlib = import_module("matplotlib")
        figures = import_module("matplotlib.figure")
    except ImportError:
        return False
    # Text stays text, and the same figures give the same file.
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "marrow", "font.size": 11}):
        figure = figures.Figure(figsize=(7.2, 4.4), layout="constrained")
        axes = figure.add_subplot()
        for result in results:
            ours = result.name == OURS
            place = (result.ms_mean, result.quality["shingle_f1"])
            axes.scatter(*place, s=90 if ours else 50, color="#c0392b" if ours else "#5d6d7e")
            axes.annotate(
                result.name,
                place,
                xytext=(0, 9),
                textcoords="offset points",
                ha="center",
                weight="bold" if ours else "normal",
            )
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter(lambda x, _: f"{x:g}" if f"{x:g}"[0] in "25" else "")
        axes.margins(x=0.16, y=0.16)
        axes.set_xlabel("milliseconds a page, mean (log scale; left is faster)")
        axes.set_ylabel("shingle F1 (up is better)")
        kind = "out of fold" if run.out_of_fold else "shipped tables"
        axes.set_title(f"{run.pages} article pages of {run.folder}, {kind}, {run.date}", size=11)
        axes.grid(alpha=0.3, which="both", linewidth=0.5)
        figure.savefig(path, format="svg", metadata={"Date": None})
    return True
