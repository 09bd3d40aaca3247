"""What a record must be to enter the dataset; what is not becomes a `Rejected` that says why."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pyarrow as pa

from pipelines import __version__
from pipelines.records import Article, Rejected
from pipelines.schema import problems
from pipelines.writers import plain_record, repaired, schema_of

# A page can be dated by a clock that is ahead of UTC, by at most 14 hours (Kiribati).
LATEST_ZONE = timedelta(hours=14)
# The web began in 1991; health texts put online later may carry the date of an older print. The
# first medical journals appeared in 1665, so that an earlier date is a misread number.
EARLIEST_DATE = date(1665, 1, 1)
# Longest strings a record may carry, in characters: far above what any page has (a long headline
# has 300 characters), so that a longer one is a paragraph or a script read by mistake.
LONGEST = {"title": 1_000, "author": 2_000, "reviewer": 2_000, "language": 35, "url": 10_000}
DATES = ("date_published", "date_modified", "date_reviewed")


def stamp(item: Article | Rejected, run_id: str | None) -> Article | Rejected:
    """The item with the run and the version of the code that made it, where not yet named."""
    version = item.pipeline_version or __version__
    return dataclasses.replace(item, run_id=item.run_id or run_id, pipeline_version=version)


def validate(item: Article | Rejected, now: datetime | None = None) -> Article | Rejected:
    """The item itself, or a `Rejected` of stage `validate` that says what is wrong with it."""
    if isinstance(item, Rejected):
        wrong = schema_problems(item)
    else:
        wrong = article_problems(item, now or datetime.now(UTC))
    if not wrong:
        return item
    return Rejected(
        stage="validate",
        reason=wrong[0][0],
        detail="; ".join(detail for _, detail in wrong),
        url=_text(item.url),
        page_type=_text(item.page_type),
        title=_text(item.title),
        run_id=_text(item.run_id),
        page_sha256=_text(item.page_sha256),
        pipeline_version=_text(item.pipeline_version),
    )


def article_problems(article: Article, now: datetime) -> list[tuple[str, str]]:
    """(reason, sentence) for everything that keeps an article out of the dataset."""
    found = schema_problems(article)
    if found:
        return found
    found += [
        (f"no-{name}", f"{name}: required, but empty")
        for name in ("title", "body")
        if not (getattr(article, name) or "").strip()
    ]
    for name, longest in LONGEST.items():
        length = len(getattr(article, name) or "")
        if length > longest:
            found.append(("too-long", f"{name}: {length} characters, at most {longest} allowed"))
    today = (now + LATEST_ZONE).date()
    for name in DATES:
        day = getattr(article, name)
        if day and day > today:
            found.append(("date-in-future", f"{name}: {day} is in the future"))
        elif day and day < EARLIEST_DATE:
            found.append(("date-too-early", f"{name}: {day} is before {EARLIEST_DATE.year}"))
    share = article.boilerplate_share
    if share is not None and not (math.isfinite(share) and 0 <= share <= 1):
        found.append(("schema", f"boilerplate_share: {share} is not between 0 and 1"))
    return found


def schema_problems(item: Article | Rejected) -> list[tuple[str, str]]:
    """The item's problems with its schema; lone surrogates are none, as writers repair them."""
    record, schema = plain_record(item, removed=True), schema_of(item)
    found: list[str] = []
    try:
        pa.RecordBatch.from_pylist([record], schema=schema)
    except UnicodeEncodeError:
        found = problems(repaired(record), schema)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, AttributeError):
        found = problems(record, schema)  # the same field by field, which is slower
    if not found:
        found = [
            null for demand in _demands(schema) for null in _nulls(record.get(demand.name), demand)
        ]
    return [("schema", problem) for problem in found]


@dataclass(frozen=True, slots=True)
class _Demand:
    """A field that must not be null, or that holds such fields: in its items, or in its parts."""

    name: str
    required: bool
    items: _Demand | None
    parts: tuple[_Demand, ...]


@cache
def _demands(schema: pa.Schema) -> tuple[_Demand, ...]:
    """What the schema demands; fields that may be null through and through are left out."""
    return tuple(demand for column in schema if (demand := _demand(column)))


def _demand(column: pa.Field) -> _Demand | None:
    kind = column.type
    items: _Demand | None = None
    parts: tuple[_Demand, ...] = ()
    if pa.types.is_list(kind):
        items = _demand(kind.value_field)
    elif pa.types.is_struct(kind):
        fields = [kind.field(index) for index in range(kind.num_fields)]
        parts = tuple(demand for field in fields if (demand := _demand(field)))
    if column.nullable and items is None and not parts:
        return None
    return _Demand(column.name, not column.nullable, items, parts)


def _nulls(value: Any, demand: _Demand, name: str = "") -> Iterator[str]:
    """A sentence for every null that stands where the schema allows none, at any depth.

    Parquet refuses them, and with them the whole row group. `name` is the field's full name.
    """
    name = name or demand.name
    if value is None:
        if demand.required:
            yield f"{name}: required, but missing"
    elif demand.items:
        for item in value:
            yield from _nulls(item, demand.items, name)
    else:
        for part in demand.parts:
            yield from _nulls(value.get(part.name), part, f"{name}.{part.name}")


def _text(value: Any) -> str | None:
    """The value if it is text: a record that breaks the schema may hold anything."""
    return value if isinstance(value, str) else None
