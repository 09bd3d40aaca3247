"""Which page of a site to look at next, so that a few pages show what there is.

Half of them should be articles, to learn from; the others should be of as many kinds as possible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from scraper.new_site.shapes import shapes_of

# A shape of which no page was looked at: how probably its pages are articles, for the order alone.
_UNKNOWN = 0.5
# The golden ratio spreads any number of picks evenly over a list, whatever its length.
_GOLDEN = 0.6180339887


def next_page(
    candidates: Sequence[str], looked_at: Mapping[str, bool], favoured: Sequence[str] = ()
) -> str | None:
    """The next of the candidates to look at; None where all were.

    `looked_at` says of the pages so far whether they are articles; `favoured` (entries of feeds)
    come first, two of them.

    >>> next_page(["https://e.org/a/x", "https://e.org/tag/y", "https://e.org/tag/z"], {})
    'https://e.org/tag/y'
    """
    for address in favoured[:2]:
        if address not in looked_at:
            return address
    shapes = shapes_of(dict.fromkeys([*candidates, *looked_at]))
    sizes = Counter(shapes[address] for address in dict.fromkeys(candidates))
    seen = Counter(shapes[address] for address in looked_at)
    articles = Counter(shapes[address] for address, is_article in looked_at.items() if is_article)
    fresh = [address for address in dict.fromkeys(candidates) if address not in looked_at]
    if not fresh:
        return None
    wants_articles = 2 * sum(articles.values()) < len(looked_at) + 1

    def worth(shape: str) -> tuple[float, ...]:
        share = articles[shape] / seen[shape] if seen[shape] else _UNKNOWN
        if wants_articles:
            return share, -seen[shape], sizes[shape]
        return -seen[shape], sizes[shape]

    best = max(dict.fromkeys(shapes[address] for address in fresh), key=worth)
    alike = [address for address in fresh if shapes[address] == best]
    return alike[int(len(alike) * (seen[best] * _GOLDEN % 1))]
