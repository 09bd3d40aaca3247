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

_SPLIT = re.compile(r"\s*[|｜•\t\n\u2028]\s*|\s{2,}|\s+[·‧/]\s+|\s+[-–—]\s+(?![^()]{0,40}\))")
# Between what stands before a label and the label.
_SEPARATORS = " ,;，、；/·&"
_WORD = re.compile(r"\S+")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_COLONS = ":：丨"
# 图片/辛夷, 撮影＝鷲尾健: behind a word of its own, in scripts of wide letters, other signs do too.
_COLON = re.compile(rf"[{_COLONS}]|(?<=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3])[/／=＝｜]")
# Behind a label at the beginning of a line: what makes it one.
_SIGN = re.compile(r"\s*[:：丨/／|｜=＝·・]\s*")
_SPACE = re.compile(r"\s*")
_BRACKETED = re.compile(r"[【\[〔]\s?([^【】\[\]〔〕]{1,20}?)\s?[】\]〕][:：]?(?=\s?\S)")
# A word of its own before a bar: "白鷺まゆ 監修者｜薬袋彩".
_BARRED = re.compile(r"(?<=\s)([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]{1,10})(?=\s?[|｜])")
_WORD_START = re.compile(r"(?<![^\W\d_])[^\W\d_]")
_GLUED = re.compile(
    r"(?<=[^\W\d_A-ZÀ-ÞА-Я])(?=[A-ZÀ-ÞА-Я][^\W\d_])|(?<=[A-ZÀ-ÞА-Я]{2})(?=[A-ZÀ-ÞА-Я][^\W\d_A-ZÀ-ÞА-Я])"
)
# 자문의 is an adviser, and "of the advice": only a sign behind it tells.
_KOREAN_OF = "의"
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
    approves: bool = False
    """whether products have the label too: "approved by"."""


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


@dataclass(frozen=True, slots=True)
class _Label:
    """A label found in a segment: its kind, where it and its sign stand, and what `Part` says."""

    kind: str
    start: int
    end: int
    sure: bool
    spoken: bool
    short: bool
    approves: bool


@lru_cache(maxsize=64)
def _verbs(codes: tuple[str, ...]) -> tuple[PhraseIndex, frozenset[str]]:
    """Labels of several words such as "written by", which need no colon, and their last words.

    Not those that "by" may follow: "medical review" in "Harbour Medical Review Board" is none.
    """
    kinds = label_kinds(codes)
    by = [word for word, kind in kinds.items() if kind == "author" and " " not in word]
    verbs = {
        label: kind
        for label, kind in kinds.items()
        if " " in label and not any(f"{label} {word}" in kinds for word in by)
    }
    return PhraseIndex(verbs), frozenset(label.rsplit(" ", 1)[-1] for label in verbs)


def _found(segment: str, words: Vocabulary) -> list[_Label]:
    """The labels of one segment in reading order: at its beginning, and anywhere before a colon
    or where a label of several words stands. Of two that overlap the first counts."""
    found = [*_at_start(segment, words), *_before_colons(segment, words)]
    index, last = _verbs(words.codes)
    if not last.isdisjoint(squash(segment).split()):
        for match in _WORD_START.finditer(segment, 1):
            phrase = index.at_start(squash(segment[match.start() : match.start() + index.longest]))
            end = _end_of(segment, match.start(), phrase) if phrase else len(segment)
            if phrase and segment[end : end + 1].isspace():
                found.append(_label(phrase, match.start(), segment, end, words, sure=False))
    kept: list[_Label] = []
    # Of two at one place the longer: "Autor:in" has a colon within.
    for label in sorted(found, key=lambda one: (one.start, -one.end, -one.sure)):
        if not kept or label.start >= kept[-1].end:
            kept.append(label)
    return kept


def _label(
    label: str, start: int, segment: str, end: int, words: Vocabulary, *, sure: bool
) -> _Label:
    kinds = label_kinds(words.codes)
    spoken = kinds.get(label.rsplit(" ", 1)[-1]) == "author"
    short = len(label) == 1 or (" " not in label and not _WIDE.search(label))
    short = short and label not in words.people["agents"]
    sign = _SIGN.match(segment, end) if sure else _SPACE.match(segment, end)
    approves = label in words.people["approves"]
    return _Label(kinds[label], start, sign.end() if sign else end, sure, spoken, short, approves)


def _at_start(segment: str, words: Vocabulary) -> Iterable[_Label]:
    """The label that the segment begins with, with a bar or slash behind it or none."""
    kinds = label_kinds(words.codes)
    longest = _longest(words.codes)
    head = squash(segment[: longest + 20])
    for size in range(min(longest, len(head)), 0, -1):
        label = head[:size]
        if label not in kinds:
            continue
        end = _end_of(segment, 0, label)
        sign = _SIGN.match(segment, end)
        if sign is None and label.endswith(_KOREAN_OF):
            continue
        if sign or not segment[end : end + 1].isalnum():
            found = _label(label, 0, segment, end, words, sure=sign is not None)
            if sign and sign.group().strip() not in _COLONS:  # "Autorin/Autor Jane Doe"
                again = next(iter(_at_start(segment[found.end :], words)), None)
                if again and again.kind == found.kind:
                    found = replace(found, end=found.end + again.end)
            yield found
            return


def _before_colons(segment: str, words: Vocabulary) -> Iterable[_Label]:
    """Labels that end before a colon. Directly behind a letter, which only scripts without spaces
    allow, they have two characters or more: 文 is a label, but not in 原文."""
    kinds = label_kinds(words.codes)
    for match in _COLON.finditer(segment):
        before = segment[: match.start()].rstrip()
        tight = squash(before)
        for at in range(max(0, len(tight) - _longest(words.codes)), len(tight)):
            label = tight[at:]
            if label not in kinds or (at and not _opens_word(tight, at, len(label))):
                continue
            if match.group() not in _COLONS and tight[at - 1 : at] != " ":
                break
            start = _start_of(before, label)
            yield _label(label, start, segment, len(before), words, sure=True)
            break


def _opens_word(text: str, at: int, size: int) -> bool:
    if not text[at - 1].isalpha():
        return True
    return bool(_WIDE.match(text[at - 1])) and size > 1


@lru_cache(maxsize=64)
def _longest(codes: tuple[str, ...]) -> int:
    return max(map(len, label_kinds(codes)))


def _end_of(segment: str, start: int, label: str) -> int:
    """Where the part of the segment ends whose squashed form is `label`."""
    for end in range(start + len(label), min(len(segment), start + 2 * len(label) + 20) + 1):
        if squash(segment[start:end]) == label:
            return end
    return start + len(label)


def _start_of(before: str, label: str) -> int:
    """Where the end of `before` begins whose squashed form is `label`."""
    for start in range(len(before) - len(label), max(-1, len(before) - 2 * len(label) - 20), -1):
        if squash(before[start:]) == label and not before[start].isspace():
            return start
    return max(0, len(before) - len(label))


@lru_cache(maxsize=64)
def _leads(codes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(vocabulary(*codes).people["leads"])


def led(line: str, words: Vocabulary) -> str:
    """The line from its label on: "The content of this page was reviewed by Jane Doe, MD"."""
    index = label_index(words.codes)
    leads = _leads(words.codes)
    first = line[:AROUND_LIMIT].split(None, 1)[:1]
    if not first or squash(first[0]) not in leads:
        return line
    for word in _WORD.finditer(line[:AROUND_LIMIT]):
        label = index.at_start(squash(line[word.start() : word.start() + index.longest]))
        # A word may be a label and lead to one: "text" in "this text was reviewed by".
        if label and label not in leads:
            return line[word.start() :]
        if squash(word.group()) not in leads:
            break
    return line


@lru_cache(maxsize=64)
def _reviews(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The labels of reviewers, less those that hold another of them."""
    labels = [label for label, kind in label_kinds(codes).items() if kind in ("reviewer", "both")]
    return tuple(one for one in labels if not any(o in one for o in labels if o != one))


def speaks_of_review(text: str, words: Vocabulary) -> bool:
    """Whether a label of reviewers occurs in the text, be it as a part of a word."""
    plain = squash(text)
    return any(label in plain for label in _reviews(words.codes))


def begins_as_review(line: str, words: Vocabulary) -> bool:
    """Whether the line begins with a label of reviewers, or with words that lead to one."""
    index = label_index(words.codes)
    label = index.at_start(squash(led(line, words)[: index.longest + 20]))
    return label is not None and label_kinds(words.codes).get(label) in ("reviewer", "both")


def parts(text: str, words: Vocabulary) -> list[Part]:
    """The line cut at its separators and labels."""
    found: list[Part] = []
    text = _BARRED.sub(lambda m: f"\n{m[1]}" if _parts_line(m[1], words) else m[1], text)
    for segment in filter(None, (s.strip() for s in _SPLIT.split(text))):
        at, part = 0, Part(None, "")
        for label in _found(segment, words):
            before = _without_joiner(segment[at : label.start].strip(_SEPARATORS), words)
            at = label.end
            if part.kind and not part.sure and not before:
                continue  # "Scientific review | edited by": one label in two
            if before or part.kind:
                found.append(replace(part, text=before))
            part = Part(label.kind, "", label.sure, label.spoken, label.short, label.approves)
        found.append(replace(part, text=segment[at:].strip()))
    return _joined(found)


def _parts_line(word: str, words: Vocabulary) -> bool:
    """Whether the word is a label; one that is a role too (기자) ends what stands before it."""
    return word in label_kinds(words.codes) and word not in words.people["roles"]


def _without_joiner(text: str, words: Vocabulary) -> str:
    """The text without the "and" that joins it to the next label."""
    head, _, last = text.rpartition(" ")
    if last and squash(last) in words.people["joiners"] and (head or text == last):
        return head.strip(_SEPARATORS)
    return text


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


def unbracketed(line: str, words: Vocabulary) -> str:
    """The line with a colon behind each label that stands in brackets: "【監修】山田太郎"."""
    kinds = label_kinds(words.codes)
    return _BRACKETED.sub(lambda m: f" {m[1]}：" if squash(m[1]) in kinds else m[0], line).strip()


def with_tasks(line: str, words: Vocabulary) -> str:
    """Of "over Dr X's article worked: editor Y, reviewer Z" those with a task, else the line."""
    for verb in words.people["worked"]:
        tail = line.partition(f" {verb}")[2].lstrip(" :")
        if tail and label_index(words.codes).beginning(tail):
            return tail
    return line


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
