"""Labels of people in a visible line, and the stretches of the line that stand behind them.

"Author: …", "撰文｜…", "written by …", "…が監修しました": a label before people, or words around
them. Pages that print "By" and a name in two elements give them without a space between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from pipelines.phrases import PhraseIndex, squash
from pipelines.vocabulary import DATE_LABELS, PEOPLE_LABELS, Vocabulary, vocabulary

# The longest run of names that words stand around ("this article was … by").
AROUND_LIMIT = 80

_SPLIT = re.compile(r"\s*[|｜•\t\n\u2028]\s*|\s{2,}|\u3000+|\s+[·/]\s+|\s+[-–—]\s+")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_COLON = re.compile(r"[:：丨]")
_GLUED = re.compile(r"(?<=[^\W\d_A-ZÀ-ÞА-Я])(?=[A-ZÀ-ÞА-Я][^\W\d_])")
# "20223 min": a year with the minutes of reading behind it.
_YEAR_AND_MINUTES = re.compile(r"(?<!\d)((?:19|20)\d\d)(?=\d{1,2}\s?min)")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the line: the kind of its label (None without one) and what stands behind it.

    `sure`: a colon or bar follows the label; `spoken`: it ends as "written by" does, so that a name
    must follow; `short`: it is a single word, or a single sign, which prose begins with too.
    """

    kind: str | None
    text: str
    sure: bool = True
    spoken: bool = False
    short: bool = False


@lru_cache(maxsize=64)
def label_kinds(codes: tuple[str, ...]) -> dict[str, str]:
    """Each label, squashed and without the sign behind it, and its kind."""
    words = vocabulary(*codes)
    found: dict[str, str] = {}
    for kind in ("both", "reviewer", *PEOPLE_LABELS):
        for label in words.people[kind]:
            found.setdefault(label.rstrip(":/|=·"), kind)
    return found


@lru_cache(maxsize=64)
def label_index(codes: tuple[str, ...]) -> PhraseIndex:
    """The labels of people, and the words that stand before people, by their beginning."""
    around = dict.fromkeys(vocabulary(*codes).people["around"], "around")
    return PhraseIndex(around | label_kinds(codes))


@lru_cache(maxsize=64)
def _every_label(codes: tuple[str, ...]) -> PhraseIndex:
    """Labels of people and of dates, those of one short word left out."""
    dates = vocabulary(*codes).dates
    told = {label: "date" for kind in DATE_LABELS for label in dates[kind]} | label_kinds(codes)
    return PhraseIndex({label: kind for label, kind in told.items() if len(label) > 4})


def _either(labels: Iterable[str]) -> str:
    ordered = sorted(labels, key=len, reverse=True)
    return "|".join(re.escape(label).replace(r"\ ", r"\s+") for label in ordered) or "(?!)"


@lru_cache(maxsize=64)
def _labels(codes: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str], frozenset[str]]:
    """A label at the beginning of the line, or anywhere before a colon; the first of the patterns
    looks at the beginning alone, which is quicker.

    A label in a spaced script that ends in a small word ("written by") needs no colon; the set has
    those small words. Directly behind a letter only labels of two characters or more count: 文 is
    one, but not in 原文.
    """
    kinds = label_kinds(codes)
    either, long = _either(kinds), _either(label for label in kinds if len(label) > 1)
    verbs = [label for label in kinds if " " in label and not label.isalpha()]
    head = (
        rf"^(?P<joint>{either})\s*[/／|｜=＝·・]\s*(?:(?:{either})(?!\w)\s*)?"
        rf"|^(?P<bare>{either})(?!\w)\s*"
    )
    whole = (
        rf"(?:^|(?<![^\W\d_]))(?P<colon>{either})\s*[:：丨]\s*"
        rf"|(?<=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3])(?P<glued>{long})\s*[:：丨]\s*"
        rf"|{head}|(?<![^\W\d_])(?P<spoken>{_either(verbs)})(?!\w)\s+"
    )
    small = frozenset(label.rsplit(" ", 1)[-1] for label in verbs)
    return re.compile(head, re.IGNORECASE), re.compile(whole, re.IGNORECASE), small


@lru_cache(maxsize=64)
def _last_words(codes: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Last words of the labels, and the labels of scripts that write words without spaces."""
    kinds = label_kinds(codes)
    wide = tuple(label for label in kinds if _WIDE.match(label[-1]))
    return frozenset(re.split(r"\W", label)[-1] for label in kinds), wide


def _before_colon(segment: str, codes: tuple[str, ...]) -> bool:
    """Whether what stands before a colon may end in a label."""
    last, wide = _last_words(codes)
    for match in _COLON.finditer(segment):
        before = squash(segment[: match.start()])
        if re.split(r"\W", before)[-1] in last or before.endswith(wide):
            return True
    return False


def _matches(segment: str, words: Vocabulary) -> Iterable[re.Match[str]]:
    """The labels in one segment, in reading order."""
    head, whole, small = _labels(words.codes)
    if not small.isdisjoint(squash(segment).split()) or _before_colon(segment, words.codes):
        return whole.finditer(segment)
    first = head.match(segment)
    return (first,) if first else ()


def parts(text: str, words: Vocabulary) -> list[Part]:
    """The line cut at its separators and labels."""
    found: list[Part] = []
    kinds = label_kinds(words.codes)
    for segment in filter(None, (s.strip() for s in _SPLIT.split(text))):
        at, part = 0, Part(None, "")
        for match in _matches(segment, words):
            label = squash(match.group(match.lastgroup or 0))
            before = segment[at : match.start()].strip(" ,;，、；/·&")
            if part.kind and not part.sure and not before:
                at = match.end()  # "Scientific review | edited by": one label in two
                continue
            if before or part.kind:
                found.append(replace(part, text=before))
            spoken = kinds.get(label.rsplit(" ", 1)[-1]) == "author"
            sure = match.lastgroup not in ("bare", "spoken")
            short = len(label) == 1 or (" " not in label and not _WIDE.search(label))
            part = Part(kinds.get(label), "", sure, spoken, short)
            at = match.end()
        found.append(replace(part, text=segment[at:].strip()))
    return _joined(found)


def _joined(found: list[Part]) -> list[Part]:
    """A label that ends its segment names whoever opens the next: "Author | Jane Doe"."""
    joined: list[Part] = []
    for part in found:
        last = joined[-1] if joined else None
        if last and last.kind and not last.text and part.kind is None:
            joined[-1] = replace(last, text=part.text, sure=True)
        else:
            joined.append(part)
    return joined


def unglued(line: str, words: Vocabulary) -> str:
    """The line with separators where an element's text ran into the label of the next."""
    line = _YEAR_AND_MINUTES.sub(r"\1 | ", line)
    for match in reversed(list(_GLUED.finditer(line))):
        before, behind = line[: match.start()], line[match.start() :]
        index = _every_label(words.codes)
        if index.at_start(squash(behind[: index.longest + 20])):
            line = f"{before} | {behind}"
        elif squash(before) in label_kinds(words.codes):
            line = f"{before} {behind}"
    return line


@lru_cache(maxsize=64)
def _enclosing(codes: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Kind and pattern of "this article was … by": words before the people and behind them."""
    people = vocabulary(*codes).people
    opening = _either(people["around"])
    return tuple(
        (
            kind,
            re.compile(rf"^(?:{opening})\s*(?P<who>.+?)\s*(?:{_either(people[end])})$", re.I),
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
    text = text.strip().rstrip("。.!！")
    if len(text) > AROUND_LIMIT:
        return None
    for kind, pattern in _enclosing(words.codes):
        if match := pattern.match(text):
            return Part(kind, match["who"], sure=False)
    return None
