"""The kept blocks as an outline: which are headings, of which level, and how each is written.

Headings are `<h*>`, and lines that act as headings: a bold line, or a numbered one, that stands
alone above text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipelines.blocks import Block, Zone
from pipelines.records import Section

# A line longer than this is a sentence set in bold (weighted characters).
HEADING_MASS = 180
BOLD_LEVEL = 2
# Inside a list or an accordion a heading stands below those of the text.
ITEM_LEVEL = 3
# A heading that goes on for so long is text set large. The first of all is a standfirst if it ends
# as a sentence, or goes on (weighted characters).
LONG_HEADING = 300
STANDFIRST = 40
LARGE = 100
QUESTION = ("?", "？", "؟")
FULL_STOP = re.compile(r"[.。！!…।]\W{0,2}$")
# A bold line with a colon above a list leads into the list; a label is shorter than this.
LEAD_IN = 30
COLON = re.compile(r"[:：]\s*$")
# So many items that stand alone, each with a paragraph below, are headings with a dot before them.
LONE_ITEMS = 3
LONE_MASS = 80
PARAGRAPH = 100
SENTENCE_END = re.compile(r"[.。！!;；,，、]\s*$")
ABBREVIATED = re.compile(r"\b(?:vs|etc|e\.g|i\.e|approx|No|Dr|St)\.\s*$|\.\.\.\s*$")
# "1. Which tumors …", "一、…", "Ⅱ. …": a numbered line; "(1) …" and "1) …" count items.
NUMBERED = re.compile(
    r"^\s*(?:\d{1,2}\s*[.．、]\s*(?!\d)|[一二三四五六七八九十]{1,3}\s*[、．.]\s*|"
    r"第[一二三四五六七八九十\d]{1,3}[章节節部][：:、\s]|[IVX]{1,4}\.\s+)\S"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One kept block as it is written; `level` 0 for what is no heading."""

    text: str
    level: int = 0
    group: int = 0
    """lines of one list or table stand on consecutive lines; 0 for none"""
    mass: int = 0


def outline(blocks: Sequence[Block], texts: Collection[Block] = ()) -> list[Line]:
    """The kept blocks, in reading order, as lines of the body.

    `texts`: blocks that are text, though their mark-up says heading.
    """
    lines: list[Line] = []
    plain = set(_numbered_headings(blocks))
    lone = _lone_items(blocks)
    standfirst = _standfirst(blocks)
    for i, block in enumerate(blocks):
        if block.kind == "h":
            text = i == standfirst or block.mass > LONG_HEADING or block in texts
            lines.append(Line(_unmarked(block), 0 if text else block.level, mass=block.mass))
        elif i in lone or _item_heading(blocks, i):
            lines.append(Line(block.text.replace("\n", " "), ITEM_LEVEL, mass=block.mass))
        elif block.kind == "li":
            lines.append(Line("- " + block.text.replace("\n", " "), 0, block.group, block.mass))
        elif block.kind == "row":
            # Empty cells at either end leave bars, no white space.
            lines.append(Line(block.text.strip(), 0, block.group, block.mass))
        elif i in plain or _bold_heading(blocks, i):
            lines.append(Line(block.text.replace("\n", " "), BOLD_LEVEL, mass=block.mass))
        else:
            lines.append(Line(block.text, mass=block.mass))
    return lines


def _unmarked(block: Block) -> str:
    """A heading's text without the mark ("#", "¶") that links to the heading itself."""
    text = block.text
    for anchor in (*block.anchors[:1], *block.anchors[1:][-1:]):
        if anchor.href.startswith("#") and not any(map(str.isalnum, anchor.text)):
            text = text.removesuffix(anchor.text).removeprefix(anchor.text).strip()
    return text or block.text


def _standfirst(blocks: Sequence[Block]) -> int | None:
    """A heading above all text that is a sentence, where the other headings are none, or that is
    by far the longest of them."""
    if not blocks or blocks[0].kind != "h" or blocks[0].text.endswith(QUESTION):
        return None
    first, *others = (block for block in blocks if block.kind == "h")
    if first.mass >= LARGE:
        return 0 if all(2 * block.mass < first.mass for block in others) else None
    sentence = first.mass >= STANDFIRST and FULL_STOP.search(first.text)
    return 0 if sentence and not any(FULL_STOP.search(block.text) for block in others) else None


def _lone_items(blocks: Sequence[Block]) -> frozenset[int]:
    """Short items, each alone in its list between paragraphs, if there are several."""
    found = [
        i
        for i, (block, below) in enumerate(pairwise(blocks))
        if block.kind == "li"
        and 1 < block.mass <= LONE_MASS
        and _is_paragraph(below)
        and below.group != block.group
        and (i == 0 or blocks[i - 1].kind == "h" or _is_paragraph(blocks[i - 1]))
        and not SENTENCE_END.search(block.text)
    ]
    return frozenset(found) if len(found) >= LONE_ITEMS else frozenset()


def _is_paragraph(block: Block) -> bool:
    return block.kind == "p" and block.mass >= PARAGRAPH


def _item_heading(blocks: Sequence[Block], i: int) -> bool:
    """The bold first line of a list item, or the line that opens an accordion, above its text."""
    block = blocks[i]
    if i + 1 == len(blocks) or not 1 < block.mass <= HEADING_MASS or "\n" in block.text:
        return False
    below = blocks[i + 1]
    if block.kind == "p" and (block.node.tag == "summary" or block.zone & Zone.OPENER):
        return below.node.tag != "summary" and not below.zone & Zone.OPENER
    if block.kind != "li" or not block.bold or below.kind != "p" or below.mass <= block.mass:
        return False
    alone = i == 0 or blocks[i - 1].group != block.group
    return (alone or below.group == block.group) and not SENTENCE_END.search(block.text)


def _bold_heading(blocks: Sequence[Block], i: int) -> bool:
    block = blocks[i]
    if not block.bold or block.kind != "p" or not 1 < block.mass <= HEADING_MASS:
        return False
    if "\n" in block.text or not any(map(str.isalpha, block.text)):
        return False
    if block.zone & Zone.QUOTE:
        return False  # a quotation's, or a box's, own label
    if SENTENCE_END.search(block.text) and not ABBREVIATED.search(block.text):
        return False
    if i + 1 == len(blocks):
        return False
    below = blocks[i + 1]
    if below.kind == "li" and block.mass > LEAD_IN and COLON.search(block.text):
        return False
    return not (below.bold and below.kind == "p")


def _numbered_headings(blocks: Sequence[Block]) -> list[int]:
    """Numbered lines that act as headings: short, no sentence, each with text below it.

    One such line alone, or two in a row, are items; the whole series must have text between.
    """
    found = [
        i
        for i, block in enumerate(blocks)
        if block.kind == "p"
        and block.mass <= HEADING_MASS
        and "\n" not in block.text
        and NUMBERED.match(block.text)
        and not re.search(r"[.。；;，,]\s*$", block.text)
    ]
    if len(found) < 2 or any(b - a < 2 for a, b in pairwise(found)):
        return []
    below = [blocks[i + 1] for i in found if i + 1 < len(blocks)]
    if len(below) < len(found) or sum(b.mass > 60 for b in below) < 0.6 * len(found):
        return []
    return found


def write_body(lines: Sequence[Line]) -> str:
    """Blocks, a blank line between; items of one list, rows of one table on consecutive lines."""
    parts: list[str] = []
    previous = 0
    for line in lines:
        if parts:
            parts.append("\n" if line.group and line.group == previous else "\n\n")
        parts.append(line.text)
        previous = line.group
    # Preformatted text may begin with white space of its own.
    return "".join(parts).strip()


def write_sections(lines: Sequence[Line]) -> tuple[Section, ...]:
    """The body cut at its headings; text before the first has level 0 and no heading."""
    sections: list[Section] = []
    level, heading, below = 0, None, list[Line]()
    for line in lines:
        if line.level:
            if below or heading is not None:
                sections.append(Section(level, heading, write_body(below)))
            level, heading, below = line.level, line.text, []
        else:
            below.append(line)
    if below or heading is not None:
        sections.append(Section(level, heading, write_body(below)))
    return tuple(sections)
