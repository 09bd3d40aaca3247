"""Days beside the headline in lines that are no byline as a whole, and in the text's first words.

"Dec 26, 2025 • Ann Poe in Planning" says more than a reader of bylines understands; its day is
plain all the same. Only days are read here: people need every part of the line understood.
"""

from __future__ import annotations

import re
from dataclasses import replace

from pipelines.bylines import Byline
from pipelines.dates import DateLine, read_dates
from pipelines.label.draft import LABEL_MASS, Draft
from pipelines.label.head import ABOVE, OTHER_LABELS, headline, in_card
from pipelines.label.shown_times import as_shown, settled

# Lines below the headline, or behind the first text, in which a day is looked for.
BELOW = 6
# Characters of the text in which a dateline stands.
DATELINE = 90
# What may stand before a day that nothing labels: nothing, or a sign that sets it apart.
_APART = re.compile(r"(?:^|[|｜·•・⋅,，/–—-]|\s{2})\s{0,3}$")
# "SPRINGFIELD, Ill. (March 3, 2024) — …": the place in capitals, then the day and a dash.
_PLACE = re.compile(r"[A-ZÀ-ÞА-Я][A-ZÀ-ÞА-Я.'’ -]{2,30}(?:,\s[A-Z][\w.]{1,14})?[\s,(–—-]{1,4}$")
_DASH = re.compile(r"^\)?[\s,]{0,2}(?:[(/][\w\s./]{2,30}[)/]\s?)?[:–—-]{1,2}\s")


def read_head_days(draft: Draft) -> None:
    """Days of lines at the head that gave no byline, noted as bylines of days alone."""
    first, last = draft.core
    if last < 0:
        return
    start = headline(draft)
    found = [] if start is None else _above(draft, start)
    begin = first - BELOW if start is None else start + 1
    for i in range(max(0, begin), min(len(draft), max(first, begin) + BELOW)):
        if day := _day(draft, i):
            found.append(day)
    if dateline := _dateline(draft, first):
        found.append(dateline)
    own = [byline for byline in draft.bylines if byline.head]
    others = [byline for byline in draft.bylines if not byline.head]
    draft.bylines[:] = [*own, *found, *others]


def _above(draft: Draft, start: int) -> list[Byline]:
    """The day right above the headline; of several, which are those of a list, none."""
    lines = range(max(0, start - ABOVE), start)
    days = [day for i in lines if (day := _day(draft, i))]
    return days if len(days) == 1 else [day for day in days if day.modified or day.reviewed]


def _day(draft: Draft, i: int) -> Byline | None:
    """The days of a dropped line that no rule has understood."""
    block = draft.blocks[i]
    if draft.kept(i) or not block.mass or block.mass > LABEL_MASS or block.kind == "h":
        return None
    if draft.reason(i) not in (None, "byline", "date") or draft.verdicts[i].rule == "byline-line":
        return None
    if draft.phrases(i).label in OTHER_LABELS or in_card(draft, i):
        return None
    for line in block.text.split("\n"):
        text, shown = settled(draft, block, line)
        days = _read(draft, text)
        if days is None:
            continue
        return replace(as_shown(days, shown) if shown else days, head=True)
    return None


def _read(draft: Draft, text: str) -> Byline | None:
    """The days that the line labels, and its one day that stands apart."""
    line = _line(draft, text)
    if not line:
        return None
    bare = line.bare[0] if len(line.bare) == 1 and _stands_apart(text, line) else None
    if not (line.published or line.modified or line.reviewed or bare):
        return None
    return Byline(
        published=line.published or bare,
        modified=line.modified,
        reviewed=line.reviewed,
        published_labelled=line.published is not None,
    )


def _line(draft: Draft, text: str) -> DateLine:
    days = draft.days
    return read_dates(text, draft.vocabulary, days.codes_for(draft.vocabulary), days.fetched_at)


def _stands_apart(text: str, line: DateLine) -> bool:
    """Whether the day begins the line or is set apart from what stands before it."""
    day = line.bare[0]
    before, found, _ = text.partition(day.raw)
    if not found or (day.precision == "month" and line.rest):
        return False
    return not line.rest or line.modified is not None or _APART.search(before) is not None


def _dateline(draft: Draft, first: int) -> Byline | None:
    """The day that a press release gives behind its place, in the first words of the text."""
    if not 0 <= first < len(draft):
        return None
    start = draft.blocks[first].text[:DATELINE]
    line = _line(draft, start) if any(map(str.isdigit, start)) else None
    for day in line.bare if line else ():
        before, found, behind = start.partition(day.raw)
        if day.precision == "day" and found and _PLACE.match(before) and _DASH.match(behind):
            return Byline(
                published=replace(day, source="dateline"), published_labelled=True, head=True
            )
    return None
