"""A site's run against its past: what is told, and what is not."""

from __future__ import annotations

import contextlib
import io
import re
from dataclasses import dataclass, replace

import pytest

from benchmarks.site_health import CHANGES, KINDS, Change, detected, histories, play
from scraper.site_health.alarm import NAMES
from scraper.site_health.comparison import alarms_of
from scraper.site_health.site_run import SiteRun
from scraper.site_health.thresholds import thresholds

from .conftest import ROOT

DOCUMENT = (ROOT / "docs" / "site-health.md").read_text("utf-8")
NIGHT = SiteRun(
    day="2026-01-31",
    asked=160,
    errors=2,
    articles=120,
    rejected={"page-type-listing": 30},
    rejected_anew={"page-type-listing": 6},
    filled={"title": 120, "author": 115, "reviewer": 3},
    words=812,
    boilerplate=0.41,
)
SMALL = replace(
    NIGHT, asked=20, errors=0, articles=4, filled={"title": 4, "author": 4}, rejected_anew={}
)
WITHOUT_AUTHOR = replace(NIGHT, filled=NIGHT.filled | {"author": 2})


@dataclass(frozen=True)
class Case:
    """A run after `nights` runs like `past`, and the names of the alarms that it raises."""

    present: SiteRun
    names: tuple[str, ...] = ()
    past: SiteRun = NIGHT
    nights: int = 10


NOTHING: dict[str, int] = {}
CASES = {
    "as usual": Case(NIGHT),
    "a field lost": Case(WITHOUT_AUTHOR, ("field-lost",)),
    "on half of the pages": Case(replace(NIGHT, filled={"author": 60}), ("field-lost",) * 2),
    "a little less of a field": Case(replace(NIGHT, filled=NIGHT.filled | {"author": 100})),
    "a rare field lost": Case(replace(NIGHT, filled=NIGHT.filled | {"reviewer": 0})),
    "a rise is news": Case(replace(NIGHT, filled=NIGHT.filled | {"reviewer": 120})),
    "the first run": Case(WITHOUT_AUTHOR, nights=0),
    "one of the first runs": Case(WITHOUT_AUTHOR, nights=4),
    "shorter": Case(replace(NIGHT, words=270), ("shorter-articles",)),
    "longer": Case(replace(NIGHT, words=2_400), ("longer-articles",)),
    "a little shorter": Case(replace(NIGHT, words=650)),
    "more boilerplate": Case(replace(NIGHT, boilerplate=0.7), ("boilerplate-changed",)),
    "less boilerplate": Case(replace(NIGHT, boilerplate=0.15), ("boilerplate-changed",)),
    "half of the articles refused": Case(
        replace(NIGHT, articles=60, filled=NIGHT.filled | {"title": 60, "author": 57},
                rejected_anew={"page-type-listing": 66}),
        ("more-rejects",),
    ),
    "known articles refused": Case(
        replace(NIGHT, articles=200, filled={"title": 200, "author": 195}, articles_refused=194,
                rejected_anew={"page-type-listing": 200}),
        ("more-rejects",),
    ),
    "more lists, and all articles": Case(
        replace(NIGHT, rejected_anew={"page-type-listing": 120})
    ),
    "lists looked at again, and no article": Case(
        replace(NIGHT, articles=0, filled={}, rejected_anew={}, words=None, boilerplate=None)
    ),
    "errors": Case(replace(NIGHT, errors=80), ("more-errors",)),
    "a handful of records": Case(replace(SMALL, filled={"title": 4}), past=SMALL),
    "no article for once": Case(
        replace(NIGHT, articles=0, filled={}, words=None, boilerplate=None),
        ("fewer-articles",),
        nights=20,
    ),
    "no article, in a run that a limit ended": Case(
        replace(NIGHT, articles=0, filled={}, words=None, whole=False), nights=20
    ),
    "no article, in a run of another kind": Case(
        replace(NIGHT, articles=0, filled={}, words=None, kind="all"), nights=20
    ),
    "lists taken for articles": Case(
        replace(NIGHT, rejected={"page-type-listing": 6}), ("fewer-rejects",), nights=20
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_told(name: str) -> None:
    case = CASES[name]
    alarms = alarms_of("example", case.present, [case.past] * case.nights, thresholds())
    assert tuple(alarm.name for alarm in alarms) == case.names


def test_an_alarm_is_one_sentence_with_its_figures() -> None:
    (alarm,) = alarms_of("example", WITHOUT_AUTHOR, [NIGHT] * 10, thresholds())
    assert alarm.as_dict() == {
        **{"name": "field-lost", "site": "example", "measure": "author", "value": 0.0167},
        **{"usual": 0.9583, "records": 120, "runs": 10},
        "message": "site example: author filled 2% of 120 records; 96% in the last 10 runs",
    }


def test_a_small_site_is_told_of_some_nights_later() -> None:
    history = [SMALL] * 20
    told: list[str] = []
    while not told and len(history) < 27:
        lost = replace(SMALL, filled={"title": 4})
        told = [alarm.message for alarm in alarms_of("example", lost, history, thresholds())]
        history.append(lost)
    assert 22 <= len(history) <= 26
    assert re.fullmatch(
        r"site example: author filled \d+% of 2\d records in the last \d runs; 100% in \d+ runs "
        r"before",
        told[0],
    )


def nights_of_alarm(history: list[SiteRun], present: SiteRun, nights: int) -> list[bool]:
    """Whether each of so many nights like `present` raises an alarm; each becomes history."""
    told = []
    for _ in range(nights):
        alarms = alarms_of("example", present, history[-30:], thresholds())
        keys = frozenset((alarm.name, alarm.measure) for alarm in alarms)
        history.append(replace(present, alarmed=keys))
        told.append(bool(alarms))
    return told


def test_an_alarm_is_raised_each_night_for_a_week_and_then_it_is_the_usual() -> None:
    history = [NIGHT] * 10
    assert nights_of_alarm(history, WITHOUT_AUTHOR, 40) == [True] * 7 + [False] * 33
    assert nights_of_alarm(history, NIGHT, 5) == [False] * 5  # a rise is news
    assert nights_of_alarm(history, WITHOUT_AUTHOR, 1) == [False]


def test_an_alarm_ends_when_the_site_is_as_it_was() -> None:
    history = [NIGHT] * 10
    assert nights_of_alarm(history, WITHOUT_AUTHOR, 3) == [True] * 3
    assert nights_of_alarm(history, NIGHT, 3) == [False] * 3
    assert nights_of_alarm(history, WITHOUT_AUTHOR, 1) == [True]


@pytest.mark.slow
def test_simulated_histories_without_a_change_raise_next_to_no_alarm() -> None:
    sound = [(kind, seed) for kind, seed in histories(18) if kind != "noisy"]
    told = [alarm for kind, seed in sound for each in play(kind, seed, 40).alarms for alarm in each]
    assert told == []


PROMISED = {
    "author lost": "big seasonal",
    "author lost on half of the pages": "big",
    "bodies cut to a third": "big seasonal noisy",
    "listings taken for articles": "big seasonal",
    "half of the articles refused": "big",
    "pages fail": "big",
    "no articles any more": "big seasonal",
}


@pytest.mark.slow
@pytest.mark.parametrize("change", PROMISED)
def test_simulated_changes_are_told_within_a_week(change: str) -> None:
    kinds = PROMISED[change].split()
    for of in detected(change, [(kind, seed) for kind in kinds for seed in range(2)], 0).values():
        assert of.within_a_week == of.histories


def test_the_simulation_knows_the_names_of_alarms() -> None:
    changes: list[tuple[Change, frozenset[str]]] = [*CHANGES.values()]
    assert frozenset().union(*(names for _, names in changes)) <= NAMES.keys()
    assert {kind for kind, _ in histories(6)} == KINDS.keys()


def test_the_document_has_every_alarm() -> None:
    assert set(re.findall(r"^\| `([a-z-]+)` \|", DOCUMENT, re.M)) == NAMES.keys()


def test_the_example_of_the_document_prints_what_it_says() -> None:
    code = next(
        code for code in re.findall(r"```python\n(.*?)```", DOCUMENT, re.S) if "for" in code
    )
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})
    expected = [line.removeprefix("# ") for line in code.splitlines() if line.startswith("# ")]
    assert printed.getvalue().splitlines() == expected
