"""What dropped boxes say of people: biographies, lines below a name, sentences of thanks.

Nothing here changes a verdict. Biographies complete people who are known already and name nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipelines.blocks import Zone
from pipelines.byline_labels import begins_as_review, label_index, speaks_of_review
from pipelines.bylines import LINE_LIMIT, Byline, read_byline
from pipelines.cjk_shapes import is_cjk
from pipelines.label.draft import Draft
from pipelines.names import Kinds, kinds
from pipelines.phrases import squash
from pipelines.portraits import SENTENCE_LIMIT, below_name, place_below, portrait
from pipelines.records import Person
from pipelines.thanks import thanked

# Lines below a name that may tell of its bearer.
BELOW = 3
# A line that is a name, with its degrees, is short (characters).
NAME_LINE = 90
# Blocks before the last running text in which a sentence may still say who reviewed the article.
TAIL = 4
# Blocks behind it in which one may.
BEHIND = 60
# Characters above a list of names that may say what they are thanked for.
ABOVE = 600
# Reasons of blocks that tell of other articles and other people.
OTHERS = frozenset(("related", "comments", "prev-next", "ad", "references", "toc", "caption"))
# What is looked at of a closing paragraph (sentences, characters).
SENTENCES, PARAGRAPH = 8, 1500
_SENTENCE = re.compile(r"(?<=[^\W\d_]{2}[.!?])\s+(?=[A-ZÀ-ÞА-Я])|(?<=[。！？])|\n")


def read_credits(draft: Draft) -> None:
    """Portraits of known people, and reviewers that closing sentences name."""
    known = kinds(draft.vocabulary)
    own = list(_own(draft))
    _read_sentences(draft, own)
    names = _names(draft)
    if not names:
        return
    lines = list(_lines(draft, own))
    for at, line in enumerate(lines):
        for name in names:
            if squash(name.split()[-1]) not in squash(line[:SENTENCE_LIMIT]):
                continue
            if _is_name(line, name, known):
                titled = squash(line) != squash(name)
                below = lines[at + 1 : at + 1 + BELOW]
                draft.portraits += _below(below, name, draft, known, titled=titled)
            elif found := portrait(line, name, draft.vocabulary, known):
                draft.portraits.append(found)


def _names(draft: Draft) -> list[str]:
    """The names of those whom bylines name or the page declares, institutions left out."""
    seen = (p.name for b in draft.bylines for p in (*b.authors, *b.reviewers))
    names = dict.fromkeys((*draft.people, *seen))
    return [name for name in names if " " in name or is_cjk(name)]


def _own(draft: Draft) -> Iterator[int]:
    """The blocks of the region that tell of this article, in reading order."""
    for i in draft.region:
        comment = draft.blocks[i].zone & Zone.COMMENTS
        if not (i in draft.others or comment or draft.reason(i) in OTHERS):
            yield i


def _lines(draft: Draft, own: list[int]) -> Iterator[str]:
    """The lines of dropped blocks from the headline on, in reading order."""
    start = next(iter(draft.headlines), 0)
    for i in own:
        if i >= start and not draft.kept(i):
            lines = (draft.blocks[i].seams or draft.blocks[i].text).split("\n")
            yield from (line.strip() for line in lines if line.strip())


def _is_name(line: str, name: str, known: Kinds) -> bool:
    """Whether the line is the name and degrees alone, perhaps behind a label."""
    if len(line) > NAME_LINE:
        return False
    head, _, rest = line.rpartition(name)
    if not (line.endswith(name) or rest):
        return False
    titled = f"{head.strip()} {name}".strip()
    plain = known.strip_honorifics(titled) in (name, titled) and len(head) <= 40
    degrees = [part.strip() for part in rest.split(",") if part.strip()]
    return plain and all(known.is_credentials(d) or known.looks_like_degree(d) for d in degrees)


def _below(
    lines: list[str], name: str, draft: Draft, known: Kinds, *, titled: bool
) -> list[Person]:
    """What the lines below the name say of its bearer, up to one that says something else.

    Chinese and Japanese lines go on: a hospital and, below it, its department are one place.
    `titled`: the name stands there with a title or degree.
    """
    labels = label_index(draft.vocabulary.codes)
    told: list[Person] = []
    above = ""
    for line in lines:
        if squash(line).startswith(squash(name)):
            break
        whole = f"{above} {line}" if above and is_cjk(line) else line
        found = below_name(whole, name, draft.vocabulary, known)
        if found is None and (titled or any(person.role for person in told)):
            found = place_below(line, name, known)
        if found is None or (labels.beginning(line) and ":" in line.replace("：", ":")):
            break
        told[len(told) - (whole != line) :] = [found]
        above = whole
    return told


def _read_sentences(draft: Draft, own: list[int]) -> None:
    """Reviewers named by a sentence of a closing paragraph, or thanked for their review."""
    _, last = draft.core
    above = ""
    for i in own:
        block = draft.blocks[i]
        if not last - TAIL < i <= last + BEHIND:
            continue
        if draft.reason(i) != "byline":
            people = thanked(block.text, above, draft.vocabulary)
            reviewers = people or _reviewers(block.text, draft)
            if reviewers:
                draft.bylines.append(Byline(reviewers=reviewers, labelled=True, own=True))
        above = f"{above} {block.text}"[-ABOVE:]


def _reviewers(text: str, draft: Draft) -> tuple[Person, ...]:
    """The reviewers of one sentence among others: "This page was reviewed by Jane Doe, MD."."""
    words = draft.vocabulary
    if not speaks_of_review(text[:PARAGRAPH], words):
        return ()
    for sentence in _sentences(text[:PARAGRAPH], kinds(words))[:SENTENCES]:
        if len(sentence) <= LINE_LIMIT and begins_as_review(sentence, words):
            byline = read_byline(sentence, words)
            if byline and byline.labelled and byline.reviewers:
                return byline.reviewers
    return ()


def _sentences(text: str, known: Kinds) -> list[str]:
    """The sentences of the text; "Dr." ends none."""
    found: list[str] = []
    for piece in _SENTENCE.split(text):
        title = found[-1].rpartition(" ")[2] if found else ""
        if title.endswith(".") and squash(title) in known.honorifics:
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
    return found
