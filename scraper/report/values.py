"""Values out of a `run.json`, whatever is there: of an older version, cut short, or not ours.

What is missing or of the wrong kind is left out, so that a report can be made of what there is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

_NOTHING: Mapping[str, Any] = {}


def inside(value: object, *path: str) -> Any:
    """What stands there, level by level; None where nothing does.

    >>> inside({"a": {"b": 1}}, "a", "b"), inside({"a": []}, "a", "b")
    (1, None)
    """
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def mapping(value: object, *path: str) -> Mapping[str, Any]:
    """The table that stands there; an empty one where there is none."""
    found = inside(value, *path)
    return found if isinstance(found, Mapping) else _NOTHING


def number(value: object, *path: str) -> float | None:
    """The number from 0 on that stands there.

    >>> number({"a": 2}, "a"), number({"a": "2"}, "a"), number({"a": -1}, "a"), number(True)
    (2, None, None, None)
    """
    found = inside(value, *path)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return found if 0 <= found < math.inf else None


def count(value: object, *path: str) -> int:
    """The same as a whole number; 0 where there is none."""
    return int(number(value, *path) or 0)


def text(value: object, *path: str) -> str:
    """The text that stands there; empty where there is none."""
    found = inside(value, *path)
    return found if isinstance(found, str) else ""


def numbers(value: object, *path: str) -> dict[str, float]:
    """The numbers of a table, by name."""
    found = mapping(value, *path)
    return {name: known for name in found if (known := number(found, name)) is not None}


def entries(value: object, *path: str) -> Iterator[Mapping[str, Any]]:
    """The tables in a list."""
    found = inside(value, *path)
    if isinstance(found, Sequence) and not isinstance(found, str):
        yield from (each for each in found if isinstance(each, Mapping))


def moment(value: object, *path: str) -> datetime | None:
    """A time such as `2026-01-31T09:30:00Z`."""
    try:
        found = datetime.fromisoformat(text(value, *path))
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC)
