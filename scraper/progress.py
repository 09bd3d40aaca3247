"""How far a crawl is, on a terminal: one line on stderr, a few times a second."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from time import monotonic
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call

from scraper.leases import Leases
from scraper.site_crawl import SiteCrawl
from scraper.status_line import StatusLine

# Seconds between two looks, and looks over which pages a second are counted: ten seconds.
_PERIOD = 0.25
_LOOKS = 40


class Progress:
    """Scrapy extension: pages, articles, rejects, pages a second, sites left.

    At rest where stderr is no terminal, with `--cron`, with `PROGRESS=False`, and where records go
    to standard output, which may be the same terminal.
    """

    def __init__(self, crawler: Crawler, clock: Callable[[], float] = monotonic) -> None:
        self._crawler = crawler
        self._clock = clock
        self._looks: deque[tuple[float, int]] = deque(maxlen=_LOOKS)
        self._calls = create_looping_call(self._look)
        self._line: StatusLine | None = None
        self._shown = ExitStack()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy, once a crawl."""
        plain = os.environ.get("TERM", "dumb") == "dumb"
        on_stdout = "stdout:" in crawler.settings.getdict("FEEDS")
        if plain or on_stdout or not (crawler.settings.getbool("PROGRESS") and sys.stderr.isatty()):
            raise NotConfigured
        progress = cls(crawler)
        crawler.signals.connect(progress.engine_started, signals.engine_started)
        crawler.signals.connect(progress.spider_closed, signals.spider_closed)
        return progress

    def engine_started(self) -> None:
        """Show the line from now on."""
        self._line = self._shown.enter_context(StatusLine(sys.stderr))
        self._calls.start(_PERIOD, now=False)

    def spider_closed(self) -> None:
        """Leave the terminal as it was."""
        if self._calls.running:
            self._calls.stop()
        self._shown.close()

    def _look(self) -> None:
        assert self._line
        stats = self._crawler.stats
        crawls: dict[str, SiteCrawl] = getattr(self._crawler.spider, "crawls", {})
        pages = sum(crawl.done for crawl in crawls.values())
        if not crawls:
            pages = stats.get_value("downloader/response_count", 0)
        parts = [
            _many(pages, "page"),
            _many(stats.get_value("marrow/articles", 0), "article"),
            f"{stats.get_value('marrow/rejected', 0):,} rejected",
            f"{self._rate(pages):.1f} pages/s",
        ]
        leases: Leases | None = getattr(self._crawler.spider, "leases", None)
        if leases:
            left = sum(_is_left(crawl, leases) for crawl in crawls.values())
            parts.append(f"{_many(left, 'site')} left")
        self._line.show(parts)

    def _rate(self, pages: int) -> float:
        """Pages a second, of late."""
        now = self._clock()
        self._looks.append((now, pages))
        began, before = self._looks[0]
        return (pages - before) / (now - began) if now > began else 0.0


def _is_left(crawl: SiteCrawl, leases: Leases) -> bool:
    """Whether pages of the site are on their way, or wait for their turn in this run."""
    return crawl.asked > crawl.done or not (crawl.full or leases.is_empty(crawl))


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
