"""robots.txt: asked for once a day, kept from run to run, and used on while its host fails."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.host_spiders import fetch_all, keep_file, kept_files
from tests.servers import Reply, serve

pytestmark = pytest.mark.slow

DAY = 86400.0
CLOSED = "User-agent: *\nDisallow: /private\n"
PAGES = {"/page": "<p>page", "/private": "<p>private"}
NO_TDM = {"OBEY_DIRECTIVES": []}


def robots(body: str = CLOSED, **options: object) -> dict[str, Reply | str]:
    return {**PAGES, "/robots.txt": Reply(body, type="text/plain", **options)}


def test_a_second_run_on_the_same_day_does_not_ask_again(tmp_path: Path) -> None:
    with serve(robots()) as site:
        asked = site.url + "/page", site.url + "/private"
        first = fetch_all(tmp_path, *asked, settings=NO_TDM)
        second = fetch_all(tmp_path, *asked, settings=NO_TDM)
    assert site.paths == ["/robots.txt", "/page", "/page"]
    assert first.outcomes == second.outcomes
    assert first.outcomes[asked[1]] == "robots-disallowed: robots.txt does not allow it"
    assert first.parsed == second.parsed == 1


@pytest.mark.parametrize(("age", "asked"), [(0.9 * DAY, 0), (1.1 * DAY, 1), (-DAY, 1)])
def test_an_old_file_is_read_again_and_so_is_one_from_the_future(
    tmp_path: Path, age: float, asked: int
) -> None:
    with serve(robots("User-agent: *\nDisallow: /page\n")) as site:
        keep_file(tmp_path, site.url + "/robots.txt", CLOSED, age, time.time())
        outcomes = fetch_all(tmp_path, site.url + "/page", settings=NO_TDM).outcomes
    assert site.paths.count("/robots.txt") == asked
    assert (outcomes[site.url + "/page"] == 200) is (asked == 0)
    newest = kept_files(tmp_path)[site.url + "/robots.txt"]["fetched_at"]
    assert (time.time() - newest < 600) is bool(asked)


def test_while_its_host_fails_an_earlier_file_holds_for_a_month(tmp_path: Path) -> None:
    ages = {2 * DAY: ["200", "robots-disallowed"], 31 * DAY: ["robots-unreachable"] * 2}
    cases = [(status, age) for status in (500, 503, 429) for age in ages]
    with ExitStack() as running:
        sites = [running.enter_context(serve(robots("", status=status))) for status, _ in cases]
        for site, (_, age) in zip(sites, cases, strict=True):
            keep_file(tmp_path, site.url + "/robots.txt", CLOSED, age, time.time())
        pages = [site.url + path for site in sites for path in ("/page", "/private")]
        result = fetch_all(tmp_path, *pages, settings=NO_TDM)
    for site, (status, age) in zip(sites, cases, strict=True):
        found = [str(result.outcomes[site.url + path]) for path in ("/page", "/private")]
        assert [each.split(":")[0] for each in found] == ages[age], (status, age)
        assert kept_files(tmp_path)[site.url + "/robots.txt"]["body"] == CLOSED
    assert result.parsed == len(cases) / 2


ANSWERS: list[tuple[Reply, int | str]] = [
    (Reply(status=404), 200),
    (Reply(status=403), 200),
    (Reply(status=429), "robots-unreachable: {}HTTP status 429"),
    (Reply(status=500), "robots-unreachable: {}HTTP status 500"),
    (Reply("User-agent", cut=True), "robots-unreachable: {}the connection ended within"),
    (Reply(delay=4), "robots-unreachable: {}no complete answer in time"),
    (Reply(status=301, headers={"Location": "/robots.txt"}), 200),
    (Reply(status=301, headers={"Location": "ftp://127.0.0.1/x"}), 200),
    (Reply("<html>Welcome"), 200),
]


def test_what_an_answer_for_robots_txt_allows(tmp_path: Path) -> None:
    settings = {**NO_TDM, "DOWNLOAD_TIMEOUT": 2}
    with ExitStack() as running:
        pages = [
            running.enter_context(serve({**PAGES, "/robots.txt": reply})).url + "/page"
            for reply, _ in ANSWERS
        ]
        result = fetch_all(tmp_path, *pages, settings=settings, store=False)
    for page, (reply, outcome) in zip(pages, ANSWERS, strict=True):
        found = result.outcomes[page]
        if isinstance(outcome, str):
            expected = outcome.format(
                "robots.txt cannot be read, and without it nothing is fetched: "
            )
            assert str(found).startswith(expected), reply
        else:
            assert found == outcome, reply
    assert "Traceback" not in result.stderr


def test_five_redirects_are_followed(tmp_path: Path) -> None:
    hops = {f"/{n}": Reply(status=302, headers={"Location": f"/{n + 1}"}) for n in range(1, 5)}
    first = Reply(status=301, headers={"Location": "/1"})
    with serve({**PAGES, **hops, "/robots.txt": first, "/5": Reply(CLOSED)}) as site:
        page = site.url + "/private"
        outcomes = fetch_all(tmp_path, page, settings=NO_TDM).outcomes
    assert str(outcomes[page]).startswith("robots-disallowed")


def test_a_large_file_is_read_up_to_a_limit_in_whole_lines(tmp_path: Path) -> None:
    filler = "# nothing\n" * 60_000
    late = f"User-agent: *\nDisallow: /private\n{filler}Disallow: /page\n"
    with serve(robots(late)) as site:
        pages = site.url + "/page", site.url + "/private"
        outcomes = fetch_all(tmp_path, *pages, settings=NO_TDM).outcomes
    assert [str(outcomes[page])[:17] for page in pages] == ["200", "robots-disallowed"]
    assert len(kept_files(tmp_path)[site.url + "/robots.txt"]["body"]) <= 500 * 1024


def test_requests_at_the_same_time_wait_for_one_and_the_same_file(tmp_path: Path) -> None:
    settings = {**NO_TDM, "CONCURRENT_REQUESTS_PER_DOMAIN": 8}
    with serve(robots(delay=0.5)) as site:
        pages = [f"{site.url}/private?{n}" for n in range(8)]
        result = fetch_all(tmp_path, *pages, settings=settings, store=False)
    assert site.paths == ["/robots.txt"]
    assert {str(found)[:17] for found in result.outcomes.values()} == {"robots-disallowed"}
