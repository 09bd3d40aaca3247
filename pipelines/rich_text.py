"""Articles that are kept as data, written as mark-up again.

Editors keep a text as a list of nodes: portable text, Editor.js, Slate, Draft.js, ProseMirror,
Lexical, Contentful, Gutenberg, hast, or a site's own list of blocks. They differ in how the fields
are called, not in what there is: a node says what it is, and holds text, nodes, or both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

# Nodes inside each other; written text reaches about 20.
MOST_DEPTH = 60
# A list is a text if so many of its nodes say what part of a text they are (share).
KNOWN_SHARE = 0.6
# Nodes of a list that are looked at to tell.
LOOKED_AT = 60
# Paragraphs are longer than names and tags (characters).
PARAGRAPH = 60

MARKUP = re.compile(
    r"<(?:p|h[1-6]|div|ul|ol|li|br|span|strong|b|em|i|a|section|article|blockquote|figure|table|pre)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
# Fields that say what a node is, the surest first.
KINDS = (
    "tagName", "tag", "nodeType", "type", "_type", "blockType", "kind", "__typename",
    "__component", "component", "name",
)  # fmt: skip
# Fields that hold what is in a node. The first that holds something does.
INNER = (
    "children", "content", "nodes", "innerHTML", "items", "innerBlocks", "blocks", "root",
    "document", "rows", "cells", "html", "rendered", "text", "value", "body", "data", "attributes",
    "props", "attrs", "json", "item", "fields", "paragraph",
)  # fmt: skip
TITLES = ("title", "headline", "heading")
# What an entry of a list of other pages has, and no part of a text.
ADDRESSES = ("url", "slug", "href", "link", "path", "permalink", "uri")
# Tags that mark-up may hold as they are.
TAGS = frozenset(
    "p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre table thead tbody tr td th dl dt dd strong b em i"
    " a span br sup sub code figure figcaption section div article main details summary".split()
)
# No text of the article, whatever is in it.
LEFT_OUT = re.compile(
    r"(?:^|-)(?:image|img|photo|picture|gallery|video|audio|embed(?:ded)?|iframe|ad|advert\w*|form|"
    r"newsletter|related|recommend\w*|promo\w*|button|cta|social|share|script|style|divider|"
    r"comment|carousel|slider|nav|menu)s?(?:$|-)"
)
# What the words of a kind mean, in order.
MEANINGS = (
    ("inline", re.compile(r"^(?:text|string|link|hyperlink|mention|mark|leaf|emphasis)$")),
    ("li", re.compile(r"list-?item|^item$")),
    ("tr", re.compile(r"(?:^|-)row$")),
    ("td", re.compile(r"(?:^|-)(?:cell|column)$")),
    ("table", re.compile(r"(?:^|-)table$")),
    ("ul", re.compile(r"(?:^|-)lists?(?:$|-)|bullet|ordered|(?:^|-)[uo]l$")),
    ("h", re.compile(r"(?:^|-)(?:head(?:er|ing|line)|title|subtitle|h)[1-6]?(?:$|-)")),
    ("blockquote", re.compile(r"quote")),
    ("pre", re.compile(r"^(?:code|pre|code-block|preformatted)$")),
    ("p", re.compile(r"paragraph|^(?:unstyled|normal|block|body|content|html)$|text|prose|copy")),
    ("", re.compile(r"^(?:doc|document|root|fragment|section|group|element)$")),
)  # fmt: skip
# What lists and tables are made of.
_PARTS = {"ul": "li", "ol": "li", "table": "tr", "thead": "tr", "tbody": "tr", "tr": "td"}
_BLOCKS = re.compile(r"<(?:p|h[1-6]|div|[uo]l|table|blockquote|pre|section|article|figure)[\s>]")
_LEVEL_WORDS = ("one", "two", "three", "four", "five", "six")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ITEMS = re.compile(r"(?:<li>(?:(?!</?li>).)*</li>)+", re.DOTALL)


def is_text(value: Any) -> bool:
    """Whether a list is a text kept as nodes: kinds of blocks, or paragraphs as strings.

    >>> is_text([{"type": "paragraph", "text": "One."}, {"type": "heading", "text": "Two"}])
    True
    >>> is_text([{"title": "Another page", "url": "/b"}])
    False
    """
    if not isinstance(value, list) or not value:
        return False
    looked = value[:LOOKED_AT]
    if all(isinstance(node, str) for node in looked):
        if value[0] == "$":
            return len(value) > 3 and isinstance(value[3], dict)
        return len(looked) > 1 and sum(map(len, looked)) >= PARAGRAPH * len(looked)
    if value[0] == "$" and len(value) > 3:
        return isinstance(value[1], str) and isinstance(value[3], dict)
    nodes = [node for node in looked if isinstance(node, dict)]
    known = sum(_is_part(node) for node in nodes)
    return len(nodes) == len(looked) and known >= KNOWN_SHARE * len(nodes)


def _is_part(node: dict[str, Any]) -> bool:
    """Whether a node is a part of a text: by its kind, or as a heading with the text below it."""
    titled = any(isinstance(node.get(key), str) for key in TITLES)
    if titled and any(isinstance(node.get(key), str) for key in ADDRESSES):
        return False
    return _kind(node) is not None or (titled and any(key in node for key in INNER))


def write(value: Any, depth: int = 0, inline: bool = False, part: str = "") -> str:
    """A text that is kept as nodes, as mark-up; empty where it holds none.

    `inline`: inside a paragraph. `part`: the tag of what a list or a table is made of.
    """
    if depth > MOST_DEPTH:
        return ""
    if isinstance(value, str):
        return value if MARKUP.search(value) else escape(value, quote=False)
    if isinstance(value, list):
        if value[:1] == ["$"] and len(value) > 3 and isinstance(value[3], dict):
            return _write_element(value, depth)
        return _write_list(value, depth, inline, part)
    return _write_node(value, depth, inline, part) if isinstance(value, dict) else ""


def _write_list(nodes: Sequence[Any], depth: int, inline: bool, part: str) -> str:
    if part:
        inner = "td" if part == "tr" else ""
        return "".join(_wrapped(write(n, depth + 1, part == "li", inner), part) for n in nodes)
    if not inline and len(nodes) > 1 and all(isinstance(node, str) for node in nodes):
        return "".join(_wrapped(write(node, depth + 1), "p") for node in nodes)
    written = "".join(write(node, depth + 1, inline) for node in nodes)
    if any(isinstance(node, dict) and _kind(node) == "li" for node in nodes):
        # Items that stand among paragraphs.
        return _ITEMS.sub(lambda match: f"<ul>{match.group()}</ul>", written)
    return written


def _wrapped(written: str, tag: str) -> str:
    """Text inside a tag, if it is not inside that, or inside mark-up that cannot be in it."""
    if not written.strip() or written.startswith(f"<{tag}>"):
        return written
    if tag == "p" and _BLOCKS.search(written):
        return written
    return f"<{tag}>{written}</{tag}>"


def _write_element(element: Sequence[Any], depth: int) -> str:
    """An element as React sends it: `["$", tag, key, properties]`."""
    tag, properties = element[1], element[3]
    raw = properties.get("dangerouslySetInnerHTML")
    inner = raw.get("__html") if isinstance(raw, dict) else properties.get("children")
    if not isinstance(tag, str) or (tag not in TAGS and LEFT_OUT.search(tag)):
        return ""
    written = write(inner, depth + 1, inline=True)
    return f"<{tag}>{written}</{tag}>" if tag in TAGS else written


def _write_node(node: dict[str, Any], depth: int, inline: bool, part: str) -> str:
    kind = _kind(node)
    if kind == "out":
        return ""
    if kind == "inline" and not inline:
        kind = "p"
    part = _PARTS.get(kind or "", part if kind is None else "")
    inner = _inner(node, depth, inline or kind in ("p", "h", "inline", "td", "pre"), part)
    if kind == "li" or (kind is None and inline):
        inner += _list_below(node, inner, depth)
    if kind is None and not (inline or part):
        heading = next((node[k] for k in TITLES if isinstance(node.get(k), str)), None)
        inner = _wrapped(escape(heading, quote=False), "h2") + inner if heading else inner
    if not inner:
        return ""
    if kind in (None, "", "inline"):
        return f"<b>{inner}</b>" if _is_bold(node) else inner
    return _wrapped(inner, f"h{_level(node)}" if kind == "h" else kind)


def _inner(node: dict[str, Any], depth: int, inline: bool, part: str) -> str:
    for key in INNER:
        value = node.get(key)
        if value and (written := write(value, depth + 1, inline, part)).strip():
            return written
    return ""


def _list_below(node: dict[str, Any], written: str, depth: int) -> str:
    """The list inside an item that has its own text in another field."""
    items = node.get("items")
    if not isinstance(items, list) or not items or not (node.get("content") or node.get("text")):
        return ""
    inner = _write_list(items, depth + 1, True, "li")
    return f"<ul>{inner}</ul>" if inner and inner not in written else ""


def _kind(node: dict[str, Any]) -> str | None:
    """What a node is: a tag, `h`, `inline`, `out`, or empty for a container; None if unsaid."""
    if isinstance(node.get("listItem"), str):
        return "li"
    for key in KINDS:
        value = node.get(key)
        if not isinstance(value, str) or not 0 < len(value) <= 60:
            continue
        word = _word(value)
        if key == "_type" and word == "block" and isinstance(node.get("style"), str):
            word = _word(node["style"])
        if word in TAGS:
            return "h" if re.fullmatch("h[1-6]", word) else "inline" if word == "span" else word
        if LEFT_OUT.search(word):
            return "out"
        for meaning, pattern in MEANINGS:
            if pattern.search(word):
                return meaning
    return None


def _word(kind: str) -> str:
    """The last part of a kind in small letters: `core/listItem` is `list-item`."""
    last = re.split(r"[/.:]", kind)[-1]
    return _CAMEL.sub("-", last).lower().replace("_", "-")


def _level(node: dict[str, Any]) -> int:
    """The level of a heading: a field of its own, a digit or a number in its kind; else 2."""
    for holder in (node, node.get("attrs"), node.get("data"), node.get("attributes")):
        if isinstance(holder, dict):
            for key in ("level", "depth"):
                value = str(holder.get(key))
                if re.fullmatch(r"h?[1-6]", value):
                    return int(value[-1])
    kinds = " ".join(str(node.get(key)) for key in (*KINDS, "style"))
    if match := re.search(r"(?:head(?:ing|er)?[-_]?|\bh)([1-6])\b", kinds, re.IGNORECASE):
        return int(match[1])
    for number, word in enumerate(_LEVEL_WORDS, 1):
        if f"-{word}" in kinds:
            return number
    return 2


def _is_bold(node: dict[str, Any]) -> bool:
    marks = node.get("marks")
    names = (
        [m.get("type") if isinstance(m, dict) else m for m in marks]
        if marks and isinstance(marks, list)
        else []
    )
    return node.get("bold") is True or "bold" in names or "strong" in names
