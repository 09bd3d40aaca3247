"""First verdicts: what the learned tables say, and how far to trust them."""

from __future__ import annotations

from pipelines.blocks import Zone
from pipelines.label.draft import Draft, is_prose

# Probability from which a block is taken for article text. Evidence: out-of-fold word F1 on WCXB
# is flat between 0.40 and 0.50 and falls on either side (`benchmarks/train_blocks.py`).
KEEP = 0.45
# Where almost nothing passes, the page is unlike those the tables know: believe weaker scores.
FALLBACK = 0.2
# Less kept text than this (weighted characters) is almost nothing.
FALLBACK_MASS = 250


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


def drop_comments(draft: Draft) -> None:
    """Readers' comments read like prose; what holds them says what it is."""
    for i, block in enumerate(draft.blocks):
        if block.node.zone & Zone.COMMENTS:
            draft.drop(i, "comments", "comment-container")
