"""Days as pages write them, in any supported language, and lines that hold little else.

The page's own day is kept: `2024-03-01T23:30:00-03:00` is the first of March. A day that is not
certain is no day: 03/04/2021 is read only where the language or the region settles the order.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Literal

from pipelines.date_labels import BETWEEN, CALENDARS, label_after, label_before
from pipelines.phrases import squash
from pipelines.vocabulary import Vocabulary, vocabulary

# Before the web there were no pages: an earlier day is a misreading.
FIRST_YEAR = 1990
# A page can be a day ahead of us in another time zone.
AHEAD = timedelta(days=1)
# Longer lines with a date in them are prose.
LINE_LIMIT = 300
# dateparser takes 10 ms on a sentence, and finds dates where there are none.
DATEPARSER_LIMIT = 40

_DIGITS = str.maketrans(
    {chr(zero + n): str(n) for zero in (0x660, 0x6F0, 0x966, 0xE50, 0xFF10) for n in range(10)}
)
_FILLER = frozenset(CALENDARS["filler"]["weekdays"] + CALENDARS["filler"]["words"])
_ERAS: dict[str, int] = CALENDARS["eras"]
_TIME = (
    r"(?:(?:\s*(?:[T,|·•-]|at|um|à|às|alle|a las|в|om|kl\.?|pukul|lúc|saat"
    r"|下午|上午|오전|오후|午前|午後)"
    r"\s*|\s+)\d{1,2}\s?[:hH時时시点.]\s?\d{2}(?!\d)(?:\s?[:分분]\s?\d{2}(?:[.,]\d+)?)?"
    r"(?:\s?(?:[ap]\.?\s?m\.?(?!\w)|uhr|h|분|分|초|秒|z|น\.))?"
    r"(?:\s*(?:\(?(?:utc|gmt|[ecmp][sd]t|et|ist|bst|msk|cest|cet|jst|kst)(?!\w)\)?)?(?:\s?[+-]\d{2}:?\d{2})?)?)?"
)
_NUMERIC = (
    r"(?P<y1>(?:19|20)\d\d)\s?(?P<sep>[-/.])\s?(?P<m1>\d{1,2})\s?(?P=sep)\s?(?P<d1>\d{1,2})(?!\d)(?:\.(?=\s?오[전후]))?"
    r"|(?P<y2>(?:19|20|25)\d\d)\s?[年년]\s?(?P<m2>\d{1,2})\s?[月월](?:\s?(?P<d2>\d{1,2})\s?[日号號일]?)?(?!\d)"
    rf"|(?P<era>{'|'.join(_ERAS)})\s?(?P<y3>\d{{1,3}}|元)\s?年\s?(?P<m3>\d{{1,2}})\s?月(?:\s?(?P<d3>\d{{1,2}})\s?日)?"
    r"|(?P<d4>\d{1,2})(?P<sep4>[-/.])\s?(?P<m4>\d{1,2})(?P=sep4)\s?(?P<y4>(?:19|20|25)\d\d)(?!\d)"
    r"|(?P<y5>(?:19|20)\d\d)[-/.](?P<m5>\d{1,2})(?![\d/.-])"
)
_WORDS = (
    r"|(?P<d6>\d{{1,2}})(?:st|nd|rd|th|er|[ºª°.]|-?(?:е|го))?[\s-]*(?:(?:de|of|di|do)\s+)?(?:[\s-]|(?<=日))?"
    r"(?P<n6>{months})\.?,?،?[\s-]*(?:(?:de|del|of|do|năm)\s+)?,?\s*(?P<y6>(?:19|20|25)\d\d)(?!\d)"
    r"|(?P<n7>{months})\.?\s*(?P<d7>\d{{1,2}})(?:st|nd|rd|th)?\s*[,،.]?\s*(?:of\s+)?(?P<y7>(?:19|20|25)\d\d)(?!\d)"
    r"|(?P<y8>(?:19|20)\d\d)[,\s-]+(?P<n8>{months})\.?[\s-]*(?P<d8>\d{{1,2}})(?!\d)"
    r"|(?P<n9>{months})\.?,?\s*(?:(?:de|del|of|do|năm)\s+)?(?P<y9>(?:19|20|25)\d\d)(?!\d)"
)


@dataclass(frozen=True, slots=True)
class DateFound:
    """A day and the text it was read from; `precision` month means the day is set to the first."""

    value: date | None
    raw: str
    precision: Literal["day", "month"] = "day"


@dataclass(frozen=True, slots=True)
class DateLine:
    """The dates of one visible line; `bare` have no label, `rest` is the text that is no date."""

    published: DateFound | None = None
    modified: DateFound | None = None
    reviewed: DateFound | None = None
    bare: tuple[DateFound, ...] = ()
    rest: str = ""

    def __bool__(self) -> bool:
        """Whether the line holds any date."""
        return bool(self.published or self.modified or self.reviewed or self.bare)


def parse_date(
    text: str, codes: tuple[str, ...] = (), today: date | None = None
) -> DateFound | None:
    """The day in `text`, a string already cut out of its page; None where it is not certain.

    `codes` are the page's languages (BCP 47; a region settles 03/04/2021). `today` refuses later
    days (the default is the day it is now) and, where it is given, anchors "2 days ago".
    """
    text = " ".join(text.split())
    if not text or len(text) > LINE_LIMIT:
        return None
    if re.fullmatch(r"(?:19|20)\d{6}", text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    words = vocabulary(*codes)
    clean = _readable(text)
    for match in _pattern(words).finditer(clean):
        if found := _found(match, words, codes, today):
            return DateFound(found.value, text, found.precision)
    return _by_dateparser(text, words, today)


def read_dates(
    line: str, words: Vocabulary, codes: tuple[str, ...] = (), today: date | None = None
) -> DateLine:
    """The labelled and bare dates of one visible line, and what else the line says."""
    if len(line) > LINE_LIMIT or not any(map(str.isdigit, line)):
        return DateLine(rest=line)
    clean = _readable(line)
    matches = list(_pattern(words).finditer(clean))
    told: dict[str, DateFound] = {}
    bare: list[DateFound] = []
    rest: list[str] = []
    at = 0
    for number, match in enumerate(matches):
        found = _found(match, words, codes or words.codes, today)
        if found is None:
            if label_before(clean[at : match.start()], words)[0] == "next_review":
                at = match.end()  # a day to come, and no part of what else the line says
            continue
        kind, before = label_before(clean[at : match.start()], words)
        at = match.end()
        if kind is None:
            stop = matches[number + 1].start() if number + 1 < len(matches) else len(clean)
            kind, used = label_after(clean[at:stop], words)
            at += used
        rest.append(before)
        if kind is None:
            bare.append(found)
        elif kind != "next_review":
            told.setdefault(kind, found)
    rest.append(clean[at:])
    return DateLine(**told, bare=tuple(bare), rest=_join(rest))


def _readable(text: str) -> str:
    """Digits of any script as ASCII digits, letters composed."""
    return text if text.isascii() else unicodedata.normalize("NFC", text).translate(_DIGITS)


@lru_cache(maxsize=64)
def _patterns(codes: tuple[str, ...]) -> tuple[re.Pattern[str], dict[str, int]]:
    months = dict(vocabulary(*codes).months)
    for number, names in enumerate(CALENDARS["buddhist"]["months"], start=1):
        months |= dict.fromkeys((name.rstrip(".") for name in names), number)
    months = {name: number for name, number in months.items() if not name[0].isdigit()}
    names = "|".join(sorted(map(re.escape, months), key=len, reverse=True))
    body = _NUMERIC + _WORDS.format(months=names)
    return re.compile(rf"(?<![\d.])(?<!\w(?=[^\W\d]))(?:{body}){_TIME}", re.IGNORECASE), months


def _pattern(words: Vocabulary) -> re.Pattern[str]:
    return _patterns(words.codes)[0]


def _found(
    match: re.Match[str], words: Vocabulary, codes: tuple[str, ...], today: date | None
) -> DateFound | None:
    """The match as a day, or None where it is no day, not certain, or out of bounds."""
    part = {
        name[0]: (name, text) for name, text in match.groupdict().items() if text and name != "era"
    }
    year_text = part["y"][1]
    if part["y"][0] == "y3":
        year = _ERAS[match["era"]] + (1 if year_text == "元" else int(year_text)) - 1
    else:
        year = _common_year(int(year_text))
    month = _month(part, words)
    day = int(part["d"][1]) if "d" in part else None
    if part["y"][0] == "y4":
        assert day is not None
        ordered = _order(day, month, match["sep4"], codes)
        if ordered is None:
            return None
        day, month = ordered
    try:
        value = date(year, month, day or 1)
    except ValueError:
        return None
    if value.year < FIRST_YEAR or value > (today or date.today()) + AHEAD:
        return None
    return DateFound(value, match.group().strip(), "day" if day else "month")


def _month(part: dict[str, tuple[str, str]], words: Vocabulary) -> int:
    if "m" in part:
        return int(part["m"][1])
    return _patterns(words.codes)[1].get(squash(part["n"][1]).rstrip("."), 0)


def _common_year(year: int) -> int:
    thai = CALENDARS["buddhist"]
    return year - thai["offset"] if thai["first"] <= year <= thai["last"] else year


def _order(first: int, second: int, sep: str, codes: tuple[str, ...]) -> tuple[int, int] | None:
    """(day, month) of two numbers before a year, or None where both orders are possible."""
    if first > 12 or first == second:
        return first, second
    if second > 12:
        return second, first
    if sep == ".":
        return first, second  # nobody writes month.day.year
    code = next(iter(codes), "en").replace("_", "-").lower()
    if code in ("en-us", "en-ph"):
        return second, first
    base = code.split("-")[0]
    if base in ("zh", "ja", "ko") or code == "en":
        return None
    return first, second


def _by_dateparser(text: str, words: Vocabulary, today: date | None) -> DateFound | None:
    """Last resort for forms of our own patterns' blind spots: slow, so for short strings only."""
    if len(text) > DATEPARSER_LIMIT or not any(map(str.isdigit, text)):
        return None
    relative = any(word in squash(text) for word in words.dates["ago"])
    if (relative and today is None) or not (relative or re.search(r"[^\W\d]{3}", text)):
        return None
    import dateparser  # half a second, and seldom needed

    settings: dict[str, Any] = {"STRICT_PARSING": not relative, "PREFER_DATES_FROM": "past"}
    if relative and today is not None:
        settings["RELATIVE_BASE"] = _noon(today)
    languages = list(dict.fromkeys(code.split("-")[0] for code in words.codes))
    try:
        parsed = dateparser.parse(text, languages=languages, settings=settings)
    except (ValueError, OverflowError):
        return None
    if parsed is None or parsed.year < FIRST_YEAR:
        return None
    return (
        DateFound(parsed.date(), text) if parsed.date() <= (today or date.today()) + AHEAD else None
    )


def _noon(day: date) -> Any:
    from datetime import datetime

    return datetime(day.year, day.month, day.day, 12)


def _join(parts: list[str]) -> str:
    """What the line says besides its dates, separators and weekdays left out."""
    kept = []
    for part in parts:
        text = BETWEEN.sub("", part)
        if squash(text).strip(".") not in _FILLER and text.strip("."):
            kept.append(text)
    return " | ".join(kept)
