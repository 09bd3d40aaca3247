"""Scrapy's side of the formats: item exporters, and a feed storage that publishes by rename.

Named in the settings (`FEED_EXPORTERS`, `FEED_STORAGES`), so that `FEEDS` and `-o FILE.parquet`
reach them. What the bytes look like is decided in `pipelines.writers`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Self

import pyarrow as pa
from itemadapter import ItemAdapter
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exporters import BaseItemExporter
from scrapy.extensions.feedexport import FileFeedStorage
from scrapy.utils.defer import deferred_from_coro

from pipelines.records import Article, Rejected
from pipelines.schema import ARTICLE_SCHEMA, REJECTED_SCHEMA
from pipelines.writers import (
    UNWRITTEN,
    GzipJsonLinesWriter,
    JsonLinesWriter,
    ParquetWriter,
    Writer,
    append,
    plain_record,
    publish,
    temporary_name,
)

SCHEMAS = {"article": ARTICLE_SCHEMA, "rejected": REJECTED_SCHEMA}


def note_unwritten(crawler: Crawler | None, file: str, error: OSError) -> None:
    """Put a file that could not be written, and why, among the crawl's statistics."""
    if crawler is not None:
        known: dict[str, str] = crawler.stats.get_value(UNWRITTEN) or {}
        why = error.strerror or str(error)
        crawler.stats.set_value(UNWRITTEN, {file: why} | known)


class RecordExporter(BaseItemExporter):
    """Writes items of one kind, `article` or `rejected`, with the schema of that kind.

    The feed option `fields` (a list) narrows the schema; the setting EXPORT_REMOVED adds the
    audit trail. What cannot be written, for want of space or because its reader has gone, ends the
    crawl, and its file is closed early: `PublishedFileStorage` publishes no such file, so that one
    with records missing is never taken for a complete one.
    """

    writer: Callable[[IO[bytes], pa.Schema], Writer]

    def __init__(
        self,
        file: IO[bytes],
        *,
        kind: str = "article",
        removed: bool = False,
        crawler: Crawler | None = None,
        **options: Any,
    ) -> None:
        super().__init__(dont_fail=True, **options)
        self._removed = removed
        self._crawler = crawler
        self._file = file
        self._failed = False
        self._writer = type(self).writer(file, self._schema(kind))

    @classmethod
    def from_crawler(cls, crawler: Crawler, file: IO[bytes], **options: Any) -> Self:
        removed = crawler.settings.getbool("EXPORT_REMOVED")
        return cls(file, removed=removed, crawler=crawler, **options)

    def export_item(self, item: Any) -> None:
        if self._failed:
            return
        known = item if isinstance(item, Article | Rejected) else ItemAdapter(item).asdict()
        try:
            self._write(plain_record(known, removed=self._removed))
        except OSError as error:
            self._give_up(error)
            self._end_crawl()
        except Exception:  # a defect: Scrapy logs it, and the file must not count as complete
            self._give_up(OSError("a record could not be written, see the log"))
            self._end_crawl()
            raise

    def finish_exporting(self) -> None:
        if self._failed:
            return
        try:
            self._writer.close()
        except OSError as error:
            self._give_up(error)
        except Exception:  # as above
            self._give_up(OSError("the file could not be completed, see the log"))
            raise

    def _write(self, record: dict[str, Any]) -> None:
        self._writer.write(record)

    def _give_up(self, error: OSError) -> None:
        """Let go of the file, and leave word of it."""
        self._failed = True
        self._writer.abandon()
        with suppress(OSError, ValueError):  # closing writes what is still in its buffer
            getattr(self._file, "file", self._file).close()  # that of Scrapy's post-processing
        note_unwritten(self._crawler, str(getattr(self._file, "name", "a feed")), error)

    def _end_crawl(self) -> None:
        """There is no use in fetching what cannot be kept."""
        if (
            self._crawler is not None
            and self._crawler.crawling
            and self._crawler.engine is not None
        ):
            deferred_from_coro(self._crawler.engine.close_spider_async(reason="output-failed"))

    def _schema(self, kind: str) -> pa.Schema:
        schema, fields = SCHEMAS[kind], self.fields_to_export
        if not fields:
            return schema
        unknown = [name for name in fields if name not in schema.names]
        if unknown:
            raise ValueError(f"feed option `fields`: the record has no {', '.join(unknown)}")
        return pa.schema([schema.field(name) for name in fields], metadata=schema.metadata)


class JsonLinesExporter(RecordExporter):
    """`-o FILE.jsonl`. Each record reaches the file at once: a killed run leaves whole lines."""

    writer = JsonLinesWriter

    def _write(self, record: dict[str, Any]) -> None:
        super()._write(record)
        if hasattr(self._file, "flush"):  # Scrapy's post-processing files have none
            self._file.flush()


class GzipJsonLinesExporter(RecordExporter):
    """`-o FILE.jsonl.gz`; Scrapy takes the format from the last ending alone, `gz`."""

    writer = GzipJsonLinesWriter


class ParquetExporter(RecordExporter):
    """`-o FILE.parquet`."""

    writer = ParquetWriter


class PublishedFileStorage(FileFeedStorage):
    """A file that has its name only when it is complete.

    `-o` promises to append: what the file held before stays, and the new records follow. A killed
    run changes nothing but for a temporary file beside it, `.NAME.PID.tmp`. The feed option
    `in_place` writes under the name itself, for a folder that is itself published by a rename.
    `stored` says whether the file is complete; one that the exporter closed is not.
    """

    stored = False

    def __init__(
        self,
        uri: str,
        *,
        feed_options: dict[str, Any] | None = None,
        crawler: Crawler | None = None,
    ) -> None:
        super().__init__(uri, feed_options=feed_options)
        self._crawler = crawler
        self._opened: IO[bytes] | None = None
        self._final = Path(self.path).absolute()
        in_place = bool((feed_options or {}).get("in_place"))
        self._written = self._final if in_place else temporary_name(self._final)

    @classmethod
    def from_crawler(
        cls, crawler: Crawler, uri: str, *, feed_options: dict[str, Any] | None = None
    ) -> Self:
        return cls(uri, feed_options=feed_options, crawler=crawler)

    def open(self, spider: Spider) -> IO[bytes]:  # noqa: ARG002 Scrapy's signature
        self._written.parent.mkdir(parents=True, exist_ok=True)
        self._opened = self._written.open("wb")
        return self._opened

    def store(self, file: IO[bytes]) -> None:
        if self._opened is None or self._opened.closed:
            if self._written != self._final:
                self._written.unlink(missing_ok=True)
            return
        try:
            file.close()
            self._publish()
        except OSError as error:
            note_unwritten(self._crawler, str(self._final), error)
        else:
            self.stored = True

    def _publish(self) -> None:
        if self._written != self._final:
            self._add_what_was_there()
            publish(self._written, self._final)

    def _add_what_was_there(self) -> None:
        if self.write_mode == "ab" and self._final.exists() and self._final.stat().st_size:
            try:
                append(self._final, self._written)
            except pa.ArrowInvalid as error:
                raise OSError(
                    f"{self._final} cannot be appended to ({error}); "
                    f"the new records are in {self._written}"
                ) from error
