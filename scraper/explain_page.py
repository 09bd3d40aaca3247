"""The explain page: one HTML file that needs nothing else and runs nothing of the page it shows.

It is a self-contained page (`web_page`) and works without its script, too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Template
from markupsafe import Markup

from pipelines import __version__
from pipelines.explain import BlockStory, Explanation
from pipelines.explain_changes import Changes, as_written, changes, word_changes
from pipelines.records import Article
from scraper.explain_view import (
    MOST_BLOCKS,
    Reason,
    block_views,
    origin_views,
    reason_label,
    reasons,
    strip,
)
from scraper.web_page import environment, page_look

FOLDER = Path(__file__).parent
# How an explain page is known, so that only such a file is replaced without asking.
GENERATOR = '<meta name="generator" content="marrow explain">'
# Fields that say what a page is about, in the order in which people ask for them.
FIRST = (
    "stage", "reason", "detail", "title", "description", "authors", "reviewers", "date_published",
    "date_modified", "date_reviewed", "language", "word_count", "boilerplate_share", "warnings",
    "sections", "figures", "references", "tags", "breadcrumbs", "medical", "links", "page_type",
    "rights", "license", "robots", "body",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Against:
    """The earlier record that the page is compared with, and the name of its file."""

    name: str
    record: Mapping[str, Any]


def explain_html(explanation: Explanation, source: str, against: Against | None = None) -> str:
    """The page that explains `explanation`; `source` is the file or address it was read from."""
    found = changes(against.record, explanation.outcome) if against else None
    came, went = _moved(explanation.blocks, found) if found else (frozenset(), frozenset())
    offered = reasons(explanation.blocks)
    record = as_written(explanation.outcome)
    fields = _fields(record)
    look = page_look(FOLDER / "explain_page", _filters(len(offered)))
    return _template().render(
        generator=Markup(GENERATOR),
        look=look,
        version=__version__,
        source=source,
        e=explanation,
        record=record,
        fields=fields,
        empty_fields=[name for name in fields if _is_empty(record[name])],
        is_article=isinstance(explanation.outcome, Article),
        reasons=offered,
        strip=strip(explanation.blocks),
        blocks=block_views(explanation, offered, came, went),
        most=MOST_BLOCKS,
        origins=origin_views(explanation),
        against=against,
        changes=found,
    )


@lru_cache
def _template() -> Template:
    made = environment(FOLDER, reason=reason_label, words=word_changes)
    return made.get_template("explain_page.html")


def _filters(count: int) -> str:
    """What makes the boxes of the filter work without a script."""
    return "".join(
        f"\nbody:has(#f{i}:not(:checked)) .block.r{i} {{ display: none; }}" for i in range(count)
    )


def _fields(record: Mapping[str, Any]) -> list[str]:
    """Names of the record's fields, those first that people ask for."""
    known = [name for name in record if name != "removed"]
    first = [name for name in FIRST if name in known]
    return first + [name for name in known if name not in first]


def _is_empty(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(map(_is_empty, value.values()))
    return value in (None, [], "")


def _moved(blocks: Sequence[BlockStory], found: Changes) -> tuple[frozenset[int], frozenset[int]]:
    """Numbers of the blocks that came into the body, and of those that went out of it."""
    new = {_line(change.now) for change in found.lines if change.before is None and change.now}
    old = {_line(change.before) for change in found.lines if change.now is None and change.before}
    came = [b.number for b in blocks if b.keep and not new.isdisjoint(_lines(b))]
    went = [b.number for b in blocks if not b.keep and b.mass and not old.isdisjoint(_lines(b))]
    return frozenset(came), frozenset(went)


def _lines(block: BlockStory) -> set[str]:
    return {_line(line) for line in block.text.split("\n") if line.strip()}


def _line(line: str) -> str:
    """A line of the body as its block has it."""
    return unicodedata.normalize("NFC", " ".join(line.removeprefix("- ").split()))


__all__ = ["GENERATOR", "Against", "Reason", "explain_html"]
