"""The state of one site within a crawl: its frontier, its budget, and what was exported of it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from scrapy import Request

from pipelines.addresses import record_id
from pipelines.page import Page
from pipelines.records import Article, Rejected
from pipelines.warning_codes import CANONICAL_SHARED
from scraper.addresses import is_above, is_front_page, page_key, same_page
from scraper.described import Override, clean_described, overrides, unmatched
from scraper.discovery import headline_targets, teaser_targets
from scraper.failures import Refused
from scraper.frontier import Frontier
from scraper.sites import Site

# Articles of a crawl from which on a selector that matches none of them is worth a word.
LEAST_ARTICLES = 10


@dataclass(frozen=True, slots=True)
class _Exported:
    """What is kept of an exported article, to know it again."""

    url: str | None
    title: str | None
    body_sha256: str | None


class SiteCrawl:
    """One site while it is crawled. `max_pages` pages are asked for, whatever comes of them.

    `asked` counts those sent for, `done` those of them that ended, as a record.
    """

    def __init__(self, site: Site, seen: set[str]) -> None:
        self.site = site
        self.frontier = Frontier(site, seen)
        self.asked = 0
        self.done = 0
        self._articles = 0
        self._unmatched: list[Override] = list(overrides(site))
        self._by_key: dict[str, _Exported] = {}
        self._by_body: dict[str, str | None] = {}

    @property
    def full(self) -> bool:
        """Whether as many pages were asked for as the site's limit allows."""
        return self.site.max_pages is not None and self.asked >= self.site.max_pages

    @property
    def finished(self) -> bool:
        """Whether all of those have ended."""
        return self.full and self.done >= self.asked

    def idle_overrides(self) -> list[str]:
        """A sentence for each selector of the description that has matched nothing so far.

        None for a crawl of a few articles: not every article has everything.
        """
        if self._articles < LEAST_ARTICLES:
            return []
        told = f"matches nothing on any of {self._articles} articles"
        return [f"site {self.site.name}: {one} {told}" for one in self._unmatched]

    def allows_depth(self, depth: int) -> bool:
        """Whether pages `depth` links away from the start are wanted."""
        return self.site.max_depth is None or depth <= self.site.max_depth

    def check_redirect(self, redirected: Request) -> None:
        """Admit where a redirect leads, or raise Refused with the reason why not."""
        target, origin = redirected.url, redirected.meta["redirect_urls"][-1]
        if not self.frontier.in_scope(target):
            if not (redirected.meta.get("start") and self.frontier.is_near(target)):
                raise Refused("redirect-off-site", f"redirects off the site, to {target}")
            self.frontier.widen(target)
        if page_key(target) == page_key(origin):
            return  # the server's own spelling of the address, such as https in place of http
        if self.frontier.has_seen(target) and target not in redirected.meta["redirect_urls"]:
            raise Refused("duplicate-redirect", f"redirects to {target}, which was found before")
        self.frontier.begin(target)

    def clean(self, page: Page) -> Article | Rejected:
        """The page's record as the site's description has it, if not exported before."""
        outcome = clean_described(page, self.site)
        if isinstance(outcome, Rejected):
            return outcome
        self._articles += 1
        self._unmatched = unmatched(self._unmatched, [page])
        if outcome.language is None:
            outcome = dataclasses.replace(outcome, language=self.site.language)
        for target in (*headline_targets(page, outcome), *teaser_targets(page, outcome)):
            if self.is_elsewhere(target, outcome.url or ""):
                detail = f"the headline leads to the article's own page, {target}"
                return refusal(outcome, "listing", detail, page_type="hub")
        return self.without_duplicates(outcome)

    def is_elsewhere(self, target: str, url: str) -> bool:
        """Whether `target` is a page of this site, and neither the one at `url` nor above it.

        What stands above is the site's or the section's name, and no article of its own.
        """
        return self.frontier.in_scope(target) and not (
            same_page(target, url) or is_above(target, url)
        )

    def without_duplicates(self, article: Article) -> Article | Rejected:
        """The article, or a refusal where the same page or the same text was exported before.

        Some sites give every page the same canonical address by mistake, most often their front
        page's. So a canonical address is believed only where title or text agree with the article
        that was exported under it, and a front page's only on the front page.
        """
        if is_front_page(article.canonical_url) and not is_front_page(article.url):
            article = _with_own_address(article)
        key = page_key(article.canonical_url or article.url or article.id)
        earlier = self._by_key.get(key)
        if earlier:
            if earlier.body_sha256 == article.body_sha256 or earlier.title == article.title:
                return _duplicate(article, "duplicate-canonical", earlier.url)
            article = _with_own_address(article)
            key = page_key(article.url or article.id)
        if article.body_sha256 and article.body_sha256 in self._by_body:
            return _duplicate(article, "duplicate-content", self._by_body[article.body_sha256])
        self._remember(article, key)
        return article

    def _remember(self, article: Article, key: str) -> None:
        # The page under its canonical address need not be fetched as well, where the form of the
        # two addresses shows that they are one page.
        canonical, url = article.canonical_url, article.url
        if canonical and url and self.frontier.in_scope(canonical) and same_page(canonical, url):
            self.frontier.begin(canonical)
        self._by_key[key] = _Exported(url, article.title, article.body_sha256)
        if article.body_sha256:
            self._by_body[article.body_sha256] = url


def _with_own_address(article: Article) -> Article:
    return dataclasses.replace(
        article,
        id=record_id(None, article.url, b""),
        canonical_url=None,
        warnings=(*article.warnings, CANONICAL_SHARED),
    )


def _duplicate(article: Article, reason: str, earlier: str | None) -> Rejected:
    return refusal(article, reason, f"exported already, from {earlier}")


def refusal(article: Article, reason: str, detail: str, page_type: str = "article") -> Rejected:
    """An article that is not exported after all, and why."""
    return Rejected(
        stage="validate",
        reason=reason,
        detail=detail,
        url=article.url,
        page_type=page_type,
        title=article.title,
        links=article.links,
        page_sha256=article.page_sha256,
        pipeline_version=article.pipeline_version,
    )
