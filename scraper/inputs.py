"""Which files a path stands for. What cannot be read is a `Rejected` whose `url` is the path."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.records import Rejected

HTML_ENDINGS = (".html", ".htm", ".xhtml")
TEXT_ENDINGS = (".txt",)
ENDINGS = HTML_ENDINGS + TEXT_ENDINGS


@dataclass
class Found:
    """What the paths stand for: files in a stable order, refusals, and how many others."""

    files: list[str] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    skipped: int = 0


def ending(path: str) -> str:
    """The ending that says what is in the file, in lower case, without `.gz`."""
    return Path(path.lower().removesuffix(".gz")).suffix


def find(paths: Iterable[str]) -> Found:
    """Files to clean, each once: those named, and those in the folders named, sorted by name.

    A path that is named must exist and be of a kind that can be cleaned: raises FileNotFoundError
    or ValueError. In a folder, files of other kinds are passed over and counted.
    """
    found = Found()
    seen: set[str] = set()
    for path in paths:
        if not os.path.lexists(path):
            raise FileNotFoundError(f"no such file or folder: {path}")
        if not Path(path).is_dir() and ending(path) not in ENDINGS:
            kinds = ", ".join(ENDINGS)
            raise ValueError(f"{path}: can clean {kinds}, each also with .gz, not this")
        for file in _walk(path, found):
            real = os.path.realpath(file)
            if real not in seen:
                seen.add(real)
                found.files.append(file)
    return found


def _walk(start: str, found: Found) -> Iterator[str]:
    """Files below the path; links to folders are followed unless they lead back up."""
    waiting: list[tuple[str, tuple[str, ...]]] = [(start, ())]
    while waiting:
        path, above = waiting.pop()
        if not os.path.isdir(path):  # noqa: PTH112 False, not an error, where it cannot be looked at
            if ending(path) in ENDINGS:
                yield path
            else:
                found.skipped += 1
            continue
        real = os.path.realpath(path)
        if real in above:
            found.rejected.append(refused(path, "folder-loop", f"a link back to {real}"))
            continue
        try:
            names = sorted(os.listdir(path), reverse=True)  # noqa: PTH208 names may be no UTF-8
        except OSError as error:
            found.rejected.append(refused(path, "unreadable", error.strerror or str(error)))
            continue
        waiting += [(str(Path(path, name)), (*above, real)) for name in names]


def refused(path: str, reason: str, detail: str) -> Rejected:
    """A file or folder that could not be read."""
    return Rejected(stage="fetch", reason=reason, detail=detail, url=path)
