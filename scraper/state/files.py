"""Files of hosts (robots.txt, tdmrep.json), kept in the state from run to run."""

from __future__ import annotations

from scraper.host_files import HostFile
from scraper.state.database import Database


class StoredHostFiles:
    """`scraper.host_files.HostFiles` over the state's own table."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, address: str) -> HostFile | None:
        """The file that was last put there."""
        found = self._db.execute(
            "SELECT body, status, fetched_at FROM host_files WHERE address = ?", (address,)
        ).fetchone()
        return HostFile(*found) if found else None

    def put(self, address: str, file: HostFile) -> None:
        """Keep a file, in place of the one before."""
        self._db.execute(
            "INSERT OR REPLACE INTO host_files (address, body, status, fetched_at)"
            " VALUES (?, ?, ?, ?)",
            (address, file.body, file.status, file.fetched_at),
        )
