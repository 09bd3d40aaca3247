"""Text that a click unfolds: accordions and tabs. It is no less the article's for being folded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.blocks import Block, Node, Zone
from pipelines.label.draft import Draft
from pipelines.label.sections import ELLIPSIS
from pipelines.label.tokens import token_reason

FOLDED = Zone.HIDDEN | Zone.OPENER | Zone.PANEL
ELSEWHERE = Zone.NAV | Zone.FOOTER | Zone.ASIDE | Zone.DIALOG | Zone.COMMENTS | Zone.FORM
# The line that opens a panel is a question or a heading (weighted characters).
OPENER_MASS = 180
# Menus and lists of other pages fold too: they are links.
PANEL_LINKS = 0.3
# Some block of a panel must look a little like text (probability).
LEAST_SCORE = 0.1
# So many blocks back there is kept text, or the panel is none of the article's.
NEAR = 8
# A link opens what stands so many elements around the next block, at most.
LEVELS = 4


@dataclass(frozen=True, slots=True)
class Panel:
    """Blocks that one line opens, as numbers of blocks; `end` is behind the last."""

    opener: int
    start: int
    end: int
    sure: bool
    """mark-up says that the line opens something"""


def keep_panels(draft: Draft) -> None:
    """Panels of an accordion near the text, with the lines that open them; tabs beside kept ones.

    A line opens what is hidden right below it if mark-up says so, if it is a heading with nothing
    else below, or if there are several such pairs alike.
    """
    folded = any(block.node.zone & FOLDED for block in draft.blocks)
    if not folded and not draft.dropped("toc"):
        return
    panels = list(_panels(draft))
    alike = Counter(_look(draft.blocks, panel) for panel in panels)
    for panel in panels:
        opens = panel.sure or alike[_look(draft.blocks, panel)] > 1 or _heads(draft, panel)
        if opens and _near(draft, panel.opener) and _is_text(draft, panel):
            draft.keep(panel.opener, "panel-opener")
            _keep(draft, panel.start, panel.end)
    _keep_tabs(draft)


def _lines(draft: Draft) -> Iterator[tuple[int, Block]]:
    return ((i, block) for i, block in enumerate(draft.blocks) if block.mass)


def _panels(draft: Draft) -> Iterator[Panel]:
    """Each visible line with what it may open: the hidden blocks below, or what it links to."""
    lines = list(_lines(draft))
    at = 0
    while at + 1 < len(lines):
        i, block = lines[at]
        end = at + 1
        if not block.anchors and not lines[end][1].node.zone & Zone.HIDDEN:
            at = end  # most lines: nothing folded below, and no link to it
            continue
        target = _target(draft, i, lines[end][1])
        while end < len(lines) and _folded(lines[end][1], target):
            end += 1
        if end > at + 1 and not block.zone & Zone.HIDDEN and block.mass <= OPENER_MASS:
            sure = target is not None or bool(block.zone & Zone.OPENER)
            yield Panel(i, lines[at + 1][0], lines[end - 1][0] + 1, sure)
        at = max(end - 1, at + 1) if end > at + 1 else end


def _target(draft: Draft, i: int, below: Block) -> Node | None:
    """The element around the next block that the line's link leads to."""
    anchors = draft.blocks[i].anchors
    href = anchors[0].href if len(anchors) == 1 else ""
    if len(href) < 2 or href[0] != "#":
        return None
    node: Node | None = below.node
    for _ in range(LEVELS):
        if node is None:
            return None
        if node.tokens.rpartition(" ")[2] == href[1:].lower():
            return node
        node = node.parent
    return None


def _folded(block: Block, target: Node | None) -> bool:
    if target is None:
        return bool(block.zone & Zone.HIDDEN)
    node: Node | None = block.node
    while node is not None and node is not target:
        node = node.parent
    return node is not None


def _look(blocks: Sequence[Block], panel: Panel) -> tuple[int, int]:
    return blocks[panel.opener].node.path, blocks[panel.start].node.path


def _heads(draft: Draft, panel: Panel) -> bool:
    """Whether the line is a heading with no other text below than the panel, up to the next
    heading or the next line that opens something."""
    if draft.blocks[panel.opener].kind != "h":
        return False
    below = next((b for b in draft.blocks[panel.end :] if b.mass), None)
    opens = below is not None and (below.node.zone & Zone.OPENER or below.node.tag == "summary")
    return below is None or below.kind == "h" or bool(opens)


def _near(draft: Draft, i: int) -> bool:
    first, last = draft.core
    return first <= i <= last or any(map(draft.kept, range(max(0, i - NEAR), i)))


def _is_text(draft: Draft, panel: Panel) -> bool:
    """Whether nothing speaks against a panel: links, a name, a phrase over it, all scores."""
    blocks = [block for block in draft.blocks[panel.start : panel.end] if block.mass]
    opener = draft.blocks[panel.opener]
    if any(block.zone & ELSEWHERE for block in (opener, *blocks)):
        return False
    if draft.phrases(panel.opener).opens or token_reason(blocks[0].node):
        return False
    if max(draft.scores[i] for i in (panel.opener, *range(panel.start, panel.end))) < LEAST_SCORE:
        return False
    mass = sum(block.mass for block in blocks)
    return sum(block.link_mass for block in blocks) <= PANEL_LINKS * mass


def _keep(draft: Draft, start: int, end: int) -> None:
    """Keep blocks that no rule has named; "Loading …" stands in for what a script brings."""
    for i in range(start, end):
        block = draft.blocks[i]
        waits = block.mass <= OPENER_MASS and ELLIPSIS.search(block.text)
        if block.mass and not waits and draft.reason(i) in (None, "hidden"):
            draft.keep(i, "panel")


def _keep_tabs(draft: Draft) -> None:
    """Hidden panels of tabs, one of which is kept."""
    tabs = [(i, tab) for i, block in _lines(draft) if (tab := _tab(block)) is not None]
    shown = {id(tab.parent) for i, tab in tabs if draft.kept(i)}
    for i, tab in tabs:
        block = draft.blocks[i]
        beside = block.zone & Zone.HIDDEN and id(tab.parent) in shown
        speaks_against = block.zone & ELSEWHERE or tab.links > PANEL_LINKS * tab.text
        if beside and not speaks_against and token_reason(tab) is None:
            _keep(draft, i, i + 1)


def _tab(block: Block) -> Node | None:
    """The outermost tab panel around a block."""
    if not block.zone & Zone.PANEL:
        return None
    node = block.node
    while node.parent is not None and node.parent.zone & Zone.PANEL:
        node = node.parent
    return node
