"""The titles that a page gives itself, the headline among them, and its own summary."""

from __future__ import annotations

import html as entities
import re

from lxml import html

from pipelines.addresses import absolute, parts_of
from pipelines.headline import best_title, clean_title, element_text, part_shown, without_site
from pipelines.linked_data import Declared, Node, texts
from pipelines.vocabulary import Vocabulary

_TITLE_METAS = (
    "citation_title",
    "og:title",
    "twitter:title",
    "dc.title",
    "dcterms.title",
    "parsely-title",
)


def titles_of(
    root: html.HtmlElement,
    declared: Declared,
    nodes: list[Node],
    site_names: tuple[str, ...],
    words: Vocabulary,
    url: str | None,
) -> tuple[tuple[str, ...], str | None]:
    """All candidates, and the headline among them."""
    logos: list[str] = []
    headings: list[str] = []
    for heading in declared.headings[:10]:
        if text := clean_title(element_text(heading)):
            (logos if _links_home(heading, url) else headings).append(_for_print(text, words))
    stated = [t for n in nodes for key in ("headline", "name") for t in texts(n.get(key))][:4]
    stated += [declared.meta.get(k, "") for k in _TITLE_METAS]
    shown = [_for_print(t, words) for s in stated if (t := clean_title(s))]
    document = clean_title(declared.title)
    document = _for_print(document, words) if document else None
    names = (*site_names, *logos)
    for logo in logos:  # "Site: Headline"
        if document and (match := re.match(rf"{re.escape(logo)}\s*[:：]\s+", document)):
            document = document[match.end() :] or document
    title = best_title(headings, shown, document, names)
    if document and not headings and not any(shown):
        title = part_shown(document, root, names) or title
    whole = [without_site(t, names) for t in (*shown, document) if t]
    every = dict.fromkeys(t for t in (title, *headings, *shown, document, *whole) if t)
    return tuple(every), title


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


def description_of(declared: Declared, nodes: list[Node]) -> str | None:
    for text in (
        declared.meta.get("description"),
        declared.meta.get("og:description"),
        *(t for n in nodes for t in texts(n.get("description"))),
        declared.meta.get("twitter:description"),
    ):
        if text and (
            plain := " ".join(re.sub(r"</?\w[^<>]*>", " ", entities.unescape(text)).split())
        ):
            return plain
    return None
