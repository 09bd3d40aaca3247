"""What the training commands share: labelled rows, boosted trees as complete tables, manifests."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from benchmarks.alignment import WORD
from pipelines.model import MODELS, Forest

SEED = 20261123
FOLDS = 5
CREDIT = (
    "WCXB, the Web Content eXtraction Benchmark (Foley, 2026), CC BY 4.0; "
    "Fundus test resources (flairNLP), MIT"
)


def parameters(**own: Any) -> dict[str, Any]:
    """LightGBM's parameters, with what makes the same data give the same tables."""
    return {
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        "seed": SEED,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 2,
        "verbose": -1,
        **own,
    }


def fold_of(domain: str) -> int:
    """The fold of a registered domain: the pages of one site are never on both sides."""
    return int(hashlib.sha256(domain.encode()).hexdigest(), 16) % FOLDS


def complete(booster: lightgbm.Booster, depth: int) -> Forest:
    """The booster's trees as complete trees of one depth."""
    trees = booster.dump_model()["tree_info"]
    inner = 2**depth - 1
    feature = np.zeros((len(trees), inner), dtype=np.int16)
    threshold = np.full((len(trees), inner), np.inf)
    value = np.zeros((len(trees), inner + 1))
    for number, tree in enumerate(trees):
        waiting = [(tree["tree_structure"], 0)]
        while waiting:
            node, at = waiting.pop()
            if "split_feature" in node:
                feature[number, at] = node["split_feature"]
                threshold[number, at] = node["threshold"]
                waiting += [(node["left_child"], 2 * at + 1), (node["right_child"], 2 * at + 2)]
            elif at < inner:
                waiting.append((node, 2 * at + 1))  # the threshold is infinite: always left
            else:
                value[number, at - inner] = node["leaf_value"]
    return Forest(feature, threshold, value, 0.0)


def save(name: str, forest: Forest, manifest: dict[str, Any]) -> None:
    """Write `models/NAME.npz` and the manifest beside it."""
    manifest = {
        "credit": CREDIT,
        "seed": SEED,
        "library": f"lightgbm {lightgbm.__version__}",
        **manifest,
    }
    write(MODELS, name, forest, manifest)


def write(folder: Path, name: str, forest: Forest, manifest: dict[str, Any]) -> None:
    """The tables `NAME.npz` and `NAME.json` in `folder`, as `pipelines.model` reads them."""
    folder.mkdir(exist_ok=True)
    np.savez_compressed(
        folder / f"{name}.npz",
        feature=forest.feature,
        threshold=forest.threshold,
        value=forest.value,
        bias=forest.bias,
    )
    text = json.dumps(manifest, indent=1, ensure_ascii=False)
    (folder / f"{name}.json").write_text(text + "\n", "utf-8")


def digests(folders: list[Path], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Pages used of each folder, and the digest of its truth."""
    return {
        folder.name: {
            "pages": sum(row["folder"] == folder.name for row in rows),
            "truth_sha256": hashlib.sha256((folder / "truth.jsonl").read_bytes()).hexdigest(),
        }
        for folder in folders
    }


def difference(forest: Forest, booster: lightgbm.Booster, table: np.ndarray) -> float:
    """The largest difference between the tables and the library, in log-odds."""
    return float(np.abs(forest.raw(table) - booster.predict(table, raw_score=True)).max())


def word_f1(pred: str, true: str) -> float:
    """F1 over bags of words."""
    p, t = Counter(WORD.findall(pred.lower())), Counter(WORD.findall(true.lower()))
    common = sum((p & t).values())
    return 2 * common / (sum(p.values()) + sum(t.values())) if common else float(not p and not t)
