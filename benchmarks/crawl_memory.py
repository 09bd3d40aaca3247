"""Resident memory of a long crawl: is it the same after 20,000 pages as after 2,000?

    python benchmarks/crawl_memory.py                                   # pages of 10 kB, 20 links
    python benchmarks/crawl_memory.py --size 60000 --links 80           # as heavy as real ones

One crawl of a site made from a seed; the memory of the crawling process and of the processes below
it is read from `/proc` while it runs, together with the number of pages that the server was asked
for. Flat means: the crawling process is at most 20% larger after the last page than after the first
2,000, and below 500 MB all the time. Exit status 1 otherwise.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.crawls import PROJECT, crawl_command
from benchmarks.generated_site import GeneratedSite
from benchmarks.page_server import Server, serving
from benchmarks.processes import Used, watched

# What is promised: growth from the early figure to the late one, and MB (10^6 bytes) at most.
MOST_GROWTH = 0.2
MOST_MEGABYTES = 500
# Both figures are the largest of what was seen over so many pages: as many rows of Parquet are
# collected before they are written, so that memory goes up and down by them.
WINDOW = 1_000
ROWS = 10


@dataclass(frozen=True)
class Look:
    """Memory at one moment, in MB: of the crawling process, and of all below it."""

    pages: int
    crawler: float
    below: float


class Watch:
    """Collects a look each time that it is called."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.pages = 0
        self.looks: list[Look] = []

    def __call__(self, used: Used) -> None:
        """Look once."""
        self.count()
        self.looks.append(Look(self.pages, used.main.resident, used.children.resident))

    def count(self) -> None:
        """Add the pages that were asked for since the last time."""
        self.pages += self._server.told().pages

    def at(self, pages: int) -> Look:
        """The most that was seen in the `WINDOW` pages before the crawl had so many."""
        window = [look for look in self.looks if pages - WINDOW <= look.pages <= pages]
        return Look(
            pages=pages,
            crawler=max((look.crawler for look in window), default=0.0),
            below=max((look.below for look in window), default=0.0),
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Crawl once, print what was seen."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--early", type=int, default=2_000, help="pages before the first figure")
    parser.add_argument("--pages", type=int, default=20_000, help="pages of the whole crawl")
    parser.add_argument("--size", type=int, default=10_000, help="bytes a page")
    parser.add_argument("--links", type=int, default=20, help="links a page")
    parser.add_argument("--concurrency", type=int, default=8)
    args = parser.parse_args(arguments)
    site = GeneratedSite(args.pages, args.size, args.links)
    with tempfile.TemporaryDirectory() as folder, serving(site) as server:
        watch = Watch(server)
        command = crawl_command(server.address, Path(folder) / "output", args.concurrency)
        log = Path(folder) / "log"
        used = watched(command, cwd=PROJECT, log=log, look=watch)
        watch.count()
        if used.status:
            print(log.read_text("utf-8", errors="replace"))
    print(f"{'pages':>8} {'crawler MB':>11} {'workers MB':>11}")
    for number in range(1, ROWS + 1):
        look = watch.at(args.pages * number // ROWS)
        print(f"{look.pages:>8} {look.crawler:>11.0f} {look.below:>11.0f}")
    early, late = watch.at(args.early), watch.at(args.pages)
    growth = late.crawler / early.crawler - 1 if early.crawler else 0.0
    print(
        f"\nafter {early.pages} pages {early.crawler:.0f} MB, "
        f"after {late.pages} {late.crawler:.0f} MB ({growth:+.0%}); "
        f"workers {early.below:.0f} and {late.below:.0f} MB; "
        f"peak of the crawling process {used.main.peak:.0f} MB"
    )
    complete = watch.pages == len(site.numbers) and not used.status
    if not complete:
        print(f"the crawl ended with status {used.status} after {watch.pages} pages")
    flat = growth <= MOST_GROWTH and used.main.peak < MOST_MEGABYTES
    return 0 if complete and flat else 1


if __name__ == "__main__":
    sys.exit(main())
