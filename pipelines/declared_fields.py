"""Declared fields that name no person and no day: tags, breadcrumbs, medical subjects, rights."""

from __future__ import annotations

import html as entities
import re
from typing import Any

from lxml import html

from pipelines.linked_data import Declared, Node, texts, types
from pipelines.records import Medical
from pipelines.told import Told

# More keywords than this are stuffing for search engines.
MOST_TAGS = 25
# A declared body shorter than this (characters) is a summary.
LEAST_BODY = 250


def tags_of(declared: Declared, nodes: list[Node]) -> Told[tuple[str, ...]]:
    """The page's keywords; none where there are so many that they are meant for search engines."""
    stated = (
        _metas(declared, ("article:tag", "og:article:tag", "parsely-tags"))
        or [
            (f"{declared.place_of(n)} keywords", t) for n in nodes for t in texts(n.get("keywords"))
        ]
        or _metas(declared, ("news_keywords", "keywords", "citation_keywords"))
    )
    split = [t.strip() for _, s in stated for t in re.split(r"[,;，、；|]", entities.unescape(s))]
    tags = tuple(dict.fromkeys(t for t in split if 1 < len(t) <= 60))
    return Told(tags, stated[0][0]) if 0 < len(tags) <= MOST_TAGS else Told(())


def _metas(declared: Declared, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """(source, content) of every meta tag of these names, in document order."""
    return [(f"meta {name}", content) for name, content in declared.metas if name in names]


def breadcrumbs_of(declared: Declared, title: str | None) -> Told[tuple[str, ...]]:
    """Names along the longest declared trail, outermost first, without the page itself."""
    trails: list[tuple[list[str], str]] = []
    for node in (*declared.nodes, *declared.items):
        if "BreadcrumbList" in types(node):
            entries = node.get("itemListElement")
            steps = [
                e
                for e in (entries if isinstance(entries, list) else [entries])
                if isinstance(e, dict)
            ]
            steps.sort(key=lambda e: int(p) if str(p := e.get("position", 0)).isdigit() else 0)
            names = [t for e in steps for t in list(texts(e.get("name") or e.get("item")))[:1]]
            trails.append((names, f"{declared.place_of(node)} BreadcrumbList"))
    longest, source = max(trails, key=lambda found: len(found[0]), default=([], None))
    trail = [entities.unescape(t) for t in longest]
    if trail and title and trail[-1].casefold() == title.casefold():
        trail.pop()
    shown = tuple(t for t in trail if not t.startswith("http"))
    return Told(shown, source if shown else None)


def medical_of(declared: Declared) -> Told[Medical | None]:
    """Audience, specialty and subjects that a schema.org medical type declares."""
    for node in (*declared.nodes, *declared.items):
        if any(t.startswith(("Medical", "HealthTopic")) for t in types(node)):
            audience = [
                next(texts(a), None) or next(iter(types(a)), None)
                for a in _objects(declared, node.get("audience"))
            ]
            specialty = [t.rsplit("/", 1)[-1] for t in texts(node.get("specialty"))]
            about = dict.fromkeys(
                t for value in _objects(declared, node.get("about")) for t in texts(value)
            )
            if any(audience) or specialty or about:
                medical = Medical(
                    ", ".join(a for a in audience if a) or None,
                    ", ".join(specialty) or None,
                    tuple(about),
                )
                return Told(medical, f"{declared.place_of(node)} {types(node)[0]}")
    return Told(None)


def _objects(declared: Declared, value: Any) -> list[Any]:
    values = value if isinstance(value, list) else [value]
    return [declared.resolve(v) if isinstance(v, dict) else v for v in values if v]


def rights_of(declared: Declared, nodes: list[Node]) -> Told[str | None]:
    for name in ("copyright", "dcterms.rights", "dc.rights", "rights", "dcterms.rightsholder"):
        if found := declared.meta.get(name):
            return Told(found, f"meta {name}")
    for key in ("copyrightNotice", "copyrightHolder"):
        for node in nodes:
            if found := next(texts(declared.resolve(node.get(key))), None):
                return Told(entities.unescape(found), f"{declared.place_of(node)} {key}")
    return Told(None)


def license_of(declared: Declared, nodes: list[Node]) -> Told[str | None]:
    for address in declared.links.get("license", ()):
        return Told(address, "<link rel=license>")
    for node in nodes:
        value = declared.resolve(node.get("license"))
        if found := next(
            texts(value.get("url") or value.get("@id") if isinstance(value, dict) else value), None
        ):
            return Told(found, f"{declared.place_of(node)} license")
    for link in marked(declared, "license"):
        if href := link.get("href"):
            return Told(href, "<a rel=license>")
    stated = declared.meta.get("dcterms.license")
    return Told(stated, "meta dcterms.license" if stated else None)


def marked(declared: Declared, rel: str) -> list[html.HtmlElement]:
    return [a for a in declared.related if rel in (a.get("rel") or "").lower().split()]


def robots_of(declared: Declared) -> Told[str | None]:
    """Directives of the page's meta tags, as `name: content` where the name is not robots."""
    found = [
        content if name == "robots" else f"{name}: {content}"
        for name, content in declared.metas
        if name
        in ("robots", "googlebot", "bingbot", "tdm-reservation", "tdm-policy", "gptbot", "ccbot")
    ]
    return Told("; ".join(dict.fromkeys(found)), "meta robots") if found else Told(None)


def page_kinds(declared: Declared) -> tuple[str, ...]:
    kinds = [t for node in (*declared.nodes, *declared.items) for t in types(node)]
    if og := declared.meta.get("og:type"):
        kinds.append(f"og:{og.lower()}")
    return tuple(dict.fromkeys(kinds))


def free_of(declared: Declared) -> bool | None:
    """What the page says of being free to read (`isAccessibleForFree`); None where it does not."""
    said = {
        str(node["isAccessibleForFree"]).rpartition("/")[2].lower()
        for node in (*declared.nodes, *declared.items)
        if "isAccessibleForFree" in node
    }
    if "false" in said:
        return False
    return True if "true" in said else None


def article_body(nodes: list[Node]) -> str | None:
    for node in nodes:
        for key in ("articleBody", "text"):
            value = node.get(key)
            if isinstance(value, str) and len(value) >= LEAST_BODY:
                return value
    return None
