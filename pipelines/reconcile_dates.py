"""One day of publication, change and review each, out of what a page shows and declares.

A day that a reader sees beats a hidden one; a bare day is taken for what it must be.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING

from htmldate import find_date

from pipelines.bylines import Byline
from pipelines.dates import AHEAD, FIRST_YEAR, DateFound
from pipelines.metadata import Metadata
from pipelines.warning_codes import DATE_GUESSED, DATES_DIFFER

if TYPE_CHECKING:
    from lxml import html

# Elements above which no day is searched for: the search copies the page, some microseconds each.
MOST_SEARCHED = 200_000

logging.getLogger("htmldate").setLevel(logging.CRITICAL)  # its warnings are about pages


@dataclass(frozen=True, slots=True)
class Days:
    """When the article was published, changed and reviewed, with warning codes."""

    published: DateFound | None = None
    modified: DateFound | None = None
    reviewed: DateFound | None = None
    warnings: tuple[str, ...] = ()


def merge_dates(metadata: Metadata, bylines: Sequence[Byline]) -> Days:
    """Reconcile the declared days with those of `bylines`, in reading order."""
    published, modified = _dates(metadata, bylines)
    warnings = []
    if published and metadata.published and published.value != metadata.published.value:
        warnings.append(DATES_DIFFER)
    if published is None and metadata.root is not None:
        published = _searched(metadata.root, modified)
        warnings += [DATE_GUESSED] if published else []
    reviewed = _first(bylines, "reviewed") or metadata.reviewed
    return Days(published, modified, reviewed, tuple(warnings))


def _dates(
    metadata: Metadata, bylines: Sequence[Byline]
) -> tuple[DateFound | None, DateFound | None]:
    """Published and modified: visible before hidden, and a bare day for what it must be."""
    labelled = next((b.published for b in bylines if b.published and b.published_labelled), None)
    bare_day = next(
        (b.published for b in bylines if b.published and not b.published_labelled), None
    )
    modified = _first(bylines, "modified") or metadata.modified
    declared = metadata.published
    if labelled:
        return _finer(labelled, declared), modified
    if (
        bare_day
        and declared
        and declared.value != bare_day.value
        and _finer(bare_day, declared) is bare_day
    ):
        return declared, modified  # another article's day, or that of the last change
    if bare_day and modified and modified.value and bare_day.value and not declared:
        return (bare_day if bare_day.value <= modified.value else None), modified
    return _finer(bare_day, declared) if bare_day else declared, modified


def _finer(seen: DateFound, declared: DateFound | None) -> DateFound:
    """The declared day where the page shows only its month."""
    if seen.precision != "month" or not (declared and declared.value and seen.value):
        return seen
    return declared if declared.value.replace(day=1) == seen.value else seen


def _first(bylines: Sequence[Byline], field: str) -> DateFound | None:
    return next((found for b in bylines if (found := getattr(b, field))), None)


def _searched(root: html.HtmlElement, modified: DateFound | None) -> DateFound | None:
    """A day searched for in the whole page (htmldate), which copies the tree before pruning it."""
    if next(islice(root.iter(), MOST_SEARCHED, None), None) is not None:
        return None
    try:
        text = find_date(root, extensive_search=False, original_date=True)
    except Exception:  # a third party's search through any page: no date is a fine answer
        return None
    value = date.fromisoformat(text) if text else None
    if value is None or value.year < FIRST_YEAR or value > date.today() + AHEAD:
        return None
    if modified and modified.value and value > modified.value:
        return None
    return DateFound(value, str(text))
