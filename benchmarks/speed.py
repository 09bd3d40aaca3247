"""Time the cleaning of pages, whole beside other extractors and stage by stage.

    python benchmarks/speed.py FOLDER [--pages N]

FOLDER holds pages as `*.html` or `*.html.gz`, at any depth. Each page goes through all extractors
in turn, the order rotating from page to page, so that what else the machine does falls on all
alike; compare the ratios, not the milliseconds. trafilatura and resiliparse are measured where
they are installed.
"""

from __future__ import annotations

import argparse
import gzip
import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pipelines.assemble as assembling
import pipelines.label as labelling
from pipelines import clean
from pipelines.assemble import Source, assemble
from pipelines.cleaner import label_page, record_of_page
from pipelines.features import features
from pipelines.metadata import read_metadata
from pipelines.model import forest, odds
from pipelines.page import Page, read_page
from pipelines.page_type import page_type
from pipelines.records import Rejected
from pipelines.segment import segment

SEED = 20261123
OURS = "clean()"

Extractor = Callable[[bytes], object]


class Clock:
    """Seconds by name, a value a page."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)

    def __call__(self, name: str, step: Callable[..., Any], *arguments: object) -> Any:
        start = time.perf_counter()
        result = step(*arguments)
        self.seconds[name].append(time.perf_counter() - start)
        return result


def extractors() -> dict[str, Extractor]:
    """`clean()` and what is installed of its peers, by name."""
    found: dict[str, Extractor] = {OURS: clean}
    try:
        import trafilatura
    except ImportError:
        pass
    else:
        found["trafilatura"] = lambda page: trafilatura.extract(page, include_comments=False)
    try:
        from resiliparse.extract.html2text import extract_plain_text
        from resiliparse.parse.encoding import bytes_to_str, detect_encoding
    except ImportError:
        pass
    else:
        found["resiliparse"] = lambda page: extract_plain_text(
            bytes_to_str(page, detect_encoding(page) or "utf-8"), main_content=True
        )
    return found


# Steps of labelling that read people and days, and what `assemble` does for fields but the body.
READING = ("drop_bylines", "read_credits", "read_head_days")
FIELDS = (
    "merge_people_and_dates",
    "read_figures",
    "read_references",
    "read_links",
    "read_tags",
    "read_breadcrumbs",
    "read_rights",
    "read_license",
    "read_standfirst",
)


@contextmanager
def timed_fields(clock: Clock) -> Iterator[None]:
    """Within the block, what is done for people, dates and other fields has a clock of its own."""

    def timed(step: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: object) -> Any:
            start = time.perf_counter()
            result = step(*arguments)
            clock.seconds["people, dates, other fields"][-1] += time.perf_counter() - start
            return result

        return run

    steps, functions = labelling.STEPS, {name: getattr(assembling, name) for name in FIELDS}
    labelling.STEPS = tuple(timed(s) if s.__name__ in READING else s for s in steps)
    for name, function in functions.items():
        setattr(assembling, name, timed(function))
    try:
        yield
    finally:
        labelling.STEPS = steps
        for name, function in functions.items():
            setattr(assembling, name, function)


def time_stages(data: bytes, clock: Clock) -> None:
    """Each stage of `clean()` by itself; "people, dates, other fields" is a part of labelling and
    assembling, to which the declared ones (metadata) come."""
    page: Page | Rejected = clock("decode, parse", read_page, data)
    if isinstance(page, Rejected):
        return
    metadata = clock("metadata", read_metadata, page.root, page.url)
    blocks = clock("segment", segment, page.root)
    table = clock("features", features, [b for b in blocks if b.kind != "image"], odds("blocks"))
    clock("model", forest("blocks").probability, table)
    # Labelling is what remains of the way to the verdicts.
    before = sum(clock.seconds[name][-1] for name in ("metadata", "segment", "features", "model"))
    start = time.perf_counter()
    labelled = label_page(page)
    clock.seconds["language, label"].append(max(0.0, time.perf_counter() - start - before))
    kind = clock("page type", page_type, labelled.draft, labelled.declaration)
    source = Source(page.url, page.base_url, page.sha256, page.sha256, page.warnings)
    clock("assemble", assemble, labelled.draft, metadata, source, kind)
    clock.seconds["people, dates, other fields"].append(0.0)
    with timed_fields(clock):
        record_of_page(page, label_page(page))


def pages_in(folder: Path, most: int) -> list[bytes]:
    """At most `most` pages, drawn with a fixed seed."""
    paths = sorted(p for p in folder.rglob("*.htm*") if p.suffix in (".html", ".htm", ".gz"))
    paths = random.Random(SEED).sample(paths, min(most, len(paths)))
    return [
        gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for path in paths
    ]


def report(clock: Clock, whole: list[str]) -> Table:
    """Mean and median milliseconds a page, and how many times the first of `whole` that is."""
    table = Table(title="milliseconds a page")
    table.add_column("")
    for heading in ("mean", "median", f"mean, of {OURS}"):
        table.add_column(heading, justify="right")
    ours = statistics.mean(clock.seconds[OURS])
    for name in (*whole, *(name for name in clock.seconds if name not in whole)):
        seconds = clock.seconds[name]
        mean = statistics.mean(seconds)
        table.add_row(
            name if name in whole else f"  {name}",
            f"{1e3 * mean:.2f}",
            f"{1e3 * statistics.median(seconds):.2f}",
            f"{mean / ours:.2f}",
            end_section=name == whole[-1],
        )
    return table


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int, default=200, help="at most so many (200)")
    args = parser.parse_args()
    pages = pages_in(args.folder, args.pages)
    if not pages:
        parser.error(f"no pages (*.html, *.html.gz) in {args.folder}")
    systems = extractors()
    for extract in systems.values():  # imports and tables are no page's cost
        extract(pages[0])
    clock = Clock()
    names = list(systems)
    for number, page in enumerate(pages):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            clock(name, systems[name], page)
        time_stages(page, clock)
    Console().print(report(clock, names))
    return 0


if __name__ == "__main__":
    sys.exit(main())
