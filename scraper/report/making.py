"""Makes the report of a run in its folder, and the list of runs in the output folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings

from pipelines.writers import publish, temporary_name, well_formed
from scraper.amounts import setting_number
from scraper.report.examples import Example, examples
from scraper.report.explained import FOLDER, Explainer
from scraper.report.page import file_views, index_html, reject_views, report_html
from scraper.report.sites_view import site_views
from scraper.report.values import text
from scraper.report.view import Past, Run, asked_for, past_of, run_view
from scraper.site_health.history import LAST, past_runs

REPORT = "report.html"
INDEX = "index.html"
# Runs whose accounts the list reads: a year of nights. Of older ones it has the names.
LISTED = 366


@dataclass(frozen=True, slots=True)
class ReportMaker:
    """Makes reports for an output folder: up to `per_reason` examples of each reason to refuse,
    explained by the descriptions of the sites in `sites`.
    """

    output: Path
    sites: Path
    per_reason: int

    def report(self, folder: Path, run: Run, files: Sequence[str]) -> Path:
        """Write the report of a run into `folder`, which need not be published yet.

        `files` are the names of the run's other files. Raises OSError, and leaves nothing then.
        """
        rejects = folder / "rejected.jsonl"
        found = examples(rejects, self.per_reason)
        explainable = [each for known in found.values() for each in known if each.explainable]
        _explain(Explainer(self._archive(run), self.sites), explainable, folder / FOLDER)
        earlier = _before(self.output / "runs", text(run, "run_id"))
        page = report_html(
            run_view(run, earlier),
            site_views(run, earlier),
            reject_views(run, found, folder / FOLDER),
            file_views(folder, [name for name in files if name != REPORT]),
            _why_unexplained(explainable, folder / FOLDER),
        )
        return _write(folder / REPORT, page)

    def again(self, folder: Path) -> Path:
        """Write the report of a published run anew. Raises OSError, and UsageError for no run."""
        try:
            run = json.loads((folder / "run.json").read_text("utf-8"))
        except ValueError as error:
            raise UsageError(f"{folder / 'run.json'} is damaged: {error}") from None
        if not isinstance(run, dict):
            raise UsageError(f"{folder / 'run.json'} is no account of a run")
        return self.report(folder, run | {"run_id": folder.name}, _files(folder))

    def index(self) -> Path:
        """Write the list of runs anew. Raises OSError."""
        runs = self.output / "runs"
        names = sorted((path.name for path in _published(runs)), reverse=True)
        rows = [row for name in names[:LISTED] if (row := _row(runs, name))]
        return _write(self.output / INDEX, index_html(rows, names[LISTED:]))

    def _archive(self, run: Run) -> Path:
        """Where the raw pages of a run are: where it kept them, or what it was replayed from."""
        replayed = text(run, "asked", "settings", "REPLAY")
        if not replayed:
            return self.output / "archive"
        return Path(replayed).parent if Path(replayed).is_file() else Path(replayed)


def report_maker(settings: BaseSettings, output: Path) -> ReportMaker:
    """By the settings SITES_DIR and REPORT_EXAMPLES. Raises UsageError."""
    per_reason = int(setting_number(settings, "REPORT_EXAMPLES", 0))
    return ReportMaker(output, Path(settings["SITES_DIR"]), per_reason)


def _explain(explainer: Explainer, found: Sequence[Example], folder: Path) -> None:
    """Explain pages are worth less than the report: without room for them there are none."""
    new = not folder.exists()
    try:
        explainer.explain(found, folder)
    except OSError:
        if new:
            shutil.rmtree(folder, ignore_errors=True)


def _why_unexplained(found: Sequence[Example], folder: Path) -> str:
    """Why pages that were read have no explain page, where any has none."""
    if all((folder / each.page_name).is_file() for each in found):
        return ""
    if not any(each.place for each in found):
        return "Nothing is explained: this run kept no raw pages (ARCHIVE)."
    return (
        "What was read and refused is explained as far as its raw page is in the archive; "
        "scrapy report makes explain pages that are missing."
    )


def _before(runs: Path, run_id: str) -> list[Run]:
    """The accounts of the last runs before this one, the oldest first; names sort by time."""
    later = sum(path.name >= run_id for path in _published(runs))
    known = past_runs(runs, LAST - 1 + later)
    return [run for run in known if text(run, "run_id") < run_id][-(LAST - 1) :]


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def _published(runs: Path) -> list[Path]:
    if not runs.is_dir():
        return []
    return [path for path in runs.iterdir() if path.is_dir() and not path.name.startswith(".")]


def _row(runs: Path, name: str) -> tuple[Past, str, str | None] | None:
    """A run in the list, with what was asked, and where its report is, as seen from the list.

    One account after the other: those of many sites would fill the memory together.
    """
    try:
        run = json.loads((runs / name / "run.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(run, dict):
        return None
    there = (runs / name / REPORT).is_file()
    link = f"runs/{quote(name)}/{REPORT}" if there else None
    return past_of(run | {"run_id": name}), asked_for(run), link


def _write(path: Path, page: str) -> Path:
    """Write a file in one go. Raises OSError."""
    temporary = temporary_name(path)
    try:
        temporary.write_bytes(well_formed(page).encode())
        publish(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return path
