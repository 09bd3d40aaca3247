"""The types that cross stages and leave the project: `Article` and `Rejected`.

Field names are a promise to the people who load the output. The Arrow schema in
`pipelines.schema` is derived from nothing here and everything here: a test keeps the two equal.
A field that cannot be known is None (or an empty tuple), never guessed.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar

SCHEMA_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Person:
    """One author or reviewer; `name` carries no honorific and no degree."""

    name: str
    credentials: str | None = None
    role: str | None = None
    affiliation: str | None = None
    url: str | None = None

    def display(self) -> str:
        """The name with its credentials, as the `author` and `reviewer` strings show it."""
        return f"{self.name}, {self.credentials}" if self.credentials else self.name


@dataclass(frozen=True, slots=True)
class Section:
    """One section; `level` is 1 to 6, and 0 with heading None for the text before any heading."""

    level: int
    heading: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One picture of the article; at least one of `url` and `caption` is present."""

    url: str | None = None
    caption: str | None = None
    credit: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A link the boilerplate pointed to; `url` is absolute, or None in plain text."""

    title: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """What the boilerplate pointed to, for discovery."""

    previous: Link | None = None
    next: Link | None = None
    related: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Medical:
    """What schema.org's medical types declare."""

    audience: str | None = None
    specialty: str | None = None
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Removed:
    """A block that is not part of the body, the reason that dropped it, and its probability of
    being article text by the learned tables, 0 to 1."""

    reason: str
    text: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the fetch knows and the page does not; filled by whoever read the page."""

    fetched_at: datetime | None = None
    http_status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    warc_file: str | None = None
    warc_offset: int | None = None
    run_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article, as exported. `output/README.md` says what each field holds."""

    id: str
    url: str | None = None
    canonical_url: str | None = None
    site: str | None = None
    title: str | None = None
    description: str | None = None
    author: str | None = None
    reviewer: str | None = None
    authors: tuple[Person, ...] = ()
    reviewers: tuple[Person, ...] = ()
    date_published: date | None = None
    date_published_raw: str | None = None
    date_modified: date | None = None
    date_modified_raw: str | None = None
    date_reviewed: date | None = None
    date_reviewed_raw: str | None = None
    language: str | None = None
    sections: tuple[Section, ...] = ()
    body: str = ""
    figures: tuple[Figure, ...] = ()
    references: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    breadcrumbs: tuple[str, ...] = ()
    medical: Medical | None = None
    links: Links = Links()
    page_type: str = "article"
    page_type_score: float | None = None
    word_count: int = 0
    boilerplate_share: float | None = None
    rights: str | None = None
    license: str | None = None
    robots: str | None = None
    warnings: tuple[str, ...] = ()
    removed: tuple[Removed, ...] = ()
    fetched_at: datetime | None = None
    http_status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    page_sha256: str | None = None
    body_sha256: str | None = None
    warc_file: str | None = None
    warc_offset: int | None = None
    run_id: str | None = None
    pipeline_version: str | None = None
    schema_version: str = SCHEMA_VERSION
    duplicate_of: str | None = None
    cluster_size: int | None = None

    def to_dict(self, *, removed: bool = False) -> dict[str, Any]:
        """The record as exported; the audit trail `removed` only on request."""
        names = [name for name in _names(Article) if removed or name != "removed"]
        return {name: as_record(getattr(self, name)) for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A page that is not an article, or could not be read: an expected refusal, as a value.

    `stage` is where it was refused (fetch, decode, clean, validate), `reason` a short code
    to count by, `detail` a sentence that says what to do, or what was seen.
    """

    stage: str
    reason: str
    detail: str = ""
    id: str | None = None
    url: str | None = None
    page_type: str | None = None
    page_type_score: float | None = None
    title: str | None = None
    body: str | None = None
    links: Links = field(default=Links())
    fetched_at: datetime | None = None
    http_status: int | None = None
    page_sha256: str | None = None
    warc_file: str | None = None
    warc_offset: int | None = None
    run_id: str | None = None
    pipeline_version: str | None = None
    schema_version: str = SCHEMA_VERSION

    def to_dict(self) -> dict[str, Any]:
        """The record as it stands in `rejected.jsonl`."""
        record: dict[str, Any] = as_record(self)
        return record


Outcome = TypeVar("Outcome", Article, Rejected)


def with_provenance(record: Outcome, provenance: Provenance) -> Outcome:
    """The same record with the provenance fields that it has room for filled in."""
    known = {f.name for f in dataclasses.fields(record)}
    values = {f.name: getattr(provenance, f.name) for f in dataclasses.fields(provenance)}
    return dataclasses.replace(record, **{k: v for k, v in values.items() if k in known})


def as_record(value: Any) -> Any:
    """Dataclasses as dicts and tuples as lists, all the way down; scalars as they are."""
    if value is None or isinstance(value, str | int | float):  # most of what there is
        return value
    if isinstance(value, tuple):
        return [as_record(item) for item in value]
    kind: type = type(value)
    names = _names(kind)
    return {name: as_record(getattr(value, name)) for name in names} if names else value


@cache
def _names(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass; none of any other class."""
    fields = dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else ()
    return tuple(field.name for field in fields)
