"""Train the tables that score blocks, and say what they reach out of fold.

    python benchmarks/train_blocks.py FOLDER [FOLDER …] [--no-write]

Each FOLDER holds `html/ID.html.gz` and `truth.jsonl` with `id`, `url`, `body` and optionally
`page_type` (the form of WCXB, the Web Content eXtraction Benchmark, Foley 2026, CC BY 4.0; pages of
another type than `article` are left out). Needs `benchmarks/requirements.txt`. Folds are grouped by
registered domain, class-word odds are learned inside each fold, and the same data, seed and library
give the same file.
"""

from __future__ import annotations

import argparse
import gzip
import math
import statistics
import sys
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.alignment import shares
from benchmarks.boosting import (
    FOLDS,
    complete,
    difference,
    digests,
    fold_of,
    parameters,
    save,
    word_f1,
)
from benchmarks.labelled import read_rows
from pipelines.addresses import registrable_domain
from pipelines.cleaner import label_page
from pipelines.features import ODDS_LEVELS, features, tokens_of
from pipelines.label.scores import KEEP
from pipelines.model import Odds
from pipelines.outline import outline, write_body
from pipelines.page import read_page
from pipelines.records import Rejected
from pipelines.segment import segment

TREES = 120
DEPTH = 5
PARAMETERS = parameters(
    objective="cross_entropy",  # labels are shares, not yes or no
    learning_rate=0.08,
    max_depth=DEPTH,
    num_leaves=31,
    min_data_in_leaf=60,
    feature_fraction=0.6,
)
# A word says something about sites in general only if several sites use it.
ODDS_DOMAINS = 6
ODDS_PRIOR = 0.3
ODDS_LEAST = 0.3
# Long blocks matter more, but not in proportion: the figure is a mean over pages.
MASS_CAP = 2000


@dataclass(frozen=True)
class Example:
    """One labelled page, as numbers that do not depend on the fold."""

    folder: str
    path: Path
    domain: str
    body: str
    texts: tuple[str, ...]
    masses: tuple[int, ...]
    target: tuple[float, ...]
    tokens: tuple[frozenset[str], ...]


def page_blocks(path: Path) -> list[Any]:
    page = read_page(gzip.decompress(path.read_bytes()))
    return (
        [] if isinstance(page, Rejected) else [b for b in segment(page.root) if b.kind != "image"]
    )


def read_example(row: dict[str, Any]) -> Example:
    path = row["path"]
    blocks = page_blocks(path)
    tokens = []
    for block in blocks:
        seen: set[str] = set()
        node = block.node
        for _ in range(ODDS_LEVELS):
            if node is None or node.parent is None:
                break
            seen.update(tokens_of(node))
            node = node.parent
        tokens.append(frozenset(seen))
    texts = tuple(block.text for block in blocks)
    return Example(
        row["folder"],
        path,
        registrable_domain(row.get("url") or "") or row["id"],
        row["body"],
        texts,
        tuple(block.mass for block in blocks),
        tuple(shares(texts, row["body"])),
        tuple(tokens),
    )


def learn_odds(examples: list[Example]) -> dict[str, float]:
    """Log-odds of article text against the rest for each tag, class and id word."""
    good: dict[str, float] = defaultdict(float)
    bad: dict[str, float] = defaultdict(float)
    domains: dict[str, set[str]] = defaultdict(set)
    total_good = total_bad = 0.0
    for example in examples:
        whole = sum(map(math.sqrt, example.masses)) or 1.0
        for mass, share, tokens in zip(example.masses, example.target, example.tokens, strict=True):
            weight = math.sqrt(mass) / whole
            total_good += weight * share
            total_bad += weight * (1 - share)
            for token in tokens:
                good[token] += weight * share
                bad[token] += weight * (1 - share)
                domains[token].add(example.domain)
    odds = {}
    for token in sorted(domains):
        if len(domains[token]) >= ODDS_DOMAINS:
            value = math.log((good[token] + ODDS_PRIOR) / (total_good + ODDS_PRIOR)) - math.log(
                (bad[token] + ODDS_PRIOR) / (total_bad + ODDS_PRIOR)
            )
            if abs(value) >= ODDS_LEAST:
                odds[token] = round(value, 2)
    return odds


def numbers(example: Example, odds: dict[str, float]) -> np.ndarray:
    return features(page_blocks(example.path), Odds(odds))


def train(examples: list[Example], tables: list[np.ndarray]) -> lightgbm.Booster:
    weights = []
    for example in examples:
        root = np.sqrt(np.minimum(np.array(example.masses, dtype=float), MASS_CAP))
        weights.append(root / max(1.0, root.sum()) * 100 + 0.05)
    data = lightgbm.Dataset(
        np.vstack([t for t in tables if len(t)]),
        np.concatenate([np.array(e.target) for e in examples]),
        weight=np.concatenate(weights),
    )
    return lightgbm.train(PARAMETERS, data, TREES)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--no-write", action="store_true", help="only report")
    args = parser.parse_args()
    rows = [row for row in read_rows(args.folders) if row["page_type"] == "article"]
    with ProcessPoolExecutor() as pool:
        examples = [e for e in pool.map(read_example, rows, chunksize=8) if e.texts]
        figures = out_of_fold(examples, pool)
        print("out-of-fold word F1:", figures)
        if args.no_write:
            return 0
        odds = learn_odds(examples)
        tables = list(pool.map(partial(numbers, odds=odds), examples, chunksize=16))
    booster = train(examples, tables)
    forest = complete(booster, DEPTH)
    worst = difference(forest, booster, np.vstack(tables))
    save(
        "blocks",
        forest,
        {
            "what": "log-odds that a block is article text",
            "made_by": "python benchmarks/train_blocks.py "
            + " ".join(f.name for f in args.folders),
            "data": digests(args.folders, rows),
            "parameters": {**PARAMETERS, "trees": TREES},
            "out_of_fold_word_f1": figures,
            "largest_difference_to_library": worst,
            "odds": odds,
        },
    )
    print(f"wrote models/blocks.npz; largest difference to the library {worst:.1e}")
    return 0


def out_of_fold(examples: list[Example], pool: ProcessPoolExecutor) -> dict[str, dict[str, float]]:
    """Mean word F1 by folder: of the scores alone, and of the whole of labelling with them."""
    alone: dict[str, list[float]] = defaultdict(list)
    whole: dict[str, list[float]] = defaultdict(list)
    for fold in range(FOLDS):
        seen = [e for e in examples if fold_of(e.domain) != fold]
        held = [e for e in examples if fold_of(e.domain) == fold]
        odds = learn_odds(seen)
        tables = list(pool.map(partial(numbers, odds=odds), seen, chunksize=16))
        forest = complete(train(seen, tables), DEPTH)
        tables = list(pool.map(partial(numbers, odds=odds), held, chunksize=16))
        guesses = [forest.probability(table) for table in tables]
        paths = [example.path for example in held]
        for example, guess, body in zip(
            held, guesses, pool.map(labelled_body, paths, guesses, chunksize=8), strict=True
        ):
            kept = "\n".join(t for t, g in zip(example.texts, guess, strict=True) if g >= KEEP)
            alone[example.folder].append(word_f1(kept, example.body))
            whole[example.folder].append(word_f1(body, example.body))
    return {
        name: {
            "score_alone": round(statistics.mean(alone[name]), 4),
            "with_rules": round(statistics.mean(whole[name]), 4),
        }
        for name in alone
    }


def labelled_body(path: Path, guesses: np.ndarray) -> str:
    """The body of a page whose blocks are scored by tables that have not seen its site."""
    page = read_page(gzip.decompress(path.read_bytes()))
    if isinstance(page, Rejected):
        return ""
    draft = label_page(page, guesses.tolist()).draft
    return write_body(outline([b for i, b in enumerate(draft.blocks) if draft.kept(i)]))


if __name__ == "__main__":
    sys.exit(main())
