"""Train the tables that tell articles from other pages, and say what they reach out of fold.

    python benchmarks/train_pages.py FOLDER [FOLDER …] [--no-write]

Run after `train_blocks.py`, on the same folders: the numbers of a page rest on its blocks' scores.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.boosting import (
    FOLDS,
    complete,
    difference,
    digests,
    fold_of,
    parameters,
    read_rows,
    save,
)
from pipelines.addresses import registrable_domain
from pipelines.cleaner import label_page
from pipelines.page import read_page
from pipelines.page_features import NAMES, page_features
from pipelines.page_type import ARTICLE
from pipelines.records import Rejected

TREES = 150
DEPTH = 4
PARAMETERS = parameters(
    objective="binary",
    learning_rate=0.05,
    max_depth=DEPTH,
    num_leaves=15,
    min_data_in_leaf=15,
    feature_fraction=0.5,
)


def numbers(row: dict[str, Any]) -> NDArray[np.float32] | None:
    page = read_page(gzip.decompress(row["path"].read_bytes()), row["url"])
    if isinstance(page, Rejected):
        return None
    labelled = label_page(page)
    row_of_page: NDArray[np.float32] = page_features(labelled.draft, labelled.declaration)[0]
    return row_of_page


def augmented(table: np.ndarray, truth: np.ndarray) -> lightgbm.Dataset:
    """Each page four times: as it is, without address, without declared types, without both.

    Files on disk have no address and many sites declare nothing: what the text looks like must
    suffice there.
    """
    address = [i for i, name in enumerate(NAMES) if name.startswith("path_")]
    declared = [i for i, name in enumerate(NAMES) if name.startswith("kind")]
    copies = []
    for hidden in ([], address, declared, address + declared):
        copy = table.copy()
        copy[:, hidden] = 0
        copies.append(copy)
    return lightgbm.Dataset(np.vstack(copies), np.tile(truth, len(copies)))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--no-write", action="store_true", help="only report")
    args = parser.parse_args()
    rows = read_rows(args.folders)
    with ProcessPoolExecutor() as pool:
        found = list(pool.map(numbers, rows, chunksize=8))
    rows = [row for row, table in zip(rows, found, strict=True) if table is not None]
    table = np.array([table for table in found if table is not None])
    truth = np.array([float(row["page_type"] == "article") for row in rows])
    folds = np.array([fold_of(registrable_domain(row["url"]) or row["id"]) for row in rows])
    guess = np.zeros(len(rows))
    for fold in range(FOLDS):
        booster = lightgbm.train(
            PARAMETERS, augmented(table[folds != fold], truth[folds != fold]), TREES
        )
        guess[folds == fold] = booster.predict(table[folds == fold])
    figures = {
        folder.name: _f1(guess, truth, np.array([row["folder"] == folder.name for row in rows]))
        for folder in args.folders
    }
    print(f"out of fold, threshold {ARTICLE}:", figures)
    if args.no_write:
        return 0
    booster = lightgbm.train(PARAMETERS, augmented(table, truth), TREES)
    forest = complete(booster, DEPTH)
    worst = difference(forest, booster, table)
    save(
        "pages",
        forest,
        {
            "what": "log-odds that a page is an article",
            "made_by": "python benchmarks/train_pages.py " + " ".join(f.name for f in args.folders),
            "data": digests(args.folders, rows),
            "parameters": {**PARAMETERS, "trees": TREES},
            "out_of_fold": figures,
            "largest_difference_to_library": worst,
        },
    )
    print(f"wrote models/pages.npz; largest difference to the library {worst:.1e}")
    return 0


def _f1(guess: np.ndarray, truth: np.ndarray, among: np.ndarray) -> dict[str, float]:
    said = (guess >= ARTICLE) & among
    true = (truth > 0) & among
    both = int((said & true).sum())
    return {
        "f1": round(2 * both / max(1, int(said.sum() + true.sum())), 4),
        "recall": round(both / max(1, int(true.sum())), 4),
        "precision": round(both / max(1, int(said.sum())), 4),
    }


if __name__ == "__main__":
    sys.exit(main())
