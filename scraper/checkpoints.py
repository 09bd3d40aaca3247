"""The moments at which what a run has found becomes safe: files first, then the state.

Everything between two checkpoints becomes durable together. First the run's JSON Lines and the open
archive file are flushed to the disk; then one commit of the state says which pages are done, and
how long those files were. A run that is killed leaves files that are longer than the state knows:
the next run cuts them to these lengths, and fetches the pages behind them again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from twisted.internet.task import LoopingCall

from scraper.archive import Archive
from scraper.state.contract import CrawlState

# The files of a run that a checkpoint speaks of; the others are made anew from them.
JOURNALS = ("articles.jsonl", "rejected.jsonl")


class Checkpoints:
    """Makes what a run has found safe, every `seconds` and at its end.

    `lost` tells whether a record could not be written to one of the JOURNALS: from then on no page
    may count as done.
    """

    def __init__(
        self,
        state: CrawlState,
        run_id: str,
        folder: Path,
        counts: Callable[[], Mapping[str, Any]],
    ) -> None:
        self._state = state
        self._run_id = run_id
        self._folder = folder
        self._counts = counts
        self.lost: Callable[[], bool] = bool
        self._loop: LoopingCall | None = None
        self.archive: Archive | None = None

    def start(self, seconds: float, failed: Callable[[OSError], None]) -> None:
        """Go on by itself; `failed` is told why no more checkpoints can be made."""

        def make() -> None:
            try:
                self.make()
            except OSError as error:
                self.stop()
                failed(error)

        self._loop = LoopingCall(make)
        self._loop.start(seconds, now=False)

    def stop(self) -> None:
        """Make no more of them."""
        if self._loop is not None and self._loop.running:
            self._loop.stop()

    def make(self) -> None:
        """Make one now, unless a record is lost. Raises OSError.

        Either way, nothing since the last one counts as done.
        """
        if self.lost():
            return
        lengths = {name: _synced(self._folder / name) for name in JOURNALS}
        if self.archive is not None:
            lengths |= self.archive.sync()
        self._state.commit(self._run_id, lengths, self._counts())

    def finish(self, reason: str) -> None:
        """The last one of a run that ends in order. Raises OSError."""
        if self.archive is not None:
            self.archive.close()
        self._state.runs.end(self._run_id, reason)
        self.make()


def _synced(path: Path) -> int:
    """Have a file on the disk; its length in bytes, 0 where there is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return 0
    try:
        os.fsync(descriptor)
        return os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)
