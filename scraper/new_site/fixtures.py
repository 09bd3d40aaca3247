"""A saved page of a site, `sites/NAME/PAGE.html`, and beside it in `PAGE.json` the record expected.

The page is kept as it was sent, so that the description and the cleaner can be held to it without
a network.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import unquote, urlsplit

from pipelines import read_page
from pipelines.explain_changes import FieldChange, LineChange, as_written, changes
from pipelines.page import Page
from pipelines.records import Article, Rejected
from scraper.new_site.looking import Sample

# Longer names of files are not taken from addresses (characters).
_NAME_CHARS = 60
_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")
# Of a fetch, or computed by tables that are trained anew: no difference to a reader.
_NOT_EXPECTED = frozenset(
    "fetched_at http_status etag last_modified warc_file warc_offset run_id pipeline_version"
    " schema_version page_sha256 body_sha256 page_type_score boilerplate_share removed"
    " duplicate_of cluster_size".split()
)
# What a page that is typical of its site is likely to have.
_TYPICAL = ("title", "author", "date_published", "description", "language")
_EMPTY: tuple[object, ...] = (None, [], "")
# Longer values are cut when a difference is told (characters).
_SHOWN_CHARS = 60


class FixtureError(ValueError):
    """What lies beside a saved page cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Fixture:
    """A saved page; `expected` is its record as in JSON Lines, None where there is none beside it.

    `charset` is what the header said of the encoding.
    """

    path: Path
    url: str | None
    charset: str | None
    at: datetime | None
    expected: dict[str, Any] | None


def most_typical(samples: Sequence[Sample]) -> Sample | None:
    """The article to keep as the site's saved page: complete, and of the usual length.

    None where the owner wants none of them archived.
    """
    fit = [sample for sample in samples if sample.article and sample.storable]
    if not fit:
        return None
    usual = median(sample.article.word_count for sample in fit if sample.article)

    def rank(sample: Sample) -> tuple[int, float]:
        article = sample.article
        assert article
        filled = sum(bool(getattr(article, name)) for name in _TYPICAL)
        return filled, -abs(article.word_count - usual)

    return max(fit, key=rank)


def file_name(address: str) -> str:
    """A name for the file of a page, without its ending: letters of ASCII, digits, hyphens.

    >>> file_name("https://e.org/a/Gout%2F..%2Fx/"), file_name("https://e.org/?p=12")
    ('gout-x', 'p-12')
    """
    parts = urlsplit(address)
    path = [part for part in parts.path.split("/") if part]
    said = _ENDING.sub("", unquote(path[-1])) if path else parts.query
    plain = re.sub(r"[^a-z0-9]+", "-", said.lower()).strip("-")[:_NAME_CHARS].strip("-")
    return plain or "page"


def files_of(sample: Sample) -> dict[str, bytes]:
    """The two files of a saved page, by their names."""
    assert sample.article
    name = file_name(sample.url)
    return {
        f"{name}.html": sample.body,
        f"{name}.json": _written(
            sample.article.url or sample.url, sample.charset, sample.at, sample.article
        ),
    }


def saved_again(fixture: Fixture, outcome: Article) -> bytes:
    """What lies beside the page, with another record as the one expected."""
    return _written(fixture.url, fixture.charset, fixture.at, outcome)


def fixtures_of(name: str, folder: Path) -> list[Fixture]:
    """The saved pages of a site; raises FixtureError for one whose record cannot be read."""
    return [_fixture(path) for path in sorted((folder / name).glob("*.html"))]


def page_of(fixture: Fixture) -> Page | Rejected:
    """The saved page, read as when it was fetched. Raises OSError."""
    page = read_page(fixture.path.read_bytes(), fixture.url, fixture.charset)
    if isinstance(page, Rejected) or fixture.at is None:
        return page
    return dataclasses.replace(page, fetched_at=fixture.at)


def differences(fixture: Fixture, outcome: Article | Rejected) -> list[str]:
    """A sentence for each way in which a record is not the one expected."""
    if fixture.expected is None:
        return []
    if isinstance(outcome, Rejected):
        return [f"is no article any more: {outcome.reason}: {outcome.detail}"]
    found = changes(fixture.expected, outcome)
    fields = [one for one in found.fields if one.name not in _NOT_EXPECTED and _is_change(one)]
    return [*map(_field_told, fields), *_lines_told(found.lines)]


def _fixture(path: Path) -> Fixture:
    beside = path.with_suffix(".json")
    try:
        known = json.loads(beside.read_bytes()) if beside.exists() else {}
        at = known.get("fetched_at")
        record = known.get("record")
        if record is not None and not isinstance(record, dict):
            raise TypeError
        return Fixture(
            path, known.get("url"), known.get("charset"), at and datetime.fromisoformat(at), record
        )
    except (ValueError, TypeError, AttributeError):
        raise FixtureError(
            f"{beside.name} does not hold what was saved with the page: bring it back, or write "
            "it anew with --accept after deleting it"
        ) from None


def _written(url: str | None, charset: str | None, at: datetime | None, article: Article) -> bytes:
    record = {
        name: value
        for name, value in as_written(article).items()
        if name not in _NOT_EXPECTED and value not in _EMPTY
    }
    said = {"url": url, "charset": charset, "fetched_at": at.isoformat() if at else None}
    text = json.dumps({**said, "record": record}, ensure_ascii=False, indent=1)
    return text.encode("utf-8", "replace") + b"\n"


def _is_change(change: FieldChange) -> bool:
    """Whether there is anything on either side: what is empty is not written."""
    return change.before not in _EMPTY or change.now not in _EMPTY


def _field_told(change: FieldChange) -> str:
    return f"{change.name} was {_shown(change.before)}, is {_shown(change.now)}"


def _lines_told(lines: Iterable[LineChange]) -> list[str]:
    changed = list(lines)
    if not changed:
        return []
    first = changed[0]
    example = f"was {_shown(first.before)}, is {_shown(first.now)}"
    return [f"body differs in {len(changed)} lines; the first {example}"]


def _shown(value: Any) -> str:
    if value in _EMPTY:
        return "empty"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return f'"{text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1] + "…"}"'
