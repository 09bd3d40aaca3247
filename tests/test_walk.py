"""What the walk makes of inline elements, breaks, links and line ends; the same in any process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import html

from pipelines.blocks import Block, Zone
from pipelines.segment import segment

ROOT = Path(__file__).resolve().parent.parent


def blocks_of(body: str) -> list[Block]:
    page = f"<html><head><title>T</title></head><body>{body}</body></html>"
    return segment(html.document_fromstring(page))


def lines_of(body: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in blocks_of(body)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>One <b>bold</b> word.</p>", [("p", "One bold word.")]),
        ("<p>a</p>loose<p>b</p>", [("p", "a"), ("p", "loose"), ("p", "b")]),
        ("<h2>Part <small>1</small></h2>", [("h", "Part 1")]),
        ("<h2><button>Fold</button> out</h2>", [("h", "Fold out")]),
        ("<p>one<br>two</p>", [("p", "one"), ("p", "two")]),
        ("<p>one<br><br>two<br> <br>three</p>", [("p", "one"), ("p", "two"), ("p", "three")]),
        ("<ul><li>a</li><li>b</li></ul>", [("li", "a"), ("li", "b")]),
        (
            "<ul><li><p>a</p><p>more</p></li><li>b</li></ul>",
            [("li", "a"), ("p", "more"), ("li", "b")],
        ),
        ("<ul><li>a<ul><li>a1</li></ul>end</li></ul>", [("li", "a"), ("li", "a1"), ("p", "end")]),
        ("<dl><dt>Term</dt><dd>Meaning</dd></dl>", [("p", "Term"), ("p", "Meaning")]),
        ("<span>in<div>block</div>line</span>", [("p", "in"), ("p", "block"), ("p", "line")]),
        ("<a href=/x><div>head</div><div>text</div></a>", [("p", "head"), ("p", "text")]),
        ("<p><a href=/1>One</a><a href=/2>Two</a></p>", [("p", "One Two")]),
        (
            "<div><span style='display: block'>Name</span><span>Title</span></div>",
            [("p", "Name"), ("p", "Title")],
        ),
        ("<p>a<script>x</script>b<!-- c -->c<style>y</style></p>", [("p", "abc")]),
        ("<p>a<svg><text>no</text><path/></svg>b</p><p>c</p>", [("p", "ab"), ("p", "c")]),
        ("<p><ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby>を</p>", [("p", "漢字を")]),
        (
            "<p><math><mi>x</mi><annotation encoding='TeX'>\\x</annotation></math></p>",
            [("p", "x")],
        ),
        ("<pre>a\n  b\n</pre>", [("pre", "a\n  b")]),
        ("<p>He said <q>yes</q>.</p>", [("p", "He said “yes”.")]),
        ("<p>soft\u00adhyphen zero\u200bwidth</p>", [("p", "softhyphen zerowidth")]),
        ("<p>text <img src=a.png> goes on</p>", [("image", ""), ("p", "text goes on")]),
        (
            "<table><caption>Doses</caption><tr><th>A</th><th>B</th></tr>"
            "<tr><td>1</td><td>2<br>3</td></tr></table>",
            [("p", "Doses"), ("row", "A | B"), ("row", "1 | 2 3")],
        ),
        (
            "<table><tr><td><h2>Lay</h2></td><td><p>out</p></td></tr></table>",
            [("h", "Lay"), ("p", "out")],
        ),
    ],
)  # fmt: skip
def test_blocks_in_reading_order(body: str, expected: list[tuple[str, str]]) -> None:
    assert lines_of(body) == expected


@pytest.mark.parametrize(
    ("source", "text"),
    [
        # An editor's line break inside Chinese or Japanese text is no space.
        (
            "医生建议患者每天保持充足的睡眠，并且在饮食上多加注意，\n避免辛辣食物。",
            "医生建议患者每天保持充足的睡眠，并且在饮食上多加注意，避免辛辣食物。",
        ),
        (
            "この薬は食後に水と飲んでください。眠くなることがあるため\n  車の運転は避けます。",
            "この薬は食後に水と飲んでください。眠くなることがあるため車の運転は避けます。",
        ),
        # Short lines are labels; a space within a line is one; Korean and Latin have spaces.
        ("作者：张三\n审核：李四", "作者：张三 审核：李四"),
        ("张三 李四", "张三 李四"),
        (
            "의사는 환자에게 매일 충분한 수면을 취하고 음식에 주의하라고\n권합니다.",
            "의사는 환자에게 매일 충분한 수면을 취하고 음식에 주의하라고 권합니다.",
        ),
        ("Ärzte raten, jeden Tag genug zu\nschlafen.", "Ärzte raten, jeden Tag genug zu schlafen."),
    ],
)  # fmt: skip
def test_line_breaks_of_the_source(source: str, text: str) -> None:
    assert lines_of(f"<p>{source}</p>") == [("p", text)]


@pytest.mark.parametrize(
    ("body", "anchors"),
    [
        ("<p>See <a href=/a rel=nofollow>this  text</a>.</p>", [("this text", "/a", "nofollow")]),
        ("<p>See <a href=/a>line one<br>line two</a></p>", [("line one line two", "/a", "")]),
        ("<p>See <a>no address</a></p>", []),
        ("<a href=/a><img src=x.png></a><p>Text</p>", []),
    ],
)
def test_links_of_a_block(body: str, anchors: list[tuple[str, str, str]]) -> None:
    block = next(block for block in blocks_of(body) if block.kind != "image")
    assert [(a.text, a.href, a.rel) for a in block.anchors] == anchors


def test_a_link_around_blocks_is_a_link_in_each() -> None:
    first, second = blocks_of("<a href=/x><div>head</div><div>text</div></a>")
    assert [a.text for a in first.anchors] == ["head"]
    assert [a.text for a in second.anchors] == ["text"]
    assert first.link_share == second.link_share == 1.0


def test_what_containers_declare() -> None:
    (block,) = blocks_of("<article><aside class='Box Related' id=r><p>x</p></aside></article>")
    assert block.zone & Zone.ARTICLE
    assert block.zone & Zone.ASIDE
    assert block.node.parent is not None
    assert block.node.parent.tokens == "box related r"


@pytest.mark.parametrize(
    ("attribute", "hidden"),
    [("hidden", True), ("style='display:none'", True), ("style='color:red'", False)],
)
def test_hidden_containers(attribute: str, hidden: bool) -> None:
    (block,) = blocks_of(f"<div {attribute}>text</div>")
    assert bool(block.zone & Zone.HIDDEN) is hidden


@pytest.mark.parametrize(
    ("body", "comments"),
    [
        ("<div class=comment-list><p>x</p></div>", True),
        ("<div id=disqus_thread><p>x</p></div>", True),
        ("<div class=comments-open><p>x</p></div>", False),
        ("<article class=comments><p>x</p></article>", False),
    ],
)
def test_comment_sections(body: str, comments: bool) -> None:
    (block,) = blocks_of(body)
    assert bool(block.zone & Zone.COMMENTS) is comments


PAGE = (
    "<html lang=en><title>Sleep</title><body><nav class='top menu'><a href=/>Home</a></nav>"
    "<article id=main><h1>Sleep</h1><p class=byline>By Ann Lee</p>"
    + "".join(
        f"<p>Sleep matters, and sentence {n} of this text says so again at length, because a "
        "paragraph of an article is longer than a line of print.</p>"
        for n in range(12)
    )
    + "</article><div class='related posts'><ul><li><a href=/2>More on sleep</a></ul></div>"
)


def test_the_same_bytes_give_the_same_record_in_every_process() -> None:
    program = (
        "import json, sys; from pipelines import clean; "
        "print(json.dumps(clean(sys.stdin.buffer.read(), 'https://site.example/a').to_dict(), "
        "default=str, sort_keys=True))"
    )
    records = {
        subprocess.run(
            [sys.executable, "-c", program],
            input=PAGE.encode(),
            capture_output=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(records) == 1
    assert b"sentence 11" in next(iter(records))
