"""The titles that a page gives itself, the headline among them, and its own summary."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import html

from pipelines.addresses import absolute, parts_of
from pipelines.headings import Heading, element_text, in_trail, read_heading, second_headings
from pipelines.headline import (
    SHORT_PART,
    best_title,
    clean_title,
    confirmed,
    key_of,
    part_shown,
    title_parts,
    weight,
    without_section,
    without_site,
)
from pipelines.linked_data import Declared, Node, texts, types
from pipelines.told import Told
from pipelines.vocabulary import Vocabulary

_TITLE_METAS = (
    "citation_title",
    "headline",
    "og:title",
    "twitter:title",
    "dc.title",
    "dcterms.title",
    "parsely-title",
)
# `<title>` of pages whose author never wrote one.
_PLACEHOLDERS = frozenset(
    (
        "untitled",
        "untitleddocument",
        "newpage",
        "index",
        "document",
        "无标题文档",
        "無題ドキュメント",
    )
)


@dataclass(frozen=True, slots=True)
class Titles:
    """The headline with its place, and everything that may be it, as it stands in the page."""

    headline: Told[str | None]
    every: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Stated:
    """What a page calls itself outside of its text, without site and section where known."""

    shown: tuple[tuple[str, str], ...]
    """(title, place) of linked data and meta tags, surest first"""
    other: tuple[str, ...]
    """second titles of linked data (`alternativeHeadline`)"""
    document: str | None
    names: tuple[str, ...]

    def by_key(self) -> dict[str, str]:
        """The declared titles, for comparing headings with them; spelled as for the reader of a
        preview, where linked data spells it another way."""
        stated = (*self.other, *(t for t, _ in self.shown))
        every = (*stated, *(without_site(t, self.names) for t in stated))
        names = {"", *map(key_of, self.names)}
        return {key: t for t in every if (key := key_of(t)) not in names}


def titles_of(
    root: html.HtmlElement,
    declared: Declared,
    nodes: list[Node],
    site_names: tuple[str, ...],
    words: Vocabulary,
    url: str | None,
) -> Titles:
    """All candidates, and the headline among them."""
    logos: list[str] = []
    trail: list[html.HtmlElement] = []
    first: list[html.HtmlElement] = []
    for element in declared.headings[:10]:
        if _links_home(element, url):
            logos.append(clean_title(element_text(element)) or "")
        else:
            (trail if in_trail(element) else first).append(element)
    stated = _stated(declared, nodes, (*site_names, *filter(None, logos)), words)
    read = [_headline_in(read_heading(element), stated) for element in first]
    headings = [_for_print(h, words) for h in read if h]
    second = _second(root, headings, stated)
    if second:
        headings = [second]
    elif not headings:
        headings = [t for e in trail if (t := clean_title(element_text(e)))]
    shown = [title for title, _ in stated.shown]
    title = best_title(headings, shown, stated.document, stated.names)
    if stated.document and not headings and not shown:
        title = part_shown(stated.document, root, stated.names) or title
    printed = [clean_title(element_text(e)) for e in (*first, *trail)]
    whole = [without_site(t, stated.names) for t in (*shown, stated.document) if t]
    every = (title, *headings, *printed, *shown, stated.document, *whole)
    place = _place(title, headings, second, stated) if title else None
    return Titles(Told(title, place), tuple(dict.fromkeys(t for t in every if t)))


def _stated(
    declared: Declared, nodes: list[Node], names: tuple[str, ...], words: Vocabulary
) -> _Stated:
    """The titles of linked data, meta tags and `<title>`, the section behind them left out."""
    sections = [content for name, content in declared.metas if name == "article:section"][:5]
    sections += [t for n in nodes for t in texts(n.get("articleSection"))][:5]

    def cleaned(text: str | None) -> str | None:
        title = clean_title(text)
        title = _for_print(title, words) if title else None
        return without_section(title, sections, names) if title and sections else title

    found = [
        (text, f"{declared.place_of(node)} {key}")
        for node in nodes
        for key in ("headline", "name")
        for text in texts(node.get(key))
    ][:4]
    found += [(declared.meta.get(key, ""), f"meta {key}") for key in _TITLE_METAS]
    document = cleaned(declared.title)
    for name in names:  # "Site: Headline"
        if document and (match := re.match(rf"{re.escape(name)}\s*[:：]\s+", document)):
            document = document[match.end() :] or document
    return _Stated(
        shown=tuple((title, place) for text, place in found if (title := cleaned(text))),
        other=tuple(filter(None, (clean_title(t) for t in _alternatives(nodes)))),
        document=None if document and key_of(document) in _PLACEHOLDERS else document,
        names=names,
    )


def _alternatives(nodes: Sequence[Node]) -> Iterator[str]:
    for node in nodes:
        yield from texts(node.get("alternativeHeadline"))


def _headline_in(heading: Heading, stated: _Stated) -> str | None:
    """The heading without a kicker or subtitle in its element that the declared titles lack."""
    text = clean_title(heading.text)
    if not heading.parts or text is None:
        return text
    titles = stated.by_key()
    rest, start = heading.parts
    if key_of(rest) in titles and weight(rest) >= SHORT_PART:
        return clean_title(rest)
    for part in title_parts(stated.document or ""):
        titles.setdefault(key_of(part), part)
    if key_of(text) in titles:  # two elements without the colon that stands elsewhere
        return text if heading.bare is None else titles[key_of(text)]
    for part in (rest, start):
        if key_of(part) in titles:
            return clean_title(part)
    return clean_title(heading.bare) or text


def _second(root: html.HtmlElement, headings: Sequence[str], stated: _Stated) -> str | None:
    """The heading of the second level that is the headline, where none of the first level is.

    It is the headline where the page declares it word for word; a part of the `<title>` where
    nothing else is on the first level but the last part of it, the site's name.
    """
    titles = stated.by_key()
    stated_titles = list(titles.values())
    if any(key_of(h) in titles or confirmed(h, stated_titles) for h in headings):
        return None
    parts = title_parts(stated.document or "")
    if parts and all(key_of(heading) == key_of(parts[-1]) for heading in headings):
        titles |= {key_of(part): part for part in parts[:-1] if weight(part) >= SHORT_PART}
    if not titles:
        return None
    for element in second_headings(root):
        heading = read_heading(element)
        for text in (*heading.parts[:1], heading.text, *heading.parts[1:]):
            if title := titles.get(key_of(text)):
                return title
    return None


def _place(title: str, headings: Sequence[str], second: str | None, stated: _Stated) -> str:
    """Where the headline stands, in words for a reader."""
    if title in headings:
        return "<h2>" if title == second else "<h1>"
    for text, place in stated.shown:
        if title in (text, without_site(text, stated.names)):
            return place
    return "<h1>" if any(title in heading for heading in headings) else "<title>"


def _links_home(heading: html.HtmlElement, url: str | None) -> bool:
    """Whether the heading is a link to the front page, or to a folder that the page lies in."""
    links = [*heading.iter("a"), *heading.iterancestors("a")]
    href = (links[0].get("href") or "").strip() if len(links) == 1 else ""
    if not href or href.startswith("#"):
        return False
    parts, page = parts_of(absolute(url, href)), parts_of(url)
    path = parts.path.removesuffix("index.html").removesuffix("index.php") or "/"
    above = path.endswith("/") and page.path.startswith(path) and page.path != path
    home = path in ("/", "./") or (above and parts.hostname == page.hostname)
    return home and not (parts.fragment or parts.query)


def _for_print(title: str, words: Vocabulary) -> str:
    """The title without what a print view puts before it ("Print: …", "Imprimer : …")."""
    head, colon, rest = title.partition(":")
    known = colon and len(rest.split()) > 1 and words.read(head).whole == "other"
    return rest.strip() if known else title


def description_of(
    declared: Declared, nodes: list[Node], titles: Sequence[str]
) -> Told[str | None]:
    """The page's own summary of itself: neither a title again nor what the site says of itself."""
    metas = declared.meta
    known = {*map(key_of, titles)}
    known |= {
        key_of(text)
        for node in declared.nodes
        if "WebSite" in types(node)
        for text in texts(node.get("description"))
    }
    for text, place in (
        (metas.get("description"), "meta description"),
        (metas.get("og:description"), "meta og:description"),
        *(
            (t, f"{declared.place_of(n)} description")
            for n in nodes
            for t in texts(n.get("description"))
        ),
        (metas.get("twitter:description"), "meta twitter:description"),
    ):
        if (
            text
            and (plain := " ".join(re.sub(r"</?\w[^<>]*>", " ", entities.unescape(text)).split()))
            and key_of(plain) not in known | {""}
        ):
            return Told(plain, place)
    return Told(None)
