"""Simulated histories of sites: are changes told, and is nothing told where there is none?

    python benchmarks/site_health.py [--histories 50] [--nights 90] [--seed 1]

Histories of six kinds of sites (`KINDS`): big, small, noisy, seasonal, growing, and one that
publishes in batches. A night's articles are drawn one by one; what shares and medians differ by
from night to night is drawn as well (beta and log-normal), so that nights differ by more than the
numbers of their records explain. One night in fifty has a server in trouble. The first night
exports all there is.

Each history goes on for so many nights without a change: every alarm is a false one. Then it is
played again with each of `CHANGES` from a night on: detected is a change that is told by one of the
alarms that belong to it, in the first night or within a week. Alarms go into the history, as they
do in `run.json`.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scraper.site_health.alarm import Alarm
from scraper.site_health.comparison import alarms_of
from scraper.site_health.history import COMPARED
from scraper.site_health.site_run import SiteRun
from scraper.site_health.thresholds import thresholds

WEEK = 7
# Articles a first night exports, in usual nights' worth.
FIRST = 30
FIELDS = {
    **{"title": 1.0, "canonical_url": 1.0, "language": 1.0, "author": 0.95, "date_published": 0.98},
    **{"date_modified": 0.5, "reviewer": 0.3, "description": 0.85, "tags": 0.6, "figures": 0.9},
    **{"breadcrumbs": 0.7, "references": 0.2, "rights": 0.95, "links": 0.9, "medical": 0.1},
}
TROUBLE = 0.02  # nights with a server in trouble
LISTINGS = 12  # pages that each night looks at again and refuses


@dataclass(frozen=True)
class Kind:
    """A kind of site: articles a night by the night's number, and how much nights differ.

    `dispersion` of the number of articles (squared coefficient of variation), `rho` of shares
    (intraclass correlation), `tau` of the median of words (of its logarithm).
    """

    articles: Callable[[int], float]
    dispersion: float = 0.15
    rho: float = 0.02
    tau: float = 0.08
    drift: float = 0.0  # of a field's share, a night
    change_at: int = 25  # a night with articles


KINDS = {
    "big": Kind(lambda _: 250.0),
    "small": Kind(lambda _: 4.0, dispersion=0.3),
    "noisy": Kind(lambda _: 40.0, dispersion=0.8, rho=0.1, tau=0.2),
    "seasonal": Kind(lambda night: 2.0 if night % 7 in (5, 6) else 40.0, rho=0.04),
    "growing": Kind(lambda night: 8.0 + night, drift=0.004),
    "batches": Kind(
        lambda night: 60.0 if night % 10 == 3 else 0.5, dispersion=0.3, rho=0.04, change_at=73
    ),
}


@dataclass(frozen=True)
class Night:
    """What there is on a site one night, before it is counted."""

    articles: int
    shares: dict[str, float]
    words: float = 800.0
    boilerplate: float = 0.4
    listings: int = LISTINGS
    listings_taken: bool = False
    refused: float = 0.05
    failing: float = 0.015


Change = Callable[[Night], Night]


def _without(field: str, kept: float) -> Change:
    return lambda night: replace(night, shares={**night.shares, field: night.shares[field] * kept})


# Each with the names of the alarms that tell it.
CHANGES: dict[str, tuple[Change, frozenset[str]]] = {
    "author lost": (_without("author", 0.0), frozenset({"field-lost"})),
    "author lost on half of the pages": (_without("author", 0.5), frozenset({"field-lost"})),
    "tags lost": (_without("tags", 0.0), frozenset({"field-lost"})),
    "bodies cut to a third": (
        lambda night: replace(night, words=night.words / 3, boilerplate=night.boilerplate + 0.25),
        frozenset({"shorter-articles", "boilerplate-changed"}),
    ),
    "listings taken for articles": (
        lambda night: replace(night, listings_taken=True),
        frozenset({"field-lost", "shorter-articles", "fewer-rejects"}),
    ),
    "half of the articles refused": (
        lambda night: replace(night, refused=0.5),
        frozenset({"more-rejects"}),
    ),
    "pages fail": (
        lambda night: replace(night, failing=0.6),
        frozenset({"more-errors"}),
    ),
    "no articles any more": (
        lambda night: replace(night, articles=0),
        frozenset({"fewer-articles"}),
    ),
}


@dataclass(frozen=True)
class Played:
    """A history that was played: the alarms of each night."""

    kind: str
    alarms: tuple[tuple[Alarm, ...], ...]


def play(kind: str, seed: int, nights: int, change: Change | None = None) -> Played:
    """Play a history, with a change from the night on that its kind says."""
    random = np.random.default_rng([seed, *kind.encode()])
    history: list[SiteRun] = []
    told: list[tuple[Alarm, ...]] = []
    for number in range(nights):
        night = _night(KINDS[kind], number, random)
        if change and number >= KINDS[kind].change_at:
            night = change(night)
        run = _counted(night, random)
        alarms = alarms_of("simulated", run, history[-COMPARED:], thresholds())
        keys = frozenset((alarm.name, alarm.measure) for alarm in alarms)
        history.append(dataclasses.replace(run, alarmed=keys))
        told.append(alarms)
    return Played(kind, tuple(told))


def _night(kind: Kind, number: int, random: np.random.Generator) -> Night:
    mean = kind.articles(number) * (FIRST if number == 0 else 1)
    size = 1 / kind.dispersion
    articles = int(random.negative_binomial(size, size / (size + mean)))
    usual = {name: min(share + kind.drift * number, 1.0) for name, share in FIELDS.items()}
    return Night(
        articles=articles,
        shares={name: _beta(share, kind.rho, random) for name, share in usual.items()},
        words=800 * math.exp(random.normal(0, kind.tau)),
        boilerplate=float(random.normal(0.4, 0.03)),
        listings=int(random.poisson(LISTINGS)),
        refused=_beta(0.05, kind.rho, random),
        failing=0.15 if random.random() < TROUBLE else _beta(0.015, kind.rho, random),
    )


def _beta(mean: float, rho: float, random: np.random.Generator) -> float:
    """A share that differs from night to night; what is always so stays so."""
    if mean >= 1:
        return mean
    mass = 1 / rho - 1
    return float(random.beta(mean * mass, (1 - mean) * mass))


def _counted(night: Night, random: np.random.Generator) -> SiteRun:
    asked = night.articles + night.listings
    errors = int(random.binomial(asked, night.failing))
    there = int(random.binomial(night.articles, 1 - errors / asked)) if asked else 0
    refused = int(random.binomial(there, night.refused))
    articles = there - refused
    words = random.lognormal(math.log(night.words), 0.64, articles)
    filled = {name: int(random.binomial(articles, share)) for name, share in night.shares.items()}
    taken = night.listings if night.listings_taken else 0
    if taken:  # they have a title and an address, and some lines of teasers
        words = np.concatenate([words, random.lognormal(math.log(150), 0.5, taken)])
        filled = {
            name: count + (taken if FIELDS[name] == 1 else 0) for name, count in filled.items()
        }
        articles += taken
    noise = random.normal(0, 0.15, articles).mean() if articles else 0.0
    listings = {"page-type-listing": night.listings - taken + refused}
    return SiteRun(
        day="",
        asked=asked,
        errors=errors,
        articles=articles,
        rejected={reason: count for reason, count in listings.items() if count},
        rejected_anew={"page-type-listing": refused} if refused else {},
        filled=filled,
        words=float(np.median(words)) if articles else None,
        boilerplate=float(night.boilerplate + noise) if articles else None,
    )


def histories(count: int) -> Iterator[tuple[str, int]]:
    """So many histories, the kinds in turn: kind and seed."""
    kinds = list(KINDS)
    for i in range(count):
        yield kinds[i % len(kinds)], i


@dataclass(frozen=True)
class Detected:
    """Of histories with a change: how many were told in the first night, and within a week."""

    histories: int
    at_once: int
    within_a_week: int


def detected(change: str, played: Sequence[tuple[str, int]], seed: int) -> dict[str, Detected]:
    """By kind of site."""
    changed, names = CHANGES[change]
    found: dict[str, list[int]] = {}
    for kind, number in played:
        at = KINDS[kind].change_at
        told = play(kind, seed + number, at + WEEK, changed).alarms[at:]
        nights = [i for i, alarms in enumerate(told) if any(a.name in names for a in alarms)]
        found.setdefault(kind, []).append(min(nights, default=WEEK))
    return {
        kind: Detected(len(first), first.count(0), sum(night < WEEK for night in first))
        for kind, first in found.items()
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the histories and print what came of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--histories", type=int, default=50)
    parser.add_argument("--nights", type=int, default=90)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    played = [*histories(options.histories)]
    false: Counter[str] = Counter()
    for kind, number in played:
        for night, alarms in enumerate(play(kind, options.seed + number, options.nights).alarms):
            for alarm in alarms:
                false[f"{kind}: {alarm.name} {alarm.measure}"] += 1
                print(f"  {kind} {number}, night {night}: {alarm.message}")
    nights = options.histories * options.nights
    print(f"without change: {false.total()} false alarms in {nights:,} nights of a site")
    for what, count in false.most_common():
        print(f"  {count:>4}  {what}")
    print(f"\n{'told at once / within a week':36}" + "".join(f"{kind:>14}" for kind in KINDS))
    for change in CHANGES:
        row = detected(change, played, options.seed)
        cells = (f"{of.at_once:>4} / {of.within_a_week} of {of.histories}" for of in row.values())
        print(f"{change:36}" + "".join(f"{cell:>14}" for cell in cells), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
