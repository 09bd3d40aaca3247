"""What the people behind a crawled site may rely on when their server is in trouble."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from tests.articles import PROSE, page
from tests.crawls import IMPOLITE, Crawl, crawl
from tests.servers import Reply, Server, serve

pytestmark = pytest.mark.slow

# An article in each language that the tests know: pages of one site that are no duplicates.
LANGUAGES = tuple(PROSE)[:8]
PAGES = tuple(f"/{language}" for language in LANGUAGES)
BUSY = Reply(status=503)
# Seconds of the rounding and the scheduling of two processes.
SLACK = 0.2


class Site(dict[str, "Reply | str"]):
    """Routes of a site with a page that links to articles; `replies` come first, each once.

    `replies` of a path, or of `*` for any page but the first: what is answered in turn, in place of
    the page.
    """

    def __init__(self, **replies: list[Reply]) -> None:
        links = "".join(f'<li><a href="{path}">{path[1:]}</a></li>' for path in PAGES)
        super().__init__({"/": f"<title>Topics</title><h1>Topics</h1><ul>{links}</ul>"})
        self |= {f"/{language}": page(language) for language in LANGUAGES}
        self.replies = {name if name == "*" else f"/{name}": r for name, r in replies.items()}

    def get(self, path: str, default: Reply | str | None = None) -> Reply | str | None:  # type: ignore[override]
        """The reply of the day."""
        waiting = self.replies.get(path) or (path in PAGES and self.replies.get("*"))
        return waiting.pop(0) if waiting else super().get(path, default)


def visit(site: Server, output: Path, *settings: str) -> Crawl:
    done = crawl(output, f"url={site.url}/", settings=(*IMPOLITE, *settings, "CONTACT=me@x.org"))
    assert "Traceback" not in done.stderr
    return done


def pauses(site: Server) -> list[float]:
    """Seconds between the requests for pages, one after another."""
    times = [asked.at for asked in site.asked if asked.path in PAGES]
    return [after - before for before, after in pairwise(times)]


ONE_BY_ONE = "CONCURRENT_REQUESTS_PER_DOMAIN=1"
# What a server says once, in the middle of a crawl -> the seconds it is left alone.
ASKED_FOR = {
    "429": (Reply(status=429, headers={"Retry-After": "3"}), 3.0),
    "503": (Reply(status=503, headers={"Retry-After": "2"}), 2.0),
}


@pytest.mark.parametrize(("reply", "seconds"), ASKED_FOR.values(), ids=ASKED_FOR)
def test_retry_after_is_obeyed_and_no_page_is_lost(
    tmp_path: Path, reply: Reply, seconds: float
) -> None:
    with serve(Site(de=[reply])) as site:
        done = visit(site, tmp_path, ONE_BY_ONE)
        assert site.paths.count("/de") == 2
        asked = [asked for asked in site.asked if asked.path in PAGES]
        number = [each.path for each in asked].index("/de")
        assert asked[number + 1].at - asked[number].at >= seconds - SLACK
    assert len(done.articles) == len(PAGES)
    assert "http-429" not in done.reasons.values()


def test_a_host_that_asks_for_hours_is_left_for_the_next_run(tmp_path: Path) -> None:
    routes = Site(**{"*": [Reply(status=429, headers={"Retry-After": "7200"})]})
    with serve(routes) as site:
        first = visit(site, tmp_path, ONE_BY_ONE)
        assert len([path for path in site.paths if path in PAGES]) == 1
        (sentence,) = first.run["hosts_given_up"].values()
        assert "asks to be left alone for 2 hours" in sentence
        assert sentence in first.stderr
        assert not set(first.reasons) & set(PAGES)
        second = visit(site, tmp_path, ONE_BY_ONE)
    assert len(second.articles) == len(PAGES)
    assert second.run["hosts_given_up"] == {}


def test_a_failing_host_is_paused_and_comes_back(tmp_path: Path) -> None:
    with serve(Site(**{"*": [BUSY] * 3})) as site:
        done = visit(
            site,
            tmp_path,
            *(ONE_BY_ONE, "HOST_FAILURES_MAX=3", "HOST_PAUSE=4", "BACK_OFF_BASE=0.1"),
        )
        # The circuit opens with the third failure, for half of HOST_PAUSE at least.
        assert pauses(site)[2] >= 2 - SLACK
    assert len(done.articles) == len(PAGES)
    assert done.run["hosts_given_up"] == {}


def test_a_host_that_stays_down_is_given_up_and_its_pages_are_left(tmp_path: Path) -> None:
    routes = Site(**{"*": [BUSY] * 1000})
    with serve(routes) as site:
        first = visit(
            site,
            tmp_path,
            *(ONE_BY_ONE, "HOST_FAILURES_MAX=3", "HOST_PAUSE=0.5", "HOST_OPENINGS_MAX=2"),
            "BACK_OFF_BASE=0.1",
        )
        # Three failures, and one more after each of two pauses.
        assert len([path for path in site.paths if path in PAGES]) == 5
        (sentence,) = first.run["hosts_given_up"].values()
        assert "its pages are left for the next run" in sentence
        assert sentence in first.stderr
        routes.replies.clear()
        second = visit(site, tmp_path, ONE_BY_ONE)
    assert len(first.articles) + len(second.articles) == len(PAGES)


def test_one_bad_page_keeps_no_other_from_being_fetched(tmp_path: Path) -> None:
    with serve(Site(de=[BUSY] * 1000)) as site:
        done = visit(site, tmp_path, "BACK_OFF_BASE=0.1")
        assert site.paths.count("/de") == 3
    assert done.reasons["/de"] == "http-503"
    assert len(done.articles) == len(PAGES) - 1
    assert done.run["hosts_given_up"] == {}


def test_a_delay_that_a_host_asks_for_stays_as_it_is_when_it_fails(tmp_path: Path) -> None:
    routes = Site(de=[BUSY], fr=[Reply(status=429, headers={"Retry-After": "1"})])
    routes["/robots.txt"] = Reply("User-agent: *\nCrawl-delay: 0.5\n", type="text/plain")
    with serve(routes) as site:
        done = visit(site, tmp_path, "AUTOTHROTTLE_ENABLED=1", "BACK_OFF_BASE=0.1")
        assert all(pause >= 0.5 - SLACK for pause in pauses(site))
    assert len(done.articles) == len(PAGES)
