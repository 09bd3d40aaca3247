"""Downloader middleware: tells how hosts answer, and lets failed pages wait for their next try.

In place of Scrapy's RetryMiddleware, which asks again at once. A spider without the attribute
`health` (a `HostHealth`) is served as Scrapy does it.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost

from scraper.addresses import host_of
from scraper.failures import FetchFailure, Postponed, explain, explain_status
from scraper.host_health import HostHealth, retry_after_of, spoken
from scraper.responses import CUT_SHORT

logger = logging.getLogger(__name__)

# What ends a download for a reason that lies with the host or the way to it: it is not known, does
# not listen, breaks off, speaks no TLS that we trust, or is silent.
_HOST_FAILURES = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    ConnectError,
    ConnectionDone,
    ConnectionLost,
)
# The statuses that RFC 9110 (10.2.3) and RFC 6585 (4) give a Retry-After.
_TELL_WHEN = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


class BackOff(RetryMiddleware):
    """What fails and may pass is tried again: later what the state holds, at once all else.

    A request of the state's frontier has `meta["leased"]`, and in `meta["tries"]` how often its row
    was tried in this run before. Such a failure raises `Postponed` as long as tries are left, or
    where the host is given up for this run; the last one passes on as it is.
    """

    def __init__(self, settings: BaseSettings) -> None:
        self._tries_again = settings.getbool("RETRY_ENABLED")
        # Scrapy's class refuses to be made without; hosts are to be left alone all the same.
        made = BaseSettings(settings)
        made.set("RETRY_ENABLED", True, priority="cmdline")
        super().__init__(made)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy, once a crawl."""
        middleware = super().from_crawler(crawler)
        # Sooner than process_response, which sees no redirects: these have been followed by then.
        crawler.signals.connect(middleware.response_downloaded, signals.response_downloaded)
        return middleware

    @property
    def _health(self) -> HostHealth | None:
        return getattr(self.crawler.spider, "health", None)

    def response_downloaded(self, response: Response, request: Request) -> None:
        """Tell what the answer says of its host."""
        if self._health is None:
            return
        host, status = host_of(request.url) or "", response.status
        if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._fail(host, explain_status(status), _retry_after(response))
        else:
            self._health.answered(host)

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002 - as in the class extended
    ) -> Request | Response:
        """The response, or a try again where its status may pass."""
        if not self._tries_again:
            return response
        if self._health and request.meta.get("leased"):
            failure = self._failure_of(response)
            if failure and self._may_pass(request):
                raise self._postponed(request, failure, self._health)
            return response
        if self._health and _retry_after(response) is not None:
            return response  # asking again at once is what the host does not want
        return super().process_response(request, response)

    def process_exception(
        self,
        request: Request,
        exception: Exception,
        spider: Spider | None = None,  # noqa: ARG002 - as in the class extended
    ) -> Request | Response | None:
        """Tell what the error says of the host; try again where it may pass."""
        if self._health:
            self._tell_exception(host_of(request.url) or "", exception, self._health)
        if not self._tries_again:
            return None
        if self._health and request.meta.get("leased"):
            if isinstance(exception, self.exceptions_to_retry) and self._may_pass(request):
                raise self._postponed(request, explain(exception), self._health)
            return None
        return super().process_exception(request, exception)

    def _tell_exception(self, host: str, exception: Exception, health: HostHealth) -> None:
        if isinstance(exception, _HOST_FAILURES):
            self._fail(host, explain(exception))
        elif isinstance(exception, DownloadCancelledError):
            health.answered(host)  # cut off by ourselves, as too large
        else:
            health.unasked(host)

    def _fail(self, host: str, failure: FetchFailure, retry_after: float | None = None) -> None:
        assert self._health
        if host in self._health.given_up():
            return
        self._health.failed(host, failure.detail, retry_after=retry_after)
        if sentence := self._health.given_up().get(host):
            logger.info("%s", sentence)  # the spider tells it in the end
            return
        paused = spoken(self._health.remaining(host))
        logger.info("%s is left alone for %s: %s", host, paused, failure.detail)

    def _failure_of(self, response: Response) -> FetchFailure | None:
        """What is wrong with a response that may be whole the next time."""
        if response.status in self.retry_http_codes:
            return explain_status(response.status)
        if CUT_SHORT in response.flags:
            return FetchFailure("truncated", "the compressed page ends too soon", response.status)
        return None

    def _may_pass(self, request: Request) -> bool:
        """Whether a page that failed in such a way is asked for again."""
        if request.meta.get("dont_retry"):
            return False
        assert self._health
        most = request.meta.get("max_retry_times", self.max_retry_times)
        left: bool = request.meta.get("tries", 0) < most
        return left or host_of(request.url) in self._health.given_up()

    def _postponed(self, request: Request, failure: FetchFailure, health: HostHealth) -> Postponed:
        host = host_of(request.url) or ""
        self.crawler.stats.inc_value("retry/count")
        self.crawler.stats.inc_value(f"retry/reason_count/{failure.reason}")
        detail = health.given_up().get(host, failure.detail)
        seconds = health.page_wait(host, request.meta.get("tries", 0))
        return Postponed(failure.reason, detail, seconds)


def _retry_after(response: Response) -> float | None:
    """Seconds; None where the answer does not say when to come back."""
    if response.status not in _TELL_WHEN:
        return None
    asked, sent = (response.headers.get(name) for name in ("Retry-After", "Date"))
    if not asked:
        return None
    date = sent.decode("latin-1") if sent else None
    return retry_after_of(asked.decode("latin-1"), date, datetime.now(UTC))
