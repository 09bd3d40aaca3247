"""A declared value together with where it stands in the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Told(Generic[T_co]):
    """A value and its place, in words for a reader: "JSON-LD author", "meta article:tag".

    `source` is None where nothing was found; the value is then None or empty.
    """

    value: T_co
    source: str | None = None


def sources_of(**fields: Told[object]) -> dict[str, str]:
    """Field name -> where its value stands, of the fields that were found.

    >>> sources_of(license=Told("CC BY 4.0", "<link rel=license>"), rights=Told(None))
    {'license': '<link rel=license>'}
    """
    return {name: told.source for name, told in fields.items() if told.source}
