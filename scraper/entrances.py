"""Where a crawl enters its sites: what their descriptions name, and what robots.txt lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urljoin, urlsplit

from scraper.addresses import is_local, join
from scraper.page_requests import FEED, SITEMAP, Intake
from scraper.site_crawl import SiteCrawl
from scraper.sites import Site


def enter(crawl: SiteCrawl, intake: Intake, *, without_robots: bool) -> None:
    """Put what the site's description names into the frontier.

    `without_robots`: robots.txt is not read, so the usual sitemap is asked for at once.
    """
    for address in crawl.site.start:
        intake.start(address)
        if without_robots:
            find_sitemaps(crawl, intake, address, [])
    for address in crawl.site.sitemaps or ():
        intake.start(address, "sitemap", SITEMAP)
    for address in crawl.site.feeds or ():
        intake.start(address, "feed", FEED)


def find_sitemaps(crawl: SiteCrawl, intake: Intake, base: str, listed: Sequence[str]) -> None:
    """Take the sitemaps that the robots.txt of the host of `base` lists, or else the usual one,
    unless the site's description names others."""
    if crawl.site.sitemaps is not None:
        return
    named = [address for entry in listed if (address := join(base, entry))]
    near = [address for address in named if crawl.frontier.is_near(address)]
    for address in near or [urljoin(base, "/sitemap.xml")]:
        intake.listing(crawl, address, "sitemap", SITEMAP, guessed=not near)


def hosts_named(sites: Iterable[Site]) -> frozenset[str]:
    """The hosts that descriptions or the command line name, in lower case, without ports."""
    return frozenset(
        urlsplit(address).hostname or "" for site in sites for address in site.entrances
    )


def any_public(sites: Iterable[Site]) -> bool:
    """Whether any of the sites is somebody else's."""
    return not all(map(is_local, hosts_named(sites)))
