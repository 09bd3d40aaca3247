"""What becomes of requests that fail: real spiders in processes of their own, real servers.

Cases that need the same settings are asked for by one spider: each has a server, and so a host, of
its own.
"""

from __future__ import annotations

import gzip
import json
import socket
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Scrapy, run_scrapy
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

    def of(self, url: str) -> dict[str, Any]:
        """What became of the request for an address."""
        (request,) = [request for request in self.requests if request["url"] == url]
        return request


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


# What is no page of the state, such as robots.txt: answer -> how often it is asked for.
BY_THE_WAY = {
    "a failure is asked for again at once": (Reply(status=503), 3),
    "not so where the host says when": (Reply(status=503, headers={"Retry-After": "5"}), 1),
    "what it says is no time": (Reply(status=503, headers={"Retry-After": "soon"}), 3),
}


TOO_LONG = Reply(status=503, headers={"Retry-After": "7200"})
# Every case so far: what `/a` of its host answers, and the `meta` of the request.
ASKED: dict[str, tuple[Reply, dict[str, Any]]] = {
    **{f"postponed {name}": (case[0], LEASED) for name, case in POSTPONED.items()},
    **{f"final {name}": (case[0], case[1]) for name, case in FINAL.items()},
    **{f"by the way {name}": (case[0], {}) for name, case in BY_THE_WAY.items()},
    "too long": (TOO_LONG, LAST),
}


@dataclass(frozen=True)
class Asked:
    """A case of `ASKED`: its address, how often it was asked for, what became of it."""

    url: str
    times: int
    request: dict[str, Any]
    paused: float | None
    given_up: str | None


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Asked], str]:
    """Each case, by its name, and the log of the spider that asked for all of them."""
    asks = Asks(tmp_path_factory.mktemp("asked"), run_scrapy)
    with ExitStack() as running:
        sites = {
            name: running.enter_context(serve({"/a": reply})) for name, (reply, _) in ASKED.items()
        }
        addresses = [(f"{site.url}/a", ASKED[name][1]) for name, site in sites.items()]
        told = asks(addresses, "BACK_OFF_BASE=1", "LOG_LEVEL=INFO")
        cases = {}
        for name, site in sites.items():
            host, url = site.url.removeprefix("http://"), f"{site.url}/a"
            assert set(site.paths) == {"/a"}
            cases[name] = Asked(
                *(url, len(site.paths), told.of(url)),
                *(told.paused.get(host), told.given_up.get(host)),
            )
    return cases, told.stderr


@pytest.mark.parametrize("name", POSTPONED)
def test_what_may_pass_is_postponed(asked: tuple[dict[str, Asked], str], name: str) -> None:
    _, reason, (least, most) = POSTPONED[name]
    case = asked[0][f"postponed {name}"]
    assert case.times == 1
    assert case.request["reason"] == reason
    assert least <= case.request["seconds"] <= most
    assert case.paused is None or case.paused <= most
    assert case.given_up is None


@pytest.mark.parametrize("name", FINAL)
def test_what_is_final_passes_on(asked: tuple[dict[str, Asked], str], name: str) -> None:
    case = asked[0][f"final {name}"]
    assert case.times == 1
    assert (case.request["reason"], case.request["seconds"]) == (FINAL[name][2], None)


@pytest.mark.parametrize("name", BY_THE_WAY)
def test_requests_by_the_way(asked: tuple[dict[str, Asked], str], name: str) -> None:
    case = asked[0][f"by the way {name}"]
    assert case.times == BY_THE_WAY[name][1]
    assert (case.request["reason"], case.request["seconds"]) == ("http-503", None)


def test_a_host_that_asks_for_too_long_is_given_up_and_its_pages_are_left(
    asked: tuple[dict[str, Asked], str],
) -> None:
    cases, log = asked
    case = cases["too long"]
    host = case.url.removeprefix("http://").removesuffix("/a")
    sentence = (
        f"{host} asks to be left alone for 2 hours (HTTP status 503 (Service Unavailable)), longer "
        "than RETRY_AFTER_MAX, 15 minutes; its pages are left for the next run"
    )
    assert case.given_up == sentence
    assert sentence in log
    assert case.request["detail"] == sentence
    assert 0 <= case.request["seconds"] < 60
    assert [name for name, one in cases.items() if one.given_up] == ["too long"]


ALIVE = {
    "a page": {"/a": "<p>hello"},
    "a page that has not changed": {"/a": Reply(status=304)},
    "no page": {"/a": Reply(status=404)},
    "no request in the server's time": {"/a": Reply(status=408)},
    "no entry": {"/a": Reply(status=403)},
    "a page that is too large": {"/a": Reply("x" * 20_000)},
    "a redirect to another host": {"/a": Reply(status=301, headers={"Location": "{other}/b"})},
}


# Two failures, an answer, two failures: with three in a row the host would be paused.
ORDER = ("/0", "/1", "/a", "/2", "/3")
FAILING = {f"/{number}": Reply(status=500) for number in range(4)}


def test_an_answer_shows_a_host_alive_and_without_one_it_is_paused(asks: Asks) -> None:
    with ExitStack() as running:
        other = running.enter_context(serve({"/b": "<p>b"}))
        sites = {
            name: running.enter_context(
                serve(
                    {path: _leading_to(other.url, reply) for path, reply in routes.items()}
                    | FAILING
                )
            )
            for name, routes in ALIVE.items()
        }
        down = running.enter_context(serve(FAILING))
        told = asks(
            [(site.url + path, LEASED) for site in sites.values() for path in ORDER]
            + [(down.url + path, LEASED) for path in ("/0", "/1", "/2")],
            *("HOST_FAILURES_MAX=3", "HOST_PAUSE=50", "BACK_OFF_BASE=0"),
        )
    assert {name: tuple(site.paths) for name, site in sites.items()} == dict.fromkeys(ALIVE, ORDER)
    assert list(told.paused) == [down.url.removeprefix("http://")]
    assert all(20 <= seconds <= 50 for seconds in told.paused.values())
    assert told.of(f"{down.url}/2")["seconds"] >= 20


def _leading_to(url: str, reply: Reply | str) -> Reply | str:
    if isinstance(reply, str) or "Location" not in reply.headers:
        return reply
    return Reply(status=reply.status, headers={"Location": f"{url}/b"})


def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


UNREACHABLE = {
    "unknown to DNS": ("http://nowhere.invalid/a", "dns-failure"),
    "nobody listens": (f"http://127.0.0.1:{unused_port()}/a", "connection-refused"),
}


def test_a_host_that_cannot_be_reached_has_failed(asks: Asks) -> None:
    cases = UNREACHABLE.values()
    told = asks([(url, LEASED) for url, _ in cases], "HOST_FAILURES_MAX=1", "HOST_PAUSE=50")
    for url, reason in cases:
        request = told.of(url)
        assert request["reason"] == reason
        assert request["seconds"] >= 20
    assert len(told.paused) == len(cases)


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


def test_another_spider_is_served_as_by_scrapy(asks: Asks) -> None:
    once = {name: times for name, (_, times) in FOREIGN.items()}
    with ExitStack() as running:
        sites = {
            name: running.enter_context(serve({"/a": reply}))
            for name, (reply, _) in FOREIGN.items()
        }
        addresses = [(f"{site.url}/a", LEASED) for site in sites.values()]
        ours = asks(addresses, health=False)
        assert {name: site.paths.count("/a") for name, site in sites.items()} == once
        plain = 'DOWNLOADER_MIDDLEWARES={"scraper.back_off.BackOff": null}'
        theirs = asks(addresses, plain, health=False)
        twice = {name: 2 * times for name, times in once.items()}
        assert {name: len(site.paths) for name, site in sites.items()} == twice
    assert [ours.of(url) for url, _ in addresses] == [theirs.of(url) for url, _ in addresses]
