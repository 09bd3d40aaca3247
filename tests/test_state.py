"""The crawl state takes whatever the web brings."""

from __future__ import annotations

import sqlite3
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.settings import Settings

from scraper.discovery import Listing
from scraper.frontier import Frontier
from scraper.page_requests import HINTED, Intake, read_moment
from scraper.revisit import Bounds
from scraper.site_crawl import SiteCrawl
from scraper.sites import Site
from scraper.state import State, StateError
from scraper.state.contract import Wish
from scraper.state.database import MIGRATIONS, newest_version
from scraper.state.keys import address_number
from scraper.state.rows import Exported, Found, Visit


@pytest.mark.parametrize(
    "address", ["https://e.org/\ud800", "https://e.org/?q=\udc80", "https://e.org/" + "ü" * 2000]
)
def test_any_address_can_be_kept(address: str) -> None:
    state = State()
    assert state.pages.add(Found(address, "e.org", 0, 0), state.now())
    assert not state.pages.add(Found(address, "e.org", 0, 0), state.now())
    assert state.pages.get(address_number(address))


def test_a_title_cut_in_the_middle_of_a_character_can_be_kept() -> None:
    state = State()
    article = Exported(1, "id", "https://e.org/a", "e.org", "Sleep \ud83d", None, "c", "run")
    state.articles.put(article, state.now())
    kept = state.articles.get(1)
    assert kept is not None
    assert kept.title == "Sleep \ufffd"


def test_articles_of_some_hosts_are_counted() -> None:
    state = State()
    for key, host in enumerate(("e.org", "e.org", "f.org")):
        article = Exported(key, f"id{key}", None, host, None, None, "c", "run")
        state.articles.put(article, state.now())
    known = state.articles.exported_from
    assert [known({"e.org"}), known({"e.org", "f.org"}), known({"g.org"}), known(())] == [
        2,
        3,
        0,
        0,
    ]


def test_what_links_say_takes_bounded_memory() -> None:
    state = State()
    frontier = Frontier(Site(name="e", start=("https://e.org/",)), state.pages)
    tracemalloc.start()
    for number in range(1500):
        frontier.admit(f"https://e.org/{number}?{'x' * 10_000}")
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert frontier.refused["endless-address"] == 1500
    assert used < 7_500_000  # of 15 MB; Python's parser of addresses remembers some hundred


HOST = "example.org"
URL = "https://example.org/a"
NOON = 1_709_640_000.0  # 5 March 2024, 12:00 UTC
DAY = 86_400.0


def visit(at: float, due: float, **more: object) -> Visit:
    return Visit(at=at, status=200, changed=False, interval=1.0, due=due, **more)  # type: ignore[arg-type]


def known(state: State, at: float = NOON, lastmod: str | None = None) -> int:
    """A page that was read at a time and is not due for long."""
    state.pages.add(Found(URL, HOST, 1, 0, lastmod=lastmod), at)
    key = address_number(URL)
    state.pages.finish(key, visit(at, at + 1000 * DAY))
    return key


def schema(path: Path) -> list[tuple[str, ...]]:
    with sqlite3.connect(path) as connection:
        return sorted(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))


@pytest.mark.parametrize("version", range(newest_version()))
def test_an_older_file_is_brought_to_the_schema_of_a_new_one(tmp_path: Path, version: int) -> None:
    fresh, older = tmp_path / "fresh.db", tmp_path / "older.db"
    State(fresh).close()
    with sqlite3.connect(older) as connection:
        for number in range(1, version + 1):
            connection.executescript((MIGRATIONS / f"{number}.sql").read_text("utf-8"))
        connection.execute(f"PRAGMA user_version = {version}")
    State(older).close()
    assert schema(older) == schema(fresh)


def test_a_file_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {newest_version() + 1}")
    before = path.read_bytes()
    with pytest.raises(StateError, match="newer version of Marrow"):
        State(path)
    assert path.read_bytes() == before


def test_what_is_committed_is_there_again_and_all_else_is_not(tmp_path: Path) -> None:
    state = State(tmp_path / "state.db")
    state.runs.begin("run", NOON)
    key = known(state)
    state.commit("run", {}, {})
    state.pages.add(Found("https://example.org/b", HOST, 1, 0), NOON)
    state.close()
    again = State(tmp_path / "state.db")
    row = again.pages.get(key)
    assert row
    assert row.last_fetched == NOON
    assert again.pages.get(address_number("https://example.org/b")) is None


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("https://example.org/a", "http://www.example.org/a#top"),
        ("https://example.org/a", "https://EXAMPLE.org:443/b/../a?utm_source=mail"),
        ("https://example.org/?b=1&a=2", "https://example.org/?a=2&b=1"),
        ("https://example.org/%C3%A9", "https://example.org/é"),
    ],
)
def test_one_page_has_one_key(address: str, same: str) -> None:
    assert address_number(address) == address_number(same)


@given(st.text())
def test_any_text_may_stand_where_a_date_should(text: str) -> None:
    assert read_moment(text) is None or isinstance(read_moment(text), float)


@given(
    first=st.floats(0, 1e9),
    bounds=st.tuples(st.floats(1e-3, 1e9), st.floats(1e-3, 1e9)),
    site_bounds=st.tuples(st.none() | st.floats(1e-3, 1e9), st.none() | st.floats(1e-3, 1e9)),
    changes=st.lists(st.booleans(), max_size=50),
)
def test_a_page_is_looked_at_within_the_bounds_whatever_it_does(
    first: float,
    bounds: tuple[float, float],
    site_bounds: tuple[float | None, float | None],
    changes: list[bool],
) -> None:
    given = {"REVISIT_FIRST": first, "REVISIT_MIN": min(bounds), "REVISIT_MAX": max(bounds)}
    least, most = site_bounds
    if least and most and least > most:
        least, most = most, least
    found = Bounds.of(Settings(given), Site(name="s", revisit_min=least, revisit_max=most))
    assert found.least == least or least is None
    assert found.most == most or most is None
    interval: float | None = None
    for number, change in enumerate(changes):
        later = found.after(interval, change)
        assert found.least <= later <= found.most
        assert found.least <= found.after_failures(number + 1) <= found.most
        if interval is not None:
            assert later <= interval if change else later >= interval
        interval = later


HINTS = {
    # lastmod known before, lastmod now, whether the page is brought forward
    "the same day": ("2024-03-01", "2024-03-01", False),
    "never said before, and older than the visit": (None, "2024-03-01", False),
    "never said before, and newer": (None, "2024-03-06", True),
    "the day of the visit, with another before": ("2024-03-01", "2024-03-05", True),
    "older than the visit by days": ("2024-03-01", "2024-03-02", False),
    "with a time, behind the visit": (None, "2024-03-05T13:00:00Z", True),
    "with a time, before the visit": (None, "2024-03-05T11:00:00Z", False),
    "with a zone that puts it behind": (None, "2024-03-05T11:00:00-02:00", True),
    "with a zone that puts it before": (None, "2024-03-05T13:00:00+02:00", False),
    "as RSS has it, newer": (None, "Tue, 05 Mar 2024 14:00:00 +0100", True),
    "as RSS has it, older": (None, "Tue, 05 Mar 2024 11:00:00 GMT", False),
    "garbage that is new": ("yesterday", "today", True),
    "the same garbage": ("today", "today", False),
}


def listed(state: State, lastmod: str) -> None:
    """A sitemap says when the page has changed."""
    crawl = SiteCrawl(Site(name="s", start=("https://example.org/",)), state)
    listing = Listing(pages=(URL,), lastmod={URL: lastmod})
    task = Intake(state, {"s": crawl}).pages(crawl, listing, 1)
    with pytest.raises(StopIteration):
        task.send(None)


@pytest.mark.parametrize(("before", "now", "forward"), HINTS.values(), ids=HINTS.keys())
def test_a_new_date_brings_a_page_forward(before: str | None, now: str, forward: bool) -> None:
    state = State(clock=lambda: NOON + DAY)
    key = known(state, lastmod=before)
    listed(state, now)
    row = state.pages.get(key)
    assert row
    assert (row.rank == HINTED, row.lastmod) == (forward, now)


def test_a_site_that_dates_every_page_anew_is_believed_no_more() -> None:
    state = State(clock=lambda: NOON + DAY)
    key = known(state)
    for _ in range(20):
        assert state.hints.believed(HOST)
        state.hints.count(HOST, right=False)
    assert not state.hints.believed(HOST)
    assert state.hints.believed("example.com")
    listed(state, "2024-03-07")
    row = state.pages.get(key)
    assert row
    assert row.rank is None


def test_what_is_passed_over_is_never_due_until_what_stood_for_it_has_gone() -> None:
    state = State()
    key = known(state)
    twin = address_number("https://example.org/a/index.html")
    state.pages.pass_over(twin, key, "https://example.org/a/index.html")
    everything = Wish(HOST, NOON, float("inf"), NOON + DAY, 10, 4)
    assert [row.key for row in state.pages.take(everything, "run").rows] == [key]
    state.pages.bring_back(twin)
    assert [row.key for row in state.pages.take(everything, "run").rows] == [twin]


def test_an_address_that_the_user_names_is_fetched_whatever_was_known_of_it() -> None:
    state = State()
    crawl = SiteCrawl(Site(name="s", start=(URL,), max_depth=0), state)
    state.pages.add(Found(URL, HOST, 7, 0), NOON)
    state.pages.finish(address_number(URL), visit(NOON, NOON + 1000 * DAY))
    Intake(state, {"s": crawl}).start(URL)
    (row,) = state.pages.take(Wish(HOST, NOON, NOON, NOON, 10, 0), "run").rows
    assert crawl.frontier.takes(row)
