"""Blocks: what a page is cut into, and what is said of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple


class Zone:
    """What a block's ancestors declare about it: bits of one integer.

    Plain integers: an IntFlag costs ten times as much, a hundred thousand times a page.
    """

    NAV = 1 << 0
    HEADER = 1 << 1
    FOOTER = 1 << 2
    ASIDE = 1 << 3
    FORM = 1 << 4
    ARTICLE = 1 << 5
    MAIN = 1 << 6
    FIGURE = 1 << 7
    CAPTION = 1 << 8
    QUOTE = 1 << 9
    LIST = 1 << 11
    HIDDEN = 1 << 12
    HEADING = 1 << 13
    BUTTON = 1 << 14
    COMMENTS = 1 << 15
    DIALOG = 1 << 16
    # A line that unfolds something, a panel of tabs.
    OPENER = 1 << 22
    PANEL = 1 << 23
    # What the description of a site says of it: see `pipelines.overrides`.
    SITE_DROP = 1 << 17
    SITE_KEEP = 1 << 18
    SITE_FIELD = 1 << 19
    SITE_BODY = 1 << 20
    SITE = 1 << 21
    """a description was at hand"""


@dataclass(slots=True, eq=False)
class Node:
    """A block-level element, with the masses of the text below it (in weighted characters)."""

    parent: Node | None
    tag: str
    tokens: str
    """class and id, lower case, as one string"""
    depth: int
    path: int
    """digest of the tags and classes from the root down: alike for siblings of one template"""
    zone: int
    heading: int = 0
    """level of the heading that the node is, or is in: 1 to 6; 0 for none"""
    text: int = 0
    links: int = 0
    prose: int = 0
    """characters in blocks that read like running text"""
    blocks: int = 0
    has_form: bool = False
    """a form stands right in it"""
    richest: Node | None = None
    """the first of the children that hold the most prose, if any holds some"""
    children: list[Node] | None = None
    """of a figure: the elements in it"""


class Anchor(NamedTuple):
    """A link inside a block."""

    text: str
    href: str
    rel: str = ""


@dataclass(slots=True, eq=False)
class Block:
    """A paragraph, heading, list item, table row, image or preformatted text, in reading order.

    Nobody changes one; it is not frozen because that takes four times as long to make.
    """

    kind: str
    """`p`, `h`, `li`, `row`, `pre`, `image`"""
    text: str
    node: Node
    level: int = 0
    """of a heading: 1 to 6; of a list item: its depth"""
    mass: int = 0
    """characters, where one of Chinese or Japanese counts for `CJK_WEIGHT`"""
    link_mass: int = 0
    bold: bool = False
    """every visible character is bold"""
    anchors: tuple[Anchor, ...] = ()
    has_time: bool = False
    group: int = 0
    """the list or table that the block belongs to, 0 for none"""
    source: Any = None
    """of an image: its element"""
    seams: str = ""
    """of a short text: the same with line breaks where elements touch with no space between, which
    style sheets set apart; else empty"""

    @property
    def zone(self) -> int:
        """Zones of the block's ancestors, as bits of `Zone`."""
        return self.node.zone

    @property
    def link_share(self) -> float:
        """Share of the block's text that is inside links, 0 to 1."""
        return self.link_mass / self.mass if self.mass else 0.0


class Verdict(NamedTuple):
    """What labelling says of a block: kept, or dropped with a reason; its text stays.

    A tuple, because a page makes hundreds: a frozen dataclass takes three times as long.
    """

    keep: bool
    reason: str | None = None
    score: float = 0.0
    """probability of being article text by the learned tables, 0 to 1"""
    rule: str = "score"
    """the rule that decided"""
