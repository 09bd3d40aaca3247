"""The archive: `OUTPUT_DIR/archive/RUN_ID-00000.warc.gz`, everything that was fetched.

A file belongs to one run. It is called `….warc.gz.open` while it is written and gets its name when
it is complete and on the disk, so a `*.warc.gz` is always whole. `recover` gives the file of a
killed run its name, less what had not been committed.
"""

from __future__ import annotations

import errno
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pipelines
from scraper.gzip_members import member_ends
from scraper.warc_records import Packed, warcinfo

SUFFIX = ".warc.gz"
# Bytes from which on a file is closed and another begun: what the WARC standard recommends.
LARGEST = 1_000_000_000

_ADVICE = (
    "choose another place with -s OUTPUT_DIR=FOLDER, or crawl without an archive: -s ARCHIVE=False"
)
_ROOM = "make room on the disk, and run the same command again: nothing is lost"
_OPEN_NAME = re.compile(r"(?P<run_id>.+)-\d{5,}\.warc\.gz\.open")


class ArchiveError(OSError):
    """The archive cannot be written; the message says which file and what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record is: the file's name within the folder, and the response's offset in bytes."""

    file: str
    offset: int


class Archive:
    """The files of one run. Nothing is opened before the first `append`; every method may raise
    ArchiveError, after which the open file still ends with a whole record.
    """

    def __init__(
        self, folder: Path, run_id: str, *, largest: int = LARGEST, robots: str = "obey"
    ) -> None:
        self._folder = folder
        self._run_id = run_id
        self._largest = largest
        self._robots = robots
        self._files = 0
        self._name = ""
        self._length = 0
        self._open: BinaryIO | None = None

    def append(self, packed: Packed) -> Place:
        """Write the records of an exchange; they are on the disk after the next `sync`."""
        if self._open is not None and self._length > self._largest:
            self.close()
        if self._open is None:
            self._begin()
        place = Place(self._name, self._length)
        self._write(packed.data)
        return place

    def sync(self) -> dict[str, int]:
        """Have everything on the disk: {final name of the open file: its length}, {} for none."""
        if self._open is None:
            return {}
        try:
            os.fsync(self._open.fileno())
        except OSError as error:
            raise self._problem("write to", error) from None
        return {self._name: self._length}

    def close(self) -> None:
        """Complete the open file, if there is one, and give it its name."""
        if self._open is None:
            return
        self.sync()
        try:
            self._open.close()
            self._open = None
            _give_name(self._path())
        except OSError as error:
            raise self._problem("complete", error) from None

    def _begin(self) -> None:
        self._name = f"{self._run_id}-{self._files:05}{SUFFIX}"
        self._length = 0
        check_writable(self._folder)
        if (self._folder / self._name).exists():
            raise ArchiveError(
                f"{self._folder / self._name} is there already, and archives are never written "
                "over; move it away, or give the run another name with -s RUN_ID=NAME"
            )
        try:
            self._open = self._path().open("xb", buffering=0)
        except OSError as error:
            raise self._problem("begin", error) from None
        self._files += 1
        self._write(warcinfo(self._name, self._about()))

    def _about(self) -> dict[str, str]:
        return {
            "software": f"Marrow/{pipelines.__version__}",
            "format": "WARC File Format 1.1",
            "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            "robots": self._robots,
            "isPartOf": self._run_id,
        }

    def _write(self, data: bytes) -> None:
        assert self._open is not None
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._open.write(rest) :]
        except OSError as error:
            self._take_back()
            raise self._problem("write to", error) from None
        self._length += len(data)

    def _take_back(self) -> None:
        """Cut off the half-written record: what follows would be unreadable behind it."""
        assert self._open is not None
        self._open.truncate(self._length)
        self._open.seek(self._length)

    def _path(self) -> Path:
        return self._folder / f"{self._name}.open"

    def _problem(self, doing: str, error: OSError) -> ArchiveError:
        return ArchiveError(f"cannot {doing} the archive file {self._path()}: {_why(error)}")


def check_writable(folder: Path) -> None:
    """Make the folder if need be, and try a file in it. Raises ArchiveError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ArchiveError(f"cannot write to the archive folder {folder}: {_why(error)}") from None


def recover(folder: Path, run_id: str, lengths: Mapping[str, int]) -> list[str]:
    """Complete the files that a killed run left open; sentences for the log.

    Each is cut to its committed length (`lengths`, by its final name), or to its last whole record
    where none is known; one without a record is deleted. Call it only while no such run is going
    on. Raises ArchiveError.
    """
    return [
        _complete(path, lengths.get(path.name.removesuffix(".open")))
        for path, owner in _left_open(folder)
        if owner == run_id
    ]


def recover_all(folder: Path) -> list[str]:
    """The same for the files of all runs, cut to their last whole record."""
    return [_complete(path, None) for path, _ in _left_open(folder)]


def _left_open(folder: Path) -> list[tuple[Path, str]]:
    """The files left open, each with its run."""
    if not folder.is_dir():
        return []
    found = [(path, _OPEN_NAME.fullmatch(path.name)) for path in sorted(folder.iterdir())]
    return [(path, match["run_id"]) for path, match in found if match]


def _complete(path: Path, committed: int | None) -> str:
    final = path.with_suffix("")
    if final.exists():
        raise ArchiveError(f"{final} and {path} are both there; move one of them away")
    try:
        size = path.stat().st_size
        length, first = _whole(path, committed)
        if length <= first:
            path.unlink()
            return f"{path} was left by a run that was stopped; it held no whole record: deleted"
        with path.open("r+b") as file:
            file.truncate(length)
            os.fsync(file.fileno())
        _give_name(path)
    except OSError as error:
        raise ArchiveError(f"cannot complete the archive file {path}: {_why(error)}") from None
    cut = f"; {size - length} bytes at its end, which no run knows of, were cut off"
    return f"{final} was completed for a run that was stopped{cut if size > length else ''}"


def _whole(path: Path, committed: int | None) -> tuple[int, int]:
    """How much of the file to keep, and where its first record, the warcinfo, ends; bytes.

    A committed length is believed as far as there are so many bytes: it was written down after
    they were on the disk.
    """
    with path.open("rb") as file:
        ends = member_ends(file)
        first = next(ends, 0)
        if committed is not None and committed <= path.stat().st_size:
            return committed, first
        length = first
        for end in ends:
            length = end
    return length, first


def _why(error: OSError) -> str:
    """What the system says, and what to do."""
    advice = _ROOM if error.errno in (errno.ENOSPC, errno.EDQUOT) else _ADVICE
    return f"{error.strerror or error}; {advice}"


def _give_name(path: Path) -> None:
    """Rename `….open`, and have the new name on the disk."""
    path.rename(path.with_suffix(""))
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
