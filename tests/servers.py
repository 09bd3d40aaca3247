"""Real HTTP servers on loopback, for tests.

    with serve({"/": "<p>hello", "/gone": Reply(status=410)}) as site:
        fetch(site.url)          # http://127.0.0.1:PORT, without a trailing slash
        site.paths               # what was asked for, in order

In bodies and header values `{base}` becomes the server's address. What has an ETag or a
Last-Modified answers 304 to a request that names it.
"""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HTML = "text/html; charset=utf-8"
XML = "application/xml"


@dataclass(frozen=True)
class Reply:
    """What a path answers. `delay` in seconds; `cut` announces more bytes than it sends."""

    body: str | bytes = ""
    status: int = 200
    type: str | None = HTML
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    zipped: bool = False
    cut: bool = False

    def payload(self, base: str) -> bytes:
        """The bytes to send."""
        body = self.body
        data = body.replace("{base}", base).encode() if isinstance(body, str) else body
        return gzip.compress(data, mtime=0) if self.zipped else data


@dataclass(frozen=True)
class Asked:
    """One request, as the server saw it; `at` in seconds of the monotonic clock."""

    path: str
    at: float
    headers: Mapping[str, str]


@dataclass
class Server:
    """A running server and what was asked of it."""

    url: str
    port: int
    asked: list[Asked] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        """The paths asked for, with their queries, in order."""
        return [asked.path for asked in self.asked]


@contextmanager
def serve(routes: Mapping[str, Reply | str], port: int = 0) -> Iterator[Server]:
    """Serves `routes`, by path and query, until the block ends; all else is a 404."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            running.asked.append(Asked(self.path, time.monotonic(), dict(self.headers)))
            found = routes.get(self.path, Reply("<h1>Not found</h1>", status=404))
            reply = Reply(found) if isinstance(found, str) else found
            time.sleep(reply.delay)
            try:
                self.send(reply)
            except ConnectionError:  # a client that has given up
                self.close_connection = True

        def send(self, reply: Reply) -> None:
            data = reply.payload(running.url)
            if self.is_current(reply):
                self.send_response(304)
                self.end_headers()
                return
            self.send_response(reply.status)
            if reply.type:
                self.send_header("Content-Type", reply.type)
            for name, value in reply.headers.items():
                self.send_header(name, value.replace("{base}", running.url))
            self.send_header("Content-Length", str(len(data) + (1000 if reply.cut else 0)))
            self.end_headers()
            self.wfile.write(data)
            if reply.cut:
                self.close_connection = True

        def is_current(self, reply: Reply) -> bool:
            """Whether the client has what is asked for; an ETag speaks before a date."""
            for asked, known in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
                if asked in self.headers:
                    return self.headers[asked] == reply.headers.get(known)
            return False

        def log_message(self, format: str, *arguments: object) -> None:
            """Silent: what was asked for is in `Server.asked`."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as http:
        http.daemon_threads = True
        running = Server(f"http://127.0.0.1:{http.server_port}", http.server_port)
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield running
        finally:
            http.shutdown()
            thread.join()
