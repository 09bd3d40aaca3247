"""A crawl served from the archive, with no network: `-s REPLAY=output/archive`.

`Replay` is a Scrapy add-on (setting ADDONS), at rest where REPLAY is not set. `ReplayHandler` takes
the place of the network: each request is answered with the newest archived response of its address.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured, UsageError
from scrapy.http import Response
from scrapy.settings import BaseSettings

from scraper.archived import ArchivedResponses, NotAnArchive
from scraper.failures import Refused
from scraper.responses import response_of

logger = logging.getLogger(__name__)

# Files of a whole host: one that is not archived was never there.
_HOST_FILES = frozenset({"/robots.txt", "/.well-known/tdmrep.json"})
_HANDLER = "scraper.replay.ReplayHandler"
# There is nobody to be polite to, and nothing gets better by being asked again.
_SETTINGS = {
    "DOWNLOAD_DELAY": 0.0,
    "AUTOTHROTTLE_ENABLED": False,
    "RETRY_ENABLED": False,
    "ARCHIVE": False,
}
_UNNEEDED = ("scraper.politeness.SiteDelay", "scraper.back_off.BackOff")


class ReplayError(UsageError):
    """REPLAY names no archive; the message says why."""


def install(settings: BaseSettings) -> None:
    """Have http and https served by ReplayHandler, and the settings that only slow it down off."""
    handlers = {**settings.getdict("DOWNLOAD_HANDLERS"), "http": _HANDLER, "https": _HANDLER}
    middlewares = settings.getdict("DOWNLOADER_MIDDLEWARES") | dict.fromkeys(_UNNEEDED)
    settings.set("DOWNLOAD_HANDLERS", handlers, priority="cmdline")
    settings.set("DOWNLOADER_MIDDLEWARES", middlewares, priority="cmdline")
    for name, value in _SETTINGS.items():
        settings.set(name, value, priority="cmdline")


class Replay:
    """The archive that a crawl is served from. Raises ReplayError before anything starts."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self.responses: ArchivedResponses | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy, once a crawl."""
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        """Read the archive, where the setting REPLAY names one, and take the network's place."""
        if not settings.get("REPLAY"):
            raise NotConfigured
        try:
            self.responses = ArchivedResponses(Path(settings["REPLAY"]))
        except NotAnArchive as error:
            raise ReplayError(f"{error}; give the folder or file with -s REPLAY=PATH") from None
        except OSError as error:
            why = error.strerror or str(error)
            raise ReplayError(
                f"cannot replay {error.filename or settings['REPLAY']}: {why}"
            ) from None
        for sentence in self.responses.damaged:
            logger.warning("%s", sentence)
        install(settings)
        self._crawler.signals.connect(self.responses.close, signals.engine_stopped)


class ReplayHandler(BaseDownloadHandler):
    """Answers a request from the archive.

    `request.meta["archived"]` says when the response was fetched and where its record is
    (`scraper.archived.Archived`). What is not archived is refused as `not-archived`.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        replay = crawler.get_addon(Replay)
        if replay is None or replay.responses is None:
            raise NotConfigured("REPLAY is not set")
        self._responses = replay.responses

    async def download_request(self, request: Request) -> Response:
        """The newest archived response of the request's address. Raises Refused."""
        request.meta.pop("archived", None)  # of the request that was redirected here
        find = (
            self._responses.newest_rendered
            if request.meta.get("javascript")
            else self._responses.newest
        )
        found = find(request.url) if request.method == "GET" else None
        if found is not None:
            request.meta["archived"] = found.archived
            return response_of(request.url, found)
        if urlsplit(request.url).path in _HOST_FILES:
            return Response(request.url, status=404)
        raise Refused(
            "not-archived", "the archive that is replayed has no response of this address"
        )
