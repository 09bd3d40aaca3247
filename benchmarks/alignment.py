"""Which blocks of a page belong to its true body.

A block's share is the part of its words that the truth holds: by runs of four words for long
blocks, and for short ones by a place in the best chain of exact matches in reading order, so that
"Share" in a button is not taken for the word in a sentence.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

WORD = re.compile(r"[^\W\u3040-\u30ff\u3400-\u9fff]+|[\u3040-\u30ff\u3400-\u9fff]")
RUN = 4
MAX_OCCURRENCES = 12
MAX_EXACT = 200


def words(text: str) -> list[str]:
    """Words, and single characters of Chinese and Japanese."""
    return WORD.findall(text.lower())


def shares(texts: Sequence[str], truth: str) -> list[float]:
    """For each of `texts` (in reading order) the share of it that `truth` holds, 0 to 1."""
    true = words(truth)
    runs = {tuple(true[i : i + RUN]) for i in range(len(true) - RUN + 1)}
    blocks = [words(text) for text in texts]
    chosen = _chain(_matches(blocks, true), len(true))
    return [
        1.0 if i in chosen else _covered(block, runs) if len(block) >= RUN else 0.0
        for i, block in enumerate(blocks)
    ]


def _covered(block: list[str], runs: set[tuple[str, ...]]) -> float:
    hit = [False] * len(block)
    for i in range(len(block) - RUN + 1):
        if tuple(block[i : i + RUN]) in runs:
            hit[i : i + RUN] = [True] * RUN
    return sum(hit) / len(block)


def _matches(blocks: list[list[str]], true: list[str]) -> list[tuple[int, int, int]]:
    """(block, start, length) of each exact occurrence of a block in the truth."""
    places: dict[str, list[int]] = defaultdict(list)
    for i, word in enumerate(true):
        places[word].append(i)
    found = []
    for number, block in enumerate(blocks):
        if not block or len(block) >= MAX_EXACT:
            continue
        hits = 0
        for start in places.get(block[0], ()):
            if true[start : start + len(block)] == block:
                found.append((number, start, len(block)))
                hits += 1
                if hits == MAX_OCCURRENCES:
                    break
    return found


def _chain(matches: list[tuple[int, int, int]], size: int) -> set[int]:
    """Blocks of the heaviest chain of matches whose order is the same on both sides."""
    best: list[tuple[int, int]] = [(0, -1)] * (size + 3)  # Fenwick tree of maxima over end places

    def query(at: int) -> tuple[int, int]:
        at, top = at + 1, (0, -1)
        while at > 0:
            top = max(top, best[at])
            at -= at & -at
        return top

    back = [-1] * len(matches)
    i = 0
    while i < len(matches):
        waiting = []
        j = i
        while j < len(matches) and matches[j][0] == matches[i][0]:
            _, start, length = matches[j]
            weight, back[j] = query(start)
            waiting.append((start + length, (weight + length, j)))
            j += 1
        for end, value in waiting:
            at = end + 1
            while at < len(best):
                best[at] = max(best[at], value)
                at += at & -at
        i = j
    _, last = query(size)
    chosen = set()
    while last >= 0:
        chosen.add(matches[last][0])
        last = back[last]
    return chosen
