"""What came out of a crawl, as lines for its user and an exit status."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError

from pipelines.records import Article, Rejected
from pipelines.writers import UNWRITTEN
from scraper.exit_status import DONE, FAILED, LOCKED, USAGE
from scraper.lock import Locked
from scraper.sites import SiteError
from scraper.summary import describe_run, tell

# Start addresses named when a crawl gives nothing; the rest stand in the rejects.
_NAMED_FAILURES = 3


class Outcome:
    """What came out of a crawl, counted behind the item pipelines, and told in the end."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._articles = 0
        self._rejects: Counter[str] = Counter()
        crawler.signals.connect(self._count, signals.item_scraped)

    def _count(self, item: Any) -> None:
        if isinstance(item, Rejected):
            self._rejects[item.reason] += 1
        else:
            self._articles += isinstance(item, Article)

    def tell(self, error: BaseException | None) -> int:
        """Print the summary and what went wrong; the exit status."""
        if error is not None:
            return tell_error(error)
        stats = self._crawler.stats.get_stats()
        folder = stats.get("marrow/run_folder")
        if folder:
            # With `-o -` the records themselves go to standard output.
            taken = "stdout:" in self._crawler.settings.getdict("FEEDS")
            tell(describe_run(Path(folder)), sys.stderr if taken else sys.stdout)
        problems = self._problems(stats)
        if problems:
            complain("; ".join(problems))
        return FAILED if problems else DONE

    def _problems(self, stats: dict[str, Any]) -> list[str]:
        """One line for each thing that makes the crawl a failure."""
        found = []
        failures: list[str] = getattr(self._crawler.spider, "start_failures", [])
        if not self._articles:
            found.append(f"no article exported: {self._why_nothing(failures)}")
        else:
            for failure in failures:
                complain(f"warning: {failure}")
        if stats.get("finish_reason") == "shutdown":
            found.append("stopped before its end; what was found by then is exported")
        broken = self._rejects["error"] + stats.get("spider_exceptions/count", 0)
        if broken:
            found.append(f"pages that ended in an error, told in the log above: {broken}")
        failed = any(name.startswith("feedexport/failed_count") for name in stats)
        if failed or UNWRITTEN in stats or "marrow/unpublished" in stats:
            found.append("an output file could not be written: see the log above")
        elif self._crawler.settings.getbool("RUN_FOLDER") and "marrow/run_folder" not in stats:
            found.append("stopped at once: the run is not published; the next one says where it is")
        return found

    def _why_nothing(self, failures: list[str]) -> str:
        if failures:
            more = len(failures) - _NAMED_FAILURES
            named = "; ".join(failures[:_NAMED_FAILURES])
            return f"{named}; and {more} more" if more > 0 else named
        if not self._rejects:
            return "no page was read"
        return "rejected " + ", ".join(f"{n} {reason}" for reason, n in self._rejects.most_common())


def tell_error(error: BaseException) -> int:
    """Print why a crawl could not start; the exit status."""
    if isinstance(error, Locked):
        complain(str(error))
        return LOCKED
    if isinstance(error, UsageError | SiteError):
        complain(str(error))
        return USAGE
    logging.getLogger(__name__).error("The crawl could not start", exc_info=error)
    complain(f"the crawl could not start: {type(error).__name__}: {error}")
    return FAILED


def error_of(task: Any) -> BaseException | None:
    """What the crawl ended with; asking for it keeps asyncio from printing it as well."""
    if isinstance(task, asyncio.Task) and task.done() and not task.cancelled():
        return task.exception()
    return None


def complain(message: str) -> None:
    """One line for the user, on stderr."""
    print(f"scrapy crawl: {message}", file=sys.stderr)
