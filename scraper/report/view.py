"""What the report shows of a run and of those before it, as plain values for its template.

Whatever comes from a page, a site's name or a file is a string here and is escaped by the template.
"""

from __future__ import annotations

import statistics
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from pipelines.warning_codes import WARNINGS
from scraper.explain_view import reason_label
from scraper.report.charts import NARROW, WIDE, Bar, records_chart, sparkline
from scraper.report.shown import day, duration, many, share, size, time
from scraper.report.values import count, entries, inside, mapping, moment, number, numbers, text

_WORDS = Path(__file__).with_name("report_words.toml")
# The longest bar has so many steps; each is a class of the page's style.
BAR_STEPS = 20

Run = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended, in words; `tone` is good, stopped or bad."""

    label: str
    says: str
    tone: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A number that sums a run up, and a note below it."""

    label: str
    value: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole: `bar` is 0 to BAR_STEPS, `note` stands beside it."""

    name: str
    value: str
    bar: int
    note: str = ""
    spark: Markup | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is not as usual, as a sentence; `site` may be empty."""

    name: str
    site: str
    message: str


@dataclass(frozen=True, slots=True)
class Past:
    """A run among the last ones."""

    run_id: str
    when: str
    articles: int
    rejected: int
    ended: Ended
    alarms: int


@dataclass(frozen=True, slots=True)
class RunView:
    """The run as a whole."""

    run_id: str
    what: str
    when: str
    took: str
    ended: Ended
    tiles: tuple[Tile, ...]
    alarms: tuple[Alarm, ...]
    compared: bool
    """whether the run knows of sites and alarms"""
    past: tuple[Past, ...]
    charts: tuple[Markup, ...]
    fields: tuple[Share, ...]
    dropped: tuple[Share, ...]
    warnings: tuple[tuple[str, int, str], ...]
    speed: tuple[tuple[str, str], ...]
    given_up: tuple[tuple[str, str], ...]
    asked: tuple[tuple[str, str], ...]
    settings: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str], ...]


def run_view(run: Run, earlier: Sequence[Run]) -> RunView:
    """The run, and the runs before it, the oldest first."""
    runs = [*earlier, run]
    bars = [_bar(each) for each in runs]
    return RunView(
        run_id=text(run, "run_id"),
        what=asked_for(run),
        when=time(moment(run, "started")),
        took=_took(run),
        ended=ended(run),
        tiles=_tiles(run, earlier),
        alarms=alarms_of(run),
        compared=inside(run, "alarms") is not None,
        past=tuple(past_of(each) for each in reversed(runs)),
        charts=(records_chart(bars, WIDE), records_chart(bars, NARROW)),
        fields=fields(run, earlier),
        dropped=_dropped(run),
        warnings=tuple(
            (code, int(number), WARNINGS.get(code, ""))
            for code, number in numbers(run, "counts", "warnings").items()
        ),
        speed=_speed(run),
        given_up=_texts(run, "hosts_given_up"),
        asked=_texts(run, "asked", "arguments"),
        settings=_texts(run, "asked", "settings"),
        versions=_texts(run, "versions"),
    )


@lru_cache
def _words() -> dict[str, Any]:
    return tomllib.loads(_WORDS.read_text("utf-8"))


def ended(run: Run) -> Ended:
    """How the run ended; a reason that has no words of its own is named."""
    reason = text(run, "exit_reason")
    known = _words()["ended"]
    found = known.get(reason) or known["unknown"]
    label = found["label"] if reason in known else f"{found['label']}: {reason or 'unknown'}"
    return Ended(label, found["says"], found["tone"])


def alarms_of(run: Run) -> tuple[Alarm, ...]:
    """What the run's comparison with its past has raised."""
    return tuple(
        Alarm(text(each, "name"), text(each, "site"), text(each, "message"))
        for each in entries(run, "alarms")
    )


def asked_for(run: Run) -> str:
    """What was to be crawled: the arguments, or all described sites."""
    given = mapping(run, "asked", "arguments")
    named = [str(given[name]) for name in ("url", "site") if given.get(name)]
    if named:
        return ", ".join(named)
    sites = list(mapping(run, "sites"))
    return sites[0] if len(sites) == 1 else f"{len(sites)} sites" if sites else "all sites"


def fields(counts: Run, earlier: Sequence[Run], *path: str) -> tuple[Share, ...]:
    """The share of articles that have each field, beside what is usual."""
    path = path or ("counts", "fields_filled")
    filled = numbers(counts, *path)
    return tuple(
        Share(
            name,
            share(part),
            bar(part),
            _usual([number(run, *path, name) for run in earlier], part),
            sparkline([*(number(run, *path, name) for run in earlier), part], 1),
        )
        for name, part in filled.items()
        if not name.endswith("_raw")  # as often as the field beside it
    )


def bar(part: float) -> int:
    """The length of a bar: 0 for nothing alone."""
    return min(BAR_STEPS, max(1 if part else 0, round(part * BAR_STEPS)))


def _usual(before: Sequence[float | None], part: float) -> str:
    """What is usual, where that looks different."""
    known = [each for each in before if each is not None]
    usual = share(statistics.median(known)) if known else share(part)
    return f"usually {usual}" if usual != share(part) else ""


def _took(run: Run) -> str:
    seconds = number(run, "seconds")
    return duration(seconds) if seconds is not None else "unknown"


def _bar(run: Run) -> Bar:
    when = moment(run, "started")
    articles, rejected = count(run, "counts", "articles"), count(run, "counts", "rejected")
    told = f"{time(when)}: {many(articles)} articles, {many(rejected)} rejected"
    return Bar(day(when), told, articles, rejected)


def past_of(run: Run) -> Past:
    """A run among others."""
    return Past(
        text(run, "run_id"),
        time(moment(run, "started")),
        count(run, "counts", "articles"),
        count(run, "counts", "rejected"),
        ended(run),
        len(alarms_of(run)),
    )


def _tiles(run: Run, earlier: Sequence[Run]) -> tuple[Tile, ...]:
    articles = count(run, "counts", "articles")
    before = [count(each, "counts", "articles") for each in earlier]
    usual = f"usually {many(statistics.median(before))}" if before else ""
    left, unchanged = count(run, "pages", "left"), count(run, "pages", "unchanged")
    alarms = len(alarms_of(run))
    return (
        Tile("Articles", many(articles), usual, "good" if articles else ""),
        Tile("Rejected", many(count(run, "counts", "rejected"))),
        Tile(
            "Alarms",
            many(alarms),
            "" if inside(run, "alarms") is not None else "not compared",
            "bad" if alarms else "",
        ),
        Tile("Pages asked for", many(count(run, "pages", "asked")), f"{many(left)} left"),
        Tile("Unchanged", many(unchanged), "since the last look"),
        Tile("Pages a second", _rate(run), size(count(run, "requests", "bytes_received"))),
    )


def _rate(run: Run) -> str:
    pages, seconds = count(run, "pages", "asked"), number(run, "seconds")
    if not (pages and seconds):
        return "–"
    rate = pages / seconds
    return f"{rate:.1f}" if rate >= 1 else f"{rate:.2f}"


def _dropped(run: Run) -> tuple[Share, ...]:
    """Boilerplate by reason, as shares of all the text of the articles' pages."""
    table = mapping(run, "counts", "boilerplate_dropped")
    characters = {reason: count(table, reason, "characters") for reason in table}
    total = sum(characters.values()) + count(run, "counts", "body_characters")
    return tuple(
        Share(
            reason_label(reason),
            share(length / total),
            bar(length / total),
            f"{many(length)} characters in {many(count(table, reason, 'blocks'))} blocks",
        )
        for reason, length in sorted(characters.items(), key=lambda item: -item[1])
        if length
    )


def _speed(run: Run) -> tuple[tuple[str, str], ...]:
    seconds = number(run, "seconds") or 0
    received = count(run, "requests", "bytes_received")
    rows = [("Duration", _took(run)), ("Pages a second", _rate(run))]
    rows += [("Requests sent", many(count(run, "requests", "sent")))]
    rows += [("Received", size(received))]
    if seconds:
        rows += [("Received a second", size(received / seconds))]
    for title, table in (("Answers", "responses"), ("Failures", "failures")):
        known = numbers(run, "requests", table)
        if known:
            told = ", ".join(f"{name}: {many(number)}" for name, number in known.items())
            rows.append((title, told))
    errors = count(run, "errors", "logged")
    return (*rows, ("Errors logged", many(errors)))


def _texts(run: Run, *path: str) -> tuple[tuple[str, str], ...]:
    """A table's names and values as text, less what is not set."""
    return tuple(
        (str(name), ", ".join(map(str, value)) if isinstance(value, list) else str(value))
        for name, value in mapping(run, *path).items()
        if value not in (None, "", [])
    )
