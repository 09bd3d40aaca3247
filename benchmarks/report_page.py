"""How large the report is, how long it takes to make and to open: with 365 runs of 200 sites.

    python -m benchmarks.report_page [--runs 365] [--sites 200] [--keep FOLDER]

Makes an output folder of such runs, each with the counts of a real one, and tells: bytes of
`report.html` and `index.html`, seconds of a processor to make each (in a process that has made none
before, the plotting library's import included), and milliseconds until Chromium has loaded them.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SEED = 20260131
FIRST = datetime(2026, 1, 31, 2, 17, tzinfo=UTC)
LOADS = 5
FIELDS = (
    "url canonical_url site title description author reviewer authors reviewers date_published "
    "date_published_raw date_modified date_modified_raw date_reviewed date_reviewed_raw language "
    "figures references tags breadcrumbs medical links page_type_score rights license robots"
).split()
REASONS = (
    "page-type-listing page-type-other page-type-product http-404 http-503 timeout "
    "duplicate-canonical duplicate-content robots-disallowed not-html"
).split()
DROPPED = "nav related share footer newsletter byline caption references ad cookie".split()
WARNINGS = "dates-differ language-differs paywall text-from-json-ld".split()
NAMES = "clinic health heart nurse pharmacy sleep family diet bones allergy".split()


def make_output(folder: Path, runs: int, sites: int) -> Path:
    """An output folder of so many runs of so many sites; the newest run's folder."""
    draw = random.Random(SEED)
    names = [f"{draw.choice(NAMES)}-{draw.choice(NAMES)}-{place:03}" for place in range(sites)]
    size = {name: draw.randint(3, 300) for name in names}
    run = folder
    for night in range(runs):
        started = FIRST + timedelta(days=night)
        run_id = f"{started:%Y%m%dT%H%M%SZ}-{draw.getrandbits(16):04x}"
        counts = {name: _site(draw, size[name]) for name in names}
        run = folder / "runs" / run_id
        run.mkdir(parents=True)
        account = _account(run_id, started, counts, draw)
        (run / "run.json").write_text(json.dumps(account, indent=2), "utf-8")
    _write_records(run, counts, draw)
    return run


def _site(draw: random.Random, usual: int) -> dict[str, Any]:
    articles = max(0, round(draw.gauss(usual, usual / 8)))
    reasons = {reason: draw.randint(1, 40) for reason in draw.sample(REASONS, 5)}
    return {
        "articles": articles,
        "rejected": sum(reasons.values()),
        "rejected_by_reason": reasons,
        "rejected_anew": {},
        "fields_filled": {name: _share(draw) for name in FIELDS},
        "warnings": {code: draw.randint(1, 9) for code in draw.sample(WARNINGS, 2)},
        "words_median": draw.randint(300, 1500),
        "boilerplate_share": round(draw.random(), 4),
        "boilerplate_dropped": {reason: draw.randint(100, 90_000) for reason in DROPPED},
        "pages": {"asked": articles * 2, "unchanged": articles},
        "errors": draw.choice([0, 0, 0, 3]),
        "bytes_received": articles * 60_000,
    }


def _share(draw: random.Random) -> float:
    return draw.choice([0.0, 1.0, 1.0, round(draw.random(), 4)])


def _account(
    run_id: str, started: datetime, sites: dict[str, Any], draw: random.Random
) -> dict[str, Any]:
    articles = sum(site["articles"] for site in sites.values())
    reasons = {r: sum(s["rejected_by_reason"].get(r, 0) for s in sites.values()) for r in REASONS}
    alarmed = draw.sample(sorted(sites), min(5, len(sites)))
    seconds = draw.randint(9_000, 14_000)
    return {
        "run_id": run_id,
        "exit_reason": draw.choice(["finished"] * 9 + ["killed"]),
        "started": f"{started:%Y-%m-%dT%H:%M:%SZ}",
        "finished": f"{started + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}",
        "seconds": seconds,
        "asked": {
            "spider": "articles",
            "settings": {"CONTACT": "crawl@example.org", "DOWNLOAD_DELAY": 1.0},
            "arguments": {},
        },
        "counts": {
            "articles": articles,
            "rejected": sum(reasons.values()),
            "rejected_by_reason": reasons,
            "fields_filled": {name: _share(draw) for name in FIELDS},
            "warnings": dict.fromkeys(WARNINGS, 40),
            "body_characters": articles * 5_000,
            "boilerplate_dropped": {
                r: {"blocks": articles, "characters": articles * draw.randint(50, 800)}
                for r in DROPPED
            },
        },
        "pages": {"asked": articles * 2, "unchanged": articles, "left": 120},
        "requests": {
            "sent": articles * 2 + 400,
            "responses": {"200": articles * 2, "404": 300},
            "failures": {},
            "bytes_received": articles * 60_000,
        },
        "hosts_given_up": {},
        "errors": {"spider": {}, "logged": 0},
        "sites": sites,
        "alarms": [
            {
                "name": "field-lost", "site": name, "measure": "author", "value": 0.02,
                "usual": 0.96, "records": 120, "runs": 10,
                "message": f"site {name}: author filled 2% of 120 records; "
                "96% in the last 10 runs",
            }
            for name in alarmed
        ],
        "files": ["articles.jsonl", "articles.parquet", "rejected.jsonl", "report.html"],
        "versions": {"python": "3.11", "scrapy": "2.19", "marrow": "0.1.0", "schema": "1"},
    }  # fmt: skip


def _write_records(run: Path, sites: dict[str, Any], draw: random.Random) -> None:
    """The rejects of the newest run; its articles, of which the report shows the size alone."""
    with (run / "rejected.jsonl").open("w", encoding="utf-8") as file:
        for name, site in sites.items():
            for reason, number in site["rejected_by_reason"].items():
                for place in range(number):
                    record = {
                        "stage": "clean", "reason": reason, "detail": "links make up 84% of it",
                        "url": f"https://www.{name}.example/{draw.choice(NAMES)}/{place}",
                        "body": "A line of text. " * 100,
                    }  # fmt: skip
                    file.write(json.dumps(record) + "\n")
    for name in ("articles.jsonl", "articles.parquet"):
        (run / name).write_bytes(b"\0" * 1_000_000)


def build_seconds(output: Path, run: Path) -> tuple[float, float]:
    """Seconds of a processor to make the report and the list, in a process that has made none."""
    code = (
        "import sys; from pathlib import Path; from time import process_time as now; "
        "begun = now(); "
        "from scraper.report.making import ReportMaker; "
        "maker = ReportMaker(Path(sys.argv[1]), Path('scraper/sites'), 3); "
        "maker.again(Path(sys.argv[2])); "
        "print(now() - begun); begun = now(); maker.index(); print(now() - begun)"
    )
    asked = [sys.executable, "-c", code, str(output), str(run)]
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    return float(told[0]), float(told[1])


def load_milliseconds(path: Path) -> float | None:
    """The median time until Chromium has loaded the page; None where there is no browser."""
    from playwright.sync_api import sync_playwright

    browser_path = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if browser_path is None:
        return None
    timing = "performance.getEntriesByType('navigation')[0].loadEventEnd"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        taken = []
        for _ in range(LOADS):
            page = browser.new_page()
            page.goto(path.as_uri())
            page.wait_for_function(f"{timing} > 0")
            taken.append(float(page.evaluate(timing)))
            page.close()
        browser.close()
    return statistics.median(taken)


def main() -> None:
    """Make the folder, measure, tell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=365)
    parser.add_argument("--sites", type=int, default=200)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="make it here, and leave it")
    given = parser.parse_args()
    output = given.keep or Path(tempfile.mkdtemp())
    begun = time.perf_counter()
    run = make_output(output, given.runs, given.sites)
    print(f"{given.runs} runs of {given.sites} sites, made in {time.perf_counter() - begun:.0f} s")
    for path, seconds in zip(
        (run / "report.html", output / "index.html"), build_seconds(output, run), strict=True
    ):
        loaded = load_milliseconds(path)
        told = f", loaded in {loaded:.0f} ms" if loaded is not None else ""
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB, made in {seconds:.2f} s{told}")
    if given.keep is None:
        shutil.rmtree(output)


if __name__ == "__main__":
    main()
