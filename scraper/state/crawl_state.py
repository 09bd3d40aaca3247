"""The state as a whole: its tables, its clock, and the moment at which it becomes durable."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from scraper.state.articles import Articles, Hints
from scraper.state.database import IN_MEMORY, Database
from scraper.state.files import StoredHostFiles
from scraper.state.pages import Pages
from scraper.state.runs import Runs

# Rows that are taken in one go; nobody else wants them meanwhile.
_AT_A_TIME = 64


class State:
    """The state of one output folder. Raises StateError where it cannot be used.

    Its time never runs backwards: where the machine's clock was set back since the last run, or is
    meanwhile, the state's own goes on, so that no page seems to be due years later. When the clock
    is right again, it holds. `ticks` is a clock that is never set.
    """

    def __init__(
        self,
        path: Path | str = IN_MEMORY,
        *,
        clock: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._db = Database(path)
        self._clock = clock
        self.pages = Pages(self._db)
        self.articles = Articles(self._db)
        self.hints = Hints(self._db)
        self.runs = Runs(self._db)
        self.host_files = StoredHostFiles(self._db)
        self._ticks, self._opened = ticks, ticks()
        self._behind = max(0.0, self.runs.latest() - clock())
        self._begin = clock() + self._behind

    @classmethod
    def for_reading(cls, path: Path) -> Self:
        """The state of a file that is left as it is, also while a run is writing to it."""
        return cls(f"{path.absolute().as_uri()}?mode=ro")

    @property
    def behind(self) -> float:
        """Seconds by which the machine's clock stands before the last run; 0.0 as a rule."""
        return self._behind

    @property
    def began(self) -> float:
        """When the run began, in the state's own seconds."""
        return self._begin

    @property
    def at_a_time(self) -> int:
        """Rows that are taken in one go."""
        return _AT_A_TIME

    def is_beside(self, run_id: str | None) -> bool:  # noqa: ARG002
        """There is one run at a time."""
        return False

    def now(self) -> float:
        """Seconds since the epoch, never before what an earlier run has noted."""
        return max(self._clock(), self._begin + self._ticks() - self._opened)

    def commit(self, run_id: str, lengths: Mapping[str, int], tally: Mapping[str, Any]) -> None:
        """Make all that was noted durable, with the lengths of the files that it speaks of."""
        self.runs.checkpoint(run_id, self.now(), lengths, tally)
        self._db.commit()

    def close(self) -> None:
        """Let go of the file; what was not committed is forgotten."""
        self._db.close()
