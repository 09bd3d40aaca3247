"""Downloader middlewares that keep a crawl on its site and within its limits."""

from __future__ import annotations

import zlib
from typing import Self

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.http import Response

from scraper.failures import Refused
from scraper.responses import CUT_SHORT
from scraper.site_crawl import SiteCrawl
from scraper.state.rows import Row

REDIRECTS = frozenset({301, 302, 303, 307, 308})


class SiteRedirect(RedirectMiddleware):
    """Follows redirects within the site, to addresses that were not fetched yet.

    A start address may lead to another host of its registrable domain, which then belongs to the
    site. What is not followed is refused with a reason, so that it stands among the rejects.
    """

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002 - as in the class extended
    ) -> Request | Response:
        """Scrapy's redirect, looked at before it is followed."""
        try:
            result = super().process_response(request, response)
        except ValueError as error:  # from the making of a Request
            raise Refused("bad-redirect", _nowhere(response, str(error))) from None
        if isinstance(result, Request):
            self._refuse_circle(result)
        crawl = site_crawl(self.crawler, request)
        if crawl is not None and isinstance(result, Request):
            self._take(crawl, request, result)
        elif result is response and response.status in REDIRECTS and "Location" in response.headers:
            raise Refused("bad-redirect", _nowhere(response, "only http and https are crawled"))
        return result

    def _take(self, crawl: SiteCrawl, request: Request, redirected: Request) -> None:
        """Have the redirected request carry the row of where it leads, in flight as the first."""
        known = crawl.check_redirect(redirected)
        origin: Row = request.meta["row"]
        target: Row = self.crawler.spider.claim(redirected.url, origin, known)  # type: ignore[union-attr]
        if target.key != origin.key:
            redirected.meta["row"] = target
            redirected.meta["moved_from"] = (*request.meta.get("moved_from", ()), origin.key)
            # What the page that was asked for is known by says nothing of this one.
            for name in ("If-None-Match", "If-Modified-Since"):
                redirected.headers.pop(name, None)
            redirected.meta["handle_httpstatus_list"] = []

    def _refuse_circle(self, redirected: Request) -> None:
        # With cookies a second answer may be another one.
        circle = redirected.url in redirected.meta["redirect_urls"]
        if circle and not self.crawler.settings.getbool("COOKIES_ENABLED"):
            raise Refused("redirect-loop", f"redirects in a circle, back to {redirected.url}")


class Decompression(HttpCompressionMiddleware):
    """Scrapy's, which takes what there is of gzip data that end early, and here also says so."""

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002 - as in the class extended
    ) -> Request | Response:
        """The response unpacked; flagged where its end is missing."""
        zipped = (response.headers.get("Content-Encoding") or b"").strip().lower() == b"gzip"
        result = super().process_response(request, response)
        if zipped and isinstance(result, Response) and _ends_early(response.body):
            result.flags.append(CUT_SHORT)
        return result


def _ends_early(packed: bytes) -> bool:
    """Whether gzip data, known to unpack to a bounded size, lack their end or are damaged."""
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        unpacker.decompress(packed)
    except zlib.error:
        return True
    return bool(packed) and not unpacker.eof


class SiteLimit:
    """Counts the pages asked for, and drops what is still queued when a site has had its pages.

    It stands behind the robots.txt middleware: what may not be fetched does not count. Nor do
    sitemaps and feeds, and a page that is tried again or redirected counts once.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy, once a crawl."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Refuse the request of a site whose `max_pages` is reached."""
        crawl = site_crawl(self._crawler, request)
        if crawl is None or request.meta.get("counted"):
            return
        if crawl.full:
            raise Refused("over-limit", f"{crawl.spent} was reached before this page")
        if request.meta.get("page"):
            crawl.send_for()
            request.meta["counted"] = True


def _nowhere(response: Response, why: str) -> str:
    target = (response.headers["Location"] or b"").decode("utf-8", "replace")[:300]
    return f'redirects to "{target}", which is no address of a page: {why}'


def site_crawl(crawler: Crawler, request: Request) -> SiteCrawl | None:
    """The site that a request belongs to; None for Scrapy's own, such as robots.txt."""
    crawls: dict[str, SiteCrawl] = getattr(crawler.spider, "crawls", {})
    return crawls.get(request.meta.get("site", ""))
