"""Descriptions held to their sites as they are now."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Sequence

from scrapy.settings import Settings

from pipelines.addresses import normalise
from pipelines.records import Rejected
from scraper.failures import FetchFailure
from scraper.new_site.check import Checked
from scraper.new_site.choosing import next_page
from scraper.new_site.evidence import matches
from scraper.new_site.fetching import Fetcher, run_errand
from scraper.new_site.listings import own_pages, read_listing
from scraper.new_site.looking import Looker, Sample
from scraper.new_site.survey import main_language, no_articles
from scraper.site_crawl import SiteCrawl
from scraper.sites import Site
from scraper.state import State

# Pages of each site that are looked at, and articles among them that suffice.
PAGES, ENOUGH_ARTICLES = 8, 3
# Pages of different kinds that `allow` leaves out: perhaps they are articles after all.
LEFT_OUT_PAGES = 4
# All that is asked of a site beside what its description names.
_SPARE_REQUESTS = 10
# Articles from which on the pattern must match one, and the language be that of most.
_LEAST_ARTICLES = 2


def check_live(
    checked: Sequence[Checked], settings: Settings, tell: Callable[[str], None], *, named: bool
) -> list[Checked]:
    """The same with what the sites say; one that is not enabled is asked only if it was `named`."""
    asked = [one for one in checked if one.site and (one.site.enabled or named)]
    answers: dict[str, Checked] = {}

    async def errand(fetcher: Fetcher) -> None:
        looker = Looker(fetcher, tuple(one.site for one in asked if one.site))
        checks = [_Check(fetcher, looker, one) for one in asked]
        try:  # together: each host has its own pace
            for answer in await asyncio.gather(*(check.made() for check in checks)):
                answers[answer.name] = answer
        finally:
            looker.close()

    if asked:
        entrances = [address for one in asked if one.site for address in one.site.entrances]
        most = len(entrances) + len(asked) * (PAGES + LEFT_OUT_PAGES + _SPARE_REQUESTS)
        run_errand(errand, entrances, settings, most, tell)
    return [answers.get(one.name, _not_asked(one)) for one in checked]


def _not_asked(one: Checked) -> Checked:
    if one.site is None:
        return one
    note = f"not enabled, so it was not asked: scrapy site check {one.name} asks it"
    return dataclasses.replace(one, notes=(*one.notes, note))


class _Check:
    """One site asked whether its description still holds."""

    def __init__(self, fetcher: Fetcher, looker: Looker, checked: Checked) -> None:
        assert checked.site
        self._fetcher = fetcher
        self._looker = looker
        self._checked = checked
        self._site: Site = checked.site
        self._crawl = SiteCrawl(self._site, State())
        # Hosts and patterns apart: what the patterns leave out is looked for as well.
        self._open = SiteCrawl(dataclasses.replace(self._site, allow=()), State())
        self._problems: list[str] = []
        self._pages: dict[str, None] = {}

    async def made(self) -> Checked:
        """The check, with what the site says."""
        self._fetcher.tell(f"checking {self._site.name}")
        for address in self._site.start:
            await self._start(address)
        for kind, addresses in (("sitemap", self._site.sitemaps), ("feed", self._site.feeds)):
            for address in addresses or ():
                await self._listing(kind, address)
        if self._site.javascript:
            note = "its pages are read in a browser, so none was looked at (javascript)"
            return dataclasses.replace(
                self._checked,
                problems=(*self._checked.problems, *self._problems),
                notes=(*self._checked.notes, note),
            )
        samples = await self._look_around(self._is_taken, ENOUGH_ARTICLES, PAGES)
        self._judge(samples)
        left_out = await self._look_around(self._is_left_out, 1, LEFT_OUT_PAGES)
        self._judge_left_out(left_out)
        count = sum(bool(sample.article) for sample in samples)
        return dataclasses.replace(
            self._checked,
            now=f"{count} articles of {len(samples)} pages",
            problems=(*self._checked.problems, *self._problems),
        )

    async def _start(self, address: str) -> None:
        sample = await self._looker.look(self._crawl, address)
        outcome = sample.outcome
        if isinstance(outcome, Rejected) and outcome.stage == "fetch":
            self._problems.append(f"start {address}: {outcome.detail}: mend or remove it")
        self._add(sample.links)

    async def _listing(self, kind: str, address: str) -> None:
        listing = await read_listing(self._fetcher, address, kind)
        if isinstance(listing, FetchFailure):
            self._problems.append(f"{kind} {address}: {listing.detail}: mend or remove it")
            return
        self._add(listing.pages)
        for below in listing.more[:1]:
            further = await read_listing(self._fetcher, below, kind)
            if not isinstance(further, FetchFailure):
                self._add(further.pages)
        if not listing.pages and not listing.more:
            self._problems.append(f"{kind} {address}: it lists nothing: mend or remove it")

    def _add(self, addresses: Sequence[str]) -> None:
        for address in own_pages(self._open, addresses):
            if self._fetcher.allows(address):
                self._pages[address] = None

    def _is_taken(self, page: str) -> bool:
        return self._crawl.frontier.would_take(page)

    def _is_left_out(self, page: str) -> bool:
        return not self._is_taken(page)

    async def _look_around(
        self, fits: Callable[[str], bool], enough: int, most: int
    ) -> list[Sample]:
        """Look at pages that fit until enough of them are articles, or as many as may be."""
        samples: dict[str, Sample] = {}
        while len(samples) < most:
            known = {address: bool(sample.article) for address, sample in samples.items()}
            address = next_page([page for page in self._pages if fits(page)], known)
            if address is None or sum(known.values()) >= enough:
                break
            sample = samples[address] = await self._looker.look(self._crawl, address)
            self._add(sample.links)
            what = "article" if sample.article else getattr(sample.outcome, "reason", "")
            self._fetcher.tell(f"page {len(samples):2}  {address}  {what}")
        return list(samples.values())

    def _judge_left_out(self, samples: Sequence[Sample]) -> None:
        """An article that `allow` leaves out is lost, unless it is one of those that match."""
        for sample in samples:
            article = sample.article
            if article and self._is_left_out(normalise(article.canonical_url or sample.url)):
                self._problems.append(
                    f"allow leaves out {sample.url}, which is an article: widen it or take it out"
                )

    def _judge(self, samples: Sequence[Sample]) -> None:
        site, told = self._site, self._problems
        articles = [sample.article for sample in samples if sample.article]
        if site.allow and self._pages:
            fit = sum(matches(page, [p.pattern for p in site.allow]) for page in self._pages)
            if not fit:
                again = f"scrapy site new {site.entrances[0]} --name {site.name} --force"
                told.append(
                    f"allow matches none of {len(self._pages)} addresses, so nothing would be "
                    f"found; {again} looks anew"
                )
                return
        if not articles:
            rejects = [s.outcome for s in samples if isinstance(s.outcome, Rejected)]
            if rejects:
                told.append(no_articles(site.entrances[0], rejects))
            elif not told:
                told.append("nothing leads to any page: give the description another start")
            return
        found = main_language([article.language for article in articles])
        other = found and found.partition("-")[0] != (site.language or "").partition("-")[0]
        if site.language and other and len(articles) >= _LEAST_ARTICLES:
            told.append(
                f'language is "{site.language}", and most articles are "{found}": change it'
            )
