"""How a folder becomes a run that others may read: whole, or not at all."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from scraper.checkpoints import JOURNALS

# Among the files that cannot be written: what is behind all of them, such as state and archive.
THE_CRAWL = "what was found"
# How the system, and SQLite, say that nothing more can be written: also by a user's quota.
_FULL = (os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT), "database or disk is full")

_ARTICLES, _ = JOURNALS
_REPORT = "run.json"


def write_report(folder: Path, report: Mapping[str, Any]) -> None:
    """Write `run.json` in one go: who is killed meanwhile leaves the one that was there.

    Raises OSError.
    """
    text = json.dumps(report, indent=2, ensure_ascii=False, default=str)
    new = folder / f".{_REPORT}.new"
    # A command line can carry bytes that are no UTF-8; they must not keep a run unpublished.
    new.write_text(text + "\n", "utf-8", errors="backslashreplace")
    new.replace(folder / _REPORT)


def published_files(folder: Path, formats: Collection[str]) -> list[str]:
    """The names of a run's files, less `run.json` and what is only there to recover it."""
    left_out = {_REPORT} if "jsonl" in formats else {_REPORT, _ARTICLES}
    found = (path.name for path in folder.iterdir() if path.is_file())
    return sorted(name for name in found if name not in left_out)


def publish_run(temporary: Path, folder: Path, formats: Collection[str]) -> None:
    """Give a complete folder its name. Raises OSError.

    The JSON Lines go last where they are not asked for: without them, a run that is killed before
    it has its name could not be recovered.
    """
    _sync(temporary)
    temporary.rename(folder)
    if "jsonl" not in formats:
        (folder / _ARTICLES).unlink(missing_ok=True)
    _sync_names(folder.parent)


def why_unwritten(unwritten: Mapping[str, str]) -> str:
    """What could not be written and what to do, as a sentence; empty where all could be.

    `unwritten`: by file, or under THE_CRAWL, what was in the way.
    """
    files = [file for file in unwritten if file != THE_CRAWL]
    if any(said in why for why in unwritten.values() for said in _FULL):
        what = ", ".join(files) or THE_CRAWL
        return (
            f"The disk is full: cannot write {what}; make room, and run the same command again: "
            "nothing is lost"
        )
    causes = [f"cannot write {file}: {unwritten[file]}" for file in files]
    if THE_CRAWL in unwritten:
        causes.insert(0, unwritten[THE_CRAWL])
    told = "; ".join(causes)
    return told[:1].upper() + told[1:]


def _sync(folder: Path) -> None:
    """Have the folder and its files on the disk before a rename makes them public."""
    for path in [*folder.rglob("*"), folder]:
        _sync_names(path)


def _sync_names(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
