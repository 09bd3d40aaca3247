"""One browser for a crawl, by scrapy-playwright; each page has it for itself, for a bounded time.

Every page gets a context of its own: no cookie, no stored value and no worker of one page is there
for the next, and what it held in memory is given back.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

from playwright.async_api import Error, Page
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
from scrapy_playwright.page import PageMethod

from scraper.browser.acting import Reading
from scraper.browser.memory import watch
from scraper.browser.switch import Javascript
from scraper.browser.traffic import Fetch, Shared, Traffic
from scraper.failures import BrowserFailedError, Refused

logger = logging.getLogger(__name__)

# Pages after which the browser is started anew: what it does not give back stays small.
RESTART_AFTER = 200
# Pixels. Twice as high as a screen: what is shown late, as a reader comes near it, is there.
_WINDOW = {"width": 1280, "height": 2000}
# Seconds in which a page that is no more wanted closes; a browser that does not is ended.
_CLOSES = 5.0
# Seconds in which a page whose time is over answers, unless a script of its holds on.
_LETS_GO = 2.0
# What playwright says when the process that drives the browser is gone, or starts none.
_DRIVER_DIED = ("Connection closed", "BrowserType.launch")
# Of a page's time, the share in which something is done with it; the rest is for taking it.
_ACTING = 0.8


@dataclass(frozen=True, slots=True)
class Taken:
    """A page when it was taken from the browser: its mark-up, or None where `traffic` says why."""

    html: str | None
    traffic: Traffic


class Renderer:
    """Runs the scripts of pages. Raises Refused for one that cannot be had, BrowserFailedError
    where the browser is to blame, and the page may be asked for again.
    """

    def __init__(self, crawler: Crawler) -> None:
        logging.getLogger("scrapy-playwright").setLevel(logging.ERROR)  # we tell it ourselves
        logging.getLogger("asyncio").addFilter(_is_not_playwrights)
        settings = crawler.settings
        self._browser = ScrapyPlaywrightDownloadHandler(crawler)
        self._browser.config.target_closed_max_retries = 0
        self._timeout = settings.getfloat("BROWSER_TIMEOUT")
        self._largest = settings.getint("DOWNLOAD_MAXSIZE")
        self._agent = settings["USER_AGENT"]
        self._slots = asyncio.Semaphore(int(settings.getfloat("BROWSER_PAGES")))
        self._door = asyncio.Lock()
        self._numbers = count(1)
        self._open = 0
        self._since_start = 0
        self._empty = asyncio.Event()
        self._empty.set()
        self._watch: asyncio.Task[None] | None = None
        self._shared = Shared()

    async def render(self, document: Response, how: Javascript, fetch: Fetch) -> Taken:
        """The page after its scripts have run. `fetch` brings what they ask for."""
        async with self._slots, self._place():
            driver = self._browser.browser_provider
            traffic = Traffic(document, fetch, self._shared)
            request = self._request(document, how, traffic)
            try:
                html = await self._taken(request, traffic)
            except BrowserFailedError as error:
                if any(sign in str(error) for sign in _DRIVER_DIED):
                    await self._start_driver(driver)
                raise
            finally:
                await self._leave(request)
            return Taken(html, traffic)

    async def close(self) -> None:
        """End the browser."""
        if self._watch is not None:
            self._watch.cancel()
        with suppress(Error, asyncio.TimeoutError):
            await asyncio.wait_for(self._browser.close(), _CLOSES)

    def _request(self, document: Response, how: Javascript, traffic: Traffic) -> Request:
        deadline = time.monotonic() + self._timeout * _ACTING
        reading = Reading(traffic, how, deadline)
        meta = {
            "playwright": True,
            "playwright_include_page": True,  # closed by us, whatever happens
            "playwright_context": f"page-{next(self._numbers)}",
            "playwright_context_kwargs": {
                "viewport": _WINDOW,
                "user_agent": self._agent,
                "service_workers": "block",
                "accept_downloads": False,
            },
            "playwright_page_init_callback": traffic.attach,
            "playwright_page_goto_kwargs": {"wait_until": "domcontentloaded"},
            "playwright_page_methods": [
                PageMethod(reading.read),
                PageMethod(self._require_size),
            ],
        }
        return Request(document.url, meta=meta, dont_filter=True)

    async def _taken(self, request: Request, traffic: Traffic) -> str | None:
        """The mark-up of the page; None where there is none: `traffic` says why."""
        load = asyncio.ensure_future(self._browser.download_request(request))
        end = asyncio.ensure_future(traffic.ended.wait())
        try:
            await asyncio.wait({load, end}, timeout=self._timeout, return_when="FIRST_COMPLETED")
            if traffic.moved or traffic.busy:
                return None
            if traffic.crashed:
                raise Refused("page-crashed", _CRASHED)
            return str(load.result().text) if load.done() else await self._as_it_is(request)
        except Error as error:
            if traffic.crashed:
                raise Refused("page-crashed", _CRASHED) from None
            raise BrowserFailedError(_reason(error)) from None
        finally:
            for task in (load, end):
                task.cancel()
            await asyncio.gather(load, end, return_exceptions=True)

    async def _as_it_is(self, request: Request) -> str:
        """The mark-up of a page that is still loading; Refused where its scripts never let go."""
        page: Page | None = request.meta.get("playwright_page")
        if page is None:
            raise BrowserFailedError("it did not start in time")
        try:
            await asyncio.wait_for(self._require_size(page), _LETS_GO)
            return await asyncio.wait_for(page.content(), _LETS_GO)
        except TimeoutError:
            raise Refused("browser-timeout", _TIMEOUT) from None

    async def _require_size(self, page: Page) -> None:
        size = await page.evaluate("() => document.documentElement.outerHTML.length")
        if size > self._largest:
            raise Refused("too-large", "larger than DOWNLOAD_MAXSIZE once its scripts have run")

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """A place in a browser that is not too old."""
        async with self._door:
            if self._since_start >= RESTART_AFTER:
                await self._empty.wait()
                await self._end_browser()
            self._since_start += 1
            self._open += 1
            self._empty.clear()
        if self._watch is None:
            self._watch = asyncio.create_task(watch())
        try:
            yield
        finally:
            self._open -= 1
            if not self._open:
                self._empty.set()

    async def _leave(self, request: Request) -> None:
        """Close a page with all that belongs to it; where it cannot be closed, the browser."""
        page: Page | None = request.meta.get("playwright_page")
        context = self._browser.context_wrappers.get(request.meta["playwright_context"])
        found = page.context if page else context.context if context else None
        try:
            if found is not None:
                await asyncio.wait_for(found.close(), _CLOSES)
        except (Error, TimeoutError):
            await self._end_browser()
        browser: Any = getattr(self._browser, "browser", None)
        if browser is not None and not browser.is_connected():
            await self._end_browser()

    async def _start_driver(self, dead: Any) -> None:
        """Start the process anew that drives the browser, unless another page has done so."""
        async with self._door:
            if self._browser.browser_provider is not dead:
                return
            self._forget_browser()
            with suppress(Exception):  # whatever it ends with, it is not used any more
                await asyncio.wait_for(dead.close(), _CLOSES)
            driver = self._browser.browser_provider_cls(self._browser.config)
            await driver.start()
            self._browser.browser_provider = driver

    def _forget_browser(self) -> None:
        """Have scrapy-playwright start another, as it does itself unless an error stops it."""
        self._browser.context_wrappers.clear()
        with suppress(AttributeError):
            del self._browser.browser

    async def _end_browser(self) -> None:
        """End the browser; the next page starts another."""
        self._since_start = 0
        browser: Any = getattr(self._browser, "browser", None)
        if browser is None:
            return
        with suppress(Error, TimeoutError):
            await asyncio.wait_for(browser.close(), _CLOSES)
        await asyncio.sleep(0)  # it hears of it
        if getattr(self._browser, "browser", None) is browser:
            self._forget_browser()


def _is_not_playwrights(record: logging.LogRecord) -> bool:
    """Whether a log line is about anything but tasks that playwright left when it was killed."""
    told = record.getMessage()
    return "playwright" not in told and "reading from the driver" not in told


def _reason(error: Error) -> str:
    """The first line of what playwright says, and what it says of Chromium's sandbox."""
    told = error.message.strip()
    if "no usable sandbox" in told.lower():
        return "Chromium can make no sandbox here: the system must allow user namespaces"
    return told.split("\n", 1)[0]


_CRASHED = "the page crashed in the browser, as pages do whose scripts take too much memory"
_TIMEOUT = (
    "its scripts did not come to an end in the browser; -s BROWSER_TIMEOUT=SECONDS allows more"
)
