"""The server of the bundled site: what a browser and a shell see of it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from examples.serve import REDIRECTS, serve

SCRIPT = Path(__file__).parent.parent / "examples" / "serve.py"
CHARSET = "text/html; charset=utf-8"


def get(base: str, path: str) -> tuple[HTTPResponse, bytes]:
    """One response, with no redirect followed."""
    connection = HTTPConnection(urlsplit(base).netloc, timeout=10)
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


@pytest.mark.parametrize(
    ("path", "status", "content_type"),
    [
        ("/", 200, CHARSET),
        ("/blog/heel-pain/", 200, CHARSET),
        ("/zh/baineizhang.html", 200, "text/html"),
        ("/knowledge/shingles.html", 200, "text/html"),
        ("/sitemap.xml", 200, "application/xml; charset=utf-8"),
        ("/feed.xml?format=rss", 200, "application/xml; charset=utf-8"),
        ("/robots.txt", 200, "text/plain; charset=utf-8"),
        ("/img/gallstones-1.png", 200, "image/png"),
        ("/knowledge/withdrawn.html", 404, "text/html;charset=utf-8"),
        ("/none.xml", 404, "text/html;charset=utf-8"),
        ("/../serve.py", 404, "text/html;charset=utf-8"),
    ],
)
def test_answers_with_status_and_type(path: str, status: int, content_type: str) -> None:
    with serve() as site:
        response, _ = get(site.url, path)
    assert (response.status, response.getheader("Content-Type")) == (status, content_type)


@pytest.mark.parametrize("path", REDIRECTS)
def test_redirects_lead_to_pages(path: str) -> None:
    with serve() as site:
        response, _ = get(site.url, path)
        target, _ = get(site.url, response.getheader("Location") or "")
    assert (response.status, target.status) == (REDIRECTS[path][0], 200)


@pytest.mark.parametrize("path", ["/robots.txt", "/sitemap.xml", "/feed.xml"])
def test_absolute_addresses_are_those_of_the_server(path: str) -> None:
    with serve() as site:
        _, body = get(site.url, path)
    assert site.url in body.decode()
    assert "{{" not in body.decode()


def test_requests_are_on_record_in_order() -> None:
    with serve() as site:
        for path in ("/", "/go/iron", "/none.html?x=1"):
            get(site.url, path)
    assert site.requested == ["/", "/go/iron", "/none.html?x=1"]


def test_two_sites_at_once_keep_to_themselves() -> None:
    with serve() as one, serve() as other:
        get(one.url, "/about.html")
    assert (one.requested, other.requested) == (["/about.html"], [])


def test_address_is_free_again_afterwards() -> None:
    with serve() as site:
        port = urlsplit(site.url).port
    assert port
    with serve(port=port) as again:
        assert again.url == site.url


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_script_prints_its_address_first_and_stops_cleanly(stop: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        address = process.stdout.readline().strip()
        assert get(address, "/")[0].status == 200
        process.send_signal(stop)
        _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")


@pytest.mark.slow
def test_script_says_that_its_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, SCRIPT, "--port", str(port)],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == f"cannot serve on 127.0.0.1:{port}: Address already in use\n"
