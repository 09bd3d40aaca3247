"""Paragraphs about the authors: who a page names as its writer does not tell of himself in the
third person, but at the article's ends sites do."""

from __future__ import annotations

import re

from pipelines.blocks import Block, Node
from pipelines.cjk_shapes import is_cjk
from pipelines.label.draft import LABEL_MASS, Draft, is_prose
from pipelines.label.headlines import HEAD
from pipelines.names import Kinds, kinds
from pipelines.phrases import ends_word, squash

# A biography is a paragraph among the last of the article (blocks of running text) …
LAST = 5
# … or stands so many blocks behind it.
BEHIND = 40
# One that calls the author by the first name is among the very last (blocks of running text).
FAMILIAR = 2
# It says more than the name, and less than a page (weighted characters).
LEAST, MOST = 30, 1500
# Paragraphs that go on with it.
MORE = 4
# What may stand before the name: brackets, dashes, a star; and courtesy titles (characters).
HONORIFICS = 60
OPENING = re.compile(r"^[\s(*\[•–—_-]+")
# Behind a name without spaces around it: "李明华，主任医师，…", but not "李明华医生提醒".
SET_OFF = tuple("，,（(、 |｜")
# Behind a name that speaks: "Jane Doe: I would wait a week."
SPEAKS = tuple(":：")


def drop_biographies(draft: Draft) -> None:
    """Paragraphs at the ends of the article that begin with the name of one of its people."""
    first, last = draft.core
    known = kinds(draft.vocabulary)
    names = _names(draft, known)
    if not names or last < 0:
        return
    prose = [i for i in draft.region if draft.kept(i) and is_prose(draft.blocks[i])]
    from_end = prose[-LAST] if len(prose) >= LAST else last
    very_end = prose[-FAMILIAR] if len(prose) > LAST else last
    tells = draft.vocabulary.people["tells"]
    for i in draft.region:
        block = draft.blocks[i]
        near = i <= first + HEAD - 1 or from_end <= i <= last + BEHIND
        if not near or not draft.kept(i) or block.kind not in ("p", "li"):
            continue
        if not LEAST <= block.mass <= MOST:
            continue
        if any(_tells_of(block.text, name, known) for name in names) or (
            i >= very_end and _goes_by_first_name(block.text, names, tells)
        ):
            _drop(draft, i, names)


def _names(draft: Draft, known: Kinds) -> tuple[str, ...]:
    """The people's names, squashed; no institutions, and nothing of one word."""
    found = (*draft.people, *(p.name for b in draft.bylines for p in (*b.authors, *b.reviewers)))
    return tuple(
        dict.fromkeys(
            squash(name)
            for name in found
            if (" " in name.strip() or is_cjk(name)) and not known.has_affiliation(name)
        )
    )


def _tells_of(text: str, name: str, known: Kinds) -> bool:
    """Whether a paragraph begins with the name and goes on as a sentence about its bearer."""
    line = squash(known.strip_honorifics(OPENING.sub("", text[: len(name) + HONORIFICS])))
    if not line.startswith(name):
        return False
    behind = line[len(name) :]
    if is_cjk(name):
        return behind.startswith(SET_OFF)
    return ends_word(line, len(name)) and not behind.lstrip().startswith(SPEAKS)


def _goes_by_first_name(text: str, names: tuple[str, ...], tells: tuple[str, ...]) -> bool:
    """Whether a paragraph begins with an author's first name and a word of biographies: "Karina
    holds a degree …"."""
    words = OPENING.sub("", text[:80]).split(maxsplit=2)[:2]
    if len(words) < 2 or not words[0][:1].isupper() or squash(words[1]) not in tells:
        return False
    return any(len(words[0]) > 2 and name.split()[0] == squash(words[0]) for name in names)


def _drop(draft: Draft, start: int, names: tuple[str, ...]) -> None:
    """Drop a biography, and the paragraphs of its box that go on with the name or a part of it."""
    draft.drop(start, "author-bio", "biography")
    parts = {part for name in names for part in (name, *name.split()) if len(part) > 2}
    box = draft.blocks[start].node.parent
    for i in range(start + 1, min(start + 1 + MORE, len(draft))):
        block = draft.blocks[i]
        if not block.mass:
            continue
        if not _same_box(block, box) or not _begins(block.text, parts):
            return
        draft.drop(i, "author-bio", "biography")


def _same_box(block: Block, box: Node | None) -> bool:
    return block.kind == "p" and block.node.parent is box and block.mass > LABEL_MASS // 4


def _begins(text: str, parts: set[str]) -> bool:
    words = squash(text[:80]).split()
    return bool(words) and words[0].strip(",.'’s") in parts
