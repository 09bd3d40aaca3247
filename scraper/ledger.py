"""Which articles were exported, by this run and by those before it: nothing twice, nothing stale.

What a run claims is kept apart until the record is safe in its file (`settle`), so that no
checkpoint can take an article for exported that a killed run has lost.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass

from pipelines.addresses import record_id
from pipelines.records import Article, Rejected
from pipelines.warning_codes import CANONICAL_SHARED
from scraper.addresses import host_of, is_front_page, page_key
from scraper.failures import refusal
from scraper.state.contract import CrawlState
from scraper.state.keys import address_number
from scraper.state.rows import Exported, Row

_ELSEWHERE = "another run exports it at this moment"
# How often an article is judged anew where another run is quicker.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Judged:
    """What becomes of an article: it is exported (`claim` says as what), refused, or not new.

    `known` is the key of the article that was exported before and is still the same, or is the one
    that this is a copy of; `before` is the version that a claim replaces.
    """

    outcome: Article | Rejected | None
    claim: Exported | None = None
    known: int | None = None
    before: Exported | None = None


class Ledger:
    """The exported articles of one output folder, as one run sees them."""

    def __init__(self, state: CrawlState, run_id: str) -> None:
        self._state = state
        self._run_id = run_id
        self._claims: dict[int, Exported] = {}

    def judge(self, article: Article, content: str, hosts: Collection[str]) -> Judged:
        """Whether the article is new, a new version, the same as before, or another's copy.

        Of two articles with the same text on the site's `hosts`, one is exported; a copy on another
        site is an article of that site.

        Some sites give every page the same canonical address by mistake, most often their front
        page's. So a canonical address is believed only where title or text agree with the article
        that was exported under it, and a front page's only on the front page.
        """
        if is_front_page(article.canonical_url) and not is_front_page(article.url):
            article = _with_own_address(article)
        for _ in range(_TRIES):
            judged = self._judge(article, content, hosts)
            if not judged.claim or self._state.articles.claim(judged.claim, judged.before):
                return judged
            # Another run was quicker; what it has claimed is seen by now.
            self._claims.pop(judged.claim.key)
        return Judged(refusal(article, "duplicate-canonical", _ELSEWHERE))

    def _judge(self, article: Article, content: str, hosts: Collection[str]) -> Judged:
        earlier = self._find(_key(article))
        if earlier and not self._is_of(earlier, article):
            if earlier.body_sha256 == article.body_sha256 or earlier.title == article.title:
                copy = _duplicate(article, "duplicate-canonical", earlier.url)
                return Judged(copy, known=earlier.key)
            article = _with_own_address(article)
            earlier = self._find(_key(article))
        if earlier and earlier.gone_at is None and earlier.content_sha256 == content:
            return Judged(None, known=earlier.key)
        twin = self._with_body(article.body_sha256, hosts)
        if twin and twin.key != _key(article):
            copy = _duplicate(article, "duplicate-content", twin.url)
            return Judged(copy, known=twin.key)
        return Judged(article, self._claim(article, content), before=earlier)

    def exported_from(self, row: Row) -> Exported | None:
        """The article that was exported from a page itself, and not from another like it."""
        article = self._state.articles.get(row.article) if row.article else None
        own = article and article.url and address_number(article.url) == row.key
        return article if own else None

    def stands(self, row: Row) -> bool:
        """Whether the article that a page gave, or was a copy of, is still there."""
        article = self._state.articles.get(row.article) if row.article else None
        return article is None or article.gone_at is None

    def settle(self, claim: Exported) -> None:
        """The record of a claim is safe: from now on it counts as exported."""
        self._state.articles.put(claim, self._state.now())
        self._claims.pop(claim.key, None)

    def drop(self, claim: Exported) -> None:
        """Forget a claim."""
        self._claims.pop(claim.key, None)
        self._state.articles.drop(claim)

    def _find(self, key: int) -> Exported | None:
        return self._claims.get(key) or self._state.articles.get(key)

    def _with_body(self, body: str | None, hosts: Collection[str]) -> Exported | None:
        if body is None:
            return None
        for claim in self._claims.values():
            if claim.body_sha256 == body and claim.host in hosts:
                return claim
        return self._state.articles.with_body(body, hosts)

    def _is_of(self, earlier: Exported, article: Article) -> bool:
        """Whether this page is the one that speaks for the earlier export.

        Either it was exported from here; or it is the canonical page itself, and an earlier run
        had met only a copy of it; or the page of the export has vanished.
        """
        address = page_key(article.url or "")
        if earlier.gone_at is not None or page_key(earlier.url or "") == address:
            return True
        own = page_key(article.canonical_url or "") == address
        mine = earlier.run_id == self._run_id or self._state.is_beside(earlier.run_id)
        return own and not mine

    def _claim(self, article: Article, content: str) -> Exported:
        claim = Exported(
            key=_key(article),
            id=article.id,
            url=article.url,
            host=host_of(article.url or ""),
            title=article.title,
            body_sha256=article.body_sha256,
            content_sha256=content,
            run_id=self._run_id,
        )
        self._claims[claim.key] = claim
        return claim


def _key(article: Article) -> int:
    return address_number(article.canonical_url or article.url or article.id)


def _with_own_address(article: Article) -> Article:
    return dataclasses.replace(
        article,
        id=record_id(None, article.url, b""),
        canonical_url=None,
        warnings=(*article.warnings, CANONICAL_SHARED),
    )


def _duplicate(article: Article, reason: str, earlier: str | None) -> Rejected:
    return refusal(article, reason, f"exported already, from {earlier}")
