"""What becomes of requests that fail: real spiders in processes of their own, real servers."""

from __future__ import annotations

import gzip
import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Scrapy
from tests.servers import Reply, serve

pytestmark = pytest.mark.slow

# Asks for each address of a list, once, and writes down what came of it, a line each; at the end
# what is known of the hosts. `health=0` makes it a spider that knows nothing of Marrow.
SPIDER = """
import json
from pathlib import Path

import scrapy

from scraper.failures import Postponed, explain
from scraper.host_health import HostHealth, Limits


class Asks(scrapy.Spider):
    name = "asks"

    @classmethod
    def from_crawler(cls, crawler, *args, **arguments):
        spider = super().from_crawler(crawler, *args, **arguments)
        if spider.health == "1":
            spider.health = HostHealth(Limits.of(crawler.settings))
        else:
            del spider.health
        spider.told = Path(spider.told).open("w")
        return spider

    async def start(self):
        for asked in json.loads(self.asked):
            yield scrapy.Request(asked["url"], errback=self.failed, meta=asked["meta"])

    def parse(self, response):
        self.tell(url=response.url, status=response.status)

    def failed(self, failure):
        error, url = failure.value, failure.request.url
        told = explain(error)
        seconds = error.seconds if isinstance(error, Postponed) else None
        self.tell(url=url, reason=told.reason, detail=told.detail, seconds=seconds)

    def tell(self, **told):
        print(json.dumps(told), file=self.told)

    def closed(self, reason):
        if hasattr(self, "health"):
            self.tell(paused=self.health.paused(), given_up=self.health.given_up())
        self.told.close()
"""
LEASED = {"leased": True}
LAST = {"leased": True, "tries": 2}
QUICK = (
    *("RUN_FOLDER=0", "AUTOTHROTTLE_ENABLED=0", "DOWNLOAD_DELAY=0.01", "ROBOTSTXT_OBEY=0"),
    *("OBEY_DIRECTIVES=", "ALLOW_PRIVATE_ADDRESSES=1"),
)
SHORT = ("DOWNLOAD_TIMEOUT=1", "DOWNLOAD_MAXSIZE=10000")


@dataclass(frozen=True)
class Told:
    """What the spider wrote down: of its requests, and of hosts at the end; and its log."""

    requests: list[dict[str, Any]]
    paused: dict[str, float]
    given_up: dict[str, str]
    stderr: str


class Asks:
    """The spider as a command."""

    def __init__(self, folder: Path, scrapy: Scrapy) -> None:
        self._file, self._told, self._scrapy = folder / "asks.py", folder / "told.jsonl", scrapy
        self._file.write_text(SPIDER)

    def __call__(
        self, asked: list[tuple[str, dict[str, Any]]], *settings: str, health: bool = True
    ) -> Told:
        """Asks for addresses with their `meta`; `settings` as NAME=VALUE."""
        given = json.dumps([{"url": url, "meta": meta} for url, meta in asked])
        arguments = {"asked": given, "told": self._told, "health": int(health)}
        options = [part for name, value in arguments.items() for part in ("-a", f"{name}={value}")]
        options += [part for setting in (*QUICK, *SHORT, *settings) for part in ("-s", setting)]
        done = self._scrapy("runspider", self._file, *options)
        assert "Traceback" not in done.stderr, done.stderr
        lines = [json.loads(line) for line in self._told.read_text().splitlines()]
        hosts = lines.pop() if health else {"paused": {}, "given_up": {}}
        return Told(lines, hosts["paused"], hosts["given_up"], done.stderr)


@pytest.fixture
def asks(tmp_path: Path, scrapy: Scrapy) -> Asks:
    return Asks(tmp_path, scrapy)


# By the server's clock, which is years behind, in forty seconds.
DATE = {"Date": "Tue, 03 Feb 2026 10:00:00 GMT", "Retry-After": "Tue, 03 Feb 2026 10:00:40 GMT"}
# What a page of the state's frontier answers -> its reason, and the bounds of its pause in seconds.
POSTPONED = {
    "408": (Reply(status=408), "http-408", (0, 1)),
    "500": (Reply(status=500), "http-500", (0, 1)),
    "502": (Reply(status=502), "http-502", (0, 1)),
    "503": (Reply(status=503), "http-503", (0, 1)),
    "503 that says when": (
        *(Reply(status=503, headers={"Retry-After": "40"}), "http-503", (35, 40)),
    ),
    "429": (Reply(status=429), "http-429", (0, 1)),
    "429 that says when": (
        *(Reply(status=429, headers={"Retry-After": "40"}), "http-429", (35, 40)),
    ),
    "429 that says when by date": (Reply(status=429, headers=DATE), "http-429", (35, 40)),
    "silence": (Reply(delay=4), "timeout", (0, 1)),
    "an end within the page": (Reply("cut", cut=True), "truncated", (0, 1)),
    "an end within the gzip": (
        *(Reply(gzip.compress(b"cut")[:-9], headers={"Content-Encoding": "gzip"}), "truncated"),
        (0, 1),
    ),
}


@pytest.mark.parametrize(("reply", "reason", "bounds"), POSTPONED.values(), ids=POSTPONED)
def test_what_may_pass_is_postponed(
    asks: Asks, reply: Reply, reason: str, bounds: tuple[float, float]
) -> None:
    with serve({"/a": reply}) as site:
        told = asks([(f"{site.url}/a", LEASED)], "BACK_OFF_BASE=1")
        assert site.paths == ["/a"]
    (request,) = told.requests
    assert request["reason"] == reason
    assert bounds[0] <= request["seconds"] <= bounds[1]
    assert all(seconds <= bounds[1] for seconds in told.paused.values())
    assert told.given_up == {}


FINAL = {
    "404": (Reply(status=404), LEASED, "http-404"),
    "403": (Reply(status=403), LEASED, "http-403"),
    "410": (Reply(status=410), LEASED, "http-410"),
    "too large": (Reply("x" * 20_000), LEASED, "too-large"),
    "the last 503": (Reply(status=503), LAST, "http-503"),
    "the last silence": (Reply(delay=4), LAST, "timeout"),
    "what is not to be tried again": (
        *(Reply(status=503), {"leased": True, "dont_retry": True}, "http-503"),
    ),
}


@pytest.mark.parametrize(("reply", "meta", "reason"), FINAL.values(), ids=FINAL)
def test_what_is_final_passes_on(
    asks: Asks, reply: Reply, meta: dict[str, Any], reason: str
) -> None:
    with serve({"/a": reply}) as site:
        told = asks([(f"{site.url}/a", meta)])
        assert site.paths == ["/a"]
    (request,) = told.requests
    assert (request["reason"], request["seconds"]) == (reason, None)


ALIVE = {
    "a page": {"/a": "<p>hello"},
    "a page that has not changed": {"/a": Reply(status=304)},
    "no page": {"/a": Reply(status=404)},
    "no request in the server's time": {"/a": Reply(status=408)},
    "no entry": {"/a": Reply(status=403)},
    "a page that is too large": {"/a": Reply("x" * 20_000)},
    "a redirect to another host": {"/a": Reply(status=301, headers={"Location": "{other}/b"})},
}


@pytest.mark.parametrize("routes", ALIVE.values(), ids=ALIVE)
def test_an_answer_shows_a_host_alive(asks: Asks, routes: dict[str, Reply | str]) -> None:
    """Two failures, an answer, two failures: with three in a row the host would be paused."""
    with serve({"/b": "<p>b"}) as other:
        routes = {path: _leading_to(other.url, reply) for path, reply in routes.items()}
        failing = {f"/{number}": Reply(status=500) for number in range(4)}
        with serve(routes | failing) as site:
            order = ["/0", "/1", "/a", "/2", "/3"]
            told = asks(
                [(site.url + path, LEASED) for path in order],
                *("HOST_FAILURES_MAX=3", "HOST_PAUSE=50", "BACK_OFF_BASE=0"),
            )
            assert site.paths == order
    assert told.paused == {}


def _leading_to(url: str, reply: Reply | str) -> Reply | str:
    if isinstance(reply, str) or "Location" not in reply.headers:
        return reply
    return Reply(status=reply.status, headers={"Location": f"{url}/b"})


def test_a_host_that_fails_in_a_row_is_paused(asks: Asks) -> None:
    with serve({f"/{number}": Reply(status=500) for number in range(3)}) as site:
        told = asks(
            [(f"{site.url}/{number}", LEASED) for number in range(3)],
            *("HOST_FAILURES_MAX=3", "HOST_PAUSE=50", "BACK_OFF_BASE=0"),
        )
    assert 20 <= told.paused[site.url.removeprefix("http://")] <= 50
    assert told.requests[-1]["seconds"] >= 20


def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


UNREACHABLE = {
    "unknown to DNS": ("http://nowhere.invalid/a", "dns-failure"),
    "nobody listens": (f"http://127.0.0.1:{unused_port()}/a", "connection-refused"),
}


@pytest.mark.parametrize(("url", "reason"), UNREACHABLE.values(), ids=UNREACHABLE)
def test_a_host_that_cannot_be_reached_has_failed(asks: Asks, url: str, reason: str) -> None:
    told = asks([(url, LEASED)], "HOST_FAILURES_MAX=1", "HOST_PAUSE=50")
    (request,) = told.requests
    assert request["reason"] == reason
    assert request["seconds"] >= 20
    assert len(told.paused) == 1


def test_a_host_that_asks_for_too_long_is_given_up_and_its_pages_are_left(asks: Asks) -> None:
    headers = {"Retry-After": "7200"}
    with serve({"/a": Reply(status=503, headers=headers)}) as site:
        told = asks([(f"{site.url}/a", LAST)], "LOG_LEVEL=INFO")
    host = site.url.removeprefix("http://")
    sentence = (
        f"{host} asks to be left alone for 2 hours (HTTP status 503 (Service Unavailable)), longer "
        "than RETRY_AFTER_MAX, 15 minutes; its pages are left for the next run"
    )
    assert told.given_up == {host: sentence}
    assert sentence in told.stderr
    (request,) = told.requests
    assert request["detail"] == sentence
    assert 0 <= request["seconds"] < 60


# What is no page of the state, such as robots.txt: answer -> how often it is asked for.
BY_THE_WAY = {
    "a failure is asked for again at once": (Reply(status=503), 3),
    "not so where the host says when": (Reply(status=503, headers={"Retry-After": "5"}), 1),
    "what it says is no time": (Reply(status=503, headers={"Retry-After": "soon"}), 3),
}


@pytest.mark.parametrize(("reply", "times"), BY_THE_WAY.values(), ids=BY_THE_WAY)
def test_requests_by_the_way(asks: Asks, reply: Reply, times: int) -> None:
    with serve({"/robots.txt": reply}) as site:
        told = asks([(f"{site.url}/robots.txt", {})])
        assert site.paths == ["/robots.txt"] * times
    (request,) = told.requests
    assert (request["reason"], request["seconds"]) == ("http-503", None)


def test_without_retries_every_failure_is_final_and_the_host_still_left_alone(asks: Asks) -> None:
    with serve({"/a": Reply(status=429, headers={"Retry-After": "40"})}) as site:
        told = asks([(f"{site.url}/a", LEASED), (f"{site.url}/a?", {})], "RETRY_ENABLED=0")
        assert len(site.paths) == 2
    assert {request["seconds"] for request in told.requests} == {None}
    assert len(told.paused) == 1


FOREIGN = {
    "503": (Reply(status=503), 3),
    "503 that says when": (Reply(status=503, headers={"Retry-After": "7200"}), 3),
    "404": (Reply(status=404), 1),
    "silence": (Reply(delay=4), 3),
}


@pytest.mark.parametrize(("reply", "times"), FOREIGN.values(), ids=FOREIGN)
def test_another_spider_is_served_as_by_scrapy(asks: Asks, reply: Reply, times: int) -> None:
    with serve({"/a": reply}) as site:
        ours = asks([(f"{site.url}/a", LEASED)], health=False)
        assert site.paths == ["/a"] * times
        plain = 'DOWNLOADER_MIDDLEWARES={"scraper.back_off.BackOff": null}'
        theirs = asks([(f"{site.url}/a", LEASED)], plain, health=False)
        assert site.paths == ["/a"] * 2 * times
    assert ours.requests == theirs.requests
