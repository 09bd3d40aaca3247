"""Politeness across processes: a downloader middleware that is at rest without FRONTIER."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from twisted.internet.task import LoopingCall

from scraper.runs import run_of
from scraper.unkept import unkept_ends

if TYPE_CHECKING:  # Redis is loaded only where it is asked for
    from scraper.shared.gate import Gate

_TICKET = "gate_ticket"
# Seconds to wait longest for a host that is busy, so that the server is not asked without end.
_BUSY_MOST = 0.32
# Seconds between two looks at what other processes know of hosts that want to be left alone.
_HOLDS_EVERY = 1.0


class SharedPoliteness:
    """Next to the network: each request waits until its host may be asked, whoever asks."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._loop = LoopingCall(self._share_holds)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy, once a crawl."""
        if not crawler.settings["FRONTIER"]:
            raise NotConfigured
        middleware = cls(crawler)
        crawler.signals.connect(middleware.spider_opened, signals.spider_opened)
        crawler.signals.connect(middleware.spider_closed, signals.spider_closed)
        return middleware

    def spider_opened(self) -> None:
        """Begin to share what is known of hosts."""
        self._loop.start(_HOLDS_EVERY, now=False)

    def spider_closed(self) -> None:
        """Share no more."""
        if self._loop.running:
            self._loop.stop()

    async def process_request(self, request: Request) -> None:
        """Let the request wait for its turn among all processes."""
        gate = self._gate
        if gate is None:
            return
        host, ticket = self._slot(request), gate.ticket()
        least = 0.0
        while wait := gate.enter(host, self._delay(host), ticket):
            await asyncio.sleep(max(wait, least))
            least = min(2 * max(least, wait), _BUSY_MOST)
        request.meta[_TICKET] = (host, ticket)

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002 - Scrapy's signature
    ) -> Response:
        """The request has come back."""
        self._leave(request)
        return response

    def process_exception(
        self,
        request: Request,
        exception: Exception,  # noqa: ARG002 - Scrapy's signature
        spider: Spider | None = None,  # noqa: ARG002
    ) -> None:
        """It has failed."""
        self._leave(request)

    @property
    def _gate(self) -> Gate | None:
        run = run_of(self._crawler)
        return getattr(run.state, "gate", None) if run else None

    def _leave(self, request: Request) -> None:
        held: tuple[str, str] | None = request.meta.pop(_TICKET, None)
        if held and self._gate:
            self._gate.leave(*held)

    def _slot(self, request: Request) -> str:
        assert self._crawler.engine
        slot: str = self._crawler.engine.downloader.get_slot_key(request)
        return slot

    def _delay(self, host: str) -> float:
        """Seconds between requests to a host, as this process knows them by now."""
        assert self._crawler.engine
        downloader: Any = self._crawler.engine.downloader
        if host in downloader.slots:
            return float(downloader.slots[host].delay)
        known = downloader.per_slot_settings.get(host, {})
        return float(known.get("delay", self._crawler.settings.getfloat("DOWNLOAD_DELAY")))

    def _share_holds(self) -> None:
        """Tell which hosts are paused here, and pause those that are paused elsewhere."""
        spider, run = self._crawler.spider, run_of(self._crawler)
        gate, health = self._gate, getattr(spider, "health", None)
        if gate is None or health is None or run is None or run.state is None:
            return
        with unkept_ends(spider):  # type: ignore[arg-type]
            now = run.state.now()
            gate.hold(health.resting(), now)
            for host, seconds in gate.held(now).items():
                health.hold(host, seconds)
