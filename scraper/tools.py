"""What a crawl works with, put together from its settings and its run."""

from __future__ import annotations

from dataclasses import dataclass

from scrapy.crawler import Crawler

from scraper.arguments import CrawlPlan
from scraper.crew import Crew
from scraper.directives import obeyed_directives
from scraper.host_health import HostHealth, Limits
from scraper.keeping import Keeper
from scraper.leases import Leases
from scraper.ledger import Ledger
from scraper.page_work import Instructions
from scraper.revisit import Bounds
from scraper.runs import run_of
from scraper.site_crawl import SiteCrawl
from scraper.state import State
from scraper.state.contract import CrawlState
from scraper.usable_settings import cleaning_processes
from scraper.visits import Rules, Visits


@dataclass(frozen=True, slots=True)
class Tools:
    """The parts of one crawl; `most_in_flight` requests of a host at a time.

    `patience`: seconds that a crawl waits for hosts that are paused when nothing else is left.
    """

    run_id: str
    state: CrawlState
    crawls: dict[str, SiteCrawl]
    ledger: Ledger
    visits: Visits
    leases: Leases
    keeper: Keeper
    crew: Crew
    health: HostHealth
    obeyed: frozenset[str]
    most_in_flight: int
    patience: float


def tools_of(crawler: Crawler, plan: CrawlPlan) -> Tools:
    """The parts for a crawl by this plan; without a run folder, its state is as short-lived."""
    settings, run = crawler.settings, run_of(crawler)
    run_id = settings["RUN_ID"] or ""
    state: CrawlState = run.state if run and run.state else State()
    crawls = {site.name: SiteCrawl(site, state, sites=len(plan.sites)) for site in plan.sites}
    ledger = Ledger(state, run_id)
    rules = Rules(
        bounds={site.name: Bounds.of(settings, site) for site in plan.sites},
        listings=settings.getfloat("REVISIT_LISTINGS"),
        gone_after=settings.getint("GONE_AFTER"),
    )
    obeyed = obeyed_directives(settings.getlist("OBEY_DIRECTIVES"))
    agent = settings["ROBOTSTXT_USER_AGENT"] or settings["USER_AGENT"]
    return Tools(
        run_id=run_id,
        state=state,
        crawls=crawls,
        ledger=ledger,
        visits=Visits(state, ledger, rules),
        leases=Leases(state, run_id, crawls, float("inf") if plan.revisit_all else state.now()),
        keeper=Keeper(run.archive if run else None, state, agent, obeyed),
        crew=Crew(cleaning_processes(settings), Instructions(plan.sites, agent, obeyed)),
        health=HostHealth(Limits.of(settings)),
        obeyed=obeyed,
        most_in_flight=settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN"),
        patience=settings.getfloat("RETRY_AFTER_MAX"),
    )
