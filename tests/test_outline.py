"""Which lines are headings, how lists and tables are written, and how sections follow."""

from __future__ import annotations

import tomllib
from typing import Any

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import clean
from pipelines.outline import Line, outline, write_body, write_sections
from pipelines.records import Article
from pipelines.segment import segment
from tests.articles import DATA, page

CASES: list[dict[str, Any]] = tomllib.loads((DATA / "outline_cases.toml").read_text("utf-8"))[
    "cases"
]


def lines(markup: str) -> list[Line]:
    return outline(segment(lxml.html.document_fromstring(f"<html><body>{markup}</body></html>")))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_headings_and_body(case: dict[str, Any], request: pytest.FixtureRequest) -> None:
    if "known_failure" in case:
        request.applymarker(pytest.mark.xfail(reason=case["known_failure"], strict=True))
    found = lines(case["html"])
    assert [f"{line.level} {line.text}" for line in found if line.level] == case["headings"]
    if "body" in case:
        assert write_body(found) == case["body"].replace("⏎", "\n")


def test_sections_follow_the_headings() -> None:
    found = write_sections(
        lines(
            "<p>Before.</p><h2>A</h2><p>One.</p><ul><li>x</li><li>y</li></ul><h3>B</h3><h2>C</h2>"
        )
    )
    assert [(s.level, s.heading, s.text) for s in found] == [
        (0, None, "Before."),
        (2, "A", "One.\n\n- x\n- y"),
        (3, "B", ""),
        (2, "C", ""),
    ]


# Ahead of the article's text, and what its headings then are.
HEADS = {
    "a standfirst above the byline": (
        "<h2>Rest and ice do most of the work</h2><p>By Martha Green</p><p>May 4, 2021</p>",
        False,
    ),
    "a first section below the byline": (
        "<p>By Martha Green</p><p>May 4, 2021</p><h2>Rest and ice do most of the work</h2>",
        True,
    ),
}


@pytest.mark.parametrize("case", HEADS)
def test_the_first_section_begins_behind_the_byline(case: str) -> None:
    head, is_heading = HEADS[case]
    record = clean(page("en", head=head).encode("utf-8"), "https://example.org/ankle")
    assert isinstance(record, Article)
    assert "Rest and ice do most of the work" in record.body
    headings = [section.heading for section in record.sections]
    assert ("Rest and ice do most of the work" in headings) is is_heading


def test_no_section_before_a_heading_that_comes_first() -> None:
    assert [s.heading for s in write_sections(lines("<h2>A</h2><p>One.</p>"))] == ["A"]


def test_nothing_gives_nothing() -> None:
    assert (outline([]), write_body([]), write_sections([])) == ([], "", ())


LINES = st.lists(
    st.builds(
        Line,
        text=st.text("abc xyz脚踝.", min_size=1).map(str.strip).filter(bool),
        level=st.sampled_from((0, 0, 0, 2, 3)),
        group=st.sampled_from((0, 0, 1, 2)),
    ).map(lambda line: Line(line.text, line.level, 0 if line.level else line.group)),
    max_size=20,
)


@given(LINES)
def test_sections_joined_are_the_body(found: list[Line]) -> None:
    parts = []
    for section in write_sections(found):
        parts += [part for part in (section.heading, section.text) if part]
    assert "\n\n".join(parts) == write_body(found)
