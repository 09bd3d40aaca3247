"""What the learned tables saw in each block: how far each number pushed its score up or down.

The score of a block is the sum, over all trees, of the value at the leaf it falls into (log-odds).
On its way down a tree the block meets one number at each node; the step from the mean of a node to
the mean of the next one is put down to that number (Saabas, "Interpreting random forests", 2014).
The means are taken over the page's own blocks, so that a push says what sets a block apart from the
rest of its page; `usual` and all pushes of a block add up to its log-odds exactly.

Nothing here runs when pages are cleaned.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.model import ROWS, Forest

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Push:
    """One number of a block, and how far it moved the score (log-odds; above 0: to article)."""

    feature: str
    """a name in `pipelines.features.NAMES`"""
    value: float
    push: float


@dataclass(frozen=True, slots=True, eq=False)
class NodeMeans:
    """The mean value at each node over a page's blocks: a row a tree, a column a node, in heap
    order with the leaves last; 0 where none came by."""

    forest: Forest
    means: Floats

    @property
    def usual(self) -> float:
        """The log-odds of the page's mean block."""
        return float(self.means[:, 0].sum()) + self.forest.bias

    def pushes(self, table: NDArray[np.float32]) -> Floats:
        """The push of every number (shape of `table`: rows by features), in log-odds."""
        found = np.zeros(table.shape)
        rows = np.arange(len(table))
        for tree, means in enumerate(self.means):
            at = np.zeros(len(table), dtype=np.intp)
            value = means[at]
            for feature, below in _walk(self.forest, tree, table):
                step = means[below]
                found[rows, feature] += step - value
                value = step
        return found


def node_means(forest: Forest, table: NDArray[np.float32]) -> NodeMeans:
    """The means at every node, over the rows of `table`."""
    trees, inner = forest.feature.shape
    leaves = forest.value.shape[1]
    count = np.zeros((trees, inner + leaves))
    for start in range(0, len(table), ROWS):
        part = table[start : start + ROWS]
        for tree in range(trees):
            *_, (_, leaf) = _walk(forest, tree, part)
            count[tree] += np.bincount(leaf, minlength=inner + leaves)
    total = np.zeros_like(count)
    total[:, inner:] = count[:, inner:] * forest.value
    for node in range(inner - 1, -1, -1):
        children = slice(2 * node + 1, 2 * node + 3)
        total[:, node] = total[:, children].sum(axis=1)
        count[:, node] = count[:, children].sum(axis=1)
    return NodeMeans(forest, total / np.maximum(1, count))


def _walk(
    forest: Forest, tree: int, table: NDArray[np.float32]
) -> Iterator[tuple[NDArray[np.int16], NDArray[np.intp]]]:
    """Level by level, the number that each row is asked for and the node that it goes to."""
    rows = np.arange(len(table))
    at = np.zeros(len(table), dtype=np.intp)
    inner = forest.feature.shape[1]
    while len(at) and at[0] < inner:  # the trees are complete: all rows are on one level
        feature = forest.feature[tree][at]
        right = table[rows, feature].astype(np.float64) > forest.threshold[tree][at]
        at = 2 * at + 1 + right
        yield feature, at


def strongest(
    means: NodeMeans, table: NDArray[np.float32], names: tuple[str, ...], most: int
) -> list[tuple[Push, ...]]:
    """The `most` strongest pushes of each row, strongest first; none of those below 0.01."""
    found = []
    for start in range(0, len(table), ROWS):
        part = table[start : start + ROWS]
        pushes = means.pushes(part)
        order = np.argsort(-np.abs(pushes), axis=1, kind="stable")[:, :most]
        for row, columns in enumerate(order.tolist()):
            found.append(
                tuple(
                    Push(names[column], float(part[row, column]), float(pushes[row, column]))
                    for column in columns
                    if abs(pushes[row, column]) >= 0.01
                )
            )
    return found
