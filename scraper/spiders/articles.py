"""The spider `articles`: finds the articles of one site, of several, or of all that are described.

Each page is parsed once, in another process: the tree that gives the links is the tree that is
cleaned. Links go straight into the state's frontier, before their page counts as done.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from pipelines.records import Article, Rejected
from scraper.alarms import alarm
from scraper.arguments import CrawlPlan, read_arguments
from scraper.entrances import any_public, enter, find_sitemaps, hosts_named
from scraper.failures import FetchFailure, Moved, Postponed, explain
from scraper.judging import Judge
from scraper.page_requests import (
    SITEMAP_OF_INDEX,
    Intake,
    conditional_headers,
    request_meta,
)
from scraper.parts import Wholes
from scraper.politeness import LEAST_DELAY
from scraper.reading import Reader
from scraper.responses import unfetched
from scraper.runs import end_for
from scraper.site_crawl import SiteCrawl, patterns_of
from scraper.site_health.counting import UNREAD_STAGES
from scraper.state.rows import Row
from scraper.tools import Tools
from scraper.unkept import Unkept, kept, unkept_ends
from scraper.visits import NOT_MODIFIED
from scraper.whole import Member


class ArticlesSpider(Spider):
    """Crawls the sites of its plan; yields an `Article` or a `Rejected` for every page asked for,
    but for those that have not changed.

    `arguments` holds what was given with `-a`, `start_failures` a sentence for each start address
    that could not be fetched.
    """

    name = "articles"

    tools: Tools

    def __init__(self, plan: CrawlPlan, arguments: Mapping[str, str]) -> None:
        super().__init__()
        self.arguments = dict(arguments)
        self.plan = plan
        self.start_failures: list[str] = []
        self._given_up = False

    def equip(self, tools: Tools) -> None:
        """Take up the parts of the crawl; Scrapy makes the spider before the run has its folder."""
        self.tools = tools
        self.crawls = tools.crawls
        self.health = tools.health
        self.keeper = tools.keeper
        self.leases = tools.leases
        self.host_files = tools.state.host_files
        self.intake = Intake(tools.state, tools.crawls)
        self.judge = Judge(tools)
        self.reader = Reader(tools, self.settings)
        self.wholes = Wholes(tools, self.intake, self.judge, self.reader)

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
        crawler.signals.connect(spider.record_safe, signals.item_scraped)
        crawler.signals.connect(spider.record_failed, signals.item_error)
        crawler.signals.connect(spider.page_broke, signals.spider_error)
        return spider

    def host_delays(self) -> dict[str, float]:
        """Seconds between requests for each host whose site has a delay of its own."""
        return {
            urlsplit(address).hostname or "": site.delay
            for site in self.plan.sites
            if site.delay is not None
            for address in site.entrances
        }

    def trusted_hosts(self) -> frozenset[str]:
        """The hosts that the sites' descriptions or the command line name, in lower case."""
        return hosts_named(self.plan.sites)

    async def start(self) -> AsyncIterator[Any]:
        """Put the addresses that the sites' descriptions name into the frontier."""
        if any_public(self.plan.sites) and not self.settings["CONTACT"]:
            self.logger.warning(
                "CONTACT is not set: give site owners a way to reach you, "
                "with -s CONTACT=you@example.org or in scraper/settings.py"
            )
        without_robots = not self.settings.getbool("ROBOTSTXT_OBEY")
        with unkept_ends(self):
            for crawl in self.crawls.values():
                enter(crawl, self.intake, without_robots=without_robots)
        return
        yield  # Scrapy asks for a generator, and takes the requests from the frontier

    def robots_parsed(self, robotparser: Any, request: Request) -> None:
        """Ask for the sitemaps that a host's robots.txt lists, or for the usual one."""
        listed: list[str] = getattr(robotparser, "sitemaps", list)()
        with unkept_ends(self):
            for crawl in self.crawls.values():
                if crawl.frontier.in_scope(request.url):
                    find_sitemaps(crawl, self.intake, request.url, listed)

    def leased_request(self, crawl: SiteCrawl, row: Row) -> Request:
        """The request for a row of the frontier."""
        patterns, visits = patterns_of(crawl, self.crawls), self.tools.visits
        # A page that scripts fill may change while the frame that the server sends does not.
        asks = visits.stands(row, patterns) and not (row.kind == "page" and crawl.site.javascript)
        known = conditional_headers(row) if asks and not self.wholes.awaits(row.key) else {}
        self.wholes.sent(row.key)
        tries, largest = visits.tries[row.key], self.settings.getint("SITEMAP_MAXSIZE")
        return Request(
            row.url,
            callback=self.parse_page if row.kind == "page" else self.parse_listing,
            errback=self.failed,
            headers=known,
            priority=row.rank or 0,
            meta=request_meta(crawl, row, tries, largest, conditional=bool(known)),
            dont_filter=True,
        )

    def claim(self, address: str, origin: Row, known: Row | None) -> Row:
        """The row of where a redirect leads, in flight from now on."""
        row = self.intake.claim(address, origin, known, self.tools.run_id)
        self.wholes.sent(row.key)
        return row

    @kept
    async def parse_page(self, response: Response) -> AsyncIterator[Any]:
        """A page: its record, if it has something new to say, and what it leads to."""
        crawl, row, request = _parts(self, response)
        visits, awaited = self.tools.visits, self.wholes.awaits_answer(request)
        if awaited and response.status == NOT_MODIFIED:
            self.wholes.ask_again(request)
        elif not awaited and visits.is_unchanged(response, patterns_of(crawl, self.crawls)):
            if self.keeper.can_refer(request):
                self.keeper.keep(request)
            else:
                await self.reader.page(
                    crawl.site.name, response
                )  # it tells whether it may be archived
            visits.unchanged(response)
            self.wholes.landed(request)
        else:
            work, place = await self.reader.page(crawl.site.name, response)
            new = self.intake.follow(crawl, work, row.depth, start=bool(request.meta["start"]))
            records = self.wholes.arrived(crawl, Member(response, work, place))
            if records is None:
                record = self.judge.judge(crawl, response, work, new)
                records = [] if record is None else [self.reader.fetched(record, response, place)]
            for record in records:
                self._note_start(request, record)
                yield record
        self._end_page(crawl)

    @kept
    async def parse_listing(self, response: Response) -> AsyncIterator[Any]:
        """A sitemap or feed: what it lists goes into the frontier."""
        crawl, row, request = _parts(self, response)
        visits = self.tools.visits
        patterns = patterns_of(crawl, self.crawls)
        self.keeper.keep(request)
        if visits.is_unchanged(response, patterns):
            visits.unchanged(response)
            return
        listing = self.reader.listing(response, row.kind)
        if listing is None:
            detail = f"neither XML nor text that lists pages, asked for as a {row.kind}"
            visits.failed(request, FetchFailure(f"not-a-{row.kind}", detail, response.status))
            if row.guessed:
                visits.settle(request)
            else:
                yield unfetched(response.url, f"not-a-{row.kind}", detail, response.status)
            return
        await self.intake.pages(crawl, listing, row.depth)
        for address in listing.more:
            date = listing.lastmod.get(address)
            self.intake.listing(crawl, address, row.kind, SITEMAP_OF_INDEX, lastmod=date)
        visits.read(response, changed=True, page_type=row.kind, patterns=patterns)
        visits.settle(request)

    @kept
    async def failed(self, failure: Failure) -> AsyncIterator[Article | Rejected]:
        """What could not be fetched, as a refusal that says why; or another time for it."""
        request: Request = failure.request  # type: ignore[attr-defined]
        error, visits = failure.value, self.tools.visits
        assert error is not None
        if isinstance(error, Unkept):
            raise error
        if self.wholes.awaits_answer(request):
            for record in self.wholes.failed(request, error):
                yield record
            self._end_page(self.crawls[request.meta["site"]], counted=_is_counted(request, error))
            return
        self.wholes.landed(request)
        if isinstance(error, Postponed):
            visits.postpone(request, error.seconds)
            return
        told = explain(error)
        if told.reason == "over-limit":
            visits.release(request)
            return
        row: Row = request.meta["row"]
        if isinstance(error, Moved):
            if not visits.moved(request, error.target):
                if row.guessed:
                    visits.settle(request)
                else:
                    yield self.reader.refused(request, told)
        else:
            self.keeper.keep(request)
            gone = visits.failed(request, told)
            if row.guessed:
                visits.settle(request)
            else:
                if request.meta["start"]:
                    self.start_failures.append(f"{request.url}: {told.detail}")
                yield (
                    self.reader.gone(request, row, told)
                    if gone
                    else self.reader.refused(request, told)
                )
        if request.meta.get("counted"):
            self._end_page(self.crawls[request.meta["site"]])

    def record_safe(self, item: Any, response: Response | Failure | None) -> None:  # noqa: ARG002
        """A record is in its file: its page is done."""
        request = _request_of(response)
        if request is not None:
            with unkept_ends(self):
                self.tools.visits.settle(request)

    def record_failed(self, item: Any, response: Any, failure: Failure) -> None:  # noqa: ARG002
        """A record met a defect in the item pipelines; Scrapy's log tells which."""
        self.page_broke(failure, response)

    def page_broke(self, failure: Failure, response: Any) -> None:
        """A page met a defect."""
        request = _request_of(response)
        if request is not None and request.meta.get("row"):
            self.wholes.landed(request)
            visits = self.tools.visits
            with unkept_ends(self):
                for each in (request, *request.meta.pop("together", ())):
                    visits.drop(each)
                    visits.failed(each, FetchFailure("error", str(failure.value)))
                    visits.together(each, (), 0)

    def give_up(self, error: OSError) -> None:
        """End the crawl: what is found could not be kept."""
        if not self._given_up:
            self._given_up = True
            end_for(self.crawler, error)

    def closed(self, reason: str) -> None:  # noqa: ARG002
        """Put the counts of what was not followed among the statistics; tell what needs telling."""
        self.tools.crew.close()
        stats = self.crawler.stats
        stats.set_value("marrow/unchanged", self.tools.visits.unchanged_pages.total())
        hosts = {host for crawl in self.crawls.values() for host in crawl.frontier.hosts}
        with unkept_ends(self):
            known = self.tools.state.articles.exported_from(hosts)
            stats.set_value("marrow/known_articles", known)
            stats.set_value("marrow/left", self.leases.left())
        for sentence in self.health.given_up().values():
            alarm(sentence)
        for crawl in self.crawls.values():
            for sentence in crawl.idle_overrides():
                self.logger.warning(sentence)
            stats.inc_value("marrow/pages", crawl.asked)
            for kind, count in crawl.frontier.refused.items():
                stats.inc_value(f"marrow/not_followed/{kind}", count)

    def _note_start(self, request: Request, record: Article | Rejected) -> None:
        """Note that a start page could not be read."""
        refused = isinstance(record, Rejected) and record.stage in UNREAD_STAGES
        if isinstance(record, Rejected) and refused and request.meta["start"]:
            self.start_failures.append(f"{record.url}: {record.reason}: {record.detail}")

    def _end_page(self, crawl: SiteCrawl, *, counted: bool = True) -> None:
        """Count a page that has come to its end; raises CloseSpider when no more are wanted."""
        crawl.done += counted
        if all(each.finished for each in self.crawls.values()):
            raise CloseSpider(crawl.spent or "finished")


def _parts(spider: ArticlesSpider, response: Response) -> tuple[SiteCrawl, Row, Request]:
    """The site, the row and the request that a response answers."""
    request = _request_of(response)
    assert request is not None
    return spider.crawls[request.meta["site"]], request.meta["row"], request


def _is_counted(request: Request, error: BaseException) -> bool:
    """Whether a page that was not fetched counts as done: not one that is asked for again."""
    return bool(request.meta.get("counted")) and not isinstance(error, Postponed)


def _request_of(response: Any) -> Request | None:
    """The request behind a response, or behind a failure."""
    request: Request | None = getattr(response, "request", None)
    return request


def _overrule(settings: BaseSettings, name: str, value: Any) -> None:
    """Set above the priority the setting has: Scrapy merges the project's settings in twice."""
    settings.set(name, value, priority=(settings.getpriority(name) or 0) + 1)
