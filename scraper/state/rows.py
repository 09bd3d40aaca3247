"""What goes into the state and comes out of it, frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["page", "sitemap", "feed"]


@dataclass(frozen=True, slots=True)
class Found:
    """An address met for the first time; the higher its `rank`, the sooner it is wanted."""

    url: str
    host: str
    depth: int
    rank: int
    kind: Kind = "page"
    guessed: bool = False
    lastmod: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the frontier, as it is handed out. Times in seconds since the epoch."""

    key: int
    url: str
    host: str
    kind: Kind
    depth: int
    guessed: bool
    rank: int | None
    due: float
    lost: int
    last_fetched: float | None
    status: int | None
    etag: str | None
    last_modified: str | None
    body_sha256: bytes | None
    page_type: str | None
    read_as: str | None
    lastmod: str | None
    moved_to: int | None
    article: int | None
    failures: int
    missing: int
    gone_at: float | None
    interval: float | None
    warc_file: str | None
    warc_digest: str | None
    warc_url: str | None
    warc_date: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What came of fetching a page, once all of it is safe.

    `changed`: whether the page said something new, None where that cannot be told (a failure).
    `interval`: seconds to the next visit, as the last one that read the page has set them.
    """

    at: float
    status: int | None
    changed: bool | None
    interval: float | None
    due: float
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: bytes | None = None
    page_type: str | None = None
    read_as: str | None = None
    moved_to: int | None = None
    article: int | None = None
    failures: int = 0
    missing: int = 0
    gone_at: float | None = None


@dataclass(frozen=True, slots=True)
class Exported:
    """What is kept of an exported article, to know it again; `key` is the key of its address."""

    key: int
    id: str
    url: str | None
    host: str | None
    title: str | None
    body_sha256: str | None
    content_sha256: str
    run_id: str | None
    gone_at: float | None = None


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as its last checkpoint left it."""

    run_id: str
    started: float
    checkpoint: float
    lengths: dict[str, int]
    tally: dict[str, object]
    exit_reason: str | None = None
