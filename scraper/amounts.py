"""Amounts as people write them: stretches of time ("12 hours"), numbers of bytes ("500M"), and
numbers among the settings."""

from __future__ import annotations

import math
import re

from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings

# Seconds of each unit; months and years are no fixed time.
_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_DURATION = re.compile(rf"(\d+(?:\.\d+)?) *({'|'.join(_UNITS)})s?", re.IGNORECASE)
# Decimal, as disks and lines are sold.
_MULTIPLES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)([kmg]?)", re.IGNORECASE | re.ASCII)


def read_duration(text: str) -> float | None:
    """Seconds; None for what is no stretch of time.

    >>> read_duration("12 hours"), read_duration("1.5 days"), read_duration("a while")
    (43200.0, 129600.0, None)
    """
    found = _DURATION.fullmatch(text.strip())
    return float(found[1]) * _UNITS[found[2].lower()] if found else None


def read_size(text: str) -> int | None:
    """Bytes; None for what is no whole number of them.

    >>> read_size("2000"), read_size("1.5k"), read_size("2G"), read_size("2 lots")
    (2000, 1500, 2000000000, None)
    """
    found = _SIZE.fullmatch(text.strip())
    size = float(found[1]) * _MULTIPLES[found[2].lower()] if found else 0.5
    return int(size) if size.is_integer() else None


def setting_number(settings: BaseSettings, name: str, least: float) -> float:
    """A setting that is a number, at least so large; raises UsageError where it is none."""
    try:
        number = settings.getfloat(name)
    except (TypeError, ValueError):
        number = math.nan
    if not least <= number < math.inf:
        raise UsageError(f"{name} is a number from {least:g} on, not {settings[name]!r}")
    return number
