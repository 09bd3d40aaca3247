"""One site within a crawl: its frontier and its budget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from scrapy import Request

from pipelines.records import Article, Rejected
from scraper.addresses import is_above, page_key, same_page
from scraper.described import Override, overrides
from scraper.failures import Moved, Refused, refusal
from scraper.frontier import Frontier
from scraper.page_work import PageWork
from scraper.sites import Site
from scraper.state.contract import CrawlState
from scraper.state.keys import address_number
from scraper.state.rows import Row

# Redirects that are followed from page to page as far as they are known: Scrapy's own limit.
_LONGEST_CHAIN = 20
# Articles of a crawl from which on a selector that matches none of them is worth a word.
LEAST_ARTICLES = 10


class SiteCrawl:
    """One site while it is crawled, and what it has used of its budget for this run.

    `sites` are crawled at the same time. `asked` counts the pages sent for, whatever comes of them,
    `done` those that ended, `received` the bytes that came, `began` is when the first was sent for,
    in the state's seconds. `awaited`: keys of pages without which something that came is not whole.
    """

    def __init__(self, site: Site, state: CrawlState, *, sites: int = 1) -> None:
        self.site = site
        self.frontier = Frontier(site, state.pages, sites=sites)
        self.asked = 0
        self.done = 0
        self.received = 0
        self.began: float | None = None
        self.awaited: set[int] = set()
        self._state = state
        self._articles = 0
        self._idle: list[Override] = list(overrides(site))

    @property
    def full(self) -> bool:
        """Whether the site has had what it may have in one run."""
        return self.spent is not None

    @property
    def spent(self) -> str | None:
        """The limit that is reached, by its name in the site's description."""
        site = self.site
        if site.max_pages is not None and self.asked >= site.max_pages:
            return "max_pages"
        if site.max_bytes is not None and self.received >= site.max_bytes:
            return "max_bytes"
        if site.max_minutes is not None and self.began is not None:
            minutes = (self._state.now() - self.began) / 60
            return "max_minutes" if minutes >= site.max_minutes else None
        return None

    @property
    def finished(self) -> bool:
        """Whether the site is full, and all pages that were sent for have ended."""
        return self.full and self.done >= self.asked and not self.awaited

    def send_for(self) -> None:
        """Count a page that is sent for."""
        self.asked += 1
        if self.began is None:
            self.began = self._state.now()

    def note_article(self, idle: Iterable[Override]) -> None:
        """Count an article, and which selectors matched nothing on its page."""
        self._articles += 1
        unused = set(idle)
        self._idle = [one for one in self._idle if one in unused]

    def idle_overrides(self) -> list[str]:
        """A sentence for each selector of the description that has matched nothing so far.

        None for a crawl of a few articles: not every article has everything.
        """
        if self._articles < LEAST_ARTICLES:
            return []
        told = f"matches nothing on any of {self._articles} articles"
        return [f"site {self.site.name}: {one} {told}" for one in self._idle]

    def check_redirect(self, redirected: Request) -> Row | None:
        """Whether a redirect is followed; the row of where it leads, if that is known.

        Raises Refused with the reason why not.
        """
        target, origins = redirected.url, redirected.meta["redirect_urls"]
        start = bool(redirected.meta.get("start"))
        if not self.frontier.in_scope(target):
            if not (start and self.frontier.is_near(target)):
                raise Refused("redirect-off-site", f"redirects off the site, to {target}")
            self.frontier.widen(target)
        row = self.frontier.row(target)
        if row is None or page_key(target) in map(page_key, origins):
            return row  # new, or the server's own spelling, such as https in place of http
        alone = not start and not self._is_passed_by(row, origins)
        if alone or self._state.pages.is_taken(row.key):
            raise Moved(target)
        return row

    def _is_passed_by(self, row: Row, origins: Iterable[str]) -> bool:
        """Whether a known page would not be fetched for itself.

        It was passed over; or it led back here when it was last looked at: then either these
        redirects are a circle, or the site has turned them round.
        """
        if row.rank is None and row.last_fetched is None:
            return True
        asked, step = set(map(address_number, origins)), row
        for _ in range(_LONGEST_CHAIN):
            if step.moved_to in asked:
                return True
            following = self._state.pages.get(step.moved_to) if step.moved_to else None
            if following is None:
                return False
            step = following
        return False

    def listed_instead(self, article: Article, work: PageWork) -> Rejected | None:
        """A refusal where the article's headlines lead to pages of their own."""
        for target in (*work.headlines, *work.teasers):
            if self.is_elsewhere(target, article.url or ""):
                detail = f"the headline leads to the article's own page, {target}"
                return refusal(article, "listing", detail, page_type="hub")
        return None

    def is_elsewhere(self, target: str, url: str) -> bool:
        """Whether `target` is a page of this site, and neither the one at `url` nor above it.

        What stands above is the site's or the section's name, and no article of its own.
        """
        return self.frontier.in_scope(target) and not (
            same_page(target, url) or is_above(target, url)
        )


def beside(crawl: SiteCrawl, crawls: Mapping[str, SiteCrawl]) -> tuple[SiteCrawl, ...]:
    """The site and those that share a host with it: a page that one of them reads leads all on."""
    hosts = set(crawl.frontier.hosts)
    others = (each for each in crawls.values() if each is not crawl)
    return (crawl, *(each for each in others if not hosts.isdisjoint(each.frontier.hosts)))


def patterns_of(crawl: SiteCrawl, crawls: Mapping[str, SiteCrawl]) -> str:
    """A digest of what decides which links of the site's pages are followed."""
    return "+".join(sorted({each.frontier.patterns for each in beside(crawl, crawls)}))
