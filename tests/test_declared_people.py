"""People whom pages declare in scripts, attributes and meta tags: who counts, and who is nobody."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from lxml import html

from pipelines.json_text import parse_json
from pipelines.metadata import Metadata, read_metadata

from .articles import DATA

CASES = tomllib.loads((DATA / "declared_people.toml").read_text("utf-8"))["case"]
BROKEN = tomllib.loads((DATA / "broken_json.toml").read_text("utf-8"))["case"]


def read(case: dict[str, Any]) -> Metadata:
    head = "".join(
        f'<script type="application/ld+json">{text}</script>' for text in case.get("ld", [])
    )
    page = (
        f'<html lang="{case.get("lang", "en")}"><head><title>Why knees crack | Knee Gazette</title>'
        f'<meta property="og:site_name" content="Knee Gazette">{head}{case.get("head", "")}</head>'
        f"<body><h1>Why knees crack</h1>{case.get('body', '')}<p>Text.</p></body></html>"
    )
    return read_metadata(html.fromstring(page), case.get("url", "https://knee.example/crack"))


def told(people: Any) -> list[str]:
    """`name|credentials|role|affiliation`, the empty ends cut off."""
    parts = [(p.name, p.credentials, p.role, p.affiliation) for p in people]
    return ["|".join(part or "" for part in person).rstrip("|") for person in parts]


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_declared_people(case: dict[str, Any]) -> None:
    found = read(case)
    assert told(found.authors) == case.get("authors", [])
    assert told(found.reviewers) == case.get("reviewers", [])
    assert found.sources.get("authors") == case.get("source", found.sources.get("authors"))


@pytest.mark.parametrize("case", BROKEN, ids=[case["says"] for case in BROKEN])
def test_broken_json_is_read_only_where_there_is_one_way_to_read_it(case: dict[str, Any]) -> None:
    assert parse_json(case["text"]) == (json.loads(case["value"]) if "value" in case else None)


def test_what_repeats_without_end_is_read_in_time() -> None:
    for text in (
        '{"a":[' * 50_000,
        '"' * 100_000,
        "{}" * 50_000,
        "/*" * 50_000,
        '{"a":"\\' * 9_999,
    ):
        parse_json(text)
    nested = "<div itemscope itemprop=author>" * 3_000
    root = html.fromstring(f"<body><div itemscope itemtype=Article>{nested}</div>")
    assert read_metadata(root, None).authors == ()
