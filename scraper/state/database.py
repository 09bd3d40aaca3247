"""The SQLite file behind the state: opened, migrated, and its errors put in words.

A writing transaction is open at all times; `commit` ends it and begins the next. So everything
that a crawl notes between two checkpoints becomes durable together, or not at all.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipelines.writers import well_formed

MIGRATIONS = Path(__file__).parent / "migrations"
IN_MEMORY = ":memory:"
# Pages of the file held in memory (kibibytes): enough for the inner nodes of some million rows.
_CACHE_KIB = 65_536


class StateError(OSError):
    """The state cannot be read or written; the message says why and what to do."""


def newest_version() -> int:
    """The version of the schema that this code writes."""
    return max(int(path.stem) for path in MIGRATIONS.glob("*.sql"))


class Database:
    """One connection to a state file: a path, IN_MEMORY, or `file:…?mode=ro` to read only.

    After an error nothing is read or written any more: SQLite may have rolled the transaction back,
    and what came then would be durable by itself, without what belongs to it.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = path
        self._broken: StateError | None = None
        try:
            address = isinstance(path, str) and path.startswith("file:")
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=5.0, uri=address)
            version = self._version()
            # An address is of a file that is only read; it is as old as its last run.
            if not (address and version == newest_version()):
                self._prepare(version)
        except sqlite3.Error as error:
            raise self._in_words(error) from None

    def execute(self, statement: str, values: Iterable[Any] = ()) -> sqlite3.Cursor:
        """Raises StateError."""
        self._require_whole()
        known = tuple(values)
        try:
            try:
                return self._connection.execute(statement, known)
            except UnicodeEncodeError:  # half a character, in an address or a title
                return self._connection.execute(statement, _well_formed(known))
        except sqlite3.Error as error:
            raise self._break(error) from None

    def execute_many(self, statement: str, rows: Iterable[Iterable[Any]]) -> None:
        """Raises StateError."""
        self._require_whole()
        try:
            self._connection.executemany(statement, [tuple(row) for row in rows])
        except sqlite3.Error as error:
            raise self._break(error) from None

    def commit(self) -> None:
        """Make everything since the last commit durable. Raises StateError."""
        self._require_whole()
        try:
            self._connection.execute("COMMIT")
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise self._break(error) from None

    def close(self) -> None:
        """Give up what was not committed, and the file."""
        self._connection.close()

    def _version(self) -> int:
        """The version of the file's schema. Raises StateError for one from the future."""
        version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if version > newest_version():
            raise StateError(
                f"{self.path} was written by a newer version of Marrow (schema {version}, this one "
                f"knows {newest_version()}): update Marrow, or give another folder with "
                "-s OUTPUT_DIR=FOLDER"
            )
        return version

    def _prepare(self, version: int) -> None:
        run = self._connection.execute
        run(f"PRAGMA cache_size = -{_CACHE_KIB}")
        # Nothing is written before a commit, so that only a commit can meet a full disk.
        run("PRAGMA cache_spill = OFF")
        run("PRAGMA journal_mode = WAL")
        # A checkpoint a second: a full sync each costs little, and survives a loss of power.
        run("PRAGMA synchronous = FULL")
        for number in range(version + 1, newest_version() + 1):
            script = (MIGRATIONS / f"{number}.sql").read_text("utf-8")
            self._connection.executescript(
                f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;"
            )
        run("BEGIN IMMEDIATE")

    def _require_whole(self) -> None:
        if self._broken is not None:
            raise self._broken.with_traceback(None)

    def _break(self, error: sqlite3.Error) -> StateError:
        self._broken = self._in_words(error)
        return self._broken

    def _in_words(self, error: sqlite3.Error) -> StateError:
        said = str(error)
        if "locked" in said:
            advice = "another program is writing to it; wait for it to end"
        elif "full" in said or "disk I/O" in said:
            advice = "make room on the disk, and run the same command again: nothing is lost"
        elif "readonly" in said or "unable to open" in said:
            advice = "see that the folder and the file can be written"
        else:
            advice = (
                "the file is damaged: put a backup of it in its place, or move it away (with its "
                "-wal and -shm): then the next run fetches, and exports, everything anew"
            )
        return StateError(f"the crawl state {self.path} cannot be used ({said}); {advice}")


def _well_formed(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The values as SQLite can hold them: UTF-8 has no lone surrogates."""
    return tuple(well_formed(value) if isinstance(value, str) else value for value in values)
