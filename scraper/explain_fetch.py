"""One page from the web, asked for once and politely: as a crawl would, robots.txt included."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.settings import Settings
from twisted.python.failure import Failure

from scraper.failures import explain

# A page that is looked at is no run: no folder, no records, and no mining of texts.
_NO_RUN = {"RUN_FOLDER": False, "ITEM_PIPELINES": {}, "FEEDS": {}, "OBEY_DIRECTIVES": []}


class FetchError(Exception):
    """The page could not be had; the message says why, with the code that a crawl counts it by."""


class OnePage(Spider):
    """Asks for one address and keeps the answer."""

    name = "explain"

    def __init__(self, url: str, answers: list[Response | str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._url = url
        self._answers = answers

    def trusted_hosts(self) -> frozenset[str]:
        """The host that the user names."""
        return frozenset([urlsplit(self._url).hostname or ""])

    async def start(self) -> AsyncIterator[Any]:
        """The one request."""
        yield Request(self._url, callback=self.take, errback=self.fail)

    def take(self, response: Response) -> None:
        """Keep the response."""
        self._answers.append(response)

    def fail(self, failure: Failure) -> None:
        """Keep the reason why there is none."""
        assert failure.value is not None
        found = explain(failure.value)
        self._answers.append(f"{found.reason}: {found.detail}")


def fetch(url: str, settings: Settings) -> Response:
    """The response for `url`, redirects followed.

    Raises FetchError, and KeyboardInterrupt where the user stopped it. Runs Scrapy's reactor, which
    a process can do once.
    """
    quiet = settings.copy()
    quiet.setdict(_NO_RUN, priority="cmdline")
    # What goes wrong is told in one line; `-L` tells more.
    quiet.set("LOG_LEVEL", "CRITICAL", priority="spider")
    answers: list[Response | str] = []
    process = AsyncCrawlerProcess(quiet)
    task = process.crawl(OnePage, url=url, answers=answers)
    try:
        # Scrapy's own handlers of signals would wait for the answer.
        process.start(install_signal_handlers=False)
    except KeyboardInterrupt:
        end_threads()
        raise
    if not answers:
        error = task.exception() if task.done() and not task.cancelled() else None
        if error is None:
            raise KeyboardInterrupt
        answers.append(f"the fetch could not start: {type(error).__name__}: {error}")
    if isinstance(answers[0], str):
        raise FetchError(f"{url}: {answers[0]}")
    return answers[0]


def end_threads() -> None:
    """End the reactor's threads, which look up names and would keep the process alive."""
    from twisted.internet import reactor  # only now: the import installs one

    reactor.getThreadPool().stop()
