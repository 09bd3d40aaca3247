"""Serves the bundled site on loopback: `python examples/serve.py [--port 0] [--host 127.0.0.1]`.

The first line printed is the address. From a test:

    with serve() as site:
        fetch(site.url)
        site.requested  # paths in the order in which they were asked for
"""

from __future__ import annotations

import argparse
import io
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

SITE = Path(__file__).parent / "site"

REDIRECTS = {
    "/old/gallstones.php": (HTTPStatus.MOVED_PERMANENTLY, "/knowledge/gallstones.html"),
    "/go/iron": (HTTPStatus.FOUND, "/conditions/iron-deficiency/"),
}

# Pages whose encoding is left to the page itself, as a badly configured server does.
WITHOUT_CHARSET = {"/zh/baineizhang.html", "/knowledge/shingles.html"}

# Sitemaps, feeds and robots.txt need absolute addresses; the port is known only here.
BASE_PLACEHOLDER = b"{{base}}"
WITH_PLACEHOLDER = (".xml", "robots.txt")


@dataclass
class Served:
    """A running site: its address without a trailing slash, and what was asked of it."""

    url: str
    requested: list[str] = field(default_factory=list)


class SiteHandler(SimpleHTTPRequestHandler):
    """Files of the site, the redirects, and the address filled in where it is needed."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: object, served: Served, directory: str) -> None:
        self.served = served
        super().__init__(*arguments, directory=directory)  # type: ignore[arg-type]

    def send_head(self) -> io.BytesIO | BinaryIO | None:
        self.served.requested.append(self.path)
        path = urlsplit(self.path).path
        if path in REDIRECTS:
            self._redirect(*REDIRECTS[path])
            return None
        if path.endswith(WITH_PLACEHOLDER):
            return self._filled_in(Path(self.translate_path(path)))
        return super().send_head()

    def guess_type(self, path: object) -> str:
        kind = super().guess_type(path)  # type: ignore[arg-type]
        address = "/" + Path(str(path)).relative_to(self.directory).as_posix()
        if kind == "text/html" and address not in WITHOUT_CHARSET:
            return "text/html; charset=utf-8"
        return kind

    def log_message(self, format: str, *arguments: object) -> None:
        """Silent: what was asked for is in `Served.requested`."""

    def _redirect(self, status: HTTPStatus, target: str) -> None:
        self.send_response(status)
        self.send_header("Location", target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _filled_in(self, file: Path) -> io.BytesIO | None:
        if not file.is_file():
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        body = file.read_bytes().replace(BASE_PLACEHOLDER, self.served.url.encode())
        kind = "text/plain" if file.suffix == ".txt" else "application/xml"
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return io.BytesIO(body)


@contextmanager
def serve(directory: Path = SITE, host: str = "127.0.0.1", port: int = 0) -> Iterator[Served]:
    """Serves `directory` until the block ends; port 0 takes any free one.

    Raises OSError where the address is taken or cannot be bound.
    """
    served = Served(url="")
    handler = partial(SiteHandler, served=served, directory=str(directory))
    with ThreadingHTTPServer((host, port), handler) as server:
        served.url = f"http://{host}:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()


def main() -> None:
    """Serves until it is interrupted or terminated."""
    parser = argparse.ArgumentParser(description="Serve the bundled site.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    options = parser.parse_args()
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    try:
        with serve(host=options.host, port=options.port) as site:
            print(site.url, flush=True)
            stop.wait()
    except OSError as error:
        parser.exit(1, f"cannot serve on {options.host}:{options.port}: {error.strerror}\n")


if __name__ == "__main__":
    main()
