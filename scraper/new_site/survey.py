"""A first look at a site: where it lists its pages, what they are, how articles are addressed."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from pipelines.addresses import normalise, registrable_domain
from pipelines.records import Rejected
from scraper.addresses import is_front_page, page_key
from scraper.failures import FetchFailure, refusal
from scraper.new_site.choosing import next_page
from scraper.new_site.evidence import Evidence, Verdict, judge
from scraper.new_site.fetching import Fetcher
from scraper.new_site.listings import Found, Listings, find_feeds, find_sitemaps, own_pages
from scraper.new_site.looking import Looker, Sample
from scraper.site_crawl import SiteCrawl
from scraper.sites import Site
from scraper.state import State

# Pages that are looked at for what they are, and then, only where a pattern seems to be found, so
# many more at most to confirm it. At a second each it takes about half a minute.
PAGES = 10
CONFIRMING = 25
# All that is asked of a site, sitemaps and feeds included.
MOST_REQUESTS = 70
# From so many seconds between requests on people should know that they have to wait.
_REMARKABLE_DELAY = 3.0
# Of long sitemaps so many addresses are compared with the pattern, from all over them.
MOST_COMPARED = 5_000
# A language is the site's if this share of the articles is in it; on a site in two languages a
# guess for the others would be wrong as often as right.
_NEARLY_ALL = 0.8


class SurveyError(Exception):
    """The site cannot be described; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found. `start` is where the crawl begins, `delay_asked` the Crawl-delay (seconds).

    `language` is None where no language has the majority; `notes` are sentences on what did not
    work. The addresses are normalised.
    """

    start: str
    samples: tuple[Sample, ...]
    sitemaps: tuple[Found, ...]
    feeds: tuple[Found, ...]
    pattern: Verdict
    language: str | None
    delay_asked: float | None
    seen: int
    notes: tuple[str, ...]

    @property
    def articles(self) -> tuple[Sample, ...]:
        """The samples that are articles."""
        return tuple(sample for sample in self.samples if sample.article)


async def survey(fetcher: Fetcher, url: str, name: str) -> Survey:
    """Look at the site of an address; raises SurveyError where there is nothing to describe."""
    site = Site(name=name, start=(url,))
    looker = Looker(fetcher, (site,))
    try:
        return await _Look(fetcher, looker).around(url, site)
    finally:
        looker.close()


class _Look:
    """What is known so far, while a site is looked at."""

    def __init__(self, fetcher: Fetcher, looker: Looker) -> None:
        self._fetcher = fetcher
        self._looker = looker
        self._samples: dict[str, Sample] = {}
        self._seen: dict[str, None] = {}

    async def around(self, url: str, site: Site) -> Survey:
        crawl, start = await self._enter(url, site)
        sitemaps = await find_sitemaps(self._fetcher, crawl, start.url)
        feeds = await find_feeds(self._fetcher, crawl, start.url, start.feeds)
        self._note(crawl, start, (*feeds.pages, *_spread(list(sitemaps.pages))))
        looked = len(self._samples) - bool(start.article)
        await self._sample(crawl, list(feeds.pages), PAGES + looked)
        self._require_articles(url)
        pattern = await self._confirm(crawl, sitemaps)
        return Survey(
            start=start.url,
            samples=tuple(self._samples.values()),
            sitemaps=tuple(sitemaps.found),
            feeds=tuple(feeds.found),
            pattern=pattern,
            language=main_language(self._languages()),
            delay_asked=self._fetcher.delay_asked(start.url),
            seen=len(self._seen),
            notes=(*sitemaps.notes, *feeds.notes),
        )

    async def _enter(self, url: str, site: Site) -> tuple[SiteCrawl, Sample]:
        """The page that a crawl begins with: the one named; if it is an article, the front page."""
        response = await self._fetcher.get(url)
        if isinstance(response, FetchFailure):
            raise SurveyError(_cannot_enter(url, response))
        if registrable_domain(response.url) != registrable_domain(url):
            raise SurveyError(
                f"{url} redirects to another site, {response.url}: give that address if you mean it"
            )
        self._warn_of_delay(response.url)
        crawl = SiteCrawl(Site(name=site.name, start=(normalise(response.url),)), State())
        start = await self._looker.read(crawl, response)
        self._take(crawl, start)
        if start.article and not is_front_page(start.url):
            front = urljoin(start.url, "/")
            self._fetcher.tell(f"{url} is an article: looking at {front} too")
            page = await self._looker.look(crawl, front)
            self._take(crawl, page)
            if page.links:
                return crawl, page
        return crawl, start

    def _warn_of_delay(self, address: str) -> None:
        asked = self._fetcher.delay_asked(address) or 0.0
        if asked >= _REMARKABLE_DELAY:
            minutes = asked * (PAGES + CONFIRMING) / 60
            self._fetcher.tell(
                f"robots.txt asks for {asked:g} seconds between requests, so that this takes up "
                f"to {minutes:.0f} minutes"
            )

    async def _sample(self, crawl: SiteCrawl, favoured: Sequence[str], count: int) -> None:
        """Look at pages until there are `count`, or no more."""
        while len(self._samples) < count:
            known = {url: bool(sample.article) for url, sample in self._samples.items()}
            address = next_page(list(self._seen), known, favoured)
            if address is None:
                return
            await self._look_at(crawl, address)

    async def _confirm(self, crawl: SiteCrawl, sitemaps: Listings) -> Verdict:
        """What pattern the articles have; pages that speak for or against it are looked at."""
        last = len(self._samples) + CONFIRMING
        while True:
            verdict = judge(self._evidence(sitemaps))
            # Of a page that could not be had it stays unknown what it is; it is asked for once.
            wanted = [address for address in verdict.wanted if address not in self._samples]
            if not wanted or len(self._samples) >= last:
                return verdict
            await self._look_at(crawl, wanted[0])

    async def _look_at(self, crawl: SiteCrawl, address: str) -> None:
        sample = await self._looker.look(crawl, address)
        self._seen.setdefault(address)
        if page_key(sample.url) == page_key(address):
            sample = dataclasses.replace(sample, url=address)
        else:  # the address itself is no page
            detail = f"redirects to {sample.url}"
            moved = Rejected(stage="clean", reason="duplicate-redirect", detail=detail, url=address)
            self._samples[address] = Sample(address, moved)
            if sample.url in self._samples:
                return
        self._take(crawl, sample)

    def _take(self, crawl: SiteCrawl, sample: Sample) -> None:
        sample = self._told_apart(sample)
        self._samples[sample.url] = sample
        self._note(crawl, sample)
        what = "article" if sample.article else getattr(sample.outcome, "reason", "")
        self._fetcher.tell(f"page {len(self._samples):2}  {sample.url}  {what}")

    def _told_apart(self, sample: Sample) -> Sample:
        """The sample; refused where it is an article that was looked at, under another address."""
        article = sample.article
        if article is None or not article.canonical_url:
            return sample
        canonical = page_key(article.canonical_url)
        others = (one.article for one in self._samples.values() if one.url != sample.url)
        for other in others:
            if other and canonical in (
                page_key(other.url or ""),
                page_key(other.canonical_url or ""),
            ):
                detail = f"declares the canonical address of {other.url}"
                refused = refusal(article, "duplicate-canonical", detail)
                return dataclasses.replace(sample, outcome=refused)
        return sample

    def _note(self, crawl: SiteCrawl, sample: Sample, more: Iterable[str] = ()) -> None:
        """Take note of the addresses that a page leads to, as far as a crawl may ask for them."""
        for address in (*own_pages(crawl, more), *own_pages(crawl, sample.links)):
            if address not in self._seen and self._fetcher.allows(address):
                self._seen[address] = None

    def _evidence(self, sitemaps: Listings) -> Evidence:
        known = [sample for sample in self._samples.values() if sample.is_known]
        return Evidence(
            articles=[sample.url for sample in known if sample.article],
            others=[sample.url for sample in known if not sample.article],
            seen=self._seen.keys(),
            listed=sitemaps.lasting.keys(),
        )

    def _languages(self) -> list[str | None]:
        return [sample.article.language for sample in self._samples.values() if sample.article]

    def _require_articles(self, url: str) -> None:
        rejects = [s.outcome for s in self._samples.values() if isinstance(s.outcome, Rejected)]
        if len(rejects) == len(self._samples):
            raise SurveyError(no_articles(url, rejects))


def main_language(languages: Sequence[str | None]) -> str | None:
    """The language of nearly all articles, if there is one.

    >>> main_language(["en"] * 4 + ["de"]), main_language(["en", "en", "de"])
    ('en', None)
    """
    counted = Counter(language for language in languages if language).most_common(1)
    enough = counted and counted[0][1] >= _NEARLY_ALL * len(languages)
    return counted[0][0] if enough else None


def no_articles(url: str, rejects: Sequence[Rejected]) -> str:
    """The sentence for a site on which no article was found."""
    reasons = Counter(reject.reason for reject in rejects)
    told = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
    if reasons["page-type-script-only"] and 2 * reasons["page-type-script-only"] >= len(rejects):
        return (
            f"the pages of {url} hold no text until their scripts have run ({told}): describe the "
            "site by hand, with javascript = true; docs/javascript.md tells how"
        )
    advice = "give the address of the section that holds them, or of one of them"
    if urlsplit(url).path.strip("/"):
        advice = "give the address of the front page, or of an article"
    return f"no article among the {len(rejects)} pages of {url} looked at ({told}): {advice}"


def _cannot_enter(url: str, failure: FetchFailure) -> str:
    """Why nothing of the site could be looked at."""
    if failure.reason == "robots-disallowed":
        return (
            f"{url}: robots.txt does not allow it, so a crawl would not get in: ask the site's "
            "owner, or give the address of a part that is allowed"
        )
    return f"{url}: {failure.reason}: {failure.detail}"


def _spread(addresses: Sequence[str]) -> Sequence[str]:
    """At most MOST_COMPARED of the addresses, from all over the list."""
    step = max(len(addresses) / MOST_COMPARED, 1.0)
    return [addresses[int(n * step)] for n in range(min(len(addresses), MOST_COMPARED))]
