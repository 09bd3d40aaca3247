"""Pages a second with the frontier on a Redis server, against the local one, in one run.

    python benchmarks/shared_frontier.py [--pages 2000] [--processes 1 2 3] [--rounds 1]

A site made from a seed is served on loopback by a process of its own. `scrapy crawl articles`
crawls it, first with `state.db`, then with a Redis server that is started for it (what it is told
is on the disk within a second, or at once with --fsync always) and so many processes. Pages a
second count from the first request to the end of the last process, publishing included. Every
article must have been exported once by one of them: exit status 1 otherwise.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.crawls import PROJECT, crawl_command, published
from benchmarks.generated_site import GeneratedSite
from benchmarks.page_server import Server, serving
from benchmarks.processes import processor_seconds


@dataclass(frozen=True)
class Lap:
    """One crawl; times in seconds. `problems` has a sentence for each promise broken."""

    who: str
    pages: int
    seconds: float
    processor: float
    redis: float
    shares: tuple[int, ...]
    problems: tuple[str, ...]


@contextmanager
def redis_server(folder: Path, fsync: str) -> Iterator[tuple[str, int]]:
    """A server's address and process, with nothing in it."""
    program = shutil.which("redis-server")
    if program is None:
        sys.exit("this needs redis-server: run .ci/install-redis as root")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    options += ["--appendonly", "yes", "--appendfsync", fsync]
    process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    time.sleep(1)
    try:
        yield f"redis://127.0.0.1:{port}/0", process.pid
    finally:
        process.kill()
        process.wait()


def lap(
    site: GeneratedSite, server: Server, scratch: Path, processes: int, args: argparse.Namespace
) -> Lap:
    """One crawl over Redis; with 0 processes, one with a state of its own."""
    with (
        tempfile.TemporaryDirectory(dir=scratch) as folder,
        redis_server(Path(folder), args.fsync) as redis,
    ):
        outputs = [Path(folder) / f"output{number}" for number in range(max(processes, 1))]
        more = ["-s", f"FRONTIER={redis[0]}"] if processes else []
        server.told()
        before = os.times()
        running = [
            subprocess.Popen(
                [*crawl_command(server.address, output, args.concurrency), *more],
                cwd=PROJECT,
                stdout=subprocess.DEVNULL,
            )
            for output in outputs
        ]
        statuses = [process.wait() for process in running]
        ended, after = time.monotonic(), os.times()
        told = server.told()
        found = [
            article for output in outputs for run in published(output) for article in run.articles
        ]
        shares = [sum(len(run.articles) for run in published(output)) for output in outputs]
        return Lap(
            who=f"redis, {processes} processes" if processes else "state.db, 1 process",
            pages=told.pages,
            seconds=ended - (told.first or ended),
            processor=sum(after[2:4]) - sum(before[2:4]),
            redis=processor_seconds(redis[1]),
            shares=tuple(shares),
            problems=tuple(_problems(site, Counter(each["url"] for each in found), statuses)),
        )


def _problems(site: GeneratedSite, urls: Counter[str], statuses: list[int]) -> Iterator[str]:
    """What is not as it should be."""
    if any(status not in {0, 3} for status in statuses):
        yield f"exit statuses {statuses}"
    if len(urls) != site.articles:
        yield f"{len(urls)} of {site.articles} articles"
    if twice := sum(times > 1 for times in urls.values()):
        yield f"{twice} articles exported twice"


def main(arguments: Sequence[str] | None = None) -> int:
    """Crawl in turn and print a row each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=2_000)
    parser.add_argument("--size", type=int, default=60_000, help="bytes a page")
    parser.add_argument("--links", type=int, default=80, help="links a page")
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--fsync", choices=("always", "everysec"), default="everysec")
    parser.add_argument("--rounds", type=int, default=1)
    args = parser.parse_args(arguments)
    site = GeneratedSite(args.pages, args.size, args.links)
    with tempfile.TemporaryDirectory() as folder, serving(site) as server:
        laps = [
            lap(site, server, Path(folder), processes, args)
            for _ in range(args.rounds)
            for processes in (0, *args.processes)
        ]
    print(
        f"{'':22} {'pages':>6} {'s':>7} {'pages/s':>8} {'CPU s':>7} {'redis':>6}  articles by each"
    )
    for each in laps:
        shares = " ".join(map(str, each.shares))
        print(
            f"{each.who:22} {each.pages:>6} {each.seconds:>7.1f} {each.pages / each.seconds:>8.1f} "
            f"{each.processor:>7.1f} {each.redis:>6.1f}  {shares}"
        )
        for problem in each.problems:
            print(f"    {problem}")
    return 1 if any(each.problems for each in laps) else 0


if __name__ == "__main__":
    sys.exit(main())
