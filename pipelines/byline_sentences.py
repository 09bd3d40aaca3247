"""Sentences that hold nothing but people between their first words and their last.

"Dieser Artikel wurde von … geprüft", "この記事は…が監修しました", "… tarafından yazıldı": in many
languages the verb that says who did what stands behind the people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from pipelines.byline_labels import AROUND_LIMIT, Part, label_index, label_kinds
from pipelines.cjk_people import reporters
from pipelines.phrases import squash
from pipelines.vocabulary import Vocabulary, vocabulary

# Words of a name with its title in scripts without capitals, where any words look like one.
UNCASED_NAME = 4


def _either(labels: Iterable[str]) -> str:
    ordered = sorted(labels, key=len, reverse=True)
    return "|".join(re.escape(label).replace(r"\ ", r"\s+") for label in ordered) or "(?!)"


@lru_cache(maxsize=64)
def _enclosing(codes: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Kind and pattern of "this article was … by": words before the people and behind them."""
    people = vocabulary(*codes).people
    opening = _either(people["around"])
    return tuple(
        (
            kind,
            re.compile(
                rf"^(?:(?:{opening})\s*(?P<who>.+?)\s*(?:{_either(people[end])})"
                rf"|(?P<alone>\S.*?)\s(?:{_either(_passive(codes, people[end]))}))$",
                re.I,
            ),
        )
        for kind, end in (
            ("both", "both_end"),
            ("reviewer", "reviewer_end"),
            ("author", "author_end"),
        )
        if people[end]
    )


def enclosed(text: str, words: Vocabulary) -> Part | None:
    """The people of a sentence that has nothing but them between its first and last words."""
    text = text.strip().rstrip("。.!！।")
    if len(text) > 2 * AROUND_LIMIT:
        return None
    if names := reporters(text):
        return Part("author", names)
    for kind, pattern in _enclosing(words.codes):
        match = pattern.match(text)
        who = match and (match["who"] or _alone(match["alone"], words))
        if who and len(who) <= AROUND_LIMIT:
            return Part(kind, who, sure=False)
    return None


def _alone(who: str, words: Vocabulary) -> str | None:
    """People without words before them, "Jane Doe tarafından yazıldı"; None where a label stands
    there ("Von Jane Doe geschrieben"), or more than a name in a script without capitals."""
    if label_index(words.codes).at_start(squash(who)):
        return None
    return who if who.lower() != who.upper() or len(who.split()) <= UNCASED_NAME else None


def ends_as_credit(text: str, words: Vocabulary) -> bool:
    """Whether the line ends as "… tarafından yazıldı" does, in languages that put the verb last."""
    ends = _last_words(words.codes)
    return bool(ends) and squash(text).rstrip("।.!").endswith(ends)


@lru_cache(maxsize=64)
def _last_words(codes: tuple[str, ...]) -> tuple[str, ...]:
    people = vocabulary(*codes).people
    ends = (*people["both_end"], *people["reviewer_end"], *people["author_end"])
    return tuple(f" {end}" for end in _passive(codes, ends))


def _passive(codes: tuple[str, ...], ends: Iterable[str]) -> list[str]:
    """Those that begin with a word for "by", so that people stand before them: "tarafından
    yazıldı"."""
    by = label_kinds(codes)
    return [end for end in ends if " " in end and by.get(end.split()[0]) == "author"]
