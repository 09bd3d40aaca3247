"""`scrapy crawl articles`: Scrapy's crawl, with arguments checked first and an honest exit status.

`exit_status` lists them; whatever is not 0, one line says why.
"""

from __future__ import annotations

import argparse
import gc
import logging
import sys
from pathlib import Path
from typing import NoReturn

from scrapy import signals
from scrapy.commands.crawl import Command as CrawlCommand
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError

from scraper.arguments import read_arguments
from scraper.browser.available import require_browser
from scraper.browser.switch import needs_browser
from scraper.cron_log import CronLog, prepare
from scraper.directives import DirectiveError, obeyed_directives
from scraper.dry_run import dry_run
from scraper.exit_status import DONE, FAILED, USAGE
from scraper.opening import state_to_read
from scraper.outcome import Outcome, complain, error_of
from scraper.outputs import OutputError
from scraper.runs import output_folder
from scraper.sites import SiteError, suggestion
from scraper.state import StateError
from scraper.summary import tell
from scraper.usable_settings import require_usable

_SPIDER = "articles"
# Loggers that repeat, some with a traceback, what the rejects say in a sentence: a host that cannot
# be reached (it has no robots.txt to read either), a page that is cut off or too large.
_REPEATING_LOGGERS = (
    "scrapy.downloadermiddlewares.robotstxt",
    "scrapy.downloadermiddlewares.httpcompression",
    "scrapy.core.downloader.handlers.http11",
)


class Command(CrawlCommand):
    """Scrapy's own command, less the tracebacks where a sentence does."""

    def short_desc(self) -> str:
        """The line in `scrapy --help`."""
        return "Crawl sites for articles (spider: articles)"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's options, and those for a crawl that nobody watches."""
        super().add_options(parser)
        parser.add_argument(
            "--cron",
            action="store_true",
            help="print nothing but errors and alarms; the rest goes to OUTPUT_DIR/logs/crawl.log",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="say what would be fetched first, and why; fetch and write nothing",
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's options; then the arguments of the spider, before anything starts."""
        try:
            super().process_options(args, opts)
            assert self.settings is not None
            obeyed_directives(self.settings.getlist("OBEY_DIRECTIVES"))
            require_usable(self.settings)
            if opts.cron:
                prepare(self.settings)
            if args == [_SPIDER]:
                plan = read_arguments(opts.spargs, Path(self.settings["SITES_DIR"]))
                if needs_browser(plan.sites) and not self.settings.get("REPLAY"):
                    require_browser(self.settings)
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
        if opts.dry_run:
            self.exitcode = self._dry_run(args[0], opts)
            return
        for name in _REPEATING_LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        crawler = self._create_crawler(args[0])
        outcome = Outcome(crawler)
        log = _cron_log(crawler) if opts.cron else None
        task = self.crawler_process.crawl(crawler, **opts.spargs)
        gc.freeze()  # what is loaded stays: no need to look through it for what could be freed
        self.crawler_process.start()
        verdict = outcome.verdict(error_of(task))
        if log:
            log.tell(verdict)
        else:
            verdict.tell(records_on_stdout=outcome.records_on_stdout)
        self.exitcode = verdict.status

    def _dry_run(self, spider: str, opts: argparse.Namespace) -> int:
        """Print what would be fetched; the exit status."""
        assert self.settings is not None
        if spider != _SPIDER:
            _give_up(f"--dry-run knows the spider {_SPIDER} alone")
        plan = read_arguments(opts.spargs, Path(self.settings["SITES_DIR"]))
        try:
            state = state_to_read(self.settings, output_folder(self.settings))
            tell(dry_run(plan, state), sys.stdout)
        except StateError as error:
            complain(str(error))
            return FAILED
        return DONE


def _cron_log(crawler: Crawler) -> CronLog:
    """The log of an unattended crawl, opened when the crawl has its lock."""
    try:
        log = CronLog(crawler.settings)
    except OutputError as error:
        _give_up(str(error))
    crawler.signals.connect(log.open, signals.engine_started)
    return log


def _give_up(message: str) -> NoReturn:
    complain(message)
    sys.exit(USAGE)
