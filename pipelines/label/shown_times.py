"""Lines with `<time>` elements: what the attribute says where the text alone settles no day."""

from __future__ import annotations

import re
from dataclasses import replace

from pipelines.blocks import Block
from pipelines.bylines import Byline, read_byline
from pipelines.dates import DateFound, parse_date
from pipelines.label.draft import Draft


def read_line(draft: Draft, block: Block, line: str) -> Byline | None:
    """The byline in a line of the block, "2 days ago" and 03/04/2021 read by their `<time>`."""
    days = draft.days
    codes = days.codes_for(draft.vocabulary)
    shown = _unsettled(draft, line) if block.has_time else None
    if shown is None:
        return read_byline(line, draft.vocabulary, codes, days.fetched_at)
    text, told = shown
    byline = read_byline(line.replace(text, told), draft.vocabulary, codes, days.fetched_at)
    return as_shown(byline, shown) if byline else None


def settled(draft: Draft, block: Block, line: str) -> tuple[str, tuple[str, str] | None]:
    """The line with the day of its `<time>` in place of a text that settles none, and both."""
    shown = _unsettled(draft, line) if block.has_time else None
    return (line.replace(*shown), shown) if shown else (line, None)


def as_shown(byline: Byline, shown: tuple[str, str]) -> Byline:
    """The byline with the text that a reader sees as the raw form of what its `<time>` told."""
    return replace(
        byline,
        published=_raw(byline.published, *shown),
        modified=_raw(byline.modified, *shown),
        reviewed=_raw(byline.reviewed, *shown),
    )


def _raw(found: DateFound | None, text: str, told: str) -> DateFound | None:
    if found and found.raw == told:
        return replace(found, raw=text, source="<time>")
    return found


def _unsettled(draft: Draft, line: str) -> tuple[str, str] | None:
    """A `<time>`'s text in the line that gives no day by itself, and its attribute's day."""
    codes = draft.days.codes_for(draft.vocabulary)
    for text, machine in draft.days.times:
        if not text or text not in line:
            continue
        found = parse_date(machine, codes, draft.days.fetched_at)
        if not (found and found.value):
            continue
        day = found.value
        numbers = [int(number) for number in re.findall(r"\d{1,4}", text)[:3]]
        full = len(numbers) == 3 and day.year in numbers
        if full and sorted(numbers) != sorted((day.year, day.month, day.day)):
            continue
        read = parse_date(text, codes)
        # The attribute knows which number is the month; words have the page's own day.
        if read is None or (full and read.value != day):
            return text, day.isoformat()
    return None
