"""Show that no page brings the cleaner down: not many, not large, not hostile, not broken ones.

    python benchmarks/robustness.py FOLDER                    # all of it, about 20 minutes
    python benchmarks/robustness.py FOLDER --only hostile     # a part of it
    python benchmarks/robustness.py FOLDER --mutations 1000   # fewer of the broken ones

FOLDER holds pages as `*.html` or `*.html.gz`, at any depth. Prints a table for each part and ends
with status 1 where a promise is broken:

memory     10,000 mixed pages in one process; resident memory after the first 500 stays flat
size       pages of 1, 2, 5 and 10 MB in ten shapes: seconds grow with the size, 10 MB in under 3
hostile    pages made to bring a cleaner down, each in a process of its own: cleaned or refused,
           with a reason, in under 5 s, and the process lives
mutations  pages changed at random: a record that fits the schema, never an exception
same       the same bytes give the same record, in any order and in processes with other hash seeds

Seconds are of the processor, not of the clock.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import random
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.hostile import HOSTILE, SEED, SHAPES, mixture, shaped
from benchmarks.memory import STATUS, resident
from benchmarks.mutations import mutated
from pipelines import Article, Rejected, clean
from pipelines.schema import ARTICLE_SCHEMA, REJECTED_SCHEMA, problems

URL = "https://www.example.org/health/the-heart-at-work"
PARTS = ("memory", "size", "hostile", "mutations", "same")
MEGABYTES = (1, 2, 5, 10)
# What is promised.
LARGE_SECONDS, HOSTILE_SECONDS = 3.0, 5.0
# Memory may still grow by this share between the first 500 pages and the last: the largest page
# of the folder may come late, and what it took is not all given back.
FLAT = 0.10
SETTLED = 500
# A hostile page that takes longer than this is stopped (seconds).
PATIENCE = 120


@dataclass
class Verdicts:
    """The promises broken so far."""

    broken: list[str]

    def check(self, kept: bool, promise: str) -> str:
        if not kept:
            self.broken.append(promise)
        return "" if kept else "!"


def read_folder(folder: Path, most: int | None = None) -> list[bytes]:
    """The folder's pages, in the order of their paths, or `most` of them, drawn by a fixed seed."""
    paths = sorted([*folder.rglob("*.html"), *folder.rglob("*.html.gz")])
    if most is not None and len(paths) > most:
        paths = random.Random(SEED).sample(paths, most)
    return [
        gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for path in paths
    ]


def said(outcome: Article | Rejected) -> str:
    """What became of a page, in a few words."""
    return (
        f"article, {len(outcome.body):,} characters"
        if isinstance(outcome, Article)
        else (f"refused: {outcome.reason}")
    )


def digest(outcome: Article | Rejected) -> str:
    """The whole record in 64 digits."""
    record = outcome.to_dict(removed=True) if isinstance(outcome, Article) else outcome.to_dict()
    text = json.dumps(record, default=str, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def faults(outcome: Article | Rejected) -> list[str]:
    """What is wrong with a record; a missing title is for validation to refuse."""
    schema = ARTICLE_SCHEMA if isinstance(outcome, Article) else REJECTED_SCHEMA
    found = problems(outcome.to_dict(), schema)
    return [fault for fault in found if fault != "title: required, but missing"]


def memory(pages: Sequence[bytes], size: int, verdicts: Verdicts) -> Table:
    """Resident memory over `size` pages in this process."""
    table = Table("pages", "resident MB", title="memory")
    marks = {SETTLED, *range(size // 10, size + 1, size // 10)}
    settled = 0.0
    for n, page in enumerate(mixture(pages, size), 1):
        clean(page, URL)
        if n in marks:
            now = resident("VmRSS")
            settled = settled or now
            table.add_row(f"{n:,}", f"{now:.0f}")
    verdicts.check(now <= settled * (1 + FLAT), f"memory grew from {settled:.0f} to {now:.0f} MB")
    return table


def size(verdicts: Verdicts) -> Table:
    """Seconds for pages of growing size."""
    table = Table("shape", *(f"{mb} MB" for mb in MEGABYTES), "became", title="seconds by size")
    for shape in SHAPES:
        seconds = []
        for mb in MEGABYTES:
            page = shaped(shape, mb * 1_000_000)
            start = time.process_time()
            outcome = clean(page, URL)
            seconds.append(time.process_time() - start)
        mark = verdicts.check(seconds[-1] < LARGE_SECONDS, f"10 MB of {shape}: {seconds[-1]:.1f} s")
        table.add_row(shape, *(f"{second:.2f}" for second in seconds), said(outcome) + mark)
    return table


def one_hostile(name: str) -> dict[str, Any]:
    """What becomes of one hostile page, in this process."""
    clean(b"<p>The tables and phrases are loaded by the first page.</p>")
    page = HOSTILE[name]()
    start = time.process_time()
    outcome = clean(page, URL)
    return {
        "bytes": len(page),
        "seconds": time.process_time() - start,
        "said": said(outcome),
        "faults": faults(outcome),
        "peak": resident("VmHWM") if STATUS.exists() else 0.0,
    }


def hostile(verdicts: Verdicts) -> Table:
    """Every hostile page, each in a process of its own."""
    table = Table("page", "MB", "seconds", "peak MB", "became", title="hostile pages")
    for name in HOSTILE:
        found = _apart("--one", name)
        if isinstance(found, str):
            verdicts.check(False, f"{name}: {found}")
            table.add_row(name, "", "", "", f"{found} !")
            continue
        kept = found["seconds"] < HOSTILE_SECONDS and not found["faults"]
        mark = verdicts.check(kept, f"{name}: {found['seconds']:.1f} s {found['faults'] or ''}")
        table.add_row(
            name,
            f"{found['bytes'] / 1e6:.1f}",
            f"{found['seconds']:.2f}",
            f"{found['peak']:.0f}",
            found["said"] + mark,
        )
    return table


def _apart(*arguments: str, seed: str = "random") -> Any:
    """The JSON that this command prints in a new process, or why it printed none."""
    command = [sys.executable, str(Path(__file__)), *arguments]
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment
        )
    except subprocess.TimeoutExpired:
        return f"not done after {PATIENCE} s"
    if done.returncode:
        last = done.stderr.strip().rpartition("\n")[2]
        return f"the process ended with status {done.returncode}: {last[:100]}"
    return json.loads(done.stdout)


def mutations(pages: Sequence[bytes], seeds: range, verdicts: Verdicts) -> Table:
    """Pages changed at random, one a seed."""
    outcomes: Counter[str] = Counter()
    slowest = (0.0, 0)
    start = time.process_time()
    for seed in seeds:
        page = mutated(pages, seed)
        begun = time.process_time()
        try:
            outcome = clean(page, URL)
            wrong = faults(outcome)
        except Exception:  # whatever is raised is what is looked for
            wrong = [traceback.format_exc(limit=-2)]
        slowest = max(slowest, (time.process_time() - begun, seed))
        verdicts.check(not wrong, f"mutation {seed}: {' '.join(wrong)}")
        outcomes["fault" if wrong else said(outcome).partition(",")[0]] += 1
    title = (
        f"{len(seeds):,} mutations in {time.process_time() - start:.0f} s, "
        f"the slowest {slowest[0]:.2f} s (seed {slowest[1]})"
    )
    table = Table("became", "pages", title=title)
    for name, number in outcomes.most_common():
        table.add_row(name, f"{number:,}")
    return table


def digests(pages: Sequence[bytes], order: int) -> dict[str, str]:
    """The digest of every page's record, by its number; cleaned in an order of that seed."""
    numbers = list(range(len(pages)))
    random.Random(order).shuffle(numbers)
    found = {str(n): digest(clean(pages[n], URL)) for n in numbers}
    return dict(sorted(found.items()))


def same(folder: Path, most: int, verdicts: Verdicts) -> Table:
    """The same pages in three processes, each with its own hash seed and order."""
    runs = [
        _apart(str(folder), "--digests", str(order), "--pages", str(most), seed=str(order))
        for order in (0, 1, 4_242)
    ]
    first = runs[0]
    table = Table("process", "pages", "other records than the first", title="same bytes")
    for n, run in enumerate(runs, 1):
        if isinstance(run, str) or isinstance(first, str):
            verdicts.check(False, f"same: {run}")
            continue
        others = sum(run[key] != first[key] for key in first)
        verdicts.check(not others, f"process {n}: {others} records differ")
        table.add_row(str(n), str(len(run)), str(others))
    return table


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Clean many, large, hostile and broken pages")
    parser.add_argument(
        "folder", nargs="?", type=Path, metavar="FOLDER", help="pages to start from"
    )
    parser.add_argument("--only", choices=PARTS, action="append", help="one part, or several")
    parser.add_argument("--mixed", type=int, default=10_000, metavar="N", help="pages for memory")
    parser.add_argument("--mutations", type=int, default=100_000, metavar="N")
    parser.add_argument("--first", type=int, default=0, metavar="SEED", help="seed to begin with")
    parser.add_argument("--pages", type=int, default=300, metavar="N", help="pages of the folder")
    parser.add_argument("--one", choices=tuple(HOSTILE), help=argparse.SUPPRESS)
    parser.add_argument("--digests", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def tables(
    asked: argparse.Namespace, pages: Sequence[bytes], verdicts: Verdicts
) -> Iterator[Table]:
    """The parts that are asked for, in their order."""
    wanted = asked.only or PARTS
    if "memory" in wanted:
        yield memory(pages, asked.mixed, verdicts)
    if "size" in wanted:
        yield size(verdicts)
    if "hostile" in wanted:
        yield hostile(verdicts)
    if "mutations" in wanted:
        seeds = range(asked.first, asked.first + asked.mutations)
        yield mutations(pages, seeds, verdicts)
    if "same" in wanted:
        yield same(asked.folder, asked.pages, verdicts)


def main() -> int:
    asked = arguments()
    if asked.one:
        print(json.dumps(one_hostile(asked.one)))
        return 0
    needs_pages = not asked.only or set(asked.only) - {"size", "hostile"}
    if needs_pages and not (asked.folder and asked.folder.is_dir()):
        print("robustness: give a FOLDER of pages; --help tells more", file=sys.stderr)
        return 2
    pages = read_folder(asked.folder, asked.pages) if needs_pages else []
    if needs_pages and not pages:
        print(f"robustness: no *.html or *.html.gz in {asked.folder}", file=sys.stderr)
        return 2
    if asked.digests is not None:
        print(json.dumps(digests(pages, asked.digests)))
        return 0
    console, verdicts = Console(), Verdicts([])
    for table in tables(asked, pages, verdicts):
        console.print(table)
    for promise in verdicts.broken:
        console.print(f"broken: {promise}", markup=False)
    return 1 if verdicts.broken else 0


if __name__ == "__main__":
    sys.exit(main())
