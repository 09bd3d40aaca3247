"""What a page says of itself: title, people, dates, language, rights, before any block is judged.

`pipelines.reconcile` weighs it against the bylines that a reader sees. The tree is never changed.
"""

from __future__ import annotations

import html as entities
import re
from dataclasses import dataclass, field

from lxml import html

from pipelines import declared_fields as fields
from pipelines.addresses import absolute, normalise, parts_of, registrable_domain
from pipelines.dates import DateFound, parse_date
from pipelines.declared_people import (
    MODIFIED_METAS,
    PUBLISHED_METAS,
    REVIEWED_METAS,
    article_nodes,
    date_of,
    named,
    people_of,
    people_of_metas,
    site_keys,
)
from pipelines.headline import best_title, clean_title, element_text, part_shown, without_site
from pipelines.linked_data import Declared, Node, read_declared, texts, types
from pipelines.names import kinds
from pipelines.phrases import squash
from pipelines.records import Medical, Person
from pipelines.vocabulary import Vocabulary, vocabulary

__all__ = ["Metadata", "read_metadata"]

_URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-]?(\d\d)[/-]?(\d\d)(?=[/_.-]|$)")
_TITLE_METAS = (
    "citation_title",
    "og:title",
    "twitter:title",
    "dc.title",
    "dcterms.title",
    "parsely-title",
)
_PUBLISHED_CLASS = re.compile(r"publish|entry-date|post-date|pubdate|created", re.IGNORECASE)
_UPDATED_CLASS = re.compile(r"updated|modified", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the page declares; None or empty where it does not."""

    title: str | None = None
    titles: tuple[str, ...] = ()
    site_name: str | None = None
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
    root: html.HtmlElement | None = field(default=None, repr=False, compare=False)
    """the untouched tree, for the search for a date that nothing declares"""


def read_metadata(root: html.HtmlElement, url: str | None) -> Metadata:
    """The metadata of a page from its untouched tree (`root`) and its address."""
    declared = read_declared(root)
    language = _language(root, declared)
    codes = _codes(language, declared)
    words = vocabulary(*codes)
    nodes = article_nodes(declared, url)
    site_names = _site_names(declared, url)
    sites = site_keys(site_names)
    titles, title = _titles(root, declared, nodes, site_names, words, url)
    return Metadata(
        title=title,
        titles=titles,
        site_name=declared.meta.get("og:site_name") or next(iter(site_names), None),
        description=_description(declared, nodes),
        canonical_url=_canonical(declared, url),
        language=language,
        authors=_authors(nodes, declared, words, sites),
        reviewers=people_of(
            nodes, ("reviewedBy", "medicallyReviewedBy", "factCheckedBy"), declared, words, sites
        ),
        published=_published(nodes, declared, codes, url),
        modified=date_of(nodes, ("dateModified",), declared, MODIFIED_METAS, codes)
        or _time(declared, codes, _UPDATED_CLASS, "datemodified"),
        reviewed=date_of(nodes, ("lastReviewed", "dateReviewed"), declared, REVIEWED_METAS, codes),
        tags=fields.tags_of(declared, nodes),
        breadcrumbs=fields.breadcrumbs_of(declared, title),
        medical=fields.medical_of(declared),
        rights=fields.rights_of(declared, nodes),
        license=fields.license_of(declared, nodes),
        robots=fields.robots_of(declared),
        page_kinds=fields.page_kinds(declared),
        free=fields.free_of(declared),
        article_body=fields.article_body(nodes),
        site_names=site_names,
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


def _titles(
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


def _description(declared: Declared, nodes: list[Node]) -> str | None:
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


def _canonical(declared: Declared, url: str | None) -> str | None:
    for found in (*declared.links.get("canonical", ()), declared.meta.get("og:url")):
        if found:
            address = absolute(url, found)
            if address.startswith(("http://", "https://")):
                return normalise(address)
    return None


def _authors(
    nodes: list[Node], declared: Declared, words: Vocabulary, sites: set[str]
) -> tuple[Person, ...]:
    """Authors of linked data, of meta tags, or of the few links marked `rel=author`."""
    found = people_of(nodes, ("author", "creator"), declared, words, sites) or people_of_metas(
        declared, words, sites
    )
    if found:
        return tuple(person for person in found if not _ends_title(person.name, declared, words))
    links = fields.marked(declared, "author")[:50]
    names = dict.fromkeys(" ".join(a.text_content().split()) for a in links)
    if 0 < len(names) <= 2:  # more are the cards of a list
        return tuple(person for name in names for person in named(name, words, sites))
    return ()


def _ends_title(name: str, declared: Declared, words: Vocabulary) -> bool:
    """Whether an institution stands where the `<title>` names the site."""
    if not declared.title or not kinds(words).has_affiliation(name):
        return False
    behind = re.split(r"\s+[|–—-]\s+", declared.title)[1:]
    return any(squash(name) in squash(part) for part in behind)


def _published(
    nodes: list[Node], declared: Declared, codes: tuple[str, ...], url: str | None
) -> DateFound | None:
    found = date_of(nodes, ("datePublished",), declared, PUBLISHED_METAS, codes)
    found = found or _time(declared, codes, _PUBLISHED_CLASS, "datepublished")
    found = found or date_of(nodes, ("dateCreated", "uploadDate"), declared, (), codes)
    if not found and (match := _URL_DATE.search(parts_of(url).path)):
        found = parse_date("-".join(match.groups()), codes)
    return found


def _time(
    declared: Declared, codes: tuple[str, ...], marked: re.Pattern[str], prop: str
) -> DateFound | None:
    """The day of a `<time>` whose class or itemprop says what it is; of several days none."""
    found: list[DateFound] = []
    for element in declared.times[:40]:
        says = f"{element.get('class') or ''} {element.get('pubdate') or ''}"
        if prop in (element.get("itemprop") or "").lower() or marked.search(says):
            day = parse_date(element.get("datetime") or element.text_content(), codes)
            found += [day] if day else []
    return found[0] if len({d.value for d in found}) == 1 else None
