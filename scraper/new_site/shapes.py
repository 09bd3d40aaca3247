"""Addresses that are built alike: what a site calls its pages, before anyone has looked at one.

A shape is an address with its changing parts left open: `/blog/*/`, `/9/9/*.html`, `/?p=9`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

# A folder with more folders in it than this is no part of a site's order but holds names of things
# (tags, authors): each of its folders would else be a shape with a handful of pages.
_MOST_FOLDERS = 8
_EXTENSION = re.compile(r"(.*?)(\.[A-Za-z][A-Za-z0-9]{1,4})")
OPEN, NUMBER = "*", "9"


@dataclass(frozen=True, slots=True)
class Parts:
    """An address taken apart: folders, last name, its ending (`.html`, `/` or nothing), its query.

    `query` holds (name, value) pairs, the value None for a name without `=`.
    """

    folders: tuple[str, ...]
    name: str
    ending: str
    query: tuple[tuple[str, str | None], ...]


def parts_of(address: str) -> Parts:
    """The parts of a normalised address.

    >>> parts_of("https://e.org/a/2024/some-title.html?p=1")
    Parts(folders=('a', '2024'), name='some-title', ending='.html', query=(('p', '1'),))
    >>> parts_of("https://e.org/a/")
    Parts(folders=(), name='a', ending='/', query=())
    """
    split = urlsplit(address)
    path = split.path.removeprefix("/")
    ending = "/" if path.endswith("/") else ""
    *folders, name = path.removesuffix("/").split("/")
    found = _EXTENSION.fullmatch(name)
    if not ending and found and found[1]:
        name, ending = found[1], found[2]
    return Parts(
        tuple(folders), name, ending, tuple(map(_pair, filter(None, split.query.split("&"))))
    )


def shapes_of(addresses: Iterable[str]) -> dict[str, str]:
    """The shape of each address, which depends on the other addresses of the site.

    >>> shapes_of(["https://e.org/blog/gout/", "https://e.org/2024/05/x.html"]).values()
    dict_values(['/blog/*/', '/9/9/*.html'])
    """
    taken = {address: parts_of(address) for address in addresses}
    below: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for parts in taken.values():
        for depth, folder in enumerate(parts.folders):
            below[_opened(parts.folders[:depth])].add(folder)
    crowded = {
        above
        for above, folders in below.items()
        if len(folders - _numbers(folders)) > _MOST_FOLDERS
    }
    return {address: _shape(parts, crowded) for address, parts in taken.items()}


def _shape(parts: Parts, crowded: set[tuple[str, ...]]) -> str:
    path = ""
    for depth, folder in enumerate(parts.folders):
        is_open = _opened(parts.folders[:depth]) in crowded
        path += "/" + (NUMBER if folder.isdigit() else OPEN if is_open else folder)
    if parts.query:
        asked = "&".join(f"{name}={_open(value)}" for name, value in parts.query)
        return f"{path}/{parts.name}{parts.ending}?{asked}"
    return f"{path}/{_open(parts.name)}{parts.ending}"


def _open(value: str | None) -> str:
    if not value:
        return ""
    return NUMBER if value.isdigit() else OPEN


def _opened(folders: Iterable[str]) -> tuple[str, ...]:
    """Folders with their numbers left open: archives of two years are built alike."""
    return tuple(NUMBER if folder.isdigit() else folder for folder in folders)


def _numbers(folders: Iterable[str]) -> set[str]:
    return {folder for folder in folders if folder.isdigit()}


def _pair(text: str) -> tuple[str, str | None]:
    name, equals, value = text.partition("=")
    return name, value if equals else None
