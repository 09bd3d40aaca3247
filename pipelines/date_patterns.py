"""The forms in which pages write a day, as one pattern a language, and the calendars behind them.

Groups are named by what they hold and numbered by form: `y` year, `m` month number, `n` month
name, `d` day. Every repetition in the pattern is bounded.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache

from persiantools.jdatetime import JalaliDate

from pipelines.date_labels import CALENDARS
from pipelines.phrases import squash
from pipelines.vocabulary import vocabulary

_ERAS: dict[str, int] = CALENDARS["eras"]
_JALALI = CALENDARS["jalali"]
_BUDDHIST = CALENDARS["buddhist"]

# Digits of any script; marks of direction, which browsers put between the parts of Arabic dates.
_SIGNS: dict[int, str | None] = {
    zero + n: str(n) for zero in (0x660, 0x6F0, 0x966, 0x9E6, 0xE50, 0xFF10) for n in range(10)
}
_SIGNS |= dict.fromkeys((0x61C, 0x200C, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0xFEFF))
_SIGNS |= {0x2F44: "/", 0xFF0F: "/", 0xFF0D: "-", 0xFF0E: ".", 0x2010: "-", 0x2011: "-"}

# What may stand between a day and its hour: a word for year, a day of the week.
_WEEKDAY = (
    r"(?:\s?(?:г(?:\.|ода?)?|r\.)(?!\w))?"
    r"(?:\s?(?:[(（][月火水木金土日一二三四五六月화수목금토일][)）]|(?:星期|[週周])[一二三四五六日天]"
    r"|[月火水木金土日]曜日?|[월화수목금토일]요일))?"
)
_TIME = (
    r"(?:(?:\s{0,3}(?:[T,|·•-]|at|um|ab|à|às|alle|ore|ora|a las|в|om|o godz\.?|godz\.?|kl\.?|pukul"
    r"|jam|lúc|saat|बजे|الساعة|ساعت|เวลา|上午|下午|中午|晚上|오전|오후|午前|午後)"
    r"\s{0,3}|\s{1,3})(?:ore\s)?\d{1,2}(?:\s?[hH](?!\w)|\s?[:hH時时시點点.]\s?\d{2}(?!\d))"
    r"(?:\s?[:分분]\s?\d{2}(?:[.,]\d{1,9})?)?"
    r"(?:\s?(?:[ap]\.?\s?m\.?(?!\w)|uhr|h|hrs|Uhr|WIB|WITA|WIT|분|分|초|秒|z|น\.|बजे|م|ص))?"
    r"(?:\s{0,3}\(?(?:utc|gmt|[ecmp][sd]?t|ist|bst|msk|мск|cest|cet|jst|kst|trt)(?!\w)\)?)?"
    r"(?:\s?[+-]\d{1,2}(?::?\d{2})?\)?)?)?"
)
_NUMERIC = (
    r"(?P<y1>(?:19|20)\d\d)\s?(?P<sep>[-/.])\s?(?P<m1>\d{1,2})\s?(?P=sep)\s?(?P<d1>\d{1,2})(?!\d)"
    r"(?:\.(?=\s?오[전후]))?"
    r"|(?P<y2>(?:19|20|25)\d\d)\s?[年년]度?\s?(?P<m2>\d{1,2})\s?[月월](?:份)?"
    r"(?:\s?(?P<d2>\d{1,2})\s?[日号號일])?(?!\d)"
    rf"|(?P<era>{'|'.join(_ERAS)})\s?(?P<y3>\d{{1,3}}|元)\s?(?P<sep3>[年.])\s?(?P<m3>\d{{1,2}})\s?"
    r"(?:月|(?<=\d)\.)(?:\s?(?P<d3>\d{1,2})\s?日?)?(?!\d)"
    r"|(?P<d4>\d{1,2})(?P<sep4>[-/.])\s?(?P<m4>\d{1,2})(?P=sep4)\s?(?P<y4>(?:19|20|25)\d\d)(?!\.?\d)"
    r"|(?P<y0>1[34]\d\d)(?P<sep0>[-/.])(?P<m0>\d{1,2})(?P=sep0)(?P<d0>\d{1,2})(?!\d)"
    r"|(?P<y5>(?:19|20)\d\d)[-/.](?P<m5>\d{1,2})(?![\d/.-])"
    r"|(?<![/.-])(?P<m10>\d{1,2})[/.](?P<y10>(?:19|20)\d\d)(?![\d/-]|\.\d)"
)
# Between day, month and year: "14 de marzo de 2024", "14-Mar-2024", "14/mar/2024", "15 มี.ค. 67".
_OF = r"(?:(?:de|del|of|di|do|năm|พ\.ศ\.|ค\.ศ\.|عام|سنة)\s)?"
_GAP = r"[\s/.-]{0,3}"
_YEAR = r"(?:(?:19|20|25)\d\d|1[34]\d\d)"
_WORDS = (
    r"|(?P<d6>\d{{1,2}})(?:st|nd|rd|th|er|[ºª°.]|-?(?:е|го))?{gap}{of}(?P<n6>{months})"
    r"(?:\s?/\s?(?:{months}))?\.?[,،]?{gap}{of},?\s?(?P<y6>{year}|(?<=[ก-๙.]\s)\d\d)(?!\d)"
    r"|(?P<n7>{months})\.?\s{{0,3}}(?P<d7>\d{{1,2}})(?:st|nd|rd|th)?\s{{0,3}}[,،.]?\s{{0,3}}"
    r"(?:of\s)?(?P<y7>{year})(?!\d)"
    r"|(?P<y8>(?:19|20)\d\d)[,\s-]{{1,3}}(?P<n8>{months})\.?[\s-]{{0,3}}(?P<d8>\d{{1,2}})(?!\d)"
    r"|(?P<n9>{months})\.?[,،]?\s{{0,3}}{of},?\s?(?P<y9>{year})(?!\d)"
)
# A date begins where no word or number is going on; its number may follow a letter.
_BEGIN = r"(?:(?<![\w.])|(?<=[^\W\d_])(?=\d))"

_HAN = {sign: n for n, sign in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}
_HAN_DATE = re.compile(
    r"([一二][〇零○一二三四五六七八九]{3})年([一二三四五六七八九十]{1,2})月(?:([一二三四五六七八九十]{1,3})([日号號]))?"
)


def readable(text: str) -> str:
    """Digits of any script as ASCII digits, letters composed, marks of direction left out.

    >>> readable("١٤‏/٣‏/٢٠٢٤"), readable("二〇二四年三月十四日")
    ('14/3/2024', '2024年3月14日')
    """
    if text.isascii():
        return text
    text = unicodedata.normalize("NFC", text).translate(_SIGNS)
    return _HAN_DATE.sub(_from_han, text) if "年" in text else text


def _from_han(match: re.Match[str]) -> str:
    year = "".join(str(_HAN[sign]) for sign in match[1])
    day = f"{_han_number(match[3])}{match[4]}" if match[3] else ""
    return f"{year}年{_han_number(match[2])}月{day}"


def _han_number(text: str) -> int:
    """The number up to 99 that the signs write: 十四 is 14, 二十 is 20."""
    tens, ten, ones = text.rpartition("十")
    return (_HAN.get(tens, 1) * 10 if ten else 0) + _HAN.get(ones, 0)


@lru_cache(maxsize=64)
def pattern(codes: tuple[str, ...]) -> re.Pattern[str]:
    """What a day looks like in the languages `codes` (those of a Vocabulary), and in numbers."""
    names = "|".join(sorted(map(re.escape, months(codes)), key=len, reverse=True))
    names = names.replace(r"\ ", r"\s")
    words = _WORDS.format(months=names, gap=_GAP, of=_OF, year=_YEAR)
    return re.compile(rf"{_BEGIN}(?:{_NUMERIC}{words}){_WEEKDAY}{_TIME}", re.IGNORECASE)


@lru_cache(maxsize=64)
def months(codes: tuple[str, ...]) -> dict[str, int]:
    """Month name as `squash` gives it, without its dot -> number of the month in its calendar."""
    found = dict(vocabulary(*codes).months)
    for table in (_BUDDHIST["months"], CALENDARS["common"]["months"], _JALALI["months"]):
        for number, names in enumerate(table, start=1):
            for name in names:
                found.setdefault(squash(name).rstrip("."), number)
    return {name: number for name, number in found.items() if not name[0].isdigit()}


def day_of(match: re.Match[str], codes: tuple[str, ...], names: dict[str, int]) -> date | None:
    """The day that a match of `pattern` means; the first of a month where it gives none.

    `codes`: the page's languages, with their regions where they are known. None where the numbers
    are no day, or could be two different ones.
    """
    part = {
        name[0]: (name, text)
        for name, text in match.groupdict().items()
        if text and not name.startswith(("era", "sep"))
    }
    form, year_text = part["y"]
    name = squash(part["n"][1]).rstrip(".") if "n" in part else ""
    month = names.get(name, 0) if name else int(part["m"][1])
    day = int(part["d"][1]) if "d" in part else 1
    if form == "y3":
        if match["era"].isascii() and (match["sep3"] != "." or not _speaks(codes, ("ja",))):
            return None
        year = _ERAS[_era(match["era"])] + (1 if year_text == "元" else int(year_text)) - 1
        return _common(year, month, day)
    if form == "y4":
        ordered = _order(day, month, match["sep4"], codes)
        if ordered is None:
            return None
        day, month = ordered
    year = int(year_text)
    if form == "y5" and match[0][4] == "." and not _speaks(codes, ("zh", "ja", "ko")):
        return None  # 2024.05 is a version, or an amount
    if 1300 <= year < 1500:
        persian = name in _names_of("jalali") if name else _speaks(codes, _JALALI["numeric"])
        return _from_jalali(year, month, day) if persian else None
    if name in _names_of("jalali") and name not in vocabulary(*codes).months:
        return None
    if year < 100:
        if name not in _names_of("buddhist"):
            return None
        year += _BUDDHIST["century"]
    if _BUDDHIST["first"] <= year <= _BUDDHIST["last"]:
        year -= _BUDDHIST["offset"]
    return _common(year, month, day)


def has_day(match: re.Match[str]) -> bool:
    """Whether the match names a day, and not only its month."""
    return any(text for name, text in match.groupdict().items() if text and name[0] == "d")


@lru_cache(maxsize=2)
def _names_of(calendar: str) -> frozenset[str]:
    names = (name for month in CALENDARS[calendar]["months"] for name in month)
    return frozenset(squash(name).rstrip(".") for name in names)


def stands_alone(match: re.Match[str]) -> bool:
    """Whether the match is a day without a label too; 12/2022 is a volume and its year as well."""
    return not match["y10"]


def _era(text: str) -> str:
    return text.upper() if text.isascii() else text


def _common(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _from_jalali(year: int, month: int, day: int) -> date | None:
    if not _JALALI["first"] <= year <= _JALALI["last"]:
        return None
    try:
        return JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]
    except ValueError:
        return None


def _speaks(codes: tuple[str, ...], languages: tuple[str, ...] | list[str]) -> bool:
    return any(code.replace("_", "-").split("-")[0].lower() in languages for code in codes[:1])


def _order(first: int, second: int, sep: str, codes: tuple[str, ...]) -> tuple[int, int] | None:
    """(day, month) of two numbers before a year, or None where both orders are possible."""
    if first > 12 or first == second:
        return first, second
    if second > 12:
        return second, first
    language, *rest = next(iter(codes), "en").replace("_", "-").lower().split("-")
    order = CALENDARS["order"]
    regions = [part for part in rest if len(part) == 2]
    if any(region in order["month_first"] for region in regions):
        return None if sep == "." else (second, first)  # 09.10.2024 is either even there
    if language in order["never"] or any(region in order["either"] for region in regions):
        return None
    if language == "en" and not any(region in order["day_first"] for region in regions):
        return None
    return first, second
