"""Which runs of a site's past the present one is compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from scraper.site_health.chance import effective_runs
from scraper.site_health.site_run import Key, SiteRun
from scraper.site_health.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class Compared:
    """The present, as one run or the last few together, newest last, and what was usual before."""

    present: tuple[SiteRun, ...]
    past: tuple[SiteRun, ...]


def compared(
    run: SiteRun,
    past: Sequence[SiteRun],
    records: Callable[[SiteRun], int],
    key: Key,
    limits: Thresholds,
) -> Iterator[Compared]:
    """What is compared, for a measure with so many `records` a run; `past` is oldest first.

    First the run alone, or with as many before it as are needed to have enough records; then the
    runs of a week together: there a change shows that is small beside what single runs differ by.
    """
    if not records(run):
        return
    telling = [*[each for each in past if records(each)][-limits.past.most_runs :], run]
    most = min(limits.present.most_pooled, len(telling))
    sizes = range(1, most + 1)
    enough = limits.present.least_records
    least = next((n for n in sizes if sum(map(records, telling[-n:])) >= enough), None)
    if least is None:
        return
    for size in dict.fromkeys((least, most)):
        before = len(telling) - size
        usual = usual_runs(telling, key, limits.past.accepted_after, before)
        if _is_enough([*map(records, usual)], limits):
            yield Compared(tuple(telling[before:]), usual)


def _is_enough(records: Sequence[int], limits: Thresholds) -> bool:
    past = limits.past
    return effective_runs(records) >= past.least_runs and sum(records) >= past.least_records


def usual_runs(
    runs: Sequence[SiteRun], key: Key, accepted_after: int, before: int
) -> tuple[SiteRun, ...]:
    """Those of the first `before` runs that show what is usual.

    Runs that raised the alarm do not, so that what has changed is told again each time. When
    `accepted_after` runs in a row have told it, it is the usual from the first of them on.
    """
    start = end = row = 0
    for i, run in enumerate(runs, 1):
        row = row + 1 if key in run.alarmed else 0
        if row >= accepted_after:
            start, end = i - row, i
    return tuple(
        run
        for i, run in enumerate(runs[:before])
        if i >= start and (i < end or key not in run.alarmed)
    )
