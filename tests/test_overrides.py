"""What a site's own selectors drop and keep, whatever the rules say of it."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from pipelines import Article, Rejected, clean_page, read_page
from pipelines.cleaner import label_page
from pipelines.overrides import Overrides
from pipelines.page import Page
from tests.articles import page, visible

URL = "https://example.org/blog/sprained-ankle-care"
STORY = (
    "<p>Whoever has rolled an ankle once will do it again, unless the small muscles of the lower "
    "leg learn to answer faster than the joint gives way, which takes about six weeks.</p>"
)
AD = (
    "<p>Our elastic bandages hold for a whole season, and every customer of the shop gets the "
    "second one for half the price until the end of the month, in all sizes and colours.</p>"
)


def read(markup: str) -> Page:
    found = read_page(markup.encode(), URL)
    assert isinstance(found, Page)
    return found


def record(markup: str, overrides: Overrides) -> Article:
    outcome = clean_page(read(markup), overrides=overrides)
    assert isinstance(outcome, Article)
    return outcome


def reasons(article: Article) -> dict[str, str]:
    return {removed.text: removed.reason for removed in article.removed}


DROP, KEEP = Overrides(drop=(".x",)), Overrides(keep=(".x",))
BOTH = Overrides(drop=(".x",), keep=(".y",))
CASES: dict[str, tuple[str, Overrides, str, bool]] = {
    "the element itself": (f"<div class=x>{STORY}</div>", DROP, STORY, False),
    "what is in it": (f"<div class=x><div><div>{STORY}</div></div></div>", DROP, STORY, False),
    "not what is beside it": (f"<div class=x>{AD}</div>{STORY}", DROP, STORY, True),
    "a line within a paragraph": (
        "<p>Rest the foot. <span class=x>Bandages are in our shop.</span> Then walk.</p>",
        DROP,
        "Bandages are in our shop.",
        False,
    ),
    "the text around that line": (
        "<p>Rest the foot for two days. <span class=x>Bandages are in our shop.</span></p>",
        DROP,
        "Rest the foot for two days.",
        True,
    ),
    "a row of a table": (
        "<table><tr><th>Day</th><th>Steps</th></tr><tr class=x><td>3</td><td>200</td></tr>"
        "<tr><td>4</td><td>300</td></tr></table>",
        DROP,
        "3 | 200",
        False,
    ),
    "rows of a part of a table": (
        "<table><thead><tr><th>Day</th><th>Steps</th></tr></thead><tbody class=x><tr><td>3</td>"
        "<td>200</td></tr></tbody></table>",
        DROP,
        "3 | 200",
        False,
    ),
    "kept against a class": (f"<div class='x newsletter ad'>{AD}</div>", KEEP, AD, True),
    "kept against a phrase": (
        "<p class=x>All rights reserved.</p>",
        KEEP,
        "All rights reserved.",
        True,
    ),
    "kept though hidden": (f"<div class=x hidden>{STORY}</div>", KEEP, STORY, True),
    "kept inside what is dropped": (
        f"<div class=x>{AD}<div class=y>{STORY}</div></div>",
        BOTH,
        STORY,
        True,
    ),
    "dropped around what is kept": (
        f"<div class=x>{AD}<div class=y>{STORY}</div></div>",
        BOTH,
        AD,
        False,
    ),
    "dropped inside what is kept": (
        f"<div class=y>{STORY}<div class=x>{AD}</div></div>",
        BOTH,
        AD,
        False,
    ),
    "both on one element": (f"<div class='x y'>{STORY}</div>", BOTH, STORY, True),
    "what holds a field": (
        f"<div class=x>{AD}</div>",
        Overrides(fields=(".x::text",)),
        AD,
        False,
    ),
    "a field inside what is kept": (
        f"<div class=y>{STORY}<div class=x>{AD}</div></div>",
        Overrides(keep=(".y",), fields=(".x",)),
        AD,
        False,
    ),
}


@pytest.mark.parametrize(("markup", "overrides", "line", "kept"), CASES.values(), ids=CASES.keys())
def test_the_site_has_the_last_word(
    markup: str, overrides: Overrides, line: str, kept: bool
) -> None:
    article = record(page("en", middle=markup), overrides)
    look = visible(line)
    assert (look in article.body) is kept
    if not kept:
        assert reasons(article)[look] == "site-rule"


@pytest.mark.parametrize("overrides", [DROP, KEEP, BOTH, Overrides(body="article")])
@pytest.mark.parametrize("markup", [case[0] for case in CASES.values()])
def test_nothing_is_lost(markup: str, overrides: Overrides) -> None:
    """What is kept and what is removed are together what the page shows without a description."""
    read_once = read(page("en", middle=markup))
    plain, described = label_page(read_once), label_page(read_once, overrides=overrides)
    said = [
        Counter(re.findall(r"\w+", " ".join(block.text for block in labelled.draft.blocks)))
        for labelled in (plain, described)
    ]
    assert said[0] == said[1]


def test_a_dropped_picture_is_no_figure() -> None:
    markup = page("en", middle=f"<div class=x><img src=/ad.png>{AD}</div><img src=/ankle.png>")
    urls = [figure.url for figure in record(markup, DROP).figures]
    assert "https://example.org/ankle.png" in urls
    assert "https://example.org/ad.png" not in urls


def test_a_heading_goes_with_its_dropped_text() -> None:
    markup = page("en", middle=f"<h2>From our shop</h2><div class=x>{AD}</div><h2>Walking</h2>")
    assert "From our shop" not in record(markup, DROP).body


def test_a_line_of_people_is_read_and_dropped() -> None:
    line = "Written by Martha Green, MD"
    markup = page("en", head=f"<div class=x>{line}</div>")
    article = record(markup, Overrides(fields=(".x",)))
    assert line not in article.body
    assert "Martha Green" in (article.author or "")


def test_text_in_the_element_of_the_article_is_an_article() -> None:
    """Also where the page as a whole looks like something else."""
    teasers = "".join(f"<li><h3><a href=/{n}>Story number {n}</a></h3></li>" for n in range(60))
    markup = f"<html><body><ul>{teasers}</ul><div id=story>{STORY * 1}{AD}</div></body></html>"
    assert isinstance(clean_page(read(markup)), Rejected)
    article = record(markup, Overrides(body="#story"))
    assert visible(STORY) in article.body
    assert "Story number" not in article.body
    assert reasons(article)["Story number 3"]


def test_an_element_without_text_is_left_out_of_account() -> None:
    markup = page("en", middle="<div class=x>Short</div>")
    article = record(markup, Overrides(body=".x"))
    assert "body-selector-unused" in article.warnings
    assert article.body == record(markup, Overrides()).body


def test_selectors_that_match_nothing_change_nothing() -> None:
    read_once = read(page("en"))
    nothing = Overrides(drop=(".none",), keep=("#none",), fields=("none",), body=".none")
    assert clean_page(read_once, overrides=nothing) == clean_page(read_once)
