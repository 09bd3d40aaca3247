"""How a host bears up under a crawl, and how long it is left alone: back-off and circuit breaker.

Pure: clock and random source are arguments. A host without trouble takes no memory.

The pauses grow with jitter as in "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015):
"full jitter" between single failures, "equal jitter" (half of it certain) once the circuit is open,
where nothing should be asked at once. The breaker has the three states of M. Nygard's "Release
It!": closed; open; half-open, when one request may try.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import Random
from typing import Self

from scrapy.settings import BaseSettings

from scraper.amounts import setting_number

# Doublings after which every pause has reached any sensible limit; more overflow a float.
_MOST_DOUBLINGS = 30
_LEFT = "its pages are left for the next run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When a host is paused, and for how long. Times in seconds.

    `failures_max` failures in a row open the circuit for `pause`, doubled each time; after
    `openings_max` of these the host is given up. `probe` is how long the answer to the one request
    of a half-open circuit is waited for before another may try.
    """

    failures_max: int = 5
    pause: float = 60.0
    openings_max: int = 3
    back_off_base: float = 1.0
    back_off_max: float = 60.0
    retry_after_max: float = 900.0
    probe: float = 60.0

    @classmethod
    def of(cls, settings: BaseSettings) -> Self:
        """The limits in the project's settings; raises UsageError where one is no such number."""
        return cls(
            failures_max=int(setting_number(settings, "HOST_FAILURES_MAX", 1)),
            pause=setting_number(settings, "HOST_PAUSE", 0),
            openings_max=int(setting_number(settings, "HOST_OPENINGS_MAX", 0)),
            back_off_base=setting_number(settings, "BACK_OFF_BASE", 0),
            back_off_max=setting_number(settings, "BACK_OFF_MAX", 0),
            retry_after_max=setting_number(settings, "RETRY_AFTER_MAX", 0),
            # One request: its own time, and as much again for robots.txt before it.
            probe=2 * setting_number(settings, "DOWNLOAD_TIMEOUT", 1),
        )

    @property
    def longest(self) -> float:
        """No pause is longer than this."""
        opening = _doubled(self.pause, max(self.openings_max, 1))
        return max(opening, self.back_off_max, self.retry_after_max, self.probe)


@dataclass(slots=True)
class _Trouble:
    """What is known of a host that failed. Moments are of the clock, in seconds."""

    failures: int = 0
    openings: int = 0
    paused_until: float = -math.inf
    asked_until: float = -math.inf  # by Retry-After: an answer does not end this one
    probe_until: float = -math.inf
    given_up: str | None = None

    @property
    def until(self) -> float:
        return max(self.paused_until, self.asked_until, self.probe_until)


class HostHealth:
    """The hosts of a crawl, by `scraper.addresses.host_of`; tell it what every request came to."""

    def __init__(
        self,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.monotonic,
        random: Random | None = None,
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._random = random or Random()
        self._troubles: dict[str, _Trouble] = {}

    def wait(self, host: str) -> float:
        """Seconds until the host may be asked: 0.0 now, infinite where it is given up.

        Call it for a request that is sent if it says 0.0: a half-open circuit says so once, and
        then waits for what that request comes to. `remaining` tells the same and grants nothing.
        """
        seconds = self.remaining(host)
        trouble = self._troubles.get(host)
        if trouble and trouble.openings and not seconds:
            trouble.probe_until = self._clock() + self._limits.probe
        return seconds

    def remaining(self, host: str) -> float:
        """Seconds until the host may be asked, for those who do not ask it now."""
        trouble = self._troubles.get(host)
        if trouble is None:
            return 0.0
        if trouble.given_up:
            return math.inf
        return max(trouble.until - self._clock(), 0.0)

    def page_wait(self, host: str, tries: int) -> float:
        """Seconds until a page that failed, after `tries` failures before, is worth another try.

        At least as long as its host is paused. Finite: a host that is given up keeps its pages
        waiting by itself.
        """
        paused = self.remaining(host)
        return max(self._back_off(tries), paused if math.isfinite(paused) else 0.0)

    def answered(self, host: str) -> None:
        """Note an answer that shows the host alive: 2xx, 3xx, and 4xx but 429."""
        trouble = self._troubles.get(host)
        if trouble is None or trouble.given_up:
            return
        if trouble.asked_until > self._clock():
            self._troubles[host] = _Trouble(asked_until=trouble.asked_until)
        else:
            del self._troubles[host]

    def unasked(self, host: str) -> None:
        """Note that a request was not sent after all: a half-open circuit lets another one try."""
        if trouble := self._troubles.get(host):
            trouble.probe_until = -math.inf

    def failed(self, host: str, reason: str, *, retry_after: float | None = None) -> None:
        """Note a failure of network or server, or a 429; `retry_after` in seconds, if it was said.

        What fails while the host is paused was sent before: a burst of failures counts once.
        """
        trouble = self._troubles.setdefault(host, _Trouble())
        if trouble.given_up:
            return
        now = self._clock()
        burst = now < max(trouble.paused_until, trouble.asked_until)
        if retry_after is not None:
            trouble.asked_until = max(trouble.asked_until, now + retry_after)
            if retry_after > self._limits.retry_after_max:
                trouble.given_up = self._asks_too_long(host, reason, retry_after)
                return
        if burst:
            return
        trouble.failures += 1
        trouble.probe_until = -math.inf
        if trouble.openings or trouble.failures >= self._limits.failures_max:
            self._open(host, trouble, reason)
        elif retry_after is None:
            trouble.paused_until = now + self._back_off(trouble.failures - 1)

    def hold(self, host: str, seconds: float) -> None:
        """Leave a host alone for so long: another process was asked to."""
        trouble = self._troubles.setdefault(host, _Trouble())
        trouble.asked_until = max(trouble.asked_until, self._clock() + seconds)
        if seconds > self._limits.retry_after_max and not trouble.given_up:
            trouble.given_up = self._asks_too_long(host, "as another run was told", seconds)

    def given_up(self) -> dict[str, str]:
        """Each host that is asked nothing more in this run, with a sentence that says why."""
        return {host: t.given_up for host, t in self._troubles.items() if t.given_up}

    def paused(self) -> dict[str, float]:
        """Each host that may not be asked now, with the seconds that are left."""
        left = {host: self.remaining(host) for host in self._troubles}
        return {host: seconds for host, seconds in left.items() if seconds > 0}

    def resting(self) -> dict[str, float]:
        """The same for other runs: without what only waits for the one request that is under way.

        Of a host that is given up it tells what it has asked for; else others may have more luck.
        """
        now = self._clock()
        told = (
            (host, t.asked_until if t.given_up else max(t.paused_until, t.asked_until))
            for host, t in self._troubles.items()
        )
        left = {host: until - now for host, until in told}
        return {host: seconds for host, seconds in left.items() if seconds > 0}

    def _open(self, host: str, trouble: _Trouble, reason: str) -> None:
        if trouble.openings >= self._limits.openings_max:
            trouble.given_up = (
                f"{host} failed {trouble.failures} times in a row, at last with: {reason}; {_LEFT}"
            )
            return
        pause = _doubled(self._limits.pause, trouble.openings)
        trouble.openings += 1
        trouble.paused_until = self._clock() + self._random.uniform(pause / 2, pause)

    def _back_off(self, failures: int) -> float:
        """Full jitter: `random_between(0, min(cap, base * 2 ** attempt))`."""
        longest = min(self._limits.back_off_max, _doubled(self._limits.back_off_base, failures))
        return self._random.uniform(0, longest)

    def _asks_too_long(self, host: str, reason: str, seconds: float) -> str:
        return (
            f"{host} asks to be left alone for {spoken(seconds)} ({reason}), longer than "
            f"RETRY_AFTER_MAX, {spoken(self._limits.retry_after_max)}; {_LEFT}"
        )


def retry_after_of(value: str, sent: str | None, now: datetime) -> float | None:
    """The seconds that a `Retry-After` header asks for; None where it says nothing readable.

    A date counts from `sent`, the answer's `Date`, since the server's clock may be wrong by hours;
    without one it counts from `now` (aware).

    >>> retry_after_of("120", None, datetime.now(UTC))
    120.0
    """
    value = value.strip()
    if re.fullmatch("[0-9]+", value):
        return float(value)
    until = _http_date(value)
    if until is None:
        return None
    return max((until - (_http_date(sent) or now)).total_seconds(), 0.0)


def spoken(seconds: float) -> str:
    """A time in the largest unit that it fills, rounded down.

    >>> spoken(59), spoken(90 * 60), spoken(86400)
    ('59 seconds', '90 minutes', '24 hours')
    """
    if not math.isfinite(seconds):
        return "ever"
    for name, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {name}"
    return f"{seconds:.0f} seconds"


def _doubled(seconds: float, times: int) -> float:
    return float(seconds * 2.0 ** min(times, _MOST_DOUBLINGS))


def _http_date(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
