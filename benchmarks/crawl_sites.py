"""Crawls whole sites on loopback and compares what came out with the articles that are there.

    python benchmarks/crawl_sites.py FOLDER [SITE ...]

FOLDER holds one folder a site (its pages, and `truth.jsonl` with the `url_path` of each article)
and `sites.json`, a list of {site, port}: absolute links in the pages name that port. Each site is
crawled by its address alone, without the politeness delay. For each: articles found of articles
there, pages exported that are no article, articles exported twice, requests, pages a second.
Exit status 1 unless every article was found once and nothing else.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.crawls import PROJECT, crawl_command, described_command, lines, path_of, published


@dataclass(frozen=True)
class Outcome:
    """One site's crawl against its truth; paths, and where something is missing the reason."""

    site: str
    there: int
    found: int
    others: list[str]
    doubles: list[str]
    missing: dict[str, str]
    requests: int
    pages_per_second: float

    @property
    def complete(self) -> bool:
        """Whether every article was found once, and nothing else."""
        return self.found == self.there and not self.others and not self.doubles


class _Counting(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: Any, asked: list[str], **options: Any) -> None:
        self._asked = asked
        super().__init__(*arguments, **options)

    def log_request(self, *_: object) -> None:
        """Every answer, whatever its status."""
        self._asked.append(self.path)

    def log_message(self, format: str, *arguments: object) -> None:
        """Silent: what was asked for is in the list."""


@contextmanager
def served(folder: Path, port: int, asked: list[str] | None = None) -> Iterator[str]:
    """The folder at `http://127.0.0.1:PORT/` until the block ends; the paths go into `asked`."""
    paths = [] if asked is None else asked
    handler = partial(_Counting, directory=str(folder), asked=paths)
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{port}/"
        server.shutdown()


def crawl(folder: Path, port: int, sites: Path | None = None) -> Outcome:
    """Crawl one site, by its address or as the folder `sites` describes it, and compare."""
    truth = {path_of(line["url_path"]) for line in lines(folder / "truth.jsonl")}
    with tempfile.TemporaryDirectory() as output, served(folder, port) as address:
        command = (
            described_command(folder.name, sites, Path(output))
            if sites
            else crawl_command(address, Path(output))
        )
        subprocess.run(command, cwd=PROJECT, check=False, stdout=subprocess.DEVNULL)
        run = published(Path(output))[-1]
    exported = Counter(path_of(record["url"]) for record in run.articles)
    rejected = {path_of(record["url"]): record["reason"] for record in run.rejected}
    return Outcome(
        site=folder.name,
        there=len(truth),
        found=len(truth & exported.keys()),
        others=sorted(exported.keys() - truth),
        doubles=sorted(path for path, count in exported.items() if count > 1),
        missing={path: rejected.get(path, "not fetched") for path in truth - exported.keys()},
        requests=run.report["requests"]["sent"],
        pages_per_second=run.report["requests"]["responses"].get("200", 0) / run.report["seconds"],
    )


def main() -> int:
    """Crawl the sites one after the other and print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("sites", nargs="*", help="names of sites (default: all)")
    options = parser.parse_args()
    described = json.loads((options.folder / "sites.json").read_text("utf-8"))
    print(f"{'site':24} {'found':>9} {'others':>6} {'doubles':>7} {'requests':>8} {'pages/s':>7}")
    outcomes = []
    for site in described:
        if options.sites and site["site"] not in options.sites:
            continue
        outcome = crawl(options.folder / site["site"], site["port"])
        outcomes.append(outcome)
        print(
            f"{outcome.site:24} {outcome.found:>4} / {outcome.there:<2} {len(outcome.others):>6} "
            f"{len(outcome.doubles):>7} {outcome.requests:>8} {outcome.pages_per_second:>7.1f}",
            flush=True,
        )
        for path in outcome.others:
            print(f"    no article, but exported: {path}")
        for path, reason in sorted(outcome.missing.items()):
            print(f"    missing: {path} ({reason})")
    return 0 if all(outcome.complete for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
