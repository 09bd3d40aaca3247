"""Precision and recall, apart, of the people that the project names on labelled pages.

    python benchmarks/people.py FOLDER … [--misses]

A wrong person is worse than none, which an F1 hides. Names are compared folded and without
honorifics; every person of every page counts once. A folder holds one of:

- `gold.jsonl`: rows with `source`, `url`, and `authors` and `reviewers`, objects with a `name`;
  `source` is a file of the folder, or `SET-SPLIT/ID` for `../SET/html/ID.html.gz`;
- `html/ID.html.gz` and `truth.jsonl` with `id`, `url` and `authors`, a list, or `author`, a string;
- folders of whole sites, each with `truth.jsonl`: `path`, `url_path`, `author` and `reviewer`.

By the project's rule a site's own name is nobody. Truth that names the site as an author is left
out and counted apart.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.labelled import harmonic
from pipelines import Article, clean, clean_text, read_page
from pipelines.declared_names import Naming, site_keys
from pipelines.metadata import read_metadata
from pipelines.page import Page
from pipelines.phrases import squash
from pipelines.vocabulary import vocabulary

ROLES = ("authors", "reviewers")
HONORIFIC = re.compile(r"^(?:(?:prof|dr|dra|pd|priv|doz|med|mr|mrs|ms)\.?\s+)+")


@dataclass(frozen=True)
class Labelled:
    """A page and whom it names. A string names everybody whose name occurs in it."""

    name: str
    url: str | None
    data: bytes
    people: Mapping[str, Sequence[str] | str]
    """role -> names; a role that is not labelled is missing"""


@dataclass
class Count:
    """Names of one role in one folder."""

    said: int = 0
    true: int = 0
    right: int = 0
    sites: int = 0
    """names of sites in the truth, left out"""
    misses: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Share of the names given that are right; 1 where none is given."""
        return self.right / self.said if self.said else 1.0

    @property
    def recall(self) -> float:
        """Share of the true names that are given; 1 where there are none."""
        return self.right / self.true if self.true else 1.0


def labelled(folder: Path) -> Iterator[Labelled]:
    """The pages of a folder in any of the three forms."""
    if (folder / "gold.jsonl").is_file():
        for row in _rows(folder / "gold.jsonl"):
            people = {role: [person["name"] for person in row[role]] for role in ROLES}
            yield Labelled(row["source"], row["url"], _source(folder, row["source"]), people)
    elif (folder / "truth.jsonl").is_file():
        for row in _rows(folder / "truth.jsonl"):
            authors = row.get("authors", row.get("author"))
            if authors is not None and row.get("page_type", "article") == "article":
                data = gzip.decompress((folder / "html" / f"{row['id']}.html.gz").read_bytes())
                yield Labelled(row["id"], row["url"], data, {"authors": authors})
    else:
        for site in sorted(path.parent for path in folder.glob("*/truth.jsonl")):
            yield from _of_site(site)


def _of_site(site: Path) -> Iterator[Labelled]:
    for row in _rows(site / "truth.jsonl"):
        people = {f"{role}s": row[role] for role in ("author", "reviewer") if row.get(role)}
        if not row.get("author_visible", True):
            people.pop("authors", None)
        url = f"https://{site.name}.example{row['url_path']}"
        yield Labelled(
            f"{site.name}{row['url_path']}", url, (site / row["path"]).read_bytes(), people
        )


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line.strip()]


def _source(folder: Path, source: str) -> bytes:
    name, _, number = source.rpartition("/")
    if not name:
        return (folder / source).read_bytes()
    path = folder.parent / name.rsplit("-", 1)[0] / "html" / f"{number}.html.gz"
    return gzip.decompress(path.read_bytes())


def folded(name: str) -> str:
    """A name as it is compared.

    >>> folded("Dr. Ann  POE")
    'ann poe'
    """
    return HONORIFIC.sub("", squash(name))


def count(pages: Iterable[Labelled]) -> dict[str, Count]:
    """The people of all pages, by role."""
    counts = {role: Count() for role in ROLES}
    for page in pages:
        outcome = (
            clean_text(page.data.decode("utf-8"), page.url)
            if page.name.endswith(".txt")
            else clean(page.data, page.url)
        )
        for role, truth in page.people.items():
            people = getattr(outcome, role) if isinstance(outcome, Article) else ()
            said = {folded(person.name) for person in people} - {""}
            _compare(counts[role], page, said, truth)
    return counts


def _compare(into: Count, page: Labelled, said: set[str], truth: Sequence[str] | str) -> None:
    if isinstance(truth, str):
        text = squash(truth)
        right = {name for name in said if name in text}
        true = right or {text} - {""}
    else:
        true = {folded(name) for name in truth} - {""}
        right = said & true
    sites = _sites(page, true - right)
    true -= sites
    into.said += len(said)
    into.true += len(true)
    into.right += len(right)
    into.sites += len(sites)
    into.misses += [f"{page.name}: wrong: {name}" for name in sorted(said - right)]
    into.misses += [f"{page.name}: missed: {name}" for name in sorted(true - right)]


def _sites(page: Labelled, names: set[str]) -> set[str]:
    """Those of the names that are the site's own, or say no more than "the staff"."""
    read = read_page(page.data, page.url) if names else None
    if not isinstance(read, Page):
        return set()
    found = read_metadata(read.root, page.url)
    naming = Naming(vocabulary(found.language or "en"), site_keys(found.site_names), page.url)
    return {name for name in names if naming.is_site(name) or naming.kinds.is_nobody(name)}


def table(counts: Mapping[str, Mapping[str, Count]]) -> Table:
    """A row for each folder and role that is labelled there."""
    shown = Table(
        "set", "role", "true", "given", "right", "precision", "recall", "F1", "site names"
    )
    for folder, roles in counts.items():
        for role, found in roles.items():
            if found.true or found.said:
                shares = (found.precision, found.recall, harmonic(found.precision, found.recall))
                numbers = (found.true, found.said, found.right)
                cells = [*map(str, numbers), *(f"{share:.3f}" for share in shares)]
                shown.add_row(folder, role, *cells, str(found.sites))
    return shown


def main(arguments: Sequence[str] | None = None) -> int:
    """Count and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--misses", action="store_true", help="list the wrong and the missed names")
    args = parser.parse_args(arguments)
    counts = {folder.name: count(labelled(folder)) for folder in args.folders}
    if not any(c.said or c.true for roles in counts.values() for c in roles.values()):
        parser.error("no labelled page found: see --help for the form of a folder")
    Console(width=110).print(table(counts))
    if args.misses:
        for roles in counts.values():
            for role, found in roles.items():
                print(*(f"{role}: {miss}" for miss in found.misses), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
