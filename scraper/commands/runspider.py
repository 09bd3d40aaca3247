"""`scrapy runspider`: Scrapy's own, with a line in place of a traceback where no run can begin."""

from __future__ import annotations

import argparse
from typing import Any, cast

from scrapy.commands.runspider import Command as RunSpiderCommand
from scrapy.crawler import AsyncCrawlerProcess

from scraper.outcome import error_of, verdict_on


class Command(RunSpiderCommand):
    """Scrapy's own command, which tells why a crawl could not start."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run the spider; the exit status is Scrapy's, or says why there was no run."""
        process = _Watched(self.crawler_process)
        self.crawler_process = cast("AsyncCrawlerProcess", process)
        super().run(args, opts)
        error = error_of(process.task)
        if error is not None:
            verdict = verdict_on(error)
            verdict.tell()
            self.exitcode = verdict.status


class _Watched:
    """Scrapy's process, with the task of its crawl, which holds the error that ended it."""

    def __init__(self, process: Any) -> None:
        self._process = process
        self.task: Any = None

    def crawl(self, *args: Any, **arguments: Any) -> Any:
        self.task = self._process.crawl(*args, **arguments)
        return self.task

    def __getattr__(self, name: str) -> Any:
        return getattr(self._process, name)
