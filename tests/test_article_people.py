"""The people and days that stand around an article's text, in the places where pages put them.

The cases are in `data/article_people/`, a file a language; each is printed around the article of
its language in `data/article_texts.toml`, between a menu and a footer: `head` below the headline,
`foot` below the text, `side` in `<head>`. People are "name|credentials|role|affiliation"; `parts`
names those that are compared, if not all. A field that a case does not name must be empty, since a
wrong person is worse than none, unless readers differ on it (`optional`). `known_failures` says,
field by field, why the code is wrong today.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pipelines import clean

DATA = Path(__file__).parent / "data"
CASES: list[dict[str, Any]] = [
    case
    for path in sorted((DATA / "article_people").glob("*.toml"))
    for case in tomllib.loads(path.read_text("utf-8"))["case"]
]
TEXTS: dict[str, dict[str, str]] = tomllib.loads((DATA / "article_texts.toml").read_text("utf-8"))
PARTS = ("name", "credentials", "role", "affiliation")
FIELDS = ("authors", "reviewers", "published", "modified", "reviewed")


def page(case: dict[str, Any]) -> str:
    """The page of a case: its mark-up around the article of its language."""
    title, text = TEXTS[case["lang"]]["title"], TEXTS[case["lang"]]["text"].strip()
    lines = [line for line in text.split("\n") if line]
    body = "\n".join(f"<h2>{x[2:]}</h2>" if x.startswith("# ") else f"<p>{x}</p>" for x in lines)
    head, foot, side = (
        case.get(part, "").replace("HEADLINE", title) for part in ("head", "foot", "side")
    )
    return f"""<!doctype html><html lang="{case["lang"]}"><head><meta charset="utf-8">
<title>{title} | Brightwell</title><meta property="og:site_name" content="Brightwell">{side}</head>
<body><header><a href="/">Brightwell</a><nav><ul><li><a href="/a">A–Z</a></li><li>
<a href="/n">News</a></li></ul></nav></header><main><article><h1>{title}</h1>{head}
{body}{foot}</article></main><footer><p>© Brightwell</p></footer></body></html>"""


@cache
def record(name: str) -> dict[str, Any]:
    case = next(case for case in CASES if case["name"] == name)
    return clean(
        page(case).encode("utf-8"), "https://brightwell.example/heart/short-walk"
    ).to_dict()


def people(persons: list[dict[str, Any]], parts: tuple[str, ...]) -> list[str]:
    return ["|".join(person[part] or "" for part in parts) for person in persons]


TESTS = [
    pytest.param(
        case,
        field,
        id=f"{case['name']}-{field}",
        marks=[
            pytest.mark.xfail(strict=True, reason=why)
            for known, why in case.get("known_failures", {}).items()
            if known == field
        ],
    )
    for case in CASES
    for field in (*FIELDS, "body")
    if field not in case.get("optional", ())
]


def wanted(person: str, parts: tuple[str, ...]) -> str:
    """The named parts of a case's person."""
    told = zip(PARTS, person.split("|"), strict=True)
    return "|".join(value for part, value in told if part in parts)


@pytest.mark.parametrize(("case", "field"), TESTS)
def test_people_and_days_around_an_article(case: dict[str, Any], field: str) -> None:
    found = record(case["name"])
    if field == "body":
        lines = TEXTS[case["lang"]]["text"].strip().split("\n")
        assert found["body"].split("\n\n") == [line.removeprefix("# ") for line in lines if line]
    elif field in ("authors", "reviewers"):
        parts = tuple(case.get("parts", PARTS))
        assert people(found[field], parts) == [wanted(text, parts) for text in case.get(field, ())]
    else:
        assert str(found[f"date_{field}"] or "") == case.get(field, "")
