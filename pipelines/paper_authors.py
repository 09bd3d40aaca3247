"""The authors of a paper, whose names have the signs of notes behind them: "Ann Bell, MD1,2"."""

from __future__ import annotations

import re

from pipelines.people import parse
from pipelines.records import Person
from pipelines.vocabulary import Vocabulary

# Signs of notes behind names and degrees: "Ann Bell, MD1,2; John Cole¹".
_NOTES = re.compile(
    r"(?<=[^\W\d_]{2})(?:\d{1,2}|[¹²³⁴-⁹*†‡§]{1,3})(?:,?(?:\d{1,2}|[¹²³⁴-⁹*†‡§]))*"
    r"(?=\s*(?:[,;]|$|(?:and|&|und|y|e|et|и)\s))"
)
# The first of a paper's notes; not that of Covid19. A year shows that the line is no list of names.
_FIRST, _YEAR = re.compile(r"1(?!\d)|[¹*†‡§]"), re.compile(r"\d{4}")


def without_notes(line: str) -> str:
    """The line without the signs of notes behind the names of a paper's authors.

    >>> without_notes("Ann Bell, MD1,2; John Cole, PhD2*")
    'Ann Bell, MD; John Cole, PhD'
    """
    first = _NOTES.search(line)
    if not first or not _FIRST.match(first.group()) or _YEAR.search(line):
        return line
    return _NOTES.sub("", line)


def authors_with_notes(line: str, plain: str, words: Vocabulary) -> tuple[Person, ...]:
    """The people of a line that names nobody else, each with a note; `plain`: it without notes.

    A note of another kind than a number, or a degree, tells them from other things with notes:
    "Sore Throat1, Runny Nose2".
    """
    notes = [note.group() for note in _NOTES.finditer(line)]
    parsed = parse(plain, words, single=False)
    if not parsed.complete or len(parsed.people) != len(notes) or len(notes) < 2:
        return ()
    signed = any(not note.isascii() or not note.isdigit() for note in notes)
    degreed = all(person.credentials for person in parsed.people)
    return parsed.people if signed or degreed else ()
