"""Quality as a gate: pinned floors on labelled pages, where they are at hand.

The pages are their publishers' and no part of the project: the folder that holds them is named by
`MARROW_DATA`, and the large set is run too where `MARROW_DATA_FULL=1`.
"""

from __future__ import annotations

import os
import tomllib
from functools import cache
from pathlib import Path

import pytest

from tests.articles import DATA
from tests.quality.scorer import SETS, Scores, folded, score_passages, tight, word_f1

FLOORS: dict[str, dict[str, float]] = tomllib.loads(
    (DATA / "quality_floors.toml").read_text("utf-8")
)
PLACE = Path(os.environ.get("MARROW_DATA") or Path(__file__).parents[2] / "shared" / "data")
NEEDS = {"seedtext": "seedlike"}
# More pages than a run of the tests has time for.
LARGE = frozenset(("wcxb",))


@cache
def scores(name: str) -> Scores:
    found = Scores()
    SETS[name](PLACE, found)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "measure"), [(name, measure) for name in FLOORS for measure in FLOORS[name]]
)
def test_floor(name: str, measure: str) -> None:
    if name in LARGE and os.environ.get("MARROW_DATA_FULL") != "1":
        pytest.skip("a large set: set MARROW_DATA_FULL=1 to run it")
    if not (PLACE / NEEDS.get(name, name)).is_dir():
        pytest.skip(f"no labelled pages `{name}`: set MARROW_DATA to the folder that holds them")
    found = scores(name)
    reached = found.means()[measure]
    assert reached >= FLOORS[name][measure], "\n".join(
        [f"{name}: {measure} is {reached:.4f}", *found.misses[:40]]
    )


def test_every_set_has_floors() -> None:
    assert set(FLOORS) == set(SETS)
    assert all(0 < floor <= 1 for floors in FLOORS.values() for floor in floors.values())


# The measures themselves, by hand.


@pytest.mark.parametrize(
    ("found", "true", "f1"),
    [
        ("a b c", "a b c", 1.0),
        ("A, b. C!", "a b c", 1.0),
        ("a b", "a b c d", 2 / 3),
        ("a a a", "a", 0.5),
        ("x", "y", 0.0),
        ("", "", 1.0),
        ("", "y", 0.0),
        ("脚踝扭伤", "脚踝", 2 / 3),
    ],
)
def test_word_f1(found: str, true: str, f1: float) -> None:
    assert word_f1(found, true) == pytest.approx(f1)


def test_text_is_compared_without_case_quotes_and_white_space() -> None:
    assert folded("“Ankle”\n\u3000 ＡＢＣ") == '"ankle" abc'
    assert tight(" a\n b ") == "ab"


def test_passages_are_counted_and_told() -> None:
    found = Scores()
    labels = {
        "keep": ["Rest the foot", "never seen"],
        "drop": [{"text": "share this", "class": "share"}, {"text": "by ann", "class": "byline"}],
    }
    score_passages(found, "page", "Rest the\nfoot. Share THIS", labels)
    assert found.means() == {"keep": 0.5, "drop": 0.5, "clean_pages": 0.0}
    assert found.misses == ["page: lost: never seen", "page: left [share]: share this"]
