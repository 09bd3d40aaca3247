"""A real site gets another theme: is it told where something is lost, and does reading go on?

    python benchmarks/layout_change.py FOLDER [BEFORE AFTER]

FOLDER is that of `crawl_sites.py`, with the same articles rendered by several site generators. For
each pair of `PAIRS` (or for the one given) the site BEFORE is served at its address and crawled
NIGHTS times, each time as if for the first time (`STATE=False`), so that each run has all records.
Then AFTER stands at the same address, its own links rewritten to it, and is crawled twice.

For each pair: the alarms of the runs before and after; and for both themes the articles that
were found, and how much of their text (words, F1 against the truth) and which fields.
Exit status 1 where a run before raises an alarm; where more than LOST of a field's records are lost
and no alarm names it; where one names what is not; or where a text is read worse than LEAST_F1.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.crawl_sites import served
from benchmarks.crawls import PROJECT, PublishedRun, crawl_command, lines, published

# The same articles each, but for two of the third pair: a theme that prints no author, one that
# says less of its rights, one that says all that the first says.
PAIRS = (
    ("docusaurus-en", "hexo-landscape-en"),
    ("nikola-bootblog4-en", "pelican-notmyidea-en"),
    ("hexo-landscape-en", "hexo-next-zh"),
)
NIGHTS = 6
NIGHTS_AFTER = 2
# Share of the records that must have lost a field for an alarm, and the least F1 of a text.
LOST = 0.3
LEAST_F1 = 0.97
_TEXTS = frozenset({".html", ".xml", ".txt"})

Record = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """Both themes' runs, and their articles as they are."""

    before: list[PublishedRun]
    after: list[PublishedRun]
    truth: dict[str, Record]  # by title


def change(folder: Path, before: str, after: str) -> Change:
    """Crawl a site, and then the other at its address."""
    ports = {
        site["site"]: site["port"]
        for site in json.loads((folder / "sites.json").read_text("utf-8"))
    }
    with tempfile.TemporaryDirectory() as scratch:
        output, theme = Path(scratch) / "output", Path(scratch) / "after"
        shutil.copytree(folder / after, theme)
        _move(theme, ports[after], ports[before])
        for site, nights in ((folder / before, NIGHTS), (theme, NIGHTS_AFTER)):
            with served(site, ports[before]) as address:
                for _ in range(nights):
                    crawl(address, output)
        runs = published(output)
    rows = lines(folder / before / "truth.jsonl") + lines(folder / after / "truth.jsonl")
    return Change(runs[:NIGHTS], runs[NIGHTS:], {row["title"]: row for row in rows})


def _move(site: Path, old: int, new: int) -> None:
    """Have a site's absolute links name another port."""
    for path in site.rglob("*"):
        if path.suffix in _TEXTS and path.is_file():
            text = path.read_text("utf-8", errors="surrogateescape")
            moved = re.sub(rf"((?:127\.0\.0\.1|localhost)(?::|%3A)){old}\b", rf"\g<1>{new}", text)
            path.write_text(moved, "utf-8", errors="surrogateescape")


def crawl(address: str, output: Path) -> None:
    """One run, as if for the first time."""
    command = [*crawl_command(address, output), "-s", "STATE=False", "-s", "ARCHIVE=False"]
    subprocess.run(command, cwd=PROJECT, check=False, stdout=subprocess.DEVNULL)


def read_well(run: PublishedRun, truth: dict[str, Record]) -> tuple[int, float]:
    """How many of the true articles a run has, and the mean F1 of their texts."""
    scores = [
        f1(record["body"], truth[record["title"]]["body"])
        for record in run.articles
        if record["title"] in truth
    ]
    return len(scores), sum(scores) / len(scores) if scores else 0.0


def f1(text: str, truth: str) -> float:
    """Of the words of two texts, or of their characters where these are not spaced."""
    found, there = _words(text), _words(truth)
    common = (found & there).total()
    return 2 * common / (found.total() + there.total())


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[\u3040-\u9fff]|\w+", text))


def filled(run: PublishedRun) -> dict[str, float]:
    """The shares of the fields that alarms speak of."""
    (site,) = run.report["sites"].values()
    shares: dict[str, float] = site["fields_filled"]
    same = ("authors", "reviewers")
    return {n: share for n, share in shares.items() if not n.endswith("_raw") and n not in same}


def wrong(found: Change) -> list[str]:
    """What is not as it should be, in sentences."""
    told = [
        f"before the change: {a['message']}" for run in found.before for a in run.report["alarms"]
    ]
    before, after = filled(found.before[-1]), filled(found.after[-1])
    lost = {name for name, share in before.items() if share - after.get(name, 0.0) > LOST}
    alarms = [a for run in found.after for a in run.report["alarms"] if a["name"] == "field-lost"]
    named = {alarm["measure"] for alarm in alarms}
    told += [f"lost, and no alarm: {name}" for name in sorted(lost - named)]
    told += [
        f"an alarm, and not lost: {name} ({before[name]:.0%} to {after[name]:.0%})"
        for name in sorted(named)
        if before[name] <= after[name]
    ]
    for run in (found.before[-1], found.after[-1]):
        count, score = read_well(run, found.truth)
        if count < len(run.articles) or score < LEAST_F1:
            told.append(
                f"{count} of {len(run.articles)} articles are known, read with F1 {score:.3f}"
            )
    return told


def main(arguments: Sequence[str] | None = None) -> int:
    """Change the themes and print what was told."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("pair", nargs="*", help="BEFORE AFTER (default: all of PAIRS)")
    options = parser.parse_args(arguments)
    pairs = [tuple(options.pair)] if options.pair else list(PAIRS)
    failed = False
    for before, after in pairs:
        found = change(options.folder, before, after)
        print(f"{before} becomes {after}")
        for name, run in ((before, found.before[-1]), (after, found.after[-1])):
            count, score = read_well(run, found.truth)
            print(f"  {name}: {len(run.articles)} articles, {count} known, text F1 {score:.3f}")
        one, other = filled(found.before[-1]), filled(found.after[-1])
        moved = {n: (one[n], other.get(n, 0.0)) for n in one if one[n] != other.get(n, 0.0)}
        told = (f"{n} {a:.0%} to {b:.0%}" for n, (a, b) in moved.items())
        print("  fields: " + (", ".join(told) or "as before"))
        for number, run in enumerate((*found.before, *found.after), 1):
            for alarm in run.report["alarms"]:
                print(f"  run {number}: {alarm['name']}: {alarm['message']}")
        problems = wrong(found)
        failed = failed or bool(problems)
        print("\n".join(f"  WRONG: {problem}" for problem in problems) or "  right", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
