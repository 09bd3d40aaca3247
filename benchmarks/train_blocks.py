"""Train the tables that score blocks, and say what they reach out of fold.

    python benchmarks/train_blocks.py FOLDER [FOLDER …] [--folds 5] [--no-write]

Each FOLDER holds `html/ID.html.gz` and `truth.jsonl` with `id`, `url`, `body` and optionally
`page_type` (the form of WCXB, the Web Content eXtraction Benchmark, Foley 2026, CC BY 4.0; pages of
another type than `article` are left out). Needs `benchmarks/requirements.txt`. Folds are grouped by
registered domain, class-word odds are learned inside each fold, and the same data, seed and library
give the same file.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import math
import statistics
import sys
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.alignment import WORD, shares
from pipelines.addresses import registrable_domain
from pipelines.features import ODDS_LEVELS, features, tokens_of
from pipelines.model import MODELS, Forest
from pipelines.page import read_page
from pipelines.records import Rejected
from pipelines.segment import segment

SEED = 20261123
TREES = 120
DEPTH = 5
PARAMETERS: dict[str, Any] = {
    "objective": "cross_entropy",  # labels are shares, not yes or no
    "learning_rate": 0.08,
    "max_depth": DEPTH,
    "num_leaves": 31,
    "min_data_in_leaf": 60,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "seed": SEED,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 2,
    "verbose": -1,
}
THRESHOLD = 0.5
# A word says something about sites in general only if several sites use it.
ODDS_DOMAINS = 6
ODDS_PRIOR = 0.3
ODDS_LEAST = 0.3
# Long blocks matter more, but not in proportion: the figure is a mean over pages.
MASS_CAP = 2000


@dataclass(frozen=True)
class Example:
    """One labelled page, as numbers that do not depend on the fold."""

    id: str
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


def read_example(row: tuple[dict[str, str], Path]) -> Example:
    truth, path = row
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
        truth["id"],
        path,
        registrable_domain(truth.get("url") or "") or truth["id"],
        truth["body"],
        texts,
        tuple(block.mass for block in blocks),
        tuple(shares(texts, truth["body"])),
        tuple(tokens),
    )


def read_rows(folders: list[Path]) -> list[tuple[dict[str, str], Path]]:
    rows = []
    for folder in folders:
        for line in (folder / "truth.jsonl").read_bytes().split(b"\n"):
            if not line.strip():
                continue
            row = json.loads(line)
            if row.get("page_type", "article") != "article":
                continue
            body = row.get("body") or "\n\n".join(
                [
                    *row["summary"],
                    *(t for s in row["sections"] for t in (s["heading"], *s["paragraphs"]) if t),
                ]
            )
            path = folder / "html" / f"{row['id']}.html.gz"
            rows.append(({"id": row["id"], "url": row["url"], "body": body}, path))
    return rows


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
    return features(page_blocks(example.path), odds)


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


def complete(booster: lightgbm.Booster) -> Forest:
    """The booster's trees as complete trees of one depth."""
    trees = booster.dump_model()["tree_info"]
    inner = 2**DEPTH - 1
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


def word_f1(pred: str, true: str) -> float:
    p, t = Counter(WORD.findall(pred.lower())), Counter(WORD.findall(true.lower()))
    common = sum((p & t).values())
    return 2 * common / (sum(p.values()) + sum(t.values())) if common else float(not p and not t)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument(
        "--no-write", action="store_true", help="only report the out-of-fold figures"
    )
    args = parser.parse_args()
    with ProcessPoolExecutor() as pool:
        rows = read_rows(args.folders)
        examples = [e for e in pool.map(read_example, rows, chunksize=8) if e.texts]
        fold_of = [
            int(hashlib.md5(e.domain.encode()).hexdigest(), 16) % args.folds for e in examples
        ]
        scores: dict[str, list[float]] = defaultdict(list)
        for fold in range(args.folds):
            seen = [e for e, f in zip(examples, fold_of, strict=True) if f != fold]
            held = [e for e, f in zip(examples, fold_of, strict=True) if f == fold]
            odds = learn_odds(seen)
            tables = list(pool.map(partial(numbers, odds=odds), seen, chunksize=16))
            forest = complete(train(seen, tables))
            for example, table in zip(
                held, pool.map(partial(numbers, odds=odds), held, chunksize=16), strict=True
            ):
                keep = forest.probability(table) >= THRESHOLD
                body = "\n".join(t for t, k in zip(example.texts, keep, strict=True) if k)
                scores[example.path.parent.parent.name].append(word_f1(body, example.body))
        figures = {name: round(statistics.mean(values), 4) for name, values in scores.items()}
        print("out-of-fold word F1 of the score alone, before the rules:", figures)
        if args.no_write:
            return 0
        odds = learn_odds(examples)
        tables = list(pool.map(partial(numbers, odds=odds), examples, chunksize=16))
    booster = train(examples, tables)
    forest = complete(booster)
    whole = np.vstack(tables)
    worst = float(np.abs(forest.raw(whole) - booster.predict(whole, raw_score=True)).max())
    MODELS.mkdir(exist_ok=True)
    np.savez(
        MODELS / "blocks.npz",
        feature=forest.feature,
        threshold=forest.threshold,
        value=forest.value,
        bias=0.0,
    )
    manifest = {
        "what": "log-odds that a block is article text",
        "made_by": "python benchmarks/train_blocks.py " + " ".join(f.name for f in args.folders),
        "data": {
            f.name: {
                "pages": sum(p.parent.parent == f for _, p in rows),
                "truth_sha256": hashlib.sha256((f / "truth.jsonl").read_bytes()).hexdigest(),
            }
            for f in args.folders
        },
        "credit": "WCXB, the Web Content eXtraction Benchmark (Foley, 2026), CC BY 4.0; Fundus test resources (flairNLP), MIT",
        "seed": SEED,
        "library": f"lightgbm {lightgbm.__version__}",
        "parameters": {**PARAMETERS, "trees": TREES},
        "out_of_fold_word_f1_of_score": figures,
        "largest_difference_to_library": worst,
        "odds": odds,
    }
    (MODELS / "blocks.json").write_text(
        json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", "utf-8"
    )
    print(f"wrote {MODELS / 'blocks.npz'}; largest difference to the library {worst:.1e}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
