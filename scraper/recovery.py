"""What a killed run has left is brought into order and published, before the next run begins.

Its files are cut to the lengths of its last checkpoint: what lies behind is of pages that the state
does not know as done, so they are fetched again. Everything that is not cut is made anew from the
JSON Lines. Each step can be repeated: whoever is killed here leaves the same work to the next.
"""

from __future__ import annotations

import glob
import json
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipelines.schema import ARTICLE_SCHEMA
from pipelines.writers import append, format_of, open_output, read_json_lines
from scraper import archive
from scraper.account import account_of_killed
from scraper.alarms import alarm
from scraper.checkpoints import JOURNALS
from scraper.publishing import publish_run, published_files, write_report
from scraper.state.contract import CrawlState

logger = logging.getLogger(__name__)

_ARTICLES = JOURNALS[0]
# Adds the report of a run, by its account, to its folder.
AddReport = Callable[[Path, Mapping[str, Any]], None]
# The folder of a file is gone, or not ours any more; or what is there by now is no file of records.
_IMPOSSIBLE = (
    *(FileNotFoundError, FileExistsError, NotADirectoryError, IsADirectoryError),
    *(PermissionError, ValueError, LookupError),
)


def left_behind(runs: Path) -> Iterator[tuple[Path, str | None]]:
    """The folders of killed runs, each with the shared frontier that it belongs to, if to any."""
    for folder in sorted(runs.glob(".*.tmp")):
        yield folder, _told(folder).get("frontier")


def recover(
    runs: Path, state: CrawlState, report: AddReport, frontier: str | None = None
) -> Iterator[str]:
    """Publish what killed runs of that frontier have left; a sentence for each. Raises OSError.

    The caller holds the lock of the output folder, so that no other run is going on. `report` adds
    the report to a folder before it is published.
    """
    for folder, known_to in left_behind(runs):
        if known_to == frontier:
            yield _recover(folder, runs, state, report)


def _recover(folder: Path, runs: Path, state: CrawlState, report: AddReport) -> str:
    told = _told(folder)
    run_id = str(told.get("run_id") or folder.name[1:].removesuffix(".tmp"))
    known = state.runs.get(run_id)
    if told.get("exit_reason") is not None:
        _tidy(folder)
        if not (folder / "report.html").exists():
            report(folder, told)
        publish_run(folder, runs / run_id, ["jsonl"] if _ARTICLES in told["files"] else [])
        return f"Run {run_id} was killed at its very end; it is published as {runs / run_id}."
    _tidy(folder)
    for name in JOURNALS:
        _cut(folder / name, known.lengths.get(name, 0) if known else None)
    if not any((folder / name).is_file() and (folder / name).stat().st_size for name in JOURNALS):
        shutil.rmtree(folder)
        return f"Run {run_id} was killed before it had found anything."
    formats = told.get("formats") or ["parquet", "jsonl"]
    _write_formats(folder, formats)
    _restore_feeds(told.get("feeds") or [], folder / _ARTICLES, run_id)
    account = account_of_killed(told, run_id, known, published_files(folder, formats))
    write_report(folder, account)
    report(folder, account)
    write_report(folder, {**account, "files": published_files(folder, formats)})
    publish_run(folder, runs / run_id, formats)
    return (
        f"Run {run_id} was killed, or could not go on writing; what it had found by its last "
        f"checkpoint is published as {runs / run_id}, and this run goes on from there."
    )


def recover_archive(output: Path, state: CrawlState) -> Iterator[str]:
    """Close the archive files that killed runs have left open. Raises OSError."""
    folder = output / "archive"
    for run_id in sorted({path.name.rsplit("-", 1)[0] for path in folder.glob("*.warc.gz.open")}):
        known = state.runs.get(run_id)
        if known:
            yield from archive.recover(folder, run_id, known.lengths)
    yield from archive.recover_all(folder)


def _tidy(folder: Path) -> None:
    """Remove files that have no name yet: of a report or a recovery that was killed."""
    for leftover in folder.glob(".*"):
        leftover.unlink()


def _told(folder: Path) -> dict[str, Any]:
    """What the run said of itself when it began."""
    try:
        told = json.loads((folder / "run.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _cut(path: Path, length: int | None) -> None:
    """Cut a file of lines to a length; where that is not known, to its last whole line."""
    if not path.is_file():
        return
    if length is None:
        with path.open("rb") as file:
            length = sum(len(line) for line in file if line.endswith(b"\n"))
    if length < path.stat().st_size:
        os.truncate(path, length)


def _write_formats(folder: Path, formats: list[str]) -> None:
    """Write the files beside the JSON Lines anew: what a killed run left of them has no end."""
    for leftover in folder.glob("articles.*"):
        if leftover.name != _ARTICLES:
            leftover.unlink()
    for name in JOURNALS:  # Scrapy makes a file with the first record for it
        (folder / name).touch()
    for name in formats:
        if name != "jsonl":
            with open_output(folder / f"articles.{name}", ARTICLE_SCHEMA) as writer:
                for record in read_json_lines(folder / _ARTICLES, ARTICLE_SCHEMA):
                    writer.write(record)


def _restore_feeds(feeds: list[Mapping[str, Any]], articles: Path, run_id: str) -> None:
    """Put the articles into the files of `-o`, too; an alarm for each that has become impossible.

    Raises OSError where it may be possible later, as on a full disk.
    """
    for feed in feeds:
        try:
            _restore_feed(feed, articles, run_id)
        except _IMPOSSIBLE as error:
            alarm(
                f"Run {run_id} was killed before {feed['path']} was complete, and it cannot be "
                f"completed now ({error}): its articles are in the folder of the run alone."
            )


def _restore_feed(feed: Mapping[str, Any], articles: Path, run_id: str) -> None:
    """The temporary file, of which nothing is of use, gives way to the whole one."""
    path = Path(str(feed["path"]))
    Path(str(feed["temporary"])).unlink(missing_ok=True)
    if format_of(path) is None or _ends_with(path, run_id):
        return
    new = path.with_name(f".recovered.{path.name}")
    for leftover in path.parent.glob(f".{glob.escape(new.name)}.*.tmp"):
        leftover.unlink()
    with open_output(new, ARTICLE_SCHEMA) as writer:
        for record in read_json_lines(articles, ARTICLE_SCHEMA):
            writer.write(record)
    if path.exists() and not feed.get("overwrite"):
        append(path, new)
    new.replace(path)


def _ends_with(path: Path, run_id: str) -> bool:
    """Whether the last record of a file is of this run: then it has them all already."""
    if not path.exists():
        return False
    last: Any = None
    if format_of(path) == ".parquet":
        column = pq.read_table(path, columns=["run_id"]).column(0)
        last = column[-1].as_py() if len(column) else None
    else:
        for record in read_json_lines(path, ARTICLE_SCHEMA):
            last = record.get("run_id")
    return bool(last == run_id)
