"""Saved pages in many languages and kinds of mark-up, each with the record it should give.

A folder of `tests/pages/` is a case: `page.html` or `page.txt`, and `expected.json` with the
page's `url` and any fields of the record. Besides the record's own fields a case may name
`headings` (level and heading of each section), `captions` (of figures, credit included), `previous`
and `next` (title, and address where there is one), and `related` (paths that the related links
must hold); and `known_failures` says, field by field, why the code is wrong today.
A page that must be refused has `not_an_article`: the page types that would be right.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from pipelines import clean, clean_text
from pipelines.vocabulary import languages

PAGES = Path(__file__).parent / "pages"
PERSON_PARTS = ("name", "credentials", "role", "affiliation")

CASES: dict[str, dict[str, Any]] = {
    folder.name: json.loads((folder / "expected.json").read_text("utf-8"))
    for folder in sorted(PAGES.iterdir())
}
TESTS = [
    pytest.param(
        name,
        field,
        id=f"{name}-{field}",
        marks=[
            pytest.mark.xfail(strict=True, reason=why)
            for known, why in expected.get("known_failures", {}).items()
            if known == field
        ],
    )
    for name, expected in CASES.items()
    for field in expected
    if field not in ("url", "known_failures")
]


@cache
def cleaned(name: str) -> dict[str, Any]:
    url = CASES[name]["url"]
    text = PAGES / name / "page.txt"
    if text.exists():
        outcome = clean_text(text.read_text("utf-8"), url)
    else:
        outcome = clean((PAGES / name / "page.html").read_bytes(), url)
    return outcome.to_dict()


def people(persons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{part: person[part] for part in PERSON_PARTS} for person in persons]


def captions(record: dict[str, Any]) -> list[str]:
    parts = [(figure["caption"], figure["credit"]) for figure in record["figures"]]
    return [" ".join(filter(None, part)) for part in parts if any(part)]


def headings(record: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"level": s["level"], "heading": s["heading"]} for s in record["sections"] if s["level"]
    ]


# Fields that are compared in another form than the record has them in.
READERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "authors": lambda record: people(record["authors"]),
    "reviewers": lambda record: people(record["reviewers"]),
    "captions": captions,
    "headings": headings,
    "previous": lambda record: record["links"]["previous"],
    "next": lambda record: record["links"]["next"],
    "date_published": lambda record: record["date_published"] and str(record["date_published"]),
    "date_modified": lambda record: record["date_modified"] and str(record["date_modified"]),
    "date_reviewed": lambda record: record["date_reviewed"] and str(record["date_reviewed"]),
}


@pytest.mark.parametrize(("name", "field"), TESTS)
def test_page_gives_its_record(name: str, field: str) -> None:
    expected, record = CASES[name][field], cleaned(name)
    if field == "not_an_article":
        assert record.get("stage") == "clean", "taken for an article"
        assert record["page_type"] in expected
        return
    assert record.get("page_type") == "article", f"rejected: {record.get('reason')}"
    if field == "related":
        found = {link["url"] for link in record["links"]["related"]}
        assert {urljoin(CASES[name]["url"], path) for path in expected} <= found
        return
    if field in ("previous", "next") and expected["url"]:
        expected = {**expected, "url": urljoin(CASES[name]["url"], expected["url"])}
    assert READERS.get(field, lambda record: record[field])(record) == expected


def test_every_language_has_a_saved_page() -> None:
    assert set(languages()) - {expected.get("language") for expected in CASES.values()} == set()
