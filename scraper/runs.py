"""Run folders: a crawl writes into a temporary folder, published by one rename when it ends.

`RunFolder` is a Scrapy add-on (setting ADDONS). It gives the crawl its RUN_ID and its feeds, counts
what comes out, and at the end writes `run.json` and publishes `OUTPUT_DIR/runs/RUN_ID/`. From the
start to the publishing it holds the lock of OUTPUT_DIR: a second run is refused. A killed
run leaves only `.RUN_ID.tmp`; the next run says so and touches nothing.

Settings: OUTPUT_DIR (default `output`), FORMATS (default parquet and jsonl), RUN_FOLDER (False:
only the feeds of the settings or of `-o`).
"""

from __future__ import annotations

import json
import logging
import os
import platform
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings
from scrapy.statscollectors import StatsCollector

from pipelines import Article, Rejected
from pipelines.writers import UNWRITTEN
from scraper.account import account, iso
from scraper.lock import RunLock
from scraper.outputs import OutputError, require_possible, require_writable
from scraper.summary import Tally

logger = logging.getLogger(__name__)

FORMATS = ("parquet", "jsonl")


def new_run_id(now: datetime | None = None) -> str:
    """A name that sorts by time and is not given twice: `20260131T093000Z-4f1c`."""
    return f"{now or datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def output_folder(settings: BaseSettings) -> Path:
    """OUTPUT_DIR, absolute."""
    return Path(settings.get("OUTPUT_DIR") or "output").absolute()


def runs_folder(settings: BaseSettings) -> Path:
    """Where runs are published: `OUTPUT_DIR/runs`, absolute."""
    return output_folder(settings) / "runs"


def unfinished(runs: Path) -> list[Path]:
    """Temporary folders of runs that were killed: whoever holds the lock is the only one here."""
    return sorted(runs.glob(".*.tmp"))


class RunFolder:
    """One crawl's folder. `crawler.stats` gets, for the command that started the crawl:

    `marrow/articles`, `marrow/rejected`, `marrow/rejected/REASON`: counts; `marrow/run_folder`: the
    published folder; `marrow/unpublished`: the temporary one, where it could not be published.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.tally = Tally()
        self.started = datetime.now(UTC)
        self.reason = "unknown"
        self.folder: Path | None = None
        self.temporary: Path | None = None
        self.lock: RunLock | None = None
        self._awaited_feeds: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        run = cls(crawler)
        crawler.signals.connect(run.item_scraped, signals.item_scraped)
        crawler.signals.connect(run.spider_closed, signals.spider_closed)
        crawler.signals.connect(run.feed_slot_closed, signals.feed_slot_closed)
        crawler.signals.connect(run.engine_stopped, signals.engine_stopped)
        return run

    def update_settings(self, settings: BaseSettings) -> None:
        """Name the run, make its temporary folder, and add the run's feeds to those asked for."""
        run_id = settings.get("RUN_ID") or new_run_id(self.started)
        settings.set("RUN_ID", run_id, priority="cmdline")
        feeds = {uri: _for_articles(feed) for uri, feed in settings.getdict("FEEDS").items()}
        for uri, feed in feeds.items():
            require_possible(str(uri), feed)
        if settings.getbool("RUN_FOLDER", True):
            self.lock = RunLock(output_folder(settings), f"run {run_id}")
            self.lock.acquire()
            self._open(runs_folder(settings), run_id)
            feeds |= self._feeds(settings.getlist("FORMATS") or list(FORMATS))
        settings.set("FEEDS", feeds, priority="cmdline")

    def _open(self, runs: Path, run_id: str) -> None:
        require_writable(runs)
        for folder in unfinished(runs):
            logger.warning(
                "%s was left by a run that did not finish. Its articles.jsonl holds what that run "
                "had found; delete the folder when you no longer need it.",
                folder,
            )
        self.folder, self.temporary = runs / run_id, runs / f".{run_id}.tmp"
        if self.folder.exists():
            raise OutputError(f"run {run_id} exists already: {self.folder}")
        self.temporary.mkdir()
        going_on = {"run_id": run_id, "started": iso(self.started), "exit_reason": None}
        self._write({**going_on, "host": platform.node(), "pid": os.getpid()})

    def _feeds(self, formats: list[str]) -> dict[str, dict[str, Any]]:
        assert self.temporary
        feeds = {
            str(self.temporary / f"articles.{name}"): _for_articles({"format": name})
            for name in formats
        }
        feeds[str(self.temporary / "rejected.jsonl")] = {
            "format": "jsonl",
            "item_classes": [Rejected],
            "item_export_kwargs": {"kind": "rejected"},
        }
        self._awaited_feeds = set(feeds)
        always = {"store_empty": True, "in_place": True}
        return {uri: {**feed, **always} for uri, feed in feeds.items()}

    def item_scraped(self, item: Any) -> None:
        if isinstance(item, Article | Rejected):
            self.tally.add(item)
            self._count("articles" if isinstance(item, Article) else f"rejected/{item.reason}")
        if isinstance(item, Rejected):
            self._count("rejected")

    @property
    def _stats(self) -> StatsCollector:
        return self.crawler.stats

    def _count(self, what: str) -> None:
        self._stats.inc_value(f"marrow/{what}")

    def feed_slot_closed(self, slot: Any) -> None:
        """Scrapy sends this for a file that could not be stored, too."""
        if getattr(slot.storage, "stored", True):
            self._awaited_feeds.discard(slot.uri)

    def spider_closed(self, reason: str) -> None:
        self.reason = reason

    def engine_stopped(self) -> None:
        """Publish, now that every feed is closed, and let the next run begin."""
        self._settle()
        if self.lock:
            self.lock.release()

    def _settle(self) -> None:
        """Publish; or say where the pieces are."""
        unwritten: dict[str, str] = self._stats.get_value(UNWRITTEN) or {}
        causes = "; ".join(f"cannot write {file}: {why}" for file, why in unwritten.items())
        if not (self.temporary and self.folder):
            if causes:
                logger.error("%s", causes)
            return
        incomplete = ", ".join(Path(uri).name for uri in sorted(self._awaited_feeds))
        missing = f"not complete: {incomplete}" if incomplete else self._publish()
        if missing:
            self._stats.set_value("marrow/unpublished", str(self.temporary))
            logger.error(
                "%s. The run is not published; what it found is in %s",
                causes or missing,
                self.temporary,
            )
        elif causes:
            logger.error("%s", causes)

    def _publish(self) -> str | None:
        """Give the folder its name; what was in the way, if anything was."""
        assert self.temporary
        assert self.folder
        try:
            self._write(self._account())
            _sync(self.temporary)
            self.temporary.rename(self.folder)
        except OSError as error:
            return str(error)
        self._stats.set_value("marrow/run_folder", str(self.folder))
        return None

    def _account(self) -> dict[str, Any]:
        assert self.temporary
        files = sorted(p.name for p in self.temporary.iterdir() if p.name != "run.json")
        return account(self.crawler, self.tally, self.started, self.reason, files)

    def _write(self, report: Mapping[str, Any]) -> None:
        assert self.temporary
        text = json.dumps(report, indent=2, ensure_ascii=False, default=str)
        # A command line can carry bytes that are no UTF-8; they must not keep a run unpublished.
        (self.temporary / "run.json").write_text(text + "\n", "utf-8", errors="backslashreplace")


def _for_articles(feed: Mapping[str, Any]) -> dict[str, Any]:
    """The feed with articles as its items, unless it says which it takes."""
    return {"item_classes": [Article], **feed}


def _sync(folder: Path) -> None:
    """Have the folder and its files on the disk before a rename makes them public."""
    for path in [*folder.iterdir(), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
