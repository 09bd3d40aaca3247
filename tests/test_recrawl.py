"""Crawls that are repeated, night after night: only what is new or changed is exported.

Real crawls of a small site whose pages change between two of them.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from scraper.page_work import CONTENT_FIELDS
from tests.crawls import IMPOLITE, Crawl, crawl
from tests.health_site import article, hub
from tests.servers import Asked, Reply, Server, serve

pytestmark = pytest.mark.slow

# Every page is due again in the next run.
NIGHTLY = (
    *IMPOLITE,
    *("REVISIT_FIRST=0.001", "REVISIT_MIN=0.001", "REVISIT_MAX=0.01", "REVISIT_LISTINGS=0"),
)
# No page is due: only what a run brings forward is fetched.
SELDOM = (*IMPOLITE, "REVISIT_LISTINGS=0")


@dataclass
class Night:
    """One crawl, and what the server was asked for in it."""

    crawl: Crawl
    asked: list[Asked]

    @property
    def paths(self) -> list[str]:
        return [one.path for one in self.asked]

    @property
    def exported(self) -> dict[str, dict[str, Any]]:
        """The articles by the path of their page."""
        return {"/" + record["url"].split("/", 3)[3]: record for record in self.crawl.articles}

    def headers(self, path: str) -> list[dict[str, str]]:
        """The headers of each request for a path."""
        return [dict(one.headers) for one in self.asked if one.path == path]


@dataclass
class Site:
    """A site on loopback; change `routes` between two nights."""

    server: Server
    routes: dict[str, Reply | str]
    output: Path
    nights: list[Night] = field(default_factory=list)

    def night(self, *arguments: str, settings: tuple[str, ...] = NIGHTLY) -> Night:
        """Crawl once more; without arguments, from the front page."""
        before = len(self.server.asked)
        done = crawl(self.output, *(arguments or (f"url={self.server.url}/",)), settings=settings)
        assert "Traceback" not in done.stderr, done.stderr
        self.nights.append(Night(done, self.server.asked[before:]))
        return self.nights[-1]


@contextmanager
def site(output: Path, routes: dict[str, Reply | str]) -> Iterator[Site]:
    with serve(routes) as server:
        yield Site(server, routes, output)


def moved(target: str) -> Reply:
    return Reply(status=302, headers={"Location": target})


FIRST_DAY = "Mon, 05 Feb 2024 06:00:00 GMT"
TAGGED, DATED = {"ETag": '"one"'}, {"Last-Modified": FIRST_DAY}
ROBOT_CHECK = "<html><title>Just a moment...</title><h1>Just a moment...</h1><p>Checking.</html>"
NOT_FOUND = "<html><title>404: Page not found</title><h1>Page not found</h1><p>Sorry.</html>"
NO_ARCHIVE = "<meta name=robots content=noarchive>"

UNCHANGING: dict[str, Reply | str] = {
    "/tagged.html": Reply(article("gout"), headers=TAGGED),
    "/dated.html": Reply(article("asthma"), headers=DATED),
    "/plain.html": article("eczema"),
    "/zipped.html": Reply(article("hives"), zipped=True, headers={"Content-Encoding": "gzip"}),
    "/kept-back.html": article("shingles", head=NO_ARCHIVE),
    "/kept-back-in-header.html": Reply(
        article("measles"), headers={"X-Robots-Tag": "noarchive", **TAGGED}
    ),
    "/reserved.html": Reply(article("mumps"), headers={"TDM-Reservation": "1"}),
    "/twin/index.html": article("croup", head="<link rel=canonical href='/twin/'>"),
    "/twin/": article("croup", head="<link rel=canonical href='/twin/'>"),
}
CHANGING: dict[str, Reply | str] = {
    "/text.html": article("anaemia"),
    "/day.html": Reply(article("angina"), headers=TAGGED),
    "/title.html": article("bronchitis"),
    "/footer.html": article("cataract"),
    "/related.html": article("cystitis"),
    "/vanishing.html": Reply(article("fibroids"), headers=TAGGED),
    "/flickering.html": article("gallstones"),
    "/failing.html": article("glaucoma"),
    "/suspicious.html": article("hernia"),
    "/moving.html": Reply(article("jaundice"), headers=TAGGED),
}


def changed(name: str, old: str, new: str) -> Reply:
    page = CHANGING[name]
    body = page if isinstance(page, str) else page.body
    assert isinstance(body, str)
    assert old in body
    return Reply(body.replace(old, new), headers={"ETag": '"two"'})


CHANGED = {
    "/text.html": changed("/text.html", "Call an ambulance", "Call a doctor"),
    "/day.html": changed("/day.html", "2024-03-05>5 March 2024", "2024-03-12>12 March 2024"),
    "/title.html": changed("/title.html", "Living with bronchitis", "A cough that stays"),
    "/footer.html": changed("/footer.html", "</footer>", "<p>Closed on Friday.</footer>"),
    "/related.html": changed(
        "/related.html", "</footer>", "<p><a href=/text.html>Related: anaemia</a></footer>"
    ),
}


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    pages = {**UNCHANGING, **CHANGING}
    routes: dict[str, Reply | str] = {"/": Reply(hub(*pages), headers=TAGGED), **pages}
    with site(tmp_path_factory.mktemp("nights"), routes) as nightly:
        nightly.night()
        nightly.night()
        routes |= CHANGED | {
            "/vanishing.html": Reply(status=404),
            "/flickering.html": Reply(status=404),
            "/failing.html": NOT_FOUND,
            "/suspicious.html": ROBOT_CHECK,
        }
        nightly.night()
        routes |= CHANGING | CHANGED
        routes |= {
            "/vanishing.html": Reply(status=410),
            "/moving.html": moved("/new-place.html"),
            "/new-place.html": Reply(article("laryngitis"), headers=TAGGED),
        }
        nightly.night()
        routes["/vanishing.html"] = CHANGING["/vanishing.html"]
        nightly.night("revisit=all", f"url={nightly.server.url}/")
        yield nightly


ARTICLES = {*UNCHANGING, *CHANGING} - {"/reserved.html", "/twin/"}


def test_the_first_night_exports_every_article(nights: Site) -> None:
    first = nights.nights[0]
    assert set(first.exported) | {"/twin/"} == ARTICLES | {"/twin/"}
    assert first.crawl.reasons["/reserved.html"] == "tdm-reserved"
    assert first.crawl.status == 0


def test_a_night_without_a_change_exports_nothing(nights: Site) -> None:
    second = nights.nights[1]
    assert (second.crawl.articles, second.crawl.rejected) == ([], [])
    assert second.crawl.status == 3
    assert "nothing new" in second.crawl.stdout + second.crawl.stderr


@pytest.mark.parametrize(
    ("path", "header", "value"),
    [
        ("/tagged.html", "If-None-Match", '"one"'),
        ("/dated.html", "If-Modified-Since", FIRST_DAY),
        ("/", "If-None-Match", '"one"'),
    ],
)
def test_requests_ask_only_for_what_has_changed(
    nights: Site, path: str, header: str, value: str
) -> None:
    first, second = nights.nights[:2]
    assert [header in headers for headers in first.headers(path)] == [False]
    assert [headers.get(header) for headers in second.headers(path)] == [value]


def test_exactly_the_changed_articles_are_exported_under_the_same_id(nights: Site) -> None:
    first, third = nights.nights[0], nights.nights[2]
    assert set(third.exported) == {"/text.html", "/day.html", "/title.html"}
    for path, record in third.exported.items():
        assert record["id"] == first.exported[path]["id"]
    assert "Call a doctor" in third.exported["/text.html"]["body"]
    assert third.exported["/day.html"]["date_published"] == "2024-03-12"
    assert third.exported["/title.html"]["title"] == "A cough that stays"


def test_one_bad_night_is_a_reject_and_the_article_stands(nights: Site) -> None:
    third, fourth = nights.nights[2:4]
    assert third.crawl.reasons == {
        "/vanishing.html": "http-404",
        "/flickering.html": "http-404",
        "/failing.html": "page-type-error",
        "/suspicious.html": "page-type-robot-check",
    }
    for path in ("/flickering.html", "/failing.html", "/suspicious.html"):
        assert path in fourth.paths
        assert path not in fourth.exported
        assert path not in fourth.crawl.reasons


def test_a_page_that_is_missing_twice_is_gone(nights: Site) -> None:
    first, fourth = nights.nights[0], nights.nights[3]
    (gone,) = fourth.crawl.rejected
    assert (gone["reason"], gone["http_status"]) == ("gone", 410)
    assert gone["id"] == first.exported["/vanishing.html"]["id"]


def test_a_page_that_is_back_is_exported_again(nights: Site) -> None:
    first, fifth = nights.nights[0], nights.nights[4]
    assert set(fifth.exported) == {"/vanishing.html"}
    back = fifth.exported["/vanishing.html"]
    assert back["id"] == first.exported["/vanishing.html"]["id"]
    assert [h.get("If-None-Match") for h in fifth.headers("/vanishing.html")] == [None]


def test_a_redirect_takes_no_conditions_along(nights: Site) -> None:
    fourth, fifth = nights.nights[3:]
    assert [h.get("If-None-Match") for h in fourth.headers("/moving.html")] == ['"one"']
    assert [h.get("If-None-Match") for h in fourth.headers("/new-place.html")] == [None]
    assert set(fourth.exported) == {"/new-place.html"}
    assert [h.get("If-None-Match") for h in fifth.headers("/new-place.html")] == ['"one"']
    assert fifth.crawl.rejected == []


def test_a_second_address_of_a_page_is_never_fetched(nights: Site) -> None:
    asked = [{"/twin/", "/twin/index.html"} & set(night.paths) for night in nights.nights]
    assert "/twin/index.html" in asked[0]
    assert asked == [asked[0]] * len(asked)


def records(archive: Path) -> Iterator[tuple[str, int, str, str, bytes]]:
    """File, offset, type, path and payload of every record of an archive."""
    for file in sorted(archive.glob("*.warc.gz")):
        with file.open("rb") as opened:
            iterator = ArchiveIterator(opened)
            for record in iterator:
                url = record.rec_headers.get_header("WARC-Target-URI") or "///"
                path = "/" + url.split("/", 3)[3]
                body = record.content_stream().read()
                yield file.name, iterator.get_record_offset(), record.rec_type, path, body


def test_every_file_of_the_archive_passes_the_check(nights: Site) -> None:
    archive = nights.output / "archive"
    files = sorted(map(str, archive.glob("*.warc.gz")))
    assert len(files) == 5
    assert not list(archive.glob("*.open"))
    for file in files:
        checked = subprocess.run(
            [sys.executable, "-m", "warcio.cli", "check", "-v", file],
            capture_output=True,
            text=True,
            check=False,
        )
        assert checked.returncode == 0, checked.stdout


def test_the_archive_refers_to_what_it_has_and_leaves_out_what_it_may_not_have(
    nights: Site,
) -> None:
    kinds: dict[str, list[str]] = {}
    for _, _, kind, path, _ in records(nights.output / "archive"):
        if kind in {"response", "revisit"}:
            kinds.setdefault(path, []).append(kind)
    for path in ("/", "/tagged.html", "/dated.html", "/plain.html", "/zipped.html"):
        assert kinds[path] == ["response", *["revisit"] * 4], path
    assert kinds["/text.html"] == ["response", "revisit", "response", "revisit", "revisit"]
    assert "/kept-back.html" not in kinds
    assert "/kept-back-in-header.html" not in kinds


def test_each_record_says_where_its_page_is_archived(nights: Site) -> None:
    bodies = {place[:2]: place for place in records(nights.output / "archive")}
    for night in nights.nights:
        for path, record in night.exported.items():
            if "kept-back" in path:
                assert record["warc_file"] is None
                continue
            _, _, kind, archived, body = bodies[record["warc_file"], record["warc_offset"]]
            assert archived == path
            if kind == "response":
                assert record["title"].encode() in body


# What a replay knows otherwise than the crawl itself: the run, and when a page was last confirmed.
OF_THE_RUN = {"run_id", "fetched_at", "warc_file", "warc_offset"}


def test_a_replay_of_all_nights_gives_the_newest_records(nights: Site, tmp_path: Path) -> None:
    newest: dict[str, dict[str, Any]] = {}
    for night in nights.nights:
        newest |= night.exported
    # It redirects by now; and what was not archived cannot be replayed.
    for path in ("/moving.html", "/kept-back.html", "/kept-back-in-header.html"):
        del newest[path]
    archive = nights.output / "archive"
    before = len(nights.server.asked)
    done = crawl(
        tmp_path,
        f"url={nights.server.url}/",
        settings=(*NIGHTLY, f"REPLAY={archive}"),
    )
    assert len(nights.server.asked) == before
    replayed = Night(done, []).exported
    assert set(replayed) == set(newest)
    for path, record in newest.items():
        # A page that has changed but for its article was not exported again.
        stale = path in {"/footer.html", "/related.html"}
        for name in CONTENT_FIELDS if stale else record.keys() - OF_THE_RUN:
            assert replayed[path][name] == record[name], (path, name)
        if path in {"/tagged.html", "/day.html"}:
            for name in OF_THE_RUN - {"run_id"}:
                assert replayed[path][name] == record[name], (path, name)
