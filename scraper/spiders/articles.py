"""The spider `articles`: finds the articles of one site, of several, or of all that are described.

Each page is parsed once: the tree that gives the links is the tree that is cleaned.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from pipelines import page_links
from pipelines.page import Page
from pipelines.records import Article, Links, Rejected
from scraper.addresses import is_local, join
from scraper.arguments import CrawlPlan, read_arguments
from scraper.discovery import (
    head_links,
    read_feed,
    read_sitemap,
)
from scraper.failures import explain
from scraper.politeness import LEAST_DELAY
from scraper.responses import read_response, unfetched, with_fetch
from scraper.site_crawl import SiteCrawl

# Which request goes first. What probably leads to articles goes before what is merely linked, so
# that a crawl with a limit spends it on articles; the sitemaps of an index wait for the pages of
# those before them, so that a large index does not fill the queue.
_START, _FEED, _SITEMAP, _LISTED, _SITEMAP_OF_INDEX, _LINKED = 100, 5, 4, 3, 2, 0


class ArticlesSpider(Spider):
    """Crawls the sites of its plan; yields an `Article` or a `Rejected` for every page asked for.

    `arguments` holds what was given with `-a`, `start_failures` a sentence for each start address
    that could not be fetched.
    """

    name = "articles"

    def __init__(self, plan: CrawlPlan, arguments: Mapping[str, str]) -> None:
        super().__init__()
        self.arguments = dict(arguments)
        seen: set[str] = set()
        self.crawls = {site.name: SiteCrawl(site, seen) for site in plan.sites}
        self.start_failures: list[str] = []

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Put the contact into the user agent, and keep concurrency within its limit."""
        super().update_settings(settings)
        if settings.getfloat("DOWNLOAD_DELAY") < LEAST_DELAY:
            _overrule(settings, "DOWNLOAD_DELAY", LEAST_DELAY)
        if settings["CONTACT"]:
            agent = f"{settings['USER_AGENT']} (+{settings['CONTACT']})"
            _overrule(settings, "USER_AGENT", agent)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *_args: Any, **arguments: Any) -> Self:
        """The spider for `-a` arguments; raises SiteError where they cannot be followed."""
        plan = read_arguments(arguments, Path(crawler.settings["SITES_DIR"]))
        if plan.seconds is not None:
            crawler.settings.set("CLOSESPIDER_TIMEOUT", plan.seconds, priority="cmdline")
        # No more requests on their way than can be sent: those are fetched before a crawl ends.
        each = crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN") + 1
        crawler.settings.set("CONCURRENT_REQUESTS", each * len(plan.sites), priority="default")
        spider = cls(plan, arguments)
        spider._set_crawler(crawler)
        crawler.signals.connect(spider.robots_parsed, signals.robots_parsed)
        return spider

    def host_delays(self) -> dict[str, float]:
        """Seconds between requests for each host whose site has a delay of its own."""
        return {
            urlsplit(address).hostname or "": crawl.site.delay
            for crawl in self.crawls.values()
            if crawl.site.delay is not None
            for address in crawl.site.entrances
        }

    def trusted_hosts(self) -> frozenset[str]:
        """The hosts that the sites' descriptions or the command line name, in lower case."""
        return frozenset(
            urlsplit(address).hostname or ""
            for crawl in self.crawls.values()
            for address in crawl.site.entrances
        )

    async def start(self) -> AsyncIterator[Any]:
        """The addresses that the sites' descriptions name."""
        self._warn_without_contact()
        for crawl in self.crawls.values():
            for request in self._first_requests(crawl):
                yield request

    def robots_parsed(self, robotparser: Any, request: Request) -> None:
        """Ask for the sitemaps that a host's robots.txt lists, or for the usual one."""
        listed: list[str] = getattr(robotparser, "sitemaps", list)()
        for crawl in self.crawls.values():
            if crawl.frontier.in_scope(request.url):
                for sitemap in self._sitemaps(crawl, request.url, listed):
                    self.crawler.engine.crawl(sitemap)

    def parse_page(self, response: Response, depth: int) -> Iterator[Any]:
        """A page: its record, and requests for what it leads to."""
        crawl = self.crawls[response.meta["site"]]
        page = read_response(response)
        if isinstance(page, Rejected):
            outcome: Article | Rejected = page
            if response.meta.get("start"):
                self.start_failures.append(f"{response.url}: {page.reason}: {page.detail}")
        else:
            outcome = self._clean_safely(crawl, page)
            yield from self._follow(crawl, page, outcome.links, response.meta["start"], depth)
        yield with_fetch(outcome, response)
        self._end_page(crawl)

    def parse_listing(
        self, response: Response, kind: str, depth: int, guessed: bool
    ) -> Iterator[Any]:
        """A sitemap or feed: requests for the pages, and the further sitemaps, that it lists."""
        crawl = self.crawls[response.meta["site"]]
        if kind == "sitemap":
            limit = self.settings.getint("SITEMAP_MAXSIZE")
            listing = read_sitemap(response.body, response.url, limit)
        else:
            listing = read_feed(response.body, response.url)
        if listing is None:
            if not guessed:
                detail = f"neither XML nor text that lists pages, asked for as a {kind}"
                yield unfetched(response.url, f"not-a-{kind}", detail, response.status)
            return
        yield from self._page_requests(crawl, listing.pages, depth, _LISTED)
        for address in listing.more:
            yield from self._listing_requests(crawl, address, kind, _SITEMAP_OF_INDEX)

    def page_failed(self, failure: Failure) -> Iterator[Rejected]:
        """A page that could not be fetched, as a refusal that says why."""
        request: Request = failure.request  # type: ignore[attr-defined]
        assert failure.value is not None
        reason = explain(failure.value)
        if reason.reason == "over-limit":
            return
        if request.meta.get("start"):
            self.start_failures.append(f"{request.url}: {reason.detail}")
        yield unfetched(request.url, reason.reason, _told(reason.detail, request), reason.status)
        if request.meta.get("counted"):
            self._end_page(self.crawls[request.meta["site"]])

    def listing_failed(self, failure: Failure) -> Iterator[Rejected]:
        """A sitemap or feed that could not be fetched; one that was only guessed may be missing."""
        request: Request = failure.request  # type: ignore[attr-defined]
        if not request.cb_kwargs["guessed"]:
            yield from self.page_failed(failure)

    def closed(self, reason: str) -> None:  # noqa: ARG002
        """Put the counts of what was not followed among the statistics; tell of idle selectors."""
        for crawl in self.crawls.values():
            for sentence in crawl.idle_overrides():
                self.logger.warning(sentence)
            self.crawler.stats.inc_value("marrow/pages", crawl.asked)
            for kind, count in crawl.frontier.refused.items():
                self.crawler.stats.inc_value(f"marrow/not_followed/{kind}", count)

    def _end_page(self, crawl: SiteCrawl) -> None:
        """Count a page that has become a record; raises CloseSpider when no more are wanted."""
        crawl.done += 1
        if all(each.finished for each in self.crawls.values()):
            raise CloseSpider("max_pages")

    def _clean_safely(self, crawl: SiteCrawl, page: Page) -> Article | Rejected:
        try:
            return crawl.clean(page)
        except Exception as error:  # a defect: told in the log and in the rejects, never in silence
            self.logger.exception("%s could not be cleaned", page.url)
            detail = f"{type(error).__name__}: {error}"
            return Rejected(stage="clean", reason="error", detail=detail, url=page.url)

    def _follow(
        self, crawl: SiteCrawl, page: Page, links: Links, start: bool, depth: int
    ) -> Iterator[Request]:
        head = head_links(page)
        if start and crawl.site.feeds is None:
            for address in head.feeds:
                yield from self._listing_requests(crawl, address, "feed", _FEED)
        if head.refresh and start and crawl.frontier.is_near(head.refresh):
            crawl.frontier.widen(head.refresh)
        pointed = [link.url for link in (links.previous, links.next, *links.related) if link]
        likely = [address for address in (head.refresh, *pointed, *head.pages) if address]
        # Links that the site itself marks nofollow lead to replies, log-ins and printing.
        linked = (link.url for link in page_links(page) if "nofollow" not in link.rel)
        yield from self._page_requests(crawl, likely, depth + 1, _LISTED)
        yield from self._page_requests(crawl, linked, depth + 1, _LINKED)

    def _page_requests(
        self, crawl: SiteCrawl, addresses: Iterable[str], depth: int, priority: int
    ) -> Iterator[Request]:
        if not crawl.allows_depth(depth):
            return
        for address in addresses:
            admitted = crawl.frontier.admit(address)
            if admitted:
                yield self._page_request(crawl, admitted, depth, priority)

    def _page_request(
        self, crawl: SiteCrawl, address: str, depth: int, priority: int, *, start: bool = False
    ) -> Request:
        return Request(
            address,
            callback=self.parse_page,
            errback=self.page_failed,
            priority=priority,
            meta={"site": crawl.site.name, "start": start, "page": True},
            cb_kwargs={"depth": depth},
        )

    def _listing_requests(
        self,
        crawl: SiteCrawl,
        address: str,
        kind: str,
        priority: int,
        *,
        guessed: bool = False,
        start: bool = False,
    ) -> Iterator[Request]:
        """A request for a sitemap or feed, where its pages are wanted and it is not yet seen."""
        wanted = crawl.allows_depth(1) and crawl.frontier.is_near(address)
        if wanted and crawl.frontier.begin(address):
            yield Request(
                address,
                callback=self.parse_listing,
                errback=self.listing_failed,
                priority=priority,
                meta={
                    "site": crawl.site.name,
                    "start": start,
                    "download_maxsize": self.settings.getint("SITEMAP_MAXSIZE"),
                },
                cb_kwargs={"kind": kind, "depth": 1, "guessed": guessed},
            )

    def _first_requests(self, crawl: SiteCrawl) -> Iterator[Request]:
        site = crawl.site
        for address in site.start:
            if crawl.frontier.begin(address):
                yield self._page_request(crawl, address, 0, _START, start=True)
            if not self.settings.getbool("ROBOTSTXT_OBEY"):
                yield from self._sitemaps(crawl, address, [])
        for address in site.sitemaps or ():
            yield from self._listing_requests(crawl, address, "sitemap", _SITEMAP, start=True)
        for address in site.feeds or ():
            yield from self._listing_requests(crawl, address, "feed", _FEED, start=True)

    def _sitemaps(self, crawl: SiteCrawl, base: str, listed: list[str]) -> list[Request]:
        """Requests for the sitemaps of the host of `base`, unless the description names others."""
        if crawl.site.sitemaps is not None:
            return []
        named = [address for entry in listed if (address := join(base, entry))]
        near = [address for address in named if crawl.frontier.is_near(address)]
        usual = [] if near else [urljoin(base, "/sitemap.xml")]
        return [
            request
            for address in near or usual
            for request in self._listing_requests(
                crawl, address, "sitemap", _SITEMAP, guessed=not near
            )
        ]

    def _warn_without_contact(self) -> None:
        public = [
            address
            for crawl in self.crawls.values()
            for address in crawl.site.entrances
            if not is_local(urlsplit(address).hostname or "")
        ]
        if public and not self.settings["CONTACT"]:
            self.logger.warning(
                "CONTACT is not set: give site owners a way to reach you, "
                "with -s CONTACT=you@example.org or in scraper/settings.py"
            )


def _overrule(settings: BaseSettings, name: str, value: Any) -> None:
    """Set above the priority the setting has: Scrapy merges the project's settings in twice."""
    settings.set(name, value, priority=(settings.getpriority(name) or 0) + 1)


def _told(detail: str, request: Request) -> str:
    """The detail of a failure, with the address that was asked for where a redirect led away."""
    origins = request.meta.get("redirect_urls")
    return f"{detail} (redirected from {origins[0]})" if origins else detail
