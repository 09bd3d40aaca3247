"""What a crawl may fetch: the site's hosts, its patterns, and the addresses already known.

The question is asked before a Request is built: on a page with eighty links that is most of the
crawl's own work, so the common case, a link seen before, costs one look into a set.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from urllib.parse import urlsplit

from scrapy.linkextractors import IGNORED_EXTENSIONS

from pipelines.addresses import normalise, registrable_domain
from scraper.addresses import host_of, key_of
from scraper.sites import Site
from scraper.state.contract import Pages
from scraper.state.keys import address_number, key_number
from scraper.state.rows import Row

# Files that hold no article text, beside Scrapy's own list of pictures, archives and the like.
_NO_PAGES = frozenset(IGNORED_EXTENSIONS) | frozenset(
    {"atom", "csv", "ics", "json", "map", "opml", "rdf", "txt", "webmanifest", "xml"}
    | {"avif", "eot", "epub", "mobi", "rtf", "ttf", "woff", "woff2"}
)
# Addresses that grow for ever (calendars, relative links that nest): RFC 9110 suggests support
# for 8,000 characters, but no address of a page people link to comes near 2,000.
_LONGEST_ADDRESS = 2_000
_DEEPEST_PATH = 20
# Links as written that a crawl remembers, so that the state is not asked again: some 20 MB.
_MOST_REMEMBERED = 100_000
_NESTING = re.compile(r"(/[^/?#]+(?:/[^/?#]+)?)\1\1")


class Frontier:
    """The addresses of one site; `pages` knows those that were met before, in whatever run.

    `sites` share the memory for links. `refused` counts, by reason, the addresses that were not
    admitted for the first time.
    """

    def __init__(self, site: Site, pages: Pages, *, sites: int = 1) -> None:
        self.refused: Counter[str] = Counter()
        self._site = site
        self._pages = pages
        self._asked: set[str] = set()
        self._most_remembered = max(_MOST_REMEMBERED // sites, 1)
        self._hosts = {host for address in site.entrances if (host := host_of(address))}

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts of the site, as `host_of` gives them."""
        return tuple(self._hosts)

    @property
    def patterns(self) -> str:
        """A digest of what decides which links of a page are followed."""
        said = [pattern.pattern for pattern in (*self._site.allow, *self._site.deny)]
        told = repr((len(self._site.allow), said, sorted(self._hosts)))
        return hashlib.blake2b(told.encode(), digest_size=6).hexdigest()

    def admit(self, address: str) -> str | None:
        """The address to fetch, or None where it is not to be fetched, or is known already."""
        written = _brief(address)
        if written in self._asked:
            return None
        if len(self._asked) >= self._most_remembered:
            self._asked.clear()
        self._asked.add(written)
        normalised = normalise(address)
        if self._pages.knows(key_number(key_of(normalised))):
            return None
        reason = self._refusal(normalised)
        if reason:
            self.refused[reason] += 1
            return None
        return normalised

    def takes(self, row: Row) -> bool:
        """Whether a known address is still one that the site's description has fetched."""
        if row.kind != "page" or row.depth == 0:
            return True
        too_deep = self._site.max_depth is not None and row.depth > self._site.max_depth
        return not too_deep and self._refusal(row.url) is None

    def refuses_part(self, address: str) -> str | None:
        """Why a part of an article that was admitted is not fetched; None where it is.

        `deny` holds for it. `allow` says which articles are wanted, and this one is.
        """
        reason = self._refusal(address)
        return None if reason == "not-allowed" else reason

    def owns(self, row: Row) -> bool:
        """Whether the site's description names a known address, or its patterns hold for it."""
        named = row.key in map(address_number, self._site.start)
        return named or self._refusal(row.url) is None

    def would_take(self, normalised: str) -> bool:
        """Whether hosts and patterns of the site allow an address, known or not."""
        return self._refusal(normalised) is None

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
        host = host_of(address)
        if host and host not in self._hosts:
            self._hosts.add(host)
            self._asked.clear()

    def row(self, address: str) -> Row | None:
        """What is known of an address."""
        return self._pages.get(address_number(address))

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


def _brief(address: str) -> str:
    """What a link is remembered by: itself, or a digest of one that is longer than any sensible."""
    if len(address) <= _LONGEST_ADDRESS:
        return address
    return hashlib.blake2b(address.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
