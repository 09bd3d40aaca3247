"""The two pages as HTML: of one run, and of all runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Template
from markupsafe import Markup

from pipelines import __version__
from scraper.report.examples import Example
from scraper.report.explained import FOLDER as EXPLAINED
from scraper.report.shown import many, share, size
from scraper.report.sites_view import SiteView
from scraper.report.values import numbers
from scraper.report.view import Past, Run, RunView, bar
from scraper.web_page import environment, page_look

_FOLDER = Path(__file__).parent
GENERATOR = Markup('<meta name="generator" content="marrow report">')


@dataclass(frozen=True, slots=True)
class RejectView:
    """A reason, its share of the rejects as a bar, and examples with where each is explained."""

    reason: str
    count: int
    value: str
    bar: int
    examples: tuple[tuple[Example, str | None], ...]


@dataclass(frozen=True, slots=True)
class FileView:
    """A file of the run: its name, where it is from here, and how large."""

    name: str
    href: str
    size: str


def report_html(
    run: RunView,
    sites: Sequence[SiteView],
    rejects: Sequence[RejectView],
    files: Sequence[FileView],
    why_unexplained: str = "",
) -> str:
    """The report of a run; `why_unexplained` says why no refused page is explained."""
    return _template("report.html").render(
        generator=GENERATOR,
        look=page_look(_FOLDER / "report"),
        version=__version__,
        run=run,
        sites=sites,
        rejects=rejects,
        files=files,
        why_unexplained=why_unexplained,
    )


def index_html(runs: Sequence[tuple[Past, str, str | None]], older: Sequence[str]) -> str:
    """The list of runs, newest first: each with what was asked, and where its report is.

    `older` are names of runs that are not told of any more.
    """
    return _template("index.html").render(
        generator=GENERATOR,
        look=page_look(_FOLDER / "report"),
        version=__version__,
        runs=runs,
        older=older,
    )


def reject_views(
    run: Run, found: Mapping[str, Sequence[Example]], folder: Path
) -> list[RejectView]:
    """The reasons of a run, the most frequent first; `folder` has the explain pages."""
    counted = numbers(run, "counts", "rejected_by_reason")
    counted |= {reason: len(known) for reason, known in found.items() if reason not in counted}
    total = sum(counted.values()) or 1
    return [
        RejectView(
            reason,
            int(number),
            share(number / total),
            bar(number / total),
            tuple((example, _explained(example, folder)) for example in found.get(reason, ())),
        )
        for reason, number in sorted(counted.items(), key=lambda item: -item[1])
    ]


def file_views(folder: Path, names: Sequence[str]) -> list[FileView]:
    """The files of a run's folder that are there."""
    paths = [folder / name for name in names]
    return [
        FileView(path.name, quote(path.name), size(path.stat().st_size))
        for path in paths
        if path.is_file()
    ]


def _explained(example: Example, folder: Path) -> str | None:
    there = (folder / example.page_name).is_file()
    return f"{EXPLAINED}/{example.page_name}" if there else None


@lru_cache
def _template(name: str) -> Template:
    return environment(_FOLDER, many=many).get_template(name)
