"""The archive: WARC files that other people's tools read, whole after any death."""

from __future__ import annotations

import gzip
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from scraper.archive import Archive, ArchiveError, check_writable, recover, recover_all
from scraper.warc_records import Exchange, Original, Packed, pack, payload_digest

ROOT = Path(__file__).parent.parent
AT = datetime(2026, 1, 31, 9, 30, 0, 120, tzinfo=UTC)
PAGE = b"<html><title>Fever</title><p>\xff\xfe Fever is a sign.</html>"
EXCHANGE = Exchange(
    url="https://example.org/fever?page=1",
    fetched_at=AT,
    request_headers=((b"User-Agent", b"marrow/0.1"), (b"Accept-Encoding", b"gzip")),
    status=200,
    headers=(
        (b"Content-Type", b"text/html; charset=utf-8"),
        (b"ETag", b'"a1"'),
        (b"Set-Cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
    ),
    body=PAGE,
    ip="192.0.2.7",
)


def read(path: Path) -> list[Any]:
    """Every record, with its place and its block (HTTP headers and body) as bytes."""
    found = []
    with path.open("rb") as file:
        records = ArchiveIterator(file, no_record_parse=True)
        for record in records:
            record.block = record.raw_stream.read()
            record.offset = records.get_record_offset()
            found.append(record)
    return found


def field(record: Any, name: str) -> str:
    return record.rec_headers.get_header(name)


def kinds(path: Path) -> list[str]:
    return [record.rec_type for record in read(path)]


def check(*paths: Path) -> None:
    """warcio's own checker, as a user runs it; it says nothing of what is right."""
    done = warcio("check", *paths)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def warcio(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "warcio.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def written(folder: Path, *packed: Packed, **options: Any) -> Path:
    """The file of an archive of these records."""
    archive = Archive(folder, "run", **options)
    for one in packed:
        archive.append(one)
    archive.close()
    return folder / "run-00000.warc.gz"


def test_a_response_stands_there_as_it_came(tmp_path: Path) -> None:
    path = written(tmp_path, pack(EXCHANGE))
    check(path)
    about, response, request = read(path)
    assert about.rec_type == "warcinfo"
    assert field(about, "WARC-Filename") == path.name
    assert b"robots: obey\r\n" in about.block
    assert b"isPartOf: run\r\n" in about.block
    assert response.rec_type == "response"
    assert response.rec_headers.protocol == "WARC/1.1"
    assert field(response, "WARC-Target-URI") == EXCHANGE.url
    assert field(response, "WARC-Date") == "2026-01-31T09:30:00.000120Z"
    assert field(response, "WARC-IP-Address") == "192.0.2.7"
    assert field(response, "WARC-Payload-Digest") == payload_digest(PAGE)
    assert field(response, "WARC-Block-Digest") == payload_digest(response.block)
    assert response.block == (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
        b'ETag: "a1"\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n\r\n' + PAGE
    )
    assert request.rec_type == "request"
    assert field(request, "WARC-Concurrent-To") == field(response, "WARC-Record-ID")
    assert request.block == (
        b"GET /fever?page=1 HTTP/1.1\r\nHost: example.org\r\n"
        b"User-Agent: marrow/0.1\r\nAccept-Encoding: gzip\r\n\r\n"
    )


def test_a_compressed_body_stays_compressed(tmp_path: Path) -> None:
    zipped = gzip.compress(PAGE)
    headers = (*EXCHANGE.headers, (b"Content-Encoding", b"gzip"))
    path = written(tmp_path, pack(replace(EXCHANGE, headers=headers, body=zipped)))
    check(path)
    assert read(path)[1].block.endswith(b"Content-Encoding: gzip\r\n\r\n" + zipped)
    with path.open("rb") as file:
        response = list(ArchiveIterator(file))[1]
    assert response.http_headers.get_header("Content-Encoding") == "gzip"


def test_headers_agree_with_the_body_as_it_is_stored(tmp_path: Path) -> None:
    sent = ((b"Transfer-Encoding", b"chunked"), (b"Content-Length", b"99999"))
    path = written(tmp_path, pack(replace(EXCHANGE, headers=sent)))
    check(path)
    assert (
        read(path)[1].block
        == (
            b"HTTP/1.1 200 OK\r\nX-Archive-Orig-Transfer-Encoding: chunked\r\n"
            b"Content-Length: %d\r\nX-Archive-Orig-Content-Length: 99999\r\n\r\n" % len(PAGE)
        )
        + PAGE
    )
    with path.open("rb") as file:
        [body] = [r.content_stream().read() for r in ArchiveIterator(file) if is_response(r)]
    assert body == PAGE


def is_response(record: Any) -> bool:
    return record.rec_type == "response"


ORIGINAL = Original("https://example.org/old", AT - timedelta(days=1), payload_digest(PAGE))


def test_the_same_payload_is_stored_once(tmp_path: Path) -> None:
    packed = pack(EXCHANGE, ORIGINAL)
    path = written(tmp_path, packed)
    check(path)
    _, revisit, request = read(path)
    assert revisit.rec_type == "revisit"
    assert packed.digest == ORIGINAL.digest == field(revisit, "WARC-Payload-Digest")
    assert field(revisit, "WARC-Profile").endswith("/1.1/revisit/identical-payload-digest")
    assert field(revisit, "WARC-Refers-To-Target-URI") == "https://example.org/old"
    assert field(revisit, "WARC-Refers-To-Date") == "2026-01-30T09:30:00.000120Z"
    assert revisit.block.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/html")
    assert revisit.block.endswith(b"b=2\r\n\r\n")
    assert field(request, "WARC-Concurrent-To") == field(revisit, "WARC-Record-ID")


def test_a_304_refers_to_what_it_confirms(tmp_path: Path) -> None:
    answer = replace(EXCHANGE, status=304, headers=((b"ETag", b'"a1"'),), body=b"")
    packed = pack(answer, ORIGINAL)
    path = written(tmp_path, packed)
    check(path)
    revisit = read(path)[1]
    assert revisit.rec_type == "revisit"
    assert field(revisit, "WARC-Profile").endswith("/1.1/revisit/server-not-modified")
    assert field(revisit, "WARC-Refers-To-Target-URI") == "https://example.org/old"
    assert revisit.block == b'HTTP/1.1 304 Not Modified\r\nETag: "a1"\r\n\r\n'
    assert packed.digest == ORIGINAL.digest


def test_another_payload_is_stored_in_full(tmp_path: Path) -> None:
    packed = pack(replace(EXCHANGE, body=b"new"), ORIGINAL)
    assert packed.digest == payload_digest(b"new")
    assert kinds(written(tmp_path, packed)) == ["warcinfo", "response", "request"]


def test_places_are_where_the_responses_are(tmp_path: Path) -> None:
    archive = Archive(tmp_path, "run", largest=3000)
    exchanges = [replace(EXCHANGE, body=random.Random(n).randbytes(500)) for n in range(12)]
    places = [archive.append(pack(exchange)) for exchange in exchanges]
    archive.close()
    files = sorted(tmp_path.iterdir())
    assert [f.name for f in files] == [f"run-{n:05}.warc.gz" for n in range(len(files))]
    assert len(files) > 2
    check(*files)
    assert {kinds(file)[0] for file in files} == {"warcinfo"}
    for place, exchange in zip(places, exchanges, strict=True):
        with (tmp_path / place.file).open("rb") as file:
            file.seek(place.offset)
            record = next(iter(ArchiveIterator(file)))
            assert (record.rec_type, record.content_stream().read()) == ("response", exchange.body)


def test_warcio_makes_an_index(tmp_path: Path) -> None:
    path = written(tmp_path, pack(EXCHANGE), pack(EXCHANGE, ORIGINAL))
    done = warcio("index", path, "-f", "offset,warc-type,warc-target-uri,http:status")
    assert done.returncode == 0
    assert [line for line in done.stdout.splitlines() if EXCHANGE.url in line and "200" in line]
    assert len(done.stdout.splitlines()) == 5


def test_a_file_has_its_name_only_when_it_is_complete(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive", "run")
    assert not (tmp_path / "archive").exists()
    assert archive.sync() == {}
    place = archive.append(pack(EXCHANGE))
    open_file = tmp_path / "archive" / "run-00000.warc.gz.open"
    assert archive.sync() == {"run-00000.warc.gz": open_file.stat().st_size}
    assert [p.name for p in open_file.parent.iterdir()] == [open_file.name]
    archive.close()
    archive.close()
    assert [p.name for p in open_file.parent.iterdir()] == [place.file]
    assert archive.sync() == {}


HEADER = st.tuples(st.binary(max_size=30), st.binary(max_size=60))


@given(
    url=st.text(max_size=30),
    headers=st.lists(HEADER, max_size=8),
    body=st.binary(max_size=2000),
    status=st.integers(100, 999),
)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_bytes_are_archived(
    tmp_path: Path, url: str, headers: list[tuple[bytes, bytes]], body: bytes, status: int
) -> None:
    exchange = replace(
        EXCHANGE,
        url=f"https://example.org/{url}",
        headers=tuple(headers),
        request_headers=tuple(headers),
        body=body,
        status=status,
    )
    folder = tmp_path / "any"
    shutil.rmtree(folder, ignore_errors=True)
    _, response, request = read(written(folder, pack(exchange)))
    assert (response.rec_type, request.rec_type) == ("response", "request")
    head, _, stored = response.block.partition(b"\r\n\r\n")
    assert stored == body
    assert field(response, "WARC-Payload-Digest") == payload_digest(body)
    assert field(response, "WARC-Block-Digest") == payload_digest(response.block)
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert field(response, "WARC-Target-URI").startswith("https://example.org/")


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        (b"X-Split", b"a\r\nContent-Length: 5\r\n\r\nbody", b"X-Split: a Content-Length: 5 body"),
        (b"X-Fold", b"a\r\n b", b"X-Fold: a  b"),
        (b"X\r\n\r\nName", b"v", b"XName: v"),
        (b"X-Latin", b"caf\xe9", b"X-Latin: caf\xe9"),
        (b"X-Arabic", "حمى".encode(), b"X-Arabic: \xd8\xad\xd9\x85\xd9\x89"),
        (b"X-Long", b"x" * 300_000, b"X-Long: " + b"x" * 300_000),
        (b"X-Empty", b"", b"X-Empty: "),
    ],
)
def test_hostile_headers_stay_on_their_line(
    tmp_path: Path, name: bytes, value: bytes, line: bytes
) -> None:
    path = written(tmp_path, pack(replace(EXCHANGE, headers=((name, value),))))
    check(path)
    assert read(path)[1].block == b"HTTP/1.1 200 OK\r\n" + line + b"\r\n\r\n" + PAGE


def test_very_many_headers(tmp_path: Path) -> None:
    many = tuple((b"X-%d" % n, b"y" * 50) for n in range(5000))
    path = written(tmp_path, pack(replace(EXCHANGE, headers=many)))
    check(path)
    assert read(path)[1].block.count(b"\r\nX-") == 5000


HALF = len(pack(EXCHANGE).data) // 3


@pytest.mark.parametrize("tail", [b"\0" * 4096, b"\x1f\x8b\x08", b"no gzip", None])
@pytest.mark.parametrize("all_runs", [True, False])
def test_a_half_written_record_is_cut_off(
    tmp_path: Path, tail: bytes | None, all_runs: bool
) -> None:
    archive = Archive(tmp_path, "run")
    archive.append(pack(EXCHANGE))
    whole = archive.sync()["run-00000.warc.gz"]
    with (tmp_path / "run-00000.warc.gz.open").open("ab") as file:
        file.write(pack(EXCHANGE).data[:HALF] if tail is None else tail)
    [told] = recover_all(tmp_path) if all_runs else recover(tmp_path, "run", {})
    assert "cut off" in told
    [path] = tmp_path.iterdir()
    assert (path.name, path.stat().st_size) == ("run-00000.warc.gz", whole)
    check(path)


def test_what_was_not_committed_is_cut_off(tmp_path: Path) -> None:
    archive = Archive(tmp_path, "run")
    archive.append(pack(EXCHANGE))
    lengths = archive.sync()
    archive.append(pack(EXCHANGE))
    archive.sync()
    [told] = recover(tmp_path, "run", lengths)
    assert "cut off" in told
    assert kinds(tmp_path / "run-00000.warc.gz") == ["warcinfo", "response", "request"]
    assert recover(tmp_path, "run", lengths) == []


def test_a_file_shorter_than_committed_keeps_its_whole_records(tmp_path: Path) -> None:
    archive = Archive(tmp_path, "run")
    archive.append(pack(EXCHANGE))
    whole = archive.sync()["run-00000.warc.gz"]
    archive.append(pack(EXCHANGE))
    os.truncate(tmp_path / "run-00000.warc.gz.open", whole + 10)
    recover(tmp_path, "run", {"run-00000.warc.gz": whole * 5})
    assert (tmp_path / "run-00000.warc.gz").stat().st_size == whole


@pytest.mark.parametrize("content", [b"", b"half", None])
def test_a_file_without_a_record_is_deleted(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "run-00000.warc.gz.open"
    archive = Archive(tmp_path, "run")
    archive.append(pack(EXCHANGE))
    about = read(path)[1].offset
    path.write_bytes(path.read_bytes()[:about] if content is None else content)
    [told] = recover(tmp_path, "run", {})
    assert "deleted" in told
    assert list(tmp_path.iterdir()) == []


def test_files_of_other_runs_are_left_alone(tmp_path: Path) -> None:
    names = ["run-00000.warc.gz", "run-2-00000.warc.gz.open", "2run-00000.warc.gz.open", "notes"]
    for name in names:
        (tmp_path / name).write_bytes(b"mine")
    assert recover(tmp_path, "run", {"run-00000.warc.gz": 1}) == []
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == dict.fromkeys(
        names, b"mine"
    )
    assert recover_all(tmp_path / "none") == recover(tmp_path / "none", "run", {}) == []


APPENDING = """
import random, sys
from dataclasses import replace
from pathlib import Path
from scraper.archive import Archive
from scraper.warc_records import pack
from tests.test_archive import EXCHANGE

archive = Archive(Path(sys.argv[1]), "run", largest=400_000)
for number in range(10**6):
    body = random.Random(number).randbytes(30_000)
    place = archive.append(pack(replace(EXCHANGE, url=f"https://e.org/{number}", body=body)))
    if number % 7 == 0:
        lengths = archive.sync()
        print(number, *[f"{name} {length}" for name, length in lengths.items()], flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("moment", range(10))
def test_a_killed_writer_leaves_what_it_committed(tmp_path: Path, moment: int) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", APPENDING, tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout
    first = writer.stdout.readline()
    time.sleep(random.Random(moment).random() * 0.3)
    writer.send_signal(signal.SIGKILL)
    lines = [first, *writer.stdout.read().splitlines()]
    writer.wait()
    number, name, length = lines[-1].split()
    recover(tmp_path, "run", {name: int(length)})
    assert not list(tmp_path.glob("*.open"))
    files = sorted(tmp_path.iterdir())
    check(*files)
    found = [record for file in files for record in read(file) if is_response(record)]
    urls = [field(record, "WARC-Target-URI") for record in found]
    assert len(urls) == len(set(urls))
    assert {f"https://e.org/{n}" for n in range(int(number) + 1)} <= set(urls)


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with room for 200 kB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", folder],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("mounting a file system is not allowed here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_leaves_whole_records(full_disk: Path) -> None:
    archive = Archive(full_disk, "run")
    body = random.Random(0).randbytes(30_000)

    def fill() -> None:
        for _ in range(100):
            archive.append(pack(replace(EXCHANGE, body=body)))

    with pytest.raises(ArchiveError, match=r"No space left on device; make room"):
        fill()
    archive.close()
    [path] = full_disk.iterdir()
    check(path)
    assert kinds(path).count("response") > 3


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("in the way")
    for act in (
        lambda: check_writable(tmp_path / "archive"),
        lambda: check_writable(Path("/proc/archive")),
        lambda: Archive(tmp_path / "archive", "run").append(pack(EXCHANGE)),
    ):
        with pytest.raises(ArchiveError, match=r"archive folder .*archive: .*-s ARCHIVE=False"):
            act()


@pytest.mark.parametrize("name", ["run-00000.warc.gz", "run-00000.warc.gz.open"])
def test_nothing_is_written_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"mine")
    with pytest.raises(ArchiveError, match=r"run-00000\.warc\.gz"):
        Archive(tmp_path, "run").append(pack(EXCHANGE))
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"mine"]
