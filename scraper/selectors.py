"""A site's own selectors: what `[selectors]` of its TOML says about a field goes before all else.

A selector is CSS, with `::text` and `::attr(name)` as in Scrapy. Where it matches nothing, the
field stays as the cleaner found it.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree
from lxml import html as lxml_html
from parsel import Selector

from pipelines import clean_page
from pipelines.dates import parse_date
from pipelines.page import Page
from pipelines.people import parse_people
from pipelines.records import Article, Rejected
from pipelines.vocabulary import vocabulary

Change = dict[str, Any]


def apply_selectors(
    outcome: Article | Rejected, page: Page, selectors: Mapping[str, str]
) -> Article | Rejected:
    """The outcome with the fields that the selectors give.

    A `body` selector names the element that holds the article: it alone is cleaned, also on a
    page that is no article by its looks. On other refused pages selectors change nothing.
    """
    if not selectors:
        return outcome
    root = Selector(root=page.root, type="html")
    if "body" in selectors:
        outcome = _with_body(outcome, page, root.css(selectors["body"]))
    if isinstance(outcome, Rejected):
        return outcome
    for field, css in selectors.items():
        texts = [text for text in map(_text, root.css(css)) if text]
        if field != "body" and texts:
            outcome = dataclasses.replace(outcome, **_FIELDS[field](field, texts, outcome))
    return outcome


def _with_body(
    outcome: Article | Rejected, page: Page, matches: list[Selector]
) -> Article | Rejected:
    """The outcome with the body of the matched elements, cleaned by themselves."""
    elements = [match.root for match in matches if isinstance(match.root, etree._Element)]
    if not elements:
        return outcome
    root = lxml_html.document_fromstring("<html><body></body></html>")
    body = root.find("body")
    assert body is not None
    head = page.root.find("head")
    if head is not None:
        root.insert(0, copy.deepcopy(head))
    for element in elements:
        body.append(copy.deepcopy(element))
    inner = clean_page(dataclasses.replace(page, root=root))
    if isinstance(outcome, Rejected):
        return outcome if isinstance(inner, Rejected) else inner
    if isinstance(inner, Rejected):
        return dataclasses.replace(outcome, warnings=(*outcome.warnings, "body-selector-unused"))
    taken = ("body", "sections", "figures", "word_count", "body_sha256")
    return dataclasses.replace(outcome, **{name: getattr(inner, name) for name in taken})


def _text(match: Selector) -> str:
    if isinstance(match.root, etree._Element):
        return " ".join("".join(map(str, match.root.itertext())).split())
    return " ".join(str(match.get() or "").split())


def _first(field: str, texts: list[str], _: Article) -> Change:
    return {field: texts[0]}


def _all(field: str, texts: list[str], _: Article) -> Change:
    return {field: tuple(dict.fromkeys(texts))}


def _date(field: str, texts: list[str], article: Article) -> Change:
    found = parse_date(texts[0], _codes(article))
    return {field: found.value, f"{field}_raw": found.raw} if found and found.value else {}


def _people(field: str, texts: list[str], article: Article) -> Change:
    words = vocabulary(*_codes(article))
    people = tuple(person for text in texts for person in parse_people(text, words))
    if not people:
        return {}
    return {field: people, field.removesuffix("s"): "; ".join(p.display() for p in people)}


def _codes(article: Article) -> tuple[str, ...]:
    return (article.language,) if article.language else ()


# One row a field; those that are computed (`id`, `word_count`, …) have no selector.
_FIELDS: dict[str, Callable[[str, list[str], Article], Change]] = {
    "title": _first,
    "description": _first,
    "rights": _first,
    "license": _first,
    "authors": _people,
    "reviewers": _people,
    "date_published": _date,
    "date_modified": _date,
    "date_reviewed": _date,
    "tags": _all,
    "breadcrumbs": _all,
    "references": _all,
}
SELECTABLE_FIELDS = ("body", *_FIELDS)
