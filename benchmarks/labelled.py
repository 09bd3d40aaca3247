"""Labelled pages of a folder, and how near a text comes to a page's true body.

A folder holds `html/ID.html.gz` and `truth.jsonl` with `id`, `url`, `body` and `page_type` (the
form of WCXB); rows with `summary` and `sections` in place of `body` (the form of the Fundus pages)
are read too. Nothing here needs more than the project itself.
"""

from __future__ import annotations

import gzip
import json
import math
import random
import statistics
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.alignment import words

SEED = 20261123
SHINGLE = 4
# Half the width of a 95% interval, in standard errors.
INTERVAL = 1.96


@dataclass(frozen=True)
class LabelledPage:
    """An article page and its true body."""

    id: str
    url: str | None
    path: Path
    body: str

    def read(self) -> bytes:
        """The page's bytes."""
        return gzip.decompress(self.path.read_bytes())


def articles(folder: Path, most: int | None = None) -> list[LabelledPage]:
    """The folder's pages labelled article (or not labelled by type), in the order of the truth.

    `most`: at most so many, drawn with a fixed seed.
    """
    pages = [
        LabelledPage(row["id"], row.get("url"), row["path"], row["body"])
        for row in read_rows([folder])
        if row["page_type"] == "article"
    ]
    if most is None or most >= len(pages):
        return pages
    drawn = set(random.Random(SEED).sample(range(len(pages)), most))
    return [page for i, page in enumerate(pages) if i in drawn]


def read_rows(folders: Iterable[Path]) -> list[dict[str, Any]]:
    """Truth rows of all folders, each with `path`, `folder`, `body` and `page_type` filled in."""
    rows = []
    for folder in folders:
        for line in (folder / "truth.jsonl").read_bytes().split(b"\n"):
            if line.strip():
                row = json.loads(line)
                row["folder"] = folder.name
                row["path"] = folder / "html" / f"{row['id']}.html.gz"
                row.setdefault("page_type", "article")
                if "body" not in row:
                    row["body"] = _body_of_sections(row)
                rows.append(row)
    return rows


def _body_of_sections(row: dict[str, Any]) -> str:
    parts = [text for s in row["sections"] for text in (s["heading"], *s["paragraphs"]) if text]
    return "\n\n".join([*row["summary"], *parts])


@dataclass(frozen=True)
class Score:
    """One text against one truth; shares, 0 to 1.

    A shingle share is None where its side has no words, so that it is no part of the mean: the
    custom of the article extraction benchmark, from which the shingle figures come.
    """

    precision: float
    recall: float
    shingle_precision: float | None
    shingle_recall: float | None

    @property
    def f1(self) -> float:
        """F1 of the bags of words."""
        return harmonic(self.precision, self.recall)


def score(text: str, truth: str) -> Score:
    """Bags of words and bags of runs of four words of `text` against those of `truth`."""
    said, true = words(text), words(truth)
    precision, recall = _shares(said, true)
    if not said or not true:
        # Nothing where nothing is to be found is right; anything else here is wrong on both sides.
        precision = recall = float(not said and not true)
    return Score(precision or 0.0, recall or 0.0, *_shares(_shingles(said), _shingles(true)))


def _shares(
    said: Iterable[Hashable], true: Iterable[Hashable]
) -> tuple[float | None, float | None]:
    """The common part as a share of what was said, and of what is true."""
    one, other = Counter(said), Counter(true)
    common = (one & other).total()
    return (
        common / one.total() if one else None,
        common / other.total() if other else None,
    )


def _shingles(text: Sequence[str]) -> list[tuple[str, ...]]:
    """Runs of four words; a shorter text is one run."""
    if not text:
        return []
    return [tuple(text[i : i + SHINGLE]) for i in range(max(1, len(text) - SHINGLE + 1))]


def harmonic(precision: float, recall: float) -> float:
    """F1."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def summary(scores: Sequence[Score]) -> dict[str, float]:
    """Means over pages: of the word figures; the shingle F1 is that of the two means."""
    f1 = [s.f1 for s in scores]
    spread = statistics.stdev(f1) if len(f1) > 1 else 0.0
    shingle_precision = [s.shingle_precision for s in scores if s.shingle_precision is not None]
    shingle_recall = [s.shingle_recall for s in scores if s.shingle_recall is not None]
    precision = statistics.mean(shingle_precision or [0.0])
    recall = statistics.mean(shingle_recall or [0.0])
    return {
        "word_precision": statistics.mean(s.precision for s in scores),
        "word_recall": statistics.mean(s.recall for s in scores),
        "word_f1": statistics.mean(f1),
        "word_f1_interval": INTERVAL * spread / math.sqrt(len(f1)),
        "shingle_precision": precision,
        "shingle_recall": recall,
        "shingle_f1": harmonic(precision, recall),
    }
