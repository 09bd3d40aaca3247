"""Downloader middlewares that keep a crawl on its site and within its limits."""

from __future__ import annotations

from typing import Self

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.http import Response

from scraper.failures import Refused
from scraper.site_crawl import SiteCrawl


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
        result = super().process_response(request, response)
        crawl = site_crawl(self.crawler, request)
        if crawl is not None and isinstance(result, Request):
            crawl.check_redirect(result)
        return result


class SiteLimit:
    """Drops what is still queued for a site that has had its pages."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy, once a crawl."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Refuse the request of a site whose `max_pages` is reached."""
        crawl = site_crawl(self._crawler, request)
        if crawl is not None and crawl.full:
            raise Refused("over-limit", "max_pages was reached before this page")


def site_crawl(crawler: Crawler, request: Request) -> SiteCrawl | None:
    """The site that a request belongs to; None for Scrapy's own, such as robots.txt."""
    crawls: dict[str, SiteCrawl] = getattr(crawler.spider, "crawls", {})
    return crawls.get(request.meta.get("site", ""))
