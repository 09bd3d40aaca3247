"""The headings of a page that may be its headline: what each of them shows, and where it stands.

A headline is not always the `<h1>`: a template can give that to the last step of its breadcrumb
and print the headline as an `<h2>`. Nor is it all of its element: a kicker ("Nutrition") stands
in it on some sites, beside a sign that links to the heading itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from lxml import html

_HIDDEN = ("script", "style", "svg", "noscript", "button")
_BLOCKS = ("br", "div", "p", "h1", "h2", "h3", "li")
# What a link to the heading itself shows.
_ANCHORS = ("¶", "#", "§", "🔗", "")
# Class names that templates give to the line before a headline in the headline's own element.
_KICKER = re.compile(
    r"(?:^|[\s_-])(?:kicker|overline|over-?title|eyebrow|top-?line|dachzeile|spitzmarke|rubrik|"
    r"sur-?titre|surtitle|pre-?title|super-?title|volanta|antetitulo|occhiello|chapeu)s?(?:$|[\s_-])",
    re.I,
)
_TRAIL = re.compile(r"bread-?_?crumb", re.I)
_ASIDE = ("nav", "aside", "footer", "dialog")
# Elements around a heading in which a breadcrumb is looked for.
_LEVELS = 6
# Headings of the second level that are looked at: the headline is among the first.
_SECONDS = 12


@dataclass(frozen=True, slots=True)
class Heading:
    """What a heading shows: all of it, and what is left without a first or last element in it."""

    text: str
    parts: tuple[str, ...] = ()
    bare: str | None = None
    """the text without an element that its class calls a kicker"""


def read_heading(element: html.HtmlElement) -> Heading:
    """The texts of a heading; parts only where it has elements with text of their own."""
    text = element_text(element)
    inner = element
    while len(inner) == 1 and not (inner.text or "").strip() and not (inner[0].tail or "").strip():
        inner = inner[0]
    if not len(inner) or len(inner) > 6:
        return Heading(text)
    pieces = [(None, inner.text or "")]
    for child in inner:
        pieces += [(child, "".join(_pieces(child))), (None, child.tail or "")]
    filled = [(child, piece) for child, piece in pieces if any(map(str.isalnum, piece))]
    if len(filled) < 2:
        return Heading(text)
    rest, start = (_joined(piece for _, piece in part) for part in (filled[1:], filled[:-1]))
    first = filled[0][0]
    kicker = first is not None and _KICKER.search(first.get("class") or "")
    return Heading(text, (rest, start), rest if kicker else None)


def _joined(pieces: Iterable[str]) -> str:
    return " ".join(" ".join(pieces).split()).lstrip(":–—-| ")


def element_text(element: html.HtmlElement) -> str:
    """The visible text of a heading."""
    if not len(element):
        return element.text or ""
    return "".join(_pieces(element))


def _pieces(element: html.HtmlElement) -> Iterator[str]:
    """Texts below a heading in reading order; broken mark-up nests thousands of elements in one."""
    waiting: list[html.HtmlElement | str] = [*reversed(element), element.text or ""]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
            continue
        waiting.append(item.tail or "")
        if not isinstance(item.tag, str) or item.tag in _HIDDEN or _is_anchor(item):
            continue
        block = item.tag in _BLOCKS
        waiting += [" "] if block else []
        waiting += [*reversed(item), item.text or ""]
        waiting += [" "] if block else []


def _is_anchor(element: html.HtmlElement) -> bool:
    """Whether the element is the sign that links to the heading it stands in."""
    return (
        element.tag == "a"
        and not len(element)
        and (element.get("href") or "").startswith("#")
        and (element.text or "").strip() in _ANCHORS
    )


def in_trail(element: html.HtmlElement) -> bool:
    """Whether a heading is the last step of a breadcrumb, or stands in a navigation."""
    for node in (element, *islice(element.iterancestors(), _LEVELS)):
        if node.tag == "nav" or _TRAIL.search(node.get("class") or node.get("id") or ""):
            return node.tag not in ("body", "html", "main", "article")
    return False


def second_headings(root: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """The first headings of the second level that are neither links nor beside the article."""
    for element in islice(root.iter("h2"), _SECONDS):
        around = islice(element.iterancestors(), _LEVELS)
        if (
            not any(node.tag in ("a", *_ASIDE) for node in around)
            and next(element.iter("a"), None) is None
        ):
            yield element
