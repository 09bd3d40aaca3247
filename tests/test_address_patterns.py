"""How articles are addressed: what is learned from addresses, and when it is certain."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.new_site.choosing import next_page
from scraper.new_site.evidence import Evidence, judge, matches
from scraper.new_site.patterns import learn_patterns
from scraper.new_site.shapes import shapes_of

CASES = tomllib.loads((Path(__file__).parent / "data" / "address_patterns.toml").read_text("utf-8"))
HOST = "https://e.org"


@pytest.mark.parametrize("case", CASES["case"], ids=[case["name"] for case in CASES["case"]])
def test_what_is_learned(case: dict[str, Any]) -> None:
    wanted = case["pattern"]
    patterns = learn_patterns(case["articles"])
    assert patterns == ((wanted,) if isinstance(wanted, str) else tuple(wanted))
    for address in (*case["articles"], *case["matches"]):
        assert matches(address, patterns), address
    for address in case["others"]:
        assert not matches(address, patterns), address


PARTS = st.text("ab19-_.%+($[é", min_size=1, max_size=6)
ADDRESSES = st.builds(
    lambda parts, end, query: f"{HOST}/{'/'.join(parts)}{end}{query}",
    st.lists(PARTS, min_size=1, max_size=3),
    st.sampled_from(["", "/", ".html"]),
    st.sampled_from(["", "?p=1", "?p=22", "?a&b=c"]),
)


@given(st.lists(ADDRESSES, min_size=1, max_size=8))
def test_what_is_learned_matches_what_it_was_learned_from(addresses: list[str]) -> None:
    patterns = learn_patterns(addresses)
    assert all(matches(address, patterns) for address in addresses)


def test_shapes_leave_open_what_changes() -> None:
    tags = [f"{HOST}/tag/{name}/feed" for name in "abcdefghijk"]
    told = shapes_of(
        [f"{HOST}/", f"{HOST}/2024/05/gout.html", f"{HOST}/page/2/", f"{HOST}/?p=12", *tags]
    )
    assert set(told.values()) == {"/", "/9/9/*.html", "/page/9/", "/?p=9", "/tag/*/*"}


def addresses(form: str, count: int, first: int = 0) -> list[str]:
    """As many addresses of one form: its `*` becomes a name."""
    return [HOST + form.replace("*", f"name{chr(97 + n)}x") for n in range(first, first + count)]


POSTS, TAGS = addresses("/blog/*/", 12), addresses("/tag/*", 8)
HUBS = [f"{HOST}/", f"{HOST}/about", f"{HOST}/page/2"]
SITE = [*POSTS, *TAGS, *HUBS]
SECTION = addresses("/news/*/", 3)


@pytest.mark.parametrize(
    ("evidence", "doubt"),
    [
        (Evidence(POSTS[:6], [*TAGS[:2], *HUBS], SITE, POSTS), None),
        (Evidence(POSTS[:5], [*TAGS[:2], *HUBS], SITE, POSTS), "5 articles"),
        (Evidence(POSTS[:6], HUBS[:1], POSTS + HUBS[:1], POSTS), "leave out only 1 of the 1"),
        (Evidence(POSTS[:6], [*TAGS[:2], *HUBS], SITE, []), "no sitemap lists"),
        (Evidence(POSTS[:6], [*TAGS[:2], *HUBS], SITE, POSTS[:11]), "(1 such addresses seen)"),
        (Evidence(POSTS[:6], HUBS, SITE, POSTS), "too few were looked at"),
        (
            Evidence(POSTS[:6], [*TAGS[:2], *HUBS], [*SITE, *SECTION], SITE),
            "too few were looked at",
        ),
        (
            Evidence([*POSTS[:6], SECTION[0]], [*TAGS[:2], *HUBS], SITE + SECTION, SITE + SECTION),
            "too few articles confirm",
        ),
        (
            Evidence(
                [*POSTS[:3], f"{HOST}/a", f"{HOST}/b.htm", f"{HOST}/c/d.html", f"{HOST}/?p=1"],
                [*TAGS[:2], *HUBS],
                SITE,
                SITE,
            ),
            "built in 5 ways",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_pattern_is_written_only_where_it_is_certain(
    evidence: Evidence, doubt: str | None
) -> None:
    told = judge(evidence).doubt
    assert (told is None) if doubt is None else (told is not None and doubt in told)


def test_listed_is_listed_however_the_address_is_spelt() -> None:
    listed = [post.replace("https://e.org", "http://www.e.org") for post in POSTS]
    assert judge(Evidence(POSTS[:6], [*TAGS[:2], *HUBS], SITE, listed)).doubt is None


def test_what_would_settle_it_is_asked_for_and_settles_it() -> None:
    articles, others = POSTS[:2], HUBS[:1]
    for _ in range(20):
        verdict = judge(Evidence(articles, others, SITE, SITE))
        if not verdict.wanted:
            break
        new = verdict.wanted[0]
        (articles if new in POSTS else others).append(new)
    assert verdict.doubt is None
    assert len(articles) < len(POSTS)
    assert verdict.matching == len(POSTS)


def test_an_article_that_no_sitemap_lists_ends_the_search() -> None:
    verdict = judge(Evidence(POSTS[:6], HUBS, SITE, POSTS[1:]))
    assert verdict.doubt
    assert POSTS[0] in verdict.doubt
    assert not verdict.wanted


PAGES = [f"{HOST}/page/{n}" for n in range(2, 12)]
YEARS = [f"{HOST}/archive/{year}" for year in (2024, 2022, 2019)]


@pytest.mark.parametrize(("lists", "ends"), [(PAGES, {2, 11}), (YEARS, {2019, 2024})])
def test_numbered_lists_are_looked_at_to_their_ends(lists: list[str], ends: set[int]) -> None:
    seen, others = [*POSTS, *TAGS, HUBS[1], *lists], [*TAGS[:2], HUBS[1]]
    while verdict := judge(Evidence(POSTS[:6], others, seen, POSTS)):
        if not verdict.wanted:
            break
        others.append(verdict.wanted[0])
    assert verdict.doubt is None
    assert {int(one.rpartition("/")[2]) for one in others if one in lists} == ends


def test_of_pages_below_the_front_page_several_are_looked_at() -> None:
    top = [f"{HOST}/{name}" for name in ("about", "team", "terms", "press", "gout-guide", "jobs")]
    verdict = judge(Evidence(POSTS[:6], [*TAGS[:2], *top[:4]], [*POSTS, *TAGS, *top], POSTS))
    assert verdict.wanted == ("https://e.org/gout-guide",)


def test_half_of_the_pages_looked_at_are_articles_and_the_others_of_every_kind() -> None:
    looked_at: dict[str, bool] = {}
    while len(looked_at) < 10:
        address = next_page([*TAGS, *HUBS, *POSTS], looked_at)
        assert address
        looked_at[address] = address in POSTS
    assert 4 <= sum(looked_at.values()) <= 6
    assert set(HUBS) <= looked_at.keys()
    assert next_page(["https://e.org/a"], {"https://e.org/a": True}) is None
