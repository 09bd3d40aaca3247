"""Scrapy item pipelines: clean what is still a page, then let through only valid records."""

from __future__ import annotations

from typing import Any

from pipelines import clean_page
from pipelines.page import Page
from pipelines.records import Article, Rejected
from pipelines.validation import validate


class CleanPipeline:
    """Turns a `Page` into an `Article` or a `Rejected`; everything else passes."""

    def process_item(self, item: Any) -> Any:
        return clean_page(item) if isinstance(item, Page) else item


class ValidatePipeline:
    """Lets valid records through; an `Article` that is not becomes a `Rejected` that says why."""

    def process_item(self, item: Any) -> Any:
        return validate(item) if isinstance(item, Article | Rejected) else item
