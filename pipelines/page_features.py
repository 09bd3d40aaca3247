"""Numbers for a whole labelled page, from which its type is told.

What grows with the page's length (masses, counts of paragraphs) is left out: tables that see it
learn that short articles are none. So is whether text stands in `<p>`: tables that see it learn
that pages of old or odd mark-up hold no articles. No word of any language is looked at but those of
the address and of the types that the page declares.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines import page_address
from pipelines.blocks import Block, Zone
from pipelines.label.draft import Draft, is_prose
from pipelines.measure import weigh
from pipelines.page_address import (
    LINKED,
    address_numbers,
    address_words,
    links_elsewhere,
)
from pipelines.vocabulary import squash

# A title says something; below are names of sections (weighted characters).
TITLE_MASS = 15
# Titles longer than this are not told apart (weighted characters).
TITLE_MOST = 150
# The title of an entry: so many blocks above its text, so long at least (weighted characters).
ENTRY_REACH = 3
ENTRY_MASS = 20
# Menus, buttons and labels are shorter, sentences longer (weighted characters).
SHORT_MASS = 40
# From this share of links on, a short block is a button or a menu's entry.
BUTTON_LINKS = 0.8
# Prices in paragraphs longer than this are what an article talks of (weighted characters).
PRICE_MASS = 400

PRICE = re.compile(r"[$€£¥]\s?\d|\d\s?(?:€|USD|EUR|kr)\b")
DIGIT = re.compile(r"\d")
# Between the headline and the site's name in `<title>`.
TITLE_CUT = re.compile(r"\s[|–—·»-]\s")
SENTENCE_ENDS = tuple('.!?。！？।؟”"…)»」')
QUOTES = ("“", "„", "«", "「", "»", '"')
MENUS = Zone.NAV | Zone.FOOTER | Zone.HEADER
ASKING = ("newsletter", "promo")

TEXT = (
    "kept_share", "prose_mean", "kept_links", "headings_per_prose", "heading_share", "pre_share",
    "quotes", "sentence_ends", "prose_links", "in_article",
)  # fmt: skip
SCORES = ("score_mean", "score_kept", "score_prose")
PLACES = (
    "core_share", "parents_per_prose", "parent_top", "grand_top", "any_parent_top", "before",
    "after", "links_before", "dropped_inside", "links_inside", "images_inside",
)  # fmt: skip
AROUND = (
    "linked_titles", "prices", "short_blocks", "form_share", "comment_share", "buttons",
    "buttons_alike", "repeats", "times",
)  # fmt: skip
HEAD = (
    "bylines", "byline_lines", "headlines", "author_boxes", "asking", "h1_mass", "title_mass",
    "title_parts",
)  # fmt: skip
DECLARED = ("kind_authors", "kind_count")
ODDS = tuple(f"{of}_odds_{how}" for of in ("kind", "path") for how in ("sum", "least", "most"))
NAMES = (*TEXT, *SCORES, *PLACES, *AROUND, *HEAD, *DECLARED, *page_address.NAMES, *ODDS)
# Numbers that come from the address, and those that come from what the page declares.
FROM_ADDRESS = tuple(i for i, name in enumerate(NAMES) if name.startswith("path_"))
FROM_DECLARED = tuple(i for i, name in enumerate(NAMES) if name.startswith("kind_"))


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the page and its address say of the page as a whole."""

    kinds: tuple[str, ...] = ()
    """schema.org and Open Graph types"""
    url: str | None = None
    title: str = ""
    """the text of `<title>`"""
    authors: int = 0
    """people whom the page declares as its authors"""
    free: bool | None = None
    """whether the page says that it is free to read"""
    root: Any = None
    """the page's tree, for what is no text: scripts, forms"""
    stored: bool = False
    """whether the text is that of a script's object with the page's title, not the visible one"""


@dataclass(frozen=True, slots=True)
class Words:
    """What learned odds are looked up for."""

    kinds: frozenset[str]
    """declared types, each behind an @: none is a word of an address"""
    address: frozenset[str]


def words_of(said: Declaration) -> Words:
    """The words of what the page declares and of its address."""
    return Words(frozenset(f"@{kind.lower()}" for kind in said.kinds), address_words(said.url))


def page_features(draft: Draft, said: Declaration) -> NDArray[np.float32]:
    """All numbers that are the same for every table; `with_odds` adds those of one."""
    sheet = _Sheet(draft)
    row = [
        *_text_numbers(sheet),
        *_score_numbers(sheet),
        *_place_numbers(sheet),
        *_around_numbers(sheet),
        *_head_numbers(sheet, said),
        min(3, said.authors),
        len(said.kinds),
        *address_numbers(said.url),
    ]
    return np.array([row], dtype=np.float32)


def with_odds(
    numbers: NDArray[np.float32], words: Words, odds: Mapping[str, float]
) -> NDArray[np.float32]:
    """One row, a column for each of `NAMES`: the page's numbers, and what its words count for."""
    found = [*_weighed(words.kinds, odds), *_weighed(words.address, odds)]
    return np.hstack([numbers, np.array([found], dtype=np.float32)])


def _weighed(words: frozenset[str], odds: Mapping[str, float]) -> tuple[float, float, float]:
    """Sum, least and greatest of the log-odds of words; 0 where none is known."""
    known = sorted(odds[word] for word in words if word in odds)
    return (sum(known), known[0], known[-1]) if known else (0.0, 0.0, 0.0)


class _Sheet:
    """The blocks of a page as the numbers ask for them, parted once."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.blocks = [(i, block) for i, block in enumerate(draft.blocks) if block.mass]
        self.kept = [block for i, block in self.blocks if draft.kept(i)]
        self.prose = [block for block in self.kept if is_prose(block)]
        self.total = sum(block.mass for _, block in self.blocks) or 1
        self.mass = sum(block.mass for block in self.kept) or 1
        self.prose_mass = sum(block.mass for block in self.prose)
        self.count = max(1, len(self.prose))
        self.first, self.last = draft.core

    @cached_property
    def all_prose(self) -> list[tuple[int, Block]]:
        return [(i, block) for i, block in self.blocks if is_prose(block)]

    @cached_property
    def inside(self) -> list[tuple[int, Block]]:
        """From the first to the last running text that is kept."""
        return [(i, block) for i, block in self.blocks if self.first <= i <= self.last]


def _text_numbers(sheet: _Sheet) -> list[float]:
    """What the kept text is made of."""
    kept, mass = sheet.kept, sheet.mass
    headings = [block for block in kept if block.kind == "h"]
    text = "".join([block.text for block in kept])
    ends = sum(b.mass for b in sheet.prose if b.text.rstrip().endswith(SENTENCE_ENDS))
    return [
        sum(b.mass for b in kept) / sheet.total,
        math.log1p(sheet.prose_mass / sheet.count),
        sum(b.link_mass for b in kept) / mass,
        len(headings) / sheet.count,
        sum(b.mass for b in headings) / mass,
        sum(b.mass for b in kept if b.kind == "pre") / mass,
        1000 * sum(map(text.count, QUOTES)) / mass,
        ends / max(1, sheet.prose_mass),
        sum(len(block.anchors) for block in sheet.prose) / sheet.count,
        sum(b.mass for b in kept if b.zone & Zone.ARTICLE) / mass,
    ]


def _score_numbers(sheet: _Sheet) -> list[float]:
    """How sure the learned tables are of the blocks."""
    scores = sheet.draft.scores
    prose = [scores[i] for i, _ in sheet.all_prose]
    kept = sum(scores[i] * b.mass for i, b in sheet.blocks if sheet.draft.kept(i))
    return [
        sum(scores[i] * b.mass for i, b in sheet.blocks) / sheet.total,
        kept / sheet.mass,
        sum(prose) / max(1, len(prose)),
    ]


def _place_numbers(sheet: _Sheet) -> list[float]:
    """How near together the text stands, and what stands before, between and behind it."""
    parents: Counter[int] = Counter()
    grand: Counter[int] = Counter()
    for block in sheet.prose:
        parent = block.node.parent
        parents[id(parent)] += block.mass
        grand[id(parent.parent) if parent else 0] += block.mass
    every: Counter[int] = Counter()
    for _, block in sheet.all_prose:
        every[id(block.node.parent)] += block.mass
    all_mass = sum(every.values()) or 1
    inside, prose_mass = sheet.inside, sheet.prose_mass or 1
    inside_mass = sum(block.mass for _, block in inside) or 1
    before = [block for i, block in sheet.blocks if i < sheet.first]
    dropped = sum(block.mass for i, block in inside if not sheet.draft.kept(i))
    images = sum(b.kind == "image" for b in sheet.draft.blocks[sheet.first : sheet.last + 1])
    return [
        sheet.prose_mass / all_mass,
        len(parents) / sheet.count,
        max(parents.values(), default=0) / prose_mass,
        max(grand.values(), default=0) / prose_mass,
        max(every.values(), default=0) / all_mass,
        sum(block.mass for block in before) / sheet.total,
        sum(block.mass for i, block in sheet.blocks if i > sheet.last) / sheet.total,
        sum(block.link_mass for block in before) / sheet.total,
        dropped / inside_mass,
        math.log((1 + sum(len(b.anchors) for _, b in inside)) / (1 + len(sheet.prose))),
        images / sheet.count,
    ]


def _around_numbers(sheet: _Sheet) -> list[float]:
    """What else the page shows: titles of others, prices, buttons, forms, comments."""
    paths: Counter[int] = Counter()
    alike: Counter[tuple[str, str]] = Counter()
    buttons = prices = short = times = form = comments = 0
    for _, block in sheet.blocks:
        zone, mass = block.node.zone, block.mass
        short += mass < SHORT_MASS
        times += block.has_time
        if mass < PRICE_MASS and DIGIT.search(block.text) and PRICE.search(block.text):
            prices += 1
        form += mass if zone & Zone.FORM else 0
        comments += mass if zone & Zone.COMMENTS else 0
        if zone & MENUS:
            continue
        paths[block.node.path] += 1
        if mass < SHORT_MASS and block.kind != "li" and _is_button(block):
            buttons += 1
            alike[block.text, block.anchors[0].href if block.anchors else ""] += 1
    return [
        math.log1p(linked_titles(sheet.draft)),
        math.log1p(prices),
        short / max(1, len(sheet.blocks)),
        form / sheet.total,
        comments / sheet.total,
        math.log1p(buttons),
        math.log1p(max(alike.values(), default=0)),
        math.log1p(max(paths.values(), default=0)),
        math.log1p(times),
    ]


def _is_button(block: Block) -> bool:
    return bool(block.zone & Zone.BUTTON) or block.link_share > BUTTON_LINKS


def _head_numbers(sheet: _Sheet, said: Declaration) -> list[float]:
    """What stands around the headline, and the headline itself."""
    draft = sheet.draft
    reasons = Counter(draft.reason(i) for i, _ in sheet.blocks)
    h1 = max((b.mass for _, b in sheet.blocks if b.kind == "h" and b.level == 1), default=0)
    parts = TITLE_CUT.split(said.title)
    return [
        float(draft.lines_of_people),
        math.log1p(reasons["byline"]),
        math.log1p(reasons["headline"]),
        math.log1p(reasons["author-bio"]),
        math.log1p(sum(reasons[reason] for reason in ASKING)),
        min(TITLE_MOST, h1),
        min(TITLE_MOST, weigh(parts[0])),
        len(parts) - 1,
    ]


def linked_titles(draft: Draft) -> int:
    """Headings that are links, outside navigation and lists of other articles."""
    headings = [(i, block) for i, block in enumerate(draft.blocks) if block.kind == "h"]
    return sum(
        block.mass >= TITLE_MASS
        and block.link_share >= LINKED
        and not block.zone & (Zone.NAV | Zone.FOOTER | Zone.ASIDE | Zone.COMMENTS)
        and draft.reason(i) not in ("related", "prev-next", "headline", "comments")
        for i, block in headings
    )


def leads_elsewhere(draft: Draft, said: Declaration) -> bool:
    """Whether the first text belongs to another page: the headline above it is a link to another
    address of the site. Such is an entry of a list.

    A headline that is the page's own title leads here whatever its link says, and a link to a
    folder above the page names the section, not another article.
    """
    first, last = draft.core
    if last < 0:
        return False
    if _entry_line(draft, first, said.url):
        return True
    above = next((i for i in range(first - 1, -1, -1) if draft.blocks[i].kind == "h"), None)
    if above is None or squash(draft.blocks[above].text) in squash(said.title):
        return False
    return links_elsewhere(draft.blocks[above], said.url)


def _entry_line(draft: Draft, first: int, url: str | None) -> bool:
    """Whether a line right above the first text is a link elsewhere, and one of several alike.

    Themes without headings on their lists set the titles of entries so.
    """
    for block in draft.blocks[max(0, first - ENTRY_REACH) : first]:
        if block.kind == "p" and block.mass >= ENTRY_MASS and links_elsewhere(block, url):
            alike = [b for b in draft.blocks[first:] if b.node.path == block.node.path]
            return sum(b.mass >= ENTRY_MASS and links_elsewhere(b, url) for b in alike) >= 2
    return False
