"""The sheet that the labelling rules write on: a verdict for each block, never a change of text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from pipelines.blocks import Block, Node, Verdict
from pipelines.bylines import Byline
from pipelines.dates import DATELESS, DateContext
from pipelines.phrases import letters, squash
from pipelines.records import Person
from pipelines.vocabulary import NOTHING, Said, Vocabulary

# A line that says more than this is no label, whatever it begins with (weighted characters).
LABEL_MASS = 260
# A notice may run to a few sentences; beyond that a phrase in it proves nothing.
NOTICE_MASS = 700
# From this score on, running text is text whatever it begins with.
SURE_TEXT = 0.9
# So many blocks before the first and behind the last running text may say something of the article:
# headline, bylines and trail above; sources, tags, neighbours, lists of other articles below.
BEFORE, BEHIND = 30, 80
# Of so many characters at most each is a letter, in a headline.
TITLE_MARKS = 4
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
        people: tuple[str, ...] = (),
        days: DateContext = DATELESS,
    ) -> None:
        self.blocks = blocks
        self.scores = scores
        self.vocabulary = vocabulary
        self.titles = titles
        self.people = people
        """names of authors and reviewers that the page declares"""
        self.days = days
        self.verdicts = [Verdict(False, None, score) for score in scores]
        self.bylines: list[Byline] = []
        self.others: set[int] = set()
        """blocks below a heading of other articles, as far as bylines were looked for"""
        self.lines_of_people = 0
        """byline and date lines, those below headings of other articles among them: lists have
        many, which tells what kind of page it is"""
        self.portraits: list[Person] = []
        """what boxes and biographies say of people whom a byline names, or the page declares"""
        self._phrases: list[Said | None] = [None] * len(blocks)
        self._prose = [i for i, block in enumerate(blocks) if is_prose(block)]
        self._fixed: set[int] = set()
        self._moved = False

    def __len__(self) -> int:
        return len(self.blocks)

    def kept(self, i: int) -> bool:
        """Whether block `i` is article text so far."""
        return self.verdicts[i].keep

    def reason(self, i: int) -> str | None:
        """The reason that dropped block `i`, if one is known."""
        return self.verdicts[i].reason

    def dropped(self, *reasons: str) -> list[int]:
        """The blocks dropped for one of the reasons, in reading order."""
        return [i for i, verdict in enumerate(self.verdicts) if verdict.reason in reasons]

    def keep(self, i: int, rule: str) -> None:
        """Keep block `i`, unless its verdict is fixed."""
        if i in self._fixed:
            return
        self._moved = self._moved or not self.verdicts[i].keep
        self.verdicts[i] = Verdict(True, None, self.scores[i], rule)

    def drop(self, i: int, reason: str, rule: str) -> None:
        """Drop block `i` for `reason`, unless its verdict is fixed."""
        if i in self._fixed:
            return
        self._moved = self._moved or self.verdicts[i].keep
        self.verdicts[i] = Verdict(False, reason, self.scores[i], rule)

    def fix(self, i: int, reason: str | None, rule: str) -> None:
        """Keep block `i`, or drop it for `reason`, whatever later rules say."""
        if reason is None:
            self.keep(i, rule)
        else:
            self.drop(i, reason, rule)
        self._fixed.add(i)

    def phrases(self, i: int) -> Said:
        """What the vocabulary says of block `i`'s text, looked up once.

        Nothing of what is too long to be a line of boilerplate.
        """
        found = self._phrases[i]
        if found is None:
            found = self._phrases[i] = self._said(self.blocks[i])
        return found

    def _said(self, block: Block) -> Said:
        if block.mass > NOTICE_MASS or not block.text:
            return NOTHING
        said = self.vocabulary.read(block.text)
        if block.mass > LABEL_MASS and (said.whole or said.start):
            return Said(None, None, said.label, said.rest, said.contains)
        return said

    @cached_property
    def headlines(self) -> list[int]:
        """The blocks that are one of the page's titles; sites set the marks and breaks in one as
        they like."""
        titles = {letters(title) for title in self.titles} - {""}
        if not titles:
            return []
        least, most = min(map(len, titles)), TITLE_MARKS * max(map(len, titles))
        firsts = {title[0] for title in titles}
        return [
            i
            for i, block in enumerate(self.blocks)
            if least <= len(block.text) <= most
            # Most lines begin with another letter.
            and ((first := squash(block.text)[:1]) in firsts or not first.isalnum())
            and letters(block.text) in titles
        ]

    @cached_property
    def core(self) -> tuple[int, int]:
        """First and last block of kept running text; (0, -1) where there is none."""
        verdicts = self.verdicts
        first = next((i for i in self._prose if verdicts[i].keep), None)
        if first is None:
            return (0, -1)
        return first, next(i for i in reversed(self._prose) if verdicts[i].keep)

    @cached_property
    def region(self) -> list[int]:
        """Blocks with text that are kept, or near enough to the article to belong to it.

        The rules look at these only: menus and footers are dropped as they are.
        """
        first, last = self.core
        start, end = max(0, first - BEFORE), last + BEHIND + 1
        if last < 0:
            start, end = 0, len(self)
        verdicts = self.verdicts
        return [
            i
            for i, block in enumerate(self.blocks)
            if block.mass and (start <= i < end or verdicts[i].keep)
        ]

    def settle(self) -> None:
        """Work out `core` and `region` anew, after rules that moved the article's ends."""
        if self._moved:
            self.__dict__.pop("core", None)
            self.__dict__.pop("region", None)
            self._moved = False


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
