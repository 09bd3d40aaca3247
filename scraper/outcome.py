"""What came out of a crawl, as lines for its user and an exit status."""

from __future__ import annotations

import asyncio
import errno
import logging
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError

from pipelines.records import Article, Rejected
from pipelines.writers import UNWRITTEN
from scraper.archive import ArchiveError
from scraper.exit_status import ALARMED, DONE, FAILED, LOCKED, NOTHING_NEW, USAGE
from scraper.lock import Locked
from scraper.sites import SiteError
from scraper.state import StateError
from scraper.summary import describe_run, tell

# Start addresses named when a crawl gives nothing; the rest stand in the rejects.
_NAMED_FAILURES = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a crawl ended: its exit status, its account, and a line each for what went wrong.

    `problem` is why the status is what it is, `warnings` what went wrong beside that.
    """

    status: int
    account: str = ""
    warnings: tuple[str, ...] = ()
    problem: str = ""

    def tell(self, *, records_on_stdout: bool = False) -> None:
        """Print the account to stdout, unless the records go there; all else to stderr."""
        if self.account:
            tell(self.account, sys.stderr if records_on_stdout else sys.stdout)
        for warning in self.warnings:
            complain(f"warning: {warning}")
        if self.problem:
            complain(self.problem)


class Outcome:
    """What came out of a crawl, counted behind the item pipelines.

    From `crawler.stats` it takes, beside what `RunFolder` counts, `marrow/unchanged`: pages that
    were looked at and had not changed; `marrow/known_articles`: articles that earlier runs exported
    for these sites; `marrow/alarms`: what has changed about sites, so many times.
    """

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

    @property
    def records_on_stdout(self) -> bool:
        """Whether the records themselves go to standard output, with `-o -`."""
        return "stdout:" in self._crawler.settings.getdict("FEEDS")

    @property
    def _is_asked_for_alarms(self) -> bool:
        return self._crawler.settings.getbool("ALARM_STATUS")

    def verdict(self, error: BaseException | None) -> Verdict:
        """How the crawl ended; `error` is what it ended with, if with any."""
        if error is not None:
            return verdict_on(error)
        stats = self._crawler.stats.get_stats()
        failures = tuple(getattr(self._crawler.spider, "start_failures", ()))
        folder = stats.get("marrow/run_folder")
        account = describe_run(Path(folder)) if folder else ""
        problems = self._problems(stats)
        if self._articles:
            status, warnings = DONE, failures
        elif not failures and (unchanged := _nothing_new(stats)):
            status, warnings = NOTHING_NEW, ()
            account = f"{account}\n\n{unchanged}".lstrip()
        else:
            status, warnings = FAILED, ()
            problems.insert(0, f"no article exported: {self._why_nothing(failures)}")
        if status != FAILED and stats.get("marrow/alarms") and self._is_asked_for_alarms:
            status = ALARMED
        return Verdict(FAILED if problems else status, account, warnings, "; ".join(problems))

    def _problems(self, stats: dict[str, Any]) -> list[str]:
        """One line for each thing that makes the crawl a failure, whatever was exported."""
        found = []
        if stats.get("finish_reason") == "shutdown":
            found.append("stopped before its end; what was found by then is exported")
        broken = self._rejects["error"] + stats.get("spider_exceptions/count", 0)
        if broken:
            found.append(f"pages that ended in an error, told in the log: {broken}")
        failed = any(name.startswith("feedexport/failed_count") for name in stats)
        if "marrow/unpublished" in stats:
            found.append("the run could not be written to its end: the log says why and what to do")
        elif failed or UNWRITTEN in stats:
            found.append("an output file could not be written: see the log")
        elif self._crawler.settings.getbool("RUN_FOLDER") and "marrow/run_folder" not in stats:
            found.append("stopped at once: the run is not published; the next one says where it is")
        return found

    def _why_nothing(self, failures: tuple[str, ...]) -> str:
        if failures:
            more = len(failures) - _NAMED_FAILURES
            named = "; ".join(failures[:_NAMED_FAILURES])
            return f"{named}; and {more} more" if more > 0 else named
        if not self._rejects:
            return "no page was read"
        return "rejected " + ", ".join(f"{n} {reason}" for reason, n in self._rejects.most_common())


def verdict_on(error: BaseException) -> Verdict:
    """Why a crawl could not start. A defect is told in the log with all that is known of it."""
    if isinstance(error, Locked):
        return Verdict(LOCKED, problem=str(error))
    if isinstance(error, UsageError | SiteError):
        return Verdict(USAGE, problem=str(error))
    if isinstance(error, StateError | ArchiveError):
        return Verdict(FAILED, problem=str(error))
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        where = f": cannot write {error.filename}" if error.filename else ""
        told = f"the disk is full{where}; make room, and run the same command again: "
        return Verdict(FAILED, problem=f"{told}nothing is lost")
    if isinstance(error, OSError):
        return Verdict(FAILED, problem=f"the crawl could not start: {error}")
    logging.getLogger(__name__).error("The crawl could not start", exc_info=error)
    problem = f"the crawl could not start: {type(error).__name__}: {error}"
    return Verdict(FAILED, problem=problem)


def error_of(task: Any) -> BaseException | None:
    """What the crawl ended with; asking for it keeps asyncio from printing it as well."""
    if isinstance(task, asyncio.Task) and task.done() and not task.cancelled():
        return task.exception()
    return None


def complain(message: str) -> None:
    """One line for the user, on stderr."""
    print(f"scrapy crawl: {message}", file=sys.stderr)


def _nothing_new(stats: dict[str, Any]) -> str:
    """That sites known from earlier runs have nothing new; empty where none is known."""
    unchanged, known = stats.get("marrow/unchanged", 0), stats.get("marrow/known_articles", 0)
    if not (unchanged or known):
        return ""
    return (
        f"nothing new: of the pages looked at, {unchanged:,} had not changed; "
        f"articles exported by earlier runs: {known:,}"
    )
