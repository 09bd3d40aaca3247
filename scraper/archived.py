"""What an archive holds: the newest response of an address, revisit records resolved.

The index is made by one pass over the files, at about 150 MB a second, and kept in a temporary
SQLite database: 100 bytes a record. The responses themselves are read when they are asked for.
"""

from __future__ import annotations

import dataclasses
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urldefrag

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord

from pipelines.addresses import normalise
from scraper.archive import SUFFIX, Place
from scraper.browser.rendered import rendered_headers
from scraper.gzip_members import members, next_start
from scraper.warc_records import FIELDS, NOT_MODIFIED, ORIGINAL_PREFIX, Headers

# Bytes of a record that hold its WARC headers: some 600, and an address twice.
_HEAD = 1 << 15
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_FIELDS = re.compile(
    rb"^(WARC-(?:Type|Profile|Target-URI|Date|Payload-Digest)):[ \t]*([^\r\n]*)", re.I | re.M
)
_TABLE = """
create table record (address integer, at integer, kind text, digest integer, file integer,
                     offset integer);
"""
_INDICES = """
create index by_address on record (address, at);
create index by_digest on record (digest, at);
"""


class NotAnArchive(ValueError):  # noqa: N818 - named by what is wrong with it
    """Nothing can be read there; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Archived:
    """When an archived response was fetched (UTC), and where its record is."""

    fetched_at: datetime
    place: Place


@dataclass(frozen=True, slots=True)
class ArchivedResponse:
    """A response as it came over the wire: headers as received, `body` still content-encoded."""

    status: int
    headers: Headers
    body: bytes
    ip: str | None
    protocol: str
    archived: Archived


class _Row(NamedTuple):
    """A record in the index; address and digest as hashes, `at` in microseconds."""

    address: int
    at: int
    kind: str
    digest: int
    file: int
    offset: int


class ArchivedResponses:
    """The responses in a folder of `*.warc.gz`, or in one such file. Raises NotAnArchive.

    `damaged` has a sentence for each file that could be read in part only.
    """

    def __init__(self, path: Path) -> None:
        self._files = _files(path)
        self.damaged: list[str] = []
        # The empty name stands for a temporary database, on disk where it grows.
        self._index = sqlite3.connect("")
        self._index.executescript(_TABLE)
        for number in range(len(self._files)):
            rows = self._rows(number)
            self._index.executemany("insert into record values (?, ?, ?, ?, ?, ?)", rows)
        self._index.executescript(_INDICES)
        counted = self._index.execute("select count(*) from record where kind != 'conversion'")
        self.count: int = counted.fetchone()[0]
        if not self.count:
            told = "; ".join(("no response was found", *self.damaged))
            raise NotAnArchive(f"cannot replay {path}: {told}")

    def close(self) -> None:
        """Let go of the index."""
        self._index.close()

    def newest(self, url: str) -> ArchivedResponse | None:
        """The newest response of an address, exactly as written or, failing that, otherwise spelt.

        A 304 stands for the response before it.
        """
        for spelling in _spellings(url):
            for row in self._select("address = ?", _hash(spelling)):
                response = self._response(row)
                if response is not None:
                    return response
        return None

    def newest_rendered(self, url: str) -> ArchivedResponse | None:
        """The newest response of an address, its page as a browser made it where one did.

        A visit that found the page as it was stands for the rendered page before it.
        """
        for spelling in _spellings(url):
            plain: ArchivedResponse | None = None
            for row in self._select("address = ?", _hash(spelling), conversions=True):
                if row.kind == "conversion":
                    rendered = self._rendered(row)
                    if rendered is not None:
                        return rendered
                    continue
                response = self._response(row)
                if response is not None and response.status != HTTPStatus.OK:
                    return plain or response
                plain = plain or response
            if plain is not None:
                return plain
        return None

    def _rendered(self, row: _Row) -> ArchivedResponse | None:
        """The response that was rendered, with the rendered page as its body."""
        same = self._select("address = ? and at = ?", row.address, row.at)
        response = next(filter(None, map(self._response, same)), None)
        made = self._stored(row)
        if response is None or made is None:
            return None
        record, content = made
        archived = Archived(_moment(row), self._place(row))
        if record.rec_headers.get_header("Content-Type") == FIELDS:
            moved = ((b"Location", content.partition(b":")[2].strip()),)
            return dataclasses.replace(
                response, status=HTTPStatus.FOUND, headers=moved, body=b"", archived=archived
            )
        headers = rendered_headers(response.headers)
        return dataclasses.replace(response, headers=headers, body=content, archived=archived)

    def _response(self, row: _Row) -> ArchivedResponse | None:
        """What a record stands for; None for a 304, and where it cannot be had."""
        if row.kind == "not-modified":
            return None
        record = self._read(row)
        if record is None or record.response.status == HTTPStatus.NOT_MODIFIED:
            return None
        if row.kind == "response":
            return record.response
        body = self._body(record, row)
        if body is None:
            return None
        old = record.response
        return ArchivedResponse(old.status, old.headers, body, old.ip, old.protocol, old.archived)

    def _body(self, revisit: _Record, row: _Row) -> bytes | None:
        """The payload that a revisit refers to: by address and date, else by its digest."""
        referred = self._select(
            "kind = 'response' and address = ? and at = ?",
            _hash(revisit.field("WARC-Refers-To-Target-URI")),
            _microseconds(revisit.field("WARC-Refers-To-Date")),
        )
        same = self._select("kind = 'response' and digest = ?", row.digest)
        for rows in (referred, same):
            for candidate in rows:
                if candidate.digest == row.digest and (found := self._read(candidate)):
                    return found.response.body
        return None

    def _select(self, condition: str, *values: int, conversions: bool = False) -> Iterator[_Row]:
        """Records, the newest first; of those that a browser made, only where they are wanted."""
        condition = condition if conversions else f"kind != 'conversion' and {condition}"
        query = f"select * from record where {condition} order by at desc, rowid desc"
        return map(_Row._make, self._index.execute(query, values))

    def _read(self, row: _Row) -> _Record | None:
        """A response; None where its file is gone or changed since the index was made."""
        stored = self._stored(row)
        try:
            return _parsed(*stored, row, self._place(row)) if stored else None
        except ValueError:
            return None

    def _stored(self, row: _Row) -> tuple[ArcWarcRecord, bytes] | None:
        """A record and what it holds; None where its file is gone or changed."""
        try:
            with self._files[row.file].open("rb") as file:
                file.seek(row.offset)
                record = next(iter(ArchiveIterator(file, no_record_parse=True)))
                return record, record.raw_stream.read()
        except (OSError, ArchiveLoadFailed, StopIteration, ValueError):
            return None

    def _place(self, row: _Row) -> Place:
        return Place(self._files[row.file].name, row.offset)

    def _rows(self, number: int) -> Iterator[_Row]:
        """The responses and revisits of a file; behind damage it goes on with what is whole."""
        path = self._files[number]
        size, at, damage = path.stat().st_size, 0, -1
        with path.open("rb") as file:
            while at < size:
                for member in members(file, _HEAD):
                    at = member.end
                    row = _row(member.head, number, member.start)
                    if row is not None:
                        yield row
                if at < size:
                    damage = at if damage < 0 else damage
                    at = next_start(file, at + 1) or size
                    file.seek(at)
        if damage >= 0:
            self.damaged.append(
                f"{path} is damaged or incomplete from byte {damage} on; "
                "of what follows, the records that are whole are used"
            )


def response_at(folder: Path, place: Place) -> ArchivedResponse | None:
    """The response whose record begins there; None where there is none, or it only refers to one
    that says the same.
    """
    try:
        with (folder / place.file).open("rb") as file:
            file.seek(place.offset)
            record = next(iter(ArchiveIterator(file, no_record_parse=True)))
            if record.rec_type != "response":
                return None
            at = _microseconds(record.rec_headers.get_header("WARC-Date") or "")
            row = _Row(0, at, "response", 0, 0, place.offset)
            return _parsed(record, record.raw_stream.read(), row, place).response
    except (OSError, ArchiveLoadFailed, StopIteration, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class _Record:
    response: ArchivedResponse
    warc: ArcWarcRecord

    def field(self, name: str) -> str:
        return self.warc.rec_headers.get_header(name) or ""


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise NotAnArchive(f"cannot replay {path}: there is no such folder or file")
    found = sorted(path.glob(f"*{SUFFIX}"))
    if not found:
        raise NotAnArchive(f"cannot replay {path}: the folder has no file named *{SUFFIX}")
    return found


def _spellings(url: str) -> Iterator[str]:
    """The address itself; in its one spelling; then with http or https, with and without www."""
    yield urldefrag(url).url
    plain = normalise(url)
    _, _, rest = plain.partition("://")
    host = rest.removeprefix("www.")
    yield plain
    for scheme in ("https", "http"):
        for prefix in ("", "www."):
            yield f"{scheme}://{prefix}{host}"


def _hash(text: str) -> int:
    """64 bits: two of a million addresses are taken for one with a chance of 1 in 30 million."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _microseconds(date: str) -> int:
    """A WARC-Date since the epoch; -1 where it is none."""
    try:
        moment = datetime.fromisoformat(date)
        return (moment.replace(tzinfo=moment.tzinfo or UTC) - _EPOCH) // timedelta(microseconds=1)
    except ValueError:
        return -1


def _moment(row: _Row) -> datetime:
    return _EPOCH + timedelta(microseconds=row.at)


def _row(head: bytes, file: int, offset: int) -> _Row | None:
    """The index's row for a record by its first bytes; None for other kinds of records."""
    if not head.startswith(b"WARC/"):
        return None
    end = _BLANK_LINE.search(head)
    found = _FIELDS.findall(head[: end.start() + 1] if end else head)
    fields = {name.lower(): value.decode("utf-8", "replace") for name, value in found}
    kind = fields.get(b"warc-type")
    if kind not in {"response", "revisit", "conversion"}:
        return None
    if fields.get(b"warc-profile", "").endswith(NOT_MODIFIED.rpartition("/")[2]):
        kind = "not-modified"
    return _Row(
        _hash(fields.get(b"warc-target-uri", "").strip("<>")),
        _microseconds(fields.get(b"warc-date", "")),
        kind,
        _hash(fields.get(b"warc-payload-digest", "")),
        file,
        offset,
    )


def _parsed(record: ArcWarcRecord, block: bytes, row: _Row, place: Place) -> _Record:
    """Raises ValueError for a block that is no HTTP response."""
    head, *rest = _BLANK_LINE.split(block, 1)
    first, *lines = re.split(rb"\r?\n(?![ \t])", head)
    protocol, status, *_ = first.split()
    named = (line.partition(b":") for line in lines)
    headers = [(name.strip(), value.strip()) for name, _, value in named]
    body = rest[0] if rest else b""
    if (b"transfer-encoding", b"chunked") in [(n.lower(), v.lower()) for n, v in headers]:
        body = _unchunked(body)
    response = ArchivedResponse(
        status=int(status),
        headers=tuple(one for one in headers if not _of_the_archive(one[0])),
        body=body,
        ip=record.rec_headers.get_header("WARC-IP-Address"),
        protocol=protocol.decode("latin-1"),
        archived=Archived(_moment(row), place),
    )
    return _Record(response, record)


def _of_the_archive(name: bytes) -> bool:
    """Whether a header says how the response was sent, which is no more true of the stored body."""
    name = name.lower()
    return name == b"transfer-encoding" or name.startswith(ORIGINAL_PREFIX.lower())


def _unchunked(body: bytes) -> bytes:
    """Some archives of other programs store the chunks as they were sent."""
    content: bytes = ChunkedDataReader(BytesIO(body)).read(len(body))
    return content
