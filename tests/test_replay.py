"""`-s REPLAY=PATH`: a crawl served from the archive, with no network."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scraper.archive import Archive, Place
from scraper.archived import ArchivedResponses, NotAnArchive
from scraper.warc_records import Exchange, Original, Packed, pack, payload_digest
from tests.articles import page
from tests.crawls import IMPOLITE, crawl
from tests.servers import serve

ROOT = Path(__file__).parent.parent
DAY = timedelta(days=1)
MONDAY = datetime(2026, 2, 2, 6, 0, 0, 250, tzinfo=UTC)
URL = "https://example.org/fever"


def exchange(url: str = URL, body: bytes = b"one", day: int = 0, **changes: Any) -> Exchange:
    """A response `day` days after Monday."""
    answer = Exchange(
        url=url,
        fetched_at=MONDAY + day * DAY,
        request_headers=(),
        status=200,
        headers=((b"Content-Type", b"text/html"), (b"X-Day", b"%d" % day)),
        body=body,
    )
    return replace(answer, **changes)


def original(of: Exchange) -> Original:
    return Original(of.url, of.fetched_at, payload_digest(of.body))


def archive(folder: Path, *packed: Packed, run: str = "run") -> list[Place]:
    written = Archive(folder, run)
    places = [written.append(one) for one in packed]
    written.close()
    return places


def test_the_newest_response_of_an_address(tmp_path: Path) -> None:
    days = (1, 3, 2)
    places = archive(tmp_path, *(pack(exchange(body=b"%d" % day, day=day)) for day in days))
    found = ArchivedResponses(tmp_path).newest(URL)
    assert found
    assert (found.body, found.status) == (b"3", 200)
    assert found.headers == ((b"Content-Type", b"text/html"), (b"X-Day", b"3"))
    assert (found.archived.fetched_at, found.archived.place) == (MONDAY + 3 * DAY, places[1])


def test_files_of_several_runs(tmp_path: Path) -> None:
    archive(tmp_path, pack(exchange(body=b"new", day=1)), run="a")
    archive(tmp_path, pack(exchange(body=b"old")), run="b")
    found = ArchivedResponses(tmp_path).newest(URL)
    assert found
    assert (found.body, found.archived.place.file) == (b"new", "a-00000.warc.gz")
    single = ArchivedResponses(tmp_path / "b-00000.warc.gz").newest(URL)
    assert single
    assert single.body == b"old"


@pytest.mark.parametrize(
    "asked",
    [
        URL,
        f"{URL}#top",
        f"{URL}?utm_source=mail",
        "HTTPS://EXAMPLE.org:443/fever",
        "http://example.org/fever",
        "http://www.example.org/fever",
    ],
)
def test_other_spellings_of_an_address(tmp_path: Path, asked: str) -> None:
    archive(tmp_path, pack(exchange()))
    found = ArchivedResponses(tmp_path).newest(asked)
    assert found
    assert found.body == b"one"


def test_the_very_address_goes_before_its_other_spellings(tmp_path: Path) -> None:
    archive(
        tmp_path,
        pack(exchange()),
        pack(exchange(URL.replace("https", "http"), status=301, body=b"moved", day=1)),
    )
    responses = ArchivedResponses(tmp_path)
    assert [
        found.status
        for scheme in ("http", "https")
        if (found := responses.newest(f"{scheme}://example.org/fever"))
    ] == [301, 200]
    assert responses.newest("https://example.org/cough") is None


def test_a_304_stands_for_the_response_before_it(tmp_path: Path) -> None:
    first, later = exchange(), exchange(body=b"later", day=2)
    confirmed = exchange(day=1, status=304, body=b"", headers=())
    places = archive(tmp_path, pack(first), pack(confirmed, original(first)))
    found = ArchivedResponses(tmp_path).newest(URL)
    assert found
    assert (found.status, found.body, found.archived.place) == (200, b"one", places[0])
    assert found.archived.fetched_at == MONDAY
    archive(tmp_path, pack(later), run="later")
    found = ArchivedResponses(tmp_path).newest(URL)
    assert found
    assert found.body == b"later"


def test_an_identical_payload_is_taken_from_where_it_is(tmp_path: Path) -> None:
    first = exchange()
    places = archive(tmp_path, pack(first), pack(exchange(day=1), original(first)))
    found = ArchivedResponses(tmp_path).newest(URL)
    assert found
    assert (found.body, found.archived.place) == (b"one", places[1])
    assert (b"X-Day", b"1") in found.headers
    assert found.archived.fetched_at == MONDAY + DAY


def test_an_identical_payload_of_another_address(tmp_path: Path) -> None:
    first, copy = exchange(), exchange("https://example.org/copy", day=1)
    archive(tmp_path, pack(first), pack(copy, original(first)))
    found = ArchivedResponses(tmp_path).newest(copy.url)
    assert found
    assert found.body == b"one"


def test_an_identical_payload_whose_first_record_is_gone(tmp_path: Path) -> None:
    first, copy = exchange(), exchange("https://example.org/copy", day=1)
    archive(tmp_path, pack(exchange("https://example.org/third")), run="kept")
    archive(tmp_path, pack(copy, original(first)))
    found = ArchivedResponses(tmp_path).newest(copy.url)
    assert found
    assert found.body == b"one"
    (tmp_path / "kept-00000.warc.gz").unlink()
    assert ArchivedResponses(tmp_path).newest(copy.url) is None


def test_a_response_stays_as_it_came(tmp_path: Path) -> None:
    body = gzip.compress("Fieber – was nun?\r\n\r\n".encode("latin-1", "replace"))
    sent = (
        (b"Content-Encoding", b"gzip"),
        (b"Transfer-Encoding", b"chunked"),
        (b"X-Name", "Åse".encode("latin-1")),
        (b"X-Name", "Åse".encode()),
        (b"X-Empty", b""),
    )
    archive(tmp_path, pack(exchange(body=body, headers=sent, ip="192.0.2.7", status=404)))
    found = ArchivedResponses(tmp_path).newest(URL)
    assert found
    assert found.body == body
    assert found.headers == (sent[0], *sent[2:])
    assert (found.status, found.ip, found.protocol) == (404, "192.0.2.7", "HTTP/1.1")


def test_an_archive_of_another_program(tmp_path: Path) -> None:
    """One that keeps the chunks as they were sent, and writes the address in brackets."""
    block = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n"
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
        f"WARC-Target-URI: <{URL}>\r\nWARC-Date: 2026-02-02T06:00:00Z\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    (tmp_path / "wget.warc.gz").write_bytes(gzip.compress(head.encode() + block + b"\r\n\r\n"))
    found = ArchivedResponses(tmp_path).newest(URL)
    assert found
    assert (found.body, found.headers) == (b"one", ())
    assert found.archived.fetched_at == datetime(2026, 2, 2, 6, tzinfo=UTC)


def pages(count: int) -> list[Packed]:
    return [pack(exchange(f"{URL}/{n}", body=os.urandom(900))) for n in range(count)]


@pytest.mark.parametrize("damage", ["cut", "zeros", "flipped"])
def test_a_damaged_file_is_read_as_far_as_it_is_whole(tmp_path: Path, damage: str) -> None:
    places = archive(tmp_path, *pages(9))
    path = tmp_path / places[0].file
    data = bytearray(path.read_bytes())
    at = places[4].offset + 30
    if damage == "cut":
        data = data[:at]
    elif damage == "zeros":
        data[at : at + 40] = bytes(40)
    else:
        data[at + 500] ^= 0xFF
    path.write_bytes(data)
    responses = ArchivedResponses(tmp_path)
    [told] = responses.damaged
    assert str(path) in told
    whole = [n for n in range(9) if responses.newest(f"{URL}/{n}")]
    assert whole == ([0, 1, 2, 3] if damage == "cut" else [0, 1, 2, 3, 5, 6, 7, 8])


def test_a_file_that_is_gone_meanwhile(tmp_path: Path) -> None:
    archive(tmp_path, pack(exchange()))
    responses = ArchivedResponses(tmp_path)
    (tmp_path / "run-00000.warc.gz").write_bytes(b"changed")
    assert responses.newest(URL) is None
    (tmp_path / "run-00000.warc.gz").unlink()
    assert responses.newest(URL) is None


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (lambda _path: None, "there is no such folder or file"),
        (lambda path: path.mkdir(), r"the folder has no file named \*.warc.gz"),
        (lambda path: path.write_bytes(b"no archive"), "no response was found; .* is damaged"),
        (lambda path: path.write_bytes(b""), "no response was found"),
    ],
)
def test_what_is_no_archive_is_said_so(tmp_path: Path, made: Any, told: str) -> None:
    made(tmp_path / "archive")
    with pytest.raises(NotAnArchive, match=told):
        ArchivedResponses(tmp_path / "archive")


SPIDER = """
import json, logging, sys
from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.exceptions import UsageError

class Reader(Spider):
    name = "reader"

    async def start(self):
        for url in sys.argv[2:]:
            yield Request(url, callback=self.read, errback=self.failed)

    def read(self, response):
        kept = response.meta["archived"]
        print(json.dumps({
            "url": response.url, "text": response.text, "status": response.status,
            "type": type(response).__name__, "ip": str(response.ip_address),
            "at": kept.fetched_at.isoformat(), "file": kept.place.file, "offset": kept.place.offset,
            "cookies": [value.decode() for value in response.headers.getlist("Set-Cookie")],
        }))

    def failed(self, failure):
        reason = getattr(failure.value, "reason", type(failure.value).__name__)
        print(json.dumps({"url": failure.request.url, "reason": reason}))

process = AsyncCrawlerProcess({
    "REPLAY": sys.argv[1], "ADDONS": {"scraper.replay.Replay": 50}, "LOG_LEVEL": "WARNING",
    "ROBOTSTXT_OBEY": True, "COOKIES_ENABLED": False, "DOWNLOAD_DELAY": 20,
    "TELNETCONSOLE_ENABLED": False,
})
task = process.crawl(Reader)
process.start()
if isinstance(task.exception(), UsageError):
    sys.exit(str(task.exception()))
"""


@dataclass(frozen=True)
class Replayed:
    """What the spider said of each address, by its path; what it logged."""

    pages: dict[str, dict[str, Any]]
    stderr: str
    status: int


def replayed(path: Path, *urls: str) -> Replayed:
    done = subprocess.run(
        [sys.executable, "-c", SPIDER, path, *urls],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    by_path = {one["url"].partition("example.org")[2]: one for one in told}
    return Replayed(by_path, done.stderr, done.returncode)


@pytest.mark.slow
def test_a_crawl_without_network(tmp_path: Path) -> None:
    html = "<html><title>Fieber</title><p>Ödem</p></html>"
    zipped = exchange(
        body=gzip.compress(html.encode("latin-1")),
        headers=(
            (b"Content-Type", b"text/html; charset=iso-8859-1"),
            (b"Content-Encoding", b"gzip"),
            (b"Set-Cookie", b"a=1"),
            (b"Set-Cookie", b"b=2"),
        ),
        ip="192.0.2.7",
    )
    robots = exchange(
        "https://example.org/robots.txt",
        b"User-agent: *\nDisallow: /closed\nCrawl-delay: 60\n",
        headers=((b"Content-Type", b"text/plain"),),
    )
    moved = exchange(
        "https://example.org/old", b"", status=301, headers=((b"Location", b"/fever"),)
    )
    broken = exchange("https://example.org/broken", b"sorry", status=503)
    closed = exchange("https://example.org/closed")
    exchanges = [robots, zipped, moved, broken, closed]
    places = archive(tmp_path, *map(pack, exchanges))
    base = "https://example.org"
    paths = ("/fever", "/old", "/broken", "/closed", "/unknown")
    told = replayed(tmp_path, *(base + path for path in paths))
    assert told.pages["/fever"] == {
        "url": URL,
        "text": html,
        "status": 200,
        "type": "HtmlResponse",
        "ip": "192.0.2.7",
        "at": zipped.fetched_at.isoformat(),
        "file": places[1].file,
        "offset": places[1].offset,
        "cookies": ["a=1", "b=2"],
    }
    reasons = {path: page.get("reason") for path, page in told.pages.items()}
    assert reasons == {
        "/fever": None,
        "/broken": "HttpError",
        "/closed": "IgnoreRequest",
        "/unknown": "not-archived",
    }
    assert (told.status, told.stderr) == (0, "")


@pytest.mark.slow
def test_a_site_without_an_archived_robots_txt_allows_everything(tmp_path: Path) -> None:
    [place] = archive(tmp_path, *pages(1))
    with (tmp_path / place.file).open("ab") as file:
        file.write(b"\x1f\x8b\x08 half a record")
    told = replayed(tmp_path, f"{URL}/0")
    assert told.pages["/fever/0"]["status"] == 200
    assert told.stderr.count("is damaged or incomplete from byte") == 1
    assert len(told.stderr.splitlines()) == 1


@pytest.mark.slow
def test_a_wrong_path_is_one_sentence(tmp_path: Path) -> None:
    told = replayed(tmp_path / "none", URL)
    assert told.status != 0
    assert told.stderr.splitlines() == [
        f"cannot replay {tmp_path / 'none'}: there is no such folder or file; "
        "give the folder or file with -s REPLAY=PATH"
    ]


SITE = {
    "/": "<title>Health A to Z</title>"
    + "".join(f'<p><a href="/{code}">Page {code}</a></p>' for code in ("en", "de", "fr", "gone"))
    + '<p><a href="/closed/es">Closed</a></p>',
    "/robots.txt": "User-agent: *\nDisallow: /closed/\nCrawl-delay: 1\n",
    "/en": page("en"),
    "/de": page("de"),
    "/fr": page("fr"),
}


def lasting(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Records but for the run that made them; and, where nothing was asked for, for the time."""
    plain = [record | {"run_id": ""} for record in records]
    for record in plain:
        if record.get("reason") == "robots-disallowed":
            record["fetched_at"] = None
    return sorted(plain, key=lambda record: record["url"])


@pytest.mark.slow
def test_a_replay_gives_the_records_of_the_crawl(tmp_path: Path) -> None:
    with serve(SITE) as site:
        live = crawl(tmp_path / "live", f"url={site.url}/")
    settings = (f"REPLAY={tmp_path / 'live' / 'archive'}", *IMPOLITE)
    again = crawl(tmp_path / "again", f"url={site.url}/", settings=settings)
    assert (live.status, again.status) == (0, 0), again.stderr
    assert len(live.articles) == 3
    assert lasting(again.articles) == lasting(live.articles)
    assert lasting(again.rejected) == lasting(live.rejected)
    assert again.stderr == live.stderr
    assert not (tmp_path / "again" / "archive").exists()


@pytest.mark.slow
def test_a_crawl_from_a_wrong_path_is_bad_usage(tmp_path: Path) -> None:
    wrong = (f"REPLAY={tmp_path / 'none'}",)
    done = crawl(tmp_path / "out", "url=https://example.org/", settings=wrong)
    assert done.status == 2
    assert done.stderr.splitlines() == [
        f"scrapy crawl: cannot replay {tmp_path / 'none'}: there is no such folder or file; "
        "give the folder or file with -s REPLAY=PATH"
    ]
