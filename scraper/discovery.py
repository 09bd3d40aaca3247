"""Where a site lists its own pages: sitemaps, feeds and the links in a page's head."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import feedparser
import lxml.etree
from lxml.html import HtmlElement
from scrapy.utils.sitemap import Sitemap

from pipelines.page import Page, PageLink
from pipelines.records import Article
from scraper.addresses import join

_HEADINGS = ("h1", "h2", "h3", "h4")
_PARAGRAPHS = ("p", "li", "td", "blockquote")
_GZIP_MAGIC = b"\x1f\x8b"
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml"})
_REFRESH_TARGET = re.compile(
    r"\burl\s*=\s*(?:'([^']*)'|\"([^\"]*)\"|([^'\"\s;]\S*))", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Listing:
    """What a sitemap or feed lists: pages, and further sitemaps or feeds. Absolute addresses.

    `lastmod` says of some of them when they last changed, as written; `news_only`: a sitemap of
    articles of the last days, as news aggregators want it.
    """

    pages: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    lastmod: Mapping[str, str] = field(default_factory=dict)
    news_only: bool = False


@dataclass(frozen=True, slots=True)
class HeadLinks:
    """What a page's head points to: feeds, and pages (rel next and prev, a meta refresh)."""

    feeds: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    refresh: str | None = None


def read_sitemap(body: bytes, address: str, max_size: int) -> Listing | None:
    """What a sitemap lists: XML, an index of them, plain text or a feed; each also gzipped.

    None where it is no sitemap, or larger than `max_size` bytes once unpacked.
    """
    unpacked = _unpack(body, max_size)
    if not unpacked or not unpacked.strip():
        return None
    if not unpacked.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _text_sitemap(unpacked)
    try:
        sitemap = Sitemap(unpacked)
        if sitemap.type == "urlset":
            entries = list(sitemap)
            return Listing(
                pages=_locations(entries, address),
                lastmod=_changes(entries, address),
                news_only=bool(entries) and all("news" in entry for entry in entries),
            )
        if sitemap.type == "sitemapindex":
            entries = list(sitemap)
            return Listing((), _locations(entries, address), _changes(entries, address))
    except (lxml.etree.LxmlError, StopIteration):
        return None
    # The sitemap protocol allows an RSS or Atom feed in a sitemap's place.
    return read_feed(unpacked, address)


def read_feed(body: bytes, address: str) -> Listing | None:
    """The entries of an RSS or Atom feed and its next page (RFC 5005); None where it is none."""
    # As a stream, because feedparser takes a short string for a file name or an address. The
    # entries' texts are not read, so they need no sanitising, the slow part of feedparser.
    feed = feedparser.parse(BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    if not feed.get("version"):
        return None
    links = (entry.get("link") for entry in feed.entries)
    dates = ((entry.get("link"), entry.get("updated") or "") for entry in feed.entries)
    more = (link.get("href") for link in feed.feed.get("links", ()) if link.get("rel") == "next")
    return Listing(
        pages=tuple(_joined(address, links)),
        more=tuple(_joined(address, more)),
        lastmod=dict(_joined_dates(address, dates)),
    )


def head_links(page: Page) -> HeadLinks:
    """The addresses that a page gives in `<link>` and `<meta http-equiv=refresh>`, absolute."""
    feeds: list[str] = []
    pages: list[str] = []
    for element in page.root.iter("link"):
        target = (element.get("href") or "").strip()
        rel = (element.get("rel") or "").lower().split()
        if "alternate" in rel and (element.get("type") or "").lower().strip() in _FEED_TYPES:
            feeds.append(target)
        elif "next" in rel or "prev" in rel:
            pages.append(target)
    return HeadLinks(
        feeds=tuple(_joined(page.base_url, feeds)),
        pages=tuple(_joined(page.base_url, pages)),
        refresh=next(_joined(page.base_url, [_refresh(page)]), None),
    )


def headline_targets(page: Page, article: Article) -> list[str]:
    """Where the headings of the article's text lead to, absolute; empty where they are no links.

    Looked at are headings that read as the title, and the one that the first paragraph stands
    under. A list of articles, also one with a single entry in full, links each headline to the
    article's own page; an article's page links its headline to itself or not at all.
    """
    title = _plain(article.title or "")
    first = _first_words(article)
    over: HtmlElement | None = None
    found: list[HtmlElement] = []
    for element in page.root.iter(*_HEADINGS, *_PARAGRAPHS):
        if element.tag in _HEADINGS:
            over = element
            # A heading that leads nowhere need not be read.
            if title and _linked_to(element) and _plain(element.text_content()) == title:
                found.append(element)
        elif first and _plain(element.text_content()).startswith(first):
            if over is not None:
                found.append(over)
            first = ""
    return list(dict.fromkeys(_joined(page.base_url, map(_linked_to, found))))


def teaser_targets(links: Iterable[PageLink], article: Article) -> list[str]:
    """Where the titles of teasers within the text lead to, absolute.

    A title is a line of the text that is a link as a whole. Empty unless the text begins with one
    and there are two: an article may well hold one such line, "Read the first part here".
    """
    linked = {text: link.url for link in links if (text := _plain(link.text))}
    if _plain(article.body.partition("\n")[0]) not in linked:
        return []
    lines = {_plain(line) for line in article.body.split("\n")}
    found = [url for text, url in linked.items() if text in lines]
    return found if len(found) > 1 else []


def _linked_to(heading: HtmlElement) -> str | None:
    link = next(heading.iter("a"), None)
    if link is None:
        link = next(heading.iterancestors("a"), None)
    href = (link.get("href") or "").strip() if link is not None else ""
    return None if href.startswith("#") else href


def _first_words(article: Article) -> str:
    """The beginning of the first paragraph, as long as is needed to know it by."""
    text = next((section.text for section in article.sections if section.text), "")
    return _plain(text.partition("\n")[0])[:60]


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _joined(base: str | None, targets: Iterable[str | None]) -> Iterator[str]:
    """The targets that are there and can be read, absolute."""
    for target in targets:
        absolute = join(base or "", target) if target else None
        if absolute:
            yield absolute


def _refresh(page: Page) -> str | None:
    for element in page.root.iter("meta"):
        if (element.get("http-equiv") or "").lower() == "refresh":
            found = _REFRESH_TARGET.search(element.get("content") or "")
            if found:
                return next(str(group) for group in found.groups() if group is not None)
    return None


def _unpack(body: bytes, max_size: int) -> bytes | None:
    """The body, gunzipped where it is gzip; None where that gives more than `max_size` bytes.

    What a truncated file still holds is used: half of a sitemap is better than none.
    """
    if not body.startswith(_GZIP_MAGIC):
        return body
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        unpacked = unpacker.decompress(body, max_size)
    except (zlib.error, gzip.BadGzipFile):
        return None
    return None if unpacker.unconsumed_tail else unpacked


def _locations(entries: list[dict[str, Any]], address: str) -> tuple[str, ...]:
    return tuple(_joined(address, _each_location(entries)))


def _each_location(entries: list[dict[str, Any]]) -> Iterator[str]:
    for entry in entries:
        if entry["loc"]:
            yield entry["loc"]
        # Translations (hreflang) are pages of the site too, and some are listed nowhere else.
        yield from entry.get("alternate", ())


def _changes(entries: list[dict[str, Any]], address: str) -> dict[str, str]:
    """When each address last changed, where the sitemap says so."""
    dates = ((entry["loc"], entry.get("lastmod") or "") for entry in entries)
    return dict(_joined_dates(address, dates))


def _joined_dates(base: str, dates: Iterable[tuple[str | None, str]]) -> Iterator[tuple[str, str]]:
    for target, date in dates:
        absolute = join(base, target) if target and date.strip() else None
        if absolute:
            yield absolute, date.strip()


def _text_sitemap(body: bytes) -> Listing | None:
    lines = [line.strip() for line in body.decode("utf-8-sig", errors="replace").split("\n")]
    pages = tuple(line for line in lines if line.startswith(("http://", "https://")))
    return Listing(pages=pages) if pages and len(pages) == len([x for x in lines if x]) else None
