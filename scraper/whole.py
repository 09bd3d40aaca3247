"""An article of several pages while its pages come in."""

from __future__ import annotations

from dataclasses import dataclass, field

from scrapy import Request
from scrapy.http import Response

from pipelines.join_parts import part_of_refused
from pipelines.records import Article, Rejected
from scraper.archive import Place
from scraper.page_work import PageWork
from scraper.site_crawl import SiteCrawl
from scraper.state.keys import address_number
from scraper.state.rows import Row

FIRST = 1
# The place of a page that has all parts, among the numbers of the parts.
ALL = 0


@dataclass(frozen=True, slots=True)
class Member:
    """A page that came: one part of an article."""

    response: Response
    work: PageWork
    place: Place | None

    @property
    def request(self) -> Request:
        """The request that it answers."""
        assert self.response.request is not None
        return self.response.request

    @property
    def key(self) -> int:
        """The key of its row."""
        row: Row = self.request.meta["row"]
        return row.key

    @property
    def article(self) -> Article | None:
        """What it has of the article's text."""
        outcome = self.work.outcome
        if isinstance(outcome, Article):
            return outcome
        return self.work.part or part_of_refused(outcome)


@dataclass(slots=True)
class Whole:
    """An article of several pages while its pages come in.

    By number: the pages that came, the addresses that they name, and why a page cannot be had.
    `awaited`: numbers of the pages on their way, by the keys of their rows. `requests`: all that
    came back, with a page or without. `sure`: whether it is known that addresses count from 1, or
    from 0. `seconds`: when to come back, where a page was postponed.
    """

    stem: str
    crawl: SiteCrawl
    members: dict[int, Member] = field(default_factory=dict)
    addresses: dict[int, str] = field(default_factory=dict)
    missing: dict[int, str] = field(default_factory=dict)
    awaited: dict[int, int] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    total: int = 0
    sure: bool = False
    view_all: str | None = None
    seconds: float | None = None
    gone: Rejected | None = None

    @property
    def first_key(self) -> int | None:
        """The key of the page that stands for all: the first, or the one that has all parts."""
        number = ALL if ALL in self.members else FIRST
        if number in self.members:
            return self.members[number].key
        return address_number(self.addresses[number]) if number in self.addresses else None

    def shift(self) -> None:
        """Count one more for each part: the addresses count from 0."""
        self.members = {n and n + 1: member for n, member in self.members.items()}
        self.addresses = {n and n + 1: address for n, address in self.addresses.items()}
        self.missing = {n and n + 1: why for n, why in self.missing.items()}
        self.awaited = {key: n and n + 1 for key, n in self.awaited.items()}
        self.total += 1

    def lacks(self) -> list[int]:
        """The numbers of the parts that did not come."""
        last = max(self.total, *self.members, *self.addresses, FIRST)
        return [number for number in range(FIRST, last + 1) if number not in self.members]


def keys_of(request: Request) -> tuple[int, ...]:
    """The keys of the row that a request has, and of those that led to it."""
    row: Row | None = request.meta.get("row")
    return (row.key, *request.meta.get("moved_from", ())) if row else ()
