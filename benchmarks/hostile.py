"""Pages that nobody writes, and large pages of several shapes, made when they are asked for.

`SHAPES` grow to any size (bytes) and are read in time proportional to it. `HOSTILE` pages attack
one part of the cleaner each: the parser, the walk, the tables, the phrases, a regular expression.
All are the same each time.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterator
from itertools import count

SEED = 20261123
WORDS = (
    "the heart pumps blood through vessels whose walls stretch and recoil with every beat while "
    "the lungs fill it with oxygen and the kidneys clear it of what the body no longer needs so "
    "doctors measure pressure pulse and weight before they ask about pain sleep appetite or mood"
).split()
HAN = "心脏每天跳动约十万次，把血液送到全身。医生建议成年人定期测量血压，并注意休息和饮食。"


def sentence(rng: random.Random, length: int = 18) -> str:
    """A sentence of so many words, none twice alike on a page."""
    return " ".join(rng.choices(WORDS, k=length)).capitalize() + "."


def _paragraph(rng: random.Random, n: int) -> str:
    head = f"<h2>Part {n}: {sentence(rng, 4)}</h2>" if n % 8 == 0 else ""
    return f"{head}<p>{' '.join(sentence(rng) for _ in range(4))}</p>\n"


def _links(rng: random.Random, n: int) -> str:
    return f'<li class="item i{n % 7}"><a href="/page/{n}?from=list">{sentence(rng, 6)}</a></li>\n'


def _table(rng: random.Random, n: int) -> str:
    rows = "".join(
        f"<tr><td>{sentence(rng, 2)}</td><td>{n}.{row}</td><td>{sentence(rng, 5)}</td></tr>"
        for row in range(12)
    )
    return f"<table><tr><th>What</th><th>How much</th><th>Why</th></tr>{rows}</table>\n"


def _flat(rng: random.Random, n: int) -> str:
    return f"{sentence(rng)} {n}<br><br>\n"


def _lists(rng: random.Random, n: int) -> str:
    depth = n % 12 + 1
    opened = "".join(f"<ul><li>{sentence(rng, 5)}" for _ in range(depth))
    return opened + "</li></ul>" * depth + "\n"


def _inline(rng: random.Random, n: int) -> str:
    return f"{sentence(rng)} <b>{n}</b> <i><span>{sentence(rng, 3)}</span></i> "


def _chinese(rng: random.Random, n: int) -> str:
    at = rng.randrange(len(HAN))
    return f"<p>第{n}段。{HAN[at:]}{HAN[:at]}</p>\n"


def _divs(rng: random.Random, n: int) -> str:
    return f'<div class="c{n % 9}"><div><span>{sentence(rng, 12)}</span></div></div>'


def _attributes(rng: random.Random, n: int) -> str:
    held = "".join(f' data-a{k}="{rng.random()}"' for k in range(30))
    return f'<p id="p{n}"{held} style="color:red;margin:0">{sentence(rng)}</p>'


def _scripts(rng: random.Random, n: int) -> str:
    code = f"window.q=window.q||[];q.push({{n:{n},t:'{sentence(rng, 30)}'}});"
    return f"<script>{code}</script><p>{sentence(rng)}</p>"


# One row a shape: what it repeats, and whether inside one paragraph.
_PARTS: dict[str, tuple[Callable[[random.Random, int], str], str]] = {
    "article": (_paragraph, "article"),
    "links": (_links, "ul"),
    "tables": (_table, "article"),
    "breaks": (_flat, "div"),
    "nested lists": (_lists, "article"),
    "one paragraph": (_inline, "p"),
    "Chinese": (_chinese, "article"),
    "one line": (_divs, "article"),
    "attributes": (_attributes, "article"),
    "scripts": (_scripts, "article"),
}


def shaped(shape: str, size: int) -> bytes:
    """A page of about `size` bytes."""
    part, container = _PARTS[shape]
    rng = random.Random(SEED)
    pieces: list[bytes] = []
    length = 0
    for n in count():
        pieces.append(part(rng, n).encode())
        length += len(pieces[-1])
        if length >= size:
            break
    return _framed(b"".join(pieces), container)


SHAPES = tuple(_PARTS)


def _framed(inside: bytes, container: str = "article") -> bytes:
    head = (
        b"<!doctype html><html lang=en><head><meta charset=utf-8><title>The heart at work</title>"
    )
    return b"%s</head><body><h1>The heart at work</h1><%s>%s</%s></body></html>" % (
        head,
        container.encode(),
        inside,
        container.encode(),
    )


_RNG = random.Random(SEED)
STORY = "".join(_paragraph(_RNG, n) for n in range(12)).encode()


def _beside(inside: bytes) -> bytes:
    """What is hostile, and an article below it."""
    return _framed(inside + STORY)


def _paragraphs(line: str) -> bytes:
    """Lines long and short: rules look at short ones, and at the ends of long ones."""
    return _beside(b"".join(b"<p>%s</p>" % line[:n].encode() for n in (60, 250, 680, 2_000_000)))


def _text_of(line: str, size: int = 2_000_000) -> bytes:
    return _paragraphs(line * (size // len(line) + 1))


def _in_attribute(name: str, value: str) -> bytes:
    return _beside(f'<div {name}="{value * (2_000_000 // len(value))}"><p>In it</p></div>'.encode())


def _head(markup: str) -> bytes:
    page = _framed(STORY)
    return page.replace(b"</head>", markup.encode() + b"</head>", 1)


def _json_ld(value: object) -> bytes:
    return _head(f'<script type="application/ld+json">{json.dumps(value)}</script>')


def _large_json_ld() -> bytes:
    graph = [
        {"@type": "Article", "@id": f"#{n}", "headline": f"Headline {n}", "author": {"name": "A B"}}
        for n in range(100_000)
    ]
    return _json_ld({"@context": "https://schema.org", "@graph": graph})


def _deep_json_ld(depth: int = 1_000_000) -> bytes:
    opened = '{"@type":"Article","author":' * depth
    return _head(f'<script type="application/ld+json">{opened}1{"}" * depth}</script>')


def _names() -> bytes:
    names = (f"Dr. Anna-Maria O'Neil van der Berg {n} MD, PhD" for n in range(30_000))
    return _beside(f"<p>Written by {', '.join(names)}</p>".encode())


def _dates() -> bytes:
    return _beside(b"".join(b"<p>Published 2020-01-%02d</p>" % (n % 31) for n in range(100_000)))


def _random_bytes(size: int = 10_000_000) -> bytes:
    return b"<html><body><p>" + random.Random(SEED).randbytes(size)


def _random_tags() -> bytes:
    rng = random.Random(SEED)
    tags = "div p ul li table tr td b i a span h2 blockquote dl dt dd form pre article".split()

    def piece() -> str:
        return f"<{'/' if rng.random() < 0.4 else ''}{rng.choice(tags)}>{rng.choice(WORDS)} "

    return "".join(piece() for _ in range(500_000)).encode()


def _misnested(count: int = 200_000) -> bytes:
    return _beside(b"<b><i><a href=/x>x</b></i>" * count)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "100,000 divs in each other": lambda: b"<div>" * 100_000 + b"the text" + STORY,
    "100,000 spans in each other": lambda: b"<span>" * 100_000 + b"the text" + STORY,
    "1,000,000 b in each other": lambda: b"<b>" * 1_000_000 + b"the text" + STORY,
    "1,000,000 font in each other": lambda: b"<font size=1>" * 1_000_000 + b"the text" + STORY,
    "100,000 tables in each other": lambda: b"<table><tr><td>" * 100_000 + STORY,
    "100,000 lists in each other": lambda: b"<ul><li>" * 100_000 + STORY,
    "100,000 quotes in each other": lambda: b"<blockquote><p>x" * 100_000 + STORY,
    "100,000 forms in each other": lambda: b"<form><fieldset>" * 100_000 + STORY,
    "1,900 divs in each other": lambda: b"<div>" * 1_900 + STORY + b"<p>x</p></div>" * 1_900,
    "tags that cross each other": _misnested,
    "1,000,000 siblings": lambda: _beside(b"<p>x</p>" * 1_000_000),
    "6,000,000 tiny paragraphs": lambda: b"<p>" * 6_000_000 + STORY,
    "6,000,000 tiny paragraphs with text": lambda: b"<p>x" * 6_000_000,
    "1,000,000 links": lambda: _beside(b"<a href=/x>a link</a> " * 1_000_000),
    "1,000,000 links on lines": lambda: _beside(b"<li><a href=/x>a link</a>" * 1_000_000),
    "1,000,000 breaks": lambda: _beside(b"<br>" * 1_000_000),
    "1,000,000 lines": lambda: _beside(b"a line<br>" * 1_000_000),
    "1,000,000 headings": lambda: _beside(b"<h2>A heading</h2>" * 1_000_000),
    "1,000,000 images": lambda: _beside(b"<img src=/x.png>" * 1_000_000),
    "1,000,000 figures": lambda: _beside(
        b"<figure><img src=/x.png><figcaption>A</figcaption></figure>" * 250_000
    ),
    "1,000,000 list items": lambda: _beside(b"<ul>" + b"<li>one of them" * 1_000_000 + b"</ul>"),
    "1,000,000 table rows": lambda: _beside(
        b"<table>" + b"<tr><td>a<td>b" * 1_000_000 + b"</table>"
    ),
    "1,000,000 cells in a row": lambda: _beside(
        b"<table><tr>" + b"<td>a" * 1_000_000 + b"<tr><td>b<td>c</table>"
    ),
    "100,000 tables": lambda: _beside(b"<table><tr><td>a<td>b<tr><td>c<td>d</table>" * 100_000),
    "1,000,000 comments": lambda: _beside(b"x<!-- c -->" * 1_000_000),
    "1,000,000 unknown elements": lambda: _beside(b"<x-y>a</x-y>" * 1_000_000),
    "1,000,000 meta": lambda: _head('<meta name="author" content="A B">' * 1_000_000),
    "1,000,000 microdata": lambda: _beside(
        b"<div itemscope itemtype=http://schema.org/Article><b itemprop=author>A B</b></div>"
        * 300_000
    ),
    # As many as are read, not refused unread.
    "45,000 paragraphs": lambda: _beside(b"<p>A line of text.</p>" * 45_000),
    "45,000 paragraphs of text": lambda: _beside(
        b"".join(b"<p>%s</p>" % sentence(_RNG).encode() for _ in range(45_000))
    ),
    "45,000 links on lines": lambda: _beside(b"<li><a href=/x>a link</a>" * 45_000),
    "45,000 headings": lambda: _beside(b"<h2>A heading</h2>" * 45_000),
    "45,000 labelled lines": lambda: _beside(b"<p>Read also: something</p>" * 45_000),
    "45,000 bylines": lambda: _beside(b"<p>Written by Anna Berg, MD</p>" * 45_000),
    "45,000 captions": lambda: _beside(b"<figure><img src=/x.png><figcaption>A" * 45_000),
    "45,000 rows": lambda: _beside(b"<table>" + b"<tr><td>a<td>b" * 45_000 + b"</table>"),
    "45,000 forms": lambda: _beside(b"<form><p>Your name</p><input></form>" * 45_000),
    "22,000 lists of sources": lambda: _beside(
        b"<h3>References</h3><ol><li>Lind A. J Med. 2019;4:11.</li></ol>" * 22_000
    ),
    "45,000 lines without mark-up": lambda: b"word and another\n" * 45_000,
    "540,000 links": lambda: _beside(b"<a href=/x>a link</a> " * 540_000),
    "540,000 breaks in a link": lambda: _beside(b"<a href=/x>" + b"a<br>" * 540_000 + b"</a>"),
    "540,000 images": lambda: _beside(b"<img src=/x.png>" * 540_000),
    "540,000 h1": lambda: _beside(b"<h1></h1>" * 540_000),
    "540,000 times": lambda: _beside(b"<time datetime=2020-01-01></time>" * 540_000),
    "540,000 related": lambda: _beside(b"<a rel=author href=/a>Anna Berg</a>" * 500_000),
    "540,000 empty elements": lambda: _beside(b"<div></div>" * 540_000),
    "an attribute of 50 MB": lambda: _beside(b'<p title="' + b"x" * 50_000_000 + b'">text</p>'),
    "a class of 20 MB": lambda: _beside(b'<p class="' + b"word " * 4_000_000 + b'">text</p>'),
    "1,000,000 attributes": lambda: _beside(
        b"<p " + b" ".join(b"a%d=1" % n for n in range(1_000_000)) + b">text</p>"
    ),
    "a comment of 50 MB": lambda: _beside(b"<!-- " + b"x" * 50_000_000 + b" -->"),
    "a comment that never ends": lambda: b"<!-- " + b"<p>x</p>" * 1_000_000,
    "a script of 50 MB": lambda: _beside(b"<script>" + b"x=1;" * 12_500_000 + b"</script>"),
    "a script that never ends": lambda: b"<script>" + b"x<y;" * 5_000_000 + STORY,
    "a style of 50 MB": lambda: _beside(b"<style>" + b"a{b:c}" * 8_000_000 + b"</style>"),
    "text of 20 MB without mark-up": lambda: b"word and another " * 1_200_000,
    "lines of 20 MB without mark-up": lambda: b"word and another\n" * 1_200_000,
    "a word of 20 MB": lambda: _beside(b"<p>" + b"x" * 20_000_000 + b"</p>"),
    "null bytes": lambda: b"\x00" * 20_000_000,
    "null bytes in a page": lambda: _beside(b"<p>a\x00b</p>" * 1_000_000),
    "20 MB of <": lambda: b"<" * 20_000_000,
    "20 MB of &": lambda: b"<p>" + b"&" * 20_000_000,
    "20 MB of <!": lambda: b"<!" * 10_000_000,
    "20 MB of </": lambda: b"</" * 10_000_000,
    "20 MB of <a": lambda: b"<a " * 7_000_000,
    "1 MB of <!--": lambda: b"<!--" * 250_000,
    "1 MB of <![": lambda: b"<![" * 330_000,
    "1 MB of <a/": lambda: b"<a/" * 330_000,
    "1 MB of <?": lambda: b"<?" * 500_000,
    "entities": lambda: _beside(b"<p>" + b"&amp;&lt;&nbsp;&#x1F600;&bogus;" * 500_000 + b"</p>"),
    "entities that expand": lambda: (
        b'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(10))
        + b"]><html><body><p>&k;</p></body></html>"
    ),
    "a gzip bomb": lambda: gzip.compress(b"<p>" * 700_000_000, 1),
    "gzip of a page within the limit": lambda: gzip.compress(b"<p>" * 60_000_000, 1),
    "random bytes": _random_bytes,
    "random tags": _random_tags,
    "UTF-16 without a mark": lambda: _beside(STORY * 300).decode().encode("utf-16-le"),
    "a large JSON-LD": _large_json_ld,
    "a deep JSON-LD": _deep_json_ld,
    "a JSON-LD of brackets": lambda: _head(
        '<script type="application/ld+json">' + "[" * 10_000_000 + "</script>"
    ),
    "headings that begin as labels of people": lambda: _framed(
        STORY + "".join(f"<h2>Author: part {n}</h2><p>{HAN}</p>" for n in range(12_000)).encode()
    ),
    "a JSON-LD of comments that never end": lambda: _head(
        '<script type="application/ld+json">{' + "/* " * 700_000 + "</script>"
    ),
    "a JSON-LD of comments around each other": lambda: _head(
        '<script type="application/ld+json">' + "/*<![CDATA[*/" * 150_000 + "</script>"
    ),
    "a JSON-LD of objects without a list": lambda: _head(
        '<script type="application/ld+json">' + '{"a":1}' * 300_000 + "</script>"
    ),
    "1,000 JSON-LD": lambda: _head(
        '<script type="application/ld+json">{"@type":"Article","name":"x"}</script>' * 100_000
    ),
    "a page state of 20 MB": lambda: _head(
        '<script id="__NEXT_DATA__" type="application/json">'
        + json.dumps({"props": [{"text": "word " * 20, "n": n} for n in range(150_000)]})
        + "</script>"
    ),
    "a page state of brackets": lambda: (
        b'<script id="__NEXT_DATA__" type="application/json">'
        + b'{"a":[' * 3_000_000
        + b"</script>"
    ),
    "a page state of escaped quotes": lambda: _head(
        '<script id="__NEXT_DATA__" type="application/json">{"a":' + '\\"b' * 300_000 + "</script>"
    ),
    "a JSON-LD of escaped quotes": lambda: _head(
        '<script type="application/ld+json">{"a":' + '\\"b' * 1_000_000 + "</script>"
    ),
    "templates in each other": lambda: _beside(b"<template>" * 100_000 + b"x"),
    "100,000 templates": lambda: _beside(b"<template><p>x</p></template>" * 100_000),
    "100,000 noscripts": lambda: _beside(b"<noscript><p>x</p></noscript>" * 100_000),
    "100,000 streamed parts": lambda: _beside(
        b"".join(
            b'<template id="B:%d"></template><div hidden id="S:%d"><p>x</p></div>' % (n, n)
            for n in range(100_000)
        )
    ),
    "names": _names,
    "dates": _dates,
    "a long date line": lambda: _text_of("2020-01-01 "),
    "years below a heading": lambda: _beside(
        b"<h2>Sources</h2>" + b"<p>%s</p><p>%s</p>" % (b"1999 " * 40_000, b"et al " * 40_000)
    ),
    "spaces": lambda: _paragraphs("a" + " " * 2_000_000 + "b"),
    "no-break spaces": lambda: _text_of("\u00a0"),
    "line ends": lambda: _text_of("\n \t"),
    "dots": lambda: _text_of("."),
    "dots and spaces": lambda: _text_of(". "),
    "commas": lambda: _text_of(","),
    "commas and letters": lambda: _text_of("a, "),
    "digits": lambda: _text_of("1"),
    "digits and dots": lambda: _text_of("1.2-3/"),
    "capitals": lambda: _text_of("Aa Bb "),
    "capitals without end": lambda: _text_of("A"),
    "bars": lambda: _text_of("a | "),
    "arrows": lambda: _text_of(">> "),
    "colons": lambda: _text_of("a: "),
    "brackets": lambda: _text_of("("),
    "brackets in each other": lambda: _paragraphs("(" * 1_000_000 + ")" * 1_000_000),
    "quotation marks": lambda: _text_of("“"),
    "dashes": lambda: _text_of("- "),
    "by and by": lambda: _text_of("by "),
    "photo and photo": lambda: _text_of("Photo: "),
    "copyright and copyright": lambda: _text_of("© 2020 "),
    "addresses": lambda: _text_of("https://e.org/a/"),
    "at signs": lambda: _text_of("a@"),
    "Han without end": lambda: _text_of("医"),
    "Han and spaces": lambda: _text_of("医 "),
    "Han and line ends": lambda: _text_of("医\n"),
    "Arabic": lambda: _text_of("د. "),
    "combining marks": lambda: _text_of("e\u0301\u0302"),
    "zero-width characters": lambda: _text_of("\u200b"),
    "mojibake": lambda: _text_of("Ã©"),
    "a class of hyphens": lambda: _in_attribute("class", "-"),
    "a class of comments": lambda: _in_attribute("class", "comment-"),
    "a style of colons": lambda: _in_attribute("style", "display :  "),
    "a srcset": lambda: _beside(f'<img srcset="{"/a.png 1x, " * 200_000}">'.encode()),
    "an address of 2 MB": lambda: _beside(f'<a href="/{"a/../" * 400_000}">x</a>'.encode()),
    "a title of 2 MB": lambda: _head(f"<title>{'a - b | ' * 250_000}</title>"),
    "a title of digits": lambda: _head(f"<title>{'1a' * 1_000_000}</title>"),
    "a headline of digits": lambda: _framed(b"<h1>" + b"1 a" * 700_000 + b"</h1>" + STORY),
    "a caption of 2 MB": lambda: _framed(
        STORY
        + b"<figure><img src=/x.png><figcaption>"
        + b"Photo: x " * 200_000
        + b"</figcaption></figure>"
        + STORY
    ),
    "a quotation of 2 MB": lambda: _head(
        '<script type="application/ld+json">{"@type":"Article","headline":"'
        + "1 by a, " * 250_000
        + '","author":"'
        + "A B and " * 250_000
        + '"}</script>'
    ),
    "trails": lambda: _beside(b"<ul class=breadcrumb>" + b"<li><a href=/>a</a> / " * 40_000),
    "a byline of 2 MB": lambda: _framed(
        b"<p class=byline>By " + b"Anna Berg, MD and " * 110_000 + b"</p>" + STORY
    ),
    "a description of 2 MB": lambda: _head(
        f'<meta name=description content="{"word " * 400_000}"><meta name=author content="'
        f'{"Aa Bb, " * 300_000}">'
    ),
}


def mixture(pages: list[bytes], size: int) -> Iterator[bytes]:
    """`size` pages: those given in turn, every second time around with something changed."""
    rng = random.Random(SEED)
    for n in range(size):
        page = pages[n % len(pages)]
        if n // len(pages) % 2:
            at = rng.randrange(len(page) + 1)
            page = page[:at] + f"<p>{sentence(rng)}</p>".encode() + page[at:]
        yield page
