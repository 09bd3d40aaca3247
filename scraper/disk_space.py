"""An alarm before the disk is full, rather than a run that cannot be written."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call

from scraper.alarms import alarm
from scraper.runs import output_folder

# Seconds between two looks; a fast crawl writes some 100 MB in that time.
_PERIOD = 60.0


class DiskSpace:
    """Scrapy extension: alarms once when less than DISK_FREE_MIN bytes are left for OUTPUT_DIR."""

    def __init__(self, folder: Path, least: int) -> None:
        self._folder = folder
        self._least = least
        self._looks = create_looping_call(self._look)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        least = crawler.settings.getint("DISK_FREE_MIN")
        if not least or not crawler.settings.getbool("RUN_FOLDER"):
            raise NotConfigured
        watch = cls(output_folder(crawler.settings), least)
        crawler.signals.connect(watch.engine_started, signals.engine_started)
        crawler.signals.connect(watch.engine_stopped, signals.engine_stopped)
        return watch

    def engine_started(self) -> None:
        self._looks.start(_PERIOD, now=True)

    def engine_stopped(self) -> None:
        if self._looks.running:
            self._looks.stop()

    def _look(self) -> None:
        free = shutil.disk_usage(self._folder).free
        if free < self._least:
            alarm(
                f"the disk of {self._folder} is nearly full: {_gigabytes(free)} are left, "
                f"less than {_gigabytes(self._least)} (DISK_FREE_MIN); make room, or move the "
                "output elsewhere"
            )
            self._looks.stop()


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
