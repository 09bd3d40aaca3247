"""Which lines of caption and credit belong to which picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.blocks import Node
from pipelines.captions import names_credit, split_credit
from pipelines.label.draft import Draft, within

# A caption stands next to its picture; so many blocks away at most.
REACH = 3
# A frame around picture and caption is so many levels up at most.
FRAME_LEVELS = 6


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the article, the block that it is, and the frame that it stands in."""

    at: int
    url: str
    frame: Node | None


def frame_of(node: Node) -> Node | None:
    """The element around a picture and its caption: `<figure>`, or a box that is named so."""
    step: Node | None = node
    for _ in range(FRAME_LEVELS):
        if step is None:
            return None
        if step.tag == "figure" or "caption" in step.tokens or "thumb" in step.tokens:
            return step
        step = step.parent
    return None


def captions_of(
    draft: Draft, pictures: Sequence[Picture], captions: list[int]
) -> dict[int, list[int]]:
    """The blocks of caption and credit that belong to each picture, by the picture's place."""
    found: dict[int, list[int]] = {}
    free = dict.fromkeys(captions)
    for row in _rows(pictures):
        below = _row_captions(row, free)
        for picture, at in zip(row, below, strict=False):
            found[picture.at] = [at]
            free.pop(at, None)
    for n, picture in enumerate(pictures):
        if picture.at in found:
            continue
        following = pictures[n + 1].at if n + 1 < len(pictures) else len(draft)
        previous = pictures[n - 1].at if n else -1
        mine = [i for i in free if picture.at < i < following and _reaches(draft, picture, i)]
        mine = mine or [i for i in free if previous < i < picture.at and _above(draft, picture, i)]
        mine = _with_credit(draft, mine) if picture.frame is None else mine
        for i in mine:
            free.pop(i)
        if mine:
            found[picture.at] = mine
    return found


def _rows(pictures: Sequence[Picture]) -> Iterator[list[Picture]]:
    """Pictures one right after the other, in no frames of their own, side by side."""
    row: list[Picture] = []
    for picture in pictures:
        if row and (picture.at != row[-1].at + 1 or picture.frame is not row[-1].frame):
            if len(row) > 1:
                yield row
            row = []
        row.append(picture)
    if len(row) > 1:
        yield row


def _row_captions(row: Sequence[Picture], free: dict[int, None]) -> list[int]:
    """As many captions as pictures, one right after the other below them; else none."""
    start = row[-1].at + 1
    below = [i for i in range(start, start + len(row)) if i in free]
    return below if len(below) == len(row) and start + len(row) not in free else []


def _reaches(draft: Draft, picture: Picture, i: int) -> bool:
    """Whether a caption below belongs to the picture: in one frame, or near and nothing between."""
    if picture.frame is not None:
        return within(draft.blocks[i].node, picture.frame)
    between = range(picture.at + 1, i)
    return i <= picture.at + REACH and not any(draft.kept(j) for j in between)


def _above(draft: Draft, picture: Picture, i: int) -> bool:
    if picture.frame is not None:
        return within(draft.blocks[i].node, picture.frame)
    return i == picture.at - 1


def _with_credit(draft: Draft, captions: list[int]) -> list[int]:
    """The first caption, and the credit next to it."""
    mine = captions[:1]
    for i in captions[1:2]:
        if i == mine[0] + 1 and (is_credit(draft, i) != is_credit(draft, mine[0])):
            mine.append(i)
    return mine


def is_credit(draft: Draft, i: int) -> bool:
    """Whether a caption is a credit and nothing else."""
    node = draft.blocks[i].node
    if node.tokens and names_credit(node.tokens):
        return True
    caption, credit = split_credit(line_of(draft, i), labels_of(draft))
    return caption is None and credit is not None


def line_of(draft: Draft, i: int) -> str:
    """The text of a caption, on one line."""
    return draft.blocks[i].text.replace("\n", " ")


def labels_of(draft: Draft) -> tuple[str, ...]:
    """What the language calls the maker of a picture."""
    return draft.vocabulary.people["photographer"]
