"""The containers of a page as columns, and where each stands to the page's core."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipelines.blocks import Block, Node

Numbers = NDArray[np.float64]
Indices = NDArray[np.intp]

# The core is the deepest container that still holds this share of its parent's prose.
CORE_SHARE = 0.5


class Containers:
    """The nodes of a page that hold blocks and those above them, each once.

    `at` says for each block which node it is in; `parent` for each node which is above it, and -1
    for the root, whose columns the last row, of a missing node, stands for.
    """

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.nodes: list[Node] = []
        self.index: dict[int, int] = {}
        self.at: Indices = np.array([self._add(block.node) for block in blocks], dtype=np.intp)
        index = self.index
        self.parent: Indices = np.array(
            [-1 if n.parent is None else index[id(n.parent)] for n in self.nodes], dtype=np.intp
        )
        self.text, self.prose, self.links, self.blocks = (
            np.array([(n.text, n.prose, n.links, n.blocks) for n in self.nodes], dtype=np.float64)
        ).T
        root = blocks[0].node
        while root.parent is not None:
            root = root.parent
        self.page_text, self.page_prose = max(1, root.text), max(1, root.prose)
        self._place(core_chain(root))

    def _add(self, node: Node) -> int:
        """The node's index; those above it come before it."""
        found = self.index.get(id(node))
        if found is not None:
            return found
        new = []
        step: Node | None = node
        while step is not None and id(step) not in self.index:
            new.append(step)
            step = step.parent
        for step in reversed(new):
            self.index[id(step)] = len(self.nodes)
            self.nodes.append(step)
        return len(self.nodes) - 1

    def _place(self, chain: Sequence[Node]) -> None:
        """Steps up to the chain, how far down the chain that is, and the branch that leaves it."""
        self.core = len(chain) - 1
        on_chain = {id(node): depth for depth, node in enumerate(chain)}
        up: list[int] = []
        depth: list[int] = []
        branch: list[int] = []
        for i, (node, parent) in enumerate(zip(self.nodes, self.parent.tolist(), strict=True)):
            at = on_chain.get(id(node))
            if at is not None:
                up.append(0)
                depth.append(at)
                branch.append(i)
            else:
                up.append(up[parent] + 1)
                depth.append(depth[parent])
                branch.append(branch[parent] if up[parent] else i)
        self.up = np.array(up)
        self.depth = np.array(depth)
        self.branch: Indices = np.array(branch, dtype=np.intp)


def core_chain(root: Node) -> list[Node]:
    """From the root down to the container that holds most of the page's prose."""
    chain = [root]
    best = root.richest
    while best is not None and best.prose >= CORE_SHARE * chain[-1].prose:
        chain.append(best)
        best = best.richest
    return chain
