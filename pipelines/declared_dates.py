"""Days of publication, change and review that a page declares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pipelines.addresses import parts_of
from pipelines.dates import DateFound, parse_date
from pipelines.linked_data import Declared, Node, texts

PUBLISHED_METAS = tuple(
    (
        "article:published_time og:article:published_time article:published og:published_time "
        "datepublished citation_publication_date citation_online_date citation_date "
        "parsely-pub-date sailthru.date publish_date publish-date publishdate pubdate "
        "publication_date publicationdate published_time published-date dcterms.created "
        "dcterms.issued dc.date.issued dc.date.created dcterms.date dc.date date created "
        "article.published cxenseparse:recs:publishtime bt:pubdate rnews:datepublished "
        "displaydate originalpublicationdate firstpublishedtime cse_date creation_date pub_date "
        "article_date_original"
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
)

_URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-]?(\d\d)[/-]?(\d\d)(?=[/_.-]|$)")
_PUBLISHED_CLASS = re.compile(r"publish|entry-date|post-date|pubdate|created", re.IGNORECASE)
_UPDATED_CLASS = re.compile(r"updated|modified", re.IGNORECASE)


def published_of(
    nodes: Sequence[Node], declared: Declared, codes: tuple[str, ...], url: str | None
) -> DateFound | None:
    found = date_of(nodes, ("datePublished",), declared, PUBLISHED_METAS, codes)
    found = found or _time(declared, codes, _PUBLISHED_CLASS, "datepublished")
    found = found or date_of(nodes, ("dateCreated", "uploadDate"), declared, (), codes)
    if not found and (match := _URL_DATE.search(parts_of(url).path)):
        found = parse_date("-".join(match.groups()), codes)
    return found


def modified_of(
    nodes: Sequence[Node], declared: Declared, codes: tuple[str, ...]
) -> DateFound | None:
    return date_of(nodes, ("dateModified",), declared, MODIFIED_METAS, codes) or _time(
        declared, codes, _UPDATED_CLASS, "datemodified"
    )


def reviewed_of(
    nodes: Sequence[Node], declared: Declared, codes: tuple[str, ...]
) -> DateFound | None:
    return date_of(nodes, ("lastReviewed", "dateReviewed"), declared, REVIEWED_METAS, codes)


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


def date_of(
    nodes: Sequence[Node],
    keys: Iterable[str],
    declared: Declared,
    metas: Iterable[str],
    codes: tuple[str, ...],
) -> DateFound | None:
    """The first day that the nodes' `keys` or the meta tags `metas` give."""
    for key in keys:
        for node in nodes:
            for text in texts(node.get(key)):
                if found := parse_date(text, codes):
                    return found
    for name in metas:
        if content := declared.meta.get(name):
            found = parse_date(content, codes)
            if found:
                return found
    return None
