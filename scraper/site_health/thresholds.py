"""When a difference is an alarm: the numbers of `thresholds.toml`, which has reason and unit."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Past:
    """What a past must hold to be compared with."""

    least_runs: int
    least_records: int
    most_runs: int
    least_weeks: int
    accepted_after: int


@dataclass(frozen=True, slots=True)
class Present:
    """What is compared with it."""

    least_records: int
    most_pooled: int


@dataclass(frozen=True, slots=True)
class LeastEffect:
    """The smallest differences that matter."""

    field_lost: float
    field_lost_wholly: float
    field_usual: float
    more_rejects: float
    more_errors: float
    words: float
    boilerplate: float
    fewer: float
    usual_number: float


@dataclass(frozen=True, slots=True)
class BetweenRuns:
    """What sound runs of a site differ by."""

    weight: float
    caution: float
    share: float
    words: float
    boilerplate: float
    number: float


@dataclass(frozen=True, slots=True)
class BetweenArticles:
    """What the articles of a site differ by."""

    words: float
    boilerplate: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """All of them; `false_alarms` is wanted for a site and run."""

    false_alarms: float
    past: Past
    present: Present
    least_effect: LeastEffect
    between_runs: BetweenRuns
    between_articles: BetweenArticles


@cache
def thresholds() -> Thresholds:
    """Those of the file beside this module."""
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return Thresholds(
        false_alarms=table["chance"]["false_alarms"],
        past=Past(**table["past"]),
        present=Present(**table["present"]),
        least_effect=LeastEffect(**table["least_effect"]),
        between_runs=BetweenRuns(**table["between_runs"]),
        between_articles=BetweenArticles(**table["between_articles"]),
    )
