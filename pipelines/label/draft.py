"""The sheet that the labelling rules write on: a verdict for each block, never a change of text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from pipelines.blocks import Block, Node, Verdict
from pipelines.bylines import Byline
from pipelines.vocabulary import Vocabulary

# A line that says more than this is no label, whatever it begins with (weighted characters).
LABEL_MASS = 260
# A notice may run to a few sentences; beyond that a phrase in it proves nothing.
NOTICE_MASS = 700
# So many blocks before the first and behind the last running text may say something of the article:
# headline, bylines and trail above; sources, tags, neighbours, lists of other articles below.
BEFORE, BEHIND = 30, 80
# A block of running text: the unit by which the rules see where the article is.
PROSE_MASS = 100
PROSE_LINK_SHARE = 0.4


class Draft:
    """Blocks, their scores, and the verdicts so far."""

    def __init__(
        self,
        blocks: Sequence[Block],
        scores: Sequence[float],
        vocabulary: Vocabulary,
        titles: tuple[str, ...],
    ) -> None:
        self.blocks = blocks
        self.scores = scores
        self.vocabulary = vocabulary
        self.titles = titles
        self.verdicts = [Verdict(False, None, score) for score in scores]
        self.bylines: list[Byline] = []
        self._phrases: dict[int, Phrases] = {}

    def __len__(self) -> int:
        return len(self.blocks)

    def kept(self, i: int) -> bool:
        """Whether block `i` is article text so far."""
        return self.verdicts[i].keep

    def reason(self, i: int) -> str | None:
        """The reason that dropped block `i`, if one is known."""
        return self.verdicts[i].reason

    def keep(self, i: int, rule: str) -> None:
        """Keep block `i`."""
        self.verdicts[i] = Verdict(True, None, self.scores[i], rule)

    def drop(self, i: int, reason: str, rule: str) -> None:
        """Drop block `i` for `reason`."""
        self.verdicts[i] = Verdict(False, reason, self.scores[i], rule)

    def phrases(self, i: int) -> Phrases:
        """What the vocabulary says of block `i`'s text, looked up once."""
        found = self._phrases.get(i)
        if found is None:
            block = self.blocks[i]
            found = self._phrases[i] = Phrases.of(block.text, block.mass, self.vocabulary)
        return found

    @cached_property
    def core(self) -> tuple[int, int]:
        """First and last block of kept running text; (0, -1) where there is none."""
        prose = [i for i in range(len(self)) if self.verdicts[i].keep and is_prose(self.blocks[i])]
        return (prose[0], prose[-1]) if prose else (0, -1)

    @cached_property
    def region(self) -> list[int]:
        """Blocks with text that are kept, or near enough to the article to belong to it.

        The rules look at these only: menus and footers are dropped as they are.
        """
        first, last = self.core
        near = range(max(0, first - BEFORE), min(len(self), last + BEHIND + 1))
        if last < 0:
            near = range(len(self))
        return [
            i
            for i, block in enumerate(self.blocks)
            if block.mass and (i in near or self.verdicts[i].keep)
        ]

    def settle(self) -> None:
        """Work out `core` and `region` anew, after rules that moved the article's ends."""
        self.__dict__.pop("core", None)
        self.__dict__.pop("region", None)


class Phrases:
    """The phrase families of one line."""

    __slots__ = ("contains", "label", "rest", "start", "whole")

    def __init__(
        self,
        whole: str | None = None,
        start: str | None = None,
        label: str | None = None,
        rest: str = "",
        contains: str | None = None,
    ) -> None:
        self.whole, self.start, self.label, self.rest = whole, start, label, rest
        self.contains = contains

    @classmethod
    def of(cls, text: str, mass: int, vocabulary: Vocabulary) -> Phrases:
        """Families of `text`; nothing for what is too long to be a line of boilerplate."""
        if mass > NOTICE_MASS or not text:
            return NOTHING
        contains = vocabulary.contains(text)
        family, rest = vocabulary.label(text) or (None, "")
        if mass > LABEL_MASS:
            return cls(label=family, rest=rest, contains=contains)
        return cls(vocabulary.whole(text), vocabulary.start(text), family, rest, contains)

    @property
    def opens(self) -> str | None:
        """The family that the line as a whole belongs to, or that its beginning names."""
        return self.whole or self.label or self.start


NOTHING = Phrases()


def is_prose(block: Block) -> bool:
    """Whether a block reads like running text."""
    return block.mass >= PROSE_MASS and block.link_share < PROSE_LINK_SHARE and block.kind != "h"


def within(node: Node | None, ancestor: Node) -> bool:
    """Whether `node` is `ancestor` or below it."""
    while node is not None and node.depth >= ancestor.depth:
        if node is ancestor:
            return True
        node = node.parent
    return False
