"""Describes whole sites on loopback with `scrapy site new`, and crawls them as described.

    python benchmarks/new_site.py FOLDER [SITE ...]

FOLDER is that of `crawl_sites.py`. For each site: seconds and requests that the look at it took,
the description that was written, what `scrapy site check` says of it, and the articles found, of
those that are there, by a crawl of the address alone and by one with the description. Exit status
1 unless both found every article once and nothing else, and the check found no problem.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.crawl_sites import Outcome, crawl, served
from benchmarks.crawls import PROJECT, without_delay


@dataclass(frozen=True)
class Described:
    """A site as it was described; `checked` is the status of the check."""

    text: str
    seconds: float
    requests: int
    checked: int
    told: str


def described(folder: Path, port: int, sites: Path) -> Described:
    """Describe one site into the folder `sites`, and check it."""
    asked: list[str] = []
    with served(folder, port, asked) as address:
        began = time.monotonic()
        made = _scrapy(sites, "new", address, "--name", folder.name)
        seconds, requests = time.monotonic() - began, len(asked)
        check = _scrapy(sites, "check", folder.name)
    path = sites / f"{folder.name}.toml"
    text = path.read_text("utf-8") if path.exists() else made.stderr
    return Described(text, seconds, requests, check.returncode, check.stdout)


def _scrapy(sites: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    settings = (f"SITES_DIR={sites}", *without_delay(1))
    given = [part for setting in settings for part in ("-s", setting)]
    command = [sys.executable, "-m", "scrapy", "site", *arguments, *given]
    return subprocess.run(command, cwd=PROJECT, check=False, capture_output=True, text=True)


def _row(name: str, made: Described, alone: Outcome, with_it: Outcome) -> str:
    found = (
        f"{one.found:>3} / {one.there:<3} {len(one.others):>6} {one.requests:>8}"
        for one in (alone, with_it)
    )
    return f"{name:24} {made.seconds:>7.1f} {made.requests:>8}  " + "  ".join(found)


def main() -> int:
    """Describe and crawl the sites one after the other; print each description, then the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("sites", nargs="*", help="names of sites (default: all)")
    options = parser.parse_args()
    rows, right = [], True
    for site in json.loads((options.folder / "sites.json").read_text("utf-8")):
        name, port = site["site"], site["port"]
        if options.sites and name not in options.sites:
            continue
        folder = options.folder / name
        with tempfile.TemporaryDirectory() as sites:
            made = described(folder, port, Path(sites))
            print(f"{name}.toml\n\n{made.text}\n{made.told}", flush=True)
            alone, with_it = crawl(folder, port), crawl(folder, port, Path(sites))
        right = right and alone.complete and with_it.complete and made.checked == 0
        rows.append(_row(name, made, alone, with_it))
    print(f"{'':43}{'address alone':25} with the description")
    each = f"{'found':>9} {'others':>6} {'requests':>8}"
    print(f"{'site':24} {'seconds':>7} {'requests':>8}  {each}  {each}")
    print("\n".join(rows))
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
