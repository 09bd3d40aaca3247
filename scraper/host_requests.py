"""Asking a host, by the way, for a file that speaks for all of it: robots.txt or tdmrep.json."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http.request import NO_CALLBACK

from scraper.failures import FetchFailure, explain
from scraper.host_files import HostFile, files_of

Told = TypeVar("Told")

# RFC 9309, 2.5: at least so much of a robots.txt is read (bytes); more is no list of rules.
MOST_BYTES = 500 * 1024
# An error of the server is asked about again after this (seconds), within a run that lasts.
RETRY_AFTER = 3600.0
# Without a new one, an old file holds for this long (seconds). RFC 9309, 2.4, lets a file hold
# for longer than a day while the host cannot be reached; 2.3.1.4 names 30 days.
STALE_AFTER = 30 * 86400.0
# Before the pages that wait for it.
_PRIORITY = 1000
_HOST_FILE = "host_file"


@dataclass(frozen=True, slots=True)
class Found:
    """What a host's file is, now: the best that there is, and why there is none that is fresh.

    `asked` tells whether the host was asked for it, `age` how old it is (seconds).
    """

    file: HostFile | None
    failure: FetchFailure | None = None
    asked: bool = True
    age: float = 0.0

    def lasts(self, fresh: float) -> float:
        """Seconds for which this need not be asked again, for a file that holds for `fresh`."""
        return max(fresh - self.age, 0.0) if self.failure is None else fresh


def asks_for_host_file(request: Request) -> bool:
    """Whether this is a request of ours for robots.txt or tdmrep.json."""
    return bool(request.meta.get(_HOST_FILE))


async def host_file(crawler: Crawler, page: str, path: str, fresh: float) -> Found:
    """The file `path` of the host of `page`: as kept, if it is younger than `fresh` seconds.

    Else it is asked for, and kept. Where that fails, an old one is better than none.
    """
    parts = urlsplit(page)
    address = f"{parts.scheme}://{parts.netloc}{path}"
    files, now = files_of(crawler.spider), time.time()
    kept = files.get(address)
    if kept and kept.age(now) < fresh:
        return Found(kept, asked=False, age=max(kept.age(now), 0.0))
    asked = await _fetch(crawler, address)
    if isinstance(asked, HostFile):
        files.put(address, asked)
        return Found(asked)
    return Found(kept if kept and kept.age(now) < STALE_AFTER else None, asked)


async def _fetch(crawler: Crawler, address: str) -> HostFile | FetchFailure:
    """What the host answers: a file, empty where it has none; or why it gave no answer.

    A 429 is no answer, though it is a 4xx: the host is there, and says "not now".
    """
    meta = {"dont_obey_robotstxt": True, _HOST_FILE: True}
    request = Request(address, NO_CALLBACK, priority=_PRIORITY, meta=meta)
    assert crawler.engine
    try:
        response = await crawler.engine.download_async(request)
    except Exception as error:  # whatever a download can end with; `explain` names each kind
        return explain(error)
    status = response.status
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return FetchFailure(f"http-{status}", f"HTTP status {status}", status)
    body = response.body if status < HTTPStatus.MULTIPLE_CHOICES else b""
    return HostFile(_beginning(body), status, time.time())


def _beginning(body: bytes) -> bytes:
    """As much of a file as is read, in whole lines: half a rule may say the contrary."""
    if len(body) <= MOST_BYTES:
        return body
    return body[: max(body.rfind(b"\n", 0, MOST_BYTES), 0)]


@dataclass(frozen=True, slots=True)
class _Kept(Generic[Told]):
    """What is known of a host, since when and for how long (seconds)."""

    told: Told
    since: float
    lasts: float


class PerHost(Generic[Told]):
    """What hosts say, each asked once however many requests wait for it, and again in time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept[Told]] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def of(self, host: str, ask: Callable[[], Awaitable[tuple[Told, float]]]) -> Told:
        """What `ask` gives: the value, and the seconds that it holds for."""
        async with self._locks.setdefault(host, asyncio.Lock()):
            kept = self._kept.get(host)
            if kept is None or self._clock() - kept.since >= kept.lasts:
                told, lasts = await ask()
                kept = self._kept[host] = _Kept(told, self._clock(), lasts)
            return kept.told

    def known(self, host: str) -> Told | None:
        """What a host said when it was last asked; None where it was not."""
        kept = self._kept.get(host)
        return kept.told if kept else None
