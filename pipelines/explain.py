"""Why a page came out as it did: the story of every block, from the same code that cleans.

`explain(html)` and `explain_text(text)` clean the page on a sheet that remembers what each
labelling step wrote, and add what the steps had to go by: the learned tables' strongest numbers,
the phrases of the language files, the names of containers. Cleaning itself pays nothing for it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.blocks import Node, Verdict
from pipelines.cleaner import (
    Labelled,
    label_page,
    label_text,
    readable,
    record_of_page,
    record_of_text,
)
from pipelines.explain_scores import Push, node_means, strongest
from pipelines.explain_sources import Origin, origins
from pipelines.features import NAMES, ODDS_LEVELS, features, tokens_of
from pipelines.label import STEPS, Draft
from pipelines.label.tokens import token_reason, zone_reason
from pipelines.model import forest, odds
from pipelines.overrides import Overrides
from pipelines.page import Page, read_page
from pipelines.page_type import PageType, page_type, text_type
from pipelines.records import Article, Rejected
from pipelines.version import __version__
from pipelines.vocabulary import bare, squash

# Numbers that are told of each block; the rest hardly matter.
PUSHES = 6
# Containers that are named, and characters of each name.
PATH_LEVELS, NAME_CHARS = 5, 60
# Scores that differ by less are the same (probability).
SAME_SCORE = 1e-6
# What is decided behind the last step: text that the page does not show, in place of what it does.
AFTERWARDS = "use_hidden_text"
# Class words that are told: so many, and only those that the tables weigh (log-odds).
WORDS, WORD_ODDS = 3, 0.5


@dataclass(frozen=True, slots=True)
class Step:
    """What one labelling step made of a block."""

    step: str
    """the function's name in `pipelines.label.STEPS`, or `AFTERWARDS`"""
    keep: bool
    reason: str | None
    rule: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase of the language files that the block holds; by itself it decides nothing."""

    table: str
    """how much of the block it explains: `whole`, `start`, `label` or `contains`"""
    family: str
    phrase: str


@dataclass(frozen=True, slots=True)
class ClassWord:
    """A tag, class or id word around the block, and what the tables have learned of it."""

    word: str
    odds: float
    """log-odds of being article text; above 0: more often in articles"""


@dataclass(frozen=True, slots=True)
class BlockStory:
    """One block, its verdict, and all that led to it."""

    number: int
    """place in reading order, from 1"""
    kind: str
    """`p`, `h`, `li`, `row`, `pre`, `image`"""
    level: int
    text: str
    mass: int
    """weighted characters; 0 for pictures"""
    link_share: float
    keep: bool
    reason: str | None
    score: float
    rule: str
    steps: tuple[Step, ...]
    """the steps that wrote a verdict, in order; the last one is the verdict"""
    pushes: tuple[Push, ...]
    """strongest first; none in plain text, whose lines are scored by position"""
    hits: tuple[Hit, ...]
    words: tuple[ClassWord, ...]
    path: tuple[str, ...]
    """the containers around the block, outermost first, as `div.content`"""
    container: str | None
    """the reason that a container's name gives, with the container: `related: div.more`"""
    zone: str | None
    """the reason that the semantic elements around the block give"""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The record of a page and the story of each of its blocks, in reading order."""

    outcome: Article | Rejected
    blocks: tuple[BlockStory, ...] = ()
    kind: PageType | None = None
    """None where there was nothing to read"""
    language: str | None = None
    usual: float | None = None
    """log-odds of the page's mean block, which the pushes start from; None in plain text"""
    origins: tuple[Origin, ...] = ()
    """where the fields of an article come from"""


class Traced(Verdict):
    """A verdict that carries along how it came about, also onto another sheet."""

    steps: tuple[Step, ...] = ()


class Watched(Draft):
    """A draft whose verdicts remember the steps that wrote them."""

    _done = 0

    def keep(self, i: int, rule: str) -> None:
        """Keep block `i`, and remember it."""
        before = self.verdicts[i]
        super().keep(i, rule)
        self._note(i, before)

    def drop(self, i: int, reason: str, rule: str) -> None:
        """Drop block `i`, and remember it."""
        before = self.verdicts[i]
        super().drop(i, reason, rule)
        self._note(i, before)

    def settle(self) -> None:
        """The next step begins."""
        super().settle()
        self._done += 1

    def _note(self, i: int, before: Verdict) -> None:
        now = self.verdicts[i]
        if now is before:
            return
        name = STEPS[self._done].__name__ if self._done < len(STEPS) else AFTERWARDS
        traced = Traced(*now)
        traced.steps = (*_steps(before), Step(name, now.keep, now.reason, now.rule))
        self.verdicts[i] = traced


def _steps(verdict: Verdict) -> tuple[Step, ...]:
    return verdict.steps if isinstance(verdict, Traced) else ()


def explain(html: bytes | str, url: str | None = None) -> Explanation:
    """The record that `clean` gives, with the reasons for it."""
    return explain_page(read_page(html, url))


def explain_page(page: Page | Rejected, *, overrides: Overrides | None = None) -> Explanation:
    """The same for a page already read, or refused when it was to be read.

    `overrides`: what the description of its site says.
    """
    if isinstance(page, Rejected):
        return Explanation(dataclasses.replace(page, pipeline_version=__version__))
    labelled = label_page(page, sheet=Watched, overrides=overrides)
    draft = labelled.draft
    outcome = record_of_page(page, labelled)
    if labelled.too_long:
        return Explanation(outcome)
    pushes, usual = _pushes(draft)
    return Explanation(
        outcome,
        _stories(labelled, pushes),
        text_type(draft) if labelled.has_body else page_type(draft, labelled.declaration),
        labelled.language,
        usual,
        origins(outcome, labelled, page.url) if isinstance(outcome, Article) else (),
    )


def explain_text(text: str, url: str | None = None) -> Explanation:
    """The record that `clean_text` gives, with the reasons for it."""
    text = readable(text)
    labelled = label_text(text, url, sheet=Watched)
    draft = labelled.draft
    outcome = record_of_text(text, url, labelled)
    if not draft.blocks:
        return Explanation(outcome)
    stories = _stories(labelled, [()] * len(draft))
    told = origins(outcome, labelled, url) if isinstance(outcome, Article) else ()
    return Explanation(outcome, stories, text_type(draft), labelled.language, origins=told)


def _pushes(draft: Draft) -> tuple[list[tuple[Push, ...]], float | None]:
    """The strongest pushes of each block, and the log-odds that those of the page start from.

    None for pictures, and where the tables did not make the score: in text that the page carries
    for its scripts, which is a page of its own, and where a site's description outranks them.
    """
    pushes: list[tuple[Push, ...]] = [()] * len(draft)
    usual: float | None = None
    texts = [i for i, block in enumerate(draft.blocks) if block.kind != "image"]
    for root in {id(root): root for root in (_root(draft.blocks[i].node) for i in texts)}.values():
        inside = [i for i in texts if _root(draft.blocks[i].node) is root]
        table = features([draft.blocks[i] for i in inside], odds("blocks"))
        scores = forest("blocks").probability(table)
        means = node_means(forest("blocks"), table)
        usual = means.usual if usual is None else usual
        for i, score, found in zip(
            inside, scores, strongest(means, table, NAMES, PUSHES), strict=True
        ):
            if abs(score - draft.scores[i]) < SAME_SCORE:
                pushes[i] = found
    return pushes, usual


def _root(node: Node) -> Node:
    while node.parent is not None:
        node = node.parent
    return node


def _stories(labelled: Labelled, pushes: Sequence[tuple[Push, ...]]) -> tuple[BlockStory, ...]:
    draft = labelled.draft
    weights = odds("blocks").words
    return tuple(_story(draft, i, pushes[i], weights) for i in range(len(draft)))


def _story(
    draft: Draft, i: int, pushes: tuple[Push, ...], weights: Mapping[str, float]
) -> BlockStory:
    block, verdict = draft.blocks[i], draft.verdicts[i]
    return BlockStory(
        number=i + 1,
        kind=block.kind,
        level=block.level,
        text=block.text,
        mass=block.mass,
        link_share=block.link_share,
        keep=verdict.keep,
        reason=None if verdict.keep else verdict.reason or "other",
        score=verdict.score,
        rule=verdict.rule,
        steps=_steps(verdict),
        pushes=pushes,
        hits=_hits(draft, i),
        words=_words(block.node, weights),
        path=_path(block.node),
        container=_container(block.node),
        zone=zone_reason(block),
    )


def _hits(draft: Draft, i: int) -> tuple[Hit, ...]:
    """The phrases that the vocabulary finds in a block short enough to be boilerplate.

    Of each family the one that explains most of the block.
    """
    words, text, found = draft.vocabulary, draft.blocks[i].text, draft.phrases(i)
    hits = []
    if found.whole:
        hits.append(Hit("whole", found.whole, bare(text)))
    for table, family, index in (
        ("label", found.label, words.labels),
        ("start", found.start, words.starts),
    ):
        if family:
            hits.append(Hit(table, family, index.beginning(text) or ""))
    if found.contains:
        hits.append(Hit("contains", found.contains, words.insides.find(squash(text)) or ""))
    fullest = {hit.family: hit for hit in reversed(hits)}
    return tuple(hit for hit in hits if fullest[hit.family] is hit)


def _words(node: Node, weights: Mapping[str, float]) -> tuple[ClassWord, ...]:
    """The words of the nearest containers that the tables weigh most."""
    found: dict[str, float] = {}
    step: Node | None = node
    for _ in range(ODDS_LEVELS):
        if step is None:
            break
        for word in tokens_of(step):
            if abs(weights.get(word, 0.0)) >= WORD_ODDS:
                found.setdefault(word, weights[word])
        step = step.parent
    loudest = sorted(found.items(), key=lambda item: -abs(item[1]))[:WORDS]
    return tuple(ClassWord(word, value) for word, value in loudest)


def _path(node: Node) -> tuple[str, ...]:
    names: list[str] = []
    step: Node | None = node
    while step is not None and step.parent is not None and len(names) < PATH_LEVELS:
        names.append(_name(step))
        step = step.parent
    return tuple(reversed(names))


def _name(node: Node) -> str:
    """The element as a selector would have it: `div.content.wide`."""
    name = ".".join((node.tag, *node.tokens.split()))
    return name if len(name) <= NAME_CHARS else f"{name[:NAME_CHARS]}…"


def _container(node: Node) -> str | None:
    named = token_reason(node)
    return f"{named[0]}: {_name(named[1])}" if named else None
