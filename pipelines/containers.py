"""The containers of a page as columns, and where each stands to the page's core."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from pipelines.blocks import Block, Node

Numbers = NDArray[np.float64]
Indices = NDArray[np.intp]

DEPTH = attrgetter("depth")
# The core is the deepest container that still holds this share of its parent's prose.
CORE_SHARE = 0.5


class Containers:
    """The nodes of a page that hold blocks and those above them, each once.

    `at` says for each block which node it is in; `parent` for each node which is above it, and -1
    for the root, whose columns the last row, of a missing node, stands for.
    """

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.nodes = _with_ancestors(blocks)
        index: dict[Node | None, int] = {node: i for i, node in enumerate(self.nodes)}
        index[None] = -1
        self.at: Indices = np.array([index[block.node] for block in blocks], dtype=np.intp)
        self.parent: Indices = np.array([index[n.parent] for n in self.nodes], dtype=np.intp)
        self.text, self.prose, self.links, self.blocks = np.array(
            [
                [n.text for n in self.nodes],
                [n.prose for n in self.nodes],
                [n.links for n in self.nodes],
                [n.blocks for n in self.nodes],
            ],
            dtype=np.float64,
        )
        root = self.nodes[0]
        self.page_text, self.page_prose = max(1, root.text), max(1, root.prose)
        self._place(core_chain(root))

    def _place(self, chain: Sequence[Node]) -> None:
        """Steps up to the chain, how far down the chain that is, and the branch that leaves it."""
        self.core = len(chain) - 1
        on_chain = {node: depth for depth, node in enumerate(chain)}
        up: list[int] = []
        depth: list[int] = []
        branch: list[int] = []
        for i, (node, parent) in enumerate(zip(self.nodes, self.parent.tolist(), strict=True)):
            if node in on_chain:
                up.append(0)
                depth.append(on_chain[node])
                branch.append(i)
            else:
                steps = up[parent]
                up.append(steps + 1)
                depth.append(depth[parent])
                branch.append(branch[parent] if steps else i)
        self.up = np.array(up)
        self.depth = np.array(depth)
        self.branch: Indices = np.array(branch, dtype=np.intp)


def _with_ancestors(blocks: Sequence[Block]) -> list[Node]:
    """The nodes that hold the blocks and those above them, from the root down, each once."""
    found: set[Node] = set()
    nodes: list[Node] = []
    for block in blocks:
        node: Node | None = block.node
        while node is not None and node not in found:
            found.add(node)
            nodes.append(node)
            node = node.parent
    nodes.sort(key=DEPTH)
    return nodes


def core_chain(root: Node) -> list[Node]:
    """From the root down to the container that holds most of the page's prose."""
    chain = [root]
    best = root.richest
    while best is not None and best.prose >= CORE_SHARE * chain[-1].prose:
        chain.append(best)
        best = best.richest
    return chain
