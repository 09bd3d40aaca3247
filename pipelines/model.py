"""Learned tables: an ensemble of small decision trees, evaluated with numpy alone.

Each tree is a complete binary tree of fixed depth stored in heap order, so that a page's blocks
walk down all trees at once, one level a step. The tables come from `benchmarks/train_blocks.py`; a
manifest beside them says from which data, with which seed and what they reach out of fold.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

MODELS = Path(__file__).parent / "models"


# Rows that walk down the trees at once: a bound to the memory that a page of any length takes.
ROWS = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """All trees in one row: a node's number is its tree's `root` and its place in the heap.

    From a node the walk goes to twice its number and `down` of its tree (one more to the right);
    `leaf` takes it from below the last level to the number of a leaf.
    """

    depth: int
    feature: NDArray[np.int32]
    threshold: NDArray[np.float32]
    value: NDArray[np.float64]
    root: NDArray[np.int32]
    down: NDArray[np.int32]
    leaf: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Forest:
    """Boosted trees: `feature` and `threshold` have a row a tree and a column an inner node,
    `value` a column a leaf; a block goes left where its number is at most the threshold."""

    feature: NDArray[np.int16]
    threshold: NDArray[np.float64]
    value: NDArray[np.float64]
    bias: float

    @cached_property
    def nodes(self) -> Nodes:
        """The trees laid out for walking down."""
        trees, inner = self.feature.shape
        number = np.arange(trees, dtype=np.int32)
        # A float32 is greater than a threshold where it is greater than the next float32 below.
        near = self.threshold.astype(np.float32)
        below = np.nextafter(near, np.float32(-np.inf))
        return Nodes(
            depth=(inner + 1).bit_length() - 1,
            feature=self.feature.ravel().astype(np.int32),
            threshold=np.where(near > self.threshold, below, near).ravel(),
            value=np.ascontiguousarray(self.value).ravel(),
            root=number * inner,
            down=1 - number * inner,
            leaf=number - inner,
        )

    def raw(self, table: NDArray[np.float32]) -> NDArray[np.float64]:
        """Log-odds for each row of `table` (shape: rows by features)."""
        parts = [self._raw(table[i : i + ROWS]) for i in range(0, len(table), ROWS)]
        total: NDArray[np.float64] = np.concatenate(parts) if parts else np.zeros(0)
        return total + self.bias

    def _raw(self, table: NDArray[np.float32]) -> NDArray[np.float64]:
        nodes = self.nodes
        numbers = np.ascontiguousarray(table, dtype=np.float32).ravel()
        row = (np.arange(len(table), dtype=np.int32) * table.shape[1])[:, None]
        at = np.broadcast_to(nodes.root, (len(table), len(nodes.root))).copy()
        for _ in range(nodes.depth):
            place = nodes.feature.take(at)
            place += row
            right = numbers.take(place) > nodes.threshold.take(at)
            at += at
            at += nodes.down
            at += right
        at += nodes.leaf
        values: NDArray[np.float64] = nodes.value.take(at).sum(axis=1)
        return values

    def probability(self, table: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probability for each row of `table`, 0 to 1."""
        if not len(table):
            return np.zeros(0)
        result: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-self.raw(table)))
        return result


@lru_cache(maxsize=8)
def forest(name: str) -> Forest:
    """The tables `models/NAME.npz`."""
    with np.load(MODELS / f"{name}.npz") as tables:
        return Forest(
            tables["feature"], tables["threshold"], tables["value"], float(tables["bias"])
        )


@dataclass(frozen=True, eq=False)
class Odds:
    """Log-odds of words in tags, classes and ids. Equal to itself alone, so that a cache may
    hold what it says."""

    words: Mapping[str, float]


@lru_cache(maxsize=8)
def odds(name: str) -> Odds:
    """The learned log-odds in `models/NAME.json`."""
    manifest = json.loads((MODELS / f"{name}.json").read_text("utf-8"))
    return Odds(MappingProxyType(dict(manifest["odds"])))
