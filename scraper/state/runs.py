"""The tables of runs, with how much of their files is safe, and of files that speak for a host."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from scraper.state.database import Database
from scraper.state.rows import RunRow


class Runs:
    """One row a run, renewed at every checkpoint."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def begin(self, run_id: str, started: float) -> None:
        """Note a run that starts."""
        self._db.execute(
            "INSERT OR REPLACE INTO runs (run_id, started, checkpoint, lengths, tally)"
            " VALUES (?, ?, ?, '{}', '{}')",
            (run_id, started, started),
        )

    def checkpoint(
        self, run_id: str, now: float, lengths: Mapping[str, int], tally: Mapping[str, Any]
    ) -> None:
        """Note how many bytes of each of the run's files hold what the state knows as done."""
        self._db.execute(
            "UPDATE runs SET checkpoint = ?, lengths = ?, tally = ? WHERE run_id = ?",
            (now, json.dumps(dict(lengths)), json.dumps(dict(tally)), run_id),
        )

    def end(self, run_id: str, reason: str) -> None:
        """Note how a run ended."""
        self._db.execute("UPDATE runs SET exit_reason = ? WHERE run_id = ?", (reason, run_id))

    def get(self, run_id: str) -> RunRow | None:
        """The run as its last checkpoint left it."""
        found = self._db.execute(
            "SELECT run_id, started, checkpoint, lengths, tally, exit_reason FROM runs"
            " WHERE run_id = ?",
            (run_id,),
        ).fetchone()
        if not found:
            return None
        run_id, started, checkpoint, lengths, tally, reason = found
        return RunRow(run_id, started, checkpoint, json.loads(lengths), json.loads(tally), reason)

    def latest(self) -> float:
        """The last moment that any run has noted; 0 where there was none."""
        (latest,) = self._db.execute("SELECT max(checkpoint) FROM runs").fetchone()
        return float(latest or 0.0)
