"""Scrapy's side of the formats: item exporters, and a feed storage that publishes by rename.

Named in the settings (`FEED_EXPORTERS`, `FEED_STORAGES`), so that `FEEDS` and `-o FILE.parquet`
reach them. What the bytes look like is decided in `pipelines.writers`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Self

import pyarrow as pa
from itemadapter import ItemAdapter
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exporters import BaseItemExporter
from scrapy.extensions.feedexport import FileFeedStorage
from scrapy.statscollectors import StatsCollector

from pipelines.records import Article, Rejected
from pipelines.schema import ARTICLE_SCHEMA, REJECTED_SCHEMA
from pipelines.writers import (
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


class RecordExporter(BaseItemExporter):
    """Writes items of one kind, `article` or `rejected`, with the schema of that kind.

    The feed option `fields` (a list) narrows the schema; the setting EXPORT_REMOVED adds the
    audit trail. An item that cannot be written stops the export: `finish_exporting` then raises,
    so that a file with records missing is never taken for a complete one.
    """

    writer: Callable[[IO[bytes], pa.Schema], Writer]

    def __init__(
        self,
        file: IO[bytes],
        *,
        kind: str = "article",
        removed: bool = False,
        stats: StatsCollector | None = None,
        **options: Any,
    ) -> None:
        super().__init__(dont_fail=True, **options)
        self._removed = removed
        self._stats = stats
        self._failure: Exception | None = None
        self._writer = type(self).writer(file, self._schema(kind))

    @classmethod
    def from_crawler(cls, crawler: Crawler, file: IO[bytes], **options: Any) -> Self:
        removed = crawler.settings.getbool("EXPORT_REMOVED")
        return cls(file, removed=removed, stats=crawler.stats, **options)

    def export_item(self, item: Any) -> None:
        known = item if isinstance(item, Article | Rejected) else ItemAdapter(item).asdict()
        try:
            self._writer.write(plain_record(known, removed=self._removed))
        except Exception as error:  # raised again, here and at the end; Scrapy only logs it here
            self._failure = error
            raise

    def finish_exporting(self) -> None:
        try:
            if self._failure:
                raise self._failure
            self._writer.close()
        except Exception:  # counted and raised again: Scrapy counts only failures to store a file
            self._writer.abandon()
            if self._stats:
                self._stats.inc_value(f"feedexport/failed_count/{type(self).__name__}")
            raise

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

    def __init__(self, file: IO[bytes], **options: Any) -> None:
        super().__init__(file, **options)
        self._file = file

    def export_item(self, item: Any) -> None:
        super().export_item(item)
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
    `stored` says whether the file is complete.
    """

    stored = False

    def __init__(self, uri: str, *, feed_options: dict[str, Any] | None = None) -> None:
        super().__init__(uri, feed_options=feed_options)
        self._final = Path(self.path).absolute()
        in_place = bool((feed_options or {}).get("in_place"))
        self._written = self._final if in_place else temporary_name(self._final)

    def open(self, spider: Spider) -> IO[bytes]:  # noqa: ARG002 Scrapy's signature
        self._written.parent.mkdir(parents=True, exist_ok=True)
        return self._written.open("wb")

    def store(self, file: IO[bytes]) -> None:
        file.close()
        if self._written != self._final:
            self._add_what_was_there()
            publish(self._written, self._final)
        self.stored = True

    def _add_what_was_there(self) -> None:
        if self.write_mode == "ab" and self._final.exists() and self._final.stat().st_size:
            try:
                append(self._final, self._written)
            except pa.ArrowInvalid as error:
                raise OSError(
                    f"{self._final} cannot be appended to ({error}); "
                    f"the new records are in {self._written}"
                ) from error
