"""What is different between an earlier record of a page and the one of today.

Both are compared as they stand in JSON Lines, so that the earlier one may come from any version.
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.records import Article, Rejected
from pipelines.writers import json_line, schema_of

# What says when and by which run a record was made, or follows from other fields; the body is
# compared line by line.
NOT_COMPARED = frozenset(
    "body sections removed body_sha256 page_sha256 fetched_at http_status etag last_modified"
    " warc_file warc_offset run_id schema_version duplicate_of cluster_size".split()
)
# What both kinds of record have is compared between an article and a reject too.
VERDICT = ("stage", "reason", "detail")
# Two lines are one that was changed if this share of them is alike.
ALIKE = 0.6
# Longer lines, and longer runs of them, are not matched one by one: the time grows as the square.
MATCHED_CHARS, MATCHED_LINES = 2000, 40
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\s\u3040-\u30ff\u3400-\u9fff]+\s*|\s+")
# From so many lines on, those that recur all the time are no landmarks.
MANY_LINES = 2000


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line of the body that came in (`before` is None), went out (`now` is None) or changed."""

    before: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field with two values, as in JSON; None where there is none.

    Of two lists only the entries that are not in both, unless nothing but their order differs.
    """

    name: str
    before: Any
    now: Any


@dataclass(frozen=True, slots=True)
class ReasonChange:
    """A text that both versions dropped, for different reasons."""

    text: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Changes:
    """All differences; `kind_before` and `kind_now` are `article` or `rejected`."""

    kind_before: str
    kind_now: str
    version_before: str | None
    other_page: bool
    """the records were made of different bytes: not only the rules may have changed"""
    lines: tuple[LineChange, ...]
    fields: tuple[FieldChange, ...]
    reasons: tuple[ReasonChange, ...]
    """only where the earlier record holds what was removed"""

    @property
    def nothing(self) -> bool:
        """Whether both records say the same."""
        alike = self.kind_before == self.kind_now
        return alike and not (self.lines or self.fields or self.reasons)


def changes(before: Mapping[str, Any], outcome: Article | Rejected) -> Changes:
    """The differences from an earlier record (a line of JSON Lines, read) to `outcome`."""
    now = as_written(outcome)
    kinds = _kind(before), _kind(now)
    lines = line_changes(_text(before.get("body")), _text(now.get("body")))
    return Changes(
        kind_before=kinds[0],
        kind_now=kinds[1],
        version_before=_text(before.get("pipeline_version")) or None,
        other_page=_differ(before.get("page_sha256"), now.get("page_sha256")),
        lines=tuple(lines),
        fields=_field_changes(before, now, same_kind=kinds[0] == kinds[1]),
        reasons=_reason_changes(before.get("removed"), now.get("removed")),
    )


def as_written(outcome: Article | Rejected) -> dict[str, Any]:
    """The record as a reader of JSON Lines has it, with what was removed."""
    record = outcome.to_dict(removed=True) if isinstance(outcome, Article) else (outcome.to_dict())
    written: dict[str, Any] = json.loads(json_line(record, schema_of(outcome).names))
    return written


def line_changes(before: str, now: str) -> list[LineChange]:
    """Lines of the body that came, went or changed, in the order of reading.

    >>> line_changes("One.\\n\\nTwo two two.", "One.\\n\\nTwo two.\\n\\nFour.")
    [LineChange(before='Two two two.', now='Two two.'), LineChange(before=None, now='Four.')]
    """
    old, new = _lines(before), _lines(now)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=max(len(old), len(new)) > MANY_LINES)
    found: list[LineChange] = []
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag != "equal":
            found += _paired(old[i:i_end], new[j:j_end])
    return found


def word_changes(change: LineChange) -> list[tuple[str, str]]:
    """The line as runs of text, each `same`, `out` or `in`.

    >>> word_changes(LineChange("two old cats", "two cats"))
    [('same', 'two '), ('out', 'old '), ('same', 'cats')]
    """
    old, new = _words(change.before or ""), _words(change.now or "")
    if max(len(old), len(new)) > MATCHED_CHARS:
        return [("out", change.before or ""), ("in", change.now or "")]
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    runs: list[tuple[str, str]] = []
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag == "equal":
            runs.append(("same", "".join(old[i:i_end])))
            continue
        runs += [("out", "".join(old[i:i_end])), ("in", "".join(new[j:j_end]))]
    return [(kind, text) for kind, text in runs if text]


def _words(text: str) -> list[str]:
    """Words with the white space behind them; Chinese and Japanese by character."""
    return WORD.findall(text)


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _paired(old: list[str], new: list[str]) -> list[LineChange]:
    """Lines in place of other lines; those that are alike belong together."""
    found = []
    rest = list(new)
    few = len(old) * len(new) <= MATCHED_LINES**2
    for line in old:
        match = next((i for i, other in enumerate(rest) if few and _alike(line, other)), None)
        if match is None:
            found.append(LineChange(line, None))
            continue
        found += [LineChange(None, other) for other in rest[:match]]
        found.append(LineChange(line, rest[match]))
        del rest[: match + 1]
    return found + [LineChange(None, line) for line in rest]


def _alike(line: str, other: str) -> bool:
    if max(len(line), len(other)) > MATCHED_CHARS:
        return line[:MATCHED_CHARS] == other[:MATCHED_CHARS]
    matcher = difflib.SequenceMatcher(None, line, other, autojunk=False)
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def _field_changes(
    before: Mapping[str, Any], now: Mapping[str, Any], *, same_kind: bool
) -> tuple[FieldChange, ...]:
    names = [name for name in dict.fromkeys((*now, *before)) if name not in NOT_COMPARED]
    if not same_kind:
        names = [name for name in names if name in VERDICT or (name in before and name in now)]
    found = [
        FieldChange(name, *_differing(before.get(name), now.get(name)))
        for name in names
        if not _same(before.get(name), now.get(name))
    ]
    outlines = [_outline(record.get("sections")) for record in (before, now)]
    if same_kind and outlines[0] != outlines[1]:
        found.append(FieldChange("sections", *_differing(*outlines)))
    return tuple(found)


def _same(before: Any, now: Any) -> bool:
    """Whether two values are equal; Parquet keeps half as many digits as JSON."""
    if isinstance(before, float) and isinstance(now, float):
        return math.isclose(before, now, rel_tol=1e-6)
    return bool(before == now)


def _differing(before: Any, now: Any) -> tuple[Any, Any]:
    if not (isinstance(before, list) and isinstance(now, list)):
        return before, now
    gone = [entry for entry in before if entry not in now]
    come = [entry for entry in now if entry not in before]
    return (gone, come) if gone or come else (before, now)


def _outline(sections: Any) -> list[str]:
    """Headings with their levels; the text below them stands in the body."""
    if not isinstance(sections, list):
        return []
    known = [section for section in sections if isinstance(section, Mapping)]
    return [f"h{s.get('level')}: {s['heading']}" for s in known if s.get("heading")]


def _reason_changes(before: Any, now: Any) -> tuple[ReasonChange, ...]:
    """Texts dropped by both; of a text that stands in the page several times, the first."""
    old, new = _reasons(before), _reasons(now)
    return tuple(
        ReasonChange(text, old[text], reason)
        for text, reason in new.items()
        if text in old and old[text] != reason
    )


def _reasons(removed: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for block in removed if isinstance(removed, list) else ():
        if isinstance(block, Mapping):
            found.setdefault(_text(block.get("text")), _text(block.get("reason")))
    return found


def _kind(record: Mapping[str, Any]) -> str:
    return "rejected" if record.get("stage") else "article"


def _differ(before: Any, now: Any) -> bool:
    return bool(before and now and before != now)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
