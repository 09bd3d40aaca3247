"""Every language file is complete, and its phrases name boilerplate but no prose."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from pipelines.vocabulary import TABLES, VocabularyError, languages, load, vocabulary

CASES = json.loads((Path(__file__).parent / "data" / "phrases.json").read_text(encoding="utf-8"))
# Families without which a language cannot tell an article from what surrounds it.
CORE = ("copyright", "related", "previous", "next", "share", "newsletter", "cookie", "disclaimer")
CORE += ("comments", "references", "toc", "author-bio", "ad", "breadcrumb", "tags", "login", "nav")


@pytest.mark.parametrize("code", list(languages()))
def test_a_language_file_is_complete(code: str) -> None:
    tables = load(languages()[code])
    assert [family for family in CORE if not tables["whole"][family]] == []
    people = ("author", "reviewer", "both", "editor", "photographer", "credentials", "roles")
    assert [key for key in (*people, "affiliations", "nobody") if not tables["people"][key]] == []
    assert [k for k in TABLES["dates"] if not tables["dates"][k]] == []
    assert len(tables["dates"]["months"]) == 12


@pytest.mark.parametrize(
    ("question", "code", "line", "family"),
    [(question, *case) for question, cases in CASES.items() for case in cases],
)
def test_a_line_belongs_to_a_family_or_to_none(
    question: str, code: str, line: str, family: str | None
) -> None:
    answer = getattr(vocabulary(code), question)(line)
    assert (answer[0] if isinstance(answer, tuple) else answer) == family


def test_a_label_gives_the_rest_of_the_line() -> None:
    assert vocabulary("zh").label("上一篇：如何预防感冒？") == ("previous", "如何预防感冒？")


def test_an_unknown_language_is_read_as_english() -> None:
    assert vocabulary("xx-YY") is vocabulary("en")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[whole]\ncopyrigth = []", ["bad.toml", "copyrigth", "'copyright'"]),
        ("[hwole]\n", ["bad.toml", "hwole", "'whole'"]),
        ("[whole", ["bad.toml", "not valid TOML"]),
        ("[whole]\nnav = 3", ["bad.toml", "[whole] nav"]),
        ("[dates]\nmonths = [['a']]", ["bad.toml", "twelve months"]),
    ],
)
def test_a_wrong_file_is_named_with_the_nearest_key(
    tmp_path: Path, text: str, says: list[str]
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(VocabularyError) as error:
        load(path)
    assert [part for part in says if part not in str(error.value)] == []


def test_two_hundred_lines_take_milliseconds() -> None:
    words = vocabulary("zh")
    lines = ["Related conditions include high blood pressure and many other things. " * 5] * 200
    words.whole(lines[0]), words.start(lines[0]), words.label(lines[0])
    start = time.perf_counter()
    for line in lines:
        words.whole(line), words.start(line), words.label(line), words.contains(line)
    assert time.perf_counter() - start < 0.1  # 5 ms on an idle core
