"""Pages a second of a whole crawl, against a bare Scrapy spider that stores nothing.

    python benchmarks/throughput.py [--pages 2000] [--size 60000] [--links 80] [--concurrency 8 16]
    python benchmarks/throughput.py --profile          # one crawl under cProfile, the top functions

A site made from a seed is served on loopback by a process of its own; `scrapy crawl articles` with
all that it does by default (state, archive, cleaning, JSONL and Parquet), but for the politeness
delays, and `bare_spider.py` crawl it in turn. Pages a second count from the first request to the
end of the command, publishing included; what comes before is told apart. Every crawl must have
asked for every page exactly once, and every article must have been exported once: exit status 1
otherwise, or where the median of the ratios is below what is promised (--least).
"""

from __future__ import annotations

import argparse
import os
import pstats
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.crawls import PROJECT, crawl_arguments, crawl_command, published
from benchmarks.generated_site import GeneratedSite
from benchmarks.page_server import Server, drained, serving
from benchmarks.processes import processor_seconds, watched

# What is promised: the share of the bare spider's pages a second.
LEAST = 0.6
TOP = 30


@dataclass(frozen=True)
class Lap:
    """One command that crawled the whole site. `problems` has a sentence for each promise broken;
    times in seconds, those of processors but for `startup` and `seconds`."""

    who: str
    pages: int
    articles: int
    startup: float
    seconds: float
    crawler: float
    workers: float
    server: float
    peak: float
    problems: tuple[str, ...]

    @property
    def speed(self) -> float:
        """Pages a second from the first request to the end of the command."""
        return self.pages / self.seconds


def lap(
    who: str,
    command: Sequence[str],
    site: GeneratedSite,
    server: Server,
    exported: Callable[[], tuple[int, list[str]]],
    log: Path,
) -> Lap:
    """Run one command; `exported` counts its articles afterwards and names what is wrong."""
    server.told()
    busy = processor_seconds(server.pid)
    used = watched(command, cwd=PROJECT, log=log)
    busy = processor_seconds(server.pid) - busy
    told = server.told()
    articles, problems = exported()
    if used.status:
        problems.append(f"exit status {used.status}: {_last_line(log)}")
    if told.pages != len(site.numbers) or told.repeated:
        problems.append(
            f"{told.pages} of {len(site.numbers)} pages asked for, {told.repeated} again"
        )
    first = told.first or used.started
    return Lap(
        who=who,
        pages=told.pages,
        articles=articles,
        startup=first - used.started,
        seconds=used.ended - first,
        crawler=used.main.seconds,
        workers=used.children.seconds,
        server=busy,
        peak=used.main.peak,
        problems=tuple(problems),
    )


def whole(site: GeneratedSite, server: Server, concurrency: int, scratch: Path) -> Lap:
    """The project's crawl, into a new output folder."""
    with tempfile.TemporaryDirectory(dir=scratch) as output:
        command = crawl_command(server.address, Path(output), concurrency)
        return lap(
            f"marrow, {concurrency} at a time",
            command,
            site,
            server,
            lambda: exported_articles(Path(output), site),
            scratch / "marrow.log",
        )


def bare(site: GeneratedSite, server: Server, concurrency: int, how: str, scratch: Path) -> Lap:
    """The bare spider."""
    script = str(Path(__file__).with_name("bare_spider.py"))
    command = [sys.executable, script, server.address, str(concurrency), how]
    log = scratch / "bare.log"
    who = f"bare ({how}), {concurrency} at a time"
    return lap(who, command, site, server, lambda: (0, []), log)


def exported_articles(output: Path, site: GeneratedSite) -> tuple[int, list[str]]:
    """How many articles a crawl exported, and what is wrong with them."""
    runs = published(output)
    if len(runs) != 1:
        return 0, [f"{len(runs)} runs published"]
    addresses = {article["url"] for article in runs[0].articles}
    problems = []
    if len(addresses) != site.articles or len(runs[0].articles) != site.articles:
        problems.append(
            f"{len(runs[0].articles)} articles exported, {len(addresses)} different ones, "
            f"of {site.articles}"
        )
    rows = pq.read_metadata(runs[0].folder / "articles.parquet").num_rows
    if rows != site.articles:
        problems.append(f"{rows} rows of Parquet")
    return len(runs[0].articles), problems


def profiled(server: Server, concurrency: int, scratch: Path) -> None:
    """One crawl under cProfile; prints the functions of the crawling process that took longest."""
    output, stats = scratch / "output", scratch / "profile"
    behind = crawl_arguments(server.address, output, concurrency)
    command = [sys.executable, "-m", "cProfile", "-o", str(stats), "-m", "scrapy", *behind]
    used = watched(command, cwd=PROJECT, log=scratch / "profile.log")
    print(
        f"{used.ended - used.started:.1f} s, of the processor {used.main.seconds:.1f} s in the "
        f"crawling process (cProfile included) and {used.children.seconds:.1f} s below it"
    )
    profile = pstats.Stats(str(stats)).strip_dirs()
    profile.sort_stats("tottime").print_stats(TOP)
    profile.sort_stats("cumtime").print_stats(2 * TOP)


def print_laps(laps: Sequence[Lap]) -> None:
    """A row a lap."""
    print(
        f"{'':30} {'pages':>6} {'articles':>8} {'start s':>8} {'s':>7} {'pages/s':>8} "
        f"{'CPU s: crawler':>14} {'workers':>8} {'server':>7} {'peak MB':>8}"
    )
    for each in laps:
        print(
            f"{each.who:30} {each.pages:>6} {each.articles or '-':>8} {each.startup:>8.2f} "
            f"{each.seconds:>7.1f} {each.speed:>8.1f} {each.crawler:>14.1f} {each.workers:>8.1f} "
            f"{each.server:>7.1f} {each.peak:>8.0f}"
        )
        for problem in each.problems:
            print(f"    {problem}")


def print_processor(laps: Sequence[Lap], cores: int) -> None:
    """Processor time a page, and the ratio that it allows where nothing else runs."""
    bare_ms, crawler, workers, server = (
        1e3 * statistics.median(values)
        for values in (
            [each.crawler / each.pages for each in laps if not each.articles],
            [each.crawler / each.pages for each in laps if each.articles],
            [each.workers / each.pages for each in laps if each.articles],
            [each.server / each.pages for each in laps if each.articles],
        )
    )
    slowest = max(crawler, (crawler + workers + server) / cores)
    print(
        f"processor time a page: bare {bare_ms:.1f} ms; crawler {crawler:.1f}, workers "
        f"{workers:.1f}, server {server:.1f} ms: at best {bare_ms / slowest:.0%} of the bare "
        f"spider's pages a second on {cores} cores"
    )


def _last_line(log: Path) -> str:
    return log.read_text("utf-8", errors="replace").rstrip().rpartition("\n")[2]


def use_cores(number: int) -> None:
    """Keep this process, and all that it starts, to so many cores."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:number])


def main(arguments: Sequence[str] | None = None) -> int:
    """Crawl in turn, print, compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=2_000)
    parser.add_argument("--size", type=int, default=60_000, help="bytes a page")
    parser.add_argument("--links", type=int, default=80, help="links a page")
    parser.add_argument("--concurrency", type=int, nargs="+", default=[8, 16])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--gzip", action="store_true", help="serve the pages compressed")
    parser.add_argument("--bare", choices=("css", "extractor"), default="css")
    parser.add_argument("--least", type=float, default=LEAST, help="the ratio that is promised")
    parser.add_argument("--profile", action="store_true", help="one crawl under cProfile")
    args = parser.parse_args(arguments)
    use_cores(args.cores)
    site = GeneratedSite(args.pages, args.size, args.links)
    with tempfile.TemporaryDirectory() as folder, serving(site, zipped=args.gzip) as server:
        scratch = Path(folder)
        if args.profile:
            profiled(server, args.concurrency[0], scratch)
            return 0
        rate = drained(server, site, args.concurrency[0])
        print(
            f"{args.pages} articles of {args.size} bytes with {args.links} links"
            f"{', gzip' if args.gzip else ''}; {len(os.sched_getaffinity(0))} cores; "
            f"the server alone: {rate:.0f} pages/s"
        )
        return compared(site, server, args, scratch)


def compared(site: GeneratedSite, server: Server, args: argparse.Namespace, scratch: Path) -> int:
    """Laps in turn, each concurrency by itself; the exit status."""
    failed = False
    for concurrency in args.concurrency:
        laps, ratios = [], []
        for number in range(args.rounds):
            pair = [
                lambda c=concurrency: bare(site, server, c, args.bare, scratch),
                lambda c=concurrency: whole(site, server, c, scratch),
            ]
            order = (0, 1) if number % 2 == 0 else (1, 0)
            done = {which: pair[which]() for which in order}
            laps += [done[0], done[1]]
            ratios.append(done[1].speed / done[0].speed)
        print_laps(laps)
        print_processor(laps, args.cores)
        ratio = statistics.median(ratios)
        told = ", ".join(f"{each:.0%}" for each in ratios)
        print(f"pages a second of the bare spider's: {ratio:.0%} (median of {told})\n", flush=True)
        failed = failed or ratio < args.least or any(each.problems for each in laps)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
