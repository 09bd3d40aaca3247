"""How likely the present is by chance alone, given the runs before it.

Runs of a site differ by more than the numbers of their records explain: other authors, other
topics, weekends. How much, is estimated from the past, taken together with an assumption that
counts as much as `weight` runs, and with caution: the estimate is taken larger by `caution` of its
standard errors. Each function gives the probability of something as far out as the present, which
may be several runs together.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assumed:
    """What runs are assumed to differ by; counts as much as `weight` of them."""

    spread: float
    weight: float
    caution: float

    def joined(self, own: float, runs: float) -> float:
        """The assumption and a site's own spread, seen in so many runs, as a cautious one."""
        both = runs + self.weight
        mean = (own * runs + self.spread * self.weight) / both
        return mean * (1 + self.caution * math.sqrt(2 / both))


@dataclass(frozen=True, slots=True)
class Level:
    """A figure of a run, such as the logarithm of its median of words, over `records` articles."""

    value: float
    records: int


Counted = tuple[int, int]  # so many, of so many

# The largest correlation that the sums below can do with; beyond it, runs are all or nothing.
_MOST_CORRELATED = 0.5
# Counts above so many times the usual are no measure of how much runs differ: a first crawl.
_MOST_TIMES = 3.0
# Records of a run beyond which more of them say little about the other runs, because these differ
# by themselves: so a first crawl counts as one run, and not as all that is known.
_MOST_RECORDS = 20
# The median of the square of a standard normal variable.
_MEDIAN_SQUARE = 0.4549
# Halvings of an interval: to a millionth of it.
_HALVINGS = 20


def effective_runs(records: Sequence[int]) -> float:
    """As how many runs of one size these count, which have so many records each."""
    capped = [min(count, _MOST_RECORDS) for count in records]
    return sum(capped) ** 2 / sum(count**2 for count in capped) if any(capped) else 0.0


def usual_share(past: Sequence[Counted]) -> float:
    """The share over all runs, large ones counted as of _MOST_RECORDS."""
    shares = [(k / n, min(n, _MOST_RECORDS)) for k, n in past]
    return sum(share * n for share, n in shares) / sum(n for _, n in shares)


def chance_of_fewer(present: Sequence[Counted], past: Sequence[Counted], assumed: Assumed) -> float:
    """The probability of so small a share as the present one: beta-binomial."""
    k, n = sum(k for k, _ in present), sum(n for _, n in present)
    records = sum(min(n, _MOST_RECORDS) for _, n in past)
    p = (usual_share(past) * records + 0.5) / (records + 1)  # never 0 or 1
    between = _correlation(past, p, assumed)
    concentrated = sum(n_run**2 for _, n_run in present) / n**2
    runs = effective_runs([n for _, n in past])
    rho = min(between * (concentrated + 1 / runs) + 1 / records, _MOST_CORRELATED)
    mass = 1 / rho - 1
    a, b = p * mass, (1 - p) * mass
    whole = _log_beta(a, b)
    terms = (_log_choose(n, i) + _log_beta(a + i, b + n - i) - whole for i in range(k + 1))
    return min(sum(map(math.exp, terms)), 1.0)


def chance_of_more(present: Sequence[Counted], past: Sequence[Counted], assumed: Assumed) -> float:
    """The probability of so large a share as the present one."""
    return chance_of_fewer([(n - k, n) for k, n in present], [(n - k, n) for k, n in past], assumed)


def _correlation(past: Sequence[Counted], p: float, assumed: Assumed) -> float:
    """The intraclass correlation, by the excess of the squared deviations over the binomial's."""
    runs, records = len(past), [n for _, n in past]
    squares = sum((k - n * p) ** 2 / (n * p * (1 - p)) for k, n in past)
    room = sum(n - 1 for n in records) * (runs - 1) / runs
    own = min(max(squares - (runs - 1), 0.0) / room, 1.0) if room > 0 else assumed.spread
    return assumed.joined(own, effective_runs(records))


def usual_level(past: Sequence[Level]) -> float:
    """The median over the runs, each counted by its records."""
    half, sofar = sum(min(level.records, _MOST_RECORDS) for level in past) / 2, 0
    for level in sorted(past, key=lambda level: level.value):
        sofar += min(level.records, _MOST_RECORDS)
        if sofar >= half:
            return level.value
    raise ValueError("no past")


def chance_of_level(
    present: Sequence[Level], past: Sequence[Level], assumed: Assumed, deviation: float
) -> float:
    """The probability of a figure as far from the usual one, either way: normal.

    `deviation` is that of one article; the spread of `assumed` a standard deviation.
    """
    article, usual = deviation**2, usual_level(past)
    runs = effective_runs([level.records for level in past])
    variance = Assumed(assumed.spread**2, assumed.weight, assumed.caution).joined(
        _between(past, usual, article), runs
    )
    n = sum(level.records for level in present)
    concentrated = sum(level.records**2 for level in present) / n**2
    records = sum(level.records for level in past)
    variance = variance * (concentrated + 1 / runs) + article / n + article / records
    return math.erfc(abs(mean_level(present) - usual) / math.sqrt(2 * variance))


def mean_level(levels: Sequence[Level]) -> float:
    """The mean, each run counted by its records."""
    return sum(level.value * level.records for level in levels) / sum(
        level.records for level in levels
    )


def _between(past: Sequence[Level], usual: float, article: float) -> float:
    """The variance between runs that makes their deviations, squared, those of a normal variable.

    By their median, so that a few strange runs do not hide the next.
    """

    def median(variance: float) -> float:
        return statistics.median(
            (level.value - usual) ** 2 / (variance + article / level.records) for level in past
        )

    low, high = 0.0, max((level.value - usual) ** 2 for level in past) / _MEDIAN_SQUARE
    if median(low) <= _MEDIAN_SQUARE:
        return low
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if median(middle) > _MEDIAN_SQUARE else (low, middle)
    return high


def usual_number(past: Sequence[int]) -> float:
    """The mean number a run; runs far above the median, such as a first crawl, count as less."""
    return statistics.fmean(_capped(past))


def chance_of_number(present: int, past: Sequence[int], assumed: Assumed) -> float:
    """The probability of so small a number as the present one: negative binomial.

    The spread of `assumed` is a squared coefficient of variation.
    """
    capped = _capped(past)
    mean = statistics.fmean(capped)
    if mean == 0:
        return 1.0
    own = max(statistics.pvariance(capped) - mean, 0.0) / mean**2
    size = 1 / assumed.joined(own, len(capped))
    p = size / (size + mean)
    terms = (
        math.lgamma(size + i)
        - math.lgamma(size)
        - math.lgamma(i + 1)
        + size * math.log(p)
        + i * math.log1p(-p)
        for i in range(present + 1)
    )
    return min(sum(map(math.exp, terms)), 1.0)


def _capped(past: Sequence[int]) -> list[float]:
    most = _MOST_TIMES * statistics.median(past)
    return [min(float(number), most) for number in past]


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
