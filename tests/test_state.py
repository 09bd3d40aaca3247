"""The crawl state takes whatever the web brings."""

from __future__ import annotations

import pytest

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
