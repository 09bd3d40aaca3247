"""The title is the headline that a reader sees; the description is the page's own summary."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pipelines import clean

DATA = Path(__file__).parent / "data"
TITLES = tomllib.loads((DATA / "titles.toml").read_text("utf-8"))["case"]
TEXT = (
    "<p>Fluid leaks from the small vessels into the tissue of the legs when the muscles rest for "
    "hours, and the skin above it feels tight long before a swelling can be seen.</p>"
    "<p>Standing up every hour and moving the feet keeps the pump of the calf at work, so that "
    "most of the fluid is carried back before the evening.</p>"
)


def page(case: dict[str, str]) -> bytes:
    head, top = case.get("head", ""), case.get("top", "")
    return (
        f"<html><head><meta charset='utf-8'>{head}</head><body>{top}{TEXT}</body></html>".encode()
    )


def params(cases: list[dict[str, str]]) -> list[object]:
    """The cases by their names, those known to fail with the reason."""
    return [
        pytest.param(
            case,
            id=case["name"],
            marks=[pytest.mark.xfail(reason=case["known"], strict=True)] if "known" in case else [],
        )
        for case in cases
    ]


@pytest.mark.parametrize("case", params(TITLES))
def test_the_title_is_the_headline_that_is_seen(case: dict[str, str]) -> None:
    assert clean(page(case), case.get("url")).title == case["title"]
