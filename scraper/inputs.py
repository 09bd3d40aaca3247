"""Pages already on disk: which files a path stands for, and one file to one record.

Every refusal is a `Rejected` whose `url` is the path: a bad file never stops the rest.
"""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import os
import stat
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipelines import Article, Rejected, clean, clean_text
from pipelines.decode import decode
from pipelines.validation import validate

HTML_ENDINGS = (".html", ".htm", ".xhtml")
TEXT_ENDINGS = (".txt",)
ENDINGS = HTML_ENDINGS + TEXT_ENDINGS
# Largest page, in bytes and unpacked: the crawl refuses responses above the same size. It also
# stops a small gzip file that unpacks without end.
LARGEST_PAGE = 10 * 1024 * 1024


class PageTooLargeError(ValueError):
    """The page is larger than any article."""


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
        for file in _walk(path, found, ()):
            real = os.path.realpath(file)
            if real not in seen:
                seen.add(real)
                found.files.append(file)
    return found


def _walk(path: str, found: Found, above: tuple[str, ...]) -> Iterator[str]:
    """Files below the path; links to folders are followed unless they lead back up."""
    if not Path(path).is_dir():
        if ending(path) in ENDINGS:
            yield path
        else:
            found.skipped += 1
        return
    real = os.path.realpath(path)
    if real in above:
        found.rejected.append(_refused(path, "folder-loop", f"a link back to {real}"))
        return
    try:
        names = sorted(os.listdir(path))  # noqa: PTH208 keeps names that are no UTF-8 as they are
    except OSError as error:
        found.rejected.append(_refused(path, "unreadable", error.strerror or str(error)))
        return
    for name in names:
        yield from _walk(str(Path(path, name)), found, (*above, real))


def clean_file(path: str, run_id: str | None = None) -> Article | Rejected:
    """The file's record, validated; `url` stays empty unless the page itself names its address."""
    try:
        raw = read_bytes(path)
        outcome = _clean_text(raw) if ending(path) in TEXT_ENDINGS else clean(raw)
        outcome = dataclasses.replace(validate(outcome), run_id=run_id)
    except OSError as error:
        outcome = _refused(path, "unreadable", error.strerror or str(error))
    except (EOFError, zlib.error) as error:
        outcome = _refused(path, "bad-gzip", str(error))
    except PageTooLargeError as error:
        outcome = _refused(path, "too-large", str(error))
    if isinstance(outcome, Rejected) and outcome.url is None:
        return dataclasses.replace(outcome, url=path, run_id=run_id)
    return outcome


def read_bytes(path: str) -> bytes:
    """The file, unpacked. Raises OSError, EOFError, zlib.error or PageTooLargeError."""
    if not stat.S_ISREG(Path(path).stat().st_mode):
        raise OSError("not a regular file")
    packed = path.lower().endswith(".gz")
    with gzip.open(path) if packed else Path(path).open("rb") as file:
        raw: bytes = file.read(LARGEST_PAGE + 1)
    if len(raw) > LARGEST_PAGE:
        raise PageTooLargeError(f"more than {LARGEST_PAGE} bytes")
    return raw


def _clean_text(raw: bytes) -> Article | Rejected:
    decoded = decode(raw)
    outcome = clean_text(decoded.text)
    outcome = dataclasses.replace(outcome, page_sha256=hashlib.sha256(raw).hexdigest())
    if isinstance(outcome, Article) and decoded.warnings:
        known = dict.fromkeys([*decoded.warnings, *outcome.warnings])
        outcome = dataclasses.replace(outcome, warnings=tuple(known))
    return outcome


def _refused(path: str, reason: str, detail: str) -> Rejected:
    return Rejected(stage="fetch", reason=reason, detail=detail, url=path)
