"""Compare this project with other extractors on labelled pages: quality, time, memory.

    python benchmarks/compare.py FOLDER [--pages N] [--out DIR] [--out-of-fold [--with FOLDER …]]

FOLDER holds `html/ID.html.gz` and `truth.jsonl` with `id`, `url`, `body` and `page_type` (the form
of WCXB: `benchmarks/README.md` says where to get it); its article pages are used. Every page goes
through all systems in turn, the order rotating from page to page, in one process; memory is
measured in a process for each system. Writes `table.md`, `results.json` and `plot.svg` into DIR and
prints the table. Systems that are not installed are left out, and named.

The shipped tables were trained on WCXB and Fundus pages. With --out-of-fold this project reads each
page with tables trained without the pages of its site: the comparison that is fair.
"""

from __future__ import annotations

import argparse
import gc
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.labelled import LabelledPage, Score, articles, score, summary
from benchmarks.memory import largest, measured_apart
from benchmarks.report import Result, Run, draw, print_table, write_json, write_markdown
from benchmarks.systems import Extractor, installed

# Pages together with what must be in force while they are read: here, the tables of a fold.
Portion = tuple[AbstractContextManager[None], Sequence[LabelledPage]]
WARM_UP = b"<html lang=en><body><h1>Warm-up</h1><p>One sentence, so that all is loaded.</p></html>"


@dataclass
class Tally:
    """What one system did, a value a page."""

    scores: list[Score] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    raised: list[str] = field(default_factory=list)


def side_by_side(
    systems: dict[str, Extractor], portions: Iterable[Portion], advance: Callable[[], None]
) -> dict[str, Tally]:
    """Each page through all systems in turn; `advance` is called after each page."""
    tallies = {name: Tally() for name in systems}
    names = list(systems)
    number = 0
    for setting, pages in portions:
        with setting:
            for extract in systems.values():  # imports, tables and stop lists are no page's cost
                _extracted(extract, WARM_UP, None)
            # Nor is looking through all that six systems have loaded, whenever one of them makes
            # the garbage collector run.
            gc.collect()
            gc.freeze()
            for page in pages:
                data, turn = page.read(), number % len(names)
                number += 1
                for name in names[turn:] + names[:turn]:
                    _measure(systems[name], tallies[name], page, data)
                advance()
    return tallies


def _measure(extract: Extractor, tally: Tally, page: LabelledPage, data: bytes) -> None:
    # The time of the processor, not of the clock on the wall: what else the machine does counts
    # less. All systems work in one thread.
    start = time.process_time()
    text, error = _extracted(extract, data, page.url)
    tally.seconds.append(time.process_time() - start)
    if error:
        tally.raised.append(f"{page.id}: {error}")
    tally.scores.append(score(text, page.body))


def _extracted(extract: Extractor, data: bytes, url: str | None) -> tuple[str, str | None]:
    """The text, or nothing and what was raised."""
    try:
        return extract(data, url), None
    except Exception as error:  # any exception is a finding about the system: counted and shown
        return "", f"{type(error).__name__}: {error}"


def as_result(name: str, tally: Tally, memory: dict[str, float] | None) -> Result:
    """The figures of one system."""
    return Result(
        name=name,
        quality=summary(tally.scores),
        ms_mean=1e3 * statistics.mean(tally.seconds),
        ms_median=1e3 * statistics.median(tally.seconds),
        mb_after_import=memory["after_import"] if memory else None,
        mb_peak=memory["peak"] if memory else None,
        raised=tuple(tally.raised),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, print, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int, help="at most so many, drawn with a fixed seed (all)")
    parser.add_argument("--out", type=Path, default=Path("output/comparison"))
    parser.add_argument(
        "--out-of-fold",
        action="store_true",
        help="train this project's tables without the site of each page (takes minutes)",
    )
    parser.add_argument(
        "--with",
        dest="others",
        type=Path,
        nargs="+",
        default=[],
        metavar="FOLDER",
        help="more labelled pages to train on with --out-of-fold",
    )
    args = parser.parse_args(arguments)
    if not (args.folder / "truth.jsonl").is_file():
        parser.error(f"{args.folder} has no truth.jsonl: see benchmarks/README.md for the form")
    pages = articles(args.folder, args.pages)
    if not pages:
        parser.error(f"no page of {args.folder} is labelled article")
    logging.disable(logging.CRITICAL)  # what the systems log about pages is not their result
    systems, missing = installed()
    for name in missing:
        print(f"{name} is not installed: left out (pip install -r benchmarks/requirements.txt)")
    with tempfile.TemporaryDirectory() as scratch:
        portions: list[Portion] = [(nullcontext(), pages)]
        if args.out_of_fold:
            # Needs the training library, the rest of the comparison does not.
            from benchmarks.fold_tables import by_fold, tables_from, train_folds

            print(f"training without each fold of {args.folder.name} …", flush=True)
            tables = train_folds([args.folder, *args.others], Path(scratch))
            portions = [
                (tables_from(folder), part)
                for folder, part in zip(tables, by_fold(pages), strict=True)
                if part
            ]
        # The bar is redrawn between pages, by no thread beside the systems.
        with Progress(console=Console(stderr=True), auto_refresh=False) as progress:
            task = progress.add_task("pages", total=len(pages))
            tallies = side_by_side(
                systems, portions, lambda: progress.update(task, advance=1, refresh=True)
            )
    paths = largest([page.path.resolve() for page in pages])
    with ThreadPoolExecutor() as pool:
        memory = pool.map(lambda name: measured_apart(name, paths), systems)
        results = [as_result(n, tallies[n], m) for n, m in zip(systems, memory, strict=True)]
    run = Run.of(args.folder.name, len(pages), args.out_of_fold, tuple(missing))
    args.out.mkdir(parents=True, exist_ok=True)
    print_table(run, results)
    write_markdown(run, results, args.out / "table.md")
    write_json(run, results, args.out / "results.json")
    if draw(run, results, args.out / "plot.svg"):
        print(f"wrote table.md, results.json and plot.svg to {args.out}")
    else:
        print(f"wrote table.md and results.json to {args.out}; without matplotlib no plot")
    return 0


if __name__ == "__main__":
    sys.exit(main())
