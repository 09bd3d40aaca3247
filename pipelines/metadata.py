"""What a page says of itself: title, people, dates, language, rights, before any block is judged.

`pipelines.reconcile` weighs it against the bylines that a reader sees. The tree is never changed.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from lxml import html

from pipelines import declared_fields as fields
from pipelines.addresses import absolute, normalise, parts_of, registrable_domain
from pipelines.dates import DATELESS, DateContext, DateFound
from pipelines.declared_dates import date_context, modified_of, published_of, reviewed_of
from pipelines.declared_medical import medical_of
from pipelines.declared_names import Naming, site_keys
from pipelines.declared_nodes import article_nodes
from pipelines.declared_people import Describing, People, authors_of, reviewers_of
from pipelines.declared_titles import description_of, titles_of
from pipelines.linked_data import Declared, read_declared, texts, types
from pipelines.names import kinds
from pipelines.phrases import squash
from pipelines.records import Medical, Person
from pipelines.told import Told, sources_of
from pipelines.vocabulary import Vocabulary, vocabulary

__all__ = ["Metadata", "read_metadata"]


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the page declares; None or empty where it does not."""

    title: str | None = None
    titles: tuple[str, ...] = ()
    description: str | None = None
    canonical_url: str | None = None
    language: str | None = None
    authors: tuple[Person, ...] = ()
    reviewers: tuple[Person, ...] = ()
    published: DateFound | None = None
    modified: DateFound | None = None
    reviewed: DateFound | None = None
    tags: tuple[str, ...] = ()
    breadcrumbs: tuple[str, ...] = ()
    medical: Medical | None = None
    rights: str | None = None
    license: str | None = None
    robots: str | None = None
    page_kinds: tuple[str, ...] = ()
    free: bool | None = None
    """whether the page says that it is free to read"""
    article_body: str | None = None
    site_names: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    """field of the record -> where its value stands ("JSON-LD author"), of those that have one"""
    date_context: DateContext = DATELESS
    """what settles the days in visible lines"""
    root: html.HtmlElement | None = field(default=None, repr=False, compare=False)
    """the untouched tree, for the search for a date that nothing declares"""


def read_metadata(
    root: html.HtmlElement, url: str | None, fetched_at: datetime | None = None
) -> Metadata:
    """The metadata of a page from its untouched tree (`root`), its address and when it was read."""
    declared = read_declared(root)
    language = _language(root, declared)
    locale = declared.meta.get("og:locale", "").replace("_", "-")
    context = replace(date_context(language, locale, declared, url), fetched_at=fetched_at)
    codes = _codes(language, declared)
    words = vocabulary(*codes)
    nodes = article_nodes(declared, url)
    site_names = _site_names(declared, url)
    sites = site_keys(site_names)
    page = Describing(nodes, declared, Naming(words, sites, url, root))
    authors = _without_site(authors_of(page), declared, words)
    reviewers = reviewers_of(page)
    titles = titles_of(root, declared, nodes, site_names, words, url)
    title = titles.headline.value
    description = description_of(declared, nodes, (*titles.every, *site_names))
    tags = fields.tags_of(declared, nodes)
    breadcrumbs = fields.breadcrumbs_of(declared, title, url)
    medical = medical_of(declared, nodes)
    rights = fields.rights_of(declared, nodes)
    license_ = fields.license_of(declared, nodes)
    robots = fields.robots_of(declared)
    return Metadata(
        title=title,
        titles=titles.every,
        description=description.value,
        canonical_url=_canonical(declared, url),
        language=language,
        authors=authors.value,
        reviewers=reviewers.value,
        published=published_of(nodes, declared, context, url),
        modified=modified_of(nodes, declared, context),
        reviewed=reviewed_of(nodes, declared, context),
        tags=tags.value,
        breadcrumbs=breadcrumbs.value,
        medical=medical.value,
        rights=rights.value,
        license=license_.value,
        robots=robots.value,
        page_kinds=fields.page_kinds(declared),
        free=fields.free_of(declared),
        article_body=fields.article_body(nodes),
        site_names=site_names,
        sources=sources_of(
            title=titles.headline,
            description=description,
            authors=authors,
            reviewers=reviewers,
            tags=tags,
            breadcrumbs=breadcrumbs,
            medical=medical,
            rights=rights,
            license=license_,
            robots=robots,
        ),
        date_context=context,
        root=root,
    )


def _language(root: html.HtmlElement, declared: Declared) -> str | None:
    found = (
        root.get("lang")
        or root.get("{http://www.w3.org/XML/1998/namespace}lang")
        or root.get("xml:lang")
    )
    found = found or declared.meta.get("content-language") or declared.meta.get("og:locale")
    tag = (found or "").strip().split(",")[0].replace("_", "-")
    return tag if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*", tag) else None


def _codes(language: str | None, declared: Declared) -> tuple[str, ...]:
    """The page's language, with the region that og:locale adds where `lang` has none."""
    locale = declared.meta.get("og:locale", "").replace("_", "-")
    if language and "-" not in language and locale.lower().startswith(f"{language.lower()}-"):
        return (locale,)
    return (language,) if language else ()


def _site_names(declared: Declared, url: str | None) -> tuple[str, ...]:
    """Names the site goes by: declared, of its publisher, of its address."""
    found = [
        declared.meta.get(key, "")
        for key in (
            "og:site_name",
            "application-name",
            "apple-mobile-web-app-title",
            "citation_journal_title",
            "al:ios:app_name",
            "dc.publisher",
            "twitter:site",
        )
    ]
    for node in declared.nodes:
        if "WebSite" in types(node):
            found += [*texts(node.get("name")), *texts(node.get("alternateName"))]
        found += texts(declared.resolve(node.get("publisher")) or "")
    host = parts_of(url).hostname or ""
    domain = registrable_domain(url) if url else None
    if domain:
        found += [domain, domain.split(".")[0], host, host.removeprefix("www.")]
    return tuple(
        dict.fromkeys(entities.unescape(n).strip("@ ") for n in found if n and n.strip("@ "))
    )


def _canonical(declared: Declared, url: str | None) -> str | None:
    for found in (*declared.links.get("canonical", ()), declared.meta.get("og:url")):
        if found:
            address = absolute(url, found)
            if address.startswith(("http://", "https://")):
                return normalise(address)
    return None


def _without_site(found: People, declared: Declared, words: Vocabulary) -> People:
    """The authors, institutions left out that stand where the `<title>` names the site."""
    people = tuple(p for p in found.value if not _ends_title(p.name, declared, words))
    return Told(people, found.source if people else None)


def _ends_title(name: str, declared: Declared, words: Vocabulary) -> bool:
    """Whether an institution stands where the `<title>` names the site."""
    if not declared.title or not kinds(words).has_affiliation(name):
        return False
    behind = re.split(r"\s+[|–—-]\s+", declared.title)[1:]
    return any(squash(name) in squash(part) for part in behind)
