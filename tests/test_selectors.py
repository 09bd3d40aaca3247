"""A site's own selectors say where a field stands, and leave alone what they do not match."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import pytest

from pipelines import clean_page, read_page
from pipelines.page import Page
from pipelines.records import Article, Link, Links, Rejected
from scraper.described import clean_described
from scraper.selectors import SELECTABLE_FIELDS, apply_selectors
from scraper.sites import Site

STORY = "".join(
    f"<p>{text}</p>"
    for text in (
        "Gout begins at night. The big toe swells, turns red and hurts so much that even a bed "
        "sheet is too heavy, and the first attack is often taken for a sprain.",
        "The cause is uric acid, which the kidneys cannot get rid of fast enough. Its crystals "
        "settle in the joints, where the body fights them as if they were germs.",
        "A visit to the clinic on the next day pays off: a drop of fluid from the joint shows the "
        "crystals under the microscope, and nothing else settles the question as well.",
        "Ice, rest and an anti-inflammatory medicine end an attack within a week. Those who have "
        "had a stomach ulcer should ask for another medicine than the usual one.",
        "Between attacks the aim is a lower level of uric acid. Tablets do most of the work; less "
        "beer, less liver and more water do the rest, and weight is lost slowly.",
        "Joints that have been inflamed for years wear out. A physiotherapist shows how to walk "
        "without pressing on the toe, and a cobbler can stiffen the sole of an ordinary shoe.",
        "Many people are ashamed of a disease that is said to come from good living. Most of them "
        "have simply inherited kidneys that work slowly, as one child in four does.",
        "Doctors used to wait for weeks after an attack before the tablets were begun. Studies "
        "show that there is no need to, as long as the inflammation is treated as well.",
        "Cherries, coffee and vitamin C are praised by many who have gout. Their effect on the "
        "level in the blood is small, and none of them can take the place of the tablets.",
        "A diary helps to find what brings an attack on: a dry week on the mountains, a feast, a "
        "new medicine for the blood pressure, or an operation under a general anaesthetic.",
        "Women are safe until the change of life, because oestrogen helps the kidneys. After it "
        "they catch up, and their attacks often begin in the fingers and not in the toe.",
        "Two attacks a year, stones in the kidneys or lumps under the skin are reasons to take "
        "tablets for good, and to have the blood tested every six months.",
    )
)
HTML = (
    "<html lang=en><head><title>Gout | The Clinic</title>"
    '<meta property="og:type" content="article"></head>'
    "<body><h1>Gout</h1>"
    '<div class="kicker"> Living   with gout </div><span class="who">Ada Lind, MD</span>'
    '<span class="checked">Carl Berg, PhD and Eva Holm, RN</span>'
    '<time class="made" datetime="2024-03-05">some day</time>'
    '<ul class="topics"><li>Joints</li><li>Pain</li><li>Joints</li></ul>'
    f'<article id="story" lang="en-GB">{STORY}</article>'
    '<a class="on" href="/podagra">Next: Podagra</a>'
    '<ul class="more"><li><a href="/a">A</a></li><li><a href="/b">B</a></li><li>C</li></ul>'
    '<div class="aside"><p>Our shop has shoes of all sizes, '
    "and the sale goes on until the end of the month in every store.</p></div></body></html>"
)

CASES: dict[str, tuple[str, str, Any]] = {
    "first match": ("title", ".kicker", "Living with gout"),
    "text": ("description", ".kicker::text", "Living with gout"),
    "every match once": ("tags", ".topics li", ("Joints", "Pain")),
    "attribute as date": ("date_published", "time::attr(datetime)", date(2024, 3, 5)),
    "language": ("language", "article::attr(lang)", "en-GB"),
    "no language": ("language", ".kicker", None),
    "robots": ("robots", ".kicker", "Living with gout"),
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
    changed = clean_described(page, Site(name="clinic", selectors={"body": "#story"}))
    assert isinstance(changed, Article)
    assert any("shoes" in removed.text for removed in changed.removed)
    assert changed.body.startswith("Gout begins at night.")
    assert changed.body.endswith("tested every six months.")
    assert "shoes" not in changed.body
    assert changed.title == article.title
    assert page.root.text_content() == before


def test_neighbours_are_links_with_absolute_addresses() -> None:
    page, article = _read()
    changed = apply_selectors(
        article, page, {"next": ".on", "related": ".more li", "previous": ".kicker"}
    )
    assert isinstance(changed, Article)
    assert changed.links.next == Link("Next: Podagra", "https://example.org/podagra")
    assert [link.url for link in changed.links.related] == [
        "https://example.org/a",
        "https://example.org/b",
    ]
    assert changed.links.previous == article.links.previous


def test_without_selectors_nothing_changes() -> None:
    page, article = _read()
    assert apply_selectors(article, page, {}) is article


def test_a_refused_page_stays_refused() -> None:
    page, _ = _read()
    refused = Rejected(stage="clean", reason="hub")
    assert apply_selectors(refused, page, {"title": "h1"}) is refused


def test_every_selectable_field_is_a_field_of_the_record() -> None:
    known = {field.name for kind in (Article, Links) for field in dataclasses.fields(kind)}
    assert set(SELECTABLE_FIELDS) <= known
