"""The rows of the sites: those with alarms first, then by name."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from scraper.explain_view import reason_label
from scraper.report.charts import sparkline
from scraper.report.shown import many, share, size
from scraper.report.values import count, inside, mapping, number, numbers
from scraper.report.view import Alarm, Run, alarms_of

# A site's reasons, warnings and kinds of boilerplate that are named; the rest is summed up. With
# 200 sites, more would be most of the page.
_NAMED = 6


@dataclass(frozen=True, slots=True)
class SiteView:
    """A site's row, and what it unfolds."""

    name: str
    alarms: tuple[Alarm, ...]
    articles: int
    usual: str
    spark: Markup
    rejected: int
    errors: int
    words: str
    received: str
    facts: tuple[tuple[str, str], ...]


def site_views(run: Run, earlier: Sequence[Run]) -> tuple[SiteView, ...]:
    """The sites of the run, and those that only alarms name."""
    alarms: dict[str, list[Alarm]] = {}
    for alarm in alarms_of(run):
        alarms.setdefault(alarm.site, []).append(alarm)
    sites = mapping(run, "sites")
    named = {str(name) for name in sites} | {name for name in alarms if name}
    views = [_site(name, sites.get(name), alarms.get(name, ()), earlier) for name in named]
    return tuple(sorted(views, key=lambda site: (-len(site.alarms), site.name.casefold())))


def _site(name: str, site: Any, alarms: Sequence[Alarm], earlier: Sequence[Run]) -> SiteView:
    before = [
        count(known, "articles")
        for run in earlier
        if isinstance(known := inside(run, "sites", name), Mapping)
    ]
    words = number(site, "words_median")
    return SiteView(
        name=name,
        alarms=tuple(alarms),
        articles=count(site, "articles"),
        usual=many(statistics.median(before)) if before else "",
        spark=sparkline([*before, count(site, "articles")]),
        rejected=count(site, "rejected"),
        errors=count(site, "errors"),
        words=many(words) if words is not None else "–",
        received=size(count(site, "bytes_received")),
        facts=_facts(site),
    )


def _facts(site: Any) -> tuple[tuple[str, str], ...]:
    """What else is known of a site, a line each."""
    dropped = {reason_label(k): v for k, v in numbers(site, "boilerplate_dropped").items()}
    boilerplate = number(site, "boilerplate_share")
    rows = [
        *_filled(numbers(site, "fields_filled")),
        ("Pages", f"{many(count(site, 'pages', 'asked'))} asked for, "
                  f"{many(count(site, 'pages', 'unchanged'))} unchanged"),
        ("Rejected", _listed(numbers(site, "rejected_by_reason"))),
        ("Warnings", _listed(numbers(site, "warnings"))),
        ("Boilerplate", share(boilerplate) + " of the text" if boilerplate is not None else ""),
        ("Characters dropped", _listed(dropped)),
    ]  # fmt: skip
    return tuple((title, told) for title, told in rows if told)


def _filled(fields: Mapping[str, float]) -> list[tuple[str, str]]:
    """The fields that every article has, those that some have, and those that none has."""
    told = {name: part for name, part in fields.items() if not name.endswith("_raw")}
    return [
        ("Always filled", ", ".join(name for name, part in told.items() if part == 1)),
        ("Filled in part", ", ".join(f"{n} {share(p)}" for n, p in told.items() if 0 < p < 1)),
        ("Never filled", ", ".join(name for name, part in told.items() if part == 0)),
    ]


def _listed(numbered: Mapping[str, float]) -> str:
    """`listing 9, http-404 5 and 3 others`."""
    largest = sorted(numbered.items(), key=lambda item: -item[1])
    named = ", ".join(f"{name} {many(number)}" for name, number in largest[:_NAMED])
    rest = len(largest) - _NAMED
    return f"{named} and {rest} other{'s' if rest > 1 else ''}" if rest > 0 else named
