"""The contract that every output format keeps: what is written is read back, whatever it holds.

A new format is a row in `pipelines.writers.FORMATS` and, here, a way to read it.
"""

from __future__ import annotations

import dataclasses
import gzip
import io
import json
import math
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.settings import Settings
from scrapy.utils.test import get_crawler

from pipelines import writers
from pipelines.records import Article, Rejected, Section
from pipelines.schema import ARTICLE_SCHEMA, REJECTED_SCHEMA
from pipelines.writers import FORMATS, open_output, plain_record, schema_of

from .conftest import ROOT

Rows = list[dict[str, Any]]


def read_jsonl(path: Path) -> Rows:
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]


def read_gzip(path: Path) -> Rows:
    with gzip.open(path) as file:
        return [json.loads(line) for line in file]


def read_parquet(path: Path) -> Rows:
    return pq.read_table(path).to_pylist()


READERS: dict[str, Callable[[Path], Rows]] = {
    ".jsonl": read_jsonl,
    ".jsonl.gz": read_gzip,
    ".parquet": read_parquet,
}
EXPORTERS = {
    ".jsonl": "pipelines.exporters.JsonLinesExporter",
    ".jsonl.gz": "pipelines.exporters.GzipJsonLinesExporter",
    ".parquet": "pipelines.exporters.ParquetExporter",
}

HARD_TEXTS = {
    "line separator": "a\u2028b",
    "paragraph separator": "a\u2029b",
    "next line": "a\x85b",
    "other line ends": "a\x0bb\x0cc\x1cd\x1de\x1ef\rg\r\nh\n\ni",
    "control characters": "\x00\x01\x1b[31m\x7f\x9f",
    "quotes and backslashes": '"\\"\\\\u2028\\n',
    "no-break and zero width": "\u00a0\u200b\ufeff\u202e",
    "beyond the basic plane": "\U0001f9a0\U00020000",
    "several scripts": "疟疾 малярия ملاريا マラリア",
    "very long": "x" * 3_000_000,
}


def write(path: Path, *items: Article | Rejected, removed: bool = False) -> Rows:
    """Write the items and read them back."""
    schema = schema_of(items[0]) if items else ARTICLE_SCHEMA
    with open_output(path, schema) as writer:
        for item in items:
            writer.write(plain_record(item, removed=removed))
    return READERS[writers.format_of(path) or ""](path)


def comparable(value: Any) -> Any:
    """JSON has no dates: both sides as ISO strings, times in UTC; a float as Parquet stores it."""
    if isinstance(value, dict):
        return {name: comparable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


@pytest.fixture(params=FORMATS)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / f"out{request.param}"


def test_every_format_is_under_this_contract() -> None:
    assert set(READERS) == set(FORMATS) == set(EXPORTERS)


def test_a_full_record_is_read_back_field_by_field(path: Path, article: Article) -> None:
    (row,) = write(path, article, removed=True)
    assert comparable(row) == comparable(article.to_dict(removed=True))
    assert list(row) == ARTICLE_SCHEMA.names


def test_what_is_not_known_is_null_and_every_field_is_there(path: Path) -> None:
    (row,) = write(path, Article(id="a", title="t", body="b"))
    assert set(row) >= set(ARTICLE_SCHEMA.names) - {"removed"}
    assert row["url"] is None
    assert row["date_published"] is None
    assert row["medical"] is None
    assert row["authors"] == []


def test_the_audit_trail_is_left_out_unless_asked_for(path: Path, article: Article) -> None:
    (row,) = write(path, article)
    assert row.get("removed") is None


def test_rejects_are_written_with_their_own_schema(path: Path, rejected: Rejected) -> None:
    (row,) = write(path, rejected)
    assert comparable(row) == comparable(rejected.to_dict())
    assert list(row) == REJECTED_SCHEMA.names


def test_records_come_back_in_order(path: Path) -> None:
    count = writers.ROW_GROUP_ROWS * 2 + 3
    rows = write(path, *(Article(id=str(i), title="t", body="b") for i in range(count)))
    assert [row["id"] for row in rows] == [str(i) for i in range(count)]


def test_an_output_without_records_can_be_read(path: Path) -> None:
    assert write(path) == []


@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS)
def test_hard_text_is_read_back(path: Path, text: str) -> None:
    item = Article(id="a", title=text, body=text, sections=(Section(0, text, text),), tags=(text,))
    (row,) = write(path, item)
    assert [row["title"], row["body"], row["tags"]] == [text, text, [text]]
    assert row["sections"] == [{"level": 0, "heading": text, "text": text}]


@pytest.mark.parametrize(
    ("broken", "whole"),
    [("\ud83e\udda0", "\U0001f9a0"), ("a\ud800b", "a\ufffdb"), ("\udc00", "\ufffd")],
    ids=["a pair is joined", "a lone high half", "a lone low half"],
)
def test_halves_of_characters_are_repaired(path: Path, broken: str, whole: str) -> None:
    item = Article(id="a", title=broken, body=broken, tags=("sound é", broken))
    rows = write(path, Article(id="b", title="t", body="b"), item)
    assert [rows[1]["title"], rows[1]["tags"]] == [whole, ["sound é", whole]]


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2022, 3, 4, 5, 6, 7),
        datetime(2022, 3, 4, 5, 6, 7, tzinfo=UTC),
        datetime(2022, 3, 4, 8, 6, 7, tzinfo=timezone(timedelta(hours=3))),
    ],
    ids=["without a zone", "UTC", "another zone"],
)
def test_times_are_utc(path: Path, moment: datetime) -> None:
    (row,) = write(path, Article(id="a", title="t", body="b", fetched_at=moment))
    assert comparable(row["fetched_at"]) == "2022-03-04T05:06:07Z"


@settings(deadline=None)
@given(text=st.text(st.characters(exclude_categories=())), number=st.floats())
def test_any_text_and_number_keep_the_file_readable(
    tmp_path_factory: pytest.TempPathFactory, text: str, number: float
) -> None:
    folder = tmp_path_factory.mktemp("any")
    item = Article(id="a", title=text, body=text, boilerplate_share=number)
    for ending in FORMATS:
        (row,) = write(folder / f"out{ending}", item)
        assert row["title"] == writers.well_formed(text)
        if ending != ".parquet" and not math.isfinite(number):
            assert row["boilerplate_share"] is None


def test_json_lines_hold_for_readers_that_split_on_every_line_end(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    items = [Article(id=name, title=text, body=text) for name, text in HARD_TEXTS.items()]
    write(path, *items)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == list(HARD_TEXTS)
    assert list(pd.read_json(path, lines=True)["id"]) == list(HARD_TEXTS)


def test_parquet_row_groups_are_bounded_by_rows_and_by_text(tmp_path: Path) -> None:
    short = [Article(id=str(i), title="t", body="b") for i in range(2_500)]
    long = [Article(id=str(i), title="t", body="x" * 4_000_000) for i in range(9)]
    for name, items, largest in [("a", short, writers.ROW_GROUP_ROWS), ("b", long, 4)]:
        path = tmp_path / f"{name}.parquet"
        write(path, *items)
        metadata = pq.read_metadata(path)
        groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
        assert max(group.num_rows for group in groups) == largest
        assert {group.column(0).compression for group in groups} == {"ZSTD"}


def test_parquet_names_the_version_of_its_schema(tmp_path: Path, article: Article) -> None:
    write(tmp_path / "a.parquet", article)
    schema = pq.read_schema(tmp_path / "a.parquet")
    assert schema.metadata[b"schema_version"] == article.schema_version.encode()
    assert schema.equals(ARTICLE_SCHEMA)


def test_parquet_in_pandas_has_dates_and_lists(tmp_path: Path, article: Article) -> None:
    write(tmp_path / "a.parquet", article)
    frame = pd.read_parquet(tmp_path / "a.parquet")
    assert frame.loc[0, "date_published"] == date(2020, 2, 29)
    assert list(frame.loc[0, "tags"]) == ["malaria", "travel"]
    assert frame.loc[0, "authors"][0]["credentials"] == "MD"
    assert str(frame["fetched_at"].dtype).endswith(", UTC]")
    assert frame["word_count"].dtype == "int32"


def test_a_format_of_the_same_records_is_the_same_bytes(path: Path, article: Article) -> None:
    write(path, article)
    before = path.read_bytes()
    time.sleep(0.01)
    write(path, article)
    assert path.read_bytes() == before


def test_an_error_half_way_leaves_what_was_there(path: Path, article: Article) -> None:
    path.write_bytes(b"what was there")

    def fail() -> None:
        with open_output(path, ARTICLE_SCHEMA) as writer:
            writer.write(plain_record(article))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert path.read_bytes() == b"what was there"
    assert list(path.parent.iterdir()) == [path]


ENDLESS = """
import sys
from pathlib import Path
from pipelines.records import Article
from pipelines.schema import ARTICLE_SCHEMA
from pipelines.writers import open_output, plain_record
with open_output(Path(sys.argv[1]), ARTICLE_SCHEMA) as writer:
    for i in range(10**9):
        writer.write(plain_record(Article(id=str(i), title="t", body="x" * 50_000)))
        if i == 300:
            print("going", flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM], ids=["SIGKILL", "SIGTERM"])
def test_a_killed_writer_leaves_nothing_under_the_final_name(path: Path, sent: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS, path], cwd=ROOT, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"going\n"
        process.send_signal(sent)
    assert not path.exists()
    assert [file.suffix for file in path.parent.iterdir()] == [".tmp"]


FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
import random
from pathlib import Path
from pipelines.records import Article
from pipelines.schema import ARTICLE_SCHEMA
from pipelines.writers import open_output, plain_record
try:
    with open_output(Path(sys.argv[1]), ARTICLE_SCHEMA) as writer:
        for i in range(50):
            body = random.randbytes(20_000).hex()
            writer.write(plain_record(Article(id=str(i), title="t", body=body)))
except OSError as error:
    print("refused")
"""


@pytest.mark.slow
def test_a_full_disk_is_an_error_and_leaves_what_was_there(path: Path) -> None:
    path.write_bytes(b"what was there")
    done = subprocess.run(
        [sys.executable, "-c", FULL, path], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout == "refused\n", done.stderr
    assert path.read_bytes() == b"what was there"
    assert list(path.parent.iterdir()) == [path]


MANY = """
import resource, sys
from pathlib import Path
from pipelines.records import Article
from pipelines.schema import ARTICLE_SCHEMA
from pipelines.writers import open_output, plain_record
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
with open_output(Path(sys.argv[1]), ARTICLE_SCHEMA) as writer:
    for i in range(20_000):
        writer.write(plain_record(Article(id=str(i), title="t", body=f"{i} " * 2_500)))
        if i == 4_000:
            early = peak()
print(peak() - early)
"""


@pytest.mark.slow
def test_memory_stays_flat_however_many_records(path: Path) -> None:
    """16,000 further records are 300 MB of text; the peak may grow by no more than 60."""
    done = subprocess.run(
        [sys.executable, "-c", MANY, path], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 60


class TestExporters:
    """The same through Scrapy's exporters, which `FEEDS` and `-o` use."""

    @staticmethod
    def exporter(ending: str, file: io.BytesIO, settings: dict[str, Any], **options: Any) -> Any:
        from scrapy.utils.misc import build_from_crawler, load_object

        crawler = get_crawler(settings_dict=settings)
        options = {"fields_to_export": None, "encoding": "utf-8", "indent": None, **options}
        return build_from_crawler(load_object(EXPORTERS[ending]), crawler, file, **options)

    @pytest.mark.parametrize("ending", FORMATS)
    @pytest.mark.parametrize("removed", [False, True])
    def test_same_bytes_as_the_writer(
        self, ending: str, removed: bool, tmp_path: Path, article: Article
    ) -> None:
        file = io.BytesIO()
        exporter = self.exporter(ending, file, {"EXPORT_REMOVED": removed})
        exporter.start_exporting()
        exporter.export_item(article)
        exporter.finish_exporting()
        write(tmp_path / f"a{ending}", article, removed=removed)
        assert file.getvalue() == (tmp_path / f"a{ending}").read_bytes()

    @pytest.mark.parametrize("ending", FORMATS)
    def test_fields_narrow_the_record(self, ending: str, tmp_path: Path, article: Article) -> None:
        path = tmp_path / f"a{ending}"
        with path.open("wb") as file:
            exporter = self.exporter(ending, file, {}, fields_to_export=["title", "id"])
            exporter.export_item(article)
            exporter.finish_exporting()
        assert READERS[ending](path) == [{"title": article.title, "id": "a1"}]

    @pytest.mark.parametrize("ending", FORMATS)
    def test_a_field_that_is_not_there_is_refused(self, ending: str) -> None:
        with pytest.raises(ValueError, match="the record has no titel"):
            self.exporter(ending, io.BytesIO(), {}, fields_to_export=["titel"])

    @pytest.mark.parametrize("ending", FORMATS)
    def test_a_failed_item_fails_the_whole_file(self, ending: str, article: Article) -> None:
        """A closed file is one that `PublishedFileStorage` does not publish."""
        file = io.BytesIO()
        exporter = self.exporter(ending, file, {})
        with suppress(TypeError, pa.ArrowInvalid):  # as Scrapy does, which goes on
            exporter.export_item(dataclasses.replace(article, url=object()))
            exporter.finish_exporting()
        exporter.export_item(article)
        exporter.finish_exporting()
        assert file.closed

    def test_the_settings_name_an_exporter_for_every_format(self) -> None:
        settings = Settings()
        settings.setmodule("scraper.settings")
        named = settings.getdict("FEED_EXPORTERS")
        for ending, exporter in EXPORTERS.items():
            assert named[ending.rpartition(".")[2]] == exporter
