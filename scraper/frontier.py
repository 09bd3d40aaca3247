"""What a crawl may fetch: the site's hosts, its patterns, and the addresses already seen.

The question is asked before a Request is built: on a page with eighty links that is most of the
crawl's own work, so the common case, a link seen before, costs one look into a set.
"""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import urlsplit

from scrapy.linkextractors import IGNORED_EXTENSIONS

from pipelines.addresses import normalise, registrable_domain
from scraper.addresses import host_of, key_of, page_key
from scraper.sites import Site

# Files that hold no article text, beside Scrapy's own list of pictures, archives and the like.
_NO_PAGES = frozenset(IGNORED_EXTENSIONS) | frozenset(
    {"atom", "csv", "ics", "json", "map", "opml", "rdf", "txt", "webmanifest", "xml"}
    | {"avif", "eot", "epub", "mobi", "rtf", "ttf", "woff", "woff2"}
)
# Addresses that grow for ever (calendars, relative links that nest): RFC 9110 suggests support
# for 8,000 characters, but no address of a page people link to comes near 2,000.
_LONGEST_ADDRESS = 2_000
_DEEPEST_PATH = 20
_NESTING = re.compile(r"(/[^/?#]+(?:/[^/?#]+)?)\1\1")


class Frontier:
    """The addresses of one site, admitted once each.

    `seen` is shared by the sites of a crawl, so that no page is fetched for two of them.
    `refused` counts, by reason, the addresses that were not admitted for the first time.
    """

    def __init__(self, site: Site, seen: set[str]) -> None:
        self.refused: Counter[str] = Counter()
        self._site = site
        self._seen = seen
        self._asked: set[str] = set()
        self._hosts = {host_of(address) for address in site.entrances}

    def admit(self, address: str) -> str | None:
        """The address to fetch, or None where it is not to be fetched, or not again."""
        if address in self._asked:
            return None
        self._asked.add(address)
        normalised = normalise(address)
        key = key_of(normalised)
        if key in self._seen:
            return None
        reason = self._refusal(normalised)
        if reason:
            self.refused[reason] += 1
            return None
        self._seen.add(key)
        return normalised

    def begin(self, address: str) -> bool:
        """Admit an address that the user named, whatever its form; False where already seen."""
        key = page_key(address)
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    def in_scope(self, address: str) -> bool:
        """Whether the address is on a host of this site; `www.` makes no difference."""
        return host_of(address) in self._hosts

    def is_near(self, address: str) -> bool:
        """Whether the address is on this site, or on another host of its registrable domain."""
        if self.in_scope(address):
            return True
        domain = registrable_domain(address)
        return domain is not None and domain in {
            registrable_domain(f"http://{host}/") for host in self._hosts if host
        }

    def widen(self, address: str) -> None:
        """Take the address's host into the site: a start address leads there."""
        self._hosts.add(host_of(address))
        self._asked.clear()

    def has_seen(self, address: str) -> bool:
        """Whether the address was admitted before."""
        return page_key(address) in self._seen

    def _refusal(self, address: str) -> str | None:
        if host_of(address) not in self._hosts:
            return "off-site"
        path = urlsplit(address).path
        if _extension(path) in _NO_PAGES:
            return "not-a-page"
        if (
            len(address) > _LONGEST_ADDRESS
            or path.count("/") > _DEEPEST_PATH
            or _NESTING.search(path)
        ):
            return "endless-address"
        if any(pattern.search(address) for pattern in self._site.deny):
            return "denied"
        if self._site.allow and not any(p.search(address) for p in self._site.allow):
            return "not-allowed"
        return None


def _extension(path: str) -> str:
    name = path.rpartition("/")[2]
    stem, _, extension = name.rpartition(".")
    return extension.lower() if stem else ""
