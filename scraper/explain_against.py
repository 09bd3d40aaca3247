"""The earlier record that a page is compared with: one of those that `scrapy clean` or a crawl
wrote."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.records import Article, Rejected
from pipelines.writers import json_line

ENDINGS = (".jsonl", ".jsonl.gz", ".json", ".parquet")
Record = Mapping[str, Any]


class AgainstError(ValueError):
    """There is no such record; the message is a sentence."""


def earlier_record(path: Path, outcome: Article | Rejected) -> Record:
    """The record of the same page: by its id, address or bytes; the only one, where there is one.

    Raises AgainstError.
    """
    only: Record | None = None
    count = 0
    try:
        for record in _records(path):
            if _same_page(record, outcome):
                return record
            only, count = record, count + 1
    except OSError as error:
        raise AgainstError(f"{path}: {error.strerror or error}") from None
    except (ValueError, EOFError, zlib.error, pa.ArrowException) as error:
        raise AgainstError(f"{path}: no records can be read from it: {error}") from None
    if only is None:
        raise AgainstError(f"{path}: holds no record")
    if count > 1:
        raise AgainstError(f"{path}: none of its {count} records is of this page")
    return only


def _same_page(record: Record, outcome: Article | Rejected) -> bool:
    now = outcome.to_dict()
    addresses = {now.get("url"), now.get("canonical_url")} - {None}
    return (
        (record.get("id") is not None and record.get("id") == now.get("id"))
        or record.get("url") in addresses
        or record.get("canonical_url") in addresses
        or (bool(now["page_sha256"]) and record.get("page_sha256") == now["page_sha256"])
    )


def _records(path: Path) -> Iterator[Record]:
    name = path.name.lower()
    if name.endswith(".parquet"):
        found = _from_parquet(path)
    elif name.endswith(".json"):
        data = json.loads(path.read_bytes())
        found = iter(data if isinstance(data, list) else [data])
    elif name.endswith((".jsonl", ".jsonl.gz")):
        found = _from_lines(path)
    else:
        raise ValueError(f"a file that ends in {', '.join(ENDINGS)} is needed")
    for record in found:
        if not isinstance(record, Mapping):
            raise ValueError("not every entry is a record")
        yield record


def _from_lines(path: Path) -> Iterator[Any]:
    with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as file:
        yield from (json.loads(line) for line in file if line.strip())


def _from_parquet(path: Path) -> Iterator[Any]:
    """Rows as JSON Lines would hold them: dates as strings."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=100):
            for row in batch.to_pylist():
                yield json.loads(json_line(row, list(row)))
