"""Each host's tdmrep.json within a crawl: asked for once a week, and obeyed before a page is."""

from __future__ import annotations

from functools import partial
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from scraper.directives import obeyed_directives, tdm_sentence
from scraper.failures import Refused
from scraper.host_requests import PerHost, asks_for_host_file, host_file
from scraper.tdm import TDM_PATH, TdmFile, path_of, read_tdmrep

# Seconds. The format says nothing of it; reservations change with contracts, not with news.
_FRESH = 7 * 86400.0
_NOTHING_SAID = TdmFile()


class TdmFiles:
    """Downloader middleware: refuses what a host's tdmrep.json reserves from text and data mining.

    What the file says of a request's address stands in `request.meta["tdm_file"]`, a Reservation or
    None. It stands behind the robots.txt middleware, so that no host is asked that lets nobody in.
    A host that has no such file, or gives an error in its place, reserves nothing by it; after an
    error the next run asks again.
    """

    def __init__(self, crawler: Crawler) -> None:
        if "tdm" not in obeyed_directives(crawler.settings.getlist("OBEY_DIRECTIVES")):
            raise NotConfigured
        self._crawler = crawler
        self._hosts: PerHost[TdmFile] = PerHost()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy, once a crawl."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Refuse what is reserved."""
        if asks_for_host_file(request):
            return
        host = urlsplit(request.url).netloc
        file = await self._hosts.of(host, partial(self._read, request.url))
        said = request.meta["tdm_file"] = file.reservation(path_of(request.url))
        if said and said.reserved:
            raise Refused("tdm-reserved", tdm_sentence(f"{host}{TDM_PATH}", said.policy))

    async def _read(self, page: str) -> tuple[TdmFile, float]:
        found = await host_file(self._crawler, page, TDM_PATH, _FRESH)
        rules = read_tdmrep(found.file.body) if found.file else None
        return rules or _NOTHING_SAID, found.lasts(_FRESH)
