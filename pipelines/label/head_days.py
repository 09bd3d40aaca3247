"""Days beside the headline in lines that are no byline as a whole, and in the text's first words.

"Dec 26, 2025 • Ann Poe in Planning" says more than a reader of bylines understands; its day is
plain all the same. Only days are read here: people need every part of the line understood.
"""

from __future__ import annotations

import re
from dataclasses import replace

from pipelines.bylines import Byline
from pipelines.dates import WORDY_LIMIT, DateLine, read_dates
from pipelines.label.draft import LABEL_MASS, Draft, is_prose
from pipelines.label.head import ABOVE, OTHER_LABELS, in_card
from pipelines.label.headlines import headline
from pipelines.label.shown_times import as_shown, settled

# Lines below the headline, or behind the first text, in which a day is looked for.
BELOW = 6
# Blocks from the headline, or before the text, in which it is looked for.
FAR = 12
# Characters of the text in which a dateline stands.
DATELINE = 90
# What may stand before a day that nothing labels: nothing, or a sign that sets it apart.
_APART = re.compile(r"(?:^|[|｜·•・⋅,，/–—-]|\s{2})\s{0,3}$")
# Two elements' texts run together: "Mental HealthDECEMBER 22, 2022".
_GLUED = re.compile(r"(?<=[^\W\d_A-ZÀ-ÞА-Я])(?=[A-ZÀ-ÞА-Я]{2}|[A-Z][a-z]{2,8}\.? \d)")
# "SPRINGFIELD, Ill. (March 3, 2024) — …": the place in capitals, then the day and a dash.
_PLACE = re.compile(r"[A-ZÀ-ÞА-Я][A-ZÀ-ÞА-Я.'’ -]{2,30}(?:,\s[A-Z][\w.]{1,14})?[\s,(–—-]{1,4}$")
_DASH = re.compile(r"^\)?[\s,]{0,2}(?:[(/][\w\s./]{2,30}[)/]\s?)?[:–—-]{1,2}\s")


def read_head_days(draft: Draft) -> None:
    """Days of lines at the head that gave no byline, noted as bylines of days alone."""
    first, last = draft.core
    if last < 0:
        return
    start = headline(draft)
    above = range(0) if start is None else range(max(0, start - ABOVE), start)
    begin = first - BELOW if start is None else start + 1
    stop = min(len(draft), max(first, begin) + BELOW)
    # Menus and boxes may stand between: near the headline, and near the text.
    below = [i for i in range(max(0, begin), stop) if i < begin + FAR or i >= first - FAR]
    found = [replace(day, above=True) for i in above if (day := _day(draft, i))]
    found += [day for i in below if (day := _day(draft, i))]
    if dateline := _dateline(draft, first):
        found.append(dateline)
    own = [byline for byline in draft.bylines if byline.head]
    others = [byline for byline in draft.bylines if not byline.head]
    draft.bylines[:] = [*_without_lists([*own, *found]), *others]


def _without_lists(bylines: list[Byline]) -> list[Byline]:
    """The lines at the head; several bare days above the headline are those of a list."""
    bare = {
        byline.published.value
        for byline in bylines
        if byline.above and byline.published and not byline.published_labelled
    }
    if len(bare) < 2:
        return bylines
    return [replace(b, head=False) if b.above else b for b in bylines]


def _day(draft: Draft, i: int) -> Byline | None:
    """The days of a line that no rule has understood, and that is no running text."""
    block = draft.blocks[i]
    if block.kind == "h" or not 0 < block.mass <= LABEL_MASS:
        return None
    if block.mass > WORDY_LIMIT and not any(map(str.isdigit, block.text)):
        return None
    # A kept line is one of the article, unless it is short and stands above all running text.
    if draft.kept(i) and (is_prose(block) or i > draft.core[0] + 1):
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
    line = _line(draft, _GLUED.sub(" | ", text))
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
