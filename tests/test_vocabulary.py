"""Every language file is complete, and its phrases name boilerplate but no prose."""

from __future__ import annotations

import json
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
    assert getattr(vocabulary(code).read(line), question) == family


def test_a_label_gives_the_rest_of_the_line() -> None:
    said = vocabulary("zh").read("上一篇：如何预防感冒？")
    assert (said.label, said.rest) == ("previous", "如何预防感冒？")


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
