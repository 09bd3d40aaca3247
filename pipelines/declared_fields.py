"""Declared fields that name no person and no day: tags, breadcrumbs, medical subjects, rights."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from lxml import html

from pipelines.addresses import absolute
from pipelines.licences import licence_address
from pipelines.link_kinds import bare_address
from pipelines.linked_data import Declared, Node, texts, types
from pipelines.phrases import once, squash
from pipelines.told import Told

# More keywords than this are stuffing for search engines.
MOST_TAGS = 25
RIGHTS_METAS = (
    *("copyright", "dcterms.rights", "dc.rights", "rights", "dcterms.rightsholder"),
    *("citation_copyright", "og:copyright", "article:copyright"),
)
LICENSE_METAS = ("dcterms.license", "dc.license", "license", "dcterms.rights.license")
# Meta tags that speak to robots: to all, to one, and to those who mine text and data.
ROBOTS_METAS = ("robots", "tdm-reservation", "tdm-policy", "slurp", "google-extended")
ROBOT = re.compile(r"[a-z-]{2,30}bot(?:-[a-z]{2,12}){0,2}")
# A caption is so many elements around a link at most.
CAPTION_LEVELS = 5
# What a site's software calls a keyword by.
NUMBER = re.compile(r"[0-9a-f-]{12,}|\d+", re.I)
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
    tags = once(t.lstrip("#＃ ") for t in split if 1 < len(t) <= 60 and not NUMBER.fullmatch(t))
    return Told(tags, stated[0][0]) if 0 < len(tags) <= MOST_TAGS else Told(())


def _metas(declared: Declared, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """(source, content) of every meta tag of these names, in document order."""
    return [(f"meta {name}", content) for name, content in declared.metas if name in names]


def breadcrumbs_of(declared: Declared, title: str | None, url: str | None) -> Told[tuple[str, ...]]:
    """Names along the longest declared trail, outermost first, without the page itself."""
    trails = [
        (_steps(declared, node), f"{declared.place_of(node)} BreadcrumbList")
        for node in _trails(declared)
    ]
    old = [_Step(name, "") for node in declared.items for name in _old_step(node)]
    trails.append((old, "microdata Breadcrumb"))
    longest, source = max(trails, key=lambda found: len(found[0]))
    steps = _without_page(longest, title, url)
    shown = tuple(step.name for step in steps if not step.name.startswith("http"))
    return Told(shown, source if shown else None)


class _Step(NamedTuple):
    """A step of a trail, and the address that it leads to."""

    name: str
    address: str


def _trails(declared: Declared) -> Iterator[Node]:
    for node in (*declared.nodes, *declared.items):
        for trail in (node, declared.resolve(node.get("breadcrumb"))):
            if isinstance(trail, dict) and "BreadcrumbList" in types(trail):
                yield trail


def _steps(declared: Declared, trail: Node) -> list[_Step]:
    entries = trail.get("itemListElement")
    found = [
        declared.resolve(entry)
        for entry in (entries if isinstance(entries, list) else [entries])
        if isinstance(entry, dict)
    ]
    found.sort(key=lambda e: int(p) if str(p := e.get("position", 0)).isdigit() else 0)
    steps = []
    for entry in found:
        item = declared.resolve(entry.get("item"))
        name = next(texts(entry.get("name") or item), None)
        if name:
            inner = item.get("@id") or item.get("url") if isinstance(item, dict) else item
            steps.append(_Step(entities.unescape(name), str(inner or "")))
    return steps


def _old_step(node: Node) -> Iterator[str]:
    """The step that an item of data-vocabulary.org, which search engines read before, holds."""
    if "Breadcrumb" in types(node):
        yield from (entities.unescape(name) for name in texts(node.get("title")))


def _without_page(steps: list[_Step], title: str | None, url: str | None) -> list[_Step]:
    """The trail less its last step, where that is the page itself: by its title, by its address,
    or because it alone leads nowhere."""
    if not steps:
        return steps
    *above, last = steps
    alone = bool(above) and not last.address and all(step.address for step in above)
    titled = title is not None and squash(last.name) == squash(title)
    here = bool(url) and bare_address(absolute(url, last.address)) == bare_address(url)
    return above if alone or titled or (last.address and here) else steps


def rights_of(declared: Declared, nodes: list[Node]) -> Told[str | None]:
    """The notice that linked data or meta tags give; else holder and year, as "© 2024 Holder"."""
    for node in nodes:
        if found := next(texts(node.get("copyrightNotice")), None):
            return Told(entities.unescape(found), f"{declared.place_of(node)} copyrightNotice")
    for name in RIGHTS_METAS:
        if stated := declared.meta.get(name):
            return Told(stated, f"meta {name}")
    for node in nodes:
        holders = node.get("copyrightHolder")
        values = holders if isinstance(holders, list) else [holders]
        names = [name for value in values for name in texts(declared.resolve(value))]
        if names:
            year = re.search(r"\b(?:19|20)\d\d\b", str(node.get("copyrightYear") or ""))
            parts = ["©", *([year.group()] if year else []), entities.unescape(", ".join(names))]
            return Told(" ".join(parts), f"{declared.place_of(node)} copyrightHolder")
    return Told(None)


def license_of(declared: Declared, nodes: list[Node]) -> Told[str | None]:
    """The licence as stated, an address or words; that of a picture in a caption is none."""
    for address in declared.links.get("license", ()):
        return Told(address, "<link rel=license>")
    for node in nodes:
        value = declared.resolve(node.get("license"))
        if isinstance(value, dict):
            value = value.get("url") or value.get("@id") or value.get("name")
        if found := next(texts(value), None):
            return Told(found, f"{declared.place_of(node)} license")
    hrefs = [link.get("href") for link in marked(declared, "license") if not _in_caption(link)]
    if len({licence_address(href or "") or href for href in hrefs}) == 1 and hrefs[0]:
        return Told(hrefs[0], "<a rel=license>")
    for name in LICENSE_METAS:
        if stated := declared.meta.get(name):
            return Told(stated, f"meta {name}")
    return Told(None)


def _in_caption(link: html.HtmlElement) -> bool:
    """Whether a link stands with a picture, whose licence it then is."""
    for element in islice(link.iterancestors(), CAPTION_LEVELS):
        named = (element.get("class") or "").lower()
        if element.tag in ("figure", "figcaption") or re.search(r"caption|thumb|credit", named):
            return True
    return False


def marked(declared: Declared, rel: str) -> list[html.HtmlElement]:
    return [a for a in declared.related if rel in (a.get("rel") or "").lower().split()]


def robots_of(declared: Declared) -> Told[str | None]:
    """Directives of the page's meta tags, as `name: content` where the name is not robots."""
    found = [
        content if name == "robots" else f"{name}: {content}"
        for name, content in declared.metas
        if name in ROBOTS_METAS or ROBOT.fullmatch(name)
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
