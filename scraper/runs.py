"""Run folders: a crawl writes into a temporary folder, published by one rename when it ends.

`RunFolder` is a Scrapy add-on (setting ADDONS). It gives the crawl its RUN_ID and its feeds, counts
what comes out, and at the end writes `run.json` and publishes `OUTPUT_DIR/runs/RUN_ID/`. From the
start to the publishing it holds the lock of OUTPUT_DIR: a second run is refused. A killed
run leaves `.RUN_ID.tmp`, which the next one brings into order and publishes (`recovery`).

Settings: OUTPUT_DIR (default `output`), FORMATS (default parquet and jsonl), RUN_FOLDER (False:
only the feeds of the settings or of `-o`), STATE (False: nothing is known of earlier runs), ARCHIVE
(False: pages are not archived), REPLAY (an archive in place of the network), FRONTIER (a server
that holds the state for many runs at a time).
"""

from __future__ import annotations

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
from scrapy.utils.defer import deferred_from_coro

from pipelines.records import Article, Rejected
from pipelines.writers import UNWRITTEN
from scraper.account import account, asked, iso, versions
from scraper.archive import Archive
from scraper.checkpoints import JOURNALS, Checkpoints
from scraper.lock import RunLock
from scraper.opening import frontier_of, open_state
from scraper.outputs import OutputError, require_possible, restorable
from scraper.publishing import THE_CRAWL, publish_run, published_files, why_unwritten, write_report
from scraper.reporting import Reports
from scraper.site_health.alarm import Alarm
from scraper.site_health.counted_crawl import CountedCrawl
from scraper.site_health.watch import alarms_in, send, tell
from scraper.state.contract import CrawlState

logger = logging.getLogger(__name__)

FORMATS = ("parquet", "jsonl")


def new_run_id(now: datetime | None = None, *, random_bytes: int = 2) -> str:
    """A name that sorts by time and is not given twice: `20260131T093000Z-4f1c`."""
    return f"{now or datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(random_bytes)}"


def output_folder(settings: BaseSettings) -> Path:
    """OUTPUT_DIR, absolute."""
    return Path(settings.get("OUTPUT_DIR") or "output").absolute()


def runs_folder(settings: BaseSettings) -> Path:
    """Where runs are published: `OUTPUT_DIR/runs`, absolute."""
    return output_folder(settings) / "runs"


def run_of(crawler: Crawler) -> RunFolder | None:
    """The run folder of a crawl; None before it has begun."""
    found: RunFolder | None = crawler.get_addon(RunFolder)
    return found


def end_for(crawler: Crawler, error: OSError) -> None:
    """End a crawl whose findings cannot be kept."""
    known: dict[str, str] = crawler.stats.get_value(UNWRITTEN) or {}
    crawler.stats.set_value(UNWRITTEN, {THE_CRAWL: str(error)} | known)
    if crawler.engine is not None:
        deferred_from_coro(crawler.engine.close_spider_async(reason="output-failed"))


class RunFolder:
    """One crawl's folder. `crawler.stats` gets, for the command that started the crawl:

    `marrow/run_folder`: the published folder; `marrow/unpublished`: the temporary one, where it
    could not be published; `marrow/alarms`: how many alarms its sites have raised.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.counted = CountedCrawl(crawler)
        self.alarms: list[Alarm] = []
        self.started = datetime.now(UTC)
        self.reason = "unknown"
        self.folder: Path | None = None
        self.temporary: Path | None = None
        self.lock: RunLock | None = None
        self.state: CrawlState | None = None
        self.archive: Archive | None = None
        self._checkpoints: Checkpoints | None = None
        self._formats: list[str] = []
        self._awaited_feeds: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        run = cls(crawler)
        crawler.signals.connect(run.spider_closed, signals.spider_closed)
        crawler.signals.connect(run.feed_slot_closed, signals.feed_slot_closed)
        crawler.signals.connect(run.engine_started, signals.engine_started)
        crawler.signals.connect(run.engine_stopped, signals.engine_stopped)
        return run

    def update_settings(self, settings: BaseSettings) -> None:
        """Name the run, make its temporary folder, and add the run's feeds to those asked for."""
        # Of many runs that share a frontier, some begin in the same second.
        random_bytes = 4 if settings["FRONTIER"] else 2
        run_id = settings.get("RUN_ID") or new_run_id(self.started, random_bytes=random_bytes)
        feeds = {uri: _for_articles(feed) for uri, feed in settings.getdict("FEEDS").items()}
        for uri, feed in feeds.items():
            require_possible(str(uri), feed)
        if settings.getbool("RUN_FOLDER", True):
            self.lock = RunLock(output_folder(settings), f"run {run_id}")
            self.lock.acquire()
            self._formats = settings.getlist("FORMATS") or list(FORMATS)
            self.state = open_state(settings, output_folder(settings), run_id)
            if self.state.behind and not settings.get("RUN_ID"):
                # Runs sort by their names, whatever the machine's clock says.
                run_id = new_run_id(datetime.fromtimestamp(self.state.now(), UTC))
                self.lock.rename(f"run {run_id}")
            self._begin(settings, run_id)
            self._open(settings, run_id, feeds)
            feeds |= self._feeds()
        settings.set("RUN_ID", run_id, priority="cmdline")
        settings.set("FEEDS", feeds, priority="cmdline")

    def _begin(self, settings: BaseSettings, run_id: str) -> None:
        """Note the run in the state; open its archive."""
        assert self.state
        if (runs_folder(settings) / run_id).exists():
            raise OutputError(
                f"run {run_id} exists already: {runs_folder(settings) / run_id}; give this one "
                "another name with -s RUN_ID=NAME, or none"
            )
        self.state.runs.begin(run_id, self.state.now())
        if settings.getbool("ARCHIVE", True) and not settings.get("REPLAY"):
            robots = "obey" if settings.getbool("ROBOTSTXT_OBEY") else "ignore"
            self.archive = Archive(output_folder(settings) / "archive", run_id, robots=robots)

    def _open(
        self, settings: BaseSettings, run_id: str, feeds: Mapping[str, Mapping[str, Any]]
    ) -> None:
        """Make the temporary folder, with what the next run must know if this one is killed."""
        runs = runs_folder(settings)
        self.folder, self.temporary = runs / run_id, runs / f".{run_id}.tmp"
        self.temporary.mkdir()
        self._write(
            {
                "run_id": run_id,
                "started": iso(self.started),
                "exit_reason": None,
                "host": platform.node(),
                "pid": os.getpid(),
                "asked": asked(self.crawler.spidercls.name, settings),
                "versions": versions(),
                "formats": self._formats,
                "feeds": restorable(feeds),
                "frontier": frontier_of(settings),
            }
        )
        assert self.state
        self._checkpoints = Checkpoints(self.state, run_id, self.temporary, self.counted.counts)
        self._checkpoints.archive = self.archive
        self._checkpoints.make()

    def _feeds(self) -> dict[str, dict[str, Any]]:
        """The run's own files; the articles as JSON Lines always, to recover the others from."""
        assert self.temporary
        feeds = {
            str(self.temporary / f"articles.{name}"): _for_articles({"format": name})
            for name in dict.fromkeys([*self._formats, "jsonl"])
        }
        feeds[str(self.temporary / "rejected.jsonl")] = {
            "format": "jsonl",
            "item_classes": [Rejected],
            "item_export_kwargs": {"kind": "rejected"},
        }
        self._awaited_feeds = set(feeds)
        always = {"store_empty": True, "in_place": True}
        return {uri: {**feed, **always} for uri, feed in feeds.items()}

    def engine_started(self) -> None:
        """From now on, what is found is made safe every CHECKPOINT_SECONDS."""
        if self._checkpoints:
            seconds = self.crawler.settings.getfloat("CHECKPOINT_SECONDS", 1.0)
            self._checkpoints.lost = self._has_lost_records
            self._checkpoints.start(seconds, lambda error: end_for(self.crawler, error))

    @property
    def _stats(self) -> StatsCollector:
        return self.crawler.stats

    def feed_slot_closed(self, slot: Any) -> None:
        """Scrapy sends this for a file that could not be stored, too."""
        if getattr(slot.storage, "stored", True):
            self._awaited_feeds.discard(slot.uri)

    def spider_closed(self, reason: str) -> None:
        """Every record is written: make them safe before the files of `-o` get theirs."""
        self.reason = reason
        if self._checkpoints:
            try:
                self._checkpoints.make()
            except OSError as error:
                end_for(self.crawler, error)

    def engine_stopped(self) -> None:
        """Publish, now that every feed is closed, and let the next run begin."""
        self._settle()
        if self.lock:
            self.lock.release()
        send(self.alarms, self.crawler.settings)

    def _settle(self) -> None:
        """Publish; or say where the pieces are."""
        if self._checkpoints:
            self._checkpoints.stop()
        if not (self.temporary and self.folder):
            self._tell_unwritten()
            return
        incomplete = ", ".join(Path(uri).name for uri in sorted(self._awaited_feeds))
        missing = f"not complete: {incomplete}" if incomplete else self._publish()
        if missing:
            self._stats.set_value("marrow/unpublished", str(self.temporary))
        self._tell_unwritten(missing)
        if self.state:
            self.state.close()

    def _tell_unwritten(self, missing: str | None = None) -> None:
        """Say what could not be written, and what becomes of the run, if anything could not."""
        unwritten = self._unwritten
        told = why_unwritten(unwritten or ({THE_CRAWL: missing} if missing else {}))
        if missing:
            told += (
                ". The run is not published; what was safe by its last checkpoint is in "
                f"{self.temporary}, and the next run publishes it"
            )
        if told:
            logger.error("%s.", told)

    @property
    def _unwritten(self) -> dict[str, str]:
        return self._stats.get_value(UNWRITTEN) or {}

    def _has_lost_records(self) -> bool:
        assert self.temporary
        return any(str(self.temporary / name) in self._unwritten for name in JOURNALS)

    def _publish(self) -> str | None:
        """Make all of it safe and give the folder its name; what was in the way, if anything was.

        In this order: who is killed in between leaves a folder that the next run publishes.
        """
        assert self.temporary
        assert self.folder
        assert self._checkpoints
        if THE_CRAWL in self._unwritten:
            return self._unwritten[THE_CRAWL]
        try:
            self._checkpoints.finish(self.reason)
            told = self._account()
            self._write(told)
            self._add_report(told)
            publish_run(self.temporary, self.folder, self._formats)
        except OSError as error:
            return str(error)
        self._stats.set_value("marrow/run_folder", str(self.folder))
        self._stats.set_value("marrow/alarms", len(self.alarms))
        tell(self.alarms)
        self._reports.renew_list()
        return None

    def _add_report(self, told: Mapping[str, Any]) -> None:
        """Add the report to the folder, which is complete without it, and name it in run.json."""
        assert self.temporary
        self._reports.add(self.temporary, told)
        files = published_files(self.temporary, self._formats)
        if files != told["files"]:
            self._write({**told, "files": files})

    @property
    def _reports(self) -> Reports:
        settings = self.crawler.settings
        return Reports(settings, output_folder(settings), self._note_unwritten)

    def _note_unwritten(self, file: str, why: str) -> None:
        self._stats.set_value(UNWRITTEN, {file: why} | self._unwritten)

    def _account(self) -> dict[str, Any]:
        assert self.temporary
        files = published_files(self.temporary, self._formats)
        report = account(self.crawler, self.counted, self.started, self.reason, files)
        self.alarms = alarms_in(report, runs_folder(self.crawler.settings), self.crawler.spider)
        return report | {"alarms": [found.as_dict() for found in self.alarms]}

    def _write(self, report: Mapping[str, Any]) -> None:
        assert self.temporary
        write_report(self.temporary, report)


def _for_articles(feed: Mapping[str, Any]) -> dict[str, Any]:
    """The feed with articles as its items, unless it says which it takes."""
    return {"item_classes": [Article], **feed}
