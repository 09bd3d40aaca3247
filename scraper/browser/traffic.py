"""What one page in the browser asks for, and what it gets.

The browser has no network: each request of a page comes here. Of the page's own scripts, styles and
data, what Marrow's download handler brings is given to it; all else gets nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag

from playwright.async_api import BrowserContext, Error, Page, Request, Route
from scrapy.http import Response

from scraper.addresses import host_of
from scraper.failures import explain

logger = logging.getLogger(__name__)

# What can hold text or make it. Pictures, films and fonts hold none; frames hold pages of their
# own, mostly advertisements; beacons and reports are for the site alone.
_TEXT = frozenset(("script", "stylesheet", "xhr", "fetch"))
# Of these, what a site answers anew each time.
_DATA = frozenset(("xhr", "fetch"))
# "Not now": what the host says so often of its data, it says of its pages.
_NOT_NOW = frozenset((429, 503))
# What many pages of a site share, and need not be asked for with each of them.
_SHARED = frozenset(("script", "stylesheet"))
_METHODS = frozenset(("GET", "HEAD", "POST"))
# Of one page: requests, and bytes, that are answered. Heavy pages make some 150 requests for text
# and have 20 MB of scripts.
MOST_REQUESTS = 300
MOST_BYTES = 50_000_000
# At a time, as browsers have it for each host.
_AT_ONCE = 6
# Headers that a page's own requests do not carry on: Marrow's are sent (a browser's name would be a
# lie), and cookies are not kept.
_NOT_PASSED = ("sec-", "cookie", "user-agent", "accept-encoding", "host", "connection", "upgrade-")
# Headers of an answer that speak of bytes as they were sent, or that are to be kept by a browser.
_NOT_GIVEN = frozenset(
    ("content-encoding", "content-length", "transfer-encoding", "set-cookie", "connection")
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of a page: what the download handler needs to know."""

    url: str
    method: str
    headers: Mapping[str, str]
    body: bytes


Fetch = Callable[[Asked], Awaitable[Response]]


@dataclass(slots=True)
class Shared:
    """Scripts and styles of the sites, kept for the crawl: the first ones, up to `most` bytes."""

    most: int = 32_000_000
    _held: int = 0
    _answers: dict[str, Response] = field(default_factory=dict)

    def get(self, url: str) -> Response | None:
        """The answer that is kept."""
        return self._answers.get(url)

    def put(self, url: str, answer: Response) -> None:
        """Keep an answer that may be kept."""
        told = (answer.headers.get("Cache-Control") or b"").lower()
        size = len(answer.body)
        if answer.status != 200 or b"no-store" in told or self._held + size > self.most:
            return
        self._held += size
        self._answers[url] = answer


class Traffic:
    """The requests of one page, which the server sent as `document`.

    `ended` is set when there is nothing more to wait for: a script leads away (`moved`), the page
    has crashed, or its host has no time for what fills it (`busy`, the answer). While `settled`, a
    page that would lead away stays where it is.
    """

    def __init__(self, document: Response, fetch: Fetch, shared: Shared) -> None:
        self._document = document
        self._fetch = fetch
        self._shared = shared
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._begun = False
        self._asked = 0
        self._in_flight = 0
        self._last = time.monotonic()
        self.settled = False
        self.ended = asyncio.Event()
        self.moved: str | None = None
        self.crashed = False
        self.busy: Response | None = None
        self.received = 0
        self.refused: Counter[str] = Counter()

    async def attach(self, page: Page, _request: Any) -> None:
        """Take over all that a new page asks for; close what it opens."""

        async def close(opened: Page) -> None:
            if opened is not page:
                await _quietly(opened.close())

        def crash(_page: Page) -> None:
            self.crashed = True
            self.ended.set()

        context: BrowserContext = page.context
        context.on("page", close)
        page.on("crash", crash)
        # For what the page opens; then for the page itself, before the routes of scrapy-playwright.
        await context.route("**/*", lambda route: _quietly(route.abort()))
        await page.route("**/*", lambda route: self._answer(page, route))
        await page.route_web_socket("**/*", lambda socket: _quietly(socket.close()))

    def quiet_for(self) -> float:
        """Seconds since the page last asked for something or got it; 0 while it waits."""
        return 0.0 if self._in_flight else time.monotonic() - self._last

    async def _answer(self, page: Page, route: Route) -> None:
        request = route.request
        if request.is_navigation_request():
            await _quietly(self._navigate(page, route))
        elif request.resource_type not in _TEXT or not request.url.startswith(("http:", "https:")):
            await _quietly(route.abort())
        elif request.method not in _METHODS or self._asked >= MOST_REQUESTS:
            await self._refuse(route, "too many requests")
        elif self.received >= MOST_BYTES:
            await self._refuse(route, "too many bytes")
        else:
            self._asked += 1
            await self._serve(route)

    async def _navigate(self, page: Page, route: Route) -> None:
        """The page itself, once; then wherever a script leads, which is not shown."""
        request = route.request
        if not _is_of(request, page):
            await route.abort()
        elif not self._begun:
            self._begun = True
            await route.fulfill(
                status=self._document.status,
                headers=_headers(self._document),
                body=self._document.body,
            )
        else:
            target, here = urldefrag(request.url).url, urldefrag(self._document.url).url
            if not self.settled and target != here and self.moved is None:
                self.moved = request.url
                self.ended.set()
            # "No content": the page stays, where an abort would put an error page in its place.
            await route.fulfill(status=204)

    async def _serve(self, route: Route) -> None:
        request = route.request
        shared = request.resource_type in _SHARED and request.method == "GET"
        self._in_flight += 1
        try:
            answer = self._shared.get(request.url) if shared else None
            if answer is None:
                async with self._slots:
                    answer = await self._fetch(_asked(request))
                self.received += len(answer.body)
                self._note_status(request, answer)
                if shared:
                    self._shared.put(request.url, answer)
            await _quietly(
                route.fulfill(status=answer.status, headers=_headers(answer), body=answer.body)
            )
        except Exception as error:  # whatever a download can end with; `explain` names each kind
            told = explain(error)
            logger.debug("%s, asked for by a page: %s", request.url, told.detail)
            await self._refuse(route, told.reason)
        finally:
            self._in_flight -= 1
            self._last = time.monotonic()

    def _note_status(self, request: Request, answer: Response) -> None:
        """What it says of the page that its data could not be had."""
        if request.resource_type not in _DATA or answer.status < 400:
            return
        self.refused[f"http-{answer.status}"] += 1
        if answer.status in _NOT_NOW and host_of(request.url) == host_of(self._document.url):
            self.busy = answer
            self.ended.set()

    async def _refuse(self, route: Route, why: str) -> None:
        self.refused[why] += 1
        await _quietly(route.abort())


def _is_of(request: Request, page: Page) -> bool:
    """Whether a navigation is that of the page itself, not of a frame in it."""
    try:
        return request.frame == page.main_frame
    except Error:  # a page that is only being opened has no frame yet
        return False


def _asked(request: Request) -> Asked:
    passed = {
        name: value
        for name, value in request.headers.items()
        if not name.lower().startswith(_NOT_PASSED)
    }
    return Asked(request.url, request.method, passed, request.post_data_buffer or b"")


def _headers(response: Response) -> dict[str, str]:
    """The headers as playwright takes them."""
    return {
        str(name): value
        for name, value in response.headers.to_unicode_dict().items()
        if str(name).lower() not in _NOT_GIVEN
    }


async def _quietly(step: Awaitable[Any]) -> None:
    """A step on a page that may have been closed meanwhile."""
    try:
        await step
    except Error as error:
        logger.debug("the page has gone on without an answer: %s", error.message)
