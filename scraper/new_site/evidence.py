"""Whether a learned pattern may become a site's `allow`, and what would have to be looked at first.

`allow` refuses every page that does not match, the lists of articles too. So a pattern is certain
only if sitemaps list the articles, it was confirmed by articles that it was not learned from, and
of every kind of page that it would leave out one was looked at and is no article.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from scraper.addresses import key_of
from scraper.new_site.patterns import learn_patterns
from scraper.new_site.shapes import NUMBER, OPEN, shapes_of

# Articles that a pattern is learned from; fewer agree by chance.
LEAST_LEARNED = 3
# Articles that must then be met without changing it: three without exception say little by
# themselves, but pages of every kind that it would leave out are looked at as well.
LEAST_CONFIRMED = 3
LEAST_ARTICLES = LEAST_LEARNED + LEAST_CONFIRMED
# One article alone does not show how others are addressed.
LEAST_EACH = 2
# More ways than these are no order that a pattern could state.
MOST_PATTERNS = 3
# Pages that are no articles and that the pattern leaves out; without any it is of no use.
LEAST_LEFT_OUT = 2
# Pages of each shape that are looked at before it is left out. What stands in one folder is of one
# kind; of what stands directly below the front page each may be of its own.
LOOKS, LOOKS_AT_THE_TOP = 2, 5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a site's addresses, all normalised.

    `articles` and `others` (no articles) were looked at, in this order; `seen` is every address met
    in links, feeds and sitemaps, `listed` those in sitemaps.
    """

    articles: Sequence[str]
    others: Collection[str]
    seen: Collection[str]
    listed: Collection[str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The patterns; `doubt` says why they are not certain, None where they are.

    `wanted` are addresses that should be looked at to settle it, `matching` how many of those seen
    match.
    """

    patterns: tuple[str, ...] = ()
    doubt: str | None = None
    wanted: tuple[str, ...] = ()
    matching: int = 0


def judge(evidence: Evidence) -> Verdict:
    """What the evidence says of the address pattern of articles."""
    patterns = learn_patterns(evidence.articles)
    matched, left_out = _parted(evidence.seen, patterns)
    looked_at = {*evidence.articles, *evidence.others}
    unlisted = _unlisted(matched, evidence)
    unknown = _unknown_shapes([*left_out, *evidence.others], looked_at, evidence.others)
    doubt = _doubt(evidence, patterns, unlisted, unknown)
    wanted: list[str] = []
    hopeless = len(patterns) > MOST_PATTERNS or looked_at.intersection(unlisted)
    if doubt is not None and evidence.listed and not hopeless:
        wanted = [
            *_confirming(evidence.articles, patterns, matched, looked_at),
            *unlisted[:LEAST_CONFIRMED],
            *[addresses[0] for addresses in unknown.values()],
        ]
    return Verdict(patterns, doubt, tuple(dict.fromkeys(wanted)), len(matched))


def confirmed(articles: Sequence[str]) -> int:
    """How many of the articles were met after the patterns had been learned, and left them alone.

    >>> confirmed([f"https://e.org/a/{name}/" for name in "vwxyz"])
    2
    """
    final = learn_patterns(articles)
    needed = len(articles)
    while needed > LEAST_LEARNED and learn_patterns(articles[: needed - 1]) == final:
        needed -= 1
    return len(articles) - needed


def matches(address: str, patterns: Iterable[str]) -> bool:
    """Whether any of the patterns is found in the address, as a crawl looks for it."""
    return any(re.search(pattern, address) for pattern in patterns)


def _parted(addresses: Iterable[str], patterns: Sequence[str]) -> tuple[list[str], list[str]]:
    matched: list[str] = []
    left_out: list[str] = []
    for address in addresses:
        (matched if matches(address, patterns) else left_out).append(address)
    return matched, left_out


def _unlisted(matched: Iterable[str], evidence: Evidence) -> list[str]:
    """Addresses that match, are in no sitemap, and may be articles."""
    listed, others = set(map(key_of, evidence.listed)), set(evidence.others)
    return [one for one in matched if key_of(one) not in listed and one not in others]


def _unknown_shapes(
    left_out: Iterable[str], looked_at: Collection[str], others: Collection[str]
) -> dict[str, list[str]]:
    """Shapes of which too few pages were looked at, each with the addresses to choose from."""
    shapes = shapes_of(dict.fromkeys(left_out))
    known = Counter(shapes[address] for address in others if address in shapes)
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for address, shape in shapes.items():
        alike[shape].append(address)
    unknown: dict[str, list[str]] = {}
    for shape, addresses in alike.items():
        fresh = [address for address in addresses if address not in looked_at]
        needed = LOOKS_AT_THE_TOP if shape.strip("/").startswith(OPEN) else LOOKS
        ends = _ends(addresses) if NUMBER in shape else []
        wanted = [address for address in ends if address not in looked_at]
        if wanted or (fresh and known[shape] < min(needed, len(addresses))):
            unknown[shape] = wanted or fresh
    return unknown


def _ends(addresses: Sequence[str]) -> list[str]:
    """The last and the first of lists that are numbered, by pages or by years.

    Where the articles of the oldest are listed too, a sitemap does not end with the latest ones. A
    list that names its next page only leads on, page by page, until its end or that of patience.
    """

    def numbers(address: str) -> list[int]:
        parts = urlsplit(address)
        return [int(digits) for digits in re.findall(r"\d+", f"{parts.path}?{parts.query}")]

    return [max(addresses, key=numbers), min(addresses, key=numbers)]


def _confirming(
    articles: Sequence[str],
    patterns: Sequence[str],
    matched: Sequence[str],
    looked_at: Collection[str],
) -> list[str]:
    """Pages of patterns that too few articles stand for, from all over the list."""
    few = list(patterns if _are_few(articles) else _alone(patterns, articles))
    wanted: list[str] = []
    for pattern in few:
        fresh = [one for one in matched if matches(one, [pattern]) and one not in looked_at]
        step = max(len(fresh) // LEAST_CONFIRMED, 1)
        wanted += fresh[::step][:LEAST_CONFIRMED]
    return wanted


def _are_few(articles: Sequence[str]) -> bool:
    return len(articles) < LEAST_ARTICLES or confirmed(articles) < LEAST_CONFIRMED


def _alone(patterns: Iterable[str], articles: Sequence[str]) -> list[str]:
    """The patterns that too few articles have."""
    return [one for one in patterns if sum(matches(a, [one]) for a in articles) < LEAST_EACH]


def _doubt(
    evidence: Evidence,
    patterns: Sequence[str],
    unlisted: Sequence[str],
    unknown: dict[str, list[str]],
) -> str | None:
    articles, others = evidence.articles, evidence.others
    if len(articles) < LEAST_ARTICLES:
        return f"{_many(len(articles), 'article')} alone do not show how the others are addressed"
    if len(patterns) > MOST_PATTERNS:
        return f"the addresses of articles are built in {len(patterns)} ways"
    left_out = [other for other in others if not matches(other, patterns)]
    if len(left_out) < LEAST_LEFT_OUT or 2 * len(left_out) < len(others):
        told = f"{len(left_out)} of the {len(others)} pages looked at that are no articles"
        return f"it would leave out only {told}"
    if not evidence.listed:
        return (
            "no sitemap lists the articles for good: they are found through pages that it would "
            "leave out"
        )
    if unlisted:
        example = next((one for one in unlisted if one in articles), unlisted[0])
        return (
            f"{example} matches and is in no sitemap that was read ({len(unlisted)} such addresses "
            "seen): they are found through pages that it would leave out"
        )
    if _are_few(articles) or _alone(patterns, articles):
        return "too few articles confirm it that it was not learned from"
    if unknown:
        example = next(iter(unknown.values()))[0]
        return (
            "of pages that it would leave out too few were looked at to know that they are no "
            f"articles, such as {example}"
        )
    return None


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")
