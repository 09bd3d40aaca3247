"""Has the pages of sites with the switch `javascript` read in a browser.

`BrowserPages` is a Scrapy add-on (setting ADDONS), at rest where no site has the switch, and where
pages come from the archive. Settings: BROWSER_PATH, BROWSER_PAGES, BROWSER_TIMEOUT.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.settings import BaseSettings

from scraper.arguments import CrawlPlan
from scraper.browser.available import browser_path, require_browser
from scraper.browser.switch import needs_browser

if TYPE_CHECKING:
    from scraper.browser.rendering import Renderer

_HANDLER = "scraper.browser.handler.BrowserHandler"
_RETRIED = "scraper.failures.BrowserFailedError"
# A proxy where nobody listens (port 9, "discard"): see `_FLAGS`.
_NOWHERE = "http://127.0.0.1:9"
# MB that the scripts of one page may keep; a reader's browser has some 4,000.
_SCRIPT_MEMORY = 512
# The browser has no network. All that a page asks for is fetched by Marrow's own download handler,
# which looks up names, refuses private addresses and checks certificates as it does for every
# page; what would find a way past that meets a dead proxy, and no name is known.
_FLAGS = (
    f"--proxy-server={_NOWHERE}",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
    "--blink-settings=imagesEnabled=false",
    f"--js-flags=--max-old-space-size={_SCRIPT_MEMORY}",
)


class BrowserPages:
    """The browser of a crawl, made when its download handler is."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._renderer: Renderer | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy, once a crawl."""
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        """Have http and https served by BrowserHandler, where a site is to be read in a browser."""
        plan: CrawlPlan | None = getattr(self._crawler.spider, "plan", None)
        if plan is None or settings.get("REPLAY") or not needs_browser(plan.sites):
            raise NotConfigured
        require_browser(settings)
        handlers = {**settings.getdict("DOWNLOAD_HANDLERS"), "http": _HANDLER, "https": _HANDLER}
        settings.set("DOWNLOAD_HANDLERS", handlers, priority="cmdline")
        retried = [*settings.getlist("RETRY_EXCEPTIONS"), _RETRIED]
        settings.set("RETRY_EXCEPTIONS", retried, priority="cmdline")
        for name, value in _playwright_settings(settings).items():
            settings.set(f"PLAYWRIGHT_{name}", value, priority="cmdline")
        self._crawler.signals.connect(self._close, signals.engine_stopped)

    @property
    def renderer(self) -> Renderer:
        """The browser, one for the handlers of http and https."""
        if self._renderer is None:
            from scraper.browser.rendering import Renderer  # only now: it imports playwright

            self._renderer = Renderer(self._crawler)
        return self._renderer

    async def _close(self) -> None:
        if self._renderer is not None:
            await self._renderer.close()


def _playwright_settings(settings: BaseSettings) -> dict[str, Any]:
    """What scrapy-playwright is told."""
    return {
        "BROWSER_TYPE": "chromium",
        "LAUNCH_OPTIONS": {
            "executable_path": browser_path(settings),
            "args": list(_FLAGS),
            "headless": True,
            # Chromium refuses to make its sandbox for root.
            "chromium_sandbox": not hasattr(os, "geteuid") or os.geteuid() != 0,
            # The crawl ends the browser itself, when it has ended.
            "handle_sigint": False,
            "handle_sigterm": False,
            "handle_sighup": False,
        },
        "MAX_PAGES_PER_CONTEXT": 1,
        "DEFAULT_NAVIGATION_TIMEOUT": 0,  # none: BROWSER_TIMEOUT holds for all that is done
        "DOWNLOAD_TIMEOUT": 1000,  # ms; a page that turns out to be a file is not waited for
    }
