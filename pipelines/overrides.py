"""What the description of a site says of its pages, as marks on elements.

A mark says what to do with the text inside an element; the walk hands it down to the blocks, and
labelling obeys it (`label.site_rules`). Of nested marks the nearer one counts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cssselect
from lxml import etree

from pipelines.blocks import Block, Zone
from pipelines.label.draft import is_prose
from pipelines.segment import segment
from pipelines.warning_codes import BODY_UNUSED

# In the element that a site names as its article's, a line is text until a rule objects; what
# stands elsewhere is none (probabilities, as `plain_text` has them).
INSIDE, OUTSIDE = 0.7, 0.05
# A row of a table is a block, the groups of rows around it are not.
ROW_GROUPS = frozenset(("thead", "tbody", "tfoot"))


@dataclass(frozen=True, slots=True)
class Overrides:
    """CSS selectors of one site; without `::text` and the like they name elements.

    `drop` and `keep`: what is never, and what is always, article text. On an element that both
    match, `keep` counts. `fields`: what holds values of fields, such as a byline; it is read, and
    no article text. `body`: what holds the article; nothing else is article text.
    """

    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    body: str | None = None

    def marks(self, root: Any) -> dict[Any, int]:
        """Zones for the elements below `root` (an lxml element) that the selectors match."""
        found: dict[Any, int] = {}
        for selectors, zone in (
            (self.fields, Zone.SITE_FIELD),
            (self.drop, Zone.SITE_DROP),
            (self.keep, Zone.SITE_KEEP),
        ):
            for element in _rows(select(root, selectors)):
                found[element] = zone
        for element in select(root, (self.body,) if self.body else ()):
            found[element] = found.get(element, 0) | Zone.SITE_BODY
        return found


def select(root: Any, selectors: Sequence[str]) -> list[Any]:
    """Elements below `root` that the selectors match, selector by selector.

    >>> from lxml import html
    >>> page = html.fromstring("<div><p class=a>x</p><p>y</p></div>")
    >>> [element.text for element in select(page, ("p.a", "p:last-child"))]
    ['x', 'y']
    """
    return [element for css in selectors for element in _compiled(css)(root)]


@lru_cache(maxsize=1024)
def _compiled(css: str) -> Callable[[Any], Any]:
    translate = cssselect.HTMLTranslator().selector_to_xpath
    return etree.XPath(" | ".join(translate(selector) for selector in cssselect.parse(css)))


def _rows(elements: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for element in elements:
        found.append(element)
        if element.tag in ROW_GROUPS:
            found += element.iter("tr")
    return found


@dataclass(frozen=True, slots=True)
class Cut:
    """The blocks of a page, and what became of the site's description."""

    blocks: list[Block]
    has_body: bool = False
    """the site's own article element is there and holds running text"""
    warnings: tuple[str, ...] = ()


def segment_described(root: Any, overrides: Overrides | None) -> Cut:
    """The blocks below `root` (an lxml element), with the marks of the site's description.

    An article element without running text is left out of account, with a warning.
    """
    if overrides is None:
        return Cut(segment(root))
    marks = overrides.marks(root)
    blocks = segment(root, marks)
    if not any(zone & Zone.SITE_BODY for zone in marks.values()):
        return Cut(blocks)
    if any(block.zone & Zone.SITE_BODY and is_prose(block) for block in blocks):
        return Cut(blocks, has_body=True)
    without = dataclasses.replace(overrides, body=None)
    return Cut(segment(root, without.marks(root)), warnings=(BODY_UNUSED,))


def body_scores(blocks: Sequence[Block], scores: Sequence[float]) -> list[float]:
    """The scores of the blocks, told by whether they stand in the site's own article element."""
    return [
        max(score, INSIDE * (block.mass > 0))
        if block.zone & Zone.SITE_BODY
        else min(score, OUTSIDE)
        for block, score in zip(blocks, scores, strict=True)
    ]
