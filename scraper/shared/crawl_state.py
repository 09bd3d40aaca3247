"""The state of a crawl that many runs share, as one of them sees it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Self

from scraper.shared.fields import as_fields
from scraper.shared.gate import Gate
from scraper.shared.pages import SharedPages
from scraper.shared.server import Server
from scraper.shared.tables import SharedArticles, SharedHints, SharedHostFiles, SharedRuns
from scraper.state import StateError

# Rows that are taken in one go: few, so that a killed run holds few, and others find some.
_AT_A_TIME = 4


class SharedState:
    """`scraper.state.contract.CrawlState` over a Redis server.

    A run has a session there, renewed at every checkpoint. A run that holds anything and has been
    silent for the seconds with which it has joined counts as killed: others fetch what it had in
    flight, and if it comes back to life it can take nothing and make nothing safe any more, so that
    its next start cuts its files to what was. The clock is the server's, the same for all. Raises
    StateError where the server cannot be used.
    """

    def __init__(
        self,
        server: Server,
        run_id: str,
        began: float | None = None,
        *,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server
        self._run_id = run_id
        self._ticks, self._opened = ticks, ticks()
        self._begin = server.seconds()
        self.began = self._begin if began is None else began
        self.pages = SharedPages(server, run_id, self.began)
        self.articles = SharedArticles(server, run_id)
        self.hints = SharedHints(server)
        self.runs = SharedRuns(server)
        self.host_files = SharedHostFiles(server)
        self.at_a_time = _AT_A_TIME
        self.behind = 0.0
        self.gate: Gate | None = None

    @classmethod
    def join(cls, server: Server, run_id: str, lease_seconds: float, gate: Gate) -> Self:
        """Take part in the crawl that is going on, or begin one. Raises StateError."""
        server.require_version(writing=True)
        began = server.call("join", run_id, server.seconds(), int(lease_seconds * 1000))
        if began is None:
            raise StateError(
                f"a run {run_id} shares the frontier {server.address} already: give this one "
                "another name with -s RUN_ID=NAME, or none"
            )
        state = cls(server, run_id, float(began))
        state.gate = gate
        return state

    @classmethod
    def for_reading(cls, server: Server) -> Self:
        """What is known by now; take no part."""
        server.require_version(writing=False)
        return cls(server, "")

    def now(self) -> float:
        """Seconds since the epoch by the server's clock."""
        now = self._begin + self._ticks() - self._opened
        self.pages.at(now)
        return now

    def is_beside(self, run_id: str | None) -> bool:
        """Whether a run is, or was, part of the same crawl as this one."""
        return bool(run_id and self._server.ask_one("SISMEMBER", "crawl_runs", run_id))

    def bury(self, run_id: str) -> None:
        """A run is known to have been killed: what it had in flight is there for others."""
        self._server.call("bury", run_id, self.now())

    def commit(self, run_id: str, lengths: Mapping[str, int], tally: Mapping[str, Any]) -> None:
        """Make all that was noted durable, in one go, and renew the session."""
        now = self.now()
        run = {
            "started": self.runs.started,
            "checkpoint": now,
            "lengths": json.dumps(dict(lengths)),
            "tally": json.dumps(dict(tally)),
            "exit_reason": self.runs.reason,
        }
        notes = [*self.pages.notes, *self.articles.notes]
        notes.append({"verb": "run", "fields": as_fields(run)})
        # What stood for an address is noted as gone before the address is brought back.
        notes.sort(key=lambda note: note["verb"] == "bring_back")
        self._server.call("commit", run_id, now, json.dumps(notes))
        self.pages.committed()
        self.articles.committed()
        self.hints.committed()

    def close(self) -> None:
        """Leave the crawl; what was not committed is there for others."""
        try:
            if self._run_id:
                self._server.call("leave", self._run_id, self.now())
        except StateError:
            return  # the session ends by itself
        finally:
            self._server.close()
