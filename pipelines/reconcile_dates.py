"""One day of publication, change and review each, out of what a page shows and declares.

A day that a reader sees beats a hidden one; a bare day is taken for what it must be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipelines.bylines import Byline
from pipelines.dates import DateFound
from pipelines.declared_dates import in_utc, is_beside
from pipelines.metadata import Metadata
from pipelines.searched_dates import search
from pipelines.warning_codes import DATE_GUESSED, DATES_DIFFER


@dataclass(frozen=True, slots=True)
class Days:
    """When the article was published, changed and reviewed, with warning codes."""

    published: DateFound | None = None
    modified: DateFound | None = None
    reviewed: DateFound | None = None
    warnings: tuple[str, ...] = ()


def merge_dates(metadata: Metadata, bylines: Sequence[Byline]) -> Days:
    """Reconcile the declared days with those of `bylines`, in reading order.

    The day of publication is the first of these that there is:

    1. a visible day with a label, or in a dateline;
    2. a visible day without one beside the headline, unless it is that of the change or the
       review, or later than the declared one: a declared day that is later is that of a move to
       another system. A day later is taken where the declared one is a moment in UTC;
    3. the declared one: linked data, microdata, meta tags, a marked `<time>`, the address;
    4. a visible day without label elsewhere, not later than the change;
    5. one searched for in the page, unless it is the day of the change or the review.

    Change and review: a visible day with a label, then the declared one. A visible month takes
    the day of a declared date that agrees with it. A visible age ("2 days ago") that no fetch
    settles gives the raw text alone.
    """
    modified = _seen_first(bylines, "modified", metadata.modified)
    reviewed = _seen_first(bylines, "reviewed", metadata.reviewed)
    published = _published(metadata, bylines, modified, reviewed)
    warnings = []
    given = ((published, metadata.published), (modified, metadata.modified))
    if any(_differ(*pair) for pair in (*given, (reviewed, metadata.reviewed))):
        warnings.append(DATES_DIFFER)
    if not (published and published.value) and metadata.root is not None:
        found = _searched(metadata, modified, reviewed)
        published = found or published
        warnings += [DATE_GUESSED] if found else []
    return Days(published, modified, reviewed, tuple(warnings))


def _published(
    metadata: Metadata,
    bylines: Sequence[Byline],
    modified: DateFound | None,
    reviewed: DateFound | None,
) -> DateFound | None:
    """The day of publication without any search; see `merge_dates`."""
    declared = metadata.published
    told = [(byline, byline.published) for byline in bylines if byline.published]
    labelled = next((day for byline, day in told if byline.published_labelled), None)
    if labelled and (labelled.value or not declared):
        return _finer(labelled, declared)
    told.sort(key=lambda pair: pair[0].above)  # right below the headline first
    bare = [(byline.head, day) for byline, day in told if not byline.published_labelled]
    others = {day.value for day in (modified, metadata.modified, reviewed) if day}
    for head, day in bare:
        if head and day.value and day.value not in others and _is_own(day, declared):
            return _finer(day, declared)
    if declared:
        return next((both for _, day in bare if (both := _agreed(day, declared))), declared)
    first = next((day for _, day in bare), None)
    if first and first.value and modified and modified.value and first.value > modified.value:
        return labelled
    return first or labelled


def _is_own(seen: DateFound, declared: DateFound | None) -> bool:
    """Whether a bare day beside the headline is that of publication, whatever is declared."""
    if not (declared and declared.value and seen.value):
        return True
    if seen.precision == "month":
        return False
    apart = declared.value - seen.value
    return apart.days >= 0 or (apart.days == -1 and in_utc(declared))


def _finer(seen: DateFound, declared: DateFound | None) -> DateFound:
    """What the page shows; the declared day where it shows that day's month, or no day at all."""
    if declared and declared.value and seen.value is None:
        return declared
    return (declared and _agreed(seen, declared)) or seen


def _agreed(seen: DateFound, declared: DateFound) -> DateFound | None:
    """The day on which both agree, in the words of the page; None where they do not."""
    if seen.value == declared.value:
        return seen if seen.precision == "day" else replace(declared, raw=seen.raw)
    month = seen.precision == "month" and declared.precision == "day" and declared.value
    return replace(declared, raw=seen.raw) if month and month.replace(day=1) == seen.value else None


def _seen_first(
    bylines: Sequence[Byline], field: str, declared: DateFound | None
) -> DateFound | None:
    """The first visible day of its kind, else the declared one."""
    days = [found for byline in bylines if (found := getattr(byline, field))]
    seen = next((day for day in days if day.value), None)
    if seen is None:
        return declared or next(iter(days), None)
    return _finer(seen, declared)


def _differ(given: DateFound | None, declared: DateFound | None) -> bool:
    """Whether the day given contradicts the declared one; the next day in UTC does not."""
    if not (given and declared and given.value and declared.value):
        return False
    if given.value == declared.value:
        return False
    return not (in_utc(declared) and is_beside(given.value, declared.value))


def _searched(
    metadata: Metadata, modified: DateFound | None, reviewed: DateFound | None
) -> DateFound | None:
    """A day searched for in the page, where it is not known to be that of a change or a review."""
    assert metadata.root is not None
    found = search(metadata.root, metadata.date_context)
    if not (found and found.value):
        return found
    known = [day.value for day in (modified, reviewed, metadata.modified) if day and day.value]
    late = modified and modified.value and found.value > modified.value
    return None if late or found.value in known else found
