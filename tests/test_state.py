"""The crawl state takes whatever the web brings."""

from __future__ import annotations

import tracemalloc

import pytest

from scraper.frontier import Frontier
from scraper.sites import Site
from scraper.state import State
from scraper.state.keys import address_number
from scraper.state.rows import Exported, Found


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
