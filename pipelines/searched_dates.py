"""A day of publication searched for in the whole page, where nothing says it (htmldate)."""

from __future__ import annotations

import logging
import re
from datetime import date
from itertools import islice

from htmldate import find_date
from lxml import html

from pipelines.dates import FIRST_YEAR, DateContext, DateFound, latest_day, parse_date
from pipelines.label.tokens import LEVELS, family_of

# Elements above which no day is searched for: the search copies the page, some microseconds each.
MOST_SEARCHED = 200_000
# `<time>` elements that are held against the day found.
_MOST_TIMES = 100
# Families of class names whose boxes hold other articles, or what readers say.
_CARDS = ("related", "comments", "prev-next", "ad")

logging.getLogger("htmldate").setLevel(logging.CRITICAL)  # its warnings are about pages


def search(root: html.HtmlElement, context: DateContext) -> DateFound | None:
    """The day that the search finds; None where it is another article's, or may be another day.

    The search copies the tree before pruning it.
    """
    if next(islice(root.iter(), MOST_SEARCHED, None), None) is not None:
        return None
    try:
        text = find_date(root, extensive_search=False, original_date=True)
    except Exception:  # a third party's search through any page: no date is a fine answer
        return None
    day = date.fromisoformat(text) if text else None
    if day is None or not day.year >= FIRST_YEAR or day > latest_day(context.fetched_at):
        return None
    if _of_card(root, day) or _either_order(root, day, context.codes):
        return None
    return DateFound(day, str(text), source="searched")


def _either_order(root: html.HtmlElement, day: date, codes: tuple[str, ...]) -> bool:
    """Whether the page writes the day in numbers that do not settle which is the month."""
    if day.day > 12 or day.day == day.month:
        return False
    if any(day.isoformat() in time.get("datetime", "") for time in root.iter("time")):
        return False
    one, other = rf"0?{day.day}", rf"0?{day.month}"
    pattern = rf"(?<!\d)(?:{one}[/.-]{other}|{other}[/.-]{one})[/.-]{day.year}(?!\d)"
    found = set(re.findall(pattern, "\n".join(root.itertext())))
    return any((read := parse_date(text, codes)) is None or read.value != day for text in found)


def _of_card(root: html.HtmlElement, day: date) -> bool:
    """Whether every `<time>` with the day stands in a card of another article."""
    times = [
        element
        for element in islice(root.iter("time"), _MOST_TIMES)
        if (found := parse_date(element.get("datetime") or element.text_content()))
        and found.value == day
    ]
    return bool(times) and all(map(_in_card, times))


def _in_card(element: html.HtmlElement) -> bool:
    for step in islice(element.iterancestors(), LEVELS):
        tokens = f"{step.get('class') or ''} {step.get('id') or ''}".strip().lower()
        if tokens and (family := family_of(tokens)):
            return family in _CARDS
    return False
