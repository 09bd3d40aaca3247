"""From a response to what it gave: a page cleaned in another process, a listing read here."""

from __future__ import annotations

import dataclasses
import logging

from scrapy import Request
from scrapy.http import Response
from scrapy.settings import BaseSettings

from pipelines.records import Article, Rejected
from scraper.archive import Place
from scraper.discovery import Listing, read_feed, read_sitemap
from scraper.failures import FetchFailure
from scraper.keeping import arrival_of
from scraper.page_work import PageJob, PageWork
from scraper.responses import CUT_SHORT, header_pairs, html_charset, unfetched, with_fetch
from scraper.state.rows import Kind, Row
from scraper.tools import Tools

logger = logging.getLogger(__name__)


class Reader:
    """Reads what comes, has it archived, and puts what is known of the fetch into records."""

    def __init__(self, tools: Tools, settings: BaseSettings) -> None:
        self._tools = tools
        self._largest_sitemap = settings.getint("SITEMAP_MAXSIZE")
        self._gone_after = settings.getint("GONE_AFTER")

    async def page(self, site: str, response: Response) -> tuple[PageWork, Place | None]:
        """A page of that site cleaned, and archived unless it says that it must not be."""
        charset, keeper = html_charset(response), self._tools.keeper
        request = response.request
        assert request is not None
        if isinstance(charset, Rejected):
            return PageWork(charset), keeper.keep(request)
        arrival, exchange = arrival_of(request), keeper.exchange(request)
        assert arrival is not None
        original = keeper.original(request, exchange)
        job = PageJob(
            site=site,
            url=response.url,
            body=response.body,
            charset=charset,
            headers=header_pairs(response),
            fetched_at=arrival.at,
            cut_short=CUT_SHORT in response.flags,
            exchange=exchange,
            original=original,
        )
        work = await self._tools.crew.work(job)
        if work.defect:
            logger.error("%s could not be cleaned\n%s", response.url, work.defect)
        return work, keeper.store(request, work.packed, original)

    def listing(self, response: Response, kind: Kind) -> Listing | None:
        """What a sitemap or feed lists; None where it is none."""
        if kind == "sitemap":
            return read_sitemap(response.body, response.url, self._largest_sitemap)
        return read_feed(response.body, response.url)

    def fetched(
        self, record: Article | Rejected, response: Response, place: Place | None
    ) -> Article | Rejected:
        """The record with when, and from where, its page came, and where it is archived."""
        assert response.request is not None
        arrival = arrival_of(response.request)
        return with_fetch(record, response, arrival.at if arrival else None, place)

    def refused(self, request: Request, told: FetchFailure) -> Rejected:
        """The refusal, with the address that was asked for where a redirect led away."""
        origins = request.meta.get("redirect_urls")
        detail = f"{told.detail} (redirected from {origins[0]})" if origins else told.detail
        arrival = arrival_of(request) if told.status else None
        at = arrival.at if arrival else None
        return unfetched(request.url, told.reason, detail, told.status, at)

    def gone(self, request: Request, row: Row, told: FetchFailure) -> Rejected:
        """The refusal of a page that has vanished for good, with the article that it was."""
        article = self._tools.ledger.exported_from(row)
        before = f"; it was exported before, as {article.id}" if article else ""
        detail = f"{told.detail}, {self._gone_after} visits in a row{before}"
        refused = self.refused(request, dataclasses.replace(told, reason="gone", detail=detail))
        return dataclasses.replace(refused, id=article.id if article else None)
