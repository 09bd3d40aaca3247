"""Learned tables that have not seen a page's site, for figures out of fold.

The labelled pages are parted into folds by registered domain, as the training commands do it; for
each fold both tables (blocks and pages) are trained on the others and written where `clean()` can
be pointed at. `clean()` itself is not changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import train_pages
from benchmarks.boosting import FOLDS, complete, fold_of, write
from benchmarks.labelled import LabelledPage, read_rows
from pipelines import model
from pipelines.addresses import registrable_domain
from pipelines.model import Forest
from pipelines.page_type import TABLES


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
    """A folder of tables for each fold, trained on the pages of `folders` that are not in it."""
    rows = read_rows(folders)
    results = []
    with ProcessPoolExecutor() as pool:
        blocks = train_pages.block_tables(rows, pool)
        pages = train_pages.read_examples(rows, blocks, pool)
    for fold, (forest, odds) in enumerate(blocks):
        folder = out / str(fold)
        folder.mkdir()
        write(folder, "blocks", forest, {"odds": odds})
        seen = [page for page in pages if fold_of(page.domain) != fold]
        for kind, name in TABLES.items():
            write(folder, name, *_page_tables(seen, kind, name))
        results.append(folder)
    return results


def _page_tables(
    seen: list[train_pages.Example], kind: str, name: str
) -> tuple[Forest, dict[str, Any]]:
    if len({page.kind for page in seen}) < 2:  # without other pages there is nothing to tell apart
        return model.forest(name), {"odds": dict(model.odds(name).words)}
    table = train_pages.train(seen, kind)
    return complete(table.booster, train_pages.DEPTH), {"odds": table.odds}


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
