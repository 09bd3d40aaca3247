"""Which of the objects that a page declares describe the page itself, and not one of its cards."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterable, Iterator
from typing import Any

from pipelines.linked_data import Declared, Node, types
from pipelines.phrases import squash

ARTICLE_TYPES = frozenset(
    (
        "Article NewsArticle BlogPosting MedicalWebPage MedicalScholarlyArticle ScholarlyArticle "
        "ReportageNewsArticle AnalysisNewsArticle OpinionNewsArticle BackgroundNewsArticle "
        "ReviewNewsArticle AskPublicNewsArticle TechArticle HowTo SocialMediaPosting Report "
        "LiveBlogPosting HealthTopicContent AdvertiserContentArticle SatiricalArticle"
    ).split()
)
PAGE_TYPES = frozenset(
    "WebPage ItemPage FAQPage QAPage AboutPage ProfilePage CreativeWork Recipe".split()
)
# More items than this without an address of the page are the cards of a list.
MOST_ITEMS = 2
# Titles shorter than this (characters) say too little to tell two articles apart.
LEAST_TITLE = 8


def article_nodes(declared: Declared, url: str | None) -> list[Node]:
    """The nodes that describe this page: articles first, then items in the mark-up, then pages."""
    articles = _typed(declared.nodes, ARTICLE_TYPES)
    pages = _typed(declared.nodes, PAGE_TYPES)
    items = _typed(declared.items, ARTICLE_TYPES | PAGE_TYPES)
    titles = _titles(declared)
    if len(articles) > 1:
        articles = _of_this_page(articles, url, titles)
    elif articles and _is_another(articles[0], url, titles):
        articles = []
    written = _typed(items, ARTICLE_TYPES)
    if len(written) > MOST_ITEMS:
        own = [n for n in written if _is_titled(n, titles)]
        cards = {id(n) for n in written if len(own) != 1 or n is not own[0]}
        items = [n for n in items if id(n) not in cards]
    return [*articles, *items, *pages]


def _typed(nodes: Iterable[Node], kinds: frozenset[str]) -> list[Node]:
    return [node for node in nodes if kinds.intersection(types(node))]


def _of_this_page(nodes: list[Node], url: str | None, titles: set[str]) -> list[Node]:
    """Of several articles those with the page's address; else with its title; else the first and
    its like."""
    path = _path(url)
    own = [n for n in nodes if path and any(_path(v) == path for v in _addresses(n))]
    own = own or [n for n in nodes if _is_titled(n, titles)]
    if own:
        return own
    titled = [n for n in nodes if _title(n)]
    first = titled[0] if titled else nodes[0]
    return [n for n in nodes if n is first or _title(n) in ("", _title(first))]


def _is_another(node: Node, url: str | None, titles: set[str]) -> bool:
    """Whether address and title both say that the article is another page's."""
    path, addresses = _path(url), [_path(v) for v in _addresses(node)]
    if not path or not addresses or path in addresses:
        return False
    title = _title(node)
    if len(title) < LEAST_TITLE or not titles or _is_titled(node, titles):
        return False
    told = set(re.findall(r"\w+", title))
    return not any(told.intersection(re.findall(r"\w+", known)) for known in titles)


def _title(node: Node) -> str:
    value = node.get("headline") or node.get("name") or ""
    return squash(entities.unescape(value)) if isinstance(value, str) else ""


def _is_titled(node: Node, titles: set[str]) -> bool:
    """Whether the node's title is one of the page's, or the most of it."""
    title = _title(node)
    return title in titles or (
        len(title) >= LEAST_TITLE and any(known.startswith(title) for known in titles)
    )


def _titles(declared: Declared) -> set[str]:
    """The titles in the page's head, squashed, and its first headings."""
    found = [declared.title or "", declared.meta.get("og:title", "")]
    found += [heading.text_content() for heading in declared.headings[:3]]
    return {title for text in found if (title := squash(entities.unescape(text)))}


def _addresses(node: Node) -> Iterator[str]:
    for key in ("url", "@id", "mainEntityOfPage"):
        value: Any = node.get(key)
        if isinstance(value, dict):
            value = value.get("@id") or value.get("url")
        if isinstance(value, str) and value:
            yield value


def _path(url: str | None) -> str:
    """The address without scheme, host's www, query and fragment, to tell pages apart by."""
    if not url:
        return ""
    return re.sub(r"^\w+://(?:www\.)?|[?#].*$", "", url).rstrip("/").lower()
