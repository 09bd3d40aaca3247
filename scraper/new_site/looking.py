"""One page looked at as a crawl would: fetched, cleaned by the site's description, judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from scrapy.http import Response

from pipelines.addresses import normalise
from pipelines.records import Article, Rejected
from scraper.crew import Crew
from scraper.directives import obeyed_directives, refusal_of
from scraper.failures import FetchFailure, refusal
from scraper.new_site.fetching import Fetcher
from scraper.page_work import Instructions, PageJob, PageWork
from scraper.responses import CUT_SHORT, header_pairs, html_charset, unfetched
from scraper.site_crawl import SiteCrawl
from scraper.sites import Site
from scraper.usable_settings import cleaning_processes

# What a page that was not fetched was refused for, where another day would not change it.
_LASTING = frozenset({"robots-disallowed", "http-404", "http-410", "redirect-off-site", "not-html"})


@dataclass(frozen=True, slots=True)
class Sample:
    """A page that was looked at. `url` is where it was found, normalised, after redirects.

    `links` are absolute, in the order of the page, as are the `feeds` that its head names. `body`
    is the page as it was sent, unpacked; `storable`: its owner does not mind its being archived.
    """

    url: str
    outcome: Article | Rejected
    links: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    body: bytes = b""
    charset: str | None = None
    at: datetime | None = None
    storable: bool = False

    @property
    def article(self) -> Article | None:
        """The article, if the page is one."""
        return self.outcome if isinstance(self.outcome, Article) else None

    @property
    def is_known(self) -> bool:
        """Whether it is known what the page is: not if it could not be had today."""
        if isinstance(self.outcome, Article):
            return True
        return self.outcome.stage != "fetch" or self.outcome.reason in _LASTING


class Looker:
    """Looks at pages of some sites, one at a time."""

    def __init__(self, fetcher: Fetcher, sites: tuple[Site, ...]) -> None:
        settings = fetcher.settings
        self._fetcher = fetcher
        self._obeyed = obeyed_directives(settings.getlist("OBEY_DIRECTIVES"))
        instructions = Instructions(sites, fetcher.agent, self._obeyed)
        # One page at a time needs one process, which takes the blame if a page kills it.
        self._crew = Crew(min(1, cleaning_processes(settings)), instructions)

    async def look(self, crawl: SiteCrawl, address: str) -> Sample:
        """The page at an address of the site."""
        response = await self._fetcher.get(address)
        if isinstance(response, FetchFailure):
            told = unfetched(address, response.reason, response.detail, response.status)
            return Sample(normalise(address), told)
        if not crawl.frontier.in_scope(response.url):
            detail = f"redirects off the site, to {response.url}"
            return Sample(normalise(address), unfetched(address, "redirect-off-site", detail, None))
        return await self.read(crawl, response)

    async def read(self, crawl: SiteCrawl, response: Response) -> Sample:
        """The page in a response."""
        url, charset = normalise(response.url), html_charset(response)
        if isinstance(charset, Rejected):
            return Sample(url, charset)
        at = datetime.now(UTC).replace(microsecond=0)
        job = PageJob(
            site=crawl.site.name,
            url=response.url,
            body=response.body,
            charset=charset,
            headers=header_pairs(response),
            fetched_at=at,
            cut_short=CUT_SHORT in response.flags,
        )
        work = await self._crew.work(job)
        assert response.request is not None
        return Sample(
            url=url,
            outcome=self._judged(crawl, response, work),
            links=_links(work),
            feeds=work.head.feeds,
            body=response.body,
            charset=charset,
            at=at,
            storable=not (work.directives.noarchive and "noarchive" in self._obeyed),
        )

    def close(self) -> None:
        """End the process that cleans."""
        self._crew.close()

    def _judged(self, crawl: SiteCrawl, response: Response, work: PageWork) -> Article | Rejected:
        """What a crawl would make of the page, if it knew no other."""
        if isinstance(work.outcome, Rejected):
            return work.outcome
        assert response.request is not None
        told = refusal_of(work.directives, response.request.meta.get("tdm_file"), self._obeyed)
        if told:
            return refusal(work.outcome, *told)
        return crawl.listed_instead(work.outcome, work) or work.outcome


def _links(work: PageWork) -> tuple[str, ...]:
    refresh = (work.head.refresh,) if work.head.refresh else ()
    return (*refresh, *work.links, *work.head.pages)
