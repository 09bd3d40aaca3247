"""Pages that no person writes are cut into blocks as well, in time proportional to their size."""

from __future__ import annotations

import pytest
from lxml import etree, html

from pipelines import Rejected, clean
from pipelines.blocks import Block
from pipelines.features import NAMES, features
from pipelines.model import Odds, forest, odds
from pipelines.segment import MAX_BLOCKS, MAX_DEPTH, segment


def blocks_of(body: str) -> list[Block]:
    parser = etree.HTMLParser(huge_tree=True)
    return segment(html.document_fromstring(f"<html><body>{body}</body></html>", parser=parser))


def nested(tag: str, depth: int, text: str) -> etree._Element:
    """A tree deeper than the parser reads."""
    root = etree.Element("html")
    step = etree.SubElement(root, "body")
    for _ in range(depth):
        step = etree.SubElement(step, tag)
    step.text = text
    return root


@pytest.mark.parametrize("tag", ["div", "span", "b", "ul", "blockquote", "h2", "a"])
def test_deep_nesting(tag: str) -> None:
    (block,) = segment(nested(tag, 10_000, "the innermost text"))
    assert block.text == "the innermost text"
    assert block.node.depth <= MAX_DEPTH
    assert features([block], Odds({})).shape == (1, len(NAMES))


def test_text_after_deep_nesting_stands_outside() -> None:
    root = nested("div", 2_000, "inside")
    step = root.find("body")
    assert step is not None
    etree.SubElement(step, "p").text = "outside"
    inside, outside = segment(root)
    assert (inside.text, outside.text) == ("inside", "outside")
    assert outside.node.depth == 2


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>x</p>" * 50_000, 50_000),
        ("<div>" + "<span>x </span>" * 100_000 + "</div>", 1),
        ("<br>" * 200_000, 0),
        ("x<br>" * 40_000, 40_000),
        ("x<br><br>" * 50_000, 50_000),
        ("<p>" + "<a href=/x>x</a> " * 50_000 + "</p>", 1),
        ("<a href=/x>" + "<div>x</div>" * 50_000 + "</a>", 50_000),
        ("<p>" + "<b>x</b>" * 50_000 + "</p>", 1),
        ("<svg>" + "<path/>" * 50_000 + "</svg><p>x</p>", 1),
        ("<p>x<!-- -->" * 20_000, 20_000),
        ("<ul>" + "<li>x" * 50_000 + "</ul>", 50_000),
        ("<p>" + " \n" * 1_000_000 + "x", 1),
        ("<p>字" + "\n" * 1_000_000 + "x", 1),
    ],
    ids=(
        "siblings inline breaks lines paragraphs links blocks-in-link bold drawing comments items "
        "white-space white-space-after-han"
    ).split(),
)
def test_many(body: str, expected: int) -> None:
    assert len(blocks_of(body)) == expected


def test_every_link_of_a_long_paragraph_is_told() -> None:
    (block,) = blocks_of("".join(f"<a href=/{n}>link {n}</a>, " for n in range(20_000)))
    assert len(block.anchors) == 20_000
    assert (block.anchors[-1].text, block.anchors[-1].href) == ("link 19999", "/19999")


@pytest.mark.parametrize(("word", "mass"), [("word ", 5_000_000 - 1), ("字", 2_500_000)])
def test_one_long_text(word: str, mass: int) -> None:
    (block,) = blocks_of(f"<p>{word * 1_000_000}</p>")
    assert block.mass == mass
    assert features([block], Odds({})).shape == (1, len(NAMES))


def test_large_table() -> None:
    row = "<tr>" + "<td>1</td>" * 20 + "</tr>"
    found = blocks_of(f"<table>{row * 5_000}</table>")
    assert len(found) == 5_000
    assert {block.text for block in found} == {" | ".join("1" * 20)}


def test_nested_tables_are_layout() -> None:
    """Each table is looked into only as far as the next one inside."""
    depth = 1_000
    root = etree.Element("html")
    step = etree.SubElement(root, "body")
    for n in range(depth):
        table = etree.SubElement(step, "table")
        for _ in range(2):
            row = etree.SubElement(table, "tr")
            etree.SubElement(row, "td").text = f"left {n}"
            step = etree.SubElement(row, "td")
    step.text = "in the middle"
    found = segment(root)
    assert [block.text for block in found[:2]] == ["left 0", "left 0"]
    assert found[-1].text == f"left {depth - 1} | in the middle"
    assert len(found) == 2 * depth


def test_scores_of_many_blocks_are_those_of_each_block() -> None:
    """Long pages are scored in parts."""
    found = blocks_of("<p>A line of text.</p>" * 300)
    table = features(found, odds("blocks"))
    table = table.repeat(20, axis=0)
    model = forest("blocks")
    whole = model.probability(table)
    assert len(whole) == 6_000
    assert (whole[-20:] == model.probability(table[-20:])).all()


def test_a_page_of_more_blocks_than_any_article_is_told_so_in_time() -> None:
    """It is cut no further than needed to know, and none of its blocks is looked at."""
    assert MAX_BLOCKS < len(blocks_of("<p>x" * (MAX_BLOCKS + 200_000))) < MAX_BLOCKS + 100_000
    outcome = clean("<article>" + "<p>A line of text.</p>" * (MAX_BLOCKS + 1))
    assert isinstance(outcome, Rejected)
    assert (outcome.reason, outcome.detail) == (
        "page-type-other",
        "Not an article: more than 50,000 blocks of text.",
    )
