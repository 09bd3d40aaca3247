"""The account of a run: what `run.json` holds. `output/README.md` explains every key."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

import pipelines
from scraper.host_health import HostHealth
from scraper.site_health.counted_crawl import CountedCrawl
from scraper.state.rows import RunRow
from scraper.summary import Tally

# Settings that change what a run fetches or exports.
TELLING_SETTINGS = (
    *("USER_AGENT", "CONTACT", "ROBOTSTXT_OBEY", "DOWNLOAD_DELAY", "AUTOTHROTTLE_ENABLED"),
    *("CONCURRENT_REQUESTS_PER_DOMAIN", "DEPTH_LIMIT", "CLOSESPIDER_PAGECOUNT"),
    *("CLOSESPIDER_TIMEOUT", "CLOSESPIDER_ITEMCOUNT", "FORMATS", "EXPORT_REMOVED", "REPLAY"),
    "STATE",
)
LIBRARIES = ("scrapy", "lxml", "pyarrow")


def account(
    crawler: Crawler, counted: CountedCrawl, started: datetime, reason: str, files: list[str]
) -> dict[str, Any]:
    """What a crawl was asked, what came of it and with which versions, at its end.

    `reason` is how it ended, `files` the names of the run's other files.
    """
    now, stats = datetime.now(UTC), crawler.stats.get_stats()
    return {
        "run_id": crawler.settings["RUN_ID"],
        "exit_reason": reason,
        "started": iso(started),
        "finished": iso(now),
        "seconds": round((now - started).total_seconds(), 3),
        "asked": {
            **asked(crawler.spidercls.name, crawler.settings),
            "arguments": _spider_arguments(crawler.spider),
        },
        "counts": counted.counts(),
        "sites": counted.sites(),
        "alarms": [],
        "pages": {
            "asked": stats.get("marrow/pages", 0),
            "unchanged": stats.get("marrow/unchanged", 0),
            "left": stats.get("marrow/left", 0),
        },
        "requests": {
            "sent": stats.get("downloader/request_count", 0),
            "responses": _by_ending(stats, "downloader/response_status_count/"),
            "failures": _by_ending(stats, "downloader/exception_type_count/"),
            "bytes_received": stats.get("downloader/response_bytes", 0),
        },
        "hosts_given_up": _hosts_given_up(crawler.spider),
        "errors": {
            "spider": _by_ending(stats, "spider_exceptions/"),
            "logged": stats.get("log_count/ERROR", 0),
        },
        "files": files,
        "versions": versions(),
    }


def account_of_killed(
    told: Mapping[str, Any], run_id: str, known: RunRow | None, files: list[str]
) -> dict[str, Any]:
    """The same of a run that was killed, as far as its last checkpoint knew.

    `told` is what it wrote when it began, `known` its row in the state, where there is one.
    """
    finished = datetime.fromtimestamp(known.checkpoint, UTC) if known else None
    return {
        "run_id": run_id,
        "exit_reason": "killed",
        "started": told.get("started"),
        "finished": iso(finished) if finished else None,
        "seconds": round(known.checkpoint - known.started, 3) if known else None,
        "asked": told.get("asked"),
        "counts": known.tally if known else Tally().as_dict(),
        "sites": {},  # its checkpoints hold the sums alone
        "alarms": [],
        "files": files,
        "versions": told.get("versions"),
    }


def asked(crawler_name: str | None, settings: BaseSettings) -> dict[str, Any]:
    """What is known of a crawl when it begins."""
    return {
        "spider": crawler_name,
        "settings": {name: settings.get(name) for name in TELLING_SETTINGS},
    }


def versions() -> dict[str, str]:
    """What the records are made with."""
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
        "marrow": pipelines.__version__,
        "schema": pipelines.records.SCHEMA_VERSION,
    }


def iso(moment: datetime) -> str:
    """A moment in UTC, to the second: `2026-01-31T09:30:00Z`."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _spider_arguments(spider: Spider | None) -> dict[str, str]:
    """What was given with `-a`; Scrapy keeps the arguments as attributes of the spider."""
    given: Mapping[str, str] = getattr(spider, "arguments", None) or {}
    return dict(given)


def _hosts_given_up(spider: Spider | None) -> dict[str, str]:
    health: HostHealth | None = getattr(spider, "health", None)
    return health.given_up() if health else {}


def _by_ending(stats: Mapping[str, Any], beginning: str) -> dict[str, Any]:
    return {
        name.removeprefix(beginning): count
        for name, count in sorted(stats.items())
        if name.startswith(beginning)
    }
