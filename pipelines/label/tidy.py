"""Last looks: repeats, lists that go together, headings without text, reasons for the rest."""

from __future__ import annotations

import re
from itertools import groupby

from pipelines.blocks import Block, Zone
from pipelines.label.draft import Draft
from pipelines.label.tokens import token_reason, zone_reason
from pipelines.vocabulary import squash

# Short lines recur in good prose and tables ("Yes", "Dose:"); longer ones are copies.
REPEAT_MASS = 60
# A list goes as its greater part goes, if that part is clear.
LIST_SHARE = 0.6
# From this score on an item stays, whatever its list does.
SURE_ITEM = 0.8
# A heading right above kept text needs this score only.
HEADING_SCORE = 0.03
# What may stand between a heading and its text: the caption of a picture, an advertisement.
BETWEEN = frozenset(("caption", "ad"))
# Classes of lines that only screen readers say.
UNSEEN = re.compile(r"\b(?:visually-?hidden|sr-only|screen-reader-text|hidden-?visually)\b")


def drop_repeats(draft: Draft) -> None:
    """The second of two equal blocks: responsive copies, nested articles, pull quotes.

    Short lines beside it that stand beside the first in the same way are part of the copy.
    """
    seen: dict[str, int] = {}
    copies: dict[int, int] = {}
    for i, block in enumerate(draft.blocks):
        if block.mass < REPEAT_MASS or not draft.kept(i) or block.kind == "row":
            continue
        first = seen.setdefault(squash(block.text), i)
        if first != i:
            draft.drop(i, "duplicate", "repeat")
            copies[i] = first
    for i, first in copies.items():
        _drop_copied(draft, i, first, 1)
        _drop_copied(draft, i, first, -1)


def _drop_copied(draft: Draft, i: int, first: int, step: int) -> None:
    """Drop the short lines that go on with a copy, in one direction."""
    blocks = draft.blocks
    i, first = i + step, first + step
    while min(i, first) >= 0 and max(i, first) < len(blocks) and blocks[i].mass < REPEAT_MASS:
        if blocks[i].text != blocks[first].text or not draft.kept(first):
            return
        if draft.kept(i):
            draft.drop(i, "duplicate", "repeat")
        i, first = i + step, first + step


def settle_lists(draft: Draft) -> None:
    """Items of one list go together, unless a rule has spoken about an item."""
    numbers = [block.group for block in draft.blocks]
    for group, members in groupby(range(len(draft)), key=numbers.__getitem__):
        if not group:
            continue
        items = [i for i in members if draft.blocks[i].mass]
        if len(items) < 2:
            continue
        mass = sum(draft.blocks[i].mass for i in items) or 1
        kept = sum(draft.blocks[i].mass for i in items if draft.kept(i)) / mass
        for i in items:
            if kept >= LIST_SHARE and not draft.kept(i) and draft.reason(i) is None:
                draft.keep(i, "list")
            elif (
                kept <= 1 - LIST_SHARE
                and draft.kept(i)
                and draft.blocks[i].kind != "h"
                and draft.scores[i] < SURE_ITEM
            ):
                draft.drop(i, _reason(draft, i), "list")


def settle_headings(draft: Draft) -> None:
    """A heading stays with the text below it: kept where that is kept, dropped where nothing is."""
    below: int | None = None
    kept = {_look(b) for i, b in enumerate(draft.blocks) if b.kind == "h" and draft.kept(i)}
    for i in range(len(draft) - 1, -1, -1):
        block = draft.blocks[i]
        if block.kind == "h":
            if draft.kept(i) and UNSEEN.search(block.node.tokens):
                draft.drop(i, "hidden", "heading-not-shown")
            _settle_heading(draft, i, below, kept)
        if draft.kept(i):
            below = i


def _look(block: Block) -> tuple[int, str]:
    return block.level, block.node.tokens


def _settle_heading(draft: Draft, i: int, below: int | None, kept: set[tuple[int, str]]) -> None:
    block = draft.blocks[i]
    if draft.kept(i):
        if not _has_text(draft, i):
            draft.drop(i, _reason_below(draft, i), "heading-without-text")
        return
    if below is None or draft.reason(i) is not None or _leads_away(block):
        return
    if block.zone & (Zone.ASIDE | Zone.NAV):
        return
    gap = [j for j in range(i + 1, below) if draft.blocks[j].mass]
    alike = below == i + 1 and draft.blocks[below].kind != "h" and _look(block) in kept
    likely = draft.scores[i] >= HEADING_SCORE or alike
    # What else stands between is what the heading heads.
    if likely and len(gap) <= 1 and all(draft.reason(j) in BETWEEN for j in gap):
        kept.add(_look(block))
        draft.keep(i, "heading-of-kept-text")


def head_lines(draft: Draft) -> tuple[Block, ...]:
    """Headings above all text, with a byline or date below: the headline in other words, or a
    standfirst. The first section of the text begins behind the byline."""
    found: list[Block] = []
    waiting: list[Block] = []
    for i, block in enumerate(draft.blocks):
        if draft.kept(i) and block.mass:
            if block.kind != "h":
                break
            waiting.append(block)
        elif draft.reason(i) in ("byline", "date"):
            found += waiting
            waiting = []
    return tuple(found)


def _leads_away(block: Block) -> bool:
    """Whether a heading is a link to another page, not to its own text or to what unfolds it."""
    away = [anchor for anchor in block.anchors if not anchor.href.startswith(("#", "javascript:"))]
    return block.link_share > 0.5 and bool(away)


def _has_text(draft: Draft, i: int) -> bool:
    """Whether text is kept between a heading and the next one of its level or above."""
    level = draft.blocks[i].level
    for j in range(i + 1, len(draft)):
        block = draft.blocks[j]
        if block.kind == "h" and block.level <= level:
            return False
        if block.kind != "h" and draft.kept(j):
            return True
    return False


def _reason_below(draft: Draft, i: int) -> str:
    """The reason that dropped the first block below, which the heading belongs to."""
    for j in range(i + 1, min(i + 4, len(draft))):
        if draft.blocks[j].mass:
            return draft.reason(j) or "other"
    return "other"


def name_reasons(draft: Draft) -> None:
    """A reason for every block that the score alone dropped."""
    for i, verdict in enumerate(draft.verdicts):
        if not verdict.keep and verdict.reason is None and draft.blocks[i].mass:
            draft.drop(i, _reason(draft, i), "score")


def _reason(draft: Draft, i: int) -> str:
    """What the block's container is called, else what its line says, else where it stands."""
    block = draft.blocks[i]
    named = token_reason(block.node)
    if named:
        return named[0]
    zone = zone_reason(block)
    if zone:
        return zone
    phrases = draft.phrases(i)
    said = phrases.opens or phrases.contains
    if said:
        return "prev-next" if said in ("previous", "next") else said
    first, last = draft.core
    if block.link_share > 0.5:
        return "nav" if i < first else "related" if i > last else "other"
    return "footer" if last >= 0 and i > last + 10 else "other"
