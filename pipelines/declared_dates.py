"""Days of publication, change and review that a page declares, each with where it stands.

Linked data and microdata go before meta tags, those before a `<time>` whose class or property says
what its day is, and that before the address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from lxml import html

from pipelines.addresses import parts_of
from pipelines.date_labels import CALENDARS
from pipelines.dates import DateContext, DateFound, parse_date, read_dates
from pipelines.linked_data import Declared, Node, texts
from pipelines.vocabulary import vocabulary

PUBLISHED_METAS = tuple(
    (
        "article:published_time og:article:published_time article:published og:published_time "
        "datepublished citation_publication_date citation_online_date citation_date "
        "parsely-pub-date sailthru.date publish_date publish-date publishdate pubdate "
        "publication_date publicationdate published_time published-date dcterms.created "
        "dcterms.issued dc.date.issued dc.date.created dcterms.date dc.date date created "
        "article.published cxenseparse:recs:publishtime bt:pubdate rnews:datepublished "
        "displaydate originalpublicationdate firstpublishedtime cse_date creation_date pub_date "
        "article_date_original published published_at publishedtime dateposted"
    ).split()
)
MODIFIED_METAS = tuple(
    (
        "article:modified_time og:updated_time og:article:modified_time article:modified "
        "datemodified dcterms.modified dc.date.modified last-modified lastmod modified_time "
        "modified revised updated_time article.updated utime bt:moddate rnews:datemodified "
        "article_date_updated last_updated lastupdated"
    ).split()
)
REVIEWED_METAS = (
    "lastreviewed",
    "date_reviewed",
    "last-reviewed",
    "datereviewed",
    "dcterms.reviewed",
    "dc.date.reviewed",
    "medically_reviewed",
    "reviewed_date",
    "last_reviewed",
    "medicallyreviewed",
)

# Elements looked at: a page with more `<time>`s lists articles.
_MOST_TIMES = 40
# Characters of a `<time>`'s text; what is longer is no day.
_TIME_CHARS = 80
_URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-]?(\d\d)[/-]?(\d\d)(?=[/_.-]|$)")
_URL_WORDS = re.compile(r"/((?:19|20)\d\d)/([a-z]{3,9})/(\d{1,2})(?=/|$)", re.IGNORECASE)
_PUBLISHED_CLASS = re.compile(r"publish|entry-date|post-date|pubdate|created", re.IGNORECASE)
_UPDATED_CLASS = re.compile(r"updated|modified|changed", re.IGNORECASE)
_UTC = re.compile(r"(?:z|[+-]00:?00|\b(?:utc|gmt))$", re.IGNORECASE)
_HOUR = re.compile(r"\d:\d\d")


def date_context(
    language: str | None, locale: str, declared: Declared, url: str | None
) -> DateContext:
    """What settles the page's days besides their words; the time of the fetch is the caller's.

    `locale`: that of `og:locale`. The country of the address tells the region where the language
    has none; where it contradicts it, for themes declare en-US all over the world, none is known.
    """
    if not language:
        return DateContext(times=_times(declared))
    tag = language.replace("_", "-").lower()
    if "-" not in tag and locale.lower().startswith(f"{tag}-"):
        tag = locale.lower()
    base, _, region = tag.partition("-")
    country = (parts_of(url).hostname or "").rpartition(".")[2]
    order = CALENDARS["order"]
    if country in (*order["day_first"], *order["either"]):
        if region in order["month_first"]:
            tag = base
        elif not region:
            tag = f"{base}-{country}"
    return DateContext(codes=(tag,), times=_times(declared))


def _times(declared: Declared) -> tuple[tuple[str, str], ...]:
    return tuple(
        (" ".join(element.text_content()[:_TIME_CHARS].split()), element.get("datetime"))
        for element in declared.times[:_MOST_TIMES]
        if element.get("datetime")
    )


def published_of(
    nodes: Sequence[Node], declared: Declared, context: DateContext, url: str | None
) -> DateFound | None:
    """The declared day of publication."""
    found = date_of(nodes, ("datePublished",), declared, PUBLISHED_METAS, context)
    found = found or _marked_time(declared, context, "published")
    found = found or date_of(nodes, ("dateCreated", "uploadDate"), declared, (), context)
    address = _of_address(parts_of(url).path)
    if not found or not found.value:
        return address
    # An address has the day of the site's own clock: an evening there may be tomorrow in UTC.
    if address and address.value and in_utc(found) and is_beside(found.value, address.value):
        return address
    return found


def modified_of(
    nodes: Sequence[Node], declared: Declared, context: DateContext
) -> DateFound | None:
    """The declared day of the last change."""
    found = date_of(nodes, ("dateModified",), declared, MODIFIED_METAS, context)
    return found or _marked_time(declared, context, "modified")


def reviewed_of(
    nodes: Sequence[Node], declared: Declared, context: DateContext
) -> DateFound | None:
    """The declared day of the last review; meta names may have the site's own prefix."""
    found = date_of(nodes, ("lastReviewed", "dateReviewed"), declared, REVIEWED_METAS, context)
    if found:
        return found
    for name, content in declared.metas:
        own = re.split(r"[:.]", name)[-1] in REVIEWED_METAS
        if own and (day := _parse(content, context, f"meta {name}")):
            return day
    return None


def _of_address(path: str) -> DateFound | None:
    """The day in an address, /2024/03/14/ or /2024/mar/14/."""
    if match := _URL_DATE.search(path):
        return parse_date("-".join(match.groups()), source="address")
    if match := _URL_WORDS.search(path):
        return parse_date(" ".join(reversed(match.groups())), source="address")
    return None


def in_utc(found: DateFound) -> bool:
    """Whether the day is that of a moment written in UTC, and may be another where it was."""
    return bool(_HOUR.search(found.raw) and _UTC.search(found.raw))


def is_beside(one: date, other: date) -> bool:
    """Whether two days follow each other, or are the same."""
    return abs(one - other) <= timedelta(days=1)


def _marked_time(declared: Declared, context: DateContext, kind: str) -> DateFound | None:
    """The day of a `<time>` that says it is `kind` by itemprop, label or class; of several none."""
    found: list[DateFound] = []
    for element in declared.times[:_MOST_TIMES]:
        if _kind_of(element, context) == kind:
            text = element.get("datetime") or element.text_content()[:_TIME_CHARS]
            day = _parse(text, context, "<time>")
            found += [day] if day else []
    return found[0] if len({d.value for d in found}) == 1 else None


def _kind_of(element: html.HtmlElement, context: DateContext) -> str | None:
    """What a `<time>` says its day is: a label in it outdoes its class, which is the theme's."""
    prop = (element.get("itemprop") or "").lower()
    for kind in ("published", "modified"):
        if f"date{kind}" in prop:
            return kind
    says = element.get("class") or ""
    published = element.get("pubdate") is not None or _PUBLISHED_CLASS.search(says)
    updated = _UPDATED_CLASS.search(says)
    if not published and not updated:
        return None
    line = read_dates(
        " ".join(element.text_content()[:_TIME_CHARS].split()),
        vocabulary(*context.codes),
        context.codes,
        context.fetched_at,
    )
    for kind in ("modified", "published"):
        if getattr(line, kind):
            return kind
    return "published" if published else "modified"


def date_of(
    nodes: Sequence[Node],
    keys: Iterable[str],
    declared: Declared,
    metas: Iterable[str],
    context: DateContext,
) -> DateFound | None:
    """The first day that the nodes' `keys` or the meta tags `metas` give."""
    for key in keys:
        for node in nodes:
            for text in texts(node.get(key)):
                if found := _parse(text, context):
                    return replace(found, source=f"{declared.place_of(node)} {key}")
    for name in metas:
        content = declared.meta.get(name)
        if content and (found := _parse(content, context, f"meta {name}")):
            return found
    return None


def _parse(text: str, context: DateContext, source: str = "") -> DateFound | None:
    return parse_date(text, context.codes, context.fetched_at, source)
