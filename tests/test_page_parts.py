"""Which pages are parts of one article, and which only look like it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.join_parts import join_parts
from pipelines.records import Article, Section
from tests.health_site import article
from tests.printed_pages import joined, read

HERE = Path(__file__).parent
CASES = {path.name: path for path in sorted((HERE / "printed").iterdir())}
NEAR = tomllib.loads((HERE / "data" / "part_near_misses.toml").read_text("utf-8"))["case"]


def near_page(page: dict[str, Any]) -> str:
    """The mark-up of a page of a near miss."""
    made = article(page.get("about", ""), head=page.get("head", ""))
    title = page.get("title")
    if title:
        made = made.replace("Living with " + page.get("about", ""), title)
    if "text" in page:
        begin, end = made.index("<p>", made.index("</p>")), made.index("</article>")
        made = made[:begin] + page["text"] + made[end:]
    return made.replace("</main>", page["below"] + "</main>")


@pytest.mark.parametrize("case", NEAR, ids=[case["name"] for case in NEAR])
def test_what_only_looks_like_it_is_not_joined(case: dict[str, Any]) -> None:
    assert joined({page["url"]: near_page(page) for page in case["page"]}) == []


def saved(folder: Path) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The pages of a case, and what is expected of them."""
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    pages = {
        url: (folder / f"{number}.html").read_bytes()
        for number, url in enumerate(expected["urls"], start=1)
    }
    return pages, expected


@pytest.mark.parametrize("name", CASES)
def test_saved_pages_give_one_article(name: str) -> None:
    pages, expected = saved(CASES[name])
    (record,) = joined(pages)
    assert record.body == "\n\n".join(expected["body"])
    assert [s.heading for s in record.sections if s.heading] == expected["headings"]
    assert record.title == expected["title"]
    assert record.url == expected["urls"][0]
    assert [person.name for person in record.authors] == expected["authors"]
    assert [person.name for person in record.reviewers] == expected.get("reviewers", [])
    assert str(record.date_published) == expected["date_published"]
    assert record.warnings == ()
    on = record.links.next
    assert (on and on.url) == expected.get("next")


@pytest.mark.parametrize("name", CASES)
def test_each_saved_page_knows_its_number(name: str) -> None:
    pages, _ = saved(CASES[name])
    claims = [claim for _, claim in read(pages).values()]
    found = [claim and claim.number for claim in claims if claim is None or claim.sure]
    assert found == [*range(1, len(found) + 1)]
    assert len({claim.whole for claim in claims if claim}) == 1


WORDS = st.text("abc ", min_size=1, max_size=6).map(str.strip).filter(bool)
TEXTS = st.lists(WORDS, max_size=3).map("\n\n".join)
SECTIONS = st.lists(st.builds(Section, st.just(2), st.none() | WORDS, TEXTS), max_size=3)


@given(st.dictionaries(st.integers(2, 9), SECTIONS, max_size=4), SECTIONS)
def test_nothing_is_lost_and_nothing_changes_its_place(
    others: dict[int, list[Section]], opening: list[Section]
) -> None:
    parts = {
        number: Article(id="1", sections=tuple(sections), warnings=(f"w{number}",))
        for number, sections in {1: opening, **others}.items()
    }
    record = join_parts(parts, missing=[10])
    body = record.body.split("\n\n")
    for part in parts.values():
        for section in part.sections:
            assert {*section.text.split("\n\n"), section.heading} <= {*body, "", None}
    # What is left out stands elsewhere, so that the rest is the text of all parts in their order.
    every = iter(
        piece
        for _, part in sorted(parts.items())
        for section in part.sections
        for piece in (section.heading, *section.text.split("\n\n"))
        if piece
    )
    assert all(piece in every for piece in body if piece)
    assert record.warnings == (*(f"w{number}" for number in sorted(parts)), "part-missing:10")


def test_the_worked_example_prints_what_the_document_says() -> None:
    document = (HERE.parent / "docs" / "several-pages.md").read_text("utf-8")
    code, printed = re.findall(r"```(?:python)?\n(.*?)```", document, re.DOTALL)[:2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=HERE.parent, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == (printed, "")
