"""What the address of a page says of it, and which links lead away from the page."""

from __future__ import annotations

import re
from urllib.parse import unquote, urljoin, urlsplit

from pipelines.blocks import Block

# Share of a heading inside a link from which the heading is that link.
LINKED = 0.6
ROOT = re.compile(
    r"^/?(?:[a-z]{2}(?:-[a-z]{2})?/?)?(?:(?:index|default|home)(?:\.\w{2,5})?/?)?$", re.I
)
PAGED = re.compile(r"/page[/-]?\d+/?(?:index\.\w+)?$|[?&](?:page|paged|p)=\d+$", re.I)
# A year and a month, or a year as a folder of its own.
DATED = re.compile(r"(?:19|20)\d\d[/_-]?(?:0?[1-9]|1[0-2])(?:[/_-]|$|\d)")
WORD = re.compile(r"[a-z]{2,}")
NAMES = (
    "path_root", "path_paged", "path_depth", "path_dated", "path_extension", "path_digits",
    "path_query", "path_hyphens",
)  # fmt: skip
# More of them are not told apart.
MOST_HYPHENS = 12


def path_of(url: str | None) -> str:
    """Path and query of an address, decoded; empty where there is none."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return ""
    path = unquote(parts.path)
    return f"{path}?{parts.query}" if parts.query else path


def address_numbers(url: str | None) -> list[float]:
    """A number for each of `NAMES`."""
    path = path_of(url)
    plain = path.partition("?")[0]
    steps = [step for step in plain.split("/") if step]
    last = steps[-1] if steps else ""
    return [
        float(bool(url) and bool(ROOT.match(plain))),
        float(bool(PAGED.search(path))),
        len(steps),
        float(bool(DATED.search(plain))),
        float("." in last),
        sum(map(str.isdigit, last)),
        float("?" in path),
        min(MOST_HYPHENS, last.count("-") + last.count("_")),
    ]


def address_words(url: str | None) -> frozenset[str]:
    """Latin words of path and query, as the learned odds know them.

    >>> sorted(address_words("https://example.org/news/2024/knee-pain?id=7"))
    ['id', 'knee', 'news', 'pain']
    """
    return frozenset(WORD.findall(path_of(url).lower()))


def links_elsewhere(block: Block, url: str | None) -> bool:
    """Whether a block is a link to another page of the site, not to a folder above this page."""
    if block.link_share < LINKED or not block.anchors:
        return False
    href = block.anchors[0].href.strip()
    try:
        there = urljoin(url or "http://host/", href)
        foreign = urlsplit(there).hostname != urlsplit(url or "http://host/").hostname
    except ValueError:
        return False
    if href.startswith(("#", "javascript:", "mailto:")) or foreign:
        return False
    here, target = _plain(path_of(url)), _plain(path_of(there))
    return target != here and not here.startswith(target.rstrip("/") + "/") and target != ""


def _plain(path: str) -> str:
    """A path as it is compared: without the names that servers add to a folder."""
    return re.sub(r"(?:/index\.\w+|/|\.html?)$", "", path.partition("?")[0]).lower()
