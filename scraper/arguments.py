"""The arguments of `scrapy crawl articles -a NAME=VALUE`, checked before anything starts."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scraper.addresses import host_of
from scraper.sites import Site, SiteError, check_address, load_site, load_sites, suggestion

NAMES = ("url", "site", "max_pages", "max_depth", "max_minutes")


@dataclass(frozen=True, slots=True)
class CrawlPlan:
    """What a crawl was asked to do; `seconds` is its time limit, None for none."""

    sites: tuple[Site, ...]
    seconds: float | None = None


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
    return CrawlPlan(
        sites=tuple(_limited(site, pages, depth) for site in sites),
        seconds=minutes * 60 if minutes else None,
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


def _limited(site: Site, pages: float | None, depth: float | None) -> Site:
    """The site with the command line's limits in place of its own."""
    return dataclasses.replace(
        site,
        max_pages=site.max_pages if pages is None else int(pages),
        max_depth=site.max_depth if depth is None else int(depth),
    )
