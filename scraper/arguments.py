"""The arguments of `scrapy crawl articles -a NAME=VALUE`, checked before anything starts."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scraper.addresses import host_of
from scraper.amounts import read_size
from scraper.browser.switch import Javascript
from scraper.sites import Site, SiteError, check_address, load_site, load_sites, suggestion

NAMES = (
    *("url", "site", "max_pages", "max_depth", "max_bytes", "max_minutes", "revisit"),
    "javascript",
)
# Which known pages are looked at: those whose time has come, or each of them.
REVISITS = ("due", "all")


@dataclass(frozen=True, slots=True)
class CrawlPlan:
    """What a crawl was asked to do.

    `seconds` is the time limit of the whole crawl, None for none; `revisit_all`: every known page
    of the sites is looked at, whether its time has come or not.
    """

    sites: tuple[Site, ...]
    seconds: float | None = None
    revisit_all: bool = False


def read_arguments(arguments: Mapping[str, str], folder: Path) -> CrawlPlan:
    """The plan that the arguments describe; raises SiteError with one sentence for a user."""
    for name in arguments:
        if name not in NAMES:
            hint = suggestion(name, NAMES) or f"; known: {', '.join(NAMES)}"
            raise SiteError(f'unknown argument "-a {name}="{hint}')
    if "url" in arguments and "site" in arguments:
        raise SiteError("give -a url=… or -a site=…, not both")
    sites = _sites(arguments, folder)
    pages = _number(arguments, "max_pages", least=1)
    depth = _number(arguments, "max_depth", least=0)
    minutes = _number(arguments, "max_minutes", least=0)
    size, javascript = _size(arguments), _javascript(arguments)
    limited = (_limited(site, pages, depth, size) for site in sites)
    return CrawlPlan(
        sites=tuple(_switched(site, javascript) for site in limited),
        seconds=minutes * 60 if minutes else None,
        revisit_all=_revisit(arguments) == "all",
    )


def _sites(arguments: Mapping[str, str], folder: Path) -> tuple[Site, ...]:
    if "url" in arguments:
        addresses = _parts(arguments["url"], "url", "https://example.org/")
        return _by_host([check_address(address) for address in addresses])
    if "site" in arguments:
        names = _parts(arguments["site"], "site", "NAME")
        return tuple(load_site(name, folder) for name in names)
    return load_sites(folder)


def _by_host(addresses: list[str]) -> tuple[Site, ...]:
    """A site for each host: limits, and the search for duplicates, hold for a site."""
    hosts: dict[str, list[str]] = {}
    for address in addresses:
        hosts.setdefault(host_of(address) or address, []).append(address)
    return tuple(Site(name=host, start=tuple(start)) for host, start in hosts.items())


def _parts(value: str, name: str, example: str) -> tuple[str, ...]:
    """The parts of a list with commas, each once; raises SiteError where there is none.

    An address may hold a comma itself: only one that is followed by a new address separates.
    """
    separator = r",(?=\s*[A-Za-z][A-Za-z0-9+.-]*://|\s*$)" if "://" in value else ","
    parts = tuple(dict.fromkeys(p.strip() for p in re.split(separator, value) if p.strip()))
    if not parts:
        raise SiteError(f"-a {name}= is empty: give -a {name}={example}")
    return parts


def _number(arguments: Mapping[str, str], name: str, *, least: int) -> float | None:
    if name not in arguments:
        return None
    try:
        value = float(arguments[name]) if name == "max_minutes" else int(arguments[name])
    except ValueError:
        value = -1
    if not least <= value < float("inf") or (name == "max_minutes" and value == 0):
        kind = "number above 0" if name == "max_minutes" else f"whole number from {least} up"
        raise SiteError(f"-a {name}={arguments[name]}: a {kind} is needed")
    return value


def _size(arguments: Mapping[str, str]) -> int | None:
    if "max_bytes" not in arguments:
        return None
    size = read_size(arguments["max_bytes"])
    if not size:
        raise SiteError(
            f"-a max_bytes={arguments['max_bytes']}: a whole number from 1 up is needed, "
            "or one with k, M or G, such as 500M"
        )
    return size


def _revisit(arguments: Mapping[str, str]) -> str:
    asked = arguments.get("revisit", REVISITS[0])
    if asked not in REVISITS:
        raise SiteError(f"-a revisit={asked}: due or all is needed")
    return asked


def _javascript(arguments: Mapping[str, str]) -> bool | None:
    """Whether pages are read in a browser; None where the sites' descriptions say it."""
    asked = arguments.get("javascript")
    if asked not in (None, "true", "false"):
        raise SiteError(f"-a javascript={asked}: true or false is needed")
    return None if asked is None else asked == "true"


def _switched(site: Site, javascript: bool | None) -> Site:
    """The site with the command line's switch in place of its own; what that says is kept."""
    if javascript is None:
        return site
    return dataclasses.replace(
        site, javascript=(site.javascript or Javascript()) if javascript else None
    )


def _limited(site: Site, pages: float | None, depth: float | None, size: int | None) -> Site:
    """The site with the command line's limits in place of its own."""
    return dataclasses.replace(
        site,
        max_pages=site.max_pages if pages is None else int(pages),
        max_depth=site.max_depth if depth is None else int(depth),
        max_bytes=site.max_bytes if size is None else size,
    )
