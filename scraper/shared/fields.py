"""Rows as Redis keeps them: hashes of text, a field only where it says something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from types import NoneType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from pipelines.writers import well_formed

_Record = TypeVar("_Record")


def written(value: object) -> str:
    """A value as text. A truth value is 0 or 1, bytes are hexadecimal.

    >>> written(True), written(0.5), written(b"ab")
    ('1', '0.5', '6162')
    """
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, str):
        return well_formed(value)
    return repr(value)


def as_fields(values: Mapping[str, object]) -> dict[str, str]:
    """Those of the values that say something, as text."""
    return {name: written(value) for name, value in values.items() if value is not None}


def as_pairs(values: Mapping[str, object]) -> list[str]:
    """The same as names and values in turn."""
    return [part for pair in as_fields(values).items() for part in pair]


def read(kind: type[_Record], stored: Mapping[bytes, bytes]) -> _Record:
    """A frozen record of that class; what is not stored is None, or the type's own nothing."""
    known: dict[str, Any] = {}
    table: Any = kind
    for name, (reader, nothing) in _readers(table).items():
        text = stored.get(name.encode())
        known[name] = nothing if text is None else reader(text.decode())
    return kind(**known)


@cache
def _readers(kind: Any) -> dict[str, tuple[Any, Any]]:
    """For each field: what reads its text, and what it is where it is not stored."""
    hints = get_type_hints(kind)
    return {field.name: _reader(hints[field.name]) for field in fields(kind)}


def _reader(hint: Any) -> tuple[Any, Any]:
    kinds = get_args(hint) if get_origin(hint) is not Literal else (str,)
    (plain,) = [each for each in kinds if each is not NoneType] or [hint]
    readers = {bytes: bytes.fromhex, bool: lambda text: text == "1"}
    reader = readers.get(plain, plain)
    return reader, None if NoneType in kinds else plain()
