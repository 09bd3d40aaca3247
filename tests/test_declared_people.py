"""People whom pages declare in scripts, attributes and meta tags: who counts, and who is nobody."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from lxml import html

from pipelines.bylines import read_byline
from pipelines.json_text import parse_json
from pipelines.metadata import Metadata, read_metadata
from pipelines.reconcile import Credits, merge_people_and_dates
from pipelines.vocabulary import vocabulary

from .articles import DATA

CASES = tomllib.loads((DATA / "declared_people.toml").read_text("utf-8"))["case"]
BROKEN = tomllib.loads((DATA / "broken_json.toml").read_text("utf-8"))["case"]


def read(case: dict[str, Any]) -> Metadata:
    head = "".join(
        f'<script type="application/ld+json">{text}</script>' for text in case.get("ld", [])
    )
    page = (
        f'<html lang="{case.get("lang", "en")}"><head><title>Why knees crack | Knee Gazette</title>'
        f'<meta property="og:site_name" content="Knee Gazette">{head}{case.get("head", "")}</head>'
        f"<body><h1>Why knees crack</h1>{case.get('body', '')}<p>Text.</p></body></html>"
    )
    return read_metadata(html.fromstring(page), case.get("url", "https://knee.example/crack"))


def told(people: Any) -> list[str]:
    """`name|credentials|role|affiliation`, the empty ends cut off."""
    parts = [(p.name, p.credentials, p.role, p.affiliation) for p in people]
    return ["|".join(part or "" for part in person).rstrip("|") for person in parts]


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_declared_people(case: dict[str, Any]) -> None:
    found = read(case)
    assert told(found.authors) == case.get("authors", [])
    assert told(found.reviewers) == case.get("reviewers", [])
    assert found.sources.get("authors") == case.get("source", found.sources.get("authors"))


@pytest.mark.parametrize("case", BROKEN, ids=[case["says"] for case in BROKEN])
def test_broken_json_is_read_only_where_there_is_one_way_to_read_it(case: dict[str, Any]) -> None:
    assert parse_json(case["text"]) == (json.loads(case["value"]) if "value" in case else None)


def test_what_repeats_without_end_is_read_in_time() -> None:
    for text in (
        '{"a":[' * 50_000,
        '"' * 100_000,
        "{}" * 50_000,
        "/*" * 50_000,
        '{"a":"\\' * 9_999,
    ):
        parse_json(text)
    nested = "<div itemscope itemprop=author>" * 3_000
    root = html.fromstring(f"<body><div itemscope itemtype=Article>{nested}</div>")
    assert read_metadata(root, None).authors == ()


def credits_of(
    state: Any, *, head: str = "", body: str = "", lines: tuple[str, ...] = ()
) -> Credits:
    script = f'<script type="application/json">{json.dumps(state)}</script>'
    found = read({"head": head, "body": f"{body}{script}"})
    bylines = [read_byline(line, vocabulary("en")) for line in lines]
    return merge_people_and_dates(found, [line for line in bylines if line])


PADDING = "So that the state is long enough to be one. " * 10
ARTICLE = {"title": "Why knees crack", "body": PADDING}
CARD = {"title": "Gout in winter", "author": "Joe Card", "reviewer": {"name": "Moe Card"}}


@pytest.mark.parametrize(
    ("article", "authors", "reviewers"),
    [
        ({"author": "Ann Poe"}, ["Ann Poe"], []),
        (
            {"authors": {"nodes": [{"displayName": "Ann Poe", "role": "Nurse"}]}},
            ["Ann Poe||Nurse"],
            [],
        ),
        ({"authors": [{"firstName": "Ann", "lastName": "Poe"}]}, ["Ann Poe"], []),
        (
            {"byline": "By Ann Poe", "medicallyReviewedBy": [{"name": "Bob Roe, MD"}]},
            ["Ann Poe"],
            ["Bob Roe|MD"],
        ),
        # The author's own name under a reviewer's key, or nobody else's: whose role is not known.
        ({"author": "Ann Poe", "medicallyReviewedBy": {"name": "Ann Poe"}}, ["Ann Poe"], []),
        ({"medicallyReviewedBy": {"name": "Bob Roe"}}, [], []),
        ({"author": "", "factCheckedBy": ""}, [], []),
        ({"author": "apoe77"}, [], []),
        ({"author": "Knee Gazette"}, [], []),
        ({}, [], []),
    ],
)
def test_a_state_names_people_for_the_page_s_own_article_alone(
    article: dict[str, Any], authors: list[str], reviewers: list[str]
) -> None:
    merged = credits_of({"props": {"related": [CARD], "post": {**ARTICLE, **article}}})
    assert told(merged.authors) == authors
    assert told(merged.reviewers) == reviewers
    assert merged.sources.get("authors", "page state").startswith("page state")


def test_a_state_that_contradicts_itself_names_nobody() -> None:
    twice = [{**ARTICLE, "author": "Ann Poe"}, {**ARTICLE, "author": "Bob Roe"}]
    assert credits_of(twice).authors == ()


def test_a_state_is_not_asked_where_something_else_names_the_author() -> None:
    state = {"post": {**ARTICLE, "author": "Cy Doe"}}
    declared = credits_of(state, head='<meta name="author" content="Ann Poe">')
    assert (told(declared.authors), declared.sources["authors"]) == (["Ann Poe"], "meta author")
    assert told(credits_of(state, lines=("Written by Bob Roe",)).authors) == ["Bob Roe"]


@pytest.mark.parametrize(
    ("body", "authors"),
    [
        ("<p>Written by Bob Roe</p><p>Posted with care by Ann Poe.</p>", ["Bob Roe"]),
        (
            "<p>Ann Poe, nurse</p><p>x</p><p>Gout in winter</p><p>Written by Bob Roe</p>",
            ["Ann Poe"],
        ),
        ("<p>Written by Bob Roe</p>", ["Bob Roe"]),
    ],
)
def test_a_byline_behind_the_declared_name_is_another_articles(
    body: str, authors: list[str]
) -> None:
    ann = '<meta name="author" content="Ann Poe">'
    merged = credits_of({}, head=ann, body=body, lines=("Written by Bob Roe",))
    assert told(merged.authors) == authors
    assert merged.warnings == ("authors-differ",)


def test_a_site_whose_name_is_signs_alone_names_nobody() -> None:
    assert credits_of({}, head='<meta name="application-name" content="123 !">').authors == ()


def test_who_is_listed_beside_the_visible_author_is_one_too() -> None:
    script = json.dumps({"@type": "Article", "author": ["Bob Roe", "Ann Poe"]})
    head = f'<script type="application/ld+json">{script}</script>'
    merged = credits_of({}, head=head, lines=("Written by Ann Poe, MD",))
    assert (told(merged.authors), merged.warnings) == (["Ann Poe|MD", "Bob Roe"], ())
    assert merged.sources["authors"] == "byline, JSON-LD author"
    named = credits_of({}, head=head, lines=("Written by Ann Poe and Cy Doe",))
    assert told(named.authors) == ["Ann Poe", "Cy Doe"]


def test_reviewers_who_differ_are_noted() -> None:
    script = json.dumps({"@type": "Article", "reviewedBy": {"name": "Ann Poe"}})
    head = f'<script type="application/ld+json">{script}</script>'
    merged = credits_of({}, head=head, lines=("Medically reviewed by Bob Roe, MD",))
    assert (told(merged.reviewers), merged.warnings) == (["Bob Roe|MD"], ("reviewers-differ",))
