"""Train the tables that tell what kind of page a page is, and say what they reach out of fold.

    python benchmarks/train_pages.py FOLDER [FOLDER …] [--no-write]

FOLDERS as for `train_blocks.py`, pages of every type. The numbers of a page rest on its blocks'
scores: these come from block tables that have not seen the page's site, as on any page met later,
so that block tables are trained anew for each fold (a few minutes in all). Folds are grouped by
registered domain; log-odds of words are learned inside each fold; the same data, seed and library
give the same files. Run after every change to blocks, labelling, or phrases.
"""

from __future__ import annotations

import argparse
import gzip
import math
import sys
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import train_blocks
from benchmarks.boosting import (
    FOLDS,
    complete,
    difference,
    digests,
    fold_of,
    parameters,
    save,
)
from benchmarks.labelled import read_rows
from pipelines.addresses import registrable_domain
from pipelines.cleaner import label_page
from pipelines.features import features
from pipelines.model import Forest, Odds
from pipelines.page import read_page
from pipelines.page_features import (
    FROM_ADDRESS,
    FROM_DECLARED,
    Words,
    page_features,
    with_odds,
    words_of,
)
from pipelines.page_type import ARTICLE, TABLES
from pipelines.records import Rejected
from pipelines.segment import segment

# Page types of the labelled pages that are one type here: a shop's lists are lists.
SAME = {"collection": "listing"}
TREES = 220
DEPTH = 4
PARAMETERS = parameters(
    objective="binary",
    learning_rate=0.04,
    max_depth=DEPTH,
    num_leaves=15,
    min_data_in_leaf=15,
    feature_fraction=0.3,
    num_threads=1,
)
# A word says something about sites in general only if several sites use it.
ODDS_DOMAINS = 5
ODDS_PRIOR = 1.0
ODDS_LEAST = 0.3


@dataclass(frozen=True)
class Example:
    """One labelled page as numbers, and the words that odds are learned for."""

    folder: str
    domain: str
    kind: str
    numbers: NDArray[np.float32]
    words: Words


@dataclass(frozen=True)
class Table:
    """What one type's tables are made of."""

    booster: lightgbm.Booster
    odds: dict[str, float]

    def probability(self, examples: Sequence[Example]) -> np.ndarray:
        """Of being of the type, for each page."""
        guess: np.ndarray = self.booster.predict(rows_of(examples, self.odds))
        return guess


def domain_of(row: dict[str, Any]) -> str:
    return registrable_domain(row.get("url") or "") or str(row["id"])


def read_example(
    row: dict[str, Any], blocks: list[tuple[Forest, dict[str, float]]]
) -> Example | None:
    """A page whose blocks are scored by its fold's tables; None for one that cannot be read."""
    forest, odds = blocks[fold_of(domain_of(row))]
    page = read_page(gzip.decompress(row["path"].read_bytes()), row["url"])
    if isinstance(page, Rejected):
        return None
    texts = [block for block in segment(page.root) if block.kind != "image"]
    labelled = label_page(page, forest.probability(features(texts, Odds(odds))).tolist())
    said = labelled.declaration
    numbers = page_features(labelled.draft, said)
    kind = SAME.get(row["page_type"], row["page_type"])
    return Example(row["folder"], domain_of(row), kind, numbers, words_of(said))


def block_tables(
    rows: list[dict[str, Any]], pool: Executor
) -> list[tuple[Forest, dict[str, float]]]:
    """For each fold, block tables and odds learned on the articles of the other folds."""
    articles = [row for row in rows if row["page_type"] == "article"]
    examples = [e for e in pool.map(train_blocks.read_example, articles, chunksize=8) if e.texts]
    found = []
    for fold in range(FOLDS):
        seen = [e for e in examples if fold_of(e.domain) != fold]
        odds = train_blocks.learn_odds(seen)
        tables = list(pool.map(partial(train_blocks.numbers, odds=odds), seen, chunksize=16))
        found.append((complete(train_blocks.train(seen, tables), train_blocks.DEPTH), odds))
    return found


def read_examples(
    rows: list[dict[str, Any]], blocks: list[tuple[Forest, dict[str, float]]], pool: Executor
) -> list[Example]:
    """Every page that can be read, its blocks scored by tables that have not seen its site."""
    found = pool.map(partial(read_example, blocks=blocks), rows, chunksize=8)
    return [example for example in found if example is not None]


def learn_odds(examples: Sequence[Example], kind: str) -> dict[str, float]:
    """Log-odds of being of `kind` for each word; the pages of one site count for less each."""
    pages: dict[str, int] = defaultdict(int)
    for example in examples:
        pages[example.domain] += 1
    good: dict[str, float] = defaultdict(float)
    bad: dict[str, float] = defaultdict(float)
    domains: dict[str, set[str]] = defaultdict(set)
    total_good = total_bad = 0.0
    for example in examples:
        weight = 1 / math.sqrt(pages[example.domain])
        is_kind = example.kind == kind
        total_good += weight * is_kind
        total_bad += weight * (not is_kind)
        for word in example.words.kinds | example.words.address:
            domains[word].add(example.domain)
            (good if is_kind else bad)[word] += weight
    odds = {}
    for word in sorted(domains):
        if len(domains[word]) >= ODDS_DOMAINS:
            value = math.log((good[word] + ODDS_PRIOR) / (total_good + 2 * ODDS_PRIOR))
            value -= math.log((bad[word] + ODDS_PRIOR) / (total_bad + 2 * ODDS_PRIOR))
            if abs(value) >= ODDS_LEAST:
                odds[word] = round(value, 2)
    return odds


def rows_of(examples: Sequence[Example], odds: dict[str, float]) -> np.ndarray:
    return np.vstack([with_odds(e.numbers, e.words, odds) for e in examples])


def honest_rows(examples: Sequence[Example], kind: str) -> np.ndarray:
    """Rows whose odds were learned on other sites, so that trees trust them as they deserve."""
    table: np.ndarray | None = None
    inner = np.array([fold_of(f"odds {e.domain}") for e in examples])
    for fold in range(FOLDS):
        odds = learn_odds([e for e, f in zip(examples, inner, strict=True) if f != fold], kind)
        held = [i for i, f in enumerate(inner) if f == fold]
        if not held:
            continue
        rows = rows_of([examples[i] for i in held], odds)
        if table is None:
            table = np.zeros((len(examples), rows.shape[1]), dtype=np.float32)
        table[held] = rows
    assert table is not None
    return table


def augmented(table: np.ndarray, truth: np.ndarray) -> lightgbm.Dataset:
    """Each page four times: as it is, without address, without declared types, without both.

    Files on disk have no address and many sites declare nothing: what the text looks like must
    suffice there.
    """
    address, declared = list(FROM_ADDRESS), list(FROM_DECLARED)
    copies = []
    for hidden in ([], address, declared, address + declared):
        copy = table.copy()
        copy[:, hidden] = 0
        copies.append(copy)
    return lightgbm.Dataset(np.vstack(copies), np.tile(truth, len(copies)))


def train(examples: Sequence[Example], kind: str) -> Table:
    """The tables for one type against all others."""
    truth = np.array([float(e.kind == kind) for e in examples])
    data = augmented(honest_rows(examples, kind), truth)
    return Table(lightgbm.train(PARAMETERS, data, TREES), learn_odds(examples, kind))


def out_of_fold(examples: Sequence[Example], kinds: Sequence[str]) -> dict[str, np.ndarray]:
    """For each type, the probability of each page by tables that have not seen its site."""
    folds = np.array([fold_of(e.domain) for e in examples])
    guesses = {kind: np.zeros(len(examples)) for kind in kinds}
    for fold in range(FOLDS):
        seen = [e for e, f in zip(examples, folds, strict=True) if f != fold]
        held = [e for e, f in zip(examples, folds, strict=True) if f == fold]
        if not held:
            continue
        for kind in kinds:
            guesses[kind][folds == fold] = train(seen, kind).probability(held)
    return guesses


def figures(examples: Sequence[Example], guesses: dict[str, np.ndarray]) -> dict[str, Any]:
    """F1 of "is an article" by folder, and how often the others are called what they are."""
    folder = np.array([e.folder for e in examples])
    truth = np.array([e.kind for e in examples])
    others = [kind for kind in guesses if kind != "article"]
    likeliest = np.array(others)[np.argmax([guesses[kind] for kind in others], axis=0)]
    right = likeliest == truth
    return {
        "out_of_fold": {
            name: _f1(guesses["article"], truth == "article", folder == name)
            for name in dict.fromkeys(e.folder for e in examples)
        },
        "others_named_right": {
            kind: round(float(right[truth == kind].mean()), 4)
            for kind in others
            if (truth == kind).any()
        },
    }


def _f1(guess: np.ndarray, truth: np.ndarray, among: np.ndarray) -> dict[str, float]:
    said = (guess >= ARTICLE) & among
    true = truth & among
    both = int((said & true).sum())
    return {
        "f1": round(2 * both / max(1, int(said.sum() + true.sum())), 4),
        "recall": round(both / max(1, int(true.sum())), 4),
        "precision": round(both / max(1, int(said.sum())), 4),
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--no-write", action="store_true", help="only report")
    args = parser.parse_args()
    rows = read_rows(args.folders)
    with ProcessPoolExecutor() as pool:
        examples = read_examples(rows, block_tables(rows, pool), pool)
    reached = figures(examples, out_of_fold(examples, list(TABLES)))
    print(f"out of fold, threshold {ARTICLE}:", reached)
    if args.no_write:
        return 0
    for kind, name in TABLES.items():
        table = train(examples, kind)
        forest = complete(table.booster, DEPTH)
        manifest = {
            "what": f"log-odds that a page is of the type {kind}",
            "made_by": "python benchmarks/train_pages.py " + " ".join(f.name for f in args.folders),
            "data": digests(args.folders, rows),
            "parameters": {**PARAMETERS, "trees": TREES},
            **reached,
            "largest_difference_to_library": difference(
                forest, table.booster, rows_of(examples, table.odds)
            ),
            "odds": table.odds,
        }
        save(name, forest, manifest)
        print(f"wrote models/{name}.npz")
    return 0


if __name__ == "__main__":
    sys.exit(main())
