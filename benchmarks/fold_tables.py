"""Learned tables that have not seen a page's site, for figures out of fold.

The labelled pages are parted into folds by registered domain, as the training commands do it; for
each fold both tables (blocks and pages) are trained on the others and written where `clean()` can
be pointed at. `clean()` itself is not changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from benchmarks import train_blocks, train_pages
from benchmarks.boosting import FOLDS, complete, fold_of, read_rows
from benchmarks.labelled import LabelledPage
from pipelines import model
from pipelines.addresses import registrable_domain
from pipelines.model import Forest


def fold_of_page(url: str | None, name: str) -> int:
    """The fold that a page is held out in: the same for all pages of a registered domain."""
    return fold_of(registrable_domain(url or "") or name)


def by_fold(pages: list[LabelledPage]) -> list[list[LabelledPage]]:
    """The pages of each fold."""
    folds: list[list[LabelledPage]] = [[] for _ in range(FOLDS)]
    for page in pages:
        folds[fold_of_page(page.url, page.id)].append(page)
    return folds


def train_folds(folders: list[Path], out: Path) -> list[Path]:
    """A folder of tables for each fold, trained on the pages of `folders` that are not in it.

    Numbers of a page, which the page tables rest on, come from the shipped block tables, as in
    `train_pages.py`; they decide what a page is called, and nothing about its body.
    """
    rows = read_rows(folders)
    results = []
    with ProcessPoolExecutor() as pool:
        article_rows = [row for row in rows if row["page_type"] == "article"]
        examples = [
            e for e in pool.map(train_blocks.read_example, article_rows, chunksize=8) if e.texts
        ]
        page_numbers = list(pool.map(train_pages.numbers, rows, chunksize=8))
        known = [(r, n) for r, n in zip(rows, page_numbers, strict=True) if n is not None]
        for fold in range(FOLDS):
            folder = out / str(fold)
            folder.mkdir()
            seen = [e for e in examples if fold_of(e.domain) != fold]
            odds = train_blocks.learn_odds(seen)
            tables = list(pool.map(partial(train_blocks.numbers, odds=odds), seen, chunksize=16))
            blocks = complete(train_blocks.train(seen, tables), train_blocks.DEPTH)
            _write(folder, "blocks", blocks, {"odds": odds})
            pages = _page_tables(
                [(r, n) for r, n in known if fold_of_page(r.get("url"), r["id"]) != fold]
            )
            _write(folder, "pages", pages, {})
            results.append(folder)
    return results


def _page_tables(known: list[tuple[dict[str, Any], Any]]) -> Forest:
    truth = np.array([float(row["page_type"] == "article") for row, _ in known])
    if truth.all():
        return model.forest("pages")  # without other pages there is nothing to tell apart
    data = train_pages.augmented(np.array([numbers for _, numbers in known]), truth)
    booster = lightgbm.train(train_pages.PARAMETERS, data, train_pages.TREES)
    return complete(booster, train_pages.DEPTH)


def _write(folder: Path, name: str, forest: Forest, manifest: dict[str, Any]) -> None:
    np.savez(
        folder / f"{name}.npz",
        feature=forest.feature,
        threshold=forest.threshold,
        value=forest.value,
        bias=forest.bias,
    )
    (folder / f"{name}.json").write_text(json.dumps(manifest), "utf-8")


@contextmanager
def tables_from(folder: Path) -> Iterator[None]:
    """Within the block, `clean()` reads its tables from `folder`."""
    shipped = model.MODELS
    _point_to(folder)
    try:
        yield
    finally:
        _point_to(shipped)


def _point_to(folder: Path) -> None:
    model.MODELS = folder
    model.forest.cache_clear()
    model.odds.cache_clear()
