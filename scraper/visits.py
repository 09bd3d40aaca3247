"""The way of a leased request back into the state: what came of it, and when it is due again.

A visit ends in one of four ways. `unchanged` and `moved` give no record and are noted at once.
`read` and `failed` give one, and wait with the request until the record is safe: then `settle`
notes them. `postpone` and `release` give the row back as it was.

The pages of an article of several pages end together: the first is `read`, the others are `joined`
to it, and all of them wait with the request that came last.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from scrapy import Request
from scrapy.http import Response

from scraper.failures import FetchFailure
from scraper.ledger import Ledger
from scraper.revisit import Bounds
from scraper.state.contract import CrawlState
from scraper.state.keys import address_number
from scraper.state.rows import Exported, Row, Visit

NOT_MODIFIED = 304
# Vanished, as servers say it; two visits in a row must agree (setting GONE_AFTER).
_MISSING = frozenset({404, 410})
# Bytes of an ETag that is kept: servers refuse a request of more than some 8 kB of headers.
_LONGEST_HEADER = 1_000
# Priority of a known page whose sitemap or feed says that it has changed.
HINTED = 1


@dataclass(frozen=True, slots=True)
class Rules:
    """When rows are due again: bounds for each site by its name, the rest for all.

    `listings`: seconds after which a sitemap or feed is read again. `gone_after`: visits that must
    find a page missing.
    """

    bounds: Mapping[str, Bounds]
    listings: float
    gone_after: int


@dataclass(frozen=True, slots=True)
class _Ended:
    """A visit whose record is not yet safe."""

    visit: Visit
    claim: Exported | None = None


class Visits:
    """Takes what came of requests that have a row (`meta["row"]`); others it leaves alone."""

    def __init__(self, state: CrawlState, ledger: Ledger, rules: Rules) -> None:
        self._state = state
        self._ledger = ledger
        self._rules = rules
        self.tries: Counter[int] = Counter()
        self.unchanged_pages: Counter[str] = Counter()  # by the name of their site

    def stands(self, row: Row, patterns: str) -> bool:
        """Whether what was read of a page need not be read again while it does not change.

        It must where its links are followed by other patterns by now, and where it, or the page
        that had the same article, was taken for gone.
        """
        read = row.body_sha256 is not None and row.read_as == patterns
        return read and row.gone_at is None and self._ledger.stands(row)

    def is_unchanged(self, response: Response, patterns: str) -> bool:
        """Whether the page is, byte for byte, the one that was read before by the same patterns."""
        row = _row(response.request)
        if row is None:
            return False
        if response.status == NOT_MODIFIED:
            return True
        same = row.body_sha256 == _body_digest(response)
        return same and self.stands(row, patterns)

    def unchanged(self, response: Response) -> None:
        """The page is as it was."""
        request = _request(response)
        row = _row(request)
        if row is None:
            return
        self.unchanged_pages[request.meta["site"]] += row.kind == "page"
        self._note_hint(row, changed=False)
        visit = self._success(request, row, response, changed=False)
        kept = dataclasses.replace(
            visit,
            status=row.status,
            etag=visit.etag or row.etag,
            last_modified=visit.last_modified or row.last_modified,
            body_sha256=row.body_sha256,
            page_type=row.page_type,
            read_as=row.read_as,
            article=row.article,
        )
        self._finish(request, kept)

    def read(
        self,
        response: Response,
        *,
        changed: bool,
        page_type: str | None,
        patterns: str,
        article: int | None = None,
        claim: Exported | None = None,
    ) -> None:
        """The page was read. `article`: the key under which it is or was exported."""
        request = _request(response)
        row = _row(request)
        if row is None:
            return
        self._note_hint(row, changed=changed)
        visit = self._success(request, row, response, changed=changed)
        request.meta["ended"] = _Ended(
            dataclasses.replace(
                visit,
                # An article of several pages is never told to be unchanged by one of them.
                body_sha256=None if "whole" in request.meta else _body_digest(response),
                page_type=page_type,
                read_as=patterns,
                article=article,
            ),
            claim,
        )

    def joined(self, request: Request, first: int) -> None:
        """The page is part of the article whose first page has this key: not due by itself, since
        it is fetched whenever the article is, which is sooner."""
        request.meta["ended"] = _Ended(self._moved(request, first))

    def together(self, last: Request, others: Iterable[Request], records: int) -> None:
        """Have the visits of all these requests settled once so many records are safe that `last`
        gives; at once where it gives none."""
        last.meta["together"], last.meta["records"] = tuple(others), records
        if not records:
            self.settle(last)

    def failed(self, request: Request, failure: FetchFailure) -> bool:
        """The page could not be fetched, or not be read; whether it is gone by that."""
        row = _row(request)
        if row is None:
            return False
        missing = row.missing + 1 if failure.status in _MISSING else 0
        failures = row.failures + 1
        now, bounds = self._state.now(), self._bounds(request)
        gone = missing >= self._rules.gone_after and row.gone_at is None
        wait = bounds.most if gone or row.gone_at else bounds.after_failures(failures)
        request.meta["ended"] = _Ended(
            dataclasses.replace(
                _as_it_was(row, now),
                status=failure.status,
                due=now + wait,
                failures=failures,
                missing=missing,
                gone_at=now if gone else row.gone_at,
            )
        )
        return gone

    def moved(self, request: Request, target: str) -> bool:
        """The page leads to another that is fetched by itself; whether that was known."""
        row = _row(request)
        if row is None:
            return False
        key = address_number(target)
        if row.moved_to != key:
            request.meta["ended"] = _Ended(self._moved(request, key))
            return False
        self.unchanged_pages[request.meta["site"]] += 1
        self._finish(request, self._moved(request, key))
        return True

    def settle(self, request: Request) -> None:
        """A record is safe; with the last one of a visit it is, too, and those together with it."""
        request.meta["records"] = request.meta.get("records", 1) - 1
        if request.meta["records"] > 0:
            return
        for each in (request, *request.meta.pop("together", ())):
            self._settle(each)

    def _settle(self, request: Request) -> None:
        ended: _Ended | None = request.meta.pop("ended", None)
        if ended is None:
            return
        if ended.claim:
            self._ledger.settle(ended.claim)
        row = _row(request)
        if row and ended.visit.gone_at and (article := self._ledger.exported_from(row)):
            self._state.articles.gone(article.key, ended.visit.gone_at)
            self._state.pages.bring_back(article.key)
        self._finish(request, ended.visit)

    def drop(self, request: Request) -> None:
        """Forget what a visit gave: its record was lost."""
        ended: _Ended | None = request.meta.pop("ended", None)
        if ended and ended.claim:
            self._ledger.drop(ended.claim)

    def postpone(self, request: Request, seconds: float) -> None:
        """Ask for the page again later."""
        row = _row(request)
        if row is not None:
            self.tries[row.key] += 1
            self._state.pages.postpone(row.key, self._state.now() + seconds)
            self._state.pages.release(request.meta.get("moved_from", ()))

    def release(self, request: Request) -> None:
        """Leave the page for another run."""
        row = _row(request)
        if row is not None:
            self.drop(request)
            self._state.pages.release((row.key, *request.meta.get("moved_from", ())))

    def _finish(self, request: Request, visit: Visit) -> None:
        row = _row(request)
        assert row
        self.tries.pop(row.key, None)
        self._state.pages.finish(row.key, visit)
        for origin, target in pairwise((*request.meta.get("moved_from", ()), row.key)):
            if origin != row.key:
                self._state.pages.finish(origin, self._moved(request, target))

    def _success(self, request: Request, row: Row, response: Response, *, changed: bool) -> Visit:
        now = self._state.now()
        if row.kind == "page":
            interval = self._bounds(request).after(row.interval, changed)
        else:
            interval = self._rules.listings
        lacking = request.meta.get("whole") == "lacking"
        return Visit(
            at=now,
            status=response.status,
            changed=changed,
            interval=interval,
            due=now + (self._bounds(request).least if lacking else interval),
            etag=_header(response, "ETag"),
            last_modified=_header(response, "Last-Modified"),
        )

    def _moved(self, request: Request, target: int) -> Visit:
        now = self._state.now()
        due = now + self._bounds(request).most
        return Visit(at=now, status=301, changed=None, interval=None, due=due, moved_to=target)

    def _bounds(self, request: Request) -> Bounds:
        return self._rules.bounds[request.meta["site"]]

    def _note_hint(self, row: Row, *, changed: bool) -> None:
        if row.rank == HINTED and row.last_fetched is not None:
            self._state.hints.count(row.host, changed)


def _as_it_was(row: Row, now: float) -> Visit:
    """A visit that taught nothing: the page may be back, as it was, the next time."""
    return Visit(
        at=now,
        status=row.status,
        changed=None,
        interval=row.interval,
        due=now,
        etag=row.etag,
        last_modified=row.last_modified,
        body_sha256=row.body_sha256,
        page_type=row.page_type,
        read_as=row.read_as,
        moved_to=row.moved_to,
        article=row.article,
    )


def _body_digest(response: Response) -> bytes:
    """SHA-256 of the body, worked out once."""
    meta = _request(response).meta
    if "body_sha256" not in meta:
        meta["body_sha256"] = hashlib.sha256(response.body).digest()
    found: bytes = meta["body_sha256"]
    return found


def _row(request: Request | None) -> Row | None:
    found: Row | None = request.meta.get("row") if request else None
    return found


def _request(response: Response) -> Request:
    assert response.request is not None
    return response.request


def _header(response: Response, name: str) -> str | None:
    """A header to be sent back as it came; None where that would be refused, or be another one."""
    value = response.headers.get(name)
    sound = value and len(value) <= _LONGEST_HEADER and value.isascii()
    return value.decode("ascii") if value and sound else None
