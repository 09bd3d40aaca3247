"""Serves a generated site on loopback, in a process of its own, as cheaply as it goes.

    with serving(GeneratedSite(articles=2_000)) as server:
        ...                                 # crawl server.address
        told = server.told()                # what was asked for since the last time

Every answer is made before the first request and lies in a file that the process maps: an answer is
one look into a dictionary and one write. `drained` asks for every page with a plain client, to show
that the server is not what a crawl waits for.

    python -m benchmarks.page_server ARTICLES SIZE LINKS SEED GZIP       # prints its port
"""

from __future__ import annotations

import asyncio
import gzip
import json
import mmap
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from urllib.request import urlopen

from benchmarks.generated_site import GeneratedSite

PROJECT = Path(__file__).resolve().parent.parent
TOLD = b"/.told"
MISSING = (
    b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 22\r\n\r\n"
    b"<h1>Nothing there</h1>"
)
# gzip's level of common web servers (nginx).
LEVEL = 1


@dataclass(frozen=True)
class Told:
    """What a server was asked for: `pages` of the site, each counted once, `repeated` requests
    for them, and `missing` ones. `first` and `last` in seconds of the monotonic clock, which
    all processes of a machine share; None where nothing was asked for."""

    requests: int
    pages: int
    repeated: int
    missing: int
    first: float | None
    last: float | None


@dataclass(frozen=True)
class Server:
    """A running server. `built` is the seconds that its pages took to make."""

    address: str
    pid: int
    built: float

    def told(self) -> Told:
        """What was asked for since the last call."""
        with urlopen(f"{self.address}{TOLD.decode()[1:]}") as response:
            return Told(**json.load(response))


@contextmanager
def serving(site: GeneratedSite, *, zipped: bool = False) -> Iterator[Server]:
    """The site at an address of its own until the block ends."""
    arguments = (site.articles, site.size, site.links, site.seed, int(zipped))
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.page_server", *map(str, arguments)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        port = process.stdout.readline().strip()
        if not port:
            raise RuntimeError("the page server did not start")
        built = time.monotonic() - started
        yield Server(f"http://127.0.0.1:{port}/", process.pid, built)
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def drained(server: Server, site: GeneratedSite, connections: int) -> float:
    """Pages a second of a client that asks for every page once and looks at none."""

    async def ask(paths: list[str]) -> None:
        host, port = server.address.removeprefix("http://").rstrip("/").split(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=1 << 20)
        for path in paths:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
        writer.close()
        await writer.wait_closed()

    async def ask_all() -> None:
        paths = [site.path(number) for number in site.numbers]
        await asyncio.gather(*(ask(paths[part::connections]) for part in range(connections)))

    started = time.monotonic()
    asyncio.run(ask_all())
    return len(site.numbers) / (time.monotonic() - started)


@dataclass
class _Count:
    """What was asked for, as `Told` has it."""

    paths: Counter[bytes] = field(default_factory=Counter)
    missing: int = 0
    first: float | None = None
    last: float | None = None

    def told(self) -> Told:
        asked = self.paths.total()
        return Told(
            requests=asked + self.missing,
            pages=len(self.paths),
            repeated=asked - len(self.paths),
            missing=self.missing,
            first=self.first,
            last=self.last,
        )


class _Pages:
    """Prepared answers by path, and the count of what was asked for."""

    def __init__(self, site: GeneratedSite, *, zipped: bool) -> None:
        self._places: dict[bytes, slice] = {}
        self._count = _Count()
        with tempfile.TemporaryFile() as file:
            for number in site.numbers:
                answer = _answer(site.page(number), zipped=zipped)
                begin = file.tell()
                file.write(answer)
                self._places[site.path(number).encode()] = slice(begin, begin + len(answer))
            file.flush()
            self._answers = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def answer(self, path: bytes) -> bytes:
        """The whole answer, head and body."""
        count = self._count
        if path == TOLD:
            self._count = _Count()
            return _answer(json.dumps(asdict(count.told())).encode(), zipped=False)
        count.last = time.monotonic()
        if count.first is None:
            count.first = count.last
        place = self._places.get(path)
        if place is None:
            count.missing += 1
            return MISSING
        count.paths[path] += 1
        return self._answers[place]


def _answer(body: bytes, *, zipped: bool) -> bytes:
    packed = gzip.compress(body, LEVEL, mtime=0) if zipped else body
    head = (
        "HTTP/1.1 200 OK\r\n"
        "Content-Type: text/html; charset=utf-8\r\n"
        f'ETag: "{sha256(body).hexdigest()[:16]}"\r\n'
        "Last-Modified: Sat, 31 Jan 2026 09:00:00 GMT\r\n"
        f"{'Content-Encoding: gzip' + chr(13) + chr(10) if zipped else ''}"
        f"Content-Length: {len(packed)}\r\n\r\n"
    )
    return head.encode() + packed


class _Connection(asyncio.Protocol):
    """One connection that is kept alive; a request has no body."""

    def __init__(self, pages: _Pages) -> None:
        self._pages = pages
        self._pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._pending += data
        while (end := self._pending.find(b"\r\n\r\n")) >= 0:
            path = self._pending.split(b" ", 2)[1]
            self._pending = self._pending[end + 4 :]
            self._transport.write(self._pages.answer(path))


async def _serve(pages: _Pages) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(pages), sock=listening)
    print(listening.getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    articles, size, links, seed, gzipped = map(int, sys.argv[1:])
    asyncio.run(_serve(_Pages(GeneratedSite(articles, size, links, seed), zipped=bool(gzipped))))
