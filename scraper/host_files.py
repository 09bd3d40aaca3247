"""Files that speak for a whole host (robots.txt, tdmrep.json), kept from one run to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

# Clocks are set right by so much at most, without having been wrong (seconds).
_CLOCK_STEP = 60.0


@dataclass(frozen=True, slots=True)
class HostFile:
    """A file as a host gave it; `fetched_at` in seconds since the epoch.

    A file that is not there has the status that said so, and an empty body.
    """

    body: bytes
    status: int
    fetched_at: float

    def age(self, now: float) -> float:
        """Seconds since it was fetched; infinite for a file from the future: the clock was wrong
        then, or is now, so that its age is not known."""
        seconds = now - self.fetched_at
        return seconds if seconds > -_CLOCK_STEP else float("inf")


class HostFiles(Protocol):
    """Where such files are kept, by address."""

    def get(self, address: str) -> HostFile | None:
        """The file that was last put there."""

    def put(self, address: str, file: HostFile) -> None:
        """Keep a file, in place of the one before."""


class HostFilesInMemory:
    """Files that last as long as the run."""

    def __init__(self) -> None:
        self._files: dict[str, HostFile] = {}

    def get(self, address: str) -> HostFile | None:
        """The file that was last put there."""
        return self._files.get(address)

    def put(self, address: str, file: HostFile) -> None:
        """Keep a file, in place of the one before."""
        self._files[address] = file


def files_of(spider: Any) -> HostFiles:
    """The `host_files` of a spider; those of one that has none last as long as the run."""
    kept: HostFiles | None = getattr(spider, "host_files", None)
    if kept is None:
        kept = HostFilesInMemory()
        if spider is not None:
            spider.host_files = kept
    return kept
