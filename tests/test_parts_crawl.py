"""Crawls of articles that are printed over several pages, from real servers."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crawls import IMPOLITE, Crawl, crawl
from tests.health_site import article, hub
from tests.printed_site import part, printed, whole_body
from tests.servers import Reply, Server, serve
from tests.test_crash import PROJECT, records
from tests.test_recrawl import NIGHTLY

pytestmark = pytest.mark.slow

WIDE = (*IMPOLITE, "CONCURRENT_REQUESTS_PER_DOMAIN=8")


def exported(done: Crawl) -> dict[str, dict[str, Any]]:
    """The articles by the last word of their titles: their topic."""
    return {record["title"].split()[-1]: record for record in done.articles}


def asked_twice(server: Server) -> list[str]:
    """Pages that were asked for more than once."""
    return [path for path, times in Counter(server.paths).items() if times > 1]


ROUTES: dict[str, Reply | str] = {
    **printed("gout", 4, after="/asthma.html"),
    **printed("hives", 3),
    **printed("mumps", 3),
    **printed("croup", 3),
    **printed("shingles", 2),
    **printed("scurvy", 3),
    "/asthma.html": article("asthma"),
    # Not to be had: vanished, in a circle back to the first, forbidden, with another text.
    "/hives.html?page=2": Reply("<h1>Not found</h1>", status=404),
    "/mumps.html?page=3": Reply(status=301, headers={"Location": "/mumps.html"}),
    "/croup.html?page=2": article("something else"),
    "/robots.txt": Reply("User-agent: *\nDisallow: /shingles.html?page=\n", type="text/plain"),
    "/scurvy.html": Reply("<h1>Not found</h1>", status=404),
}
# The parts are met in any order, and all at once.
ROUTES["/"] = hub(
    *("/gout.html?page=3", "/hives.html", "/gout.html", "/mumps.html?page=2", "/asthma.html"),
    *("/gout.html?page=4", "/croup.html", "/shingles.html", "/scurvy.html?page=3"),
    *("/gout.html?page=2", "/hives.html?page=3"),
)


@pytest.fixture(scope="module")
def first_crawl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Crawl, Server]]:
    with serve(ROUTES) as server:
        yield crawl(tmp_path_factory.mktemp("out"), f"url={server.url}/", settings=WIDE), server


def test_pages_met_in_any_order_are_one_article(first_crawl: tuple[Crawl, Server]) -> None:
    done, server = first_crawl
    gout = exported(done)["gout"]
    assert gout["body"] == whole_body("gout", range(1, 5))
    assert gout["url"] == f"{server.url}/gout.html"
    assert (gout["author"], gout["warnings"]) == ("Ada Lind, MD", [])
    assert gout["links"]["next"]["url"] == f"{server.url}/asthma.html"
    assert gout["warc_file"] is not None


def test_every_page_is_asked_for_once(first_crawl: tuple[Crawl, Server]) -> None:
    done, server = first_crawl
    assert "Traceback" not in done.stderr
    # The page that a redirect leads to is in flight already, and is not asked for again.
    assert asked_twice(server) == []
    assert "/shingles.html?page=2" not in server.paths


@pytest.mark.parametrize(
    ("topic", "warning", "numbers"),
    [
        ("hives", "part-missing:2", (1, 3)),
        ("mumps", "part-missing:3", (1, 2)),
        ("croup", "part-missing:2", (1, 3)),
        ("shingles", "part-missing:2", (1,)),
    ],
)
def test_a_page_that_cannot_be_had_is_a_warning(
    first_crawl: tuple[Crawl, Server], topic: str, warning: str, numbers: tuple[int, ...]
) -> None:
    done, _ = first_crawl
    record = exported(done)[topic]
    assert record["warnings"] == [warning]
    assert record["body"] == whole_body(topic, numbers)
    assert f"/{topic}.html: page {warning[-1]} of the article is missing" in done.stderr


def test_a_page_with_another_text_stands_for_itself(first_crawl: tuple[Crawl, Server]) -> None:
    done, _ = first_crawl
    assert exported(done)["else"]["url"].endswith("/croup.html?page=2")


def test_an_article_without_its_first_page_is_refused_once(
    first_crawl: tuple[Crawl, Server],
) -> None:
    done, _ = first_crawl
    assert "scurvy" not in exported(done)
    assert done.reasons == {"/": "page-type-listing", "/scurvy.html": "first-part-missing"}


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Crawl, list[str]]]:
    """Four crawls of one site: the second finds nothing new, the third a change on page 2 alone,
    the fourth a page that was missing."""
    found = []
    tags = {"ETag": '"one"'}
    routes: dict[str, Reply | str] = {
        path: Reply(str(page), headers=tags) for path, page in printed("gout", 3).items()
    }
    routes["/"] = hub("/gout.html")
    output = tmp_path_factory.mktemp("out")
    with serve(routes) as server:
        for night in range(4):
            if night == 2:
                changed = part("gout", 2, 3).replace("next week", "the week after")
                routes["/gout.html?page=2"] = Reply(changed, headers={"ETag": '"two"'})
                routes["/gout.html?page=3"] = Reply("<h1>Not found</h1>", status=404)
            if night == 3:
                routes["/gout.html?page=3"] = part("gout", 3, 3)
            before = len(server.paths)
            done = crawl(output, f"url={server.url}/", settings=NIGHTLY)
            assert "Traceback" not in done.stderr
            found.append((done, server.paths[before:]))
    return found


def test_what_has_not_changed_is_not_exported(nights: list[tuple[Crawl, list[str]]]) -> None:
    again, paths = nights[1]
    assert (again.articles, again.rejected) == ([], [])
    assert Counter(path for path in paths if "gout" in path) == Counter(
        ["/gout.html", "/gout.html?page=2", "/gout.html?page=3"]
    )


def test_a_change_on_a_later_page_is_a_new_version(nights: list[tuple[Crawl, list[str]]]) -> None:
    (first, _), _, (third, _), (fourth, _) = nights
    (before,), (after,), (whole,) = first.articles, third.articles, fourth.articles
    assert before["id"] == after["id"] == whole["id"]
    assert "the week after" in after["body"]
    assert after["warnings"] == ["part-missing:3"]
    assert "Page 3 on gout" in whole["body"]
    assert whole["warnings"] == []


def test_a_limit_leaves_an_article_incomplete_and_says_so(tmp_path: Path) -> None:
    with serve({**printed("gout", 4), "/": hub("/gout.html")}) as server:
        first = crawl(tmp_path, f"url={server.url}/", "max_pages=3", settings=NIGHTLY)
        pages = [path for path in server.paths if "gout" in path]
        second = crawl(tmp_path, f"url={server.url}/", settings=NIGHTLY)
    assert pages == ["/gout.html", "/gout.html?page=2"]
    assert first.articles[0]["warnings"] == ["part-missing:3", "part-missing:4"]
    assert second.articles[0]["body"] == whole_body("gout", range(1, 5))
    assert second.articles[0]["id"] == first.articles[0]["id"]


def test_a_page_that_has_all_parts_is_the_article(tmp_path: Path) -> None:
    head = "<link rel=canonical href='/gout.html?page=all'>"
    routes = {
        path: str(page).replace("</head>", head + "</head>")
        for path, page in printed("gout", 3).items()
    }
    everything = part("gout", 1, 1).replace(
        "</article>",
        "".join(f"<p>{text}</p>" for n in (2, 3) for text in whole_body("gout", [n]).split("\n\n"))
        + "</article>",
    )
    with serve({**routes, "/gout.html?page=all": everything, "/": hub("/gout.html")}) as server:
        done = crawl(tmp_path, f"url={server.url}/", settings=WIDE)
    (record,) = done.articles
    assert record["url"] == f"{server.url}/gout.html?page=all"
    assert record["body"] == whole_body("gout", range(1, 4))
    assert asked_twice(server) == []


def test_a_page_that_fails_at_first_is_asked_for_again(tmp_path: Path) -> None:
    routes = {**printed("gout", 3), "/": hub("/gout.html")}
    sound = routes["/gout.html?page=2"]
    routes["/gout.html?page=2"] = Reply("busy", status=503, headers={"Retry-After": "1"})
    with serve(routes) as server:
        process = _start(tmp_path, server.url)
        while "/gout.html?page=2" not in server.paths:
            time.sleep(0.02)
        routes["/gout.html?page=2"] = sound
        process.communicate(timeout=60)
    (record,) = records(tmp_path)
    assert (record["warnings"], record["body"]) == ([], whole_body("gout", range(1, 4)))


def test_a_kill_within_an_article_loses_and_doubles_nothing(tmp_path: Path) -> None:
    routes = {**printed("gout", 3), **printed("hives", 3), "/plain.html": article("plain")}
    routes["/"] = hub("/gout.html", "/hives.html", "/plain.html")
    last = routes["/gout.html?page=3"]
    routes["/gout.html?page=3"] = Reply(str(last), delay=30)
    with serve(routes) as server:
        process = _start(tmp_path, server.url)
        while "/gout.html?page=3" not in server.paths:
            time.sleep(0.02)
        time.sleep(1.0)  # a checkpoint or three, with two of three pages here
        process.send_signal(signal.SIGKILL)
        process.communicate()
        routes["/gout.html?page=3"] = last
        _start(tmp_path, server.url).communicate(timeout=60)
    found = {record["title"].split()[-1]: record for record in records(tmp_path)}
    assert Counter(r["url"] for r in records(tmp_path)).most_common(1)[0][1] == 1
    assert set(found) == {"gout", "hives", "plain"}
    for topic in ("gout", "hives"):
        assert (found[topic]["warnings"], found[topic]["body"]) == (
            [],
            whole_body(topic, range(1, 4)),
        )


def _start(output: Path, url: str) -> subprocess.Popen[bytes]:
    settings = (f"OUTPUT_DIR={output}", *IMPOLITE, "CHECKPOINT_SECONDS=0.3")
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "scrapy",
            "crawl",
            "articles",
            "-a",
            f"url={url}/",
            *(word for setting in settings for word in ("-s", setting)),
        ],
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
