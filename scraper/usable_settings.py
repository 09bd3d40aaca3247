"""Whether the settings of a crawl can be followed, found out before anything starts."""

from __future__ import annotations

import os
from importlib.util import find_spec

from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings

from scraper.amounts import setting_number
from scraper.host_health import Limits
from scraper.site_health.notify import require_addresses

# Seconds. More often than this, a crawl would do little but wait for its disk.
LEAST_BETWEEN_CHECKPOINTS = 0.1
# Seconds. With less, a run would count as killed while it cleans a large page.
LEAST_LEASE = 1.0
FRONTIER_SCHEMES = ("redis://", "rediss://", "unix://")


def require_usable(settings: BaseSettings) -> None:
    """Raises UsageError for the first setting that cannot be followed."""
    Limits.of(settings)
    cleaning_processes(settings)
    setting_number(settings, "CHECKPOINT_SECONDS", LEAST_BETWEEN_CHECKPOINTS)
    setting_number(settings, "CONCURRENT_REQUESTS_PER_DOMAIN", 1)
    for name in ("REVISIT_FIRST", "REVISIT_MIN", "REVISIT_MAX", "REVISIT_LISTINGS"):
        setting_number(settings, name, 0)
    setting_number(settings, "GONE_AFTER", 1)
    for name in ("STATE", "ARCHIVE", "RUN_FOLDER", "ALARM_STATUS"):
        _require_switch(settings, name)
    setting_number(settings, "ALARM_NOTIFY_SECONDS", 1)
    require_addresses(settings)
    if settings["FRONTIER"]:
        _require_shareable(settings)


def cleaning_processes(settings: BaseSettings) -> int:
    """How many processes clean pages; one a processor where the setting says nothing."""
    if settings["CLEANING_PROCESSES"] in (None, "", "None"):
        return processors()
    return int(setting_number(settings, "CLEANING_PROCESSES", 0))


def processors() -> int:
    """Processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _require_shareable(settings: BaseSettings) -> None:
    setting_number(settings, "FRONTIER_LEASE", LEAST_LEASE)
    address = str(settings["FRONTIER"])
    if not address.startswith(FRONTIER_SCHEMES):
        raise UsageError(
            "FRONTIER is the address of a Redis server, such as redis://host:6379/0, "
            f'not "{address}"'
        )
    if find_spec("redis") is None or find_spec("scrapy_redis") is None:
        raise UsageError("FRONTIER needs the package scrapy-redis: pip install scrapy-redis")
    if settings["REPLAY"]:
        raise UsageError("REPLAY and FRONTIER exclude each other: a replay is one run's own")
    if not (settings.getbool("STATE", True) and settings.getbool("RUN_FOLDER", True)):
        raise UsageError("FRONTIER holds the state of runs: it needs STATE and RUN_FOLDER")


def _require_switch(settings: BaseSettings, name: str) -> None:
    try:
        settings.getbool(name, True)
    except ValueError:
        raise UsageError(f"{name} is True or False, not {settings[name]!r}") from None
