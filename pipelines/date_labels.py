"""Labels of dates: what stands before a day ("Last updated:") or right behind it ("公開")."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipelines.phrases import PhraseIndex, ends_word, squash
from pipelines.vocabulary import DATE_LABELS, Vocabulary, vocabulary

CALENDARS: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("calendars.toml").read_text(encoding="utf-8")
)
# The longest time of day with its zone (characters).
CLOCK_CHARS = 36
BETWEEN = re.compile(
    r"^[\s|｜/／,，、;；·‧•:：\-–—()（）\[\]【】]+|[\s|｜/／,，、;；·‧•:：\-–—()（）\[\]【】]+$"
)


@lru_cache(maxsize=64)
def _labels(codes: tuple[str, ...]) -> tuple[dict[str, str], PhraseIndex]:
    words = vocabulary(*codes)
    kinds: dict[str, str] = {}
    for kind in ("next_review", *DATE_LABELS):
        for label in words.dates[kind]:
            kinds.setdefault(label.rstrip(":"), kind)
    return kinds, PhraseIndex(kinds)


# A time of day before its day: "Updated: 12:04 EST, 9 March 2021".
_CLOCK = re.compile(
    r"(?:^|(?<=[\s:：|,]))(?:(?:at|à|um|alle|om|a las|kl\.?|в)\s)?"
    r"\d{1,2}\s?[:.h]\s?\d{2}(?:\s?:\s?\d{2})?(?:\s?[ap]\.?\s?m\b\.?)?"
    r"(?:\s?\(?(?:utc|gmt|[ecmpa][sd]?t|ist|bst|msk|мск|cest|cet|eest|eet|jst|kst|aest|aedt)\)?)?"
    r"(?:\s?(?:uhr|h|hrs))?[\s,|·•–—-]*(?:on|le|el|am|il|op|em)?\s*$",
    re.IGNORECASE,
)
# Labels that are ordinary words: they count only where nothing else stands before the date.
_WEAK = frozenset({"on", "date", "time", "current", "in"})


def label_before(gap: str, words: Vocabulary) -> tuple[str | None, str]:
    """The kind of the label at the end of `gap`, and the gap without it."""
    kinds, index = _labels(words.codes)
    gap = _without_clock(gap)
    text = _without_filler(BETWEEN.sub("", squash(gap)))
    for start in range(max(0, len(text) - index.longest), len(text)):
        if text[start:] not in kinds or (start and not ends_word(text, start)):
            continue
        label = text[start:]
        if label in _WEAK and start:
            break
        before = text[:start]
        if label in CALENDARS["filler"]["words"] and before:
            # "Reviewed: on 3 March": the word belongs to the day.
            kind, rest = label_before(before, words)
            if kind:
                return kind, rest
        kept = gap if not before else _original(gap, before)
        return kinds[label], "" if not before else kept
    return None, gap


def _without_clock(gap: str) -> str:
    """`gap` without a time of day, and the weekday behind it, at its end."""
    if not any(map(str.isdigit, gap)):
        return gap
    words = gap.rstrip(" ,.")
    head, _, last = words.rpartition(" ")
    if squash(last).strip(",.()") in CALENDARS["filler"]["weekdays"]:
        words = head
    clock = _CLOCK.search(words[-CLOCK_CHARS:])
    return words[: len(words) - len(clock[0])] if clock else gap


def _without_filler(text: str) -> str:
    """`text` without weekdays and the like at its end."""
    fillers = CALENDARS["filler"]["weekdays"]
    while True:
        last = text.rsplit(" ", 1)[-1].strip(",.:()")
        if not last or last not in fillers:
            return text
        text = BETWEEN.sub("", text[: text.rindex(last)])


def _original(gap: str, squashed: str) -> str:
    """The beginning of `gap` whose squashed form is `squashed`."""
    lead = len(gap) - len(BETWEEN.sub("", gap + ".")) + 1 if gap else 0
    for end in range(len(squashed), len(gap) + 1):
        if BETWEEN.sub("", squash(gap[:end])) == BETWEEN.sub("", squashed):
            return gap[:end]
    return gap[lead:]


def label_after(text: str, words: Vocabulary) -> tuple[str | None, int]:
    """The kind of a label that follows the date directly ("2021年10月8日公開"), and its length."""
    kinds, index = _labels(words.codes)
    lead = re.match(r"[\s(（に]*", text)
    offset = lead.end() if lead else 0
    head = re.split(
        r"[\s|｜/／,，、;；·‧•)）]", text[offset : offset + index.longest + 1], maxsplit=1
    )[0]
    if head.isascii() or text[offset + len(head) :].lstrip().startswith((":", "：")):
        return None, 0  # a label before something else
    kind = kinds.get(squash(head))
    return (kind, offset + len(head)) if kind else (None, 0)
