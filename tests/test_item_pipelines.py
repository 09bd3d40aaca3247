"""What must hold for a record to enter the dataset, and that nothing vanishes where it does not."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from typing import Any

import pytest
from itemadapter import ItemAdapter, is_item
from scrapy.utils.misc import build_from_crawler
from scrapy.utils.test import get_crawler

from pipelines import Article, Rejected, __version__, read_page
from pipelines.item_pipelines import CleanPipeline, StampPipeline, ValidatePipeline
from pipelines.page import Page
from pipelines.records import Person, Section
from pipelines.validation import validate

NOW = datetime(2024, 6, 15, 12, tzinfo=UTC)

# What is changed in a valid article, and what the change is called; None where it stays valid.
CHANGES: dict[str, tuple[dict[str, Any], str | None]] = {
    "nothing": ({}, None),
    "as little as possible": ({"authors": (), "url": None, "links": None}, None),
    "no title": ({"title": None}, "schema"),
    "an empty title": ({"title": ""}, "no-title"),
    "a title of spaces": ({"title": " \u00a0\n"}, "no-title"),
    "no body": ({"body": ""}, "no-body"),
    "a body of spaces": ({"body": "\n\n"}, "no-body"),
    "no identifier": ({"id": None}, "schema"),
    "a title as long as they get": ({"title": "t" * 1_000}, None),
    "a title that is a page": ({"title": "t" * 1_001}, "too-long"),
    "a language that is a sentence": ({"language": "e" * 36}, "too-long"),
    "a date of today": ({"date_published": date(2024, 6, 15)}, None),
    "tomorrow, where it is tomorrow already": ({"date_modified": date(2024, 6, 16)}, None),
    "the day after tomorrow": ({"date_reviewed": date(2024, 6, 17)}, "date-in-future"),
    "a date far ahead": ({"date_published": date(9999, 12, 31)}, "date-in-future"),
    "a print of long ago": ({"date_published": date(1665, 3, 6)}, None),
    "a date before all journals": ({"date_published": date(1, 1, 1)}, "date-too-early"),
    "a date as text": ({"date_published": "2020-01-01"}, "schema"),
    "a number as text": ({"word_count": "many"}, "schema"),
    "a number too large": ({"word_count": 2**31}, "schema"),
    "a person as text": ({"authors": ("Ana Lee",)}, "schema"),
    "people": ({"authors": (Person("Ana Lee"),)}, None),
    "a section without text": ({"sections": (Section(2, "Causes", None),)}, "schema"),  # type: ignore[arg-type]
    "a share above one": ({"boilerplate_share": 1.5}, "schema"),
    "a share that is no number": ({"boilerplate_share": float("nan")}, "schema"),
    "an object": ({"url": object()}, "schema"),
    "half a character": ({"title": "a\ud800", "tags": ("\udc00",)}, None),
}


@pytest.mark.parametrize(("change", "reason"), CHANGES.values(), ids=CHANGES)
def test_validation(article: Article, change: dict[str, Any], reason: str | None) -> None:
    changed = dataclasses.replace(article, **change)
    outcome = validate(changed, NOW)
    if reason is None:
        assert outcome is changed
    else:
        assert isinstance(outcome, Rejected)
        assert (outcome.stage, outcome.reason) == ("validate", reason)
        (name,) = change
        assert name in outcome.detail


def test_every_problem_is_told(article: Article) -> None:
    outcome = validate(dataclasses.replace(article, title="", body=""), NOW)
    assert isinstance(outcome, Rejected)
    assert "title" in outcome.detail
    assert "body" in outcome.detail
    assert outcome.url == article.url


def test_a_reject_that_is_not_valid_is_still_told(rejected: Rejected) -> None:
    outcome = ValidatePipeline().process_item(dataclasses.replace(rejected, title=7))  # type: ignore[arg-type]
    assert (outcome.stage, outcome.reason, outcome.title) == ("validate", "schema", None)
    assert "title" in outcome.detail
    assert outcome.url == rejected.url


def test_the_outcome_of_validation_is_itself_valid(article: Article) -> None:
    broken = dataclasses.replace(article, url=object(), title=3, run_id=[])  # type: ignore[arg-type]
    outcome = validate(broken, NOW)
    assert isinstance(outcome, Rejected)
    assert validate(outcome, NOW) is outcome


def test_a_page_is_cleaned_and_everything_else_passes(article: Article, rejected: Rejected) -> None:
    page = read_page(b"<title>Gout</title><p>Gout is a kind of arthritis.", "http://localhost/gout")
    assert isinstance(page, Page)
    outcome = CleanPipeline().process_item(page)
    assert isinstance(outcome, Article | Rejected)
    assert outcome.url == "http://localhost/gout"
    for item in (article, rejected, {"other": 1}):
        assert CleanPipeline().process_item(item) is item


def test_records_are_stamped_with_the_run_and_the_version(rejected: Rejected) -> None:
    stamp = build_from_crawler(StampPipeline, get_crawler(settings_dict={"RUN_ID": "r1"}))
    stamped = stamp.process_item(rejected)
    assert (stamped.run_id, stamped.pipeline_version) == ("r1", __version__)
    named = dataclasses.replace(rejected, run_id="r0", pipeline_version="0.0.1")
    assert stamp.process_item(named) == named
    other = {"other": 1}
    assert stamp.process_item(other) is other


def test_scrapy_takes_the_records_as_items(article: Article, rejected: Rejected) -> None:
    for item in (article, rejected):
        assert is_item(item)
        assert ItemAdapter(item)["title"] == item.title
