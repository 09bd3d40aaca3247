"""What a crawl asks of two addresses: are they on one host, and are they one page?"""

from __future__ import annotations

import ipaddress
from urllib.parse import urljoin, urlsplit

from pipelines.addresses import normalise

_DEFAULT_PORTS = {"http": 80, "https": 443}
# Last path segments of a second rendering of the same page.
_VARIANTS = frozenset({"amp", "print", "index.html", "index.htm", "index.php"})


def host_of(address: str) -> str | None:
    """Host and port, without `www.` and a default port; None where the address has none.

    >>> host_of("https://www.Example.org:443/a"), host_of("http://127.0.0.1:8201/")
    ('example.org', '127.0.0.1:8201')
    """
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").removeprefix("www."), parts.port
    except ValueError:
        return None
    if not host:
        return None
    return host if port in {None, _DEFAULT_PORTS.get(parts.scheme)} else f"{host}:{port}"


def join(base: str, target: str) -> str | None:
    """The address that `target` means on a page at `base`; None where it cannot be read.

    >>> join("https://e.org/a/", "../b"), join("https://e.org/", "http://[")
    ('https://e.org/b', None)
    """
    try:
        return urljoin(base, target.strip())
    except ValueError:
        return None


def key_of(normalised: str) -> str:
    """What a normalised address is known by: http or https, with or without `www.`, is the same.

    >>> key_of("https://www.example.org/a") == key_of("http://example.org/a")
    True
    """
    return normalised.partition("://")[2].removeprefix("www.") or normalised


def page_key(address: str) -> str:
    """`key_of` any address."""
    return key_of(normalise(address))


def same_page(address: str, other: str) -> bool:
    """Whether two addresses are renderings of one page, by their form: query, AMP, print.

    >>> same_page("https://e.org/a/?print=1", "https://e.org/a")
    True
    >>> same_page("https://e.org/", "https://e.org/a")
    False
    """
    return host_of(address) == host_of(other) and _stem(address) == _stem(other)


def is_above(address: str, other: str) -> bool:
    """Whether `other` lies within the folder that `address` names.

    >>> is_above("https://e.org/", "https://e.org/a"), is_above("https://e.org/b", "https://e.org/a")
    (True, False)
    """
    stem = _stem(address)
    return host_of(address) == host_of(other) and _stem(other)[: len(stem)] == stem


def is_front_page(address: str | None) -> bool:
    """Whether the address is that of a whole site.

    >>> is_front_page("https://e.org/index.html"), is_front_page("https://e.org/a")
    (True, False)
    """
    return address is not None and host_of(address) is not None and not _stem(address)


def is_local(host: str) -> bool:
    """Whether the host is this machine, or one that only its own network knows.

    >>> is_local("127.0.0.1"), is_local("example.org")
    (True, False)
    """
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def _stem(address: str) -> list[str]:
    segments = [segment for segment in urlsplit(address).path.split("/") if segment]
    while segments and segments[-1] in _VARIANTS:
        segments.pop()
    return segments
