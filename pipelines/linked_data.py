"""What a page declares of itself: JSON-LD, microdata and meta tags, as plain dicts.

One walk over the tree collects the elements; nothing in the tree is changed. Broken JSON is
repaired only where there is one way to read it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree, html

# Objects, and meta tags. A page with more declares its whole site; the walk must end.
NODE_LIMIT = 2000
# Characters of a script; those of real pages have a few hundred thousand at most.
JSON_LIMIT = 5_000_000
# Depth of nested objects: deeper ones are comments and breadcrumbs of other pages.
DEPTH_LIMIT = 6

Node = dict[str, Any]

_SCOPES = etree.XPath("/descendant::*[@itemscope]")

_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*$"
)
_OPENINGS, _CLOSINGS = ("<!", "//", "/*"), (">", "*/")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
# Also one that never ends: each character is looked at once.
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Declared:
    """What one walk over the tree collected.

    `nodes`: JSON-LD objects, `@graph` and lists flattened, in document order. `by_id`: those with
    an `@id`. `items`: microdata items as nodes of the same shape. `meta`: first content of each
    meta name or property, lower-case. `metas`: every (name, content). `links`: rel -> addresses.
    `related`: the `<a>` that have a `rel`, such as author, license, tag.
    """

    nodes: tuple[Node, ...] = ()
    by_id: Mapping[str, Node] = field(default_factory=dict)
    items: tuple[Node, ...] = ()
    meta: Mapping[str, str] = field(default_factory=dict)
    metas: tuple[tuple[str, str], ...] = ()
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    times: tuple[html.HtmlElement, ...] = ()
    headings: tuple[html.HtmlElement, ...] = ()
    related: tuple[html.HtmlElement, ...] = ()
    title: str | None = None

    def place_of(self, node: Node) -> str:
        """What a node was written in, in words for a reader."""
        return "microdata" if any(node is item for item in self.items) else "JSON-LD"

    def resolve(self, value: Any) -> Any:
        """The node that `{"@id": …}` alone refers to; anything else as it is."""
        if isinstance(value, dict) and "@id" in value and len(value) <= 2:
            return self.by_id.get(str(value["@id"]), value)
        return value


def read_declared(root: html.HtmlElement) -> Declared:
    """Everything a page declares in scripts, attributes and head elements."""
    nodes: list[Node] = []
    metas: list[tuple[str, str]] = []
    links: dict[str, list[str]] = {}
    times: list[html.HtmlElement] = []
    headings: list[html.HtmlElement] = []
    related: list[html.HtmlElement] = []
    title: str | None = None
    for element in root.iter("script", "meta", "link", "time", "h1", "title", "a"):
        tag = element.tag
        if tag == "a":
            if element.get("rel"):
                related.append(element)
        elif tag == "meta":
            _collect_meta(element, metas)
        elif tag == "script":
            if "ld+json" in (element.get("type") or "").lower():
                nodes += flatten(parse_json(element.text or ""))
        elif tag == "link":
            for rel in (element.get("rel") or "").lower().split():
                if element.get("href"):
                    links.setdefault(rel, []).append(element.get("href").strip())
        elif tag == "time":
            times.append(element)
        elif tag == "h1":
            headings.append(element)
        elif title is None and (parent := element.getparent()) is not None and parent.tag != "svg":
            title = element.text_content()
    scopes: list[html.HtmlElement] = list(_SCOPES(root))  # type: ignore[arg-type]
    first: dict[str, str] = {}
    for name, content in metas:
        first.setdefault(name, content)
    return Declared(
        nodes=tuple(nodes[:NODE_LIMIT]),
        by_id=_by_id(nodes[:NODE_LIMIT]),
        items=tuple(_item(scope, 0) for scope in scopes[:50] if not scope.get("itemprop")),
        meta=first,
        metas=tuple(metas),
        links={rel: tuple(found) for rel, found in links.items()},
        times=tuple(times),
        headings=tuple(headings),
        related=tuple(related),
        title=title,
    )


def _by_id(nodes: list[Node]) -> dict[str, Node]:
    """The fullest node of each `@id`: a bare reference is no description."""
    found: dict[str, Node] = {}
    for node in nodes:
        key = node.get("@id")
        if isinstance(key, str) and len(node) > len(found.get(key, {})):
            found[key] = node
    return found


def _collect_meta(element: html.HtmlElement, metas: list[tuple[str, str]]) -> None:
    content = element.get("content")
    if not content or not content.strip() or len(metas) >= NODE_LIMIT:
        return
    for attribute in ("property", "name", "itemprop", "http-equiv"):
        name = element.get(attribute)
        if name:
            metas.append((name.strip().lower(), " ".join(content.split())))


def parse_json(text: str) -> Any:
    """The value of a JSON-LD script, repaired where the repair is certain; None where it is not.

    Repairs: comment and CDATA wrappings, raw line breaks and tabs in strings, trailing commas,
    a trailing semicolon, several objects one after the other.
    """
    if len(text) > JSON_LIMIT:
        return None
    text = text.strip()
    while text.startswith(_OPENINGS) or text.endswith(_CLOSINGS):
        unwrapped = _WRAPPING.sub("", text).strip()
        if unwrapped == text:
            break
        text = unwrapped
    text = text.rstrip(";").strip()
    if not text:
        return None
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        pass
    repaired = _without_trailing_commas(text)
    try:
        return json.loads(repaired, strict=False)
    except (ValueError, RecursionError):
        return _several(repaired)


def _without_trailing_commas(text: str) -> str:
    """The text with commas before a closing bracket dropped, strings left alone."""
    parts: list[str] = []
    at = 0
    for string in _STRING.finditer(text):
        parts += [_TRAILING_COMMA.sub(r"\1", text[at : string.start()]), string.group()]
        at = string.end()
    joined = "".join([*parts, _TRAILING_COMMA.sub(r"\1", text[at:])])
    return joined.rstrip().rstrip(",")


def _several(text: str) -> Any:
    """Objects written one after the other, as a list; what cannot be read ends it."""
    decoder = json.JSONDecoder(strict=False)
    found: list[Any] = []
    at = 0
    while at < len(text):
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        found.append(value)
        at = end + len(re.match(r"[\s,;]*", text[end:]).group())  # type: ignore[union-attr]
    return found or None


def flatten(value: Any, depth: int = 0) -> list[Node]:
    """The objects in a JSON-LD value: lists and `@graph` opened, and the page's main entity."""
    if depth > DEPTH_LIMIT:
        return []
    if isinstance(value, list):
        return [node for item in value[:NODE_LIMIT] for node in flatten(item, depth + 1)]
    if not isinstance(value, dict):
        return []
    nodes = [value] if set(value) - {"@context", "@graph"} else []
    for key in ("@graph", "mainEntity", "mainEntityOfPage"):  # parts and lists are other pages
        inner = value.get(key)
        if isinstance(inner, dict | list):
            nodes += flatten(inner, depth + 1)
    return nodes


def types(node: Node) -> tuple[str, ...]:
    """The schema.org types of a node, without their address; `type` counts for `@type`."""
    value = node.get("@type", node.get("type"))
    names = value if isinstance(value, list) else [value]
    return tuple(n.rsplit("/", 1)[-1].rsplit(":", 1)[-1] for n in names if isinstance(n, str) and n)


def texts(value: Any, depth: int = 0) -> Iterator[str]:
    """The strings a value holds: itself, of a list, or the name of an object."""
    if depth > DEPTH_LIMIT:
        return
    if isinstance(value, str):
        if value.strip():
            yield " ".join(value.split())
    elif isinstance(value, list):
        for item in value[:100]:
            yield from texts(item, depth + 1)
    elif isinstance(value, dict):
        name = value.get("name") or value.get("@value") or value.get("audienceType")
        yield from texts(name, depth + 1)


def _item(scope: html.HtmlElement, depth: int) -> Node:
    """A microdata item as a JSON-LD node; a property that occurs again makes a list."""
    node: Node = {"@type": (scope.get("itemtype") or "").strip().rsplit("/", 1)[-1]}
    if depth > DEPTH_LIMIT:
        return node
    stack = list(reversed(scope))
    while stack:
        element = stack.pop()
        if not isinstance(element.tag, str):
            continue
        names = (element.get("itemprop") or "").split()
        nested = element.get("itemscope") is not None
        if names:
            value = _item(element, depth + 1) if nested else _value(element)
            for name in names:
                _add(node, name, value)
        if not nested:
            stack.extend(reversed(element))
    return node


def _add(node: Node, name: str, value: Any) -> None:
    if value in ("", None):
        return
    held = node.get(name)
    if held is None:
        node[name] = value
    elif isinstance(held, list):
        held.append(value)
    else:
        node[name] = [held, value]


# A property's text beyond this is the article itself.
_VALUE_LIMIT = 500


def _value(element: html.HtmlElement) -> str:
    for attribute in ("content", "datetime"):
        if element.get(attribute):
            return " ".join(element.get(attribute).split())
    if (
        element.tag in ("a", "link")
        and element.get("href")
        and not (element.text_content().strip())
    ):
        return str(element.get("href"))
    if element.tag in ("img", "source", "iframe"):
        return str(element.get("src") or "")
    if element.get("itemprop") in ("articleBody", "text"):
        return ""
    return " ".join(element.text_content()[:_VALUE_LIMIT].split())
