"""What a crawl needs of its state, wherever that is kept: in `state.db`, or on a server for many.

`scraper.state` keeps it in SQLite, for one run at a time; `scraper.shared` in Redis, for any number
of runs at once. One suite of tests holds for both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from scraper.host_files import HostFiles
from scraper.state.rows import Exported, Found, Row, RunRow, Visit


@dataclass(frozen=True, slots=True)
class Wish:
    """Which rows of a host a run would take.

    At most `limit`, of them `for_due` left to rows that are due again, where there are any; these
    are not looked for where it is 0. A row is due until `horizon`, if nobody has fetched it since
    `began`. Times in seconds since the epoch.
    """

    host: str
    now: float
    horizon: float
    began: float
    limit: int
    for_due: int


@dataclass(frozen=True, slots=True)
class Taken:
    """Rows, leased; `all_due`: no more of them are due until the horizon."""

    rows: tuple[Row, ...]
    all_due: bool


class Pages(Protocol):
    """The table of pages: the frontier, and what is known of each address."""

    def get(self, key: int) -> Row | None:
        """The row of an address."""

    def knows(self, key: int) -> bool:
        """Whether the address was met before."""

    def is_taken(self, key: int) -> bool:
        """Whether the address is in flight."""

    def together(
        self, addresses: Iterable[str], rows: Iterable[str] = ()
    ) -> AbstractContextManager[None]:
        """Many addresses in one go: inside, what is asked and told of them costs little each.

        `rows`: those whose rows will be asked for; of the others, whether they are known.
        """

    def add(self, found: Found, now: float) -> bool:
        """Put an address into the frontier; False where it was known."""

    def want(self, key: int, rank: int, lastmod: str | None = None) -> None:
        """Have a known address fetched in this run, due or not."""

    def want_start(self, key: int, rank: int) -> None:
        """The same for an address that the user names: from now on it is a start."""

    def pass_over(self, key: int, instead: int, url: str) -> None:
        """Let an address that is not in flight be, because another stands for it."""

    def bring_back(self, key: int) -> None:
        """Have an address fetched after all that was passed over: what stood for it has gone."""

    def note_lastmod(self, key: int, lastmod: str) -> None:
        """Note what a sitemap or feed says of a page, where that is no reason to fetch it."""

    def take(self, wish: Wish, run_id: str) -> Taken:
        """Take rows of a host: no other taker sees them until they are given back."""

    def lease(self, key: int, run_id: str) -> bool:
        """Take one row; False where another run was quicker."""

    def set_aside(self, key: int) -> None:
        """Keep a row that was taken out of the way of this run: nobody waits for it."""

    def next_wanted(self, hosts: Collection[str]) -> float | None:
        """When the first of the hosts' wanted rows may be fetched; None where there is none."""

    def each_pending(self, host: str, now: float, horizon: float) -> Iterator[Row]:
        """Every row that is wanted now, and every one that is due until `horizon`."""

    def due_after(self, host: str, moment: float) -> float | None:
        """When the first row is due behind a moment; None where none is."""

    def release(self, keys: Iterable[int]) -> None:
        """Give rows back as they were."""

    def release_run(self, run_id: str) -> None:
        """Give back all rows that a run has not brought to an end."""

    def postpone(self, key: int, until: float) -> None:
        """Give a row back, to be tried again later."""

    def finish(self, key: int, visit: Visit) -> None:
        """Note what came of a visit; the row is no longer in flight."""

    def archived(self, key: int, file: str, digest: str, url: str, date: str) -> None:
        """Note where the page's newest full response is archived."""

    def by_digest(self, digest: str) -> Row | None:
        """Some page whose archived response has this payload digest."""

    def reclaim(self) -> int:
        """Give back what killed runs had in flight, behind everything else; how many."""

    def count(self, host: str) -> int:
        """Known rows of a host."""

    def count_wanted(self, host: str, deepest: int | None = None) -> int:
        """Rows of a host that are wanted whether due or not, as deep as `deepest` links."""

    def taken_elsewhere(self, hosts: Collection[str]) -> bool:
        """Whether another run that is going on has rows of these hosts in flight."""


class Articles(Protocol):
    """The newest exported version of each article."""

    def get(self, key: int) -> Exported | None:
        """The article of an address: exported, or about to be by another run."""

    def with_body(self, body_sha256: str, hosts: Collection[str]) -> Exported | None:
        """An article of these hosts that has this text and is not gone."""

    def claim(self, article: Exported, before: Exported | None) -> bool:
        """Tell other runs that this one exports an article; False where one of them was quicker.

        `before`: the version that this run knows of.
        """

    def drop(self, article: Exported) -> None:
        """Take a claim back."""

    def put(self, article: Exported, now: float) -> None:
        """Note an export; it takes the place of an earlier version."""

    def gone(self, key: int, now: float) -> None:
        """Note that the page of an article has vanished."""

    def exported_from(self, hosts: Collection[str]) -> int:
        """How many articles were exported from these hosts, ever."""


class Hints(Protocol):
    """Whether the dates of change in a host's sitemaps and feeds are worth a visit."""

    def count(self, host: str, right: bool) -> None:
        """Note whether a page that was said to have changed had."""

    def believed(self, host: str) -> bool:
        """Whether a new lastmod brings a page forward: not where nearly all of them were wrong."""


class Runs(Protocol):
    """One row a run, renewed at every checkpoint."""

    def begin(self, run_id: str, started: float) -> None:
        """Note a run that starts."""

    def end(self, run_id: str, reason: str) -> None:
        """Note how a run ended."""

    def get(self, run_id: str) -> RunRow | None:
        """The run as its last checkpoint left it."""


class CrawlState(Protocol):
    """All that a crawl knows from run to run. Whatever fails raises `scraper.state.StateError`.

    `began`: when the crawl that this run is part of began. `at_a_time`: rows that are taken in one
    go. `behind`: seconds by which the machine's clock stands before the last run.
    """

    @property
    def pages(self) -> Pages: ...
    @property
    def articles(self) -> Articles: ...
    @property
    def hints(self) -> Hints: ...
    @property
    def runs(self) -> Runs: ...
    @property
    def host_files(self) -> HostFiles: ...
    @property
    def began(self) -> float: ...
    @property
    def at_a_time(self) -> int: ...
    @property
    def behind(self) -> float: ...

    def now(self) -> float:
        """Seconds since the epoch, never before what an earlier run has noted."""

    def is_beside(self, run_id: str | None) -> bool:
        """Whether a run is, or was, part of the same crawl as this one."""

    def commit(self, run_id: str, lengths: Mapping[str, int], tally: Mapping[str, Any]) -> None:
        """Make all that was noted durable, with the lengths of the files that it speaks of."""

    def close(self) -> None:
        """Let go; what was not committed is forgotten."""
