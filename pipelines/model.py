"""Learned tables: an ensemble of small decision trees, evaluated with numpy alone.

Each tree is a complete binary tree of fixed depth stored in heap order, so that a page's blocks walk
down all trees at once, one level a step. The tables come from `benchmarks/train_blocks.py`; a
manifest beside them says from which data, with which seed and what they reach out of fold.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

MODELS = Path(__file__).parent / "models"


@dataclass(frozen=True, eq=False)
class Forest:
    """Boosted trees: `feature` and `threshold` have a row a tree and a column an inner node,
    `value` a column a leaf; a block goes left where its number is at most the threshold."""

    feature: NDArray[np.int16]
    threshold: NDArray[np.float64]
    value: NDArray[np.float64]
    bias: float

    def raw(self, table: NDArray[np.float32]) -> NDArray[np.float64]:
        """Log-odds for each row of `table` (shape: rows by features)."""
        rows = len(table)
        trees, inner = self.feature.shape
        depth = (inner + 1).bit_length() - 1
        features, thresholds = self.feature.ravel(), self.threshold.ravel()
        offset = (np.arange(trees, dtype=np.int32) * inner)[None, :]
        row_offset = (np.arange(rows, dtype=np.int32) * table.shape[1])[:, None]
        numbers = np.ascontiguousarray(table).ravel()
        at = np.zeros((rows, trees), dtype=np.int32)
        for _ in range(depth):
            node = at + offset
            right = numbers[row_offset + features[node]] > thresholds[node]
            at = 2 * at + 1 + right
        leaf = at - inner + (np.arange(trees, dtype=np.int32) * (inner + 1))[None, :]
        total: NDArray[np.float64] = self.value.ravel()[leaf].sum(axis=1) + self.bias
        return total

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


@lru_cache(maxsize=8)
def odds(name: str) -> Mapping[str, float]:
    """Learned log-odds of words in tags, classes and ids, from `models/NAME.json`."""
    manifest = json.loads((MODELS / f"{name}.json").read_text("utf-8"))
    return MappingProxyType(dict(manifest["odds"]))
