"""Addresses that differ only by the number of a page: `/a` and `/a?page=2`, `/a_2.html`, `/a/2/`.

Nothing here says that they are pages of one article: `/diabetes-type-1` and `/diabetes-type-2`
differ by a number, too. That is for `page_parts` to find out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_plus

from pipelines.addresses import normalise, parts_of
from pipelines.part_words import part_words
from pipelines.phrases import squash

# An address with a larger number counts something else: years, articles.
HIGHEST = 99
_ENDING = re.compile(r"\.(?:s?html?|php\d?|aspx?|jspx?|cfm|do)$", re.I)
_INDEX = re.compile(r"/(?:index|default)$", re.I)
_BARE_NUMBER = re.compile(r"^(?P<stem>.*[^/_,.-])(?P<sign>/|_|-|,)(?P<n>\d{1,2})$")
# Parameters that number pages of something else than the text.
_NO_PAGES = frozenset({"cpage", "start", "offset"})


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read an address: what all pages would have in common, and this page's number.

    `number` None: the address has none, as first pages do. `form`: how the number is written.
    `named`: a word for "page" stands beside it.
    """

    stem: str
    number: int | None = None
    form: str = ""
    named: bool = False


# Every page has the links of its site's navigation, and most are seen again and again.
@lru_cache(maxsize=4096)
def readings(address: str) -> tuple[Reading, ...]:
    """Every way to read an address; the one without a number comes first.

    >>> [(one.stem, one.number) for one in readings("https://www.e.org/a-b_2.html")]
    [('e.org/a-b_2', None), ('e.org/a-b', 2)]
    >>> [(one.stem, one.number) for one in readings("http://e.org/a?page=2&id=7")]
    [('e.org/a?id=7&page=2', None), ('e.org/a?id=7', 2)]
    """
    parts = parts_of(normalise(address))
    host = parts.netloc.removeprefix("www.")
    path = _INDEX.sub("", _ENDING.sub("", parts.path.rstrip("/")))
    pairs = tuple(pair for pair in parts.query.split("&") if pair)
    found = [Reading(_stem(host, path, pairs))]
    for pair in pairs:
        name, _, value = pair.partition("=")
        if _numbers_pages(name) and value.isdecimal() and int(value) <= HIGHEST:
            left = tuple(other for other in pairs if other != pair)
            if path or left:
                found.append(Reading(_stem(host, path, left), int(value), f"?{name}", named=True))
    if not found[1:]:
        found += _in_path(host, path, pairs)
    return tuple(found)


def _in_path(host: str, path: str, pairs: tuple[str, ...]) -> list[Reading]:
    named = _named_number().match(path)
    if named:
        stem = _INDEX.sub("", named["stem"])
        form = f"{named['sign']}{named['word'].lower()}"
        return (
            [Reading(_stem(host, stem, pairs), int(named["n"]), form, named=True)] if stem else []
        )
    bare = _BARE_NUMBER.match(path)
    if bare is None or int(bare["n"]) == 0:
        return []
    stem = _INDEX.sub("", bare["stem"])
    named_alone = stem.lstrip("/").lower() in _words()  # "/page/2" of a site's front page
    if not stem or named_alone:
        return []
    return [Reading(_stem(host, stem, pairs), int(bare["n"]), bare["sign"])]


def beginning(address: str) -> str:
    """What the addresses of all other pages begin with, as it may be written: host and path, cut at
    the number, and before the first character that can be written in two ways.

    >>> beginning("https://www.e.org/a/b_2.html?x"), beginning("https://e.org/%E4%B8%8B")
    ('e.org/a/b', 'e.org/')
    """
    parts = parts_of(address)
    path = _INDEX.sub("", _ENDING.sub("", parts.path.rstrip("/")))
    for pattern in (_named_number(), _BARE_NUMBER):
        if found := pattern.match(path):
            path = found["stem"]
            break
    plain = re.match(r"[^%\u0080-\U0010ffff]*", path)
    return parts.netloc.lower().removeprefix("www.") + (plain.group() if plain else "")


def _stem(host: str, path: str, pairs: tuple[str, ...]) -> str:
    return f"{host}{path}?{'&'.join(pairs)}" if pairs else f"{host}{path}"


def _numbers_pages(name: str) -> bool:
    """Whether a parameter numbers pages: `page`, `seite`, `tx_news[currentPage]`."""
    plain = squash(unquote_plus(name))
    within = plain.rstrip("]").rpartition("[")[2]
    return plain not in _NO_PAGES and within in _words()


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    return part_words().address


@lru_cache(maxsize=1)
def _named_number() -> re.Pattern[str]:
    """A path that ends in `/page/2`, `/seite-2`, `-page-2`, `_p2`."""
    words = "|".join(sorted(map(re.escape, _words()), key=lambda word: (-len(word), word)))
    return re.compile(
        rf"^(?P<stem>.*[^/_,-])(?P<sign>[/_,-])(?P<word>{words})[/_-]?(?P<n>\d{{1,2}})$", re.I
    )
