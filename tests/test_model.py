"""The learned tables: whole, of the shape that the features have, and evaluated as trees are."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import numpy as np
import pytest

from pipelines import features, page_features
from pipelines.model import MODELS, Forest, forest, odds
from pipelines.page_type import TABLES as PAGE_TABLES

TABLES = {
    "blocks": len(features.NAMES),
    **dict.fromkeys(PAGE_TABLES.values(), len(page_features.NAMES)),
}


def manifest(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((MODELS / f"{name}.json").read_text("utf-8"))
    return found


def test_every_table_is_tested() -> None:
    assert {path.stem for path in MODELS.glob("*.npz")} == set(TABLES)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_trees_are_complete_and_know_the_features(name: str) -> None:
    table = forest(name)
    trees, inner = table.feature.shape
    assert trees >= 1
    assert inner + 1 == 1 << inner.bit_length(), "no complete binary tree"
    assert table.threshold.shape == (trees, inner)
    assert table.value.shape == (trees, inner + 1)
    assert table.feature.min() >= 0
    assert table.feature.max() < TABLES[name]
    assert np.isfinite(table.value).all()
    assert not np.isnan(table.threshold).any()
    assert math.isfinite(table.bias)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_probabilities_of_any_numbers_are_probabilities(name: str) -> None:
    rng = np.random.default_rng(7)
    rows = rng.normal(scale=50, size=(64, TABLES[name])).astype(np.float32)
    found = forest(name).probability(rows)
    assert found.shape == (64,)
    assert ((found > 0) & (found < 1)).all()
    again = forest(name).probability(rows)
    assert (found == again).all()


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_row_does_not_depend_on_its_neighbours(name: str) -> None:
    rng = np.random.default_rng(8)
    rows = rng.normal(size=(20, TABLES[name])).astype(np.float32)
    alone = np.concatenate([forest(name).probability(rows[i : i + 1]) for i in range(len(rows))])
    assert forest(name).probability(rows) == pytest.approx(alone)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_no_rows_give_no_probabilities(name: str) -> None:
    assert forest(name).probability(np.zeros((0, TABLES[name]), dtype=np.float32)).size == 0


# Two trees of depth two over two features, worked out by hand:
#   tree 1: x0 <= 1 ? (x1 <= 5 ? 0.1 : 0.2) : (x1 <= 7 ? 0.4 : 0.8)
#   tree 2: x1 <= 6 ? (x0 <= 0 ? -1 : -2) : (x0 <= 3 ? 3 : 4)
HAND_MADE = Forest(
    feature=np.array([[0, 1, 1], [1, 0, 0]], dtype=np.int16),
    threshold=np.array([[1.0, 5.0, 7.0], [6.0, 0.0, 3.0]]),
    value=np.array([[0.1, 0.2, 0.4, 0.8], [-1.0, -2.0, 3.0, 4.0]]),
    bias=0.5,
)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ((0, 0), 0.5 + 0.1 - 1),
        ((1, 5), 0.5 + 0.1 - 2),  # at the threshold: left
        ((1, 6), 0.5 + 0.2 - 2),
        ((0, 9), 0.5 + 0.2 + 3),
        ((2, 7), 0.5 + 0.4 + 3),
        ((4, 8), 0.5 + 0.8 + 4),
    ],
)
def test_hand_made_trees_give_what_was_worked_out_by_hand(
    row: tuple[int, int], expected: float
) -> None:
    table = np.array([row], dtype=np.float32)
    assert HAND_MADE.raw(table)[0] == pytest.approx(expected)
    assert HAND_MADE.probability(table)[0] == pytest.approx(1 / (1 + math.exp(-expected)))


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_manifest_says_where_the_table_comes_from(name: str) -> None:
    told = manifest(name)
    assert re.fullmatch(r"python benchmarks/\w+\.py( \w+)*", told["made_by"])
    assert isinstance(told["seed"], int)
    assert told["library"]
    assert told["parameters"]
    assert told["data"]
    for source in told["data"].values():
        assert source["pages"] > 0
        assert re.fullmatch(r"[0-9a-f]{64}", source["truth_sha256"])
    figures = next(value for key, value in told.items() if key.startswith("out_of_fold"))
    assert set(figures) == set(told["data"])


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_script_that_made_the_table_is_there(name: str) -> None:
    script = manifest(name)["made_by"].split()[1]
    assert (MODELS.parent.parent / script).is_file()


def test_odds_cannot_be_changed_by_a_caller() -> None:
    with pytest.raises(TypeError):
        odds("blocks").words["<p>"] = 1.0  # type: ignore[index]


def test_odds_are_of_words_that_pages_may_have() -> None:
    table = odds("blocks").words
    assert table["<article>"] > 0 > table["<footer>"]
    assert all(math.isfinite(value) for value in table.values())
