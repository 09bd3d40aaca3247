"""Many processes share one crawl over a real Redis server: nothing lost, nothing doubled."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from tests.crawls import IMPOLITE, PROJECT, crawl
from tests.health_site import article, hub, urlset
from tests.printed_site import address, printed, whole_body
from tests.redis_servers import RedisServer, redis_server
from tests.servers import Reply, serve

pytestmark = pytest.mark.slow

PAGES = 2000
# Seconds; longer than a start takes on a machine with much else to do.
LEASE = 20


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A server of the test's own."""
    folder = tmp_path / "redis"
    folder.mkdir()
    with redis_server(folder) as running:
        yield running


def site(pages: int) -> dict[str, Reply | str]:
    """A front page that leads to every article."""
    routes: dict[str, Reply | str] = {"/": hub(*(f"/{n}.html" for n in range(pages)))}
    return routes | {f"/{n}.html": article(f"illness {n}") for n in range(pages)}


def start(output: Path, url: str, redis: RedisServer, *more: str) -> subprocess.Popen[str]:
    """One process of the crawl, with an output folder of its own."""
    settings = [f"OUTPUT_DIR={output}", *IMPOLITE, *frontier(redis), *more]
    options = [word for setting in settings for word in ("-s", setting)]
    return subprocess.Popen(
        [sys.executable, "-m", "scrapy", "crawl", "articles", "-a", f"url={url}/", *options],
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def frontier(redis: RedisServer) -> tuple[str, ...]:
    """Settings of a crawl that is shared."""
    return (f"FRONTIER={redis.address}", f"FRONTIER_LEASE={LEASE}", "CHECKPOINT_SECONDS=0.5")


def records(folder: Path) -> list[dict[str, Any]]:
    """The articles of all published runs in all output folders."""
    files = sorted(folder.glob("*/runs/[!.]*/articles.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def wait_until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for what is going to happen."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_three_processes_share_a_crawl_and_one_is_killed_twice(
    tmp_path: Path, redis: RedisServer
) -> None:
    with serve(site(PAGES)) as server:
        running = [start(tmp_path / f"out{n}", server.url, redis) for n in range(3)]
        leased: set[bytes] = set()
        known = Redis(port=redis.port)
        for asked in (PAGES // 4, PAGES // 2):
            wait_until(lambda asked=asked: len(server.asked) > asked)  # type: ignore[misc]
            (run,) = (path.name[1:-4] for path in tmp_path.glob("out0/runs/.*.tmp"))
            running[0].send_signal(signal.SIGKILL)
            running[0].communicate()
            for key in known.smembers(f"{{marrow}}:leased:{run}"):  # type: ignore[union-attr]
                leased.add(known.hget(f"{{marrow}}:page:{key.decode()}", "url") or b"")  # type: ignore[arg-type]
            running[0] = start(tmp_path / "out0", server.url, redis)
        told = [process.communicate(timeout=240)[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], told
    urls = Counter(record["url"] for record in records(tmp_path))
    assert [url for url, times in urls.items() if times > 1] == []
    assert len(urls) == PAGES
    asked_twice = {path for path, times in Counter(server.paths).items() if times > 1}
    assert asked_twice <= {"/robots.txt", "/sitemap.xml", "/.well-known/tdmrep.json", "/"} | {
        "/" + url.decode().split("/", 3)[3] for url in leased
    }
    share = [len(records_of) for n in range(3) if (records_of := records_in(tmp_path / f"out{n}"))]
    assert min(share) > PAGES / 20  # all three have worked


def records_in(output: Path) -> list[dict[str, Any]]:
    """The articles of one output folder."""
    return records(output.parent / output.name) or [
        json.loads(line)
        for file in output.glob("runs/[!.]*/articles.jsonl")
        for line in file.read_text().splitlines()
    ]


def test_a_host_is_asked_by_all_processes_as_if_by_one(tmp_path: Path, redis: RedisServer) -> None:
    polite = ("DOWNLOAD_DELAY=0.25", "CONCURRENT_REQUESTS_PER_DOMAIN=1")
    with serve(site(24)) as server:
        running = [start(tmp_path / f"out{n}", server.url, redis, *polite) for n in range(3)]
        for process in running:
            process.communicate(timeout=120)
        moments = [asked.at for asked in server.asked]
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    # What is on its way to the server may be late by a little.
    assert min(gaps) > 0.2
    assert len(records(tmp_path)) == 24
    assert sum(bool(list(tmp_path.glob(f"out{n}/runs/[!.]*"))) for n in range(3)) > 1


def test_a_process_that_slept_too_long_leaves_its_pages_to_others(
    tmp_path: Path, redis: RedisServer
) -> None:
    slow = site(60)
    with serve({path: Reply(str(body), delay=0.1) for path, body in slow.items()}) as server:
        sleeper = start(tmp_path / "out0", server.url, redis, "FRONTIER_LEASE=6")
        wait_until(lambda: len(server.asked) > 20)
        sleeper.send_signal(signal.SIGSTOP)
        other = start(tmp_path / "out1", server.url, redis, "FRONTIER_LEASE=6")
        assert other.communicate(timeout=120)[0] is None
        sleeper.send_signal(signal.SIGCONT)
        _, told = sleeper.communicate(timeout=60)
        assert other.returncode == 0
        assert sleeper.returncode == 1
        assert "has heard nothing of this run for more than FRONTIER_LEASE" in told
        assert "Traceback" not in told
        after = start(tmp_path / "out0", server.url, redis)
        after.communicate(timeout=60)
        assert after.returncode == 3
    urls = Counter(record["url"] for record in records(tmp_path))
    assert set(urls.values()) == {1}
    assert len(urls) == 60


def test_a_server_that_restarts_is_waited_for_and_one_that_is_gone_ends_the_run(
    tmp_path: Path, redis: RedisServer
) -> None:
    slow = site(60)
    with serve({path: Reply(str(body), delay=0.1) for path, body in slow.items()}) as server:
        running = start(tmp_path / "out0", server.url, redis)
        wait_until(lambda: len(server.asked) > 15)
        redis.stop()
        time.sleep(1)
        redis.start()
        wait_until(lambda: len(server.asked) > 35)
        redis.stop()
        _, told = running.communicate(timeout=120)
        assert running.returncode == 1
        assert f"frontier {redis.address} cannot be used" in told
        assert "nothing is lost" in told
        assert "Traceback" not in told
        redis.start()
        again = start(tmp_path / "out0", server.url, redis)
        again.communicate(timeout=60)
        assert again.returncode == 0
    urls = Counter(record["url"] for record in records(tmp_path))
    assert set(urls.values()) == {1}
    assert len(urls) == 60


def test_an_article_whose_pages_different_processes_meet_is_one_record(
    tmp_path: Path, redis: RedisServer
) -> None:
    topics = ("gout", "hives", "mumps", "croup", "scurvy", "rabies")
    routes: dict[str, Reply | str] = {}
    for topic in topics:
        routes |= printed(topic, 3)
    # In an order in which the pages of one article are taken by different processes.
    routes["/"] = hub(*(address(topic, n) for n in (2, 3, 1) for topic in topics))
    slow = {path: Reply(str(body), delay=0.3) for path, body in routes.items()}
    with serve(slow) as server:
        running = [start(tmp_path / f"out{n}", server.url, redis) for n in range(2)]
        told = [process.communicate(timeout=240)[1] for process in running]
    assert {process.returncode for process in running} <= {0, 3}, told
    bodies = Counter(record["body"] for record in records(tmp_path))
    assert bodies == Counter(whole_body(topic, range(1, 4)) for topic in topics)


def test_what_a_shared_crawl_knows_holds_for_the_next(tmp_path: Path, redis: RedisServer) -> None:
    pages = ("/a", "/b", "/c")
    routes: dict[str, Reply | str] = {
        "/": hub(*pages),
        "/sitemap.xml": Reply(urlset(*pages), type="application/xml"),
        **{path: article(f"disease {path}") for path in pages},
    }
    shared = (*IMPOLITE, *frontier(redis))
    with serve(routes) as server:
        url = f"url={server.url}/"
        first = crawl(tmp_path / "one", url, settings=shared)
        second = crawl(tmp_path / "two", url, settings=shared)
        routes["/b"] = article("disease /b in another light")
        third = crawl(tmp_path / "two", url, "revisit=all", settings=shared)
        options = [word for setting in shared for word in ("-s", setting)]
        looked = subprocess.run(
            [sys.executable, "-m", "scrapy", "crawl", "articles", "-a", url, "--dry-run", *options],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=True,
        )
    assert [len(each.articles) for each in (first, second, third)] == [3, 0, 1]
    assert (first.status, second.status, third.status) == (0, 3, 0)
    assert third.articles[0]["id"] in {record["id"] for record in first.articles}
    assert "named as a start" in looked.stdout


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (("FRONTIER=localhost:6379",), "FRONTIER is the address of a Redis server"),
        (("FRONTIER=redis://127.0.0.1:9/0",), "cannot be used"),
        (("FRONTIER=redis://127.0.0.1:6379/0", "STATE=False"), "it needs STATE and RUN_FOLDER"),
        (("FRONTIER=redis://127.0.0.1:6379/0", "FRONTIER_LEASE=0"), "FRONTIER_LEASE"),
    ],
)
def test_a_frontier_that_cannot_be_used_is_told_in_a_sentence(
    tmp_path: Path, settings: tuple[str, ...], told: str
) -> None:
    ended = crawl(tmp_path, "url=http://127.0.0.1:9/", settings=settings)
    assert ended.status in (1, 2)
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr
