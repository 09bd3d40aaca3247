"""A run's report and the list of runs, as part of a crawl: worth less than its records.

What keeps a report from being written is told as it is of other files, and never keeps a run from
being published. The code that makes reports is loaded when one is made, not when a crawl begins.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.settings import BaseSettings

if TYPE_CHECKING:
    from scraper.report.making import ReportMaker

logger = logging.getLogger(__name__)

# Told of a file that could not be written, and why.
Unwritten = Callable[[str, str], None]


class Reports:
    """Makes the reports of an output folder, unless the setting REPORT says otherwise; `unwritten`
    is told of what could not be written.
    """

    def __init__(self, settings: BaseSettings, output: Path, unwritten: Unwritten) -> None:
        self._settings = settings
        self._output = output
        self._unwritten = unwritten

    def add(self, folder: Path, run: Mapping[str, Any]) -> None:
        """Write the report of a run into its folder, which need not be published yet."""
        self._try(folder / "report.html", lambda maker: maker.report(folder, run, run["files"]))

    def renew_list(self) -> None:
        """Write the list of runs anew."""
        self._try(self._output / "index.html", lambda maker: maker.index())

    def _try(self, page: Path, make: Callable[[ReportMaker], object]) -> None:
        if not self._settings.getbool("REPORT"):
            return
        try:
            from scraper.report.making import report_maker

            make(report_maker(self._settings, self._output))
        except OSError as error:
            self._unwritten(str(page), str(error))
        except Exception:  # a defect in a report must not cost the run that it tells of
            logger.exception("%s could not be made; scrapy report tries again", page)
