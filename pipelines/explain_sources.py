"""Where each field of a record comes from, and what other places of the page say instead.

Everything is read again for this, from the untouched tree: cleaning keeps the value that it
believes and the words for its place, no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.bylines import Byline
from pipelines.cleaner import Labelled
from pipelines.dates import DateFound
from pipelines.declared_names import Naming, site_keys
from pipelines.declared_nodes import article_nodes
from pipelines.declared_people import Describing, author_claims, reviewer_claims
from pipelines.linked_data import read_declared
from pipelines.metadata import Metadata
from pipelines.phrases import squash
from pipelines.reconcile import Credits, merge_people_and_dates
from pipelines.records import Article, Person
from pipelines.vocabulary import vocabulary

BYLINE = "byline"
# Fields that are explained, in the order in which people ask for them.
FIELDS = (
    "title", "description", "authors", "reviewers", "date_published", "date_modified",
    "date_reviewed", "language", "tags", "breadcrumbs", "medical", "rights", "license", "robots",
    "canonical_url",
)  # fmt: skip
# The place of what has none of its own: the visible text of the page.
SHOWN = "shown in the page"
DETECTED = "told from the text"
# Other places that are told of a field.
MOST_OTHERS = 8


@dataclass(frozen=True, slots=True)
class Other:
    """What another place says of a field, and why that was not taken.

    `why`: `byline-first`, `trusted-first` or `another-article`, as in `explain_words.toml`.
    """

    source: str
    said: str
    why: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a field of the record comes from, with those who say otherwise."""

    field: str
    source: str
    others: tuple[Other, ...] = ()


def origins(article: Article, labelled: Labelled, url: str | None) -> tuple[Origin, ...]:
    """The place of every field that has a value, in the order of `FIELDS`."""
    metadata, bylines = labelled.metadata, labelled.draft.bylines
    credits = merge_people_and_dates(metadata, bylines, labelled.draft.portraits)
    others = dict(_others(metadata, credits, bylines, url))
    return tuple(
        Origin(name, _source(name, article, metadata, credits), others.get(name, ()))
        for name in FIELDS
        if getattr(article, name) not in (None, (), "") or others.get(name)
    )


def _source(name: str, article: Article, metadata: Metadata, credits: Credits) -> str:
    if name in credits.sources:
        return credits.sources[name]
    if getattr(article, name) in (None, (), ""):
        return ""
    if name == "language":
        return metadata.sources.get(name, DETECTED)
    declared = getattr(metadata, name, None) == getattr(article, name)
    return metadata.sources.get(name, SHOWN) if declared else SHOWN


def _others(
    metadata: Metadata, credits: Credits, bylines: Sequence[Byline], url: str | None
) -> Iterator[tuple[str, tuple[Other, ...]]]:
    page = _describing(metadata, url)
    for name, claims in (("authors", author_claims), ("reviewers", reviewer_claims)):
        taken: tuple[Person, ...] = getattr(credits, name)
        source = credits.sources.get(name, "")
        found = [(told.source or "", told.value) for told in (claims(page) if page else ())]
        found += [(BYLINE, getattr(line, name)) for line in bylines]
        said = [(place, _names(people)) for place, people in found if _apart(people, taken)]
        yield name, _told(said, source)
    for day in ("published", "modified", "reviewed"):
        kept: DateFound | None = getattr(credits, day)
        stated = [getattr(metadata, day), *(getattr(line, day) for line in bylines)]
        days = [d for d in stated if d and d.value and not (kept and d.value == kept.value)]
        said = [(d.source or BYLINE, str(d.value)) for d in days]
        yield f"date_{day}", _told(said, kept.source if kept else "")


def _describing(metadata: Metadata, url: str | None) -> Describing | None:
    """What people are read from; None for a plain text."""
    if metadata.root is None:
        return None
    declared = read_declared(metadata.root)
    words = vocabulary(*((metadata.language,) if metadata.language else ()))
    naming = Naming(words, site_keys(metadata.site_names), url, metadata.root)
    return Describing(article_nodes(declared, url), declared, naming)


def _told(said: Iterable[tuple[str, str]], source: str) -> tuple[Other, ...]:
    """The places that say otherwise, each once, with the reason by which the other was taken."""
    found = dict.fromkeys(said)
    return tuple(Other(place, text, _why(place, source)) for place, text in found)[:MOST_OTHERS]


def _why(place: str, taken: str) -> str:
    if place == BYLINE:
        return "another-article"
    return "byline-first" if taken == BYLINE else "trusted-first"


def _apart(people: Sequence[Person], taken: Sequence[Person]) -> bool:
    names = {squash(person.name) for person in taken}
    return bool(people) and not any(squash(person.name) in names for person in people)


def _names(people: Sequence[Any]) -> str:
    return "; ".join(person.display() for person in people)
