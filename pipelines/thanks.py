"""Sentences that thank the reviewers of an article by name."""

from __future__ import annotations

import dataclasses
import re
from functools import lru_cache

from pipelines.names import kinds
from pipelines.people import parse
from pipelines.phrases import squash
from pipelines.records import Person
from pipelines.vocabulary import Vocabulary, vocabulary

# A sentence of thanks that says more is about something else (characters).
LIMIT = 600
# Between "for" and the word for a review: "their scientific expertise and" (words).
BETWEEN = 6
# Before the words of thanks in a paragraph of nothing else (characters).
OPENING = 40
_GAP = re.compile(r",?\s+")
_STOP = re.compile(r"(?<=[^\W\d_]{4})[.!?](?=\s|$)")


def thanked(text: str, above: str, words: Vocabulary) -> tuple[Person, ...]:
    """The people whom `text` thanks for their review; `above` is the text before it.

    "Thanks to Jane Doe, PhD, for her review"; or names alone, below "We would like to thank:" and
    a word of their review.
    """
    if not words.people["thanks"] or len(text) > LIMIT:
        return ()
    # Most texts thank nobody: plain strings are ten times as fast as the expression.
    phrases, plain = _phrases(words.codes), squash(text)
    before = squash(above[-LIMIT:]).rstrip(" :").endswith(phrases)
    if not before and not any(phrase in plain for phrase in phrases):
        return ()
    thanks, checks = _patterns(words.codes)
    opening = thanks.search(above[-LIMIT:]) if before else None
    if opening and not above[-LIMIT:][opening.end() :].strip(" :") and checks.search(above):
        return _all(text, words)
    found = thanks.search(text)
    if not found:
        return ()
    sentence = _STOP.split(text[found.end() :], maxsplit=1)[0]
    check = checks.search(sentence)
    if not check:
        return ()
    for gap in reversed(list(_GAP.finditer(sentence, 0, check.start()))):
        between = sentence[gap.end() : check.start()].split()
        if len(between) > BETWEEN or any(word[0].isupper() for word in between):
            break
        if people := _all(sentence[: gap.start()], words):
            return people
    return ()


def thanks_alone(text: str, words: Vocabulary) -> tuple[Person, ...]:
    """Those whom one sentence thanks for a review, where it is all of the text."""
    whole = len(_STOP.split(text.strip().rstrip(".!"))) == 1 and "\n" not in text
    thanks, _ = _patterns(words.codes)
    opening = thanks.search(text) if whole else None
    return thanked(text, "", words) if opening and opening.start() <= OPENING else ()


def _all(text: str, words: Vocabulary) -> tuple[Person, ...]:
    """The people of a list, where it holds nothing else; an institution at its end is of all."""
    parsed = parse(text.strip(" .,:"), words, single=False)
    if not parsed.people or not parsed.complete:
        return ()
    if any(kinds(words).has_affiliation(person.name) for person in parsed.people):
        return ()
    place = parsed.people[-1].affiliation
    if place and ";" not in text and not any(p.affiliation or p.role for p in parsed.people[:-1]):
        return tuple(dataclasses.replace(person, affiliation=place) for person in parsed.people)
    return parsed.people


@lru_cache(maxsize=64)
def _phrases(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(squash(phrase) for phrase in vocabulary(*codes).people["thanks"])


@lru_cache(maxsize=64)
def _patterns(codes: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Words of thanks, and words of reviews."""
    people = vocabulary(*codes).people
    return _any_of(people["thanks"]), _any_of(people["checks"])


def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    ordered = sorted(map(squash, phrases), key=len, reverse=True)
    body = "|".join(re.escape(phrase).replace(r"\ ", r"\s+") for phrase in ordered)
    return re.compile(rf"(?<!\w)(?:{body or '(?!)'})(?!\w)", re.IGNORECASE)
