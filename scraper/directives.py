"""What a page and its headers tell robots, and those who mine text and data.

Pure: it runs in the processes that clean pages, too.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

from scraper.tdm import Reservation, reserved_by

# What the setting OBEY_DIRECTIVES may list.
OBEYABLE = ("noarchive", "noindex", "noai", "tdm")
# Headers that hold such directives; the record's `robots` quotes them.
DIRECTIVE_HEADERS = ("X-Robots-Tag", "TDM-Reservation", "TDM-Policy")
# Names that mean every robot.
_EVERYBODY = frozenset(("robots", "*"))
# Directives with a value behind a colon; any other word there is the name of a robot.
_VALUED = re.compile(r"max-[a-z-]+|unavailable_after", re.IGNORECASE)
_NAMED = re.compile(r"\s*([a-z*][\w*-]*)\s*:(.*)", re.IGNORECASE | re.DOTALL)
# Words that say more than themselves, or the same in another way ("nocache" is Bing's).
_MEANINGS = {
    "none": ("noindex", "nofollow"),
    "no-index": ("noindex",),
    "no-follow": ("nofollow",),
    "no-archive": ("noarchive",),
    "nocache": ("noarchive",),
    "no-ai": ("noai",),
}


class DirectiveError(ValueError):
    """The setting OBEY_DIRECTIVES cannot be followed; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Directives:
    """What was said, to every robot or to ours. `tdm_reserved` is None where nothing was."""

    noindex: bool = False
    noarchive: bool = False
    noai: bool = False
    nofollow: bool = False
    tdm_reserved: bool | None = None
    tdm_policy: str | None = None


def directives(
    root: HtmlElement | None, headers: Iterable[tuple[str, str]], agent: str
) -> Directives:
    """The directives of a page's meta tags and headers for the robot called `agent`.

    What is said to all robots and what is said to ours holds together. Of text and data mining,
    what the page says goes before what its headers say.
    """
    us = _EVERYBODY | {agent.partition("/")[0].strip().lower()}
    words: set[str] = set()
    in_headers, in_page = _Mining(), _Mining()
    for name, value in headers:
        name = name.lower()
        if name == "x-robots-tag":
            words.update(_header_words(value, us))
        else:
            in_headers.read(name, value)
    for meta in () if root is None else root.iter("meta"):
        name = (meta.get("name") or meta.get("property") or "").strip().lower()
        if name in us:
            words.update(_meta_words(meta.get("content") or ""))
        elif name.startswith("tdm-"):
            in_page.read(name, meta.get("content") or "")
    return _directives(words, in_page, in_headers)


def refusal_of(
    said: Directives, tdm_file: Reservation | None, obeyed: Collection[str]
) -> tuple[str, str] | None:
    """Reason and sentence for a page that may not become a record; None where it may.

    `tdm_file` is what the host's tdmrep.json says of the page, `obeyed` the setting
    OBEY_DIRECTIVES.
    """
    if "tdm" in obeyed:
        reserved = said.tdm_reserved
        policy = said.tdm_policy or (tdm_file.policy if tdm_file else None)
        if reserved or (reserved is None and tdm_file is not None and tdm_file.reserved):
            return "tdm-reserved", tdm_sentence("the page", policy)
    for word in ("noindex", "noai"):
        if word in obeyed and getattr(said, word):
            detail = f'the page tells robots "{word}", which OBEY_DIRECTIVES lists'
            return f"robots-{word}", detail
    return None


def obeyed_directives(listed: Iterable[str]) -> frozenset[str]:
    """The setting OBEY_DIRECTIVES, checked; raises DirectiveError for an unknown one."""
    obeyed = frozenset(word.strip().lower() for word in listed if word.strip())
    for word in sorted(obeyed.difference(OBEYABLE)):
        nearest = difflib.get_close_matches(word, OBEYABLE, n=1)
        hint = f'did you mean "{nearest[0]}"?' if nearest else f"known: {', '.join(OBEYABLE)}"
        raise DirectiveError(f'OBEY_DIRECTIVES lists the unknown "{word}": {hint}')
    return obeyed


def tdm_sentence(who: str, policy: str | None) -> str:
    """That text and data mining is reserved, by `who`, and where the terms are to be found."""
    terms = f"; its policy: {policy}" if policy else ""
    return f"{who} reserves text and data mining (TDMRep){terms}"


class _Mining:
    """What one place says of text and data mining; of two answers, the stricter counts."""

    def __init__(self) -> None:
        self.reserved: bool | None = None
        self.policy: str | None = None

    def read(self, name: str, value: str) -> None:
        """Take note of one header or meta tag."""
        if name == "tdm-reservation":
            for part in value.split(","):
                found = reserved_by(part)
                if found is not None:
                    self.reserved = bool(self.reserved or found)
        elif name == "tdm-policy":
            self.policy = self.policy or value.strip() or None


def _directives(words: set[str], in_page: _Mining, in_headers: _Mining) -> Directives:
    meant = {meaning for word in words for meaning in _MEANINGS.get(word, (word,))}
    reserved = in_headers.reserved if in_page.reserved is None else in_page.reserved
    return Directives(
        noindex="noindex" in meant,
        noarchive="noarchive" in meant,
        noai="noai" in meant,
        nofollow="nofollow" in meant,
        tdm_reserved=reserved,
        tdm_policy=in_page.policy or in_headers.policy,
    )


def _meta_words(content: str) -> Iterator[str]:
    """The words of a meta tag, which are parted by commas, semicolons or mere spaces."""
    return (word.lower() for word in re.split(r"[,;\s]+", content))


def _header_words(value: str, us: Collection[str]) -> Iterator[str]:
    """The words of an X-Robots-Tag that are meant for us.

    The name of a robot holds for the words behind it, up to the next name: proxies put several
    headers into one.
    """
    heard = True
    for part in re.split("[,;]", value):
        named = _NAMED.match(part)
        if named and _VALUED.fullmatch(named[1]):
            continue
        if named:
            heard, part = named[1].lower() in us, named[2]
        if heard:
            yield from _meta_words(part)
