"""`scrapy crawl articles --dry-run`: what would be fetched first, and why. Nothing is fetched or
written, and the lock is not taken, so that it can be asked while a crawl is going on.

What these pages lead to is not known before they are fetched. robots.txt and reservations of text
mining are looked at when a page is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime

from scraper.account import iso
from scraper.arguments import CrawlPlan
from scraper.page_requests import START
from scraper.site_crawl import SiteCrawl
from scraper.state.contract import CrawlState
from scraper.state.keys import address_number
from scraper.state.rows import Row
from scraper.visits import HINTED

# Addresses shown for each reason; the rest are counted.
SHOWN = 5


@dataclass(slots=True)
class _Reason:
    """Addresses that would be fetched for one reason: how many, and the first of them."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, address: str) -> None:
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(address)


def dry_run(plan: CrawlPlan, state: CrawlState) -> str:
    """What a crawl by this plan would fetch, in plain text. Raises StateError; closes the state."""
    with closing(state):
        return "\n\n".join(_site(SiteCrawl(site, state), state, plan) for site in plan.sites)


def _site(crawl: SiteCrawl, state: CrawlState, plan: CrawlPlan) -> str:
    reasons: dict[str, _Reason] = {}
    named = {address_number(address) for address in crawl.site.start}
    for address in crawl.site.start:
        reasons.setdefault("named as a start", _Reason()).add(address)
    for address in (*(crawl.site.sitemaps or ()), *(crawl.site.feeds or ())):
        if not state.pages.knows(address_number(address)):
            reasons.setdefault("named by the site's description", _Reason()).add(address)
    for row in _rows(crawl, state, plan.revisit_all):
        if row.key not in named and crawl.frontier.takes(row):
            why = _why(row) if row.due <= state.now() else "known, and revisit=all asks for it"
            reasons.setdefault(why, _Reason()).add(row.url)
    total = sum(reason.count for reason in reasons.values())
    return "\n".join(
        [_headline(crawl, total, state), *_lines(reasons), *_later(crawl, state, plan)]
    )


def _rows(crawl: SiteCrawl, state: CrawlState, everything: bool) -> Iterator[Row]:
    horizon = float("inf") if everything else state.now()
    for host in sorted(crawl.frontier.hosts):
        yield from state.pages.each_pending(host, state.now(), horizon)


def _why(row: Row) -> str:
    """Why a known address is wanted now."""
    if row.lost:
        return "was being fetched when a run was killed"
    if row.rank == HINTED and row.last_fetched is not None:
        return "its sitemap or feed says that it has changed"
    if row.rank == START and row.last_fetched is not None:
        return "named as a start by a run that did not come to it"
    if row.last_fetched is None:
        return "found by an earlier run, which did not come to it"
    if row.failures:
        return "failed at the last visit"
    return f"{'page' if row.kind == 'page' else row.kind} due again"


def _headline(crawl: SiteCrawl, total: int, state: CrawlState) -> str:
    site = crawl.site
    limits = {
        "pages": site.max_pages,
        "bytes": site.max_bytes,
        "minutes": site.max_minutes,
        "links from the start": site.max_depth,
    }
    told = ", ".join(f"{value:,} {name}" for name, value in limits.items() if value is not None)
    known = sum(state.pages.count(host) for host in crawl.frontier.hosts)
    bounds = f"; at most {told}" if told else ""
    addresses = "1 address" if total == 1 else f"{total:,} addresses"
    return f"{site.name}: {addresses} to begin with, of {known:,} known{bounds}"


def _lines(reasons: dict[str, _Reason]) -> Iterator[str]:
    for name, reason in reasons.items():
        yield f"  {reason.count:>7,}  {name}"
        yield from (f"             {address}" for address in reason.first)
        if reason.count > len(reason.first):
            yield f"             … and {reason.count - len(reason.first):,} more"


def _later(crawl: SiteCrawl, state: CrawlState, plan: CrawlPlan) -> Iterator[str]:
    """When the next of the other known addresses is due."""
    if plan.revisit_all:
        return
    now = state.now()
    times = [state.pages.due_after(host, now) for host in crawl.frontier.hosts]
    first = min((time for time in times if time is not None), default=None)
    if first is not None:
        yield f"  the next of the others is due at {iso(datetime.fromtimestamp(first, UTC))}"
