"""The table of pages: the frontier, and what is known of each address."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields

from scraper.state.contract import Taken, Wish
from scraper.state.database import Database
from scraper.state.keys import address_number
from scraper.state.rows import Found, Row, Visit

_COLUMNS = ", ".join(field.name for field in fields(Row))
VISIT_FIELDS = tuple(field.name for field in fields(Visit) if field.name not in {"at", "changed"})

# Seconds since the epoch: the year 3000.
NEVER = 32_503_680_000.0


class Pages:
    """Rows are leased when taken, and finished, postponed or released afterwards."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, key: int) -> Row | None:
        """The row of an address."""
        found = self._db.execute(f"SELECT {_COLUMNS} FROM pages WHERE key = ?", (key,)).fetchone()
        return _row(found) if found else None

    def knows(self, key: int) -> bool:
        """Whether the address was met before."""
        return self._db.execute("SELECT 1 FROM pages WHERE key = ?", (key,)).fetchone() is not None

    def is_taken(self, key: int) -> bool:
        """Whether the address is in flight."""
        found = self._db.execute("SELECT lease FROM pages WHERE key = ?", (key,)).fetchone()
        return bool(found and found[0])

    def add(self, found: Found, now: float) -> bool:
        """Put an address into the frontier; False where it was known."""
        values = (
            *(address_number(found.url), found.url, found.host, found.kind, found.depth),
            *(found.guessed, found.rank, now, found.lastmod),
        )
        done = self._db.execute(
            "INSERT OR IGNORE INTO pages (key, url, host, kind, depth, guessed, rank, due,"
            " first_seen, lastmod) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9)",
            values,
        )
        return done.rowcount > 0

    def want(self, key: int, rank: int, lastmod: str | None = None) -> None:
        """Have a known address fetched in this run, due or not."""
        self._db.execute(
            "UPDATE pages SET rank = max(coalesce(rank, ?2), ?2), due = 0,"
            " lastmod = coalesce(?3, lastmod) WHERE key = ?1 AND lease IS NULL",
            (key, rank, lastmod),
        )

    def want_start(self, key: int, rank: int) -> None:
        """The same for an address that the user names: from now on it is a start."""
        self.want(key, rank)
        self._db.execute("UPDATE pages SET depth = 0 WHERE key = ?", (key,))

    def pass_over(self, key: int, instead: int, url: str) -> None:
        """Let an address that is not in flight be, because another stands for it."""
        self._db.execute(
            "INSERT INTO pages (key, url, host, kind, depth, guessed, due, first_seen, moved_to)"
            " SELECT ?1, ?3, host, kind, depth, 0, ?4, first_seen, ?2 FROM pages"
            " WHERE key = ?2 AND ?1 != ?2"
            " ON CONFLICT (key) DO UPDATE SET rank = NULL, due = ?4"
            " WHERE lease IS NULL AND last_fetched IS NULL",
            (key, instead, url, NEVER),
        )

    def bring_back(self, key: int) -> None:
        """Have an address fetched after all that was passed over: what stood for it has gone."""
        self._db.execute(
            "UPDATE pages SET rank = 0, due = 0, moved_to = NULL"
            " WHERE key = ? AND rank IS NULL AND last_fetched IS NULL",
            (key,),
        )

    def note_lastmod(self, key: int, lastmod: str) -> None:
        """Note what a sitemap or feed says of a page, where that is no reason to fetch it."""
        self._db.execute("UPDATE pages SET lastmod = ? WHERE key = ?", (lastmod, key))

    @contextmanager
    def together(
        self,
        addresses: Iterable[str],  # noqa: ARG002
        rows: Iterable[str] = (),  # noqa: ARG002
    ) -> Iterator[None]:
        """Each look costs little as it is."""
        yield

    def take(self, wish: Wish, run_id: str) -> Taken:
        """Take rows of a host: no other taker sees them until they are given back."""
        due = self._due(wish, wish.for_due) if wish.for_due else []
        wanted = self._wanted(wish, wish.limit - len(due))
        room, all_due = wish.limit - len(wanted), not wish.for_due
        if wish.for_due and len(due) < room:
            due = self._due(wish, room)
            all_due = len(due) < room
        rows = (*wanted, *due)
        self._db.execute_many(
            "UPDATE pages SET lease = ? WHERE key = ?", ((run_id, row.key) for row in rows)
        )
        return Taken(rows, all_due)

    def lease(self, key: int, run_id: str) -> bool:
        """Take one row; there is nobody else to take it."""
        self._db.execute("UPDATE pages SET lease = ? WHERE key = ?", (run_id, key))
        return True

    def set_aside(self, key: int) -> None:
        """Nothing needs to be done: nobody else waits for the row."""

    def taken_elsewhere(self, hosts: Collection[str]) -> bool:  # noqa: ARG002
        """There is no other run."""
        return False

    def next_wanted(self, hosts: Collection[str]) -> float | None:
        """When the first of the hosts' wanted rows may be fetched; None where there is none."""
        asked = "SELECT min(due) FROM pages WHERE host = ? AND rank IS NOT NULL AND lease IS NULL"
        told = (self._db.execute(asked, (host,)).fetchone()[0] for host in hosts)
        return min((float(due) for due in told if due is not None), default=None)

    def each_pending(self, host: str, now: float, horizon: float) -> Iterator[Row]:
        """Every row that is wanted now, and every one that is due until `horizon`."""
        chosen = "host = ? AND rank IS NOT NULL AND due <= ? ORDER BY lost, rank DESC, first_seen"
        yield from self._each(chosen, (host, now))
        yield from self._each(
            "host = ? AND rank IS NULL AND due <= ? ORDER BY due", (host, min(horizon, NEVER - 1))
        )

    def due_after(self, host: str, moment: float) -> float | None:
        """When the first row is due behind a moment; None where none is."""
        (first,) = self._db.execute(
            "SELECT min(due) FROM pages WHERE host = ? AND rank IS NULL AND lease IS NULL"
            " AND due > ? AND due < ?",
            (host, moment, NEVER),
        ).fetchone()
        return None if first is None else float(first)

    def release(self, keys: Iterable[int]) -> None:
        """Give rows back as they were."""
        self._db.execute_many("UPDATE pages SET lease = NULL WHERE key = ?", ((k,) for k in keys))

    def release_run(self, run_id: str) -> None:
        """Give back all rows that a run has."""
        self._db.execute("UPDATE pages SET lease = NULL WHERE lease = ?", (run_id,))

    def postpone(self, key: int, until: float) -> None:
        """Give a row back, to be tried again later."""
        self._db.execute(
            "UPDATE pages SET lease = NULL, rank = coalesce(rank, 0), due = ? WHERE key = ?",
            (until, key),
        )

    def finish(self, key: int, visit: Visit) -> None:
        """Note what came of a visit; the row is no longer in flight."""
        columns = ", ".join(f"{name} = ?" for name in VISIT_FIELDS)
        self._db.execute(
            f"UPDATE pages SET {columns}, last_fetched = ?, last_changed = CASE WHEN ? THEN ?"
            " ELSE last_changed END, lease = NULL, rank = NULL, lost = 0 WHERE key = ?",
            (
                *(getattr(visit, name) for name in VISIT_FIELDS),
                *(visit.at, visit.changed, visit.at, key),
            ),
        )

    def archived(self, key: int, file: str, digest: str, url: str, date: str) -> None:
        """Note where the page's newest full response is archived."""
        self._db.execute(
            "UPDATE pages SET warc_file = ?, warc_digest = ?, warc_url = ?, warc_date = ?"
            " WHERE key = ?",
            (file, digest, url, date, key),
        )

    def by_digest(self, digest: str) -> Row | None:
        """Some page whose archived response has this payload digest."""
        found = self._select("warc_digest = ? LIMIT 1", (digest,))
        return found[0] if found else None

    def reclaim(self) -> int:
        """Give back what killed runs had in flight, behind everything else; how many.

        Behind, because a page that brings the process down must not keep the others from coming.
        """
        done = self._db.execute(
            "UPDATE pages SET lease = NULL, rank = coalesce(rank, 0), lost = lost + 1"
            " WHERE lease IS NOT NULL"
        )
        return done.rowcount

    def count(self, host: str) -> int:
        """Known rows of a host."""
        found = self._db.execute("SELECT count(*) FROM pages WHERE host = ?", (host,))
        return int(found.fetchone()[0])

    def count_wanted(self, host: str, deepest: int | None = None) -> int:
        """Rows of a host that are wanted whether due or not, as deep as `deepest` links."""
        found = self._db.execute(
            "SELECT count(*) FROM pages WHERE host = ? AND rank IS NOT NULL AND lease IS NULL"
            " AND depth <= coalesce(?, depth)",
            (host, deepest),
        )
        return int(found.fetchone()[0])

    def _wanted(self, wish: Wish, limit: int) -> list[Row]:
        """Rows that are wanted whether due or not: new ones, and those brought forward."""
        return self._select(
            "host = ? AND rank IS NOT NULL AND lease IS NULL AND due <= ?"
            " ORDER BY lost, rank DESC, first_seen LIMIT ?",
            (wish.host, wish.now, limit),
        )

    def _due(self, wish: Wish, limit: int) -> list[Row]:
        """Rows whose time has come, and that this crawl has not fetched, the longest due first.

        What was passed over was never fetched, and is not due whatever the horizon.
        """
        return self._select(
            "host = ? AND rank IS NULL AND lease IS NULL AND due <= ?"
            " AND last_fetched < ? ORDER BY due LIMIT ?",
            (wish.host, wish.horizon, wish.began, limit),
        )

    def _select(self, condition: str, values: tuple[object, ...]) -> list[Row]:
        return list(self._each(condition, values))

    def _each(self, condition: str, values: tuple[object, ...]) -> Iterator[Row]:
        rows = self._db.execute(f"SELECT {_COLUMNS} FROM pages WHERE {condition}", values)
        return map(_row, rows)


def _row(values: tuple[object, ...]) -> Row:
    return Row(*values)  # type: ignore[arg-type]
