"""Captions in tables that do nothing but hold a picture and the line below it."""

from __future__ import annotations

from pipelines.blocks import Node
from pipelines.label.draft import Draft, within
from pipelines.label.inline import CAPTION_MASS

# Pictures side by side in a table; and levels between a line in it and the table.
PICTURE_ROW = 4
TABLE_LEVELS = 8


def drop_picture_tables(draft: Draft) -> None:
    """A line or two below a picture, in a table of nothing else."""
    for i in draft.region:
        block = draft.blocks[i]
        if block.mass > CAPTION_MASS or block.kind != "p" or draft.reason(i) is not None:
            continue
        if _in_picture_table(draft, i):
            draft.drop(i, "caption", "caption-cell")


def _in_picture_table(draft: Draft, i: int) -> bool:
    above = [j for j in range(max(0, i - PICTURE_ROW), i) if draft.blocks[j].kind == "image"]
    if not above:
        return False
    table = _around(draft.blocks[i].node, "table")
    if table is None or table.text > len(above) * CAPTION_MASS:
        return False
    cell, row = _around(draft.blocks[i].node, "td"), _around(draft.blocks[i].node, "tr")
    for j in above:
        picture = draft.blocks[j].node
        below = _around(picture, "tr") is not row or _around(picture, "td") is cell
        if below and within(picture, table):
            return True
    return False


def _around(node: Node, tag: str) -> Node | None:
    step: Node | None = node
    for _ in range(TABLE_LEVELS):
        if step is None or step.tag == tag:
            return step
        step = step.parent
    return None
