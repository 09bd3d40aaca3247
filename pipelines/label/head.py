"""Headline, bylines and dates: at the head of the article, and at its end."""

from __future__ import annotations

from pipelines.bylines import Byline, read_byline
from pipelines.label.draft import LABEL_MASS, Draft
from pipelines.label.tokens import token_reason
from pipelines.vocabulary import squash

# Blocks after the last running text in which a byline may still stand ("(Author: …)").
TAIL = 12
# Blocks of running text between which a byline at the head may stand.
HEAD = 3


def drop_headline(draft: Draft) -> None:
    """The headline, each time it is printed at the head; it has a field of its own."""
    titles = {squash(title) for title in draft.titles if title}
    first, _ = draft.core
    for i, block in enumerate(draft.blocks):
        if block.mass <= 3 * LABEL_MASS and squash(block.text) in titles:
            if i <= first + HEAD or block.level == 1:
                draft.drop(i, "headline", "headline")


def drop_bylines(draft: Draft) -> None:
    """Lines that name people and dates, read on the way into `draft.bylines`."""
    first, last = draft.core
    if last < 0:
        first, last = 0, len(draft) - 1
    for i, block in enumerate(draft.blocks):
        if not block.mass or block.mass > LABEL_MASS or block.kind == "row":
            continue
        near = i <= first + HEAD or i >= last - HEAD
        if i > last + TAIL or (draft.reason(i) not in (None, "byline", "date")):
            continue
        for text in block.text.split("\n"):
            byline = read_byline(text, draft.vocabulary)
            if byline is not None and (near or byline.labelled):
                _note(draft, i, byline)


def _note(draft: Draft, i: int, byline: Byline) -> None:
    people = bool(byline.authors or byline.reviewers)
    dates = bool(byline.published or byline.modified or byline.reviewed)
    draft.drop(i, "date" if dates and not people else "byline", "byline-line")
    if not _in_card(draft, i):
        draft.bylines.append(byline)


def _in_card(draft: Draft, i: int) -> bool:
    """Whether the line stands in a card of another article."""
    found = token_reason(draft.blocks[i].node)
    return found is not None and found[0] in ("related", "comments", "prev-next", "footer", "ad")
