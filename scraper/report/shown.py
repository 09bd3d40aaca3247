"""Amounts as a reader of the report sees them."""

from __future__ import annotations

from datetime import UTC, datetime

# Up to here seconds are told with a decimal.
_SHORT = 10


def many(amount: float) -> str:
    """A whole number.

    >>> many(1234.0)
    '1,234'
    """
    return f"{amount:,.0f}"


def share(part: float) -> str:
    """A share of 1; what is not all, or not nothing, does not look like it.

    >>> share(0.9996), share(0.5), share(0.001), share(1)
    ('>99%', '50%', '<1%', '100%')
    """
    if 0.995 <= part < 1:
        return ">99%"
    return "<1%" if 0 < part < 0.005 else f"{part:.0%}"


def size(number: float) -> str:
    """Bytes in the unit that fits.

    >>> size(312), size(50_700), size(1_234_567), size(4.2e9)
    ('312 bytes', '51 kB', '1.2 MB', '4.2 GB')
    """
    if number < 1000:
        return f"{number:.0f} bytes"
    for factor, unit in ((1e9, "GB"), (1e6, "MB")):
        if number >= factor:
            return f"{number / factor:,.1f} {unit}"
    return f"{number / 1000:.0f} kB"


def duration(seconds: float) -> str:
    """A stretch of time in its two largest units.

    >>> duration(1.25), duration(75), duration(7_261), duration(180_000)
    ('1.2 s', '1 min 15 s', '2 h 1 min', '2 d 2 h')
    """
    if seconds < _SHORT:
        return f"{seconds:.1f} s"
    parts, rest = [], int(seconds)
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        amount, rest = divmod(rest, length)
        if amount:
            parts.append(f"{amount} {unit}")
    return " ".join(parts[:2])


def time(at: datetime | None) -> str:
    """A moment in UTC, to the minute."""
    return f"{_utc(at).day} {_utc(at):%B %Y, %H:%M} UTC" if at else "an unknown time"


def day(at: datetime | None) -> str:
    """A day for the axis of a chart: `31 Jan`."""
    return f"{_utc(at).day} {_utc(at):%b}" if at else "?"


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
