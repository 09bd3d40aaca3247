"""Explain pages of refused pages: `explained/….html` in the run's folder, from the archive."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.statscollectors import DummyStatsCollector

from pipelines.writers import well_formed
from scraper.addresses import host_of
from scraper.archived import response_at
from scraper.explain_page import explain_html
from scraper.explain_source import explain_response
from scraper.middlewares import Decompression
from scraper.report.examples import Example
from scraper.responses import response_of
from scraper.sites import Site, SiteError, read_site, site_names

logger = logging.getLogger(__name__)

FOLDER = "explained"
# What a run may spend on them: pages, bytes of all pages together, and seconds, after which no
# other is begun. An explain page has some 100 kB, and takes a tenth of a second.
MOST_PAGES = 40
MOST_BYTES = 10_000_000
MOST_SECONDS = 10.0
# Larger pages (bytes, unpacked) are not explained: those make explain pages of tens of megabytes.
LARGEST_PAGE = 1_000_000


@dataclass(frozen=True)
class Explainer:
    """Makes explain pages out of the archive in `archive`, by the descriptions in `sites`."""

    archive: Path
    sites: Path
    clock: Callable[[], float] = time.monotonic

    def explain(self, found: Iterable[Example], folder: Path) -> None:
        """Write the pages that are missing, within the bounds. Raises OSError."""
        begun, written, size = self.clock(), 0, 0
        for example in found:
            path = folder / example.page_name
            if not example.explainable or example.place is None or path.exists():
                continue
            if written == MOST_PAGES or size > MOST_BYTES or self.clock() - begun > MOST_SECONDS:
                return
            page = self._page(example)
            if page is not None and size + len(page) <= MOST_BYTES:
                folder.mkdir(exist_ok=True)
                path.write_bytes(page)
                written, size = written + 1, size + len(page)

    def _page(self, example: Example) -> bytes | None:
        assert example.place is not None
        archived = response_at(self.archive, example.place)
        if archived is None or len(archived.body) > LARGEST_PAGE:
            return None
        try:
            response = _unpacked(response_of(example.url, archived))
            if response is None:
                return None
            explanation = explain_response(response, self._site(example.url))
            return well_formed(explain_html(explanation, example.url)).encode()
        except Exception:  # a page that meets a defect here costs its explain page, and no run
            logger.exception("%s could not be explained", example.url)
            return None

    def _site(self, url: str) -> Site | None:
        return self._described.get(host_of(url) or "")

    @cached_property
    def _described(self) -> dict[str, Site]:
        """The described sites by the hosts that they name; a damaged description is left out."""
        found: dict[str, Site] = {}
        for name in site_names(self.sites):
            try:
                site = read_site(self.sites / f"{name}.toml")
            except (OSError, SiteError):
                continue
            for address in site.entrances:
                found.setdefault(host_of(address) or "", site)
        return found


def _unpacked(response: Response) -> Response | None:
    """The response less its Content-Encoding; None where it is too large."""
    crawler = Crawler(Spider)  # none that crawls: the middleware asks for its settings
    crawler.stats = DummyStatsCollector(crawler)
    unpacking = Decompression(crawler=crawler)
    unpacked = unpacking.process_response(Request(response.url), response)
    if not isinstance(unpacked, Response) or len(unpacked.body) > LARGEST_PAGE:
        return None
    return unpacked
