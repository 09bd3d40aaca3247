"""Days are read as the page means them, or not at all."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from pipelines.dates import parse_date, read_dates
from pipelines.vocabulary import vocabulary

CASES = json.loads((Path(__file__).parent / "data" / "dates.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("text", "code", "day", "precision"), CASES)
def test_a_date_is_read_or_refused(
    text: str, code: str, day: str | None, precision: str | None
) -> None:
    found = parse_date(text, (code,))
    assert (found and str(found.value), found and found.precision) == (day, precision)


def test_an_age_is_counted_from_the_day_of_the_fetch() -> None:
    found = parse_date("2 days ago", ("en",), today=date(2024, 5, 10))
    assert found is not None
    assert found.value == date(2024, 5, 8)


def test_what_is_no_date_is_left_over() -> None:
    line = read_dates("Updated on March 3, 2023 by Jane Doe", vocabulary("en"))
    assert line.modified is not None
    assert line.rest == "by Jane Doe"


def test_the_next_review_is_no_review() -> None:
    assert not read_dates("Next review due: 3 March 2021", vocabulary("en"))
