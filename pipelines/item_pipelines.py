"""Scrapy item pipelines: clean what is still a page, name the run, validate."""

from __future__ import annotations

from typing import Any, Self

from scrapy.crawler import Crawler

from pipelines import clean_page
from pipelines.page import Page
from pipelines.records import Article, Rejected
from pipelines.validation import stamp, validate


class CleanPipeline:
    """Turns a `Page` into an `Article` or a `Rejected`; everything else passes."""

    def process_item(self, item: Any) -> Any:
        return clean_page(item) if isinstance(item, Page) else item


class StampPipeline:
    """Writes into the records what made them: the run (setting RUN_ID) and the version."""

    def __init__(self, run_id: str | None) -> None:
        self._run_id = run_id

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.settings.get("RUN_ID"))

    def process_item(self, item: Any) -> Any:
        return stamp(item, self._run_id) if isinstance(item, Article | Rejected) else item


class ValidatePipeline:
    """Lets valid records through; an `Article` that is not becomes a `Rejected` that says why."""

    def process_item(self, item: Any) -> Any:
        return validate(item) if isinstance(item, Article | Rejected) else item
