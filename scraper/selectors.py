"""A site's own selectors: what `[selectors]` of its TOML says about a field goes before all else.

A selector is CSS, with `::text` and `::attr(name)` as in Scrapy. Where it matches nothing, the
field stays as the cleaner found it. What `[labels]` of the TOML says, and the selectors `body` and
those of visible fields, the cleaner obeys itself: they are its `Overrides`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree
from parsel import Selector

from pipelines.dates import parse_date
from pipelines.overrides import Overrides
from pipelines.page import Page
from pipelines.people import parse_people
from pipelines.records import Article, Link, Rejected
from pipelines.vocabulary import vocabulary
from scraper.addresses import join

Change = dict[str, Any]
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]+)*")


def overrides_of(
    selectors: Mapping[str, str], labels: Mapping[str, tuple[str, ...]]
) -> Overrides | None:
    """What a site's selectors and labels tell the cleaner; None where they tell it nothing."""
    shown = tuple(
        css for field, css in selectors.items() if field in _SHOWN and "::attr(" not in css
    )
    body = selectors.get("body")
    if not (shown or labels or body):
        return None
    return Overrides(labels.get("drop", ()), labels.get("keep", ()), shown, body)


def apply_selectors(
    outcome: Article | Rejected, page: Page, selectors: Mapping[str, str]
) -> Article | Rejected:
    """The outcome with the fields that the selectors give; a refused page stays as it is."""
    if not selectors or isinstance(outcome, Rejected):
        return outcome
    for field, css in selectors.items():
        found = matches(page, css) if field in _FIELDS else []
        if found:
            outcome = dataclasses.replace(outcome, **_FIELDS[field](field, found, outcome))
    return outcome


def matches(page: Page, css: str) -> list[Selector]:
    """What the selector matches on the page and says anything: has text, or is a link."""
    found = Selector(root=page.root, type="html").css(css)
    return [match for match in found if _text(match) or _href(match)]


def _text(match: Selector) -> str:
    if isinstance(match.root, etree._Element):
        return " ".join("".join(map(str, match.root.itertext())).split())
    return " ".join(str(match.get() or "").split())


def _texts(found: list[Selector]) -> list[str]:
    return [text for text in map(_text, found) if text]


def _first(field: str, found: list[Selector], _: Article) -> Change:
    texts = _texts(found)
    return {field: texts[0]} if texts else {}


def _all(field: str, found: list[Selector], _: Article) -> Change:
    return {field: texts} if (texts := tuple(dict.fromkeys(_texts(found)))) else {}


def _language(field: str, found: list[Selector], _: Article) -> Change:
    texts = _texts(found)
    return {field: texts[0]} if texts and LANGUAGE_TAG.fullmatch(texts[0]) else {}


def _date(field: str, found: list[Selector], article: Article) -> Change:
    texts = _texts(found)
    date = parse_date(texts[0], _codes(article)) if texts else None
    return {field: date.value, f"{field}_raw": date.raw} if date and date.value else {}


def _people(field: str, found: list[Selector], article: Article) -> Change:
    words = vocabulary(*_codes(article))
    people = tuple(person for text in _texts(found) for person in parse_people(text, words))
    if not people:
        return {}
    return {field: people, field.removesuffix("s"): "; ".join(p.display() for p in people)}


def _links(field: str, found: list[Selector], article: Article) -> Change:
    links = {link.url: link for match in found if (link := _link(match, article.url))}
    if not links:
        return {}
    every = tuple(links.values())
    change: Change = {field: every if field == "related" else every[0]}
    return {"links": dataclasses.replace(article.links, **change)}


def _link(match: Selector, base: str | None) -> Link | None:
    """The link that the match is, or holds."""
    href = _href(match)
    url = join(base or "", href) if href else None
    if not url or not url.startswith(("http://", "https://")):
        return None
    return Link(_text(match) or None, url)


def _href(match: Selector) -> str:
    return str(match.xpath("(self::a|.//a)/@href").get() or "")


def _codes(article: Article) -> tuple[str, ...]:
    return (article.language,) if article.language else ()


# One row a field; those that are computed (`id`, `word_count`, …) have no selector.
_FIELDS: dict[str, Callable[[str, list[Selector], Article], Change]] = {
    "title": _first,
    "description": _first,
    "language": _language,
    "authors": _people,
    "reviewers": _people,
    "date_published": _date,
    "date_modified": _date,
    "date_reviewed": _date,
    "tags": _all,
    "breadcrumbs": _all,
    "references": _all,
    "previous": _links,
    "next": _links,
    "related": _links,
    "rights": _first,
    "license": _first,
    "robots": _first,
}
# What holds these is no article text; a description may be its first paragraph.
_SHOWN = frozenset(_FIELDS) - {"description", "language", "robots"}
SELECTABLE_FIELDS = ("body", *_FIELDS)
