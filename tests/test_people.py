"""Bylines are read with names, degrees, roles and institutions apart; prose is no byline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.bylines import read_byline
from pipelines.people import parse_people
from pipelines.records import Person
from pipelines.vocabulary import vocabulary

CASES = json.loads((Path(__file__).parent / "data" / "bylines.json").read_text(encoding="utf-8"))


def told(people: tuple[Person, ...]) -> list[str]:
    return [
        "|".join(v or "" for v in (p.name, p.credentials, p.role, p.affiliation)) for p in people
    ]


def _tests() -> list[Any]:
    """A case a test; `known_failure` says why the code is wrong about a line today."""
    marks = [pytest.mark.xfail(strict=True, reason=c.get("known_failure")) for c in CASES]
    return [
        pytest.param(c, id=c["line"][:40], marks=[mark] if "known_failure" in c else [])
        for c, mark in zip(CASES, marks, strict=True)
    ]


@pytest.mark.parametrize("case", _tests())
def test_a_visible_line_gives_people_and_dates(case: dict[str, Any]) -> None:
    byline = read_byline(case["line"], vocabulary(case["lang"]), (case["lang"],))
    if case.get("none"):
        assert byline is None
        return
    assert byline is not None
    assert told(byline.authors) == case.get("authors", [])
    assert told(byline.reviewers) == case.get("reviewers", [])
    for field in ("published", "modified", "reviewed"):
        found = getattr(byline, field)
        assert (str(found.value) if found else None) == case.get(field), field


@pytest.mark.parametrize(
    "text", ["admin", "our medical team", "Staff", "jdoe99", "https://a.example/b", "a@b.example"]
)
def test_nobody_is_no_person(text: str) -> None:
    assert parse_people(text, vocabulary("en")) == ()


def test_a_comma_parts_people_and_degrees() -> None:
    people = parse_people("Tara Doe, M.D., Joe Roe and Ann Poe, PhD, RN", vocabulary("en"))
    assert told(people) == ["Tara Doe|M.D.||", "Joe Roe|||", "Ann Poe|PhD, RN||"]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=450))
def test_no_line_raises(line: str) -> None:
    read_byline(line, vocabulary("en", "zh", "ja", "ko", "ar"))
