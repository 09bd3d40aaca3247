"""Hosts that are out of order: each is told apart, and none harms the crawl of the others.

One crawl over all of them and one good host, each a site, with short times.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from scraper.settings import DOWNLOAD_MAXSIZE
from tests.articles import page as article
from tests.crawls import IMPOLITE, WITH_A_PROCESS, Crawl, crawl
from tests.faulty_servers import (
    Fault,
    answer,
    cut_gzip,
    cut_page,
    drip,
    endless_head,
    flood,
    hang,
    huge,
    page,
    reset,
    self_signed,
    serve_raw,
)
from tests.servers import serve

pytestmark = pytest.mark.slow

ARTICLE = article("en").encode()
SHORT_PAGE = b"<html><title>Gout</title><h1>Gout</h1><p>It begins at night, in one toe.</html>"
NOT_FOUND = b"<html><title>404: Page not found</title><h1>Page not found</h1><p>Sorry.</html>"
# Seconds until a download is given up. A host in trouble is left alone for a moment only, so that
# what is promised of the crawl's length is not lost in pauses.
SHORT = ("DOWNLOAD_TIMEOUT=2", "RETRY_TIMES=1", "BACK_OFF_BASE=0.1", "HOST_PAUSE=0.1")
# Thrice the time-out of a robots.txt and of a page, each asked for twice, and the crawl's own time.
BOUND = 60.0


def redirect(target: str) -> Fault:
    head = f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n"
    return answer(head.encode())


@dataclass(frozen=True)
class Broken:
    """A host that is out of order, as the crawl is to tell of it.

    `serves` gives the address of a page, while the server runs; `folder` is for its certificate.
    """

    serves: Callable[[Path], AbstractContextManager[str]]
    reason: str
    detail: str


def at(address: str) -> Callable[[Path], AbstractContextManager[str]]:
    """No server at all."""

    @contextmanager
    def none(_: Path) -> Iterator[str]:
        yield address

    return none


def raw(
    fault: Fault, *, tls: bool = False, scheme: str | None = None, robots: Fault | None = None
) -> Callable[[Path], AbstractContextManager[str]]:
    """A server with this fault; with its own certificate where `tls`."""

    @contextmanager
    def serving(folder: Path) -> Iterator[str]:
        context = self_signed(folder)[0] if tls else None
        proper = {"/robots.txt": robots} if robots else {}
        proper["/there"], proper["/back"] = redirect("/back"), redirect("/there")
        with serve_raw(fault, tls=context, scheme=scheme, proper=proper) as site:
            yield f"{site.url}/page"

    return serving


@contextmanager
def nobody(_: Path) -> Iterator[str]:
    """A port that is taken, so that no one else can have it, and does not listen."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/page"


NO_ROBOTS = "robots.txt cannot be read, and without it nothing is fetched: "
BROKEN = {
    "no such host": Broken(
        at("http://nowhere.invalid/page"),
        *("dns-failure", "not known to DNS: check its spelling, and this machine's network"),
    ),
    "nobody listens": Broken(nobody, "connection-refused", "because no server listens there or"),
    "a certificate that nobody vouches for": Broken(
        raw(page(ARTICLE), tls=True),
        *("robots-unreachable", f"{NO_ROBOTS}the host's certificate is not to be trusted (self-"),
    ),
    "https where http is spoken": Broken(
        raw(page(ARTICLE), scheme="https"),
        *("robots-unreachable", f"{NO_ROBOTS}no encrypted connection can be made, perhaps the"),
    ),
    "http where https is spoken": Broken(
        raw(page(ARTICLE), tls=True, scheme="http"),
        *("robots-unreachable", f"{NO_ROBOTS}the connection failed: the server broke it off"),
    ),
    "hangs": Broken(raw(hang), "timeout", "no complete answer in time; -s DOWNLOAD_TIMEOUT="),
    "hangs from the first": Broken(
        raw(hang, robots=hang), "robots-unreachable", f"{NO_ROBOTS}no complete answer in time"
    ),
    "resets": Broken(raw(reset), "connection-failed", "the server broke it off"),
    "closes": Broken(raw(answer(b"")), "connection-failed", "the server closed it without an"),
    "speaks no HTTP": Broken(
        raw(answer(b"220 mail.example.org ESMTP\r\n\r\n")),
        *("connection-failed", "what the server sent is no HTTP"),
    ),
    "drips without end": Broken(raw(drip()), "timeout", "no complete answer in time"),
    "floods without end": Broken(
        raw(flood()), "too-large", "larger than DOWNLOAD_MAXSIZE; -s DOWNLOAD_MAXSIZE=BYTES allows"
    ),
    "a head without end": Broken(
        raw(endless_head()), "connection-failed", "the head of the answer does not end"
    ),
    "a page of 100 MB": Broken(raw(huge(100_000_000)), "too-large", "larger than DOWNLOAD_MAXSIZE"),
    "ends within the page": Broken(
        raw(cut_page(ARTICLE)), "truncated", "the connection ended within the page"
    ),
    "ends within the gzip": Broken(
        raw(cut_gzip(SHORT_PAGE)),
        "truncated",
        "the compressed page ends too soon; of what there is:",
    ),
    "unpacks to too much": Broken(
        raw(cut_gzip(b"<p>" + b"x" * 3 * DOWNLOAD_MAXSIZE)),
        *("too-large", "larger than DOWNLOAD_MAXSIZE once unpacked"),
    ),
    "redirects in circles": Broken(
        raw(redirect("/there")), "redirect-loop", "redirects in a circle, back to http"
    ),
    "says 200 OK to an error": Broken(
        raw(page(NOT_FOUND)), "page-type-error", "the title says that the page was not found"
    ),
}


@dataclass(frozen=True)
class Faults:
    """The crawl of all, what it took in seconds, and the address of each broken host."""

    crawl: Crawl
    seconds: float
    addresses: dict[str, str]


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Faults:
    good = {"/": article("en"), "/a/": article("de"), "/b/": article("fr")}
    with ExitStack() as running:
        addresses = {
            name: running.enter_context(broken.serves(tmp_path_factory.mktemp("host")))
            for name, broken in BROKEN.items()
        }
        site = running.enter_context(serve(good))
        start = time.monotonic()
        urls = ",".join((f"{site.url}/", *addresses.values()))
        done = crawl(
            tmp_path_factory.mktemp("output"),
            f"url={urls}",
            settings=(*WITH_A_PROCESS, *SHORT, "CONTACT=me@example.org"),
        )
        return Faults(done, time.monotonic() - start, addresses)


@pytest.mark.parametrize("name", BROKEN)
def test_each_is_a_reject_with_its_reason_and_a_sentence(faults: Faults, name: str) -> None:
    address, broken = faults.addresses[name], BROKEN[name]
    host = address.removesuffix("/page")
    (rejected,) = [r for r in faults.crawl.rejected if r["url"].startswith(f"{host}/")]
    assert (rejected["reason"], broken.detail in rejected["detail"]) == (broken.reason, True), (
        rejected["detail"]
    )


def test_the_other_pages_are_exported(faults: Faults) -> None:
    assert len(faults.crawl.articles) == 3
    assert faults.crawl.status == 0


def test_the_crawl_ends_in_bounded_time(faults: Faults) -> None:
    assert faults.seconds < BOUND


def test_no_traceback_but_a_line_for_each_start_that_failed(faults: Faults) -> None:
    assert "Traceback" not in faults.crawl.stderr
    for line in faults.crawl.stderr.splitlines():
        assert line.startswith("scrapy crawl: warning: http"), line
    assert faults.crawl.run["errors"]["spider"] == {}


@pytest.mark.parametrize("how", ["the machine trusts it", "the setting allows any"])
def test_a_certificate_that_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    context, certificate = self_signed(tmp_path)
    settings = [*IMPOLITE, *SHORT]
    if how == "the machine trusts it":
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    else:
        settings.append("DOWNLOAD_VERIFY_CERTIFICATES=False")
    with serve_raw(answer(b""), tls=context, proper={"/page": page(ARTICLE)}) as site:
        done = crawl(tmp_path / "output", f"url={site.url}/page", settings=tuple(settings))
    assert len(done.articles) == 1, done.stderr
