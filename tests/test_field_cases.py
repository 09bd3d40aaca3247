"""Figures, references, tags, trails, links, rights and medical fields: cases as data.

The cases are in `tests/data/field_cases.toml`.
"""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest

from pipelines import Article, clean
from tests.articles import DATA, page

URL = "https://example.org/blog/sprained-ankle-care"
CASES: list[dict[str, Any]] = tomllib.loads((DATA / "field_cases.toml").read_text("utf-8"))["cases"]


def record_of(case: dict[str, Any]) -> Article:
    language, at = case.get("lang", "en"), case["at"]
    if at == "meta":
        markup = page(language).replace("</head>", case["html"] + "</head>", 1)
    else:
        markup = page(language, **{at: case["html"]})
    record = clean(markup.encode("utf-8"), URL)
    assert isinstance(record, Article)
    return record


@pytest.mark.parametrize("case", CASES, ids=[f"{c['field']}-{c['name']}" for c in CASES])
def test_the_field(case: dict[str, Any]) -> None:
    record = record_of(case)
    value: Any = record.to_dict()
    for part in case["field"].split("."):
        value = value[part]
    assert value == json.loads(case["expect"])
    assert case.get("body", "") in record.body
    assert "not_body" not in case or case["not_body"] not in record.body


def test_no_two_cases_share_a_name() -> None:
    names = [(case["field"], case["name"]) for case in CASES]
    assert len(set(names)) == len(names)
