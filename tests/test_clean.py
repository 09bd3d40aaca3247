"""What `clean` and `clean_text` promise for every input."""

from __future__ import annotations

import io
import json
import random
import re
from collections import Counter
from functools import cache

import lxml.html
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines import Article, Rejected, clean, clean_page, clean_text, page_links, read_page
from pipelines.cleaner import label_page
from pipelines.page import Page
from pipelines.schema import ARTICLE_SCHEMA, REJECTED_SCHEMA, problems
from pipelines.writers import JsonLinesWriter
from tests.articles import PROSE, page, prose, text

URL = "https://example.org/blog/sprained-ankle-care"

# Every reason that a record may give for a dropped block.
REASONS = frozenset(
    "nav breadcrumb toc byline author-bio date share newsletter ad promo related prev-next comments"
    " copyright caption disclaimer references cookie footer tags rating login other"
    " site-template hidden duplicate headline".split()
)

# A page with one of everything: what mutations are made of.
FULL = page(
    "en",
    before='<ul class="breadcrumb"><li><a href="/">Home</a></li><li><a href="/i">Injuries</a></li>'
    "</ul>",
    head="<p>Author: Martha Green, Chief Physician of Riverside Hospital</p>"
    "<p>Reviewer: Thomas Reed, MD</p><p><time>March 3, 2021</time></p>"
    '<ul><li><a href="#walk">When walking is possible again</a></li></ul>',
    top='<figure><img src="/a.jpg" data-src="/b.jpg"><figcaption>Figure 1 Original copyright image,'
    " no permission to reprint</figcaption></figure>",
    middle="<p>Read also: <a href='/k'>Why knees crack on the stairs</a></p>"
    "<table><tr><th>Day</th><th>Steps</th></tr><tr><td>3</td><td>200</td></tr></table>"
    "<ul><li>two bandages</li><li>a cold pack<ul><li>in a towel</li></ul></li></ul>"
    "<blockquote><p>I walked to the kitchen on the third day.</p></blockquote><pre>a\n b</pre>",
    end="<h2>References</h2><ol><li>Lind A. Ankle sprains. J Sport Med. 2019;4:11.</li></ol>"
    "<p>&lt;&lt;: Why knees crack</p><p>&gt;&gt;: What to eat before a run</p>"
    "<p>Tags: ankle, sport</p><p>All rights reserved.</p>",
    after='<section id="comments"><p>My ankle took three months to heal, and cycling helped.</p>'
    '</section><div class="related"><h3>Recommend</h3><ul><li><a href="/k">Why knees crack</a></li>'
    "</ul></div><div hidden><p>Never shown to anybody at all.</p></div><footer><p>© 2021 Riverside"
    " Health</p></footer>",
)


def words(text: str) -> Counter[str]:
    """Words and numbers of a text, whatever stands between them."""
    return Counter(re.findall(r"[^\W_]+", text))


def check(outcome: Article | Rejected) -> None:
    """What every outcome must be."""
    record = outcome.to_dict()
    schema = ARTICLE_SCHEMA if isinstance(outcome, Article) else REJECTED_SCHEMA
    # A page may have no headline: validation, not cleaning, then refuses it.
    assert [p for p in problems(record, schema) if p != "title: required, but missing"] == []
    assert pa.Table.from_pylist([record], schema=schema).num_rows == 1
    file = io.BytesIO()
    JsonLinesWriter(file, schema).write(record)
    assert list(json.loads(file.getvalue())) == [n for n in schema.names if n != "removed"]
    if isinstance(outcome, Article):
        assert outcome.page_type == "article"
        assert outcome.body.strip() == outcome.body != ""
        assert {removed.reason for removed in outcome.removed} <= REASONS
        trail = outcome.to_dict(removed=True)["removed"]
        assert pa.array([trail], ARTICLE_SCHEMA.field("removed").type).to_pylist() == [trail]
        joined = [part for s in outcome.sections for part in (s.heading, s.text) if part]
        assert "\n\n".join(joined) == outcome.body
        assert outcome.boilerplate_share is None or 0 <= outcome.boilerplate_share <= 1
    else:
        assert outcome.stage
        assert outcome.reason
        assert outcome.page_type != "article"


# Pure.


def test_the_same_record_whatever_was_cleaned_before() -> None:
    alone = clean(FULL.encode(), URL)
    for language in sorted(PROSE):
        clean(page(language).encode(), URL)
    clean(b"", URL)
    clean_text("nothing")
    assert clean(FULL.encode(), URL) == alone
    assert clean(FULL.encode(), URL) == alone


def test_the_same_text_record_whatever_was_cleaned_before() -> None:
    alone = clean_text(text("zh-Hans"))
    clean_text(text("ru"))
    clean(FULL.encode(), URL)
    assert clean_text(text("zh-Hans")) == alone


def test_the_tree_is_left_as_it_was() -> None:
    read = read_page(FULL.encode(), URL)
    assert isinstance(read, Page)
    before = lxml.html.tostring(read.root)
    links = list(page_links(read))
    first = clean_page(read)
    assert lxml.html.tostring(read.root) == before
    assert clean_page(read) == first == clean(FULL.encode(), URL)
    assert list(page_links(read)) == links


def test_bytes_and_text_give_one_record() -> None:
    from_bytes, from_text = clean(FULL.encode(), URL), clean(FULL, URL)
    assert isinstance(from_bytes, Article)
    assert isinstance(from_text, Article)
    assert from_bytes.body == from_text.body
    assert from_bytes.authors == from_text.authors


# Everything on the page is in the body or in the audit trail.


@cache
def full() -> Article:
    outcome = clean(FULL.encode(), URL)
    assert isinstance(outcome, Article)
    check(outcome)
    return outcome


def test_the_full_page_gives_its_article_and_nothing_else() -> None:
    first, second, third, fourth = prose("en").paragraphs
    expected = [
        first,
        second,
        "Day | Steps\n3 | 200",
        "- two bandages\n- a cold pack\n- in a towel",
        "I walked to the kitchen on the third day.",
        "a\n b",
        prose("en").heading,
        third,
        fourth,
    ]
    assert full().body == "\n\n".join(expected)


FULL_REASONS = {
    "Home": "breadcrumb",
    prose("en").title: "headline",
    "Author: Martha Green, Chief Physician of Riverside Hospital": "byline",
    "Reviewer: Thomas Reed, MD": "byline",
    "March 3, 2021": "date",
    "When walking is possible again": "toc",
    "Figure 1 Original copyright image, no permission to reprint": "caption",
    "Read also: Why knees crack on the stairs": "related",
    "References": "references",
    "Lind A. Ankle sprains. J Sport Med. 2019;4:11.": "references",
    "<<: Why knees crack": "prev-next",
    ">>: What to eat before a run": "prev-next",
    "Tags: ankle, sport": "tags",
    "All rights reserved.": "copyright",
    "My ankle took three months to heal, and cycling helped.": "comments",
    "Recommend": "related",
    "Never shown to anybody at all.": "hidden",
}


@pytest.mark.parametrize("line", FULL_REASONS)
def test_the_full_page_tells_each_reason(line: str) -> None:
    reasons = {removed.text: removed.reason for removed in full().removed}
    assert reasons.get(line) == FULL_REASONS[line]


def accounted(markup: str) -> None:
    """Body and removed text together hold each word of the page as often as its blocks do."""
    read = read_page(markup, URL)
    if isinstance(read, Rejected):
        return
    outcome = clean_page(read)
    if isinstance(outcome, Article):
        shown = words(" ".join(block.text for block in label_page(read).draft.blocks))
        told = words(outcome.body) + words(" ".join(r.text for r in outcome.removed))
        assert shown == told


def test_no_word_of_the_full_page_vanishes() -> None:
    accounted(FULL)


@pytest.mark.parametrize("language", sorted(PROSE))
def test_no_word_vanishes_in_any_language(language: str) -> None:
    accounted(page(language, head="<p>A1</p>", end="<p>B2</p><ul><li>C3</li></ul>"))


def test_no_line_of_a_text_vanishes() -> None:
    dump = text(before="Home > Injuries", head="Author: Martha Green", end=">>: Next one\n- a\n- b")
    outcome = clean_text(dump)
    assert isinstance(outcome, Article)
    told = words(outcome.body) + words(" ".join(r.text for r in outcome.removed))
    assert told == words(dump)


# One page in many encodings.

ENCODED = [
    ("zh-Hans", "gbk"),
    ("zh-Hans", "gb18030"),
    ("zh-Hant", "big5"),
    ("ja", "shift_jis"),
    ("ja", "euc-jp"),
    ("ko", "euc-kr"),
    ("ru", "windows-1251"),
    ("ru", "koi8-r"),
]


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "undeclared"])
@pytest.mark.parametrize(("language", "encoding"), ENCODED)
def test_a_page_in_any_encoding_gives_one_record(
    language: str, encoding: str, declared: bool
) -> None:
    markup = page(language, charset=None).replace("é", "e")
    expected = clean(page(language).encode("utf-8"), URL)
    meta = f'<meta charset="{encoding}">' if declared else ""
    outcome = clean(markup.replace("<head>", f"<head>{meta}").encode(encoding, "ignore"), URL)
    assert isinstance(expected, Article)
    assert isinstance(outcome, Article)
    for field in ("title", "body", "sections", "language", "word_count", "removed"):
        assert getattr(outcome, field) == getattr(expected, field), field


@pytest.mark.parametrize("language", sorted(PROSE))
def test_utf_8_needs_no_declaration(language: str) -> None:
    declared = clean(page(language).encode(), URL)
    undeclared = clean(page(language, charset=None).encode(), URL)
    assert isinstance(declared, Article)
    assert isinstance(undeclared, Article)
    assert undeclared.body == declared.body


# Never an exception, always a record that fits the schema.

ODD_PAGES = [
    b"",
    b"\x00",
    b"<",
    b"<html>",
    b"<!DOCTYPE html>",
    b"\xff\xfe\x00",
    b"<p>" * 3000,
    b"<div>" * 20000 + b"deep",
    b"<table><tr><td>" * 500,
    b"<a href='//['>x</a><img src='http://[::1'><base href='http://['>",
    b"<html><head><base href='not an address'><link rel=canonical href='::'></head>x",
    b'<script type=\'application/ld+json\'>{"@graph": [{"@type": [1, null]}]}</script><p>x</p>',
    b"<script type='application/ld+json'>" + b'{"a":' * 2000 + b"</script>",
    b"<time datetime='9999-99-99'>32 March 2020</time>",
    "<p>\ud800\udfff</p>".encode("utf-8", "surrogatepass"),
    b'<?xml version="1.0" encoding="nonsense"?><html><p>x</p></html>',
    b"<meta charset=utf-16><p>not utf-16</p>",
    b"<frameset><frame src='a'></frameset>",
    b"<html><body><svg><text>x</text></svg><math><mi>y</mi></math></body></html>",
    b"%PDF-1.4 \x80\x81",
    b'{"json": true}',
]


@pytest.mark.parametrize("html", ODD_PAGES, ids=lambda html: repr(html[:24]))
def test_odd_pages(html: bytes) -> None:
    check(clean(html, URL))


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "example",
        "http://[",
        "http://[key]/a",
        "ftp://x/y",
        "https://例え.jp/足首",
        "http://x:99999/",
        "\ud800",
    ],
)
def test_odd_addresses(url: str | None) -> None:
    outcome = clean(FULL.encode(), url)
    assert outcome.stage == "decode" if isinstance(outcome, Rejected) else outcome.body


@pytest.mark.parametrize(
    "markup",
    [
        "<a href='http://['>x</a>",
        "<img src='http://['>",
        "<base href='http://['>",
        "<h2><a href='http://['>Why knees crack on the stairs</a></h2>",
        "<h3>Related articles</h3><ul><li><a href='http://['>Why knees crack</a></li></ul>",
        "<p>Next: <a href='http://['>Why knees crack</a></p>",
        "<a rel='license' href='http://['>cc</a>",
        "<a rel='author' href='http://['>Ann Lee</a>",
        "<link rel='canonical' href='http://[x'>",
        "<link rel='canonical' href='https://[key]/a'>",
        "<meta property='og:url' content='http://[x'>",
        "<h1><a href='http://[x'>A headline</a></h1>",
        '<script type=\'application/ld+json\'>{"@type": "Article", "url": "http://["}</script>',
    ],
)
def test_odd_addresses_in_a_page(markup: str) -> None:
    check(clean(page(before=markup), URL))


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=400))
def test_any_bytes(html: bytes) -> None:
    check(clean(html, URL))
    check(clean(b"<html><body><p>" + html + b"</p><p>" + prose("en").paragraphs[0].encode(), URL))


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=400))
@example("\ud800 lone surrogate " + "x " * 200)
@example("\u2028\x85\x0b\x0c" * 10)
def test_any_text(given_text: str) -> None:
    check(clean_text(given_text))
    check(clean_text(text(top=given_text)))
    check(clean(given_text))


PIECES = [piece for piece in re.split(r"(<[^>]*>)", FULL) if piece]
NOISE = [
    "\x00",
    "\x0b",
    "\ufffe",
    "\u202e",
    "&#0;",
    "&#xD800;",
    "&nbsp",
    "<!--",
    "]]>",
    "<![CDATA[",
    "\r",
]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """The full page with pieces deleted, repeated, moved, truncated and littered."""
    pieces = list(PIECES)
    rng = random.Random(draw(st.integers(0, 2**32)))
    for _ in range(draw(st.integers(1, 25))):
        at = rng.randrange(len(pieces))
        what = rng.choice(("delete", "repeat", "move", "noise", "attribute", "cut"))
        if what == "delete" and len(pieces) > 1:
            del pieces[at]
        elif what == "repeat":
            pieces[at:at] = pieces[at : at + rng.randint(1, 12)]
        elif what == "move":
            pieces.insert(rng.randrange(len(pieces)), pieces[at])
        elif what == "noise":
            pieces.insert(at, rng.choice(NOISE))
        elif what == "attribute":
            pieces[at] = re.sub(r'"[^"]*"', lambda _: f'"{rng.choice(NOISE)}"', pieces[at])
        elif rng.random() < 0.1:
            pieces = pieces[: max(1, at)]
    return "".join(pieces)


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(mutated())
def test_any_mutation_of_a_page(markup: str) -> None:
    check(clean(markup, URL))
    accounted(markup)


# As written out.


def test_the_writer_takes_every_outcome() -> None:
    file = io.BytesIO()
    writer = JsonLinesWriter(file, ARTICLE_SCHEMA)
    for language in sorted(PROSE):
        writer.write(clean(page(language).encode(), URL).to_dict())
    writer.close()
    rows = [json.loads(line) for line in file.getvalue().split(b"\n") if line]
    assert [row["title"] for row in rows] == [prose(language).title for language in sorted(PROSE)]


@pytest.mark.parametrize("depth", [300, 900, 985])
def test_what_is_nested_deep_is_no_error(depth: int) -> None:
    nested = "[" * depth + '"Ann Lee"' + "]" * depth
    heading = "<h1>" + "<b>" * depth + "Sprained ankle</h1>"
    data = f'{{"@type": "Article", "headline": {nested}, "author": {nested}, "keywords": {nested}}}'
    page = (
        f'<title>Sprained ankle</title><script type="application/ld+json">{data}</script>{heading}'
    )
    outcome = clean(page + "<p>" + "A joint swells within the hour. " * 30)
    assert outcome.title == "Sprained ankle"
