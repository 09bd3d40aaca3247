"""Numbers for each block: what it looks like, where it stands, what surrounds it.

Page length, the block's index and counts over the page are left out on purpose: a model that sees
them learns to cut long articles short.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pipelines.blocks import Block, Node, Zone

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

SENTENCE = re.compile(r"[.!?…。！？؟।](?=\s|$|[\"”’)\]」』])|[。！？]")
TOKEN = re.compile(r"[a-z][a-z_]*(?:-[a-z_]+)*")
SEPARATORS = re.compile(r"[|»›•·/]")
# The core is the deepest container that still holds this share of its parent's prose.
CORE_SHARE = 0.5
# Ancestors whose class names are looked at.
ODDS_LEVELS = 8


def tokens_of(node: Node) -> list[str]:
    """Tag and class or id words of a node, as the learned odds know them."""
    words = TOKEN.findall(node.tokens) if node.tokens else []
    return [f"<{node.tag}>", *words]


def own_features(block: Block) -> list[float]:
    """What the block itself looks like."""
    text = block.text
    size = max(1, len(text))
    last = text.rstrip('"”’)]」』 ')[-1:]
    upper = sum(map(str.isupper, text)) if size < 400 else 0
    words = text.count(" ") + 1
    kind = block.kind
    return [
        math.log1p(block.mass),
        block.link_share,
        kind == "h",
        block.level,
        kind == "li",
        kind == "row",
        kind == "pre",
        block.bold,
        min(12, len(SENTENCE.findall(text)) if size < 3000 else 12),
        last in ".!?。！？؟।…",
        last in ":：",
        last in "?？؟",
        text.endswith(("...", "…", "[…]")),
        text.count(",") + text.count("，") + text.count("、"),
        sum(map(str.isdigit, text)) / size if size < 400 else 0.0,
        upper / size,
        min(40.0, size / words),
        block.has_time,
        min(10, len(block.anchors)),
        "©" in text,
        len(SEPARATORS.findall(text)) / size if size < 400 else 0.0,
        text.count("\n"),
    ]


def container_features(node: Node | None, text: float, prose: float) -> list[float]:
    """Masses of a container, absolute and as shares of the page's."""
    if node is None:
        return [0.0, 0.0, 0.0, 1.0, 1.0, 0.0]
    return [
        math.log1p(node.text),
        math.log1p(node.prose),
        node.links / node.text if node.text else 0.0,
        node.text / text,
        node.prose / prose,
        min(30.0, node.text / max(1, node.blocks) / 10),
    ]


def core_chain(root: Node) -> list[Node]:
    """From the root down to the container that holds most of the page's prose."""
    chain = [root]
    while chain[-1].children:
        best = max(chain[-1].children, key=_prose)
        if best.prose <= 0 or best.prose < CORE_SHARE * chain[-1].prose:
            break
        chain.append(best)
    return chain


def _prose(node: Node) -> int:
    return node.prose


class OddsCache:
    """Log-odds of each node's tag, class and id words, worked out once a page."""

    def __init__(self, odds: Mapping[str, float]) -> None:
        self.odds = odds
        self.seen: dict[int, tuple[float, float, float]] = {}
        self.words: dict[tuple[str, str], float] = {}

    def own(self, node: Node) -> float:
        """The strongest of the node's words, by absolute value."""
        key = (node.tag, node.tokens)
        best = self.words.get(key)
        if best is None:
            values = [self.odds.get(word, 0.0) for word in tokens_of(node)]
            best = self.words[key] = max(values, key=abs)
        return best

    def line(self, node: Node) -> tuple[float, float, float]:
        """Least, greatest and sum of the odds over the node and its nearest ancestors."""
        key = id(node)
        if key not in self.seen:
            least = most = total = 0.0
            step: Node | None = node
            for _ in range(ODDS_LEVELS):
                if step is None or step.parent is None:
                    break
                value = self.own(step)
                least, most, total = min(least, value), max(most, value), total + value
                step = step.parent
            self.seen[key] = (least, most, total)
        return self.seen[key]


def features(blocks: Sequence[Block], odds: Mapping[str, float]) -> FloatArray:
    """A row a block (images left out by the caller), a column for each of `NAMES`."""
    if not blocks:
        return np.zeros((0, len(NAMES)), dtype=np.float32)
    root = blocks[0].node
    while root.parent is not None:
        root = root.parent
    text, prose = max(1, root.text), max(1, root.prose)
    chain = core_chain(root)
    depth_in_chain = {id(node): i for i, node in enumerate(chain)}
    paths = path_masses(blocks)
    cache = OddsCache(odds)
    placed = [placement(block.node, depth_in_chain) for block in blocks]
    inside = [i for i, (_, out, _) in enumerate(placed) if out == len(chain) - 1]
    first, last = (inside[0], inside[-1]) if inside else (0, len(blocks))
    containers: dict[int, list[float]] = {}
    branches: dict[int, list[float]] = {}
    zones: dict[int, list[float]] = {}
    rows = []
    for i, block in enumerate(blocks):
        node = block.node
        up, depth, branch = placed[i]
        row = own_features(block)
        zone = node.zone
        flags = zones.get(zone)
        if flags is None:
            flags = zones[zone] = [float(zone & bit > 0) for bit in ZONE_BITS]
        row += flags
        above = containers.get(id(node))
        if above is None:
            parent = node.parent
            grand = parent.parent if parent else None
            above = containers[id(node)] = [
                *container_features(node, text, prose),
                *container_features(parent, text, prose),
                *container_features(grand, text, prose),
            ]
        row += above
        mass, links, count = paths[node.path]
        row += [
            math.log1p(mass),
            mass / text,
            links / max(1, mass),
            math.log1p(mass / count),
            math.log1p(count),
        ]
        side = branches.get(id(branch))
        if side is None:
            side = branches[id(branch)] = [
                branch.links / branch.text if branch.text else 0.0,
                branch.text / text,
                branch.prose / prose,
                math.log1p(branch.text),
            ]
        row += [up, len(chain) - 1 - depth, *side]
        row += [(i > last) - (i < first), min(20, max(first - i, i - last, 0))]
        least, most, total = cache.line(node)
        row += [
            cache.own(node),
            cache.own(node.parent) if node.parent else 0.0,
            cache.own(branch),
            least,
            most,
            total,
        ]
        rows.append(row)
    table = np.array(rows, dtype=np.float32)
    own = len(OWN) + len(ZONE_FEATURES)
    return np.hstack([table[:, :own], surroundings(blocks), table[:, own:]])


def path_masses(blocks: Sequence[Block]) -> dict[int, tuple[int, int, int]]:
    """Mass, link mass and number of the blocks that share one path of tags and classes."""
    paths: dict[int, tuple[int, int, int]] = {}
    for block in blocks:
        mass, links, count = paths.get(block.node.path, (0, 0, 0))
        paths[block.node.path] = (mass + block.mass, links + block.link_mass, count + 1)
    return paths


def placement(node: Node, chain: Mapping[int, int]) -> tuple[int, int, Node]:
    """Steps up to the chain, how far down the chain that is, and the branch that leaves it."""
    steps, branch, step = 0, node, node
    while id(step) not in chain:
        branch = step
        if step.parent is None:
            return steps, 0, branch
        step = step.parent
        steps += 1
    return steps, chain[id(step)], branch


def surroundings(blocks: Sequence[Block]) -> FloatArray:
    """What the two blocks before and after look like, and the means over seven."""
    n = len(blocks)
    mass = np.array([b.mass for b in blocks], dtype=np.float32)
    linked = np.array([b.link_mass for b in blocks], dtype=np.float32)
    heading = np.array([b.kind == "h" for b in blocks], dtype=np.float32)
    parent = np.array([id(b.node.parent) for b in blocks], dtype=np.int64)
    path = np.array([b.node.path for b in blocks], dtype=np.int64)
    share = linked / np.maximum(mass, 1)
    log = np.log1p(mass)
    columns = []
    for shift in (-1, 1, -2, 2):
        at = np.arange(n) + shift
        valid = ((at >= 0) & (at < n)).astype(np.float32)
        at = np.clip(at, 0, n - 1)
        columns += [
            log[at] * valid,
            share[at] * valid + (1 - valid),
            heading[at] * valid,
            (parent[at] == parent) * valid,
            (path[at] == path) * valid,
        ]
    window = np.ones(7, dtype=np.float32)
    sum_mass = np.convolve(mass, window, "same")[:n] if n >= 7 else np.full(n, mass.sum())
    sum_link = np.convolve(linked, window, "same")[:n] if n >= 7 else np.full(n, linked.sum())
    prose = ((mass >= 80) & (share < 0.33)).astype(np.float32)
    sum_prose = np.convolve(prose, window, "same")[:n] if n >= 7 else np.full(n, prose.sum())
    columns += [np.log1p(sum_mass), sum_link / np.maximum(sum_mass, 1), sum_prose]
    return np.stack(columns, axis=1).astype(np.float32)
