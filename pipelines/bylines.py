"""Visible lines that say who wrote, reviewed or edited an article, and when.

A line is a byline only when every part of it is understood: a label with people behind it, a
date, a count of views, a source. Prose that begins with "By" or "Author" is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from pipelines.dates import DateFound, DateLine, read_dates
from pipelines.names import kinds
from pipelines.people import parse
from pipelines.phrases import PhraseIndex, squash
from pipelines.records import Person
from pipelines.vocabulary import DATE_LABELS, PEOPLE_LABELS, Vocabulary, vocabulary

# The longest byline of three people with their institutions; beyond it is a biography.
LINE_LIMIT = 400
# A byline that does not begin with a label is a name and a date or two.
UNLABELLED_LIMIT = 160

_OUTER = re.compile(r"^[\s（(【\[「]+|[\s)）】\]」]+$")
_SPLIT = re.compile(r"\s*[|｜•\t\n\u2028]\s*|\s{2,}|\u3000+|\s+[·/]\s+|\s+[-–—]\s+")
_COUNT = re.compile(
    r"^[\d.,\s]+(?:k|w|万|萬)?\s*"
    r"(?:times?|views?|reads?|comments?|shares?|likes?|min(?:ute)?s?(?: read)?|min\.? read"
    r"|次|人|条|則|회|개|pv|件|分)?$",
    re.IGNORECASE,
)


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


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of the line: the kind of its label (None without one) and what stands behind it."""

    kind: str | None
    text: str
    sure: bool = True


def read_byline(line: str, words: Vocabulary, codes: tuple[str, ...] = ()) -> Byline | None:
    """The people and dates of `line`, or None where it is no byline and no date line.

    `codes`: the page's languages with their regions, for the order of numbers in dates.
    """
    line = line.strip()
    if line[:1] in "（(【[「" and line[-1:] in "）)】]」":
        line = _OUTER.sub("", line)
    if not 2 <= len(line) <= LINE_LIMIT or not _promising(line, words):
        return None
    dates = read_dates(line, words, codes)
    text = dates.rest if dates else line
    authors: list[Person] = []
    reviewers: list[Person] = []
    labelled = False
    for part in _parts(text, words):
        understood, people = _people_of(part, words, bool(dates))
        if not understood:
            return None
        labelled = labelled or part.kind is not None
        if part.kind in ("author", "both", None):
            authors += people
        if part.kind in ("reviewer", "both"):
            reviewers += people
    if not (labelled or dates):
        return None
    return _assemble(authors, reviewers, dates, labelled, text, words)


def is_label(line: str, words: Vocabulary) -> bool:
    """Whether the line is the label of a byline alone, to be read together with the next line."""
    key = squash(line).rstrip(" :|-–—")
    return key in _label_kinds(words.codes) or any(key in words.dates[kind] for kind in DATE_LABELS)


def _assemble(
    authors: list[Person],
    reviewers: list[Person],
    dates: DateLine,
    labelled: bool,
    text: str,
    words: Vocabulary,
) -> Byline:
    """A bare date belongs to the review where the line names a reviewer alone."""
    bare = dates.bare[0] if dates.bare else None
    review_only = labelled and not authors and _first_kind(text, words) == "reviewer"
    return Byline(
        authors=tuple(authors),
        reviewers=tuple(reviewers),
        published=dates.published or (None if review_only else bare),
        modified=dates.modified,
        reviewed=dates.reviewed or (bare if review_only else None),
        labelled=labelled,
        published_labelled=dates.published is not None,
    )


def _first_kind(text: str, words: Vocabulary) -> str | None:
    return next((part.kind for part in _parts(text, words) if part.kind), None)


def _promising(line: str, words: Vocabulary) -> bool:
    """A quick no for nearly all prose: no label at its beginning, no colon, no number."""
    index = _label_index(words.codes)
    if any(index.at_start(head) for head, _ in index.heads(line)):
        return True
    if len(line) > UNLABELLED_LIMIT:
        return False
    return ":" in line or "：" in line or any(map(str.isdigit, line))


@lru_cache(maxsize=64)
def _label_index(codes: tuple[str, ...]) -> PhraseIndex:
    return PhraseIndex(_label_kinds(codes))


@lru_cache(maxsize=64)
def _label_kinds(codes: tuple[str, ...]) -> dict[str, str]:
    words = vocabulary(*codes)
    found: dict[str, str] = {}
    for kind in ("both", "reviewer", *PEOPLE_LABELS):
        for label in words.people[kind]:
            found.setdefault(label.rstrip(":/|=·"), kind)
    return found


@lru_cache(maxsize=64)
def _labels(codes: tuple[str, ...]) -> re.Pattern[str]:
    """A label at the beginning of the line, or anywhere before a colon.

    A label in a spaced script that ends in a small word ("written by") needs no colon.
    """
    ordered = sorted(_label_kinds(codes), key=len, reverse=True)
    either = "|".join(re.escape(label).replace(r"\ ", r"\s+") for label in ordered)
    verbs = [label for label in ordered if " " in label and label.isalpha() is False]
    spoken = "|".join(re.escape(label).replace(r"\ ", r"\s+") for label in verbs)
    return re.compile(
        rf"(?:^|(?<![^\W\d_])|(?<=[\u3040-\u30ff\u3400-\u9fff]))(?P<colon>{either})\s*[:：丨]\s*"
        rf"|^(?P<joint>{either})\s*[/／|｜=＝·・]\s*"
        rf"|^(?P<bare>{either})(?!\w)\s*"
        rf"|(?<![^\W\d_])(?P<spoken>{spoken})(?!\w)\s+",
        re.IGNORECASE,
    )


def _parts(text: str, words: Vocabulary) -> list[_Part]:
    """The line cut at its separators and labels."""
    parts: list[_Part] = []
    pattern = _labels(words.codes)
    for segment in filter(None, (s.strip() for s in _SPLIT.split(text))):
        at, kind, sure = 0, None, True
        for match in pattern.finditer(segment):
            label = squash(match.group(match.lastgroup or 0))
            before = segment[at : match.start()].strip(" ,;，、；/·&")
            if before or kind:
                parts.append(_Part(kind, before, sure))
            kind = _label_kinds(words.codes).get(label)
            at, sure = match.end(), match.lastgroup != "bare"
        parts.append(_Part(kind, segment[at:].strip(), sure))
    return _joined(parts)


def _joined(parts: list[_Part]) -> list[_Part]:
    """A label that ends its segment names whoever opens the next: "Author: | Jane Doe"."""
    joined: list[_Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if last and last.kind and not last.text and part.kind is None:
            joined[-1] = _Part(last.kind, part.text, last.sure)
        else:
            joined.append(part)
    return joined


def _people_of(part: _Part, words: Vocabulary, dated: bool) -> tuple[bool, list[Person]]:
    """Whether the part is understood, and the people it names as authors or reviewers."""
    text = _trimmed(part.text)
    if part.kind in ("author", "reviewer", "both"):
        if not text:
            return True, []
        if _COUNT.match(text):
            return False, []
        parsed = parse(text, words)
        if parsed.people and parsed.complete and not _is_sentence(text, parsed.people):
            return True, list(parsed.people)
        if part.sure and not parsed.complete and len(text) <= 40 and not _is_prose(text):
            return True, []
        nobody = parsed.complete and not parsed.people
        return nobody and (part.sure or not any(map(str.isdigit, text))), []
    if part.kind is not None:
        return (part.sure and len(text) <= 80) or bool(_COUNT.match(text)), []
    if not text or _COUNT.match(text):
        return True, []
    if not dated:
        return False, []
    parsed = parse(text, words, single=False)
    named = (
        bool(parsed.people)
        and parsed.complete
        and not kinds(words).has_affiliation(parsed.people[0].name)
    )
    return named, list(parsed.people) if named else []


def _trimmed(text: str) -> str:
    """Without what a date taken out leaves behind, and without the end of a sentence."""
    text = re.sub(
        r"[\s,，|]+(?:on|am|le|el|em|il|op|pada|w dniu|ngày|at)?\s*$",
        "",
        text.strip(),
        flags=re.IGNORECASE,
    )
    if text.endswith("。") or (text.endswith(".") and not re.search(r"(?:\b\w|[A-Z]\w?)\.$", text)):
        text = text[:-1]
    return text.strip(" ,，;；|、")


def _is_sentence(text: str, people: tuple[Person, ...]) -> bool:
    """Whether the text is prose that happened to parse: one odd name out of many words."""
    named = sum(
        len(p.name) + len(p.credentials or "") + len(p.role or "") + len(p.affiliation or "")
        for p in people
    )
    return named < 0.5 * len(text) or bool(
        re.search(r"[.!?。！？]\s+\w+\s\w+\s\w+", text) and text.count(". ") > 3
    )


def _is_prose(text: str) -> bool:
    return len(text.split()) > 5 or bool(re.search(r"[.!?。！？，]\s*\w", text))
