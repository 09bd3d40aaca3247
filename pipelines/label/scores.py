"""First verdicts: what the learned tables say, and how far to trust them."""

from __future__ import annotations

from pipelines.blocks import Node, Zone
from pipelines.label.draft import Draft, is_prose
from pipelines.label.tokens import PAGE_TAGS, family_of

# Probability from which a block is taken for article text. Evidence: out-of-fold word F1 on WCXB
# is flat between 0.40 and 0.50 and falls on either side (`benchmarks/train_blocks.py`).
KEEP = 0.45
# Where almost nothing passes, the page is unlike those the tables know: believe weaker scores.
FALLBACK = 0.2
# Less kept text than this (weighted characters) is almost nothing.
FALLBACK_MASS = 250
# More of the page's running text than this share stands in no consent box.
CONSENT_SHARE = 0.5


def trust_scores(draft: Draft) -> None:
    """Keep what scores well; where that is almost nothing, what scores less well too."""
    _keep_from(draft, KEEP)
    kept = sum(b.mass for i, b in enumerate(draft.blocks) if draft.kept(i) and is_prose(b))
    if kept < FALLBACK_MASS:
        _keep_from(draft, FALLBACK)


def _keep_from(draft: Draft, least: float) -> None:
    for i, score in enumerate(draft.scores):
        if score >= least:
            draft.keep(i, "score")


def drop_consent(draft: Draft) -> None:
    """What a consent manager says of cookies reads like prose; its containers are named after it.

    Not where such a container holds most of the page's text: then the page is about cookies.
    """
    named: dict[Node, bool] = {}
    for i, block in enumerate(draft.blocks):
        if draft.kept(i) and _asks_consent(block.node, named):
            draft.drop(i, "cookie", "consent-container")


def _asks_consent(node: Node, named: dict[Node, bool]) -> bool:
    """Whether the node, or one above it, is called after consent or cookies; noted in `named`."""
    seen: list[Node] = []
    found = False
    step: Node | None = node
    while step is not None and not found:
        if step in named:
            found = named[step]
            break
        seen.append(step)
        found = bool(step.tokens) and family_of(step.tokens) == "cookie" and not _is_page(step)
        step = step.parent
    named.update(dict.fromkeys(seen, found))
    return found


def _is_page(node: Node) -> bool:
    """Whether a container holds the page or most of its text."""
    root = node
    while root.parent is not None:
        root = root.parent
    return node.tag in PAGE_TAGS or node.prose > CONSENT_SHARE * root.prose


def drop_comments(draft: Draft) -> None:
    """Readers' comments read like prose; what holds them says what it is."""
    for i, block in enumerate(draft.blocks):
        if block.node.zone & Zone.COMMENTS:
            draft.drop(i, "comments", "comment-container")
