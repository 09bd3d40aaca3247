"""The table of pages on the server: the frontier that many runs take from.

What a run finds and takes is on the server at once. What it has brought to an end is noted here,
and goes there with the next checkpoint (`notes`): until then, a kill would lose the record.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from scraper.shared.fields import as_fields, as_pairs, read
from scraper.shared.server import Server
from scraper.state.contract import Taken, Wish
from scraper.state.keys import address_number
from scraper.state.pages import NEVER, VISIT_FIELDS
from scraper.state.rows import Found, Row, Visit

# Addresses and links that a run remembers to exist, so that the server is not asked again: some
# 100 MB at most.
_MOST_REMEMBERED = 500_000
_MOST_LINKS = 100_000
# Seconds for which a host that had no row to take is not asked again: others may give some back.
_DRY = 0.25
# Rows of a queue that are looked through in one go.
_AT_ONCE = 1000

Note = dict[str, object]


class SharedPages:
    """`scraper.state.contract.Pages` over a server; `notes` are for the next checkpoint."""

    def __init__(self, server: Server, run_id: str, began: float) -> None:
        self._server = server
        self._run_id = run_id
        self._began = began
        self._known: set[int] = set()
        self._links: set[str] = set()
        self._unknown: set[int] = set()
        self._looked_at: dict[int, Row | None] = {}
        self._dry: dict[str, float] = {}
        self._digests: dict[str, int] = {}
        self._now = began
        self._takes = 0
        self._ended: list[str] = []
        self.notes: list[Note] = []

    def at(self, now: float) -> None:
        """Tell what time it is."""
        self._now = now

    def committed(self) -> None:
        """The notes are safe."""
        self.notes = []
        self._ended = []

    def get(self, key: int) -> Row | None:
        """The row of an address."""
        if key in self._looked_at:
            return self._looked_at[key]
        return _row(self._server.ask_one("HGETALL", f"page:{key}"))

    def knows(self, key: int) -> bool:
        """Whether the address was met before."""
        if key in self._known or key in self._unknown:
            return key in self._known
        if self._server.ask_one("EXISTS", f"page:{key}"):
            self._remember(key)
            return True
        return False

    def is_taken(self, key: int) -> bool:
        """Whether the address is in flight."""
        return self._server.ask_one("HGET", f"page:{key}", "lease") is not None

    @contextmanager
    def together(self, addresses: Iterable[str], rows: Iterable[str] = ()) -> Iterator[None]:
        """One question for all addresses, and one message for all that is told of them."""
        fresh = [address for address in addresses if address not in self._links]
        if len(self._links) > _MOST_LINKS:
            self._links.clear()
        self._links.update(fresh)
        self._look_at({*map(address_number, fresh), *map(address_number, rows)})
        try:
            with self._server.gathering():
                yield
        finally:
            self._unknown.clear()
            self._looked_at.clear()

    def add(self, found: Found, now: float) -> bool:
        """Put an address into the frontier; False where it was known."""
        key = address_number(found.url)
        fields = as_pairs(
            {
                **{"key": key, "url": found.url, "host": found.host, "kind": found.kind},
                **{"depth": found.depth, "guessed": found.guessed, "rank": found.rank},
                **{"due": 0, "lost": 0, "failures": 0, "missing": 0},
                **{"first_seen": now, "lastmod": found.lastmod},
            }
        )
        self._dry.pop(found.host, None)
        if key in self._unknown:
            self._unknown.discard(key)
            self._remember(key)
            self._server.tell("add", now, key, *fields)
            return True
        self._remember(key)
        return bool(self._server.call("add", now, key, *fields))

    def want(self, key: int, rank: int, lastmod: str | None = None) -> None:
        """Have a known address fetched in this run, due or not."""
        self._expect_more()
        self._server.tell("want", self._now, key, rank, lastmod or "")

    def want_start(self, key: int, rank: int) -> None:
        """The same for an address that the user names, unless this crawl has been there."""
        self._expect_more()
        self._server.tell("want_start", self._now, key, rank, self._began)

    def pass_over(self, key: int, instead: int, url: str) -> None:
        """Let an address that is not in flight be, because another stands for it."""
        (pair,) = as_fields({"url": url}).values()
        self._server.tell("pass_over", self._now, key, instead, pair, NEVER)
        self._remember(key)

    def bring_back(self, key: int) -> None:
        """Have an address fetched after all, when what is noted is safe."""
        self.notes.append({"verb": "bring_back", "key": str(key)})

    def note_lastmod(self, key: int, lastmod: str) -> None:
        """Note what a sitemap or feed says of a page, where that is no reason to fetch it."""
        self._server.tell("note_lastmod", key, lastmod)

    def take(self, wish: Wish, run_id: str) -> Taken:
        """Take rows of a host: no other run sees them until they are given back."""
        horizon = "inf" if wish.horizon == float("inf") else wish.horizon
        if self._is_dry(wish, horizon):
            return Taken((), all_due=False)
        self._takes += 1
        asked = (wish.host, wish.now, horizon, wish.began, wish.limit, wish.for_due)
        all_due, *stored = self._server.call("take", *asked, run_id, self._takes)
        if not stored:
            self._dry[wish.host] = wish.now + _DRY
        rows = tuple(row for pairs in stored if (row := _row(_paired(pairs))))
        return Taken(rows, bool(all_due))

    def lease(self, key: int, run_id: str) -> bool:
        """Take one row; False where another run was quicker."""
        return bool(self._server.call("lease", key, run_id))

    def set_aside(self, key: int) -> None:
        """Keep a row that was taken out of the way of this run: nobody waits for it."""
        self._server.tell("set_aside", key)

    def next_wanted(self, hosts: Collection[str]) -> float | None:
        """When the first of the wanted rows may be fetched; None where there is none."""
        first = self._server.call("next_wanted", *hosts) if hosts else None
        return None if first is None else float(first)

    def each_pending(self, host: str, now: float, horizon: float) -> Iterator[Row]:
        """Every row that is wanted now, and every one that is due until `horizon`."""
        until = "+inf" if horizon == float("inf") else repr(horizon)
        yield from self._each(f"wanted:{host}", "+inf")
        yield from self._each(f"later:{host}", repr(now))
        yield from self._each(f"due:{host}", until)

    def due_after(self, host: str, moment: float) -> float | None:
        """When the first row is due behind a moment; None where none is."""
        return self._server.first_score(f"due:{host}", f"({moment!r}", f"({NEVER!r}")

    def release(self, keys: Iterable[int]) -> None:
        """Give rows back as they were."""
        self._expect_more()
        with self._server.gathering():
            for key in keys:
                self._server.tell("release", self._now, self._run_id, key)

    def release_run(self, run_id: str) -> None:
        """Give back all rows that a run has not brought to an end."""
        self._server.call("release_run", self._now, run_id, json.dumps(self._ended))

    def postpone(self, key: int, until: float) -> None:
        """Give a row back, to be tried again later."""
        self._expect_more()
        self._server.call("postpone", self._now, self._run_id, key, until)

    def finish(self, key: int, visit: Visit) -> None:
        """Note what came of a visit."""
        said = {name: getattr(visit, name) for name in VISIT_FIELDS}
        said["last_fetched"] = visit.at
        if visit.changed:
            said["last_changed"] = visit.at
        gone = [name for name, value in said.items() if value is None]
        self._ended.append(str(key))
        note: Note = {"verb": "finish", "key": str(key), "fields": as_fields(said)}
        self.notes.append(note | {"gone": gone or ["rank"]})

    def archived(self, key: int, file: str, digest: str, url: str, date: str) -> None:
        """Note where the page's newest full response is archived."""
        fields = as_fields(
            {"warc_file": file, "warc_digest": digest, "warc_url": url, "warc_date": date}
        )
        self.notes.append({"verb": "archived", "key": str(key), "fields": fields})
        if len(self._digests) >= _MOST_LINKS:
            self._digests.clear()
        self._digests[digest] = key

    def by_digest(self, digest: str) -> Row | None:
        """Some page of this run whose archived response has this payload digest.

        Each run has an archive of its own: a record that refers to another machine's helps nobody.
        """
        key = self._digests.get(digest)
        return None if key is None else self.get(key)

    def reclaim(self) -> int:
        """Give back what runs had in flight whose session is over; how many."""
        return int(self._server.call("sweep", self._now))

    def count(self, host: str) -> int:
        """Known rows of a host."""
        return int(self._server.ask_one("HGET", "counts", host) or 0)

    def count_wanted(self, host: str, deepest: int | None = None) -> int:
        """Rows of a host that are wanted whether due or not, as deep as `deepest` links."""
        if deepest is None:
            return sum(self._server.ask([("ZCARD", f"wanted:{host}"), ("ZCARD", f"later:{host}")]))
        rows = (*self._each(f"wanted:{host}", "+inf"), *self._each(f"later:{host}", "+inf"))
        return sum(row.depth <= deepest for row in rows)

    def taken_elsewhere(self, hosts: Collection[str]) -> bool:
        """Whether another run that is going on has rows of these hosts in flight."""
        return bool(self._server.call("taken_elsewhere", self._run_id, *hosts)) if hosts else False

    def _is_dry(self, wish: Wish, horizon: str | float) -> bool:
        """Whether a host had no row to take a moment ago, or has none now.

        One question is for all hosts that had none, so that a run of many sites that waits for
        others asks no more often than one of a single site.
        """
        if wish.host not in self._dry or wish.now < self._dry[wish.host]:
            return wish.host in self._dry
        hosts = list(self._dry)
        told = self._server.call("ready", wish.now, horizon, wish.began, *hosts)
        for host, ready in zip(hosts, told, strict=True):
            if ready:
                del self._dry[host]
            else:
                self._dry[host] = wish.now + _DRY
        return wish.host in self._dry

    def _expect_more(self) -> None:
        """Any host may have a row to take by now."""
        self._dry = dict.fromkeys(self._dry, 0.0)

    def _look_at(self, keys: Collection[int]) -> None:
        """Learn in one go which addresses are known, and what is known of them."""
        answers = self._server.ask([("HGETALL", f"page:{key}") for key in keys])
        for key, stored in zip(keys, answers, strict=True):
            self._looked_at[key] = _row(stored)
            if stored:
                self._remember(key)
            else:
                self._unknown.add(key)

    def _remember(self, key: int) -> None:
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known.add(key)

    def _each(self, queue: str, until: str) -> Iterator[Row]:
        """The rows of a queue, read in stretches."""
        begin = 0
        while keys := self._server.ask_one(
            "ZRANGEBYSCORE", queue, "-inf", until, "LIMIT", begin, _AT_ONCE
        ):
            begin += len(keys)
            stored = self._server.ask([("HGETALL", f"page:{int(key)}") for key in keys])
            yield from filter(None, map(_row, stored))


def _row(stored: Any) -> Row | None:
    return read(Row, stored) if stored else None


def _paired(flat: list[bytes]) -> dict[bytes, bytes]:
    """Names and values in turn, as scripts answer, as a dict."""
    return dict(zip(flat[::2], flat[1::2], strict=True))
