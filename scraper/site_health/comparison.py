"""A site's run against its past: what is different beyond chance, and large enough to matter."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, takewhile
from typing import NamedTuple

from scraper.site_health.alarm import Alarm
from scraper.site_health.chance import (
    Assumed,
    Counted,
    Level,
    chance_of_fewer,
    chance_of_level,
    chance_of_more,
    chance_of_number,
    mean_level,
    usual_level,
    usual_number,
    usual_share,
)
from scraper.site_health.site_run import Key, SiteRun
from scraper.site_health.thresholds import Thresholds
from scraper.site_health.usual import Compared, compared, usual_runs

# Fields that are filled exactly where the one is that is looked at.
_SAME_AS_ANOTHER = {"authors": "author", "reviewers": "reviewer"}


class _Site(NamedTuple):
    """A site's run with its past, oldest first; `chance` is what one comparison may be wrong."""

    name: str
    present: SiteRun
    past: Sequence[SiteRun]
    limits: Thresholds
    chance: float


class _Difference(NamedTuple):
    """What a window of runs shows, and whether that is large enough, and beyond chance."""

    value: float
    usual: float
    large: bool
    improbable: bool


Differs = Callable[[Compared], _Difference]
Says = Callable[[float, float, int], tuple[str, str]]


def alarms_of(
    site: str, present: SiteRun, past: Sequence[SiteRun], limits: Thresholds
) -> tuple[Alarm, ...]:
    """What has changed about a site; `past` is oldest first. The same for the same values."""
    fields = _fields(past)
    refused = sorted({reason for run in past for reason in run.rejected_anew})
    reasons = sorted(present.rejected_anew)
    # Two windows of each; then two ways of words, boilerplate and errors; articles.
    comparisons = 2 * (len(fields) + len(reasons) + 4) + len(refused) + 1
    of = _Site(site, present, past, limits, limits.false_alarms / comparisons)
    errors = [*_more_errors(of)]
    found = [
        *(alarm for name in fields for alarm in _field_lost(of, name)),
        *_words(of),
        *_boilerplate(of),
        *(alarm for reason in reasons for alarm in _more_rejects(of, reason)),
        *errors,
    ]
    if not errors:  # what could not be fetched is missing elsewhere, too
        found += _fewer_articles(of)
        found += [alarm for reason in refused for alarm in _fewer_rejects(of, reason)]
    return tuple(found)


def _fields(past: Sequence[SiteRun]) -> list[str]:
    """The fields that were ever filled, each fact once."""
    names = dict.fromkeys(name for run in past for name, count in run.filled.items() if count)
    return [name for name in names if not (name.endswith("_raw") or name in _SAME_AS_ANOTHER)]


def _field_lost(of: _Site, field: str) -> Iterator[Alarm]:
    """The field is filled in fewer articles. A rise is news, and no alarm."""
    effect = of.limits.least_effect

    def counted(run: SiteRun) -> Counted:
        return run.filled.get(field, 0), run.articles

    def differs(runs: Compared) -> _Difference:
        present, past = [*map(counted, runs.present)], [*map(counted, runs.past)]
        value, usual = _share(present), usual_share(past)
        drop = usual - value
        wholly = usual >= effect.field_usual and drop >= effect.field_lost_wholly * usual
        large = wholly or drop >= effect.field_lost
        chance = chance_of_fewer(present, past, _assumed(of, "share")) if large else 1.0
        return _Difference(value, usual, large, chance < of.chance)

    def says(value: float, usual: float, records: int) -> tuple[str, str]:
        return f"{field} filled {value:.0%} of {_many(records, 'record')}", f"{usual:.0%}"

    yield from _different(of, ("field-lost", field), lambda run: run.articles, differs, says)


def _more_rejects(of: _Site, reason: str) -> Iterator[Alarm]:
    """More pages are refused for the reason, of those that could be read and were not known.

    Where articles are missing, that is: a site may well have more lists than it had.
    """
    if not _articles_are_missing(of):
        return

    def counted(run: SiteRun) -> Counted:
        return run.rejected_anew.get(reason, 0), run.articles + sum(run.rejected_anew.values())

    def says(value: float, usual: float, records: int) -> tuple[str, str]:
        pages = _many(records, "page") + " not refused before"
        return f"refused as {reason} {value:.0%} of {pages}", f"{usual:.0%}"

    least = of.limits.least_effect.more_rejects
    yield from _more(of, ("more-rejects", reason), counted, least, says)


def _articles_are_missing(of: _Site) -> bool:
    """Whether there are fewer than usual, or known ones are refused; also where nobody can tell."""
    present, alike = of.present, _alike(of)
    known = present.articles_refused / max(present.articles + present.articles_refused, 1)
    if known >= of.limits.least_effect.more_rejects or len(alike) < of.limits.past.least_runs:
        return True
    return present.articles < usual_number([run.articles for run in alike])


def _alike(of: _Site) -> list[SiteRun]:
    """The runs of the past whose numbers of articles can be compared with that of the present."""
    if not of.present.whole:
        return []
    alike = [run for run in of.past if run.whole and run.kind == of.present.kind]
    return alike[-of.limits.past.most_runs :]


def _more_errors(of: _Site) -> Iterator[Alarm]:
    """More pages cannot be fetched or read."""

    def counted(run: SiteRun) -> Counted:
        return min(run.errors, run.asked), run.asked

    def says(value: float, usual: float, records: int) -> tuple[str, str]:
        pages = _many(records, "page")
        return f"{value:.0%} of {pages} could not be fetched or read", f"{usual:.0%}"

    least = of.limits.least_effect.more_errors
    yield from _more(of, ("more-errors", "errors"), counted, least, says)


def _more(
    of: _Site, key: Key, counted: Callable[[SiteRun], Counted], least: float, says: Says
) -> Iterator[Alarm]:
    """A larger share."""

    def differs(runs: Compared) -> _Difference:
        present, past = [*map(counted, runs.present)], [*map(counted, runs.past)]
        value, usual = _share(present), usual_share(past)
        large = value - usual >= least
        chance = chance_of_more(present, past, _assumed(of, "share")) if large else 1.0
        return _Difference(value, usual, large, chance < of.chance)

    yield from _different(of, key, lambda run: counted(run)[1], differs, says)


def _words(of: _Site) -> Iterator[Alarm]:
    """Articles are shorter, or longer."""
    factor, deviation = math.log(of.limits.least_effect.words), of.limits.between_articles.words

    def level(run: SiteRun) -> Level:
        return Level(math.log(max(run.words or 0.0, 1.0)), run.articles)

    def says(value: float, usual: float, records: int) -> tuple[str, str]:
        return f"{value:,.0f} words in the median of {_many(records, 'record')}", f"{usual:,.0f}"

    for name, direction in (("shorter-articles", -1), ("longer-articles", 1)):

        def differs(runs: Compared, direction: int = direction) -> _Difference:
            present, past = [*map(level, runs.present)], [*map(level, runs.past)]
            value, usual = mean_level(present), usual_level(past)
            large = direction * (value - usual) >= factor
            chance = chance_of_level(present, past, _assumed(of, "words"), deviation)
            return _Difference(math.exp(value), math.exp(usual), large, chance < of.chance)

        yield from _different(of, (name, "words"), lambda run: run.articles, differs, says)


def _boilerplate(of: _Site) -> Iterator[Alarm]:
    """Another share of the text is dropped."""
    least, deviation = of.limits.least_effect.boilerplate, of.limits.between_articles.boilerplate

    def level(run: SiteRun) -> Level:
        return Level(run.boilerplate or 0.0, run.articles)

    def differs(runs: Compared) -> _Difference:
        present, past = [*map(level, runs.present)], [*map(level, runs.past)]
        value, usual = mean_level(present), usual_level(past)
        chance = chance_of_level(present, past, _assumed(of, "boilerplate"), deviation)
        return _Difference(value, usual, abs(value - usual) >= least, chance < of.chance)

    def says(value: float, usual: float, records: int) -> tuple[str, str]:
        text = f"the text of {_many(records, 'record')}"
        return f"{value:.0%} of {text} dropped as boilerplate", f"{usual:.0%}"

    key = ("boilerplate-changed", "boilerplate_share")
    yield from _different(of, key, lambda run: run.articles, differs, says)


def _different(
    of: _Site, key: Key, records: Callable[[SiteRun], int], differs: Differs, says: Says
) -> Iterator[Alarm]:
    """At most one alarm: of the run alone, else of the last runs, if it is different in both."""
    for runs in compared(of.present, of.past, records, key, of.limits):
        value, usual, large, improbable = differs(runs)
        if not large:
            return
        if improbable:
            count = sum(map(records, runs.present))
            now, before = says(value, usual, count)
            yield _alarm(of, key, (value, usual), _Told(count, runs), (now, before))
            return


def _fewer_articles(of: _Site) -> Iterator[Alarm]:
    """Fewer articles than usual, for longer than ever before."""
    yield from _fewer(of, ("fewer-articles", "articles"), lambda run: run.articles, "article")


def _fewer_rejects(of: _Site, reason: str) -> Iterator[Alarm]:
    """Pages that were refused each time are not, while articles come in."""

    def again(run: SiteRun) -> int:
        return run.rejected.get(reason, 0) - run.rejected_anew.get(reason, 0)

    if of.present.articles:
        yield from _fewer(of, ("fewer-rejects", reason), again, f"page refused again as {reason}")


def _fewer(of: _Site, key: Key, number: Callable[[SiteRun], int], noun: str) -> Iterator[Alarm]:
    """Too small a number, in this run and those before it that had one, too."""
    effect, accepted = of.limits.least_effect, of.limits.past.accepted_after
    alike = _alike(of)
    usual = [*map(number, usual_runs(alike, key, accepted, len(alike)))]
    if len(usual) < of.limits.past.least_weeks:
        return
    most = effect.fewer * usual_number(usual)
    row = [*takewhile(lambda run: number(run) <= most, (of.present, *reversed(alike)))]
    runs = usual_runs(alike, key, accepted, len(alike) + 1 - len(row))
    past = [*map(number, runs)]
    if not row or len(past) < of.limits.past.least_weeks:
        return
    mean, assumed = usual_number(past), _assumed(of, "number")
    lows = (len([*low]) for is_low, low in groupby(past, lambda n: n <= most) if is_low)
    if mean < effect.usual_number or len(row) <= max(lows, default=0):
        return
    if math.prod(chance_of_number(number(run), past, assumed) for run in row) < of.chance:
        count = sum(map(number, row))
        told = _Told(count, Compared(tuple(row), runs))
        yield _alarm(
            of, key, (count / len(row), mean), told, (_many(count, noun), f"{mean:,.0f} a run")
        )


class _Told(NamedTuple):
    """How many records of which runs were compared."""

    records: int
    compared: Compared

    def sentence(self, now: str, before: str) -> str:
        """`now` and `before` with the runs that they are of."""
        window, runs = len(self.compared.present), len(self.compared.past)
        if window == 1:
            return f"{now}; {before} in the last {runs} runs"
        return f"{now} in the last {window} runs; {before} in {runs} runs before"


def _alarm(
    of: _Site, key: Key, figures: tuple[float, float], told: _Told, said: tuple[str, str]
) -> Alarm:
    value, usual = figures
    return Alarm(
        name=key[0],
        site=of.name,
        measure=key[1],
        value=round(value, 4),
        usual=round(usual, 4),
        records=told.records,
        runs=len(told.compared.past),
        message=f"site {of.name}: {told.sentence(*said)}",
    )


def _assumed(of: _Site, what: str) -> Assumed:
    between = of.limits.between_runs
    return Assumed(getattr(between, what), between.weight, between.caution)


def _share(counted: Sequence[Counted]) -> float:
    return sum(k for k, _ in counted) / sum(n for _, n in counted)


def _many(count: int, noun: str) -> str:
    first, space, rest = noun.partition(" ")
    return f"{count:,} {first}{'' if count == 1 else 's'}{space}{rest}"
