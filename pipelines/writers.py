"""The formats a record is written in: one class each, and one row in `FORMATS`.

A writer takes an open binary file and a schema, and plain records (`plain_record`) one at a time.
Used by the Scrapy exporters and by `scrapy clean`, so that both write the same bytes. Files that
readers may find are written under a temporary name and renamed when complete (`publish`,
`open_output`): whoever finds a file under its own name can read all of it.
"""

from __future__ import annotations

import gzip
import json
import math
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any, Protocol, cast

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.records import Article, Rejected
from pipelines.schema import ARTICLE_SCHEMA, REJECTED_SCHEMA

Record = Mapping[str, Any]

# str.splitlines, and the many readers built on it, end a line at these; JSON allows them raw in a
# string. (The other line-splitting characters are below U+0020, which JSON escapes by itself.)
LINE_SPLITTING = re.compile("[\x85\u2028\u2029]")
SURROGATE = re.compile("[\ud800-\udfff]")

# Statistic of a crawl: {file: why it could not be written}. Whoever started the crawl tells it.
UNWRITTEN = "marrow/unwritten"

# A row group is held in memory until it is full, by the writer and again by every reader. Parquet's
# usual advice (about a million rows) is for narrow rows; an article is 5 to 50 kB of text.
ROW_GROUP_ROWS = 1_000
ROW_GROUP_CHARACTERS = 16_000_000


def schema_of(item: object) -> pa.Schema:
    """The schema an item is written with: that of the rejects for a `Rejected`."""
    return REJECTED_SCHEMA if isinstance(item, Rejected) else ARTICLE_SCHEMA


def plain_record(item: Article | Rejected | Record, *, removed: bool = False) -> dict[str, Any]:
    """The item as a dict of plain values; the audit trail `removed` only on request."""
    if isinstance(item, Article):
        return item.to_dict(removed=removed)
    return item.to_dict() if isinstance(item, Rejected) else dict(item)


def well_formed(text: str) -> str:
    """The text with its surrogate pairs joined and its lone surrogates replaced by U+FFFD.

    Half a pair is what remains of a character cut in two by a page's own script; no UTF-8 file
    can hold it.
    """
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def repaired(record: Record) -> dict[str, Any]:
    """The record with every string in it well formed."""
    result: dict[str, Any] = _mapped(
        record, lambda value: well_formed(value) if isinstance(value, str) else value
    )
    return result


class Writer(Protocol):
    """What every format offers. The file itself is opened and closed by whoever made the writer.

    `close` completes the format; `abandon` lets go of a file that nobody will read.
    """

    def write(self, record: Record) -> None: ...
    def close(self) -> None: ...
    def abandon(self) -> None: ...


class JsonLinesWriter:
    """JSON Lines: UTF-8, one record a line, fields in schema order, null where unknown."""

    def __init__(self, file: IO[bytes], schema: pa.Schema) -> None:
        self._file = file
        self._names: list[str] = schema.names

    def write(self, record: Record) -> None:
        self._file.write(json_line(record, self._names))

    def close(self) -> None:
        self._file.flush()

    def abandon(self) -> None:
        pass


class GzipJsonLinesWriter(JsonLinesWriter):
    """JSON Lines, gzipped; without a time stamp, so that the same records give the same bytes."""

    def __init__(self, file: IO[bytes], schema: pa.Schema) -> None:
        self._gzip = gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=6, mtime=0)
        super().__init__(cast(IO[bytes], self._gzip), schema)

    def close(self) -> None:
        self._gzip.close()

    def abandon(self) -> None:
        with suppress(OSError, ValueError):
            self._gzip.close()


class ParquetWriter:
    """Parquet: the explicit schema (with its version in the metadata), zstd, bounded row groups."""

    def __init__(self, file: IO[bytes], schema: pa.Schema) -> None:
        self._schema = schema
        self._writer = pq.ParquetWriter(file, schema, compression="zstd")
        self._rows: list[Record] = []
        self._characters = 0

    def write(self, record: Record) -> None:
        self._rows.append(record)
        self._characters += _characters(record)
        if len(self._rows) >= ROW_GROUP_ROWS or self._characters >= ROW_GROUP_CHARACTERS:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def abandon(self) -> None:
        # Its own finaliser would close it after the file, and print a traceback.
        with suppress(OSError, ValueError):
            self._writer.close()

    def _flush(self) -> None:
        if self._rows:
            rows, self._rows, self._characters = self._rows, [], 0
            self._writer.write_table(_table(rows, self._schema))


def json_line(record: Record, names: list[str]) -> bytes:
    """One line of JSON Lines, newline included.

    `removed` stands in the line only where the record has it: it is larger than the article.
    """
    row = {name: record.get(name) for name in names if name != "removed" or name in record}
    try:
        line = json.dumps(row, ensure_ascii=False, default=_json_value, allow_nan=False)
    except ValueError:
        line = json.dumps(_finite(row), ensure_ascii=False, default=_json_value)
    if not line.isascii():
        if SURROGATE.search(line):
            line = well_formed(line)
        line = LINE_SPLITTING.sub(lambda found: f"\\u{ord(found[0]):04x}", line)
    return line.encode() + b"\n"


def _json_value(value: object) -> str:
    if isinstance(value, datetime):
        known = value if value.tzinfo else value.replace(tzinfo=UTC)
        return known.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not a value of a record")


def _finite(value: Any) -> Any:
    """The value with null in place of what JSON has no number for: NaN and the infinities."""
    return _mapped(value, lambda v: None if isinstance(v, float) and not math.isfinite(v) else v)


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, Mapping):
        return {key: _mapped(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_mapped(item, change) for item in value]
    return change(value)


def _table(rows: list[Record], schema: pa.Schema) -> pa.Table:
    try:
        return pa.Table.from_pylist(rows, schema=schema)
    except UnicodeEncodeError:
        return pa.Table.from_pylist([repaired(row) for row in rows], schema=schema)


def _characters(value: Any) -> int:
    """Characters of all strings in a record, which is nearly all of its size in memory."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        return sum(map(_characters, value.values()))
    return sum(map(_characters, value)) if isinstance(value, list | tuple) else 0


# A new format is a class above and a row here; tests/test_formats.py holds it to the contract.
FORMATS: Mapping[str, Callable[[IO[bytes], pa.Schema], Writer]] = {
    ".jsonl": JsonLinesWriter,
    ".jsonl.gz": GzipJsonLinesWriter,
    ".parquet": ParquetWriter,
}


def format_of(path: Path) -> str | None:
    """The key in `FORMATS` that the file's name ends with, or None."""
    return next((ending for ending in FORMATS if path.name.lower().endswith(ending)), None)


def temporary_name(path: Path) -> Path:
    """Where a file is written before it is complete: beside it, so that a rename is enough."""
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def publish(temporary: Path, path: Path) -> None:
    """Give a complete file its name, after its bytes have reached the disk."""
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.replace(path)


def append(old: Path, new: Path) -> None:
    """Put the records of the file `old` before those of `new`, in `new`.

    Lines and gzip members can simply follow one another. Parquet cannot: its row groups are copied,
    one at a time. Raises pyarrow.ArrowInvalid where `old` is no Parquet file.
    """
    joined = new.with_name(f"{new.name}.joined")
    try:
        if format_of(old) == ".parquet":
            _join_parquet([old, new], joined)
        else:
            _join_bytes([old, new], joined)
        joined.replace(new)
    finally:
        joined.unlink(missing_ok=True)


def _join_bytes(parts: list[Path], joined: Path) -> None:
    with joined.open("wb") as out:
        for part in parts:
            with part.open("rb") as file:
                shutil.copyfileobj(file, out)


def _join_parquet(parts: list[Path], joined: Path) -> None:
    with pq.ParquetFile(parts[-1]) as newest:
        schema = newest.schema_arrow
    with pq.ParquetWriter(joined, schema, compression="zstd") as writer:
        for part in parts:
            with pq.ParquetFile(part) as file:
                for group in range(file.num_row_groups):
                    writer.write_table(file.read_row_group(group).cast(schema))


def read_json_lines(path: Path, schema: pa.Schema) -> Iterator[dict[str, Any]]:
    """The records of a `.jsonl` or `.jsonl.gz`, with dates and times as such, ready to be written.

    Raises ValueError for a line that is no record.
    """
    typed = {
        field.name: date.fromisoformat if pa.types.is_date(field.type) else datetime.fromisoformat
        for field in schema
        if pa.types.is_date(field.type) or pa.types.is_timestamp(field.type)
    }
    with gzip.open(path) if format_of(path) == ".jsonl.gz" else path.open("rb") as file:
        for line in file:
            record: dict[str, Any] = json.loads(line)
            for name, read in typed.items():
                if record.get(name) is not None:
                    record[name] = read(record[name])
            yield record


@contextmanager
def open_output(path: Path, schema: pa.Schema) -> Iterator[Writer]:
    """A writer for `path` in the format of its name; the file appears there when the block ends.

    Folders on the way are made. If the block raises, nothing appears and nothing is left.
    Raises OSError where the file cannot be written, KeyError for an unknown ending.
    """
    make_writer = FORMATS[format_of(path) or path.suffix]
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_name(path)
    try:
        with temporary.open("wb") as file:
            writer = make_writer(file, schema)
            try:
                yield writer
                writer.close()
            except BaseException:
                writer.abandon()
                raise
        publish(temporary, path)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()
