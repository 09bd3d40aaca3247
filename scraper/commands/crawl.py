"""`scrapy crawl articles`: Scrapy's crawl, with arguments checked first and an honest exit status.

0: articles were exported. 1: none were, or the crawl failed; one line says why. 2: the command
cannot be carried out as given; one line says what to change.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn

from scrapy import signals
from scrapy.commands.crawl import Command as CrawlCommand
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError

from pipelines.records import Article, Rejected
from pipelines.writers import UNWRITTEN
from scraper.arguments import read_arguments
from scraper.directives import DirectiveError, obeyed_directives
from scraper.sites import SiteError, suggestion
from scraper.summary import describe_run, tell

_FAILED, _USAGE = 1, 2
_SPIDER = "articles"
# Loggers that repeat, some with a traceback, what the rejects say in a sentence: a host that cannot
# be reached (it has no robots.txt to read either), a page that is cut off or too large.
_REPEATING_LOGGERS = (
    "scrapy.downloadermiddlewares.robotstxt",
    "scrapy.downloadermiddlewares.httpcompression",
    "scrapy.core.downloader.handlers.http11",
)
# Start addresses named when a crawl gives nothing; the rest stand in the rejects.
_NAMED_FAILURES = 3


class Command(CrawlCommand):
    """Scrapy's own command, less the tracebacks where a sentence does."""

    def short_desc(self) -> str:
        """The line in `scrapy --help`."""
        return "Crawl sites for articles (spider: articles)"

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's options; then the arguments of the spider, before anything starts."""
        try:
            super().process_options(args, opts)
            assert self.settings is not None
            obeyed_directives(self.settings.getlist("OBEY_DIRECTIVES"))
            if args == [_SPIDER]:
                read_arguments(opts.spargs, Path(self.settings["SITES_DIR"]))
        except (UsageError, SiteError, DirectiveError) as error:
            _give_up(str(error))

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, and set the exit status by what came out."""
        assert self.crawler_process
        names = self.crawler_process.spider_loader.list()
        if len(args) != 1:
            _give_up("give one spider: scrapy crawl articles -a url=https://…")
        if args[0] not in names:
            hint = suggestion(args[0], names) or f"; known: {', '.join(names)}"
            _give_up(f'unknown spider "{args[0]}"{hint}')
        for name in _REPEATING_LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        crawler = self._create_crawler(args[0])
        outcome = _Outcome(crawler)
        task = self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        self.exitcode = outcome.tell(_error_of(task))


class _Outcome:
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
            return self._tell_error(error)
        stats = self._crawler.stats.get_stats()
        folder = stats.get("marrow/run_folder")
        if folder:
            # With `-o -` the records themselves go to standard output.
            taken = "stdout:" in self._crawler.settings.getdict("FEEDS")
            tell(describe_run(Path(folder)), sys.stderr if taken else sys.stdout)
        problems = self._problems(stats)
        if problems:
            _complain("; ".join(problems))
        return _FAILED if problems else 0

    def _tell_error(self, error: BaseException) -> int:
        if isinstance(error, UsageError | SiteError):
            _complain(str(error))
            return _USAGE
        logging.getLogger(__name__).error("The crawl could not start", exc_info=error)
        _complain(f"the crawl could not start: {type(error).__name__}: {error}")
        return _FAILED

    def _problems(self, stats: dict[str, Any]) -> list[str]:
        """One line for each thing that makes the crawl a failure."""
        found = []
        failures: list[str] = getattr(self._crawler.spider, "start_failures", [])
        if not self._articles:
            found.append(f"no article exported: {self._why_nothing(failures)}")
        else:
            for failure in failures:
                _complain(f"warning: {failure}")
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


def _error_of(task: Any) -> BaseException | None:
    """What the crawl ended with; asking for it keeps asyncio from printing it as well."""
    if isinstance(task, asyncio.Task) and task.done() and not task.cancelled():
        return task.exception()
    return None


def _complain(message: str) -> None:
    print(f"scrapy crawl: {message}", file=sys.stderr)


def _give_up(message: str) -> NoReturn:
    _complain(message)
    sys.exit(_USAGE)
