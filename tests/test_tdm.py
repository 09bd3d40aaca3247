"""`/.well-known/tdmrep.json`: its rules, and a crawl that obeys them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from scraper.tdm import TDM_PATH, Reservation, path_of, read_tdmrep
from tests.host_spiders import fetch_all, keep_file, kept_files
from tests.servers import Reply, serve

RESERVED, FREE = Reservation(True), Reservation(False)


def rule(location: Any, reserved: Any = 1, **more: Any) -> dict[str, Any]:
    return {"location": location, "tdm-reservation": reserved, **more}


@pytest.mark.parametrize(
    ("location", "path", "matches"),
    [
        ("/", "/", True),
        ("/", "/any/page?q=1", True),
        ("/directory-a/", "/directory-a/", True),
        ("/directory-a/", "/directory-a", False),
        ("/directory-a/", "/directory-ab/x", False),
        ("/fish", "/fish.html", True),
        ("/fish", "/Fish", False),
        ("/fish*", "/fishheads/yummy", True),
        ("/*.php", "/folder/any.php.file.html?x", True),
        ("/*.php$", "/filename.php", True),
        ("/*.php$", "/filename.php5", False),
        ("/*.php$", "/filename.php?x=1", False),
        ("/this/*/then", "/this/and/that/then/on", True),
        ("/this/*/then", "/this/then", False),
        ("/a*b*c$", "/axxbyybzzc", True),
        ("/a*b*c$", "/axxbyybzz", False),
        ("/fish*.php", "/fishheads/catfish.php?id=1", True),
        ("/exactly$", "/exactly", True),
        ("/exactly$", "/exactly/not", False),
        ("/path/foo-%24", "/path/foo-$", True),
        ("/path/foo-%24", "/path/foo-%24", True),
        ("/path/*-%2a$", "/path/foo-*", True),
        ("/a$b", "/a$bc", True),
        ("/%7Euser/", "/~user/x", True),
        ("/~user/", "/%7euser/x", True),
        ("/a%2fb", "/a%2Fb", True),
        ("/a%2Fb", "/a/b", False),
        ("/gesundheit/für", "/gesundheit/f%C3%BCr-alle", True),
        ("/gesundheit/f%c3%bcr", "/gesundheit/für-alle", True),
        ("/?id=", "/?id=3", True),
        ("/a.b", "/axb", False),
        ("directory/", "/directory/x", True),
        ("*", "/x", True),
    ],
)
def test_a_location_is_matched_as_in_robots_txt(location: str, path: str, matches: bool) -> None:
    file = read_tdmrep(json.dumps([rule(location)]).encode())
    assert file
    assert file.reservation(path) == (RESERVED if matches else None)


def test_the_first_rule_that_matches_counts() -> None:
    rules = [rule("/free/", 0), rule("/", 1, **{"tdm-policy": "https://example.org/p"})]
    file = read_tdmrep(json.dumps(rules).encode())
    assert file
    assert file.reservation("/free/page") == FREE
    assert file.reservation("/page") == Reservation(True, "https://example.org/p")


@pytest.mark.parametrize(
    "entry",
    [
        *({}, [], "text", 1, None, rule(None), rule(3), rule(""), rule("/", 2), rule("/", True)),
        *(rule("/", None), rule("/", "yes"), rule("/" + "a" * 2000), rule("/*" * 50)),
        {"location": "/"},
        {"tdm-reservation": 1},
    ],
    ids=repr,
)
def test_a_rule_that_makes_no_sense_is_passed_over(entry: Any) -> None:
    file = read_tdmrep(json.dumps([entry, rule("/", 0)]).encode())
    assert file
    assert file.reservation("/x") == FREE


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>Not found", b'"/"', b"12", b"null", b"[" * 100_000, b'[{"location": "/"'],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_no_file_of_rules_is_none(body: bytes) -> None:
    assert read_tdmrep(body) is None


@pytest.mark.parametrize(
    "body",
    [
        b'\xef\xbb\xbf[{"location": "/", "tdm-reservation": 1}]',
        b'[{"location": " / ", "tdm-reservation": "1"}]',
        b'{"location": "/", "tdm-reservation": 1}',
        b'[{"location": "/", "tdm-reservation": 1, "tdm-policy": 5, "more": {}}]',
    ],
)
def test_small_mistakes_are_forgiven(body: bytes) -> None:
    file = read_tdmrep(body)
    assert file
    assert file.reservation("/page") == RESERVED


def test_many_stars_and_a_long_path_take_no_time() -> None:
    file = read_tdmrep(json.dumps([rule("/" + "*a" * 10 + "b$")]).encode())
    assert file
    assert file.reservation("/" + "a" * 100_000) is None


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("https://example.org", "/"),
        ("https://example.org/a/b?c=d#e", "/a/b?c=d"),
        ("https://example.org?c", "/?c"),
    ],
)
def test_path_of_an_address(address: str, path: str) -> None:
    assert path_of(address) == path


PAGES: dict[str, Reply | str] = {
    "/robots.txt": Reply("User-agent: *\nDisallow: /private\n", type="text/plain"),
    "/free/page": "<p>free",
    "/page": "<p>reserved",
}
RULES = json.dumps(
    [rule("/free/", 0), rule("/page", 1, **{"tdm-policy": "https://example.org/terms"})]
)
WEEK = 7 * 86400.0
crawled = pytest.mark.slow


@crawled
def test_what_the_file_reserves_is_not_fetched(tmp_path: Path) -> None:
    with serve({**PAGES, TDM_PATH: RULES}) as site:
        host = site.url.removeprefix("http://")
        pages = [site.url + path for path in ("/free/page", "/page", "/other")]
        first = fetch_all(tmp_path, *pages)
        again = fetch_all(tmp_path, *pages)
    assert first.outcomes == again.outcomes
    assert first.outcomes == {
        pages[0]: 200,
        pages[1]: f"tdm-reserved: {host}{TDM_PATH} reserves text and data mining (TDMRep); "
        "its policy: https://example.org/terms",
        pages[2]: "http-404: HTTP status 404 (Not Found)",
    }
    assert first.tdm[pages[0]] == repr(FREE)
    assert site.paths[:2] == ["/robots.txt", TDM_PATH]
    assert sorted(site.paths[2:]) == ["/free/page", "/free/page", "/other", "/other"]


@crawled
@pytest.mark.parametrize(("age", "asked"), [(0.9 * WEEK, 0), (1.1 * WEEK, 1)])
def test_the_file_is_asked_for_once_a_week(tmp_path: Path, age: float, asked: int) -> None:
    with serve(PAGES) as site:
        keep_file(tmp_path, site.url + TDM_PATH, RULES, age, time.time())
        fetch_all(tmp_path, site.url + "/page")
    assert site.paths.count(TDM_PATH) == asked
    assert site.paths.count("/page") == asked


@crawled
@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        (Reply(status=404), True),
        (Reply(status=403), True),
        (Reply("<h1>Welcome to our home page</h1>"), True),
        (Reply(status=302, headers={"Location": "/"}), True),
        (Reply(status=500), False),
        (Reply(status=429), False),
        (Reply(RULES, cut=True), False),
    ],
)
def test_no_file_and_an_error_reserve_nothing(tmp_path: Path, reply: Reply, kept: bool) -> None:
    with serve({**PAGES, TDM_PATH: reply}) as site:
        result = fetch_all(tmp_path, site.url + "/page", site.url + "/free/page")
    assert set(result.outcomes.values()) == {200}
    assert set(result.tdm.values()) == {"None"}
    assert site.paths.count(TDM_PATH) == 1
    assert (site.url + TDM_PATH in kept_files(tmp_path)) is kept


@crawled
def test_the_file_is_not_asked_for_where_the_setting_does_not_list_it(tmp_path: Path) -> None:
    with serve({**PAGES, TDM_PATH: RULES}) as site:
        result = fetch_all(tmp_path, site.url + "/page", settings={"OBEY_DIRECTIVES": ["noai"]})
    assert result.outcomes == {site.url + "/page": 200}
    assert site.paths == ["/robots.txt", "/page"]


@crawled
def test_a_host_that_lets_nobody_in_is_not_asked(tmp_path: Path) -> None:
    with serve({**PAGES, TDM_PATH: RULES}) as site:
        fetch_all(tmp_path, site.url + "/private")
    assert site.paths == ["/robots.txt"]
