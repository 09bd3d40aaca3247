"""What the explain page shows, as plain values for its template.

Whatever comes from the page is a string here and is escaped by the template; nothing of it becomes
an attribute, an address or a name of a class.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.explain import BlockStory, Explanation, Step
from pipelines.explain_scores import Push

WORDS = Path(__file__).with_name("explain_words.toml")
# A score between these is a close call, and from here on a block looks like article text
# (probability): `trust_scores` keeps from there.
CLOSE = (0.3, 0.7)
LIKELY = 0.45
# The longest bar stands for this push or more (log-odds), in so many steps.
LONGEST_PUSH, BAR_STEPS = 1.5, 20
# More blocks than this no reader scrolls through, and no browser shows with ease.
MOST_BLOCKS = 10_000


@dataclass(frozen=True, slots=True)
class Reason:
    """A row of the filter: what dropped blocks, or `Kept`, with its counts."""

    code: str | None
    """None for what is kept"""
    label: str
    tint: str
    """a class of the page's style"""
    blocks: int
    characters: int


@dataclass(frozen=True, slots=True)
class PushView:
    """A push as the page shows it; `bar` is 1 to `BAR_STEPS`."""

    label: str
    value: str
    push: float
    bar: int


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of labelling in words."""

    label: str
    verdict: str
    rule: str


@dataclass(frozen=True, slots=True)
class BlockView:
    """A block as the page shows it."""

    story: BlockStory
    place: int
    """of its reason in the filter"""
    verdict: str
    tint: str
    kind: str
    why: str
    steps: tuple[StepView, ...]
    pushes: tuple[PushView, ...]
    hits: tuple[str, ...]
    """where the phrases of `story.hits` stand, in words"""
    classes: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring blocks of one verdict, on the strip that shows the page from top to bottom:
    place and width in percent of the page's text."""

    tint: str
    start: float
    width: float


@lru_cache
def words() -> dict[str, Any]:
    """The tables of `explain_words.toml`."""
    return tomllib.loads(WORDS.read_text("utf-8"))


def reason_label(code: str) -> str:
    """The reason in plain words."""
    return str(words()["reasons"].get(code, {"label": code})["label"])


def reason_tint(code: str | None) -> str:
    """The class that tints what was dropped for the reason."""
    return str(words()["reasons"].get(code, {"tint": "none"})["tint"]) if code else "kept"


def reasons(blocks: Sequence[BlockStory]) -> list[Reason]:
    """What the filter offers: the kept blocks, then the reasons, most blocks first."""
    with_text = [block for block in blocks if block.mass]
    count = Counter(block.reason for block in with_text)
    characters: Counter[str | None] = Counter()
    for block in with_text:
        characters[block.reason] += block.mass
    kept = [Reason(None, "Kept", "kept", count[None], characters[None])]
    return kept + [
        Reason(code, reason_label(code), reason_tint(code), number, characters[code])
        for code, number in count.most_common()
        if code is not None
    ]


@dataclass(frozen=True, slots=True)
class OriginView:
    """Where a field comes from: the field's name, its place, and sentences on other places."""

    field: str
    source: str
    others: tuple[str, ...]


def origin_views(explanation: Explanation) -> list[OriginView]:
    """The table of sources, a row a field."""
    return [
        OriginView(
            origin.field,
            origin.source or words()["sources"]["none"],
            tuple(
                words()["sources"][other.why].format(
                    source=other.source, said=other.said, taken=origin.source
                )
                for other in origin.others
            ),
        )
        for origin in explanation.origins
    ]


def block_views(
    explanation: Explanation, offered: Sequence[Reason], came: frozenset[int], went: frozenset[int]
) -> list[BlockView]:
    """The blocks to show; `came` and `went` are numbers of those whose verdict changed."""
    places = {reason.code: place for place, reason in enumerate(offered)}
    return [
        _view(story, places.get(story.reason, 0), _change(story.number, came, went))
        for story in explanation.blocks[:MOST_BLOCKS]
    ]


def _change(number: int, came: frozenset[int], went: frozenset[int]) -> str:
    return "came" if number in came else "went" if number in went else ""


def _view(story: BlockStory, place: int, change: str) -> BlockView:
    tint = reason_tint(story.reason)
    picture = story.kind == "image"
    classes = ["picture" if picture else "kept" if story.keep else "dropped", f"t-{tint}", change]
    if not picture:
        classes += [f"r{place}"]
        classes += ["close"] if CLOSE[0] <= story.score <= CLOSE[1] else []
        classes += ["overruled"] if (story.score >= LIKELY) != story.keep else []
    return BlockView(
        story=story,
        place=place,
        verdict=reason_label(story.reason) if story.reason else "Kept",
        tint=tint,
        kind=words()["kinds"].get(story.kind, story.kind),
        why=_why(story),
        steps=tuple(map(_step, story.steps)),
        pushes=tuple(map(_push, story.pushes)),
        hits=tuple(
            f"{reason_label(_reason_of(hit.family))}: {words()['tables'][hit.table]}"
            for hit in story.hits
        ),
        classes=" ".join(filter(None, classes)),
    )


def _why(story: BlockStory) -> str:
    alone = story.rule == "score" and not story.keep
    return str(words()["rules"].get("score-too-low" if alone else story.rule, ""))


def _reason_of(family: str) -> str:
    """The reason that a family of phrases gives."""
    return "prev-next" if family in ("previous", "next") else family


def _step(step: Step) -> StepView:
    label = words()["steps"].get(step.step, step.step)
    verdict = "kept" if step.keep else f"dropped: {reason_label(step.reason or 'other')}"
    return StepView(label, verdict, step.rule)


def _push(push: Push) -> PushView:
    known = words()["features"].get(push.feature, {"label": push.feature, "as": "number"})
    share = min(1.0, abs(push.push) / LONGEST_PUSH)
    bar = max(1, round(share * BAR_STEPS))
    return PushView(known["label"], shown_value(push.value, known["as"]), push.push, bar)


def shown_value(value: float, kind: str) -> str:
    """A number of the learned tables for readers; `kind` as in `explain_words.toml`.

    >>> shown_value(0.834, "share"), shown_value(1.0, "yes"), shown_value(4.61511, "chars")
    ('83%', 'yes', '100 characters')
    """
    if kind == "share":
        return f"{value:.0%}"
    if kind == "yes":
        return "yes" if value else "no"
    if kind == "odds":
        return f"{value:+.1f}"
    if kind in ("chars", "count"):
        number = f"{np.expm1(value):,.0f}"
        return f"{number} characters" if kind == "chars" else number
    return f"{value:.1f}".removesuffix(".0")


def strip(blocks: Iterable[BlockStory]) -> list[Stretch]:
    """The page from top to bottom, by its characters."""
    with_text = [(reason_tint(block.reason), block.mass) for block in blocks if block.mass]
    total = sum(mass for _, mass in with_text) or 1
    found = []
    at = 0
    for tint, group in groupby(with_text, key=lambda item: item[0]):
        mass = sum(mass for _, mass in group)
        found.append(Stretch(tint, round(100 * at / total, 3), round(100 * mass / total, 3)))
        at += mass
    return found
