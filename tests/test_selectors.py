"""A site's own selectors say where a field stands, and leave alone what they do not match."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import pytest

from pipelines import clean_page, read_page
from pipelines.page import Page
from pipelines.records import Article, Rejected
from scraper.selectors import SELECTABLE_FIELDS, apply_selectors

STORY = "".join(
    f"<p>The {number} visit to the clinic shows how the treatment of gout works out in daily life, "
    "and what the patient and the family can do until the next appointment.</p>"
    for number in ("first", "second", "third", "fourth")
)
HTML = (
    "<html lang=en><head><title>Gout | The Clinic</title></head><body><h1>Gout</h1>"
    '<div class="kicker"> Living   with gout </div><span class="who">Ada Lind, MD</span>'
    '<span class="checked">Carl Berg, PhD and Eva Holm, RN</span>'
    '<time class="made" datetime="2024-03-05">some day</time>'
    '<ul class="topics"><li>Joints</li><li>Pain</li><li>Joints</li></ul>'
    f'<div id="story">{STORY}</div><div class="aside"><p>Our shop sells shoes of every size, '
    "and the sale goes on until the end of the month in every store.</p></div></body></html>"
)

CASES: dict[str, tuple[str, str, Any]] = {
    "first match": ("title", ".kicker", "Living with gout"),
    "text": ("description", ".kicker::text", "Living with gout"),
    "every match once": ("tags", ".topics li", ("Joints", "Pain")),
    "attribute as date": ("date_published", "time::attr(datetime)", date(2024, 3, 5)),
    "no match": ("tags", ".missing", None),
    "unreadable date": ("date_modified", ".kicker", None),
}


def _read() -> tuple[Page, Article]:
    page = read_page(HTML, "https://example.org/gout")
    assert isinstance(page, Page)
    article = clean_page(page)
    assert isinstance(article, Article)
    return page, article


@pytest.mark.parametrize(("field", "selector", "value"), CASES.values(), ids=CASES.keys())
def test_a_field_is_taken_from_what_its_selector_matches(
    field: str, selector: str, value: Any
) -> None:
    page, article = _read()
    changed = apply_selectors(article, page, {field: selector})
    assert getattr(changed, field) == (getattr(article, field) if value is None else value)


def test_people_come_with_their_credentials() -> None:
    page, article = _read()
    changed = apply_selectors(article, page, {"authors": ".who", "reviewers": ".checked"})
    assert isinstance(changed, Article)
    assert changed.author == "Ada Lind, MD"
    assert [(p.name, p.credentials) for p in changed.reviewers] == [
        ("Carl Berg", "PhD"),
        ("Eva Holm", "RN"),
    ]


def test_a_body_selector_keeps_the_rest_of_the_page_out() -> None:
    page, article = _read()
    before = page.root.text_content()
    changed = apply_selectors(article, page, {"body": "#story"})
    assert isinstance(changed, Article)
    assert changed.body.count("visit to the clinic") == 4
    assert "shoes" not in changed.body
    assert changed.title == article.title
    assert page.root.text_content() == before


def test_without_selectors_nothing_changes() -> None:
    page, article = _read()
    assert apply_selectors(article, page, {}) is article


def test_a_refused_page_stays_refused() -> None:
    page, _ = _read()
    refused = Rejected(stage="clean", reason="hub")
    assert apply_selectors(refused, page, {"title": "h1"}) is refused


def test_every_selectable_field_is_a_field_of_the_record() -> None:
    assert set(SELECTABLE_FIELDS) <= {field.name for field in dataclasses.fields(Article)}
