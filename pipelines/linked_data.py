"""What a page declares of itself: JSON-LD, microdata and meta tags, as plain dicts.

One walk over the tree collects the elements; nothing in the tree is changed. Broken JSON is
repaired only where there is one way to read it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import html

from pipelines.json_text import parse_json
from pipelines.marked_items import Items, read_items
from pipelines.marked_items import Node as Node

# Objects, and meta tags. A page with more declares its whole site; the walk must end.
NODE_LIMIT = 2000
# Depth of nested objects: deeper ones are comments and breadcrumbs of other pages.
DEPTH_LIMIT = 6


@dataclass(frozen=True, slots=True)
class Declared:
    """What one walk over the tree collected.

    `nodes`: JSON-LD objects, `@graph` and lists flattened, in document order. `by_id`: those with
    an `@id`. `marked`: microdata and RDFa items as nodes of the same shape. `meta`: first content
    of each meta name or property, lower-case. `metas`: every (name, content). `links`: rel ->
    addresses. `related`: the `<a>` that have a `rel`, such as author, license, tag.
    """

    nodes: tuple[Node, ...] = ()
    by_id: Mapping[str, Node] = field(default_factory=dict)
    marked: Items = field(default_factory=Items)
    meta: Mapping[str, str] = field(default_factory=dict)
    metas: tuple[tuple[str, str], ...] = ()
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    times: tuple[html.HtmlElement, ...] = ()
    headings: tuple[html.HtmlElement, ...] = ()
    related: tuple[html.HtmlElement, ...] = ()
    title: str | None = None

    def place_of(self, node: Node) -> str:
        """What a node was written in, in words for a reader."""
        if any(node is item for item in self.marked.microdata):
            return "microdata"
        return "RDFa" if any(node is item for item in self.marked.rdfa) else "JSON-LD"

    @property
    def items(self) -> tuple[Node, ...]:
        """What attributes in the page say, microdata first."""
        return (*self.marked.microdata, *self.marked.rdfa)

    def resolve(self, value: Any) -> Any:
        """The object, completed from the fullest of the same `@id`; anything else as it is."""
        if isinstance(value, dict) and isinstance(key := value.get("@id"), str):
            known = self.by_id.get(key) or self.by_id.get(key[max(0, key.find("#")) :], {})
            return {**known, **value} if known is not value else value
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
    first: dict[str, str] = {}
    for name, content in metas:
        first.setdefault(name, content)
    return Declared(
        nodes=tuple(nodes[:NODE_LIMIT]),
        by_id=_by_id(nodes[:NODE_LIMIT]),
        marked=read_items(root),
        meta=first,
        metas=tuple(metas),
        links={rel: tuple(found) for rel, found in links.items()},
        times=tuple(times),
        headings=tuple(headings),
        related=tuple(related),
        title=title,
    )


def _by_id(nodes: list[Node]) -> dict[str, Node]:
    """The fullest object of each `@id`, also of those within others; a bare reference is none.

    "#ann" stands for "https://knee.example/gout#ann" too, where only one object ends so.
    """
    found: dict[str, Node] = {}
    inside: list[Any] = list(nodes)
    for value in inside:  # grows while it is read
        if len(inside) < NODE_LIMIT:
            inside += [part for part in _parts(value) if isinstance(part, dict | list)]
        key = value.get("@id") if isinstance(value, dict) else None
        if isinstance(key, str) and len(value) > max(1, len(found.get(key, {}))):
            found[key] = value
    ends = [(key[key.find("#") :], node) for key, node in found.items() if key.find("#") > 0]
    once = Counter(end for end, _ in ends)
    unique = {end: node for end, node in ends if once[end] == 1}
    return found | {e: node for e, node in unique.items() if len(node) > len(found.get(e, {}))}


def _parts(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _collect_meta(element: html.HtmlElement, metas: list[tuple[str, str]]) -> None:
    content = element.get("content")
    if not content or not content.strip() or len(metas) >= NODE_LIMIT:
        return
    for attribute in ("property", "name", "itemprop", "http-equiv"):
        name = element.get(attribute)
        if name:
            metas.append((name.strip().lower(), " ".join(content.split())))


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
