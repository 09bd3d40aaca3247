"""What attributes in the page say: microdata and RDFa, as nodes of the shape that JSON-LD has.

Of RDFa only what schema.org describes: prefixes are taken off, addresses of types cut to their last
part. Nothing in the tree is changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree, html

Node = dict[str, Any]

# Items of a page: a list of everything on a site has more.
MOST_ITEMS = 50
# Items in items: deeper ones are addresses of logos.
MOST_DEPTH = 6
# Properties of an item that hold the page's article, where they hold one alone.
INNER = ("mainEntity", "blogPost", "blogPosts", "hasPart")
# A property's text beyond this (characters) is the article itself.
VALUE_CHARS = 500
# People who are marked outside any item: more are the cards of a list.
MOST_LOOSE = 3

_MARKED = etree.XPath(
    "//@itemscope/.. | //@typeof/.. | //@itemprop[.='author' or .='reviewedBy']/.."
    " | //@property[.='author' or .='schema:author' or .='reviewedBy' or .='schema:reviewedBy']/.."
)


@dataclass(frozen=True, slots=True)
class Syntax:
    """The attributes that open an item, type it, name it and name its properties."""

    name: str
    scope: str
    kind: str
    prop: str
    key: tuple[str, ...]


MICRODATA = Syntax("microdata", "itemscope", "itemtype", "itemprop", ("itemid",))
RDFA = Syntax("RDFa", "typeof", "typeof", "property", ("resource", "about"))


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a page by their syntax, each in document order."""

    microdata: tuple[Node, ...] = ()
    rdfa: tuple[Node, ...] = ()


def read_items(root: html.HtmlElement) -> Items:
    """The items marked in a page, those within others left to these."""
    marked: Sequence[html.HtmlElement] = _MARKED(root)  # type: ignore[assignment]
    if not marked:
        return Items()
    return Items(_of_syntax(marked, MICRODATA), _of_syntax(marked, RDFA))


def _of_syntax(marked: Sequence[html.HtmlElement], syntax: Syntax) -> tuple[Node, ...]:
    scopes = [element for element in marked if element.get(syntax.scope) is not None]
    items = [_item(e, syntax, 0) for e in scopes[:MOST_ITEMS] if not e.get(syntax.prop)]
    inner = [item.get(key) for item in items for key in INNER]
    items += [value for value in inner if isinstance(value, dict)]
    loose = [e for e in marked if e.get(syntax.prop) and e.tag != "meta" and _is_loose(e, syntax)]
    if 0 < len(loose) <= MOST_LOOSE:
        items.append(_with_properties({"@type": "WebPage"}, loose, syntax, 0))
    return tuple(items)


def _is_loose(element: html.HtmlElement, syntax: Syntax) -> bool:
    """Whether the property stands in no item: it is then one of the page."""
    return all(above.get(syntax.scope) is None for above in element.iterancestors())


def _item(scope: html.HtmlElement, syntax: Syntax, depth: int) -> Node:
    """An item with its properties; one that occurs again makes a list."""
    node: Node = {"@type": [local_name(t) for t in (scope.get(syntax.kind) or "").split()]}
    for attribute in syntax.key:
        if key := scope.get(attribute):
            node.setdefault("@id", key)
    return _with_properties(node, scope, syntax, depth) if depth <= MOST_DEPTH else node


def _with_properties(
    node: Node, elements: Sequence[html.HtmlElement], syntax: Syntax, depth: int
) -> Node:
    stack = list(reversed(elements))
    while stack:
        element = stack.pop()
        if not isinstance(element.tag, str):
            continue
        names = (element.get(syntax.prop) or "").split()
        nested = element.get(syntax.scope) is not None
        if names:
            value = _item(element, syntax, depth + 1) if nested else _value(element, names)
            for name in names:
                _add(node, local_name(name), value)
        if not nested:
            stack.extend(reversed(element))
    return node


def local_name(name: str) -> str:
    """The name of a type or property without address and prefix.

    >>> local_name("https://schema.org/Person"), local_name("schema:author")
    ('Person', 'author')
    """
    return name.rstrip("/").rsplit("/", 1)[-1].rsplit("#", 1)[-1].rsplit(":", 1)[-1]


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


def _value(element: html.HtmlElement, names: Sequence[str]) -> str:
    for attribute in ("content", "datetime"):
        if element.get(attribute):
            return " ".join(element.get(attribute).split())
    if (
        element.tag in ("a", "link")
        and element.get("href")
        and ("url" in names or not element.text_content().strip())
    ):
        return str(element.get("href"))
    if element.tag in ("img", "source", "iframe"):
        return str(element.get("src") or "")
    if "articleBody" in names or "text" in names:
        return ""
    return " ".join(element.text_content()[:VALUE_CHARS].split())
