"""robots.txt, as RFC 9309 has it: kept from one run to the next, and read again every day."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.robotstxt import ProtegoRobotParser
from scrapy.robotstxt import RobotParser as AnyParser
from scrapy.utils.misc import build_from_crawler

from scraper.failures import FetchFailure, Refused
from scraper.host_requests import RETRY_AFTER, Found, PerHost, host_file

# Seconds. RFC 9309, 2.4: a robots.txt from a cache should not be older than a day.
_FRESH = 86400.0
# A host that is not there at all fails by itself, page by page: no rule is needed.
_NO_HOST = frozenset(("dns-failure", "connection-refused"))
# RFC 9309, 2.3.1.2 and 2.3.1.3: redirects without end, or to nowhere, are no robots.txt.
_NO_FILE = frozenset(("redirect-loop", "bad-redirect"))
# What is told as it is, since it is said of the host.
_OF_THE_HOST = frozenset(("private-address",))


class RobotParser(ProtegoRobotParser):
    """Scrapy's parser, which also tells the sitemaps that robots.txt lists."""

    def sitemaps(self) -> list[str]:
        """The addresses of the `Sitemap:` lines, as written."""
        return [str(address) for address in self.rp.sitemaps]


class CachedRobots(RobotsTxtMiddleware):
    """Downloader middleware: lets pass what each host's robots.txt allows.

    A robots.txt that does not exist (4xx) allows everything. One that an error of server or network
    keeps from us (5xx, 429, no answer) forbids everything, RFC 9309, 2.3.1.4, unless an earlier
    one is younger than 30 days: that one holds on. The signal `robots_parsed` is sent whenever one
    is read, be it from the host or from the store.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._hosts: PerHost[AnyParser | Refused | None] = PerHost()

    async def robot_parser(self, request: Request) -> AnyParser | None:
        """The rules of the request's host; raises Refused where nothing of it may be fetched."""
        told = await self._hosts.of(urlsplit(request.url).netloc, partial(self._read, request))
        if isinstance(told, Refused):
            raise Refused(told.reason, told.detail)
        return told

    def is_forbidden(self, url: str) -> bool:
        """Whether the robots.txt of the address's host, as far as it was read, forbids it."""
        told = self._hosts.known(urlsplit(url).netloc)
        agent = self._robotstxt_useragent or self._default_useragent
        return isinstance(told, AnyParser) and not told.allowed(url, agent)

    async def _read(self, request: Request) -> tuple[AnyParser | Refused | None, float]:
        found = await host_file(self.crawler, request.url, "/robots.txt", _FRESH)
        self._count(found)
        lasts = found.lasts(_FRESH) if found.failure is None else RETRY_AFTER
        if found.file is not None:
            return await self._parsed(found.file.body, request), lasts
        assert found.failure
        if found.failure.reason in _NO_FILE:
            return await self._parsed(b"", request), lasts
        return _refusal(found.failure), lasts

    async def _parsed(self, body: bytes, request: Request) -> AnyParser:
        parser: AnyParser = build_from_crawler(self._parserimpl, self.crawler, body)
        # The spider learns of sitemaps by it, and SiteDelay of a Crawl-delay.
        await self.crawler.signals.send_catch_log_async(
            signal=signals.robots_parsed, robotparser=parser, request=request
        )
        return parser

    def _count(self, found: Found) -> None:
        kind = "cached" if not found.asked else "unreachable" if found.failure else "read"
        self._stats.inc_value(f"robotstxt/{kind}")


def _refusal(failure: FetchFailure) -> Refused | None:
    """What keeps every page of a host from being fetched; None for a host that is not there."""
    if failure.reason in _NO_HOST:
        return None
    if failure.reason in _OF_THE_HOST:
        return Refused(failure.reason, failure.detail)
    detail = f"robots.txt cannot be read, and without it nothing is fetched: {failure.detail}"
    return Refused("robots-unreachable", detail)
