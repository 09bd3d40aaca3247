"""From a row of the frontier to the request for it, and from an address to a row."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from scraper.addresses import host_of
from scraper.discovery import Listing
from scraper.failures import Moved
from scraper.page_work import PageWork
from scraper.site_crawl import SiteCrawl, beside
from scraper.state.contract import CrawlState
from scraper.state.keys import address_number
from scraper.state.rows import Found, Kind, Row
from scraper.visits import HINTED, NOT_MODIFIED

# Which page goes first. What probably leads to articles goes before what is merely linked, so that
# a crawl with a limit spends it on articles; the sitemaps of an index wait for the pages of those
# before them, so that a large index does not fill the queue.
START, FEED, SITEMAP, LISTED, SITEMAP_OF_INDEX, LINKED = 100, 5, 4, 3, 2, 0
# Addresses of a sitemap that are taken in one go; then others have their turn.
_AT_ONCE = 500
_DAY = 86_400.0


def conditional_headers(row: Row) -> dict[str, str]:
    """Headers that ask for the page only if it has changed since it was read."""
    known = {"If-None-Match": row.etag, "If-Modified-Since": row.last_modified}
    return {name: value for name, value in known.items() if value}


def request_meta(
    crawl: SiteCrawl, row: Row, tries: int, largest: int, *, conditional: bool
) -> dict[str, Any]:
    """What a request for a row carries through the middlewares.

    `largest`: bytes of a sitemap. `conditional`: that the page has not changed is an answer.
    """
    meta = {
        "site": crawl.site.name,
        "row": row,
        "leased": True,
        # Tried before in this run, it was counted then; a sitemap or feed never is.
        "counted": tries > 0 and row.kind == "page",
        "tries": tries,
        "start": row.rank == START,
        "page": row.kind == "page",
        "handle_httpstatus_list": [NOT_MODIFIED] if conditional else [],
    }
    if row.kind == "page" and crawl.site.javascript:
        meta["javascript"] = crawl.site.javascript
    return meta if row.kind == "page" else {**meta, "download_maxsize": largest}


class Intake:
    """Puts the addresses that a crawl meets into the frontier."""

    def __init__(self, state: CrawlState, crawls: Mapping[str, SiteCrawl]) -> None:
        self._state = state
        self._crawls = crawls

    def start(self, address: str, kind: Kind = "page", rank: int = START) -> None:
        """An address that the user named: fetched in this run, known or not."""
        depth = 0 if kind == "page" else 1
        if not self._add(address, depth, rank, kind) and rank == START:
            self._state.pages.want_start(address_number(address), rank)

    def page(self, crawl: SiteCrawl, address: str, depth: int, rank: int) -> bool:
        """A page that something leads to; True where it is met for the first time."""
        return self._page(beside(crawl, self._crawls), address, depth, rank)

    async def pages(self, crawl: SiteCrawl, listing: Listing, depth: int) -> None:
        """The pages of a sitemap or feed.

        A known page is brought forward where its `lastmod` has changed and is worth believing.
        """
        crawls = beside(crawl, self._crawls)
        for begin in range(0, len(listing.pages), _AT_ONCE):
            chunk = listing.pages[begin : begin + _AT_ONCE]
            dated = [address for address in chunk if address in listing.lastmod]
            with self._state.pages.together(chunk, dated):
                for address in chunk:
                    self._page(crawls, address, depth, LISTED, listing.lastmod.get(address))
            if begin + _AT_ONCE < len(listing.pages):
                await asyncio.sleep(0)

    def listing(
        self,
        crawl: SiteCrawl,
        address: str,
        kind: Kind,
        rank: int,
        *,
        guessed: bool = False,
        lastmod: str | None = None,
    ) -> None:
        """A sitemap or feed of the site."""
        if not crawl.frontier.is_near(address):
            return
        new = self._add(address, 1, rank, kind, guessed=guessed, lastmod=lastmod)
        if lastmod and not new:
            self._hint(address, lastmod)

    def claim(self, address: str, origin: Row, known: Row | None, run_id: str) -> Row:
        """Take the row of where a redirect of `origin` leads, made where there is none."""
        pages = self._state.pages
        if known is None:
            self._add(address, origin.depth, origin.rank or 0, origin.kind, guessed=origin.guessed)
            known = pages.get(address_number(address))
        assert known
        if not pages.lease(known.key, run_id):
            raise Moved(address)
        return known

    def follow(self, crawl: SiteCrawl, work: PageWork, depth: int, *, start: bool) -> int:
        """What a page leads to; how many of the pages are met for the first time."""
        head, links = work.head, work.outcome.links
        if start and crawl.site.feeds is None:
            for address in head.feeds:
                self.listing(crawl, address, "feed", FEED)
        if head.refresh and start and crawl.frontier.is_near(head.refresh):
            crawl.frontier.widen(head.refresh)
        pointed = [link.url for link in (links.previous, links.next, *links.related) if link]
        likely = [address for address in (head.refresh, *pointed, *head.pages) if address]
        crawls = beside(crawl, self._crawls)
        with self._state.pages.together((*likely, *work.links)):
            new = sum(self._page(crawls, address, depth + 1, LISTED) for address in likely)
            linked = (self._page(crawls, address, depth + 1, LINKED) for address in work.links)
            return new + sum(linked)

    def _page(
        self,
        crawls: Sequence[SiteCrawl],
        address: str,
        depth: int,
        rank: int,
        lastmod: str | None = None,
    ) -> bool:
        """A page for whichever of the sites on its host will have it."""
        for crawl in crawls:
            admitted = crawl.frontier.admit(address)
            if admitted:
                return self._add(admitted, depth, rank, "page", lastmod=lastmod)
        if lastmod:
            self._hint(address, lastmod)
        return False

    def _add(
        self,
        address: str,
        depth: int,
        rank: int,
        kind: Kind,
        *,
        guessed: bool = False,
        lastmod: str | None = None,
    ) -> bool:
        found = Found(address, host_of(address) or "", depth, rank, kind, guessed, lastmod)
        return self._state.pages.add(found, self._state.now())

    def _hint(self, address: str, lastmod: str) -> None:
        """Bring a known page forward, if this tells something new."""
        key = address_number(address)
        row = self._state.pages.get(key)
        if row is None or row.last_fetched is None or row.lastmod == lastmod:
            return
        # A changed date that is a day older may be one that gives no time of day.
        slack = 0.0 if row.lastmod is None else _DAY
        if not _is_after(lastmod, row.last_fetched - slack):
            self._state.pages.note_lastmod(key, lastmod)
        elif self._state.hints.believed(row.host):
            self._state.pages.want(key, HINTED, lastmod)


def _is_after(lastmod: str, moment: float) -> bool:
    """Whether a date as sitemaps and feeds write it lies behind a moment; yes, where unreadable."""
    date = read_moment(lastmod)
    return date is None or date > moment


def read_moment(text: str) -> float | None:
    """Seconds since the epoch for a date in W3C form (sitemaps, Atom) or as e-mail has it (RSS).

    >>> read_moment("1970-01-02"), read_moment("Fri, 02 Jan 1970 00:00:01 GMT"), read_moment("x")
    (86400.0, 86401.0, None)
    """
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text.strip())
        except (ValueError, TypeError, IndexError):
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return None
