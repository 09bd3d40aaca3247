"""Reasons that class and id words name: `class="related-posts"` says what a container is."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pipelines.blocks import Block, Node, Zone

WORDS = Path(__file__).parent / "class_words.toml"
ZONE_REASONS = (
    (Zone.COMMENTS, "comments"),
    (Zone.CAPTION, "caption"),
    (Zone.NAV, "nav"),
    (Zone.FOOTER, "footer"),
    (Zone.HIDDEN, "hidden"),
    (Zone.ASIDE, "related"),
    (Zone.DIALOG, "promo"),
    (Zone.FORM, "other"),
    (Zone.HEADER, "nav"),
)
# Containers further up describe the page, not the block.
LEVELS = 6
PAGE_TAGS = frozenset(("body", "html", "main", "article"))


# Where a word may begin: at the start, and behind white space, hyphens and underscores.
BEGINNING = re.compile(r"[^\s_-]+")
# Characters by which the words of a string are looked up.
KEY = 4


@dataclass(frozen=True, slots=True)
class _Families:
    """The words of all families, by their first letters."""

    reasons: tuple[str, ...]
    """the families in order of trust"""
    by_key: dict[str, tuple[tuple[int, re.Pattern[str]], ...]]
    """first letters to the place of each family with such words, and the expression for them"""
    lengths: tuple[int, ...]
    """lengths of those first letters"""


@lru_cache
def _families() -> _Families:
    tables: dict[str, list[str]] = tomllib.loads(WORDS.read_text("utf-8"))
    keyed: dict[str, dict[int, list[str]]] = {}
    for place, words in enumerate(tables.values()):
        for word in words:
            first = re.split(r"[-*]", word)[0]  # a page may write no hyphen where the file does
            keyed.setdefault(first[:KEY], {}).setdefault(place, []).append(word)
    by_key = {
        key: tuple((place, _pattern(words)) for place, words in found.items())
        for key, found in keyed.items()
    }
    return _Families(tuple(tables), by_key, tuple({len(key) for key in by_key}))


def _pattern(words: list[str]) -> re.Pattern[str]:
    """One expression for words; hyphen and underscore are one, a plural is its singular."""
    inner = "|".join(
        re.escape(word.rstrip("*")).replace(r"\-", "[-_]?")
        + (r"[\w-]*" if word[-1] == "*" else "s?")
        for word in words
    )
    return re.compile(rf"(?:{inner})(?:$|[\s_-])")


@lru_cache(maxsize=8192)
def family_of(tokens: str) -> str | None:
    """The family that a class and id string (lower case) names."""
    reasons = _families().reasons
    best = min(map(_place, tokens.split()), default=len(reasons))
    return reasons[best] if best < len(reasons) else None


# Sites make their class strings of few names.
@lru_cache(maxsize=32768)
def _place(name: str) -> int:
    """The place of the first family that a class or id names, or the number of families.

    Every word of the name is held against the few words that begin alike.
    """
    families = _families()
    best = len(families.reasons)
    for word in BEGINNING.finditer(name):
        keys = dict.fromkeys(word.group()[:length] for length in families.lengths)
        for key in keys:
            for place, pattern in families.by_key.get(key, ()):
                if place < best and pattern.match(name, word.start()):
                    best = place
    return best


def token_reason(node: Node) -> tuple[str, Node] | None:
    """The reason that the nearest telling class or id names, and the container that has it."""
    step: Node | None = node
    for _ in range(LEVELS):
        if step is None or step.tag in PAGE_TAGS:
            return None
        if step.tokens and (reason := family_of(step.tokens)):
            return reason, step
        step = step.parent
    return None


def zone_reason(block: Block) -> str | None:
    """The reason that the block's semantic ancestors give."""
    return next((reason for zone, reason in ZONE_REASONS if block.zone & zone), None)
