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
from urllib.parse import unquote, urlsplit

PROJECT = Path(__file__).parent.parent
WITHOUT_DELAY = ("DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=0", "CONCURRENT_REQUESTS_PER_DOMAIN=8")


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


class _Quiet(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *arguments: object) -> None:
        """Silent: the crawl counts its requests itself."""


@contextmanager
def served(folder: Path, port: int) -> Iterator[str]:
    """The folder at `http://127.0.0.1:PORT/` until the block ends."""
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{port}/"
        server.shutdown()


def crawl(folder: Path, port: int) -> Outcome:
    """Crawl one site and compare."""
    truth = {path_of(line["url_path"]) for line in lines(folder / "truth.jsonl")}
    with tempfile.TemporaryDirectory() as output, served(folder, port) as address:
        settings = [f"--set={setting}" for setting in (f"OUTPUT_DIR={output}", *WITHOUT_DELAY)]
        subprocess.run(
            [
                sys.executable,
                "-m",
                "scrapy",
                "crawl",
                "articles",
                "-a",
                f"url={address}",
                *settings,
            ],
            cwd=PROJECT,
            check=False,
            stdout=subprocess.DEVNULL,
        )
        run = next(Path(output).glob("runs/*/run.json")).parent
        report = json.loads((run / "run.json").read_text("utf-8"))
        exported = Counter(path_of(line["url"]) for line in lines(run / "articles.jsonl"))
        rejected = {path_of(line["url"]): line["reason"] for line in lines(run / "rejected.jsonl")}
    return Outcome(
        site=folder.name,
        there=len(truth),
        found=len(truth & exported.keys()),
        others=sorted(exported.keys() - truth),
        doubles=sorted(path for path, count in exported.items() if count > 1),
        missing={path: rejected.get(path, "not fetched") for path in truth - exported.keys()},
        requests=report["requests"]["sent"],
        pages_per_second=report["requests"]["responses"].get("200", 0) / report["seconds"],
    )


def path_of(address: str) -> str:
    """The path of an address, percent-encoding undone, so that two spellings compare equal."""
    return unquote(urlsplit(address).path)


def lines(path: Path) -> list[dict[str, Any]]:
    """The records of a JSONL file; split at line feeds alone."""
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


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
