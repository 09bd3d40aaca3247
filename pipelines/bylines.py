"""Visible lines that say who wrote, reviewed or edited an article, and when.

A line is a byline only when every part of it is understood: a label with people behind it, a
date, a count of views, a source. Prose that begins with "By" or "Author" is none. Behind a label
with a colon the first name is enough: what follows may be a clause about the person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from pipelines.byline_labels import (
    Part,
    label_index,
    label_kinds,
    led,
    parts,
    unbracketed,
    unglued,
    with_tasks,
)
from pipelines.byline_parts import CLAUSE, is_writer, people_of
from pipelines.byline_sentences import enclosed, ends_as_credit
from pipelines.cjk_shapes import is_cjk
from pipelines.dates import DateFound, DateLine, read_dates
from pipelines.names import kinds
from pipelines.paper_authors import authors_with_notes, without_notes
from pipelines.people import completed, parse
from pipelines.phrases import squash
from pipelines.records import Person
from pipelines.vocabulary import DATE_LABELS, Vocabulary, vocabulary

# The longest byline of three people with their institutions; beyond it is a biography.
LINE_LIMIT = 400
# A byline that does not begin with a label is a name and a date or two.
UNLABELLED_LIMIT = 160
# What a line with a label, a name and a date may say besides: a column, a place (characters).
STRAY_LIMIT = 16
# Words of the institution of a reviewer behind a bar.
PLACE_WORDS = 9
# Words of a label that a date may part: "last medically reviewed on 3 March 2022 by".
PARTED = 5
# The longest name of a column or a blog beside a bare day (characters).
BESIDE_LIMIT = 24
_BESIDE = re.compile(r"\s*[·•|｜]\s*|\s+[-–—/]\s+|(?<=[^\W_])/(?=[^\W\d])|(?<=[^\W\d_])/(?=\d)")
# Space, and the ticks of badges ("✓ Medically reviewed").
_MARKS = " \t\r\n\xa0\u3000✓✔☑✅"
# A vowel letter by itself, which Korean bylines have for a bar.
_KOREAN_BAR = "ㅣ"
_DISC = "●"
_OUTER = re.compile(r"^[\s（(【\[「〔]+|[\s)）】\]」〕]+$")
# A quick look for what may make a line without a label a byline: a number, a colon, a degree, two
# elements' texts run together.
_SIGN = re.compile(r"[\d:：]|[,(] ?[A-Z][A-Za-z.]{0,4}[A-Z.]|[^\W\d_A-ZÀ-ÞА-Я][A-ZÀ-ÞА-Я]")
# The end of an address: a state, which is written as degrees are, and its postal code.
_POSTAL = re.compile(r"\b[A-Z]{2} \d{5}(?:-\d{4})?\b")
# The same where the line has no date: what is left are a colon, a degree, a cut between elements.
_LABEL_SIGN = re.compile(r"[:：|]|[,(] ?[A-Z][A-Za-z.]{0,4}[A-Z.]|^\w+ [A-ZÀ-ÞА-Я]")


@dataclass(frozen=True, slots=True)
class Byline:
    """What one visible line says of people and dates; `labelled` where a label named the roles."""

    authors: tuple[Person, ...] = ()
    reviewers: tuple[Person, ...] = ()
    published: DateFound | None = None
    modified: DateFound | None = None
    reviewed: DateFound | None = None
    labelled: bool = False
    published_labelled: bool = False
    """whether a label said that `published` is that; a bare day may be another"""
    head: bool = False
    """whether the line stands beside the headline: what is at the end may be another article's"""
    above: bool = False
    """whether it stands above the headline, where lists of other articles may end"""
    own: bool = False
    """whether it speaks of the article that it stands in: "this page was reviewed by …\""""


@dataclass
class _Reading:
    """The people of a line in the making."""

    authors: list[Person]
    reviewers: list[Person]
    labelled: bool = False
    last: Person | None = None
    """the last person behind the label that was read last"""
    degreed: bool = False
    """whether the line holds nothing but people with degrees"""

    def add(self, kind: str | None, people: list[Person]) -> None:
        self.labelled = self.labelled or kind is not None
        self.last = people[-1] if people and kind in ("author", "reviewer", "both") else None
        if kind in ("author", "both", None):
            self.authors += people
        if kind in ("reviewer", "both"):
            self.reviewers += people

    def complete_last(self, text: str, words: Vocabulary) -> bool:
        """Give the last person what follows a sign: "By Jane Doe - RN 12345, dermatology nurse"."""
        last = self.last
        review = last in self.reviewers and len(text.split()) <= PLACE_WORDS
        more = completed(last, text, words, places=review) if last and self.labelled else None
        for people in (self.authors, self.reviewers):
            if more and people and people[-1] is last:
                people[-1] = self.last = more
        return more is not None

    def at_institution(self, text: str, words: Vocabulary) -> bool:
        """Give the one author of a label the institution that follows: "By Jane Doe | A Press"."""
        if not (self.labelled and len(self.authors) == 1) or self.authors[0].affiliation:
            return False
        if not kinds(words).has_affiliation(text):
            return False
        parsed = parse(text, words, single=False)
        if len(parsed.people) != 1 or not parsed.complete:
            return False
        author, found = self.authors[0], parsed.people[0]
        if not kinds(words).has_affiliation(found.name) or found.name != text.strip():
            return False
        self.authors[0] = replace(author, affiliation=found.name)
        return True


def read_byline(
    line: str,
    words: Vocabulary,
    codes: tuple[str, ...] = (),
    fetched_at: datetime | None = None,
) -> Byline | None:
    """The people and dates of `line`, or None where it is no byline and no date line.

    `codes`: the page's languages with their regions, for the order of numbers in dates.
    `fetched_at`: what "2 days ago" is counted from.
    """
    line = line.replace(_KOREAN_BAR, "|").replace(_DISC, "•").strip(_MARKS)
    if not 2 <= len(line) <= LINE_LIMIT + 2:
        return None
    # What a line with a number says may depend on the day.
    if any(map(str.isdigit, line)):
        return _read_line(line, words, codes, fetched_at)
    # Without one it is "yesterday" at most: all pages of a day's crawl may share the answer.
    day = fetched_at and fetched_at.replace(hour=12, minute=0, second=0, microsecond=0)
    return _read_again(line, words, codes, day)


def _read_line(
    line: str, words: Vocabulary, codes: tuple[str, ...], fetched_at: datetime | None
) -> Byline | None:
    if line[:1] in "（(【[「〔" and line[-1:] in "）)】]」〕":
        line = _OUTER.sub("", line)
    if not 2 <= len(line) <= LINE_LIMIT:
        return None
    if line[0] in "【[〔":
        line = unbracketed(line, words)
    line = led(with_tasks(line, words), words)
    plain = without_notes(line)
    if plain != line and (people := authors_with_notes(line, plain, words)):
        return Byline(authors=people, labelled=True)
    line = plain
    likely = label_index(words.codes).beginning(line) is not None or _has_writer(line, words)
    likely = likely or ends_as_credit(line, words)
    if not likely and _POSTAL.search(line):
        return None
    if not likely and (len(line) > UNLABELLED_LIMIT or not _SIGN.search(line)):
        return None
    line = unglued(line, words)
    dates = read_dates(line, words, codes, fetched_at)
    dated = bool(dates) or dates.coming
    if not (likely or dated or _LABEL_SIGN.search(line)):
        return None
    text = _labelled_again(dates.rest, line, words) if dated else line
    around = enclosed(text, words)
    if around and kinds(words).is_nobody(around.text):
        around = replace(around, text="")
    found = [around] if around else parts(text, words)
    reading = _read(found, words, dated)
    if reading is None and dates.bare and _beside_day(line, words, codes):
        reading = _Reading([], [])
    if reading is None or not (reading.labelled or reading.degreed or dated):
        return None
    kind = next((part.kind for part in found if part.kind), None)
    if kind == "editor" and dates.bare and _updates(line, words):
        dates = replace(dates, modified=dates.modified or dates.bare[0], bare=())
    byline = _of_review(_assemble(reading, dates, kind), dates, line)
    return replace(byline, own=True) if around else byline


def _of_review(byline: Byline, dates: DateLine, line: str) -> Byline:
    """The line with its second day given to the reviewers, where it stands behind them and the
    first before: "Written by A, on 2 June 2019 - Reviewed by B, on 27 February 2023"."""
    days = [*filter(None, [dates.published]), *dates.bare]
    if len(days) != 2 or byline.reviewed or not (byline.authors and byline.reviewers):
        return byline
    first, second = days
    name = line.find(byline.reviewers[0].name)
    apart = line.find(byline.authors[0].name) < line.find(first.raw) < name < line.find(second.raw)
    return replace(byline, reviewed=second) if apart else byline


@lru_cache(maxsize=64)
def _writers(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Roles in wide letters that are labels of authors: 기자, 記者."""
    roles = vocabulary(*codes).people["roles"]
    labels = label_kinds(codes)
    return tuple(role for role in roles if is_cjk(role) and labels.get(role) == "author")


def _has_writer(line: str, words: Vocabulary) -> bool:
    """Whether a short line has such a role behind something: "이수진 기자"."""
    return len(line) <= BESIDE_LIMIT * 2 and any(
        line.find(role) > 0 for role in _writers(words.codes)
    )


def _updates(line: str, words: Vocabulary) -> bool:
    """Whether the line begins as a label of the day of a change does: "Updated by …"."""
    start = squash(line)
    return any(start.startswith(f"{label} ") for label in words.dates["modified"])


def _labelled_again(rest: str, line: str, words: Vocabulary) -> str:
    """What is left of the line without its dates, with the label that a date parted.

    "Reviewed on 3 March 2022 by Jane Doe" leaves "by Jane Doe", of a reviewer.
    """
    kinds = label_kinds(words.codes)
    head, _, behind = rest.partition(" ")
    word = squash(head)
    if kinds.get(word) != "author" or not behind:
        return rest
    opening = re.findall(r"[^\s:：|]+", squash(line))[:PARTED]
    for size in range(len(opening), 0, -1):
        label = f"{' '.join(opening[:size])} {word}"
        if label in kinds and opening[0] != word:
            return f"{label}: {behind}"
    return rest


# The pages of a site have most of their short lines in common.
_read_again = lru_cache(maxsize=8192)(_read_line)


def is_label(line: str, words: Vocabulary) -> bool:
    """Whether the line is the label of a byline alone, to be read together with the next line."""
    key = squash(line).rstrip(" :|-–—")
    return key in label_kinds(words.codes) or any(key in words.dates[kind] for kind in DATE_LABELS)


def _read(found: list[Part], words: Vocabulary, dated: bool) -> _Reading | None:
    """The people of the parts; None where a part is not understood."""
    reading = _Reading([], [])
    strays = 0
    for part in found:
        if part.kind is None and reading.complete_last(part.text, words):
            continue
        people = people_of(part, words, dated)
        if people is None and part.kind is None and reading.at_institution(part.text, words):
            continue
        if people is None:
            strays += len(part.text)
            if part.kind not in (None, "other") or not dated:
                return None
            continue
        if part.kind is None and reading.labelled and reading.authors:
            people = []  # a column or a place behind the author, spelt as names are
        reading.add(part.kind, people)
    named = reading.authors or reading.reviewers
    if strays and not (reading.labelled and named and strays <= STRAY_LIMIT):
        return None
    reading.degreed = bool(reading.authors) and all(
        p.credentials or is_writer(p, words) for p in reading.authors
    )
    return reading


def _beside_day(line: str, words: Vocabulary, codes: tuple[str, ...]) -> bool:
    """Whether a day stands between signs beside a few words: "November 28, 2025 / Wellness"."""
    pieces = [piece.strip() for piece in _BESIDE.split(line) if piece.strip()]
    days = [p for p in pieces if (d := read_dates(p, words, codes)) and d.bare and not d.rest]
    others = [p for p in pieces if p not in days]
    return bool(days) and all(
        len(p) <= BESIDE_LIMIT and not CLAUSE.search(p) and p[-1] not in ".:：。" for p in others
    )


def _assemble(reading: _Reading, dates: DateLine, first_kind: str | None) -> Byline:
    """A bare date belongs to the review where the line names a reviewer alone."""
    bare = dates.bare[0] if dates.bare else None
    review_only = reading.labelled and not reading.authors and first_kind == "reviewer"
    return Byline(
        authors=tuple(reading.authors),
        reviewers=tuple(reading.reviewers),
        published=dates.published or (None if review_only else bare),
        modified=dates.modified,
        reviewed=dates.reviewed or (bare if review_only else None),
        labelled=reading.labelled,
        published_labelled=dates.published is not None,
    )
