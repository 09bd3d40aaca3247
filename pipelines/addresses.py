"""Addresses: one spelling for each page, the site it belongs to, and a record's identifier.

Nothing here raises on a hostile string: what cannot be read as an address is given back as it is.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote_plus, urljoin, urlsplit, urlunsplit

import tldextract
from w3lib.url import canonicalize_url

_TRACKING_FILE = Path(__file__).with_name("tracking_parameters.toml")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
# 128 bits: two of a thousand million records share an identifier with a chance of 1 in 10^21.
_ID_HEX_DIGITS = 32
_ESCAPE = re.compile("%([0-9a-fA-F]{2})")
# What may stand in a query as it is (RFC 3986), and the percent sign of escapes.
_QUERY_SAFE = "%!$'()*+,;=:@/?-._~"


@dataclass(frozen=True, slots=True)
class _Tracking:
    """Names of query parameters that never change which page is served."""

    always: frozenset[str]
    prefixes: tuple[str, ...]
    unless_number: frozenset[str]

    def drops(self, name: str, value: str) -> bool:
        name = name.lower()
        if name in self.always or name.startswith(self.prefixes):
            return True
        return name in self.unless_number and not value.isdigit()


@lru_cache(maxsize=1)
def _tracking() -> _Tracking:
    table = tomllib.loads(_TRACKING_FILE.read_text("utf-8"))
    return _Tracking(
        always=frozenset(table["always"]),
        prefixes=tuple(table["prefixes"]),
        unless_number=frozenset(table["unless_number"]),
    )


def normalise(url: str) -> str:
    """`url` in the one spelling that compares equal for the same page.

    Scheme and host in lower case (host as IDNA), default port and fragment dropped, dot segments
    resolved, percent-encoding in one form, tracking parameters dropped, the other parameters
    sorted by name. Kept as they are: the scheme (http or https), `www.`, user info, the trailing
    slash and the case of the path, because each of them can serve another page, and the result
    is an address to fetch. `record_id` is more generous.

    A string that is no http(s) address comes back stripped of surrounding whitespace.

    >>> normalise("HTTPS://Example.org:443/a/../b?utm_source=x&p=2&id=1#top")
    'https://example.org/b?id=1&p=2'
    """
    url = url.strip()
    parts = _split(url)
    if parts is None:
        return url
    try:
        plain = parts._replace(netloc=_netloc(parts), query="", fragment="")
        address = str(canonicalize_url(urlunsplit(plain)))
        query = _query(parts.query)
        return f"{address}?{query}" if query else address
    except ValueError:  # bad port, bad host, lone surrogate: all three are ValueErrors
        return url


def registrable_domain(url: str) -> str | None:
    """The domain that somebody registered (`example.co.uk`), by the public suffix list.

    An IP address, `localhost`, any other single label or a bare suffix gives the host itself;
    None where there is no host.

    >>> registrable_domain("https://news.example.co.uk/a")
    'example.co.uk'
    """
    parts = _split(url.strip())
    if parts is None:
        return None
    host = _host(parts)
    if not host:
        return None
    if ":" in host:
        return host
    found = _extractor()(host)
    return found.top_domain_under_public_suffix or host


def record_id(canonical_url: str | None, url: str | None, source: bytes | str) -> str:
    """A stable identifier: 32 hex digits of the SHA-256 of the address, or of the source.

    The canonical address counts where it is an http(s) address, else the address fetched, else
    the bytes of the page: a file's path is no identity, files move. http and https, and with
    and without `www.`, give the same identifier: sites serve the same pages under both.
    """
    for address in (canonical_url, url):
        parts = _split(normalise(address)) if address else None
        if parts is not None:
            host = parts.netloc.removeprefix("www.")
            return _digest(_utf8(urlunsplit(("", host, parts.path, parts.query, ""))))
    return _digest(source if isinstance(source, bytes) else _utf8(source))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_ID_HEX_DIGITS]


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def parts_of(url: str | None) -> SplitResult:
    """The parts of an address; all of them empty where it cannot be read.

    >>> parts_of("https://e.org/a?b").path, parts_of("http://[").path, parts_of(None).path
    ('/a', '', '')
    """
    try:
        return urlsplit(url or "")
    except ValueError:
        return urlsplit("")


def absolute(base: str | None, href: str) -> str:
    """The address that `href` means on a page at `base`; empty where it cannot be read.

    >>> absolute("https://e.org/a/b", "../c"), absolute("http://[", "c"), absolute(None, "//[")
    ('https://e.org/c', '', '')
    """
    try:
        return urljoin(base or "", href)
    except ValueError:
        return ""


def _split(url: str) -> SplitResult | None:
    """The parts of an http(s) address with a host, else None."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts if parts.scheme in _DEFAULT_PORTS and parts.netloc else None


def _host(parts: SplitResult) -> str | None:
    try:
        return parts.hostname
    except ValueError:
        return None


def _netloc(parts: SplitResult) -> str:
    netloc = parts.netloc.removesuffix(_DEFAULT_PORTS[parts.scheme]).removesuffix(":")
    user, at, host = netloc.rpartition("@")
    return f"{user}{at}{host.lower().removesuffix('.')}"


def _query(query: str) -> str:
    """The query less its tracking parameters, sorted by name, percent-encoding in one form.

    `?a` stays apart from `?a=`: for some servers the whole query is a page's name.
    """
    tracking = _tracking()
    kept = []
    for pair in map(_one_spelling, query.split("&")):
        name, _, value = pair.partition("=")
        if pair and not tracking.drops(unquote_plus(name), value):
            kept.append(pair)
    return "&".join(sorted(kept, key=lambda pair: pair.partition("=")[0]))


def _one_spelling(text: str) -> str:
    """Escapes in capitals, none for unreserved characters, for all that are not ASCII."""
    return quote(_ESCAPE.sub(_unescape, text), safe=_QUERY_SAFE)


def _unescape(match: re.Match[str]) -> str:
    char = chr(int(match.group(1), 16))
    return char if char.isascii() and (char.isalnum() or char in "-._~") else match.group().upper()


@lru_cache(maxsize=1)
def _extractor() -> tldextract.TLDExtract:
    """The suffix list that ships with tldextract: no network, no cache folder.

    With its private part: two blogs of one host (`a.github.io`, `b.github.io`) are two sites.
    """
    return tldextract.TLDExtract(
        suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
    )
