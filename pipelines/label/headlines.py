"""The headline, each time it is printed, and what stands above it."""

from __future__ import annotations

from pipelines.label.draft import LABEL_MASS, Draft, is_prose
from pipelines.label.tokens import token_reason, zone_reason
from pipelines.vocabulary import squash

# Blocks of running text between which a byline at the head may stand.
HEAD = 3


def headline(draft: Draft) -> int | None:
    """The last headline above the text, if one of the page's titles is printed there."""
    first, last = draft.core
    if last < 0:
        return None
    return max((i for i in draft.headlines if i < first), default=None)


def drop_headline(draft: Draft) -> None:
    """The headline, each time it is printed at the head; it has a field of its own."""
    printed = {squash(title) for title in draft.titles}
    first, _ = draft.core
    for i in draft.headlines:
        block = draft.blocks[i]
        if (i > first + HEAD and block.level != 1) or block.mass > 3 * LABEL_MASS:
            continue
        # Below the first text only the very same line is the headline again.
        if i <= first or squash(block.text) in printed:
            draft.drop(i, "headline", "headline")


def drop_above_headline(draft: Draft) -> None:
    """Lines above the headline that are no running text: the article begins at its headline."""
    start = headline(draft)
    if start is None:
        return
    for i in range(start):
        if draft.kept(i) and not is_prose(draft.blocks[i]):
            draft.drop(i, _place(draft, i), "above-headline")


def _place(draft: Draft, i: int) -> str:
    """The reason that the container's name or zone gives, else navigation."""
    block = draft.blocks[i]
    named = token_reason(block.node)
    return named[0] if named else zone_reason(block) or "nav"
