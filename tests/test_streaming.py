"""Text sent out of place is read where a browser shows it: once, in order, and not as hidden."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from pipelines.blocks import Zone
from pipelines.page import Page, read_page
from pipelines.segment import segment
from tests.articles import DATA

CASES: list[dict[str, Any]] = tomllib.loads((DATA / "streaming_cases.toml").read_text("utf-8"))[
    "cases"
]


def page(body: str) -> Page:
    found = read_page(f"<!DOCTYPE html><html><body>{body}</body></html>")
    assert isinstance(found, Page)
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_text_stands_where_a_browser_shows_it(case: dict[str, Any]) -> None:
    assert [block.text for block in segment(page(case["html"]).root)] == case["blocks"]


def test_a_streamed_part_is_not_hidden_its_stand_in_is() -> None:
    found = segment(
        page(
            '<main><!--$?--><template id="B:0"></template><p>Chargement…</p><!--/$--></main>'
            '<div hidden id="S:0"><p>Voici.</p></div><script>$RC("B:0","S:0")</script>'
        ).root
    )
    assert [(b.text, bool(b.zone & Zone.HIDDEN)) for b in found] == [
        ("Voici.", False),
        ("Chargement…", True),
    ]


@pytest.mark.parametrize(
    "body",
    [
        '<template id="B:0"></template>' * 5_000 + '<div hidden id="S:0">x</div>',
        "".join(f'<template id="B:{n:x}"></template>' for n in range(5_000))
        + "".join(f'<div hidden id="S:{n:x}">x</div>' for n in range(5_000)),
        '<template shadowrootmode="open"><slot></slot>' * 900 + "x",
        '<div><template shadowrootmode="open"><slot>' + "<b>" * 900 + "x",
        '<div hidden id="S:0"><template id="B:0"></template>x</div>',
        '<template id="B:0"></template><p>w<b hidden id="S:0">x</b></p><!--/$-->',
        '<div hidden id="S:0"><template id="B:1"></template>x</div>'
        '<div hidden id="S:1"><template id="B:0"></template>y</div>',
    ],
    ids=(
        "one-part many-parts nested-shadows deep-slot into-itself in-its-stand-in into-each-other"
    ).split(),
)
def test_pages_made_to_be_slow_are_read(body: str) -> None:
    text = "".join(block.text for block in segment(page(body).root))
    assert "x" in text or "template" in body


@pytest.mark.parametrize(
    ("page", "blocks"),
    [
        ("<!doctype html><title>T</title><main><p>A</p></main><p>B</p>", ["A", "B"]),
        ("<title>T</title><header>H</header><article>A</article> b <section>C</section>", "HAbC"),
        ("<html><head><title>T</title><x-bar>A</x-bar><meta name='a' content='b'></head>B", ["AB"]),
        ("<title>T</title><!-- c --><script>1</script><nav>A</nav><body>B</body>", "AB"),
        ("<title>T</title><body><main>A</main></body>", "A"),
    ],
)
def test_a_page_without_body_tag_begins_with_what_cannot_stand_in_the_head(
    page: str, blocks: list[str]
) -> None:
    found = read_page(page)
    assert isinstance(found, Page)
    assert [block.text for block in segment(found.root)] == list(blocks)
