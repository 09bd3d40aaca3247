"""From a response to its place in the archive: what went over the wire, kept once.

The middleware `Received` notes each response as it came, before it is unpacked. A page is archived
when it has been read, because only then it is known whether it may be; all else when it comes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response

from scraper.archive import Archive, Place
from scraper.archived import Archived
from scraper.browser.rendered import rendered_of
from scraper.directives import directives
from scraper.middlewares import REDIRECTS, site_crawl
from scraper.state.contract import CrawlState
from scraper.state.rows import Row
from scraper.warc_records import Exchange, Original, Packed, pack, payload_digest


@dataclass(frozen=True, slots=True)
class Arrival:
    """A response as it came, and when; `rendered`: the page that a browser made of it.

    `moved`: where its scripts led the browser.
    """

    response: Response
    at: datetime
    rendered: bytes | None = None
    moved: str | None = None


class Keeper:
    """Puts what was fetched into the archive, where there is one.

    What says in its headers to the robot `agent` that it must not be archived is not, where
    `obeyed` (the setting OBEY_DIRECTIVES) has that.
    """

    def __init__(
        self, archive: Archive | None, state: CrawlState, agent: str, obeyed: Collection[str]
    ) -> None:
        self._archive = archive
        self._state = state
        self._agent = agent
        self._heeds = "noarchive" in obeyed

    def exchange(self, request: Request) -> Exchange | None:
        """What went over the wire for a request; None where nothing is archived."""
        arrival = arrival_of(request)
        if self._archive is None or arrival is None:
            return None
        response = arrival.response
        return Exchange(
            url=response.url,
            fetched_at=arrival.at,
            request_headers=_pairs(request),
            status=response.status,
            headers=_pairs(response),
            body=response.body,
            ip=str(response.ip_address) if response.ip_address else None,
            protocol=response.protocol or "HTTP/1.1",
            rendered=arrival.rendered,
            moved=arrival.moved,
        )

    def original(self, request: Request, exchange: Exchange | None) -> Original | None:
        """The archived response that says the same, if there is one."""
        if exchange is None:
            return None
        row: Row | None = request.meta.get("row")
        if exchange.status == 304:
            return _original(row)
        if not exchange.body:
            return None
        digest = payload_digest(exchange.body)
        known = row if row and row.warc_digest == digest else self._state.pages.by_digest(digest)
        return _original(known)

    def store(
        self, request: Request, packed: Packed | None, original: Original | None = None
    ) -> Place | None:
        """Append what was packed, referring to `original`; where it now stands."""
        arrival = arrival_of(request)
        if self._archive is None or packed is None or arrival is None:
            return _replayed(request)
        place = self._archive.append(packed)
        row: Row | None = request.meta.get("row")
        if row and packed.digest and arrival.response.status == 200 and original is None:
            date = arrival.at.isoformat()
            url = arrival.response.url
            self._state.pages.archived(row.key, place.file, packed.digest, url, date)
        return place

    def keep(self, request: Request) -> Place | None:
        """Pack and append what came for a request, here and now: for what is small."""
        exchange = self.exchange(request)
        if exchange is None:
            return _replayed(request)
        exchange = dataclasses.replace(exchange, rendered=None)  # what is rendered is not small
        if self._is_forbidden(exchange):
            return None
        original = self.original(request, exchange)
        if exchange.status == 304 and original is None:
            return None  # it would refer to nothing
        return self.store(request, pack(exchange, original), original)

    def can_refer(self, request: Request) -> bool:
        """Whether a page that has not changed may be archived without a look into it.

        Not one that came in full and is not in the archive: perhaps it says that it must not be.
        """
        exchange, row = self.exchange(request), request.meta["row"]
        return exchange is None or exchange.status == 304 or row.warc_file is not None

    def _is_forbidden(self, exchange: Exchange) -> bool:
        told = ((n.decode("latin-1"), v.decode("latin-1")) for n, v in exchange.headers)
        return self._heeds and directives(None, told, self._agent).noarchive


class Received:
    """Downloader middleware, next to the network: notes each response before it is unpacked."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy, once a crawl."""
        return cls(crawler)

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002 - Scrapy's signature
    ) -> Response:
        """Note the response; archive it where nobody will come back to it."""
        keeper: Keeper | None = getattr(self._crawler.spider, "keeper", None)
        if keeper is None:
            return response
        at = getattr(request.meta.get("archived"), "fetched_at", None) or datetime.now(UTC)
        # A copy: unpacking takes the Content-Encoding out of the headers of what it is given.
        rendered = rendered_of(request)
        if rendered:
            arrival = Arrival(rendered.wire, at, rendered.html, rendered.moved)
        else:
            arrival = Arrival(response.copy(), at)
        request.meta["arrival"] = arrival
        crawl = site_crawl(self._crawler, request)
        if crawl is not None:
            crawl.received += len(arrival.response.body) + (rendered.received if rendered else 0)
        if crawl is None or response.status in REDIRECTS:
            keeper.keep(request)
        return response


def arrival_of(request: Request) -> Arrival | None:
    """The response to a request as it came."""
    found: Arrival | None = request.meta.get("arrival")
    return found


def _replayed(request: Request) -> Place | None:
    """Where the response stands in the archive that is replayed."""
    archived: Archived | None = request.meta.get("archived")
    return archived.place if archived else None


def _original(row: Row | None) -> Original | None:
    if row is None or not (row.warc_url and row.warc_digest and row.warc_date):
        return None
    return Original(row.warc_url, datetime.fromisoformat(row.warc_date), row.warc_digest)


def _pairs(message: Request | Response) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name, value) for name, values in message.headers.items() for value in values)
