"""Cutting a page into blocks: nothing lost, nothing twice, nothing glued together."""

from __future__ import annotations

import tomllib
from typing import Any

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.blocks import Block, Zone
from pipelines.segment import CJK_WEIGHT, segment, weigh
from tests.articles import DATA, PROSE, page

CASES: list[dict[str, Any]] = tomllib.loads((DATA / "segment_cases.toml").read_text("utf-8"))[
    "cases"
]


def blocks(markup: str) -> list[Block]:
    return segment(lxml.html.document_fromstring(f"<html><body>{markup}</body></html>"))


def written(block: Block) -> str:
    level = str(block.level) if block.kind in ("h", "li") else ""
    return f"{block.kind}{level}: {block.text}".replace("\n", "⏎")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_page_is_cut_into_blocks(case: dict[str, Any], request: pytest.FixtureRequest) -> None:
    if "known_failure" in case:
        request.applymarker(pytest.mark.xfail(reason=case["known_failure"], strict=True))
    assert [written(block) for block in blocks(case["html"])] == case["blocks"]


def only(markup: str) -> Block:
    (block,) = blocks(markup)
    return block


@pytest.mark.parametrize(
    ("markup", "bold"),
    [
        ("<p><b>All of it</b></p>", True),
        ("<p><strong>All</strong> <b>of it</b></p>", True),
        ("<p><span style='font-weight: bold'>All of it</span></p>", True),
        ("<p><span style='font-weight:700'>All of it</span></p>", True),
        ("<p><b>Only this:</b> not that</p>", False),
        ("<p>Nothing</p>", False),
        ("<p><span style='font-weight: normal'>Nothing</span></p>", False),
    ],
)
def test_bold_means_every_visible_character(markup: str, bold: bool) -> None:
    assert only(markup).bold is bold


@pytest.mark.parametrize(
    ("markup", "zone"),
    [
        ("<nav><p>x</p></nav>", Zone.NAV),
        ("<div role='navigation'><p>x</p></div>", Zone.NAV),
        ("<footer><div><p>x</p></div></footer>", Zone.FOOTER),
        ("<aside><p>x</p></aside>", Zone.ASIDE),
        ("<figure><figcaption>x</figcaption></figure>", Zone.CAPTION),
        ("<div hidden><p>x</p></div>", Zone.HIDDEN),
        ("<div style='display: none'><p>x</p></div>", Zone.HIDDEN),
        ("<ol class='comment-list'><li>x</li></ol>", Zone.COMMENTS),
        ("<div id='disqus_thread'><p>x</p></div>", Zone.COMMENTS),
        ("<blockquote>x</blockquote>", Zone.QUOTE),
    ],
)
def test_ancestors_give_the_zone(markup: str, zone: int) -> None:
    assert only(markup).zone & zone


@pytest.mark.parametrize(
    "markup",
    [
        "<div class='comments-open'><p>x</p></div>",
        "<article class='no-comments'><p>x</p></article>",
        "<div class='commentary'><p>x</p></div>",
        "<div class='recommended'><p>x</p></div>",
    ],
)
def test_words_that_only_look_like_comments(markup: str) -> None:
    assert not only(markup).zone & Zone.COMMENTS


def test_links_are_kept_with_their_address_and_share() -> None:
    block = only("<p><a href='/a' rel='next'>Four</a> and no link here</p>")
    assert [(a.text, a.href, a.rel) for a in block.anchors] == [("Four", "/a", "next")]
    assert block.link_share == pytest.approx(4 / len("Four and no link here"))


def test_a_time_is_noticed() -> None:
    assert only("<p><time datetime='2021-03-03'>March 3</time></p>").has_time
    assert not only("<p>March 3</p>").has_time


def test_items_of_one_list_and_rows_of_one_table_share_a_group() -> None:
    found = blocks(
        "<ul><li>a</li><li>b</li></ul><p>x</p><ul><li>c</li></ul>"
        "<table><tr><th>d</th><th>e</th></tr><tr><td>f</td><td>g</td></tr></table>"
    )
    groups = [block.group for block in found]
    assert groups[0] == groups[1] != 0
    assert groups[2] == 0
    assert len({groups[0], groups[3], groups[4]}) == 3
    assert groups[4] == groups[5]


def test_a_chinese_character_weighs_more() -> None:
    assert weigh("ankle") == 5
    assert weigh("脚踝扭伤") == 4 * CJK_WEIGHT


def test_masses_add_up_towards_the_root() -> None:
    found = blocks("<div><p>12345</p><div><p><a href='/'>678</a></p></div></div><p>90</p>")
    root = found[0].node
    while root.parent is not None:
        root = root.parent
    assert (root.text, root.links, root.blocks) == (10, 3, 3)


def test_nesting_deeper_than_python_may_call() -> None:
    depth = 5000
    root = lxml.html.HtmlElement("html")
    node = lxml.html.etree.SubElement(root, "body")
    for _ in range(depth):
        node = lxml.html.etree.SubElement(node, "div")
    node.text = "deep"
    assert [block.text for block in segment(root)] == ["deep"]


@pytest.mark.parametrize("language", sorted(PROSE))
def test_every_paragraph_of_an_article_is_one_block(language: str) -> None:
    root = lxml.html.document_fromstring(page(language))
    texts = [block.text for block in segment(root)]
    for paragraph in PROSE[language]["paragraphs"]:  # type: ignore[attr-defined]
        assert texts.count(paragraph) == 1


TAGS = ("p", "div", "ul", "li", "b", "a", "h2", "table", "tr", "td", "br", "span", "section", "pre")


@st.composite
def trees(draw: st.DrawFn) -> str:
    """Mark-up of any nesting, each text a word of its own."""
    parts = []
    for number, (tag, close) in enumerate(
        draw(st.lists(st.tuples(st.sampled_from(TAGS), st.booleans()), max_size=40))
    ):
        parts.append(f"</{tag}>" if close else f"<{tag}>")
        parts.append(f" w{number} ")
    return "".join(parts)


@settings(deadline=None, max_examples=150)
@given(trees())
def test_every_word_stands_in_exactly_one_block_in_order(markup: str) -> None:
    root = lxml.html.document_fromstring(f"<html><body><p>w</p>{markup}</body></html>")
    expected = [word for word in "".join(root.itertext()).split() if word != "|"]
    found = [w for block in segment(root) for w in block.text.split() if w != "|"]
    assert found == expected
