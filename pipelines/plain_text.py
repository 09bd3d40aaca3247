"""Text that someone else extracted, cut into the same blocks and scored by position alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipelines.blocks import Block, Node
from pipelines.bylines import read_byline
from pipelines.label.sections import ELLIPSIS
from pipelines.measure import squeeze, weigh
from pipelines.outline import HEADING_MASS, NUMBERED
from pipelines.segment import PROSE_MASS
from pipelines.vocabulary import Vocabulary, squash

BULLET = re.compile(r"^\s*(?:[-–—•*·・●◦▪‣]\s+|[•・●◦▪‣](?=\S))")
TERMINAL = re.compile(r"[.!?…。！？؟।:：;；]['\"”’»)\]」』）]*\s*$")
# Lines of one width, most of which do not end a sentence, were wrapped by a machine (characters).
WRAP_LEAST, WRAP_MOST = 45, 100
WRAP_SHARE = 0.6
# Inside the text, between its first and last paragraph, a line is text until a rule objects.
INSIDE, OUTSIDE, PROSE = 0.7, 0.05, 0.95
# A line that opens the boilerplate at the end does so behind this share of the prose.
CLOSING_SHARE = 0.5
CLOSING = frozenset(("related", "references", "previous", "next", "comments", "author-bio"))
ARROWS = re.compile(r"^\s*(?:<<|>>)\s*[:：]")


def segment_text(text: str) -> list[Block]:
    """Blocks of a plain text: lines, or paragraphs where the lines are wrapped ones."""
    root = Node(None, "text", "", 0, 0, 0)
    blocks = []
    group = 0
    last = ""
    for line in _paragraphs(text):
        squeezed = squeeze(line)
        if not squeezed:
            continue
        bullet = BULLET.match(line)
        kind = "li" if bullet else "p"
        if bullet:
            squeezed = squeeze(line[bullet.end() :])
            group += last != "li"
        mass = weigh(squeezed)
        if squeezed:
            blocks.append(
                Block(kind, squeezed, root, int(bool(bullet)), mass, group=group if bullet else 0)
            )
            last = kind
    return blocks


def _paragraphs(text: str) -> list[str]:
    lines = re.split(r"\r\n|[\n\r\u2028\u2029\x0b\x0c\x85]", text)
    runs: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            runs[-1].append(line)
        elif runs[-1]:
            runs.append([])
    wrapped = [line for run in runs for line in run[:-1]]
    narrow = sum(
        WRAP_LEAST <= len(line) <= WRAP_MOST
        and not TERMINAL.search(line)
        and not BULLET.match(line)
        for line in wrapped
    )
    if len(wrapped) >= 4 and narrow >= WRAP_SHARE * len(wrapped):
        return [" ".join(run) for run in runs]
    return [line for run in runs for line in run]


def mark_headings(
    blocks: Sequence[Block], scores: Sequence[float], words: Vocabulary
) -> list[Block]:
    """Short lines in the text that end no sentence, above running text or a list, as headings."""
    return [
        _as_heading(block) if scores[i] >= INSIDE and _is_heading(blocks, i, words) else block
        for i, block in enumerate(blocks)
    ]


def _is_heading(blocks: Sequence[Block], i: int, words: Vocabulary) -> bool:
    block = blocks[i]
    text = block.text
    most = HEADING_MASS if NUMBERED.match(text) else PROSE_MASS
    if block.kind != "p" or block.mass > most or not 0 < i < len(blocks) - 1:
        return False
    if TERMINAL.search(text) and not text.rstrip().endswith(("?", "？", "؟")):
        return False
    if not (_prose(blocks[i + 1]) or blocks[i + 1].kind == "li" or NUMBERED.match(text)):
        return False
    return not _explained(text, words)


def _explained(text: str, words: Vocabulary) -> bool:
    """Whether a phrase or a byline says what the line is."""
    said = words.read(text)
    if said.opens or said.contains:
        return True
    return read_byline(text, words) is not None


def _as_heading(block: Block) -> Block:
    return Block("h", block.text, block.node, 2, block.mass)


def _prose(block: Block) -> bool:
    return (
        block.mass >= PROSE_MASS
        and not ELLIPSIS.search(block.text)
        and bool(TERMINAL.search(block.text))
    )


def score_text(blocks: Sequence[Block], vocabulary: Vocabulary) -> list[float]:
    """Probability of being article text for each block, by where it stands."""
    prose = [i for i, block in enumerate(blocks) if _prose(block)]
    if not prose:
        prose = [i for i, block in enumerate(blocks) if block.mass >= PROSE_MASS]
    if not prose:
        return [OUTSIDE] * len(blocks)
    end = _closing(blocks, prose, vocabulary)
    inside = [i for i in prose if i < end] or prose
    first, last = inside[0], inside[-1]
    while last + 1 < end and blocks[last + 1].kind == "li":
        last += 1
    scores = []
    for i, block in enumerate(blocks):
        if not first <= i <= last:
            scores.append(OUTSIDE)
        else:
            scores.append(PROSE if _prose(block) else INSIDE)
    return scores


def _closing(blocks: Sequence[Block], prose: list[int], vocabulary: Vocabulary) -> int:
    """The line that opens the boilerplate at the end, or the number of blocks."""
    total = sum(blocks[i].mass for i in prose)
    seen = 0
    for i, block in enumerate(blocks):
        if block.mass > PROSE_MASS * 2:
            seen += block.mass
            continue
        if seen >= CLOSING_SHARE * total and i > prose[0]:
            said = vocabulary.read(block.text)
            family = said.whole or said.label
            ends = family in ("previous", "next") or ARROWS.match(block.text)
            opens = family in CLOSING and not said.rest
            if ends or (opens and not _prose_follows(blocks, i)):
                return i
        if i in prose:
            seen += block.mass
    return len(blocks)


def _prose_follows(blocks: Sequence[Block], i: int) -> bool:
    return i + 1 < len(blocks) and blocks[i + 1].mass > 2 * PROSE_MASS and _prose(blocks[i + 1])


# A headline is a line or two (weighted characters).
TITLE_MASS = 300
MENU_WORDS, MENU_WORD = 4, 5
HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
TRAIL = re.compile(r"\S\s*(?:>|»|›|/|→|＞|\|)\s+\S")


def text_title(blocks: Sequence[Block], scores: Sequence[float], words: Vocabulary) -> str | None:
    """The headline: a line printed twice at the head, else the longest line above the text that
    no phrase, byline or trail of navigation explains."""
    first = next((i for i, score in enumerate(scores) if score >= INSIDE), len(blocks))
    head = [block for block in blocks[: first + 1] if block.mass <= TITLE_MASS]
    seen: set[str] = set()
    for block in head:
        text = squash(block.text)
        if text in seen and block.mass >= 10:
            return block.text
        seen.add(text)
    candidates = [block for block in head if block is not blocks[min(first, len(blocks) - 1)]]
    candidates = [block for block in candidates if _may_title(block, words)]
    return max(candidates, key=lambda block: block.mass).text if candidates else None


def _may_title(block: Block, words: Vocabulary) -> bool:
    text = block.text
    if block.kind == "li" or TRAIL.search(text) or not any(map(str.isalpha, text)):
        return False
    if _is_menu(text):
        return False
    return not _explained(text, words)


def _is_menu(text: str) -> bool:
    """Whether a line is the names of a site's sections: in Chinese and Japanese, short words with
    spaces between, which their prose does not have."""
    words = text.split(" ")
    short = sum(len(word) <= MENU_WORD for word in words)
    return len(words) >= MENU_WORDS and bool(HAN.search(text)) and short >= len(words) - 1
