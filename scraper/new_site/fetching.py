"""Asking for a few addresses, politely: through all that stands between a crawl and a site.

robots.txt, delays, redirects, private addresses, sizes and certificates are the business of the
same middlewares and handlers as in a crawl; nothing is kept.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.settings import BaseSettings, Settings

from scraper.addresses import host_of
from scraper.explain_fetch import end_threads
from scraper.failures import FetchFailure, explain, explain_status
from scraper.robots import RobotParser
from scraper.spiders.articles import ArticlesSpider

# A site that is looked at is no run: no folder, no records, no archive.
_NO_RUN = {"RUN_FOLDER": False, "ITEM_PIPELINES": {}, "FEEDS": {}, "STATE": False}


class Fetcher:
    """Asks for addresses, at most `most` of them; `tell` hears what comes, for people who wait."""

    def __init__(self, crawler: Crawler, most: int, tell: Callable[[str], None]) -> None:
        self.settings = crawler.settings
        self.tell = tell
        self._crawler = crawler
        self._left = most
        self._robots: dict[str | None, Any] = {}
        agent = crawler.settings["ROBOTSTXT_USER_AGENT"] or crawler.settings["USER_AGENT"]
        self.agent = str(agent)
        crawler.signals.connect(self._robots_parsed, signals.robots_parsed)

    async def get(self, address: str, largest: int | None = None) -> Response | FetchFailure:
        """The answer (status 200), redirects followed; `largest` in bytes, else as the settings."""
        if self._left <= 0:
            return FetchFailure("over-limit", "as many pages as may be were asked for")
        self._left -= 1
        meta = {"download_maxsize": largest} if largest else {}
        assert self._crawler.engine
        try:
            request = Request(address, NO_CALLBACK, meta=meta, dont_filter=True)
            response = await self._crawler.engine.download_async(request)
        except Exception as error:  # whatever a download can end with; `explain` names each kind
            return explain(error)
        return response if response.status == 200 else explain_status(response.status)

    def sitemaps_named(self, address: str) -> list[str]:
        """The sitemaps that the robots.txt of the address's host lists, as written."""
        parser = self._robots.get(host_of(address))
        return list(parser.sitemaps()) if isinstance(parser, RobotParser) else []

    def delay_asked(self, address: str) -> float | None:
        """The Crawl-delay that its robots.txt asks of us (seconds)."""
        parser = self._robots.get(host_of(address))
        asked = parser.crawl_delay(self.agent) if isinstance(parser, RobotParser) else None
        return float(asked) if asked else None

    def allows(self, address: str) -> bool:
        """Whether the robots.txt of the address's host, as far as it is known, allows it."""
        parser = self._robots.get(host_of(address))
        obeyed = self.settings.getbool("ROBOTSTXT_OBEY")
        return parser is None or not obeyed or bool(parser.allowed(address, self.agent))

    def _robots_parsed(self, robotparser: Any, request: Request) -> None:
        self._robots[host_of(request.url)] = robotparser


Errand = Callable[[Fetcher], Awaitable[None]]


class ErrandSpider(Spider):
    """Runs an errand; yields nothing."""

    name = "site"

    def __init__(
        self,
        errand: Errand,
        hosts: Iterable[str],
        most: int,
        tell: Callable[[str], None],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._errand = errand
        self._hosts = frozenset(hosts)
        self._most = most
        self._tell = tell

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Have the site see who asks, and how often, as in a crawl."""
        super().update_settings(settings)
        ArticlesSpider.update_settings(settings)

    def trusted_hosts(self) -> frozenset[str]:
        """The hosts that the user names."""
        return self._hosts

    async def start(self) -> AsyncIterator[Any]:
        """The errand, from its beginning to its end."""
        await self._errand(Fetcher(self.crawler, self._most, self._tell))
        return
        yield  # Scrapy asks for a generator


def run_errand(
    errand: Errand,
    named: Iterable[str],
    settings: Settings,
    most: int,
    tell: Callable[[str], None],
) -> None:
    """Run the errand in Scrapy's reactor, which a process can do once.

    `named` are the addresses that the user gave. Raises what the errand raises, and
    KeyboardInterrupt where the user stopped it.
    """
    quiet = settings.copy()
    quiet.setdict(_NO_RUN, priority="cmdline")
    quiet.set("LOG_LEVEL", "CRITICAL", priority="spider")  # what goes wrong is told in a sentence
    failed: list[BaseException] = []
    done: list[bool] = []

    async def watched(fetcher: Fetcher) -> None:
        try:
            await errand(fetcher)
            done.append(True)
        except Exception as error:  # Scrapy would log it; it is for the caller
            failed.append(error)

    hosts = {urlsplit(address).hostname or "" for address in named}
    process = AsyncCrawlerProcess(quiet)
    process.crawl(ErrandSpider, errand=watched, hosts=hosts, most=most, tell=tell)
    try:
        # Scrapy's own handlers of signals would wait for what is on its way.
        process.start(install_signal_handlers=False)
    except KeyboardInterrupt:
        end_threads()
        raise
    if failed:
        raise failed[0]
    if not done:
        raise KeyboardInterrupt
