"""Reasons that class and id words name: `class="related-posts"` says what a container is."""

from __future__ import annotations

import re
import tomllib
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


@lru_cache
def _families() -> tuple[tuple[str, re.Pattern[str]], ...]:
    tables = tomllib.loads(WORDS.read_text("utf-8"))
    return tuple((reason, _pattern(words)) for reason, words in tables.items())


def _pattern(words: list[str]) -> re.Pattern[str]:
    """One expression for a family; hyphen and underscore are one, a plural is its singular."""
    inner = "|".join(
        re.escape(word.rstrip("*")).replace(r"\-", "[-_]?")
        + (r"[\w-]*" if word[-1] == "*" else "s?")
        for word in words
    )
    return re.compile(rf"(?:^|[\s_-])(?:{inner})(?:$|[\s_-])")


@lru_cache(maxsize=8192)
def family_of(tokens: str) -> str | None:
    """The family that a class and id string (lower case) names."""
    return next((reason for reason, pattern in _families() if pattern.search(tokens)), None)


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
