"""Keeps a crawl away from addresses that are not public: no page may lead it into our own network.

Two gates, both in the way of every request, robots.txt and redirects included. `PublicResolver`
(setting TWISTED_DNS_RESOLVER) refuses a name as it is looked up, every time anew, so that the
address that was checked is the one that is connected to. `PublicHandler` (setting
DOWNLOAD_HANDLERS) refuses hosts that are themselves addresses, however they are written, and says
why a name was refused. Hosts that the user names (`trusted_hosts` of the spider) and the user's
proxy are trusted as they are; ALLOW_PRIVATE_ADDRESSES lets all pass.
"""

from __future__ import annotations

import logging
import socket
import unicodedata
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import unquote, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Response
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from scraper.download_handler import BoundedHeads
from scraper.failures import Refused

logger = logging.getLogger(__name__)

Address = IPv4Address | IPv6Address

# What `is_global` lets through (IANA's registries of special-purpose addresses, RFC 6890 and later)
# and is not for a crawl: protocol assignments (Oracle's cloud has its metadata there), 6to4 relays
# (RFC 7526), and the host that answers virtual machines at Azure with their own secrets. The other
# clouds use link-local or shared addresses.
_NOT_PUBLIC_4 = (
    *(IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24")),
    IPv4Network("168.63.129.16/32"),
)
# RFC 4291, 2.4: the only block that public addresses are given out of; less RFC 9637's examples and
# Teredo, which hides an address of version 4 that we do not see.
_PUBLIC_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = (IPv6Network("3fff::/20"), IPv6Network("2001::/32"))
# Blocks whose last 32 bits are an address of version 4: "compatible", "mapped", "translated"
# (RFC 4291, RFC 2765) and NAT64 (RFC 6052).
_WRAPPED = (
    *(IPv6Network("::/96"), IPv6Network("::ffff:0:0/96"), IPv6Network("::ffff:0:0:0/96")),
    IPv6Network("64:ff9b::/96"),
)
_LAST_32_BITS = 0xFFFFFFFF


def is_public(address: Address) -> bool:
    """Whether an address is one of the open internet, by itself or by the one that it wraps.

    >>> [is_public(ip_address(x)) for x in ("93.184.216.34", "10.0.0.1", "::ffff:127.0.0.1")]
    [True, False, False]
    """
    if isinstance(address, IPv4Address):
        special = address.is_multicast or any(address in block for block in _NOT_PUBLIC_4)
        return address.is_global and not special
    inner = _wrapped(address)
    if inner is not None:
        return is_public(inner)
    special = any(address in block for block in _NOT_PUBLIC_6)
    return address in _PUBLIC_6 and address.is_global and not special


def _wrapped(address: IPv6Address) -> IPv4Address | None:
    if any(address in block for block in _WRAPPED):
        return IPv4Address(int(address) & _LAST_32_BITS)
    return address.sixtofour


def address_in(host: str) -> Address | None:
    """The address that a host is, in any spelling that a resolver takes; None for a name.

    >>> address_in("0x7f.1"), address_in("[::1]"), address_in("example.org")
    (IPv4Address('127.0.0.1'), IPv6Address('::1'), None)
    """
    text = _spelt(host)
    if ":" in text:
        try:
            return ip_address(text.partition("%")[0])
        except ValueError:
            return None
    try:
        # What the C library reads: decimal, octal, hexadecimal, and fewer than four parts.
        return IPv4Address(socket.inet_aton(text))
    except (OSError, UnicodeError):
        return None


def _spelt(host: str) -> str:
    """One spelling for each host: no brackets, escapes, wide characters or last dot; lower case."""
    plain = unicodedata.normalize("NFKC", unquote(host)).replace("。", ".")
    plain = plain.strip().strip("[]").rstrip(".").lower()
    try:
        return plain.encode("idna").decode("ascii") if not plain.isascii() else plain
    except UnicodeError:
        return plain


def refusal(host: str, address: Address) -> Refused:
    """Why a host is not asked, and what to do if it should be."""
    leads = "is" if address_in(host) else f"leads to {address},"
    detail = (
        f'the host "{host}" {leads} no public address; '
        "where that is meant to be crawled, -s ALLOW_PRIVATE_ADDRESSES=True allows it"
    )
    return Refused("private-address", detail)


class PublicResolver(CachingThreadedResolver):
    """Scrapy's resolver, which finds no address for names that lead to one that is not public.

    It knows no crawl: `PublicHandler` tells it whom to trust and asks it what was refused.
    """

    def __init__(self, reactor: ReactorBase, cache_size: int, timeout: float) -> None:
        super().__init__(reactor, cache_size, timeout)
        self._allows_all = False
        self._trusted: set[str] = set()
        self._refused: dict[str, Address] = {}

    def allow_all(self) -> None:
        """Check nothing any more."""
        self._allows_all = True

    def trust(self, hosts: Iterable[str]) -> None:
        """Let these hosts lead anywhere."""
        self._trusted.update(_spelt(host) for host in hosts)

    def refused(self, host: str) -> Address | None:
        """The address for which a host was refused when it was last looked up."""
        return self._refused.get(_spelt(host))

    def getHostByName(  # noqa: N802 - as in the class extended
        self, name: str, timeout: Sequence[int] = ()
    ) -> Deferred[str]:
        """The address of a name, fresh or from the cache, as text; fails as if there were none."""
        found: Deferred[str] = super().getHostByName(name, timeout)
        return found.addCallback(self._checked, name)

    def _checked(self, found: str, name: str) -> str:
        host, address = _spelt(name), ip_address(found)
        if self._allows_all or host in self._trusted or is_public(address):
            self._refused.pop(host, None)
            return found
        self._refused[host] = address
        # Any other error would be taken for a defect, and logged with its stack.
        raise DNSLookupError(f"{name} leads to {found}, which is no public address")


class PublicHandler(BoundedHeads):
    """The handler for http and https, which asks only public addresses."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        from twisted.internet import reactor  # only now: the import installs one

        resolver = getattr(reactor, "resolver", None)
        self._resolver = resolver if isinstance(resolver, PublicResolver) else None
        self._allows_all = crawler.settings.getbool("ALLOW_PRIVATE_ADDRESSES")
        self._trusted: frozenset[str] | None = None
        if self._allows_all and self._resolver:
            self._resolver.allow_all()
        elif not self._resolver:
            logger.warning(
                "TWISTED_DNS_RESOLVER is not Marrow's: names that lead to private addresses are "
                "not refused"
            )

    async def download_request(self, request: Request) -> Response:
        """The response; raises Refused where the host is, or leads to, no public address."""
        host = urlsplit(request.url).hostname or ""
        self._check(host, request)
        try:
            return await super().download_request(request)
        except CannotResolveHostError:
            address = self._resolver.refused(host) if self._resolver else None
            if address is None:
                raise
            raise refusal(host, address) from None

    def _check(self, host: str, request: Request) -> None:
        if self._allows_all:
            return
        trusted = self._trust()
        address = address_in(host)
        if address and _spelt(host) not in trusted and not is_public(address):
            raise refusal(host, address)
        proxy = request.meta.get("proxy")
        if proxy and self._resolver:
            self._resolver.trust([urlsplit(proxy).hostname or ""])

    def _trust(self) -> frozenset[str]:
        """The hosts that the spider trusts; told to the resolver, too, as soon as there is one."""
        if self._trusted is None:
            hosts: Iterable[str] = getattr(self._crawler.spider, "trusted_hosts", frozenset)()
            self._trusted = frozenset(_spelt(host) for host in hosts)
            if self._resolver:
                self._resolver.trust(self._trusted)
        return self._trusted
