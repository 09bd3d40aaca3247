"""Days as pages write them, in any supported language, and lines that hold little else.

The page's own day is kept: `2024-03-01T23:30:00-03:00` is the first of March. A day that is not
certain is no day: 03/04/2021 is read only where the language or the region settles the order.
Days of the lunar calendar are none either: which evening a month began on differs by country.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from pipelines.date_labels import BETWEEN, CALENDARS, label_after, label_before
from pipelines.date_patterns import day_of, has_day, months, pattern, readable, stands_alone
from pipelines.phrases import squash
from pipelines.relative_days import day_before, find_relative, is_clear
from pipelines.vocabulary import Vocabulary, vocabulary

# Before the web there were no pages: an earlier day is a misreading.
FIRST_YEAR = 1990
# A page can be a day ahead of us in another time zone.
AHEAD = timedelta(days=1)
# Longer lines with a date in them are prose.
LINE_LIMIT = 300
# dateparser takes 10 ms on a sentence, and finds dates where there are none.
DATEPARSER_LIMIT = 40
# A line without a number that tells a day ("Updated yesterday") is no longer than this.
WORDY_LIMIT = 60

_TIME = re.compile(r"\d{1,2}[:.h]\d{2}")
_FILLER = frozenset(CALENDARS["filler"]["weekdays"] + CALENDARS["filler"]["words"])


@dataclass(frozen=True, slots=True)
class DateFound:
    """A day and the text it was read from; `precision` month means the day is set to the first.

    `value` is None for a day told from the moment of reading where that is not known: "2 days
    ago". `source`: where it stands, in words for a reader ("byline", "JSON-LD datePublished").
    """

    value: date | None
    raw: str
    precision: Literal["day", "month"] = "day"
    source: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class DateContext:
    """What settles a page's days besides their words."""

    codes: tuple[str, ...] = ()
    """the page's languages (BCP 47), with their regions where these are known"""
    fetched_at: datetime | None = None
    times: tuple[tuple[str, str], ...] = ()
    """text and `datetime` of the page's `<time>` elements"""

    def codes_for(self, words: Vocabulary) -> tuple[str, ...]:
        """The languages of `words`, with the page's region where that is the page's language."""
        spoken = {code.split("-")[0] for code in words.codes[:1]}
        own = tuple(code for code in self.codes if code.split("-")[0].lower() in spoken)
        return own or words.codes


# Of a text that says nothing of itself.
DATELESS = DateContext()


@dataclass(frozen=True, slots=True)
class DateLine:
    """The dates of one visible line; `bare` have no label, `rest` is the text that is no date."""

    published: DateFound | None = None
    modified: DateFound | None = None
    reviewed: DateFound | None = None
    bare: tuple[DateFound, ...] = ()
    rest: str = ""
    coming: bool = False
    """whether it tells the day of the next review, which no field holds"""

    def __bool__(self) -> bool:
        """Whether the line holds any date."""
        return bool(self.published or self.modified or self.reviewed or self.bare)


@dataclass(frozen=True, slots=True)
class _Span:
    """Where in a line a day stands; `found` is None where it is none that can be given."""

    start: int
    end: int
    found: DateFound | None
    clear: bool = True
    """whether it is a day without a label too"""


def parse_date(
    text: str,
    codes: tuple[str, ...] = (),
    fetched_at: datetime | None = None,
    source: str = "",
) -> DateFound | None:
    """The day in `text`, a string already cut out of its page; None where it is not certain.

    `codes` are the page's languages (BCP 47; a region settles 03/04/2021). `fetched_at` refuses
    days after it (by default after today) and anchors "2 days ago".
    """
    text = " ".join(text.split())
    if not text or len(text) > LINE_LIMIT:
        return None
    if re.fullmatch(r"(?:19|20)\d{6}", text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    words = vocabulary(*codes)
    for span in _spans(readable(text), words, codes, fetched_at):
        if span.found and span.found.value:
            return replace(span.found, raw=text, source=source)
    found = _by_dateparser(text, words, fetched_at)
    return replace(found, source=source) if found else None


def read_dates(
    line: str,
    words: Vocabulary,
    codes: tuple[str, ...] = (),
    fetched_at: datetime | None = None,
) -> DateLine:
    """The labelled and bare dates of one visible line, and what else the line says."""
    numbered = any(map(str.isdigit, line))
    if len(line) > (LINE_LIMIT if numbered else WORDY_LIMIT):
        return DateLine(rest=line)
    clean = readable(line)
    spans = _spans(clean, words, codes or words.codes, fetched_at)
    original = line if len(line) == len(clean) else clean
    told: dict[str, DateFound] = {}
    bare: list[DateFound] = []
    rest: list[str] = []
    at = 0
    coming = False
    for number, span in enumerate(spans):
        kind, before = label_before(clean[at : span.start], words)
        coming = coming or kind == "next_review"
        if span.found is None:
            if kind == "next_review":
                rest.append(before)
                at = span.end  # a day to come, and no part of what else the line says
            continue
        if kind is None:
            stop = spans[number + 1].start if number + 1 < len(spans) else len(clean)
            kind, used = label_after(clean[span.end : stop], words)
            if kind is None and not span.clear:
                continue
            at = span.end + used
        else:
            at = span.end
        rest.append(before)
        found = replace(span.found, raw=original[span.start : span.end].strip())
        if kind is None or (kind == "published" and kind in told):
            bare.append(found)  # "on" twice: the second is another's
        elif kind != "next_review":
            told.setdefault(kind, found)
    rest.append(clean[at:])
    return DateLine(**told, bare=tuple(bare), rest=_join(rest), coming=coming)


def latest_day(fetched_at: datetime | None) -> date:
    """The last day that a page read at `fetched_at`, or today, may tell of itself."""
    return (fetched_at.date() if fetched_at else date.today()) + AHEAD


def _spans(
    clean: str, words: Vocabulary, codes: tuple[str, ...], fetched_at: datetime | None
) -> list[_Span]:
    """The days in a line, in reading order."""
    spans: list[_Span] = []
    names = months(words.codes)
    if any(map(str.isdigit, clean)):
        for match in pattern(words.codes).finditer(clean):
            value = day_of(match, codes, names)
            likely = value and value.year >= FIRST_YEAR and value <= latest_day(fetched_at)
            found = _found(value, match) if value and likely else None
            spans.append(_Span(match.start(), match.end(), found, stands_alone(match)))
    if not spans and (relative := find_relative(clean, words)):
        day = DateFound(day_before(relative, fetched_at), relative[0].strip(), source="byline")
        spans.append(_Span(relative.start(), relative.end(), day, is_clear(relative)))
    return spans


def _found(value: date, match: re.Match[str]) -> DateFound:
    precision: Literal["day", "month"] = "day" if has_day(match) else "month"
    return DateFound(value, match[0].strip(), precision, "byline")


def _by_dateparser(text: str, words: Vocabulary, fetched_at: datetime | None) -> DateFound | None:
    """Last resort for forms of our own patterns' blind spots: slow, so for short strings only."""
    if len(text) > DATEPARSER_LIMIT or not re.search(r"(?:19|20)\d\d", text):
        return None
    if not re.search(r"[^\W\d]{3}", text) or find_relative(text, words):
        return None
    import dateparser  # half a second, and seldom needed

    settings: dict[str, Any] = {"STRICT_PARSING": True, "PREFER_DATES_FROM": "past"}
    languages = list(dict.fromkeys(code.split("-")[0] for code in words.codes))
    try:
        parsed = dateparser.parse(text, languages=languages, settings=settings)
    except (ValueError, OverflowError):
        return None
    if parsed is None or parsed.year < FIRST_YEAR or parsed.date() > latest_day(fetched_at):
        return None
    return DateFound(parsed.date(), text)


def _says_nothing(word: str) -> bool:
    return not word or word in _FILLER or _TIME.fullmatch(word) is not None


def _join(parts: list[str]) -> str:
    """What the line says besides its dates, separators, weekdays and times left out."""
    kept = []
    for part in parts:
        text = BETWEEN.sub("", part)
        words = (word.strip(".,:()") for word in squash(text).split())
        if squash(text).strip(".") not in _FILLER and not all(map(_says_nothing, words)):
            kept.append(text)
    return " | ".join(kept)
