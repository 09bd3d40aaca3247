"""Cut a parsed page into blocks in reading order, in one walk that never changes the tree.

The walk takes time in proportion to the page, whatever the nesting: each element, text and link is
looked at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from pipelines.block_writer import BESIDE, PROSE_MASS, Writer
from pipelines.blocks import Anchor, Block, Node, Zone
from pipelines.markup import (
    BLOCK,
    BOLD,
    BREAK,
    HEADINGS,
    IMAGE,
    KINDS,
    LINK,
    PLAIN,
    QUOTE,
    TIME,
    declared,
    holds_page,
    inline_kind,
)
from pipelines.measure import CJK_WEIGHT, squeeze, weigh
from pipelines.tables import cell_text, is_data_table, pre_text

__all__ = ["CJK_WEIGHT", "PROSE_MASS", "segment", "squeeze", "weigh"]

# The longest articles have some two thousand blocks; a page with more than these is read no
# further.
MAX_BLOCKS = 50_000
# Elements that are walked between two looks at the number of blocks.
STRIDE = 20_000
# Elements deeper than this share one Node: nobody nests meaning so deep, only generators do.
MAX_DEPTH = 400


# A `<noscript>` for a picture that is loaded late holds this one, or its copies in several sizes.
UNSCRIPTED = 3
# Blocks that are more than a container.
OPENING = frozenset(("li", "dd", "ul", "ol", "pre", "table"))
SITE_BLOCK = Zone.SITE_DROP | Zone.SITE_KEEP
SITE_NEAREST = SITE_BLOCK | Zone.SITE_FIELD


def segment(root: Any, marks: Mapping[Any, int] | None = None) -> list[Block]:
    """Blocks of the page below `root` (an lxml element), in reading order.

    `marks`: zones of elements by a site's own description. What it drops or keeps stands as a
    block of its own, and goes by the nearest mark above it.

    Some more than `MAX_BLOCKS` blocks where the page has more: what follows is missing.
    """
    body = root.find("body")
    return Segmenter(marks).run(root if body is None else body)


class Segmenter(Writer):
    """The state of one walk."""

    def __init__(self, marks: Mapping[Any, int] | None = None) -> None:
        super().__init__(Node(None, "root", "", 0, 0, 0 if marks is None else Zone.SITE))
        self.marks = marks
        self.too_deep = 0
        self.open: list[Any] = []
        self.kinds: list[int] = []

    def run(self, body: Any) -> list[Block]:
        """Walk in document order; an element is closed when the next one is not inside it."""
        elements, buffer, kind_of, close = self.open, self.buffer, KINDS.get, self._close
        walk = chain.from_iterable(_strides(body.iter(), self.blocks))
        next(walk)
        self._open(body, body.tag)
        resume: Any = None
        for element in walk:
            if resume is not None:
                if element is not resume:
                    continue
                resume = None
            parent = element.getparent()
            while elements[-1] is not parent:
                close()
            tag = element.tag
            kind = kind_of(tag, PLAIN)
            if kind == BLOCK:
                if self._open(element, tag):
                    continue
            elif kind > IMAGE:
                if self._open_inline(element, tag, kind):
                    continue
            else:
                if kind == BREAK:
                    self._break()
                elif kind == IMAGE:
                    # An image inside running text does not end the paragraph.
                    self.blocks.append(Block("image", "", self.node, source=element))
                elif tag == "noscript" and len(element):
                    self._unscripted(element)
                text = element.tail
                if text and (buffer or not text.isspace()):
                    self._text(text)
            if len(element):
                resume = _after(element, body)
                if resume is None:
                    break
        while elements:
            close()
        self._flush()
        return self.blocks

    def _unscripted(self, element: Any) -> None:
        """The pictures that a browser without scripts shows: beside them are placeholders."""
        for image in islice(element.iter("img"), UNSCRIPTED):
            self.blocks.append(Block("image", "", self.node, source=image))

    def _open_inline(self, element: Any, tag: str, kind: int) -> bool:
        """Enter an element that is no block by its tag; whether the walk goes on inside it."""
        kind = inline_kind(element, kind)
        if self.marks and self.marks.get(element, 0) & SITE_BLOCK:
            kind = BLOCK
        if kind == BLOCK:
            return self._open(element, tag)
        self.open.append(element)
        self.kinds.append(kind)
        if kind == LINK:
            self._begin_link(element)
        elif kind == BOLD:
            self.bold += 1
        elif kind == TIME:
            self.has_time = True
        elif kind == QUOTE:
            self._text("“")
        text = element.text
        if text and (self.buffer or not text.isspace()):
            self._text(text)
        return True

    def _open(self, element: Any, tag: str) -> bool:
        """Enter a block; whether the walk goes on inside. What it does not enter is closed."""
        if tag == "button" and self.node.heading and inline_kind(element, PLAIN) != BLOCK:
            return self._open_inline(element, tag, PLAIN)
        self.open.append(element)
        self.kinds.append(BLOCK)
        if self.buffer or self.lines or self.anchors:
            self._flush()
        self._enter(element, tag)
        if tag in OPENING:
            if tag == "li":
                self.item = True
            elif tag == "dd":
                self.item = False
            elif tag == "ul" or tag == "ol":
                self.groups += 1
                self.lists.append(self.groups)
            elif tag == "pre":
                self._pre(element)
                self._close()
                return False
            elif is_data_table(element):
                self._table(element)
                self._close()
                return False
        text = element.text
        if text and not text.isspace():
            self._text(text)
        return True

    def _close(self) -> None:
        element, kind = self.open.pop(), self.kinds.pop()
        if kind == BLOCK:
            if self.buffer or self.lines or self.anchors:
                self._flush()
            tag = element.tag
            if tag == "li":
                self.item = False
            elif tag == "ul" or tag == "ol":
                self.lists.pop()
            self._leave()
        elif kind == LINK:
            self._end_link()
        elif kind == BOLD:
            self.bold -= 1
        elif kind == QUOTE:
            self._text("”")
        text = element.tail
        if text:
            if (self.buffer or not text.isspace()) and self.open:
                self._text(text)
        elif self.buffer and kind != BLOCK and element.tag in BESIDE:
            beside = element.getnext()
            if beside is not None and beside.tag in BESIDE:
                self.seams.append(len(self.buffer))

    def _enter(self, element: Any, tag: str) -> None:
        parent = self.node
        if self.too_deep or parent.depth >= MAX_DEPTH:
            self.too_deep += 1
            return
        tokens, zone = declared(tag, element.items())
        if tag == "form":
            parent.has_form = True
            if holds_page(element):
                zone &= ~Zone.FORM
        if self.marks:
            zone |= self.marks.get(element, 0)
        above = parent.zone & ~SITE_NEAREST if zone & SITE_NEAREST else parent.zone
        self.node = node = Node(
            parent,
            tag,
            tokens,
            parent.depth + 1,
            hash((parent.path, tag, tokens)),
            above | zone,
            HEADINGS.get(tag, 0) or parent.heading,
        )
        if tag == "figure":
            node.children = []
        if parent.children is not None:
            parent.children.append(node)

    def _leave(self) -> None:
        if self.too_deep:
            self.too_deep -= 1
            return
        node, parent = self.node, self.node.parent
        if parent is None:
            return
        if node.blocks:
            parent.text += node.text
            parent.links += node.links
            parent.prose += node.prose
            parent.blocks += node.blocks
            # One link downwards is enough: links both ways wait for the garbage collector.
            richest = parent.richest
            if node.prose and (richest is None or node.prose > richest.prose):
                parent.richest = node
        self.node = parent

    def _pre(self, element: Any) -> None:
        text = pre_text(element)
        if text.strip():
            self._emit("pre", text, weigh(text), 0, False, 0)

    def _table(self, table: Any) -> None:
        """Rows of a data table, cells joined by ` | `; its caption as a paragraph before."""
        self.groups += 1
        group = self.groups
        for row in table.iter("tr", "caption"):
            if row.tag == "caption":
                text = cell_text(row)
                if text:
                    self._enter(row, "caption")
                    self._emit("p", text, weigh(text), 0, False, 0)
                    self._leave()
                continue
            cells = [cell_text(cell) for cell in row.iter("td", "th")]
            if not any(cells):
                continue
            self.anchors = [Anchor(cell_text(a), a.get("href") or "") for a in row.iter("a")]
            linked = sum(weigh(anchor.text) for anchor in self.anchors)
            text = " | ".join(cells)
            marked = self.marks is not None and row in self.marks
            if marked:
                self._enter(row, "tr")
            self._emit("row", text, weigh(text), linked, False, group)
            if marked:
                self._leave()


def _strides(walk: Iterator[Any], blocks: list[Block]) -> Iterator[Iterable[Any]]:
    """The walk in parts, until there are enough blocks; parts cost nothing an element."""
    for first in walk:
        yield chain((first,), islice(walk, STRIDE))
        if len(blocks) > MAX_BLOCKS:
            return


def _after(element: Any, body: Any) -> Any:
    """The next node in document order that is not inside `element`; None at the end of the body."""
    while element is not None and element is not body:
        following = element.getnext()
        if following is not None:
            return following
        element = element.getparent()
    return None
