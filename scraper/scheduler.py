"""Scrapy's scheduler over the crawl state: what is to be fetched survives whatever happens.

The spider `articles` puts the addresses of a site into the state's frontier, and they come from
there as requests when their turn has come. Everything else (robots.txt, redirects, the requests of
other spiders) goes through Scrapy's own queues in memory, as ever.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from scrapy import Request, Spider
from scrapy.core.scheduler import Scheduler
from twisted.internet.defer import Deferred

from scraper.spiders.articles import ArticlesSpider
from scraper.state import StateError
from scraper.tools import tools_of
from scraper.unkept import unkept_ends

# Seconds between two looks into the frontier when nothing else leads to one.
_LOOK_EVERY = 0.5


class StateScheduler(Scheduler):
    """Hands out the frontier of an `ArticlesSpider`; for other spiders it is Scrapy's own."""

    _spider: ArticlesSpider | None = None

    def open(self, spider: Spider) -> Deferred[None] | None:
        """Scrapy's; and open the spider's frontier, now that the run has its folder."""
        if isinstance(spider, ArticlesSpider):
            assert self.crawler
            spider.equip(tools_of(self.crawler, spider.plan))
            self._look_often()
            self._spider = spider
        return super().open(spider)

    def close(self, reason: str) -> Deferred[None] | None:
        """Scrapy's; and give back what was taken and has come to no end."""
        if self._spider is not None:
            with unkept_ends(self._spider):
                self._spider.leases.close()
        return super().close(reason)

    def has_pending_requests(self) -> bool:
        """Whether anything is left that this run may fetch."""
        if super().has_pending_requests():
            return True
        spider = self._spider
        if spider is None:
            return False
        try:
            return spider.leases.pending(spider.health.remaining, spider.tools.patience)
        except StateError as error:
            spider.give_up(error)
            return False

    def next_request(self) -> Request | None:
        """From the queue, or else from the frontier."""
        request: Request | None = super().next_request()
        if request is not None or self._spider is None:
            return request
        spider = self._spider
        try:
            taken = spider.leases.take(
                self._in_flight(), spider.tools.most_in_flight, spider.health.wait
            )
        except StateError as error:
            spider.give_up(error)
            return None
        if taken is None:
            return None
        crawl, row = taken
        return spider.leased_request(crawl, row)

    def _look_often(self) -> None:
        """Have the engine ask for rows by itself: they come due, and other runs give some back.

        Scrapy has no setting for it; where the attribute is gone, its own five seconds hold.
        """
        assert self.crawler
        self.crawler.engine._SLOT_HEARTBEAT_INTERVAL = _LOOK_EVERY

    def _in_flight(self) -> Counter[str]:
        """How many requests of each host are being fetched."""
        assert self.crawler
        assert self.crawler.engine
        active: set[Any] = self.crawler.engine.downloader.active
        return Counter(row.host for request in active if (row := request.meta.get("row")))
