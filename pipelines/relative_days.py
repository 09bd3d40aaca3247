"""Days told from the moment of reading: "2 days ago", "vor 3 Stunden", "昨日", "منذ يومين".

They mean a day only beside the time of the fetch; without it they stay text. "3 weeks ago" and
anything coarser is rounded by whoever printed it, and means no day at all.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache

from pipelines.date_labels import CALENDARS
from pipelines.vocabulary import Vocabulary, vocabulary

# Letters of scripts that put a space between words.
_LETTER = r"[^\W\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]"
_UNITS = ("minutes", "hours", "days", "longer")
_DAYS_BACK = ("today", "yesterday", "before_yesterday")
_CLOCK = (
    r"(?:[\s,]{0,3}(?:at|um|à|às|a las|alle|ore|в|om|o|saat|lúc|pukul)?\s{0,2}"
    r"\d{1,2}[:.hH時时]\d{2}(?:\s?[ap]\.?m\.?)?)?"
)


@lru_cache(maxsize=64)
def _pattern(codes: tuple[str, ...]) -> re.Pattern[str]:
    words = vocabulary(*codes).dates
    ago = f"(?:{_any(words['ago'])})"
    one = _any(CALENDARS["relative"]["one"])

    def span(form: int) -> str:
        units = "|".join(rf"(?P<{kind}{form}>{_any(words[kind])})" for kind in _UNITS)
        return rf"(?P<n{form}>\d{{1,3}}|(?:{one})(?=\s))\s?(?:{units})"

    named = "|".join(rf"(?P<{kind}>{_any(words[kind])})" for kind in _DAYS_BACK)
    return re.compile(
        rf"(?<!{_LETTER})(?:(?:{named})(?!{_LETTER}){_CLOCK}"
        rf"|{ago}\s?{span(1)}(?!{_LETTER})|{span(2)}\.?\s?{ago}(?!{_LETTER}))",
        re.IGNORECASE,
    )


def _any(phrases: tuple[str, ...] | list[str]) -> str:
    ordered = sorted(phrases, key=len, reverse=True)
    return "|".join(re.escape(phrase).replace(r"\ ", r"\s") for phrase in ordered)


def find_relative(text: str, words: Vocabulary) -> re.Match[str] | None:
    """The first day in `text` that is told from now."""
    return _pattern(words.codes).search(text)


def is_clear(match: re.Match[str]) -> bool:
    """Whether the words mean a day even where nothing says of what: "Today" is a heading too."""
    return match.lastgroup != "today" or any(map(str.isdigit, match[0]))


def day_before(match: re.Match[str], fetched_at: datetime | None) -> date | None:
    """The day that is meant, where the moment of the fetch is known and settles it."""
    if fetched_at is None:
        return None
    found = {kind.rstrip("12"): text for kind, text in match.groupdict().items() if text}
    for back, kind in enumerate(_DAYS_BACK):
        if kind in found:
            return (fetched_at - timedelta(days=back)).date()
    count = int(found["n"]) if found["n"].isdigit() else 1
    for kind in ("minutes", "hours", "days"):
        if kind in found:
            return (fetched_at - timedelta(**{kind: count})).date()
    return None
