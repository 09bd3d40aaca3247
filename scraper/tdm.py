"""TDMRep: what a host's `/.well-known/tdmrep.json` says of text and data mining.

The format is the final report of the W3C's community group, https://www.w3.org/2022/tdmrep: a list
of rules, each with a `location`, a `tdm-reservation` of 0 or 1 and perhaps a `tdm-policy`. The
first rule whose location matches counts. What the headers of a page say goes before the file, and
what its meta tags say before both.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

TDM_PATH = "/.well-known/tdmrep.json"
# Rules of a file; one with more lists its pages, and each page would be compared with all of them.
MOST_RULES = 1000
# Characters of a location; more stars than this are no pattern of paths.
_LONGEST_LOCATION = 1000
_MOST_STARS = 10
# RFC 3986, 2.3: an escape of one of these says the same as the character itself.
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


@dataclass(frozen=True, slots=True)
class Reservation:
    """Whether text and data mining is reserved, and the address of the policy, if one is named."""

    reserved: bool
    policy: str | None = None


@dataclass(frozen=True, slots=True)
class TdmFile:
    """The rules of a file, in its order: the pattern of a path, and what is said of it."""

    rules: tuple[tuple[re.Pattern[str], Reservation], ...] = ()

    def reservation(self, path_and_query: str) -> Reservation | None:
        """What the first rule that matches says; None where none does."""
        path = _normal(path_and_query or "/")
        return next((said for pattern, said in self.rules if pattern.match(path)), None)


def read_tdmrep(body: bytes) -> TdmFile | None:
    """The rules of a file; None for what is none. A rule that makes no sense is passed over.

    >>> file = read_tdmrep(b'[{"location": "/a/*.html$", "tdm-reservation": 1}]')
    >>> file.reservation("/a/b.html"), file.reservation("/a/b.html?x")
    (Reservation(reserved=True, policy=None), None)
    """
    try:
        rules = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None
    # A single rule without the brackets that the format asks for is understood.
    entries = [rules] if isinstance(rules, dict) else rules
    if not isinstance(entries, list):
        return None
    read = (_rule(entry) for entry in entries[:MOST_RULES])
    return TdmFile(tuple(rule for rule in read if rule))


def reserved_by(value: Any) -> bool | None:
    """What a `tdm-reservation` says; None for anything but 0 and 1, which says nothing."""
    if isinstance(value, bool):
        return None
    return {"1": True, "0": False}.get(str(value).strip())


def path_of(address: str) -> str:
    """The path of an address with its query, as locations are compared with it."""
    parts = urlsplit(address)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _rule(entry: Any) -> tuple[re.Pattern[str], Reservation] | None:
    if not isinstance(entry, dict):
        return None
    location, reserved = entry.get("location"), reserved_by(entry.get("tdm-reservation"))
    if not isinstance(location, str) or reserved is None:
        return None
    location = location.strip()
    if not location or len(location) > _LONGEST_LOCATION or location.count("*") > _MOST_STARS:
        return None
    policy = entry.get("tdm-policy")
    told = policy.strip() or None if isinstance(policy, str) else None
    return _pattern(location), Reservation(reserved, told)


def _pattern(location: str) -> re.Pattern[str]:
    """Matches from the beginning of a path on; `*` is any text, a `$` at the end the path's end."""
    whole = location.endswith("$")
    if not location.startswith(("/", "*")):
        location = f"/{location}"
    pieces = [re.escape(_normal(piece)) for piece in location.removesuffix("$").split("*")]
    # Each star takes no more than it must, and never gives back: one pass, whatever the path.
    first, *rest = pieces
    if not rest:
        return re.compile(first + (r"\Z" if whole else ""), re.DOTALL)
    *between, last = rest
    middle = "".join(f"(?>.*?{piece})" for piece in between)
    end = f".*{last}\\Z" if whole else f".*?{last}"
    return re.compile(first + middle + end, re.DOTALL)


def _normal(path: str) -> str:
    """The path with every character outside ASCII escaped, and none that needs no escape."""
    escaped = "".join(
        character if character.isascii() else "".join(f"%{byte:02X}" for byte in encoded)
        for character in path
        for encoded in [character.encode("utf-8", "surrogatepass")]
    )
    normal = re.sub("%[0-9a-fA-F]{2}", _unescaped, escaped)
    # What has a meaning in a location is written there as its escape where it has none.
    return normal.replace("$", "%24").replace("*", "%2A")


def _unescaped(escape: re.Match[str]) -> str:
    character = chr(int(escape[0][1:], 16))
    return character if character in _UNRESERVED else escape[0].upper()
