"""The counts of a crawl: its items as Scrapy tells of them, its pages at its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler

from pipelines.records import Article, Rejected
from scraper.site_crawl import SiteCrawl
from scraper.site_health.counting import RunTally
from scraper.visits import Visits


class CountedCrawl:
    """Counts a crawl's items. `crawler.stats` gets, for the command that started the crawl:

    `marrow/articles`, `marrow/rejected`, `marrow/rejected/REASON`.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self.tally = RunTally()
        crawler.signals.connect(self.item_scraped, signals.item_scraped)

    def item_scraped(self, item: Any, response: Any) -> None:
        """Count an item; `response` is what it was made from, a Failure where none came."""
        if not isinstance(item, Article | Rejected):
            return
        request = getattr(response, "request", None)
        self.tally.add(item, request.meta if request is not None else {})
        self._count("articles" if isinstance(item, Article) else f"rejected/{item.reason}")
        if isinstance(item, Rejected):
            self._count("rejected")

    def counts(self) -> dict[str, Any]:
        """Of all items: the key `counts` of `run.json`."""
        return self.tally.total.as_dict()

    def sites(self) -> dict[str, dict[str, Any]]:
        """Of each site: the key `sites`; empty for a spider that knows no sites."""
        spider = self._crawler.spider
        crawls: Mapping[str, SiteCrawl] = getattr(spider, "crawls", None) or {}
        if not crawls:
            return {}
        visits: Visits = spider.tools.visits  # type: ignore[union-attr]
        return self.tally.sites(crawls.values(), visits.unchanged_pages)

    def _count(self, what: str) -> None:
        self._crawler.stats.inc_value(f"marrow/{what}")
