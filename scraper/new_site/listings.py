"""The sitemaps and feeds of a site that work: named by it, or in the usual places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin

from pipelines.addresses import normalise
from scraper.addresses import join
from scraper.discovery import Listing, read_feed, read_sitemap
from scraper.failures import FetchFailure
from scraper.new_site.fetching import Fetcher
from scraper.site_crawl import SiteCrawl

# Where generators of sites put them, the most common first (sitemaps.org; WordPress and its
# plug-ins; Hugo, Jekyll, Ghost, Hexo).
USUAL_SITEMAPS = ("/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml")
USUAL_FEEDS = ("/feed/", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml")
# Sitemaps that robots.txt names and feeds that a page names: more are those of single sections.
MOST_SITEMAPS, MOST_FEEDS = 5, 4
# Of an index of sitemaps so many are read, from all over it: they show how addresses are built.
MOST_OF_AN_INDEX = 4


@dataclass(frozen=True, slots=True)
class Found:
    """A sitemap or feed that works; `pages` counts what was read of it, `unread` its sitemaps that
    were not read."""

    address: str
    pages: int
    origin: str
    unread: int = 0


@dataclass(slots=True)
class Listings:
    """What was found; `pages` are those of this site, normalised; `notes` say what did not work.

    `lasting` are the pages that stay listed: sitemaps of news list an article for some days.
    """

    found: list[Found] = field(default_factory=list)
    pages: dict[str, None] = field(default_factory=dict)
    lasting: dict[str, None] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


async def find_sitemaps(fetcher: Fetcher, crawl: SiteCrawl, start: str) -> Listings:
    """The sitemaps that robots.txt names, or the first that is in a usual place."""
    listings = Listings()
    named = [one for entry in fetcher.sitemaps_named(start) if (one := join(start, entry))]
    near = [one for one in dict.fromkeys(named) if crawl.frontier.is_near(one)]
    for address in near[:MOST_SITEMAPS]:
        await _take_sitemap(fetcher, crawl, listings, address, "robots.txt")
    if len(near) > MOST_SITEMAPS:
        more = len(near) - MOST_SITEMAPS
        listings.notes.append(f"robots.txt names {more} more sitemaps, which were not read")
    for path in () if near else USUAL_SITEMAPS:
        if not listings.found:
            await _take_sitemap(fetcher, crawl, listings, urljoin(start, path), "")
    return listings


async def find_feeds(
    fetcher: Fetcher, crawl: SiteCrawl, start: str, named: Sequence[str]
) -> Listings:
    """The feeds that the start page names, or the first that is in a usual place.

    One that lists nothing that an earlier one does not is left out: the same in another format.
    """
    listings = Listings()
    near = [one for one in dict.fromkeys(named) if crawl.frontier.is_near(one)]
    for address in near[:MOST_FEEDS]:
        await _take_feed(fetcher, crawl, listings, address, "the start page")
    for path in () if near else USUAL_FEEDS:
        if not listings.found:
            await _take_feed(fetcher, crawl, listings, urljoin(start, path), "")
    return listings


async def read_listing(fetcher: Fetcher, address: str, kind: str) -> Listing | FetchFailure:
    """What a sitemap or feed lists, or why it cannot be told."""
    largest = fetcher.settings.getint("SITEMAP_MAXSIZE")
    response = await fetcher.get(address, largest)
    if isinstance(response, FetchFailure):
        return response
    read = (
        read_sitemap(response.body, response.url, largest)
        if kind == "sitemap"
        else read_feed(response.body, response.url)
    )
    return read or FetchFailure(f"not-a-{kind}", f"what is there is no {kind}", response.status)


def own_pages(crawl: SiteCrawl, addresses: Iterable[str]) -> list[str]:
    """The addresses of this site among them that could be pages, normalised, each once."""
    own = (
        one for one in dict.fromkeys(map(normalise, addresses)) if crawl.frontier.would_take(one)
    )
    return list(own)


async def _take_sitemap(
    fetcher: Fetcher, crawl: SiteCrawl, listings: Listings, address: str, origin: str
) -> None:
    listing = await read_listing(fetcher, address, "sitemap")
    if isinstance(listing, FetchFailure):
        if origin:
            listings.notes.append(f"{origin} names {address}: {listing.detail}; left out")
        return
    children = [one for one in listing.more if crawl.frontier.is_near(one)]
    chosen = _some(children)
    below = [await read_listing(fetcher, child, "sitemap") for child in chosen]
    pages: list[str] = []
    for each in (listing, *below):
        if not isinstance(each, FetchFailure):
            own = own_pages(crawl, each.pages)
            pages += own
            listings.lasting.update({} if each.news_only else dict.fromkeys(own))
    if not pages:
        listings.notes.append(f"{address} lists no page of this site; left out")
        return
    listings.pages.update(dict.fromkeys(pages))
    unread = len(listing.more) - len(chosen)
    listings.found.append(Found(address, len(pages), origin or "the usual place", unread))
    fetcher.tell(f"sitemap  {address}  {len(pages)} pages")


def _some(children: Sequence[str]) -> list[str]:
    """Sitemaps of an index, from all over it; those named so first, since some list feeds too."""
    named = [one for one in children if "sitemap" in one.rpartition("/")[2].lower()] or children
    step = max(len(named) / MOST_OF_AN_INDEX, 1.0)
    return [named[int(n * step)] for n in range(min(len(named), MOST_OF_AN_INDEX))]


async def _take_feed(
    fetcher: Fetcher, crawl: SiteCrawl, listings: Listings, address: str, origin: str
) -> None:
    listing = await read_listing(fetcher, address, "feed")
    if isinstance(listing, FetchFailure):
        if origin:
            listings.notes.append(f"{origin} names the feed {address}: {listing.detail}; left out")
        return
    if listing.pages and all("#" in page for page in listing.pages):
        return  # what readers say of pages
    pages = own_pages(crawl, listing.pages)
    if not pages:
        listings.notes.append(f"the feed {address} lists no page of this site; left out")
    elif not set(pages) <= listings.pages.keys():
        listings.pages.update(dict.fromkeys(pages))
        listings.found.append(Found(address, len(pages), origin or "the usual place"))
        fetcher.tell(f"feed     {address}  {len(pages)} pages")
