"""How often a host is asked: robots.txt's Crawl-delay, and a site's own `delay`."""

from __future__ import annotations

import logging
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler

from scraper.failures import Refused
from scraper.host_requests import asks_for_host_file

logger = logging.getLogger(__name__)

# Seconds. Without any delay, Scrapy 2.19 starts all that a host's queue holds at once, however low
# CONCURRENT_REQUESTS_PER_DOMAIN is: it counts a request only after the queue was emptied.
LEAST_DELAY = 0.001
# Above this a crawl gets nowhere: it is the site's way to say no (seconds).
_MOST_DELAY = 3600.0
# Above this a crawl of an ordinary site takes days, which a user should hear of (seconds).
_REMARKABLE_DELAY = 20.0


class SiteDelay:
    """Downloader middleware: keeps each host's delay at what its robots.txt or its site asks for.

    AutoThrottle would bring a slot's delay down again to the general minimum, so it is told,
    request by request, to leave the hosts alone that have a delay of their own. It stands behind
    the robots.txt middleware, so that no request passes before its host's delay is known.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._default = crawler.settings.getfloat("DOWNLOAD_DELAY")
        self._agent = crawler.settings["ROBOTSTXT_USER_AGENT"] or crawler.settings["USER_AGENT"]
        self._delays: dict[str, float] = {}
        self._closed: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy, once a crawl."""
        middleware = cls(crawler)
        crawler.signals.connect(middleware.spider_opened, signals.spider_opened)
        crawler.signals.connect(middleware.robots_parsed, signals.robots_parsed)
        return middleware

    def spider_opened(self, spider: Spider) -> None:
        """Set the delays that the sites' descriptions give."""
        for host, delay in getattr(spider, "host_delays", dict)().items():
            self._set(host, delay)

    def robots_parsed(self, robotparser: Any, request: Request) -> None:
        """Set the Crawl-delay that a host's robots.txt asks of us, where it is longer than ours."""
        asked = robotparser.crawl_delay(self._agent)
        host = self._crawler.engine.downloader.get_slot_key(request)
        if asked and asked > self._delays.get(host, self._default):
            if asked > _MOST_DELAY:
                self._closed.add(host)
                return
            if asked >= _REMARKABLE_DELAY:
                logger.warning("%s asks for %g seconds between requests; obeyed", host, asked)
            self._set(host, float(asked))

    def process_request(self, request: Request) -> None:
        """Keep AutoThrottle from changing a delay that was asked for."""
        host = self._crawler.engine.downloader.get_slot_key(request)
        if host in self._closed and not asks_for_host_file(request):
            raise Refused("crawl-delay", "robots.txt asks for more than an hour between requests")
        if host in self._delays:
            request.meta["autothrottle_dont_adjust_delay"] = True

    def _set(self, host: str, delay: float) -> None:
        delay = max(delay, LEAST_DELAY)
        self._delays[host] = delay
        downloader = self._crawler.engine.downloader
        # For the slot that Scrapy makes anew after a minute without requests, …
        asked = {"delay": delay, "jitter": 0.0}
        downloader.per_slot_settings[host] = downloader.per_slot_settings.get(host, {}) | asked
        # … and for the one that robots.txt itself came through.
        if host in downloader.slots:
            downloader.slots[host].delay = delay
            downloader.slots[host].jitter = 0.0
