"""The explain page tells of every field where it comes from, and who says otherwise."""

from __future__ import annotations

from typing import get_args, get_type_hints

from pipelines import Article
from pipelines.explain import explain, explain_text
from pipelines.explain_sources import FIELDS, Other
from scraper.explain_page import explain_html
from scraper.explain_view import words

from .articles import page, text

URL = "https://example.org/blog/sprained-ankle-care"
LINKED = """<script type="application/ld+json">{"@type": "Article", "author": {"name": "Cy <i>Doe"},
"reviewedBy": {"name": "Thomas Reed"}, "datePublished": "2020-01-02"}</script>
<meta name="author" content="Joe Moe"><link rel="license" href="https://licence.example/by">"""
HEAD = f"<p>Written by Ann Poe, MD</p><p>Published May 3, 2021</p>{LINKED}"


def test_each_field_has_a_place_and_the_places_that_say_otherwise() -> None:
    explained = explain(page("en", head=HEAD), URL)
    assert isinstance(explained.outcome, Article)
    assert [person.name for person in explained.outcome.authors] == ["Ann Poe"]
    told = {origin.field: origin for origin in explained.origins}
    assert list(told) == [name for name in FIELDS if name in told]
    assert told["authors"].source == "byline"
    assert told["authors"].others == (
        Other("JSON-LD author", "Cy Doe", "byline-first"),
        Other("meta author", "Joe Moe", "byline-first"),
    )
    assert told["reviewers"].source == "JSON-LD reviewedBy"
    assert (told["license"].source, told["license"].others) == ("<link rel=license>", ())
    assert told["date_published"].others == (
        Other("JSON-LD datePublished", "2020-01-02", "byline-first"),
    )
    assert "tags" not in told


def test_the_page_says_it_in_words() -> None:
    shown = explain_html(explain(page("en", head=HEAD), URL), "page.html")
    assert "Where each field comes from" in shown
    assert "JSON-LD author says Cy Doe: not taken, since the byline comes first" in shown
    assert "&lt;link rel=license&gt;" in shown


def test_a_refused_page_and_a_plain_text_have_what_there_is() -> None:
    assert explain("<p><a href=/a>A</a> <a href=/b>B</a></p>", URL).origins == ()
    fields = [origin.field for origin in explain_text(text("en"), URL).origins]
    assert fields[0] == "title"


def test_every_reason_and_field_is_known() -> None:
    hints = get_type_hints(Article)
    assert set(FIELDS) <= hints.keys()
    assert get_args(hints["authors"])
    whys = {"byline-first", "trusted-first", "another-article", "none"}
    assert words()["sources"].keys() == whys
