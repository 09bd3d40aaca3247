"""Crawls whole sites three times: is a page that did not change left alone, and a changed one not?

    python benchmarks/recrawl_sites.py FOLDER [SITE ...]

FOLDER is that of `crawl_sites.py`; each site is copied, and the copy served on loopback.

1. A first crawl.
2. The same again at once: nothing is exported, and the requests are at most a tenth.
3. Three pages of the copy are changed, one each: a sentence of the article's text is taken out; the
   day of publication is a week later wherever it stands in the page; a line is added to the footer.
   Then `-a revisit=all`: exactly the first two are exported, with the `id` that they had, the one
   with its new text and the other with its new day.

A row a site, with the requests and the articles exported each time; exit status 1 unless all is as
it should be.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.crawl_sites import served
from benchmarks.crawls import PROJECT, crawl_command, lines, path_of, published

# What is promised: requests of the second crawl, of those of the first.
MOST_REQUESTS = 0.1
# The weekday that some pages print before the day stays right.
LATER = timedelta(days=7)
SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s*")
FOOTER_LINE = "<p>Our office is closed on public holidays.</p>"
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)

Record = dict[str, Any]


@dataclass(frozen=True)
class Crawl:
    """One crawl: its requests as the server counted them, and the articles by their path."""

    status: int
    requests: int
    exported: dict[str, Record]


@dataclass(frozen=True)
class Changes:
    """The paths of the three pages changed, and what must be true of two of them afterwards."""

    text: str
    day: str
    footer: str
    removed_sentence: str
    new_day: date


@dataclass(frozen=True)
class Outcome:
    """A site's three crawls; `wrong` has a sentence for each promise broken."""

    site: str
    crawls: tuple[Crawl, Crawl, Crawl]
    wrong: list[str] = field(default_factory=list)


def recrawled(folder: Path, port: int) -> Outcome:
    """The three crawls of one site."""
    with tempfile.TemporaryDirectory() as scratch:
        site, output = Path(scratch) / "site", Path(scratch) / "output"
        shutil.copytree(folder, site)
        asked: list[str] = []
        with served(site, port, asked) as address:
            first = crawl(address, output, asked)
            second = crawl(address, output, asked)
            changes = change(site, lines(folder / "truth.jsonl"), first.exported)
            third = crawl(address, output, asked, "revisit=all")
    wrong = [*wrong_at_once(first, second), *wrong_afterwards(first, third, changes)]
    return Outcome(folder.name, (first, second, third), wrong)


def crawl(address: str, output: Path, asked: list[str], *arguments: str) -> Crawl:
    """Crawl once more into the same output folder."""
    asked.clear()
    known = {run.folder for run in published(output)}
    done = subprocess.run(
        crawl_command(address, output, arguments=arguments),
        cwd=PROJECT,
        check=False,
        stdout=subprocess.DEVNULL,
    )
    records = [
        record for run in published(output) if run.folder not in known for record in run.articles
    ]
    return Crawl(
        status=done.returncode,
        requests=len(asked),
        exported={path_of(record["url"]): record for record in records},
    )


def change(site: Path, truth: Sequence[Record], exported: dict[str, Record]) -> Changes:
    """Change three of the exported articles' pages in place."""
    rows = [row for row in truth if row["url_path"] in exported]
    text, sentence = _first(rows, lambda row: _without_sentence(site / row["path"], row))
    others = [row for row in rows if row is not text]
    day, new_day = _first(others, lambda row: _a_week_later(site, row, exported))
    others = [row for row in others if row is not day]
    footer, _ = _first(others, lambda row: _with_footer_line(site / row["path"]))
    return Changes(text["url_path"], day["url_path"], footer["url_path"], sentence, new_day)


def _first(rows: Iterable[Record], attempt: Any) -> tuple[Record, Any]:
    """The first row that the attempt changes, and what it says of it."""
    for row in rows:
        told = attempt(row)
        if told:
            return row, told
    raise SystemExit("no page of the site can be changed so: its articles were not exported")


def _without_sentence(page: Path, row: Record) -> str | None:
    """Take the last sentence of a paragraph of two or more out of the page; that sentence."""
    html = page.read_text("utf-8")
    for block in reversed(row["blocks"]):
        sentences = [part for part in SENTENCE_END.split(block["text"]) if part]
        if block["type"] == "p" and len(sentences) > 1 and block["text"] in html:
            shorter = block["text"].removesuffix(sentences[-1]).rstrip()
            page.write_text(html.replace(block["text"], shorter), "utf-8")
            return sentences[-1]
    return None


def _a_week_later(site: Path, row: Record, exported: dict[str, Record]) -> date | None:
    """Put a later day wherever the page says its own, addresses left as they are."""
    if exported[row["url_path"]]["date_published"] != row["date"]:
        return None
    old = date.fromisoformat(row["date"])
    new = old + LATER
    page = site / row["path"]
    html = changed = page.read_text("utf-8")
    for before, after in zip(_written(old), _written(new), strict=True):
        changed = changed.replace(before, after)
    page.write_text(changed, "utf-8")
    return new if changed != html else None


def _written(day: date) -> list[str]:
    """The ways in which pages write a day."""
    month = MONTHS[day.month - 1]
    return [
        day.isoformat(),
        f"{day.day} {month} {day.year}",
        f"{day.day:02} {month} {day.year}",
        f"{month} {day.day}, {day.year}",
        f"{month[:3]} {day.day}, {day.year}",
        f"{day.day:02} {month[:3]} {day.year}",
        f"{day.year}年{day.month}月{day.day}日",
    ]


def _with_footer_line(page: Path) -> bool:
    """Add a line at the end of the last footer."""
    above, end, below = page.read_text("utf-8").rpartition("</footer>")
    if end:
        page.write_text(f"{above}{FOOTER_LINE}{end}{below}", "utf-8")
    return bool(end)


def wrong_at_once(first: Crawl, second: Crawl) -> list[str]:
    """What is wrong with a second crawl of an unchanged site."""
    found = []
    if not first.exported:
        found.append(f"the first crawl exported nothing (status {first.status})")
    if second.exported:
        found.append(f"exported again at once: {', '.join(sorted(second.exported))}")
    if second.requests > MOST_REQUESTS * first.requests:
        found.append(f"{second.requests} requests at once again, after {first.requests}")
    return found


def wrong_afterwards(first: Crawl, third: Crawl, changes: Changes) -> list[str]:
    """What is wrong with the crawl after the changes."""
    found: list[str] = []
    names = {changes.text: "text", changes.day: "day", changes.footer: "footer"}
    found += [
        f"exported though its article is the same ({names.get(path, 'no change')}): {path}"
        for path in sorted(third.exported.keys() - {changes.text, changes.day})
    ]
    found += [
        f"not exported though its {names[path]} changed: {path}"
        for path in sorted({changes.text, changes.day} - third.exported.keys())
    ]
    for path, record in third.exported.items():
        if path in first.exported and record["id"] != first.exported[path]["id"]:
            found.append(f"exported with another id: {path}")
    text, day = third.exported.get(changes.text), third.exported.get(changes.day)
    if text and changes.removed_sentence in text["body"]:
        found.append(f"exported with the old text: {changes.text}")
    if day and day["date_published"] != changes.new_day.isoformat():
        found.append(f"exported with the day {day['date_published']}: {changes.day}")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Crawl the sites one after the other and print a row for each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("sites", nargs="*", help="names of sites (default: all)")
    options = parser.parse_args(arguments)
    described = json.loads((options.folder / "sites.json").read_text("utf-8"))
    print(f"{'':24} {'':>8} {'requests':^20} {'exported':^12}")
    print(f"{'site':24} {'articles':>8} {'1st':>6} {'2nd':>6} {'3rd':>6} {'2nd':>6} {'3rd':>5}")
    failed = False
    for site in described:
        if options.sites and site["site"] not in options.sites:
            continue
        outcome = recrawled(options.folder / site["site"], site["port"])
        first, second, third = outcome.crawls
        failed = failed or bool(outcome.wrong)
        print(
            f"{outcome.site:24} {len(first.exported):>8} {first.requests:>6} {second.requests:>6} "
            f"{third.requests:>6} {len(second.exported):>6} {len(third.exported):>5}  "
            f"{'WRONG' if outcome.wrong else 'right'}",
            flush=True,
        )
        for sentence in outcome.wrong:
            print(f"    {sentence}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
