"""The title is the headline that a reader sees; the description is the page's own summary."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pipelines import Article, clean

DATA = Path(__file__).parent / "data"
TITLES = tomllib.loads((DATA / "titles.toml").read_text("utf-8"))["case"]
TEXT = (
    "<p>Fluid leaks from the small vessels into the tissue of the legs when the muscles rest for "
    "hours, and the skin above it feels tight long before a swelling can be seen.</p>"
    "<p>Standing up every hour and moving the feet keeps the pump of the calf at work, so that "
    "most of the fluid is carried back before the evening.</p>"
)

LONGER = "".join(
    f"<h2>{head}</h2><p>{text}</p>"
    for head, text in (
        (
            "What the muscles do",
            "Each step presses the deep veins of the calf together and drives the blood upwards "
            "past valves that close behind it, so that walking empties the leg like a pump.",
        ),
        (
            "When to see a doctor",
            "A swelling on one side only, with pain and warmth in the calf, may be a clot in a "
            "deep vein and has to be looked at on the same day, whatever the hour may be.",
        ),
    )
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


LEAD = "Fluid collects in the legs while one sits; an hour on foot brings it back."
HEAD = "<title>Why ankles swell on long flights | Harbour</title>"
TOP = "<h1>Why ankles swell on long flights</h1>"
SITE = (
    "<script type='application/ld+json'>"
    '{"@type":"WebSite","description":"All about you"}</script>'
)


@pytest.mark.parametrize(
    ("head", "top", "description"),
    [
        ("<meta name='description' content='Feet and fluid.'>", "", "Feet and fluid."),
        ("", f"<p class='standfirst'>{LEAD}</p>", LEAD),
        ("", f"<h2 class='article-subtitle'>{LEAD}</h2>", LEAD),
        ("<meta name='description' content='Feet.'>", f"<p class='lead'>{LEAD}</p>", "Feet."),
        (
            "<meta name='description' content='Why ankles swell on long flights'>",
            f"<p class='lead'>{LEAD}</p>",
            LEAD,
        ),
        (f"{SITE}<meta name='description' content='All about you'>", "", None),
        ("", f"<p class='leaderboard'>{LEAD}</p>", None),
        ("", f"<p>{LEAD}</p>", None),
    ],
)
def test_the_description_is_a_summary(head: str, top: str, description: str | None) -> None:
    case = {"head": HEAD + head, "top": f"<article>{TOP}{top}{TEXT * 3}{LONGER}</article>"}
    article = clean(page(case))
    assert isinstance(article, Article)
    assert article.description == description
