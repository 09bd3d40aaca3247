"""From running text to blocks: what is read since the last block, and how it becomes one."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from pipelines.blocks import Anchor, Block, Node
from pipelines.measure import squeeze, unwrap, weigh

# A block reads like running text from about a line of print on, if most of it is no link.
PROSE_MASS = 80
PROSE_LINK_SHARE = 0.33
# Lines of text wrapped by hand are longer (characters); so are those of Chinese and Japanese
# paragraphs set with single breaks, which end in a full stop.
WRAPPED = 45
# Longer lines are no rows of labels and values (characters).
SEAMED = 200
# Elements that a style sheet may set apart from the one beside them.
BESIDE = frozenset("span a strong b em i time cite small label address".split())
LINE_ENDS = tuple('.!?…:。！？：；»”"）)】」』')


class Writer:
    """What has been read since the last block, and the blocks so far."""

    def __init__(self, root: Node) -> None:
        self.blocks: list[Block] = []
        self.node = root
        self.lines: list[str] = []
        self.buffer: list[str] = []
        self.bold = 0
        self.bold_chars = 0
        self.link_chars = 0
        self.anchors: list[Anchor] = []
        self.links: list[tuple[Any, int]] = []
        self.linked: list[str] = []
        self.linked_from = 0
        self.has_time = False
        self.lists: list[int] = []
        self.groups = 0
        self.item = False
        self.seams: list[int] = []

    def _text(self, text: str) -> None:
        if "\n" in text:
            text = unwrap(text)
        self.buffer.append(text)
        if self.bold:
            self.bold_chars += len("".join(text.split()))
        if self.links:
            self.linked.append(text)
            self.link_chars += weigh(squeeze(text))

    def _begin_link(self, element: Any) -> None:
        # Links side by side are buttons or items: style sheets keep them apart.
        if self.buffer and not self.buffer[-1][-1:].isspace():
            previous = element.getprevious()
            if previous is not None and not previous.tail:
                beside = previous.tag == "a" or self.buffer[-1][-1:].islower()
                if beside and (previous.tag == "a" or (element.text or "")[:1].isupper()):
                    self.buffer.append(" ")
        self.links.append((element, self.linked_from + len(self.linked)))

    def _end_link(self) -> None:
        element, start = self.links.pop()
        href = element.get("href")
        if href:
            text = squeeze("".join(self.linked[max(0, start - self.linked_from) :]))
            self.anchors.append(Anchor(text, href, element.get("rel") or ""))
        if not self.links:
            self._forget_linked()

    def _forget_linked(self) -> None:
        self.linked_from += len(self.linked)
        self.linked.clear()

    def _break(self) -> None:
        line = squeeze("".join(self.buffer))
        if (not line and self.lines) or self._stands_alone(line):
            self._flush()
            return
        self.lines.append(line)
        self.buffer.clear()
        self.seams.clear()
        if self.links:
            self.linked.append(" ")

    def _stands_alone(self, line: str) -> bool:
        """Whether a line before a break is a block: a short one, or one that ends a sentence.

        What is left is text wrapped by hand, whose lines belong together.
        """
        if not line or self.links or self.node.heading or self.item:
            return False
        return len(line) < WRAPPED or line.endswith(LINE_ENDS)

    def _flush(self) -> None:
        """Make a block of what has been read since the last one."""
        if not self.buffer and not self.lines:
            if self.anchors and not self.links:
                self.anchors = []
            return
        line = squeeze("".join(self.buffer))
        seams = self._seams(line) if self.seams else ""
        self.buffer.clear()
        if self.lines:
            lines = [kept for kept in (*self.lines, line) if kept]
            self.lines = []
            text = "\n".join(lines)
        else:
            text = line
        bold_chars, self.bold_chars = self.bold_chars, 0
        linked, self.link_chars = self.link_chars, 0
        if self.links:
            self._split_link()
        if not text:
            return
        bold = bold_chars > 0 and bold_chars >= len("".join(text.split()))
        mass = weigh(text)
        heading = self.node.heading
        if heading:
            self._emit("h", text.replace("\n", " "), mass, linked, bold, 0, heading)
        elif self.item and self.lists:
            self._emit("li", text, mass, linked, bold, self.lists[0], len(self.lists))
        else:
            self._emit("p", text, mass, linked, bold, self.lists[0] if self.lists else 0)
        self.blocks[-1].seams = seams
        self.item = False

    def _seams(self, line: str) -> str:
        """The lines with a break at each seam; empty for running text."""
        cuts = [0, *self.seams, len(self.buffer)]
        self.seams.clear()
        if len(line) > SEAMED:
            return ""
        pieces = (squeeze("".join(self.buffer[a:b])) for a, b in pairwise(cuts))
        return "\n".join(filter(None, (*self.lines, *pieces)))

    def _split_link(self) -> None:
        """A link around several blocks is a link in each."""
        element, start = self.links[-1]
        href = element.get("href")
        if href:
            text = squeeze("".join(self.linked[max(0, start - self.linked_from) :]))
            if text:
                self.anchors.append(Anchor(text, href, element.get("rel") or ""))
        self._forget_linked()

    def _emit(
        self, kind: str, text: str, mass: int, linked: int, bold: bool, group: int, level: int = 0
    ) -> None:
        node = self.node
        linked = min(linked, mass)
        anchors: tuple[Anchor, ...] = ()
        if self.anchors:
            anchors = tuple(self.anchors)
            self.anchors = []
        self.blocks.append(
            Block(kind, text, node, level, mass, linked, bold, anchors, self.has_time, group)
        )
        self.has_time = False
        node.text += mass
        node.links += linked
        node.blocks += 1
        if mass >= PROSE_MASS and linked < PROSE_LINK_SHARE * mass and kind != "h":
            node.prose += mass
