"""What is exported, and what is not because it was exported before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.records import Article, Rejected
from scraper.ledger import Judged, Ledger
from scraper.state import State
from scraper.state.keys import address_number
from scraper.state.rows import Found, Visit

HOSTS = ("example.org",)
A, B = "https://example.org/a", "https://example.org/b"


def article(url: str, canonical: str | None, title: str, body: str) -> Article:
    """An article; `content` of the calls below stands for the digest of all of it."""
    return Article(id=url, url=url, canonical_url=canonical, title=title, body_sha256=body)


def exported(ledger: Ledger, one: Article, content: str = "1") -> Judged:
    """Judged, and safe in its file."""
    judged = ledger.judge(one, content, HOSTS)
    assert judged.claim
    ledger.settle(judged.claim)
    return judged


DUPLICATES = {
    "same canonical and title": (article(B, A, "T", "2"), "duplicate-canonical"),
    "same canonical and text": (article(B, A, "U", "1"), "duplicate-canonical"),
    "same text, no canonical": (article(B, None, "U", "1"), "duplicate-content"),
    "same canonical, another article": (article(B, A, "U", "2"), None),
    "another article": (article(B, B, "U", "2"), None),
    "same title alone": (article(B, B, "T", "2"), None),
}


@pytest.mark.parametrize("settled", [True, False], ids=["safe", "in flight"])
@pytest.mark.parametrize(("second", "reason"), DUPLICATES.values(), ids=DUPLICATES.keys())
def test_one_page_under_two_addresses_is_exported_once(
    second: Article, reason: str | None, settled: bool
) -> None:
    ledger = Ledger(State(), "run")
    first = ledger.judge(article(A, A, "T", "1"), "1", HOSTS)
    assert isinstance(first.outcome, Article)
    if settled:
        assert first.claim
        ledger.settle(first.claim)
    outcome = ledger.judge(second, "2", HOSTS).outcome
    assert (outcome.reason if isinstance(outcome, Rejected) else None) == reason
    assert outcome
    assert outcome.url == B


def test_the_front_page_is_no_articles_canonical_address() -> None:
    ledger = Ledger(State(), "run")
    for number, url in enumerate((A, B)):
        kept = ledger.judge(
            article(url, "https://example.org/", "Same", str(number)), url, HOSTS
        ).outcome
        assert isinstance(kept, Article)
        assert (kept.canonical_url, kept.warnings) == (None, ("canonical-shared",))


def test_a_later_run_exports_what_has_changed_under_the_same_id() -> None:
    state = State()
    first = exported(Ledger(state, "one"), article(A, A, "T", "1"), "1")
    later = Ledger(state, "two")
    assert later.judge(article(A, A, "T", "1"), "1", HOSTS).outcome is None
    changed = later.judge(article(A, A, "New title", "2"), "2", HOSTS).outcome
    assert isinstance(changed, Article)
    assert isinstance(first.outcome, Article)
    assert changed.id == first.outcome.id


def test_the_canonical_page_takes_over_from_its_copy_in_a_later_run() -> None:
    state = State()
    copy = article(f"{A}?from=feed", A, "T", "1")
    exported(Ledger(state, "one"), replace(copy, id="id-of-a"))
    later = Ledger(state, "two")
    owner = later.judge(replace(article(A, A, "New title", "2"), id="id-of-a"), "2", HOSTS).outcome
    assert isinstance(owner, Article)
    assert owner.id == "id-of-a"


def test_an_article_that_moved_is_exported_once_its_old_page_is_gone() -> None:
    state = State()
    claim = exported(Ledger(state, "one"), article(A, A, "T", "1")).claim
    assert claim
    moved = article(B, B, "T", "1")
    refused = Ledger(state, "two").judge(moved, "1", HOSTS).outcome
    assert isinstance(refused, Rejected)
    state.articles.gone(claim.key, 1.0)
    assert isinstance(Ledger(state, "three").judge(moved, "1", HOSTS).outcome, Article)


def test_a_page_that_comes_back_is_exported_again() -> None:
    state = State()
    claim = exported(Ledger(state, "one"), article(A, A, "T", "1")).claim
    assert claim
    state.articles.gone(claim.key, 1.0)
    assert isinstance(
        Ledger(state, "two").judge(article(A, A, "T", "1"), "1", HOSTS).outcome, Article
    )


def test_what_was_lost_before_it_was_safe_is_exported_by_the_next_run() -> None:
    state = State()
    assert Ledger(state, "killed").judge(article(A, A, "T", "1"), "1", HOSTS).claim
    assert isinstance(
        Ledger(state, "next").judge(article(A, A, "T", "1"), "1", HOSTS).outcome, Article
    )


def test_the_copy_of_an_article_is_not_taken_for_its_page() -> None:
    """So that an article is not gone because a page with the same text is."""
    state = State()
    ledger = Ledger(state, "run")
    exported(ledger, article(A, None, "T", "1"))
    known = ledger.judge(article(B, None, "T", "1"), "1", HOSTS).known
    for url in (A, B):
        state.pages.add(Found(url, HOSTS[0], 1, 0), 0.0)
        done = Visit(at=1.0, status=200, changed=True, interval=1.0, due=2.0, article=known)
        state.pages.finish(address_number(url), done)
    a, b = (state.pages.get(address_number(url)) for url in (A, B))
    assert a
    assert b
    assert (ledger.exported_from(a) is None, ledger.exported_from(b) is None) == (False, True)
    assert ledger.stands(b)
    assert known
    state.articles.gone(known, 3.0)
    assert not ledger.stands(b)
