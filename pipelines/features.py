"""Numbers for each block: what it looks like, where it stands, what surrounds it.

Page length, the block's index and counts over the page are left out on purpose: a model that sees
them learns to cut long articles short.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.blocks import Block, Node, Zone
from pipelines.containers import Containers, Indices, Numbers
from pipelines.model import Odds
from pipelines.texts import text_columns

FloatArray = NDArray[np.float32]

ZONE_FEATURES = (
    "NAV", "HEADER", "FOOTER", "ASIDE", "FORM", "ARTICLE", "MAIN", "FIGURE", "CAPTION", "QUOTE",
    "LIST", "HIDDEN", "BUTTON", "COMMENTS", "DIALOG",
)  # fmt: skip
ZONE_BITS: tuple[int, ...] = tuple(getattr(Zone, name) for name in ZONE_FEATURES)
OWN = (
    "mass", "link_share", "heading", "level", "item", "row", "pre", "bold", "sentences",
    "ends_sentence", "ends_colon", "ends_question", "ends_ellipsis", "commas", "digits", "upper",
    "word_length", "time", "anchors", "copyright", "separators", "lines",
)  # fmt: skip
AROUND = ("mass", "link_share", "heading", "same_parent", "same_path")
CONTAINERS = ("text", "prose", "links", "share", "prose_share", "depth_blocks")
NAMES: tuple[str, ...] = (
    *OWN,
    *(f"zone_{name}".lower() for name in ZONE_FEATURES),
    *(f"{where}_{name}" for where in ("prev", "next", "prev2", "next2") for name in AROUND),
    "near_mass", "near_links", "near_prose",
    *(f"{up}_{name}" for up in ("parent", "grand", "great") for name in CONTAINERS),
    "path_mass", "path_share", "path_links", "path_mean", "path_count",
    "core_up", "core_out", "branch_links", "branch_share", "branch_prose", "branch_mass",
    "side", "span_gap",
    "odds_own", "odds_parent", "odds_branch", "odds_min", "odds_max", "odds_sum",
)  # fmt: skip

TOKEN = re.compile(r"[a-z][a-z_]*(?:-[a-z_]+)*")
# Ancestors whose class names are looked at.
ODDS_LEVELS = 8
# Neighbours of a block, itself among them, whose masses are added up.
WINDOW = 7
# More links in a block than this are not told apart; nor more blocks from the text's span.
MOST_ANCHORS = 10
FARTHEST = 20


def tokens_of(node: Node) -> tuple[str, ...]:
    """Tag and class or id words of a node, as the learned odds know them."""
    return _tokens(node.tag, node.tokens)


def _tokens(tag: str, names: str) -> tuple[str, ...]:
    return (f"<{tag}>", *TOKEN.findall(names))


# The pages of a site have their class strings in common.
@lru_cache(maxsize=16384)
def strongest(tag: str, names: str, odds: Odds) -> float:
    """Of the words of a tag and a class string the odds of the one that says most."""
    return max([odds.words.get(word, 0.0) for word in _tokens(tag, names)], key=abs)


def features(blocks: Sequence[Block], odds: Odds) -> FloatArray:
    """A row a block (images left out by the caller), a column for each of `NAMES`."""
    if not blocks:
        return np.zeros((0, len(NAMES)), dtype=np.float32)
    nodes = Containers(blocks)
    masses = Masses(blocks, nodes)
    columns: list[NDArray[Any]] = [
        own_columns(blocks, masses),
        zone_columns(nodes)[nodes.at],
        surroundings(masses),
        container_columns(nodes),
        path_columns(nodes, masses),
        place_columns(nodes),
        odds_columns(nodes, odds)[nodes.at],
    ]
    return np.hstack(columns).astype(np.float32)


class Masses:
    """Masses of the blocks, and which of them are headings and share a path."""

    def __init__(self, blocks: Sequence[Block], nodes: Containers) -> None:
        self.text: Numbers = np.array([b.mass for b in blocks], dtype=np.float64)
        self.links: Numbers = np.array([b.link_mass for b in blocks], dtype=np.float64)
        self.heading = np.array([b.kind == "h" for b in blocks])
        self.parent = nodes.parent[nodes.at]
        groups: dict[int, int] = {}
        path = [groups.setdefault(node.path, len(groups)) for node in nodes.nodes]
        self.path: Indices = np.array(path, dtype=np.intp)[nodes.at]


def own_columns(blocks: Sequence[Block], masses: Masses) -> Numbers:
    """What each block itself looks like."""
    kinds = [block.kind for block in blocks]
    said = text_columns([block.text for block in blocks])
    anchors = np.array([len(block.anchors) for block in blocks])
    columns = (
        np.log1p(masses.text),
        share(masses.links, masses.text),
        masses.heading,
        [block.level for block in blocks],
        [kind == "li" for kind in kinds],
        [kind == "row" for kind in kinds],
        [kind == "pre" for kind in kinds],
        [block.bold for block in blocks],
        *said[:9],
        [block.has_time for block in blocks],
        np.minimum(MOST_ANCHORS, anchors),
        *said[9:],
    )
    return np.array(columns, dtype=np.float64).T


def share(part: Numbers, whole: Numbers) -> Numbers:
    """`part` of `whole`, 0 where there is no whole."""
    result: Numbers = np.where(whole > 0, part / np.maximum(whole, 1), 0.0)
    return result


def zone_columns(nodes: Containers) -> Numbers:
    """A flag a zone, for each node."""
    zones = np.array([node.zone for node in nodes.nodes], dtype=np.int64)
    flags: Numbers = (zones[:, None] & np.array(ZONE_BITS) > 0).astype(np.float64)
    return flags


def container_columns(nodes: Containers) -> Numbers:
    """Masses of the block's container and the two above, absolute and as shares of the page's."""
    known = np.stack(
        [
            np.log1p(nodes.text),
            np.log1p(nodes.prose),
            share(nodes.links, nodes.text),
            nodes.text / nodes.page_text,
            nodes.prose / nodes.page_prose,
            np.minimum(30.0, nodes.text / np.maximum(1, nodes.blocks) / 10),
        ],
        axis=1,
    )
    table = np.vstack([known, [(0.0, 0.0, 0.0, 1.0, 1.0, 0.0)]])
    above = np.append(nodes.parent, -1)
    parent = above[nodes.at]
    return np.hstack([table[nodes.at], table[parent], table[above[parent]]])


def path_columns(nodes: Containers, masses: Masses) -> Numbers:
    """Masses of the blocks that share one path of tags and classes."""
    count = np.bincount(masses.path)
    text = np.bincount(masses.path, masses.text)
    links = np.bincount(masses.path, masses.links)
    count = np.maximum(1, count)
    table = np.stack(
        [
            np.log1p(text),
            text / nodes.page_text,
            links / np.maximum(1, text),
            np.log1p(text / count),
            np.log1p(count),
        ],
        axis=1,
    )
    columns: Numbers = table[masses.path]
    return columns


def place_columns(nodes: Containers) -> Numbers:
    """Where the block stands: as seen from the chain down to the core, and from the core's span."""
    out = nodes.core - nodes.depth[nodes.at]
    branch = nodes.branch[nodes.at]
    size = len(out)
    inside = np.flatnonzero(out == 0)
    first, last = (inside[0], inside[-1]) if len(inside) else (0, size)
    i = np.arange(size)
    side = (i > last).astype(np.int64) - (i < first)
    gap = np.clip(np.maximum(first - i, i - last), 0, FARTHEST)
    return np.stack(
        [
            nodes.up[nodes.at],
            out,
            share(nodes.links, nodes.text)[branch],
            nodes.text[branch] / nodes.page_text,
            nodes.prose[branch] / nodes.page_prose,
            np.log1p(nodes.text)[branch],
            side,
            gap,
        ],
        axis=1,
    )


def odds_columns(nodes: Containers, odds: Odds) -> Numbers:
    """Log-odds of the words of each node, of its parent, its branch and its nearest ancestors."""
    own = [strongest(node.tag, node.tokens, odds) for node in nodes.nodes]
    values: Numbers = np.array(own)
    parent = np.where(nodes.parent >= 0, values[nodes.parent], 0.0)
    # The root says nothing of itself to the blocks below it.
    above = np.append(nodes.parent, -1)
    heard = np.append(np.where(nodes.parent >= 0, values, 0.0), 0.0)
    step = np.arange(len(values))
    least, most, total = np.zeros((3, len(values)))
    for _ in range(ODDS_LEVELS):
        level = heard[step]
        least, most, total = np.minimum(least, level), np.maximum(most, level), total + level
        step = above[step]
    return np.stack([values, parent, values[nodes.branch], least, most, total], axis=1)


def surroundings(masses: Masses) -> FloatArray:
    """What the two blocks before and after look like, and the means over `WINDOW`."""
    n = len(masses.text)
    mass, linked = masses.text.astype(np.float32), masses.links.astype(np.float32)
    share_linked = linked / np.maximum(mass, 1)
    one = np.stack([np.log1p(mass), share_linked, masses.heading.astype(np.float32)], axis=1)
    table = np.zeros((n, len(AROUND) * 4 + 3), dtype=np.float32)
    for place, shift in enumerate((-1, 1, -2, 2)):
        column = place * len(AROUND)
        table[:, column + 1] = 1.0
        if abs(shift) >= n:
            continue
        here = slice(-shift, None) if shift < 0 else slice(None, -shift)
        there = slice(None, shift) if shift < 0 else slice(shift, None)
        table[here, column : column + 3] = one[there]
        table[here, column + 3] = masses.parent[there] == masses.parent[here]
        table[here, column + 4] = masses.path[there] == masses.path[here]
    prose = ((mass >= 80) & (share_linked < 0.33)).astype(np.float32)
    sums = [windowed(column) for column in (mass, linked, prose)]
    table[:, -3] = np.log1p(sums[0])
    table[:, -2] = sums[1] / np.maximum(sums[0], 1)
    table[:, -1] = sums[2]
    return table


def windowed(column: FloatArray) -> FloatArray:
    """Sums over a block and its neighbours; over all blocks where a page has fewer."""
    if len(column) < WINDOW:
        return np.full(len(column), column.sum(), dtype=np.float32)
    return np.convolve(column, np.ones(WINDOW, dtype=np.float32), "same")
