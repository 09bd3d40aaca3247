"""`scrapy site new URL` and `scrapy site check`: what somebody who adds a site is promised."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from scrapy.exceptions import UsageError
from scrapy.utils.project import get_project_settings

from examples.serve import serve as serve_example
from scraper.commands.site import Command
from scraper.new_site.description import name_for
from scraper.new_site.fixtures import file_name
from scraper.new_site.writing import WritingError, write_site
from scraper.sites import Site, SiteError, read_site

from .conftest import ROOT, scrapy_command, scrapy_environment
from .health_site import article, hub, urlset
from .servers import XML, Reply, Server, serve

SETTINGS = ("DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=0", "CLEANING_PROCESSES=0")
TOPICS = "gout migraine eczema asthma tinnitus shingles heartburn insomnia".split()
CARE = [f"/care/{topic}/" for topic in TOPICS]
TAGS = [f"/tag/{name}" for name in ("pain", "skin", "sleep")]
HOSTILE = '"]\nallow = ["x'
FEED = '<link rel="alternate" type="application/rss+xml" href="/feed.rss">'


def feed(*paths: str) -> str:
    items = "".join(f"<item><title>x</title><link>{{base}}{path}</link></item>" for path in paths)
    return f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'


def well_kept() -> dict[str, Reply | str]:
    """A site with all that a site can have, and a title that would like to be TOML."""
    return {
        "/robots.txt": Reply(
            "User-agent: *\nDisallow: /shop/\nCrawl-delay: 0.02\nSitemap: {base}/map.xml\n"
            "Sitemap: {base}/gone.xml\n",
            type="text/plain",
        ),
        "/map.xml": Reply(urlset("/", *CARE, *TAGS, "/about"), type=XML),
        "/feed.rss": Reply(feed(*CARE[:4]), type=XML),
        "/": hub(*CARE[:5], *TAGS, "/about", "/shop/basket", head=FEED),
        **{path: article(path.split("/")[2]) for path in CARE[1:]},
        CARE[0]: article(f"gout {HOSTILE} \x1b[31m").replace("<p>By", "<p hidden>'''</p><p>By"),
        **{path: hub(*CARE, "/") for path in TAGS},
        "/about": hub("/"),
        "/shop/basket": article("baskets"),
    }


@dataclass(frozen=True)
class Made:
    """A site that was described, as long as it is served; `asked` is what the look asked for."""

    server: Server
    sites: Path
    asked: list[str]
    done: subprocess.CompletedProcess[str]


def command(sites: Path, *arguments: str) -> list[str]:
    options = [part for one in (f"SITES_DIR={sites}", *SETTINGS) for part in ("-s", one)]
    return scrapy_command("site", *arguments, *options)


def run(sites: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(sites, *arguments),
        cwd=ROOT,
        env=scrapy_environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """The well kept site, described by the command."""
    sites = tmp_path_factory.mktemp("sites")
    with serve(well_kept()) as server:
        done = run(sites, "new", f"{server.url}/", "--name", "well-kept")
        yield Made(server, sites, server.paths, done)


def described(made: Made) -> Site:
    assert made.done.returncode == 0, made.done.stderr
    return read_site(made.sites / "well-kept.toml")


@pytest.mark.slow
class TestNew:
    def test_the_description_holds_what_was_found(self, made: Made) -> None:
        site, url = described(made), made.server.url
        assert site.start == (f"{url}/",)
        assert site.sitemaps == (f"{url}/map.xml",)
        assert site.feeds == (f"{url}/feed.rss",)
        assert [one.pattern for one in site.allow] == [r"^https?://[^/]+/care/[^/?]+/(\?.*)?$"]
        assert site.language == "en"
        assert site.delay == 0.02

    def test_every_key_has_a_comment_above(self, made: Made) -> None:
        described(made)
        text = (made.sites / "well-kept.toml").read_text("utf-8")
        for part in text.rstrip().split("\n\n"):
            assert part.startswith("# ")
        assert text.endswith("\n")

    def test_the_records_are_printed_for_review_and_rejects_with_reasons(self, made: Made) -> None:
        told = made.done.stdout
        assert "Living with migraine\n" in told
        assert "author: Ada Lind, MD · reviewer: – · published: 2024-03-05" in told
        assert f"page-type-listing  {made.server.url}/\n" in told
        assert f"Note: robots.txt names {made.server.url}/gone.xml: HTTP status 404" in told
        assert "\x1b" not in told + made.done.stderr

    def test_progress_is_told_on_stderr(self, made: Made) -> None:
        assert f"page 1 {made.server.url}/ page-type-listing" in made.done.stderr
        assert "Traceback" not in made.done.stderr

    def test_what_robots_txt_forbids_is_not_asked_for(self, made: Made) -> None:
        assert "/shop/basket" not in made.asked

    def test_few_pages_are_asked_for_and_each_once(self, made: Made) -> None:
        pages = [path for path in made.asked if path in {"/", *CARE, *TAGS, "/about"}]
        assert len(pages) == len(set(pages)) <= 12

    def test_a_typical_page_is_saved_with_its_record(self, made: Made) -> None:
        described(made)
        (page,) = (made.sites / "well-kept").glob("*.html")
        beside = json.loads(page.with_suffix(".json").read_text("utf-8"))
        assert beside["record"]["title"].startswith("Living with ")
        assert beside["url"] == f"{made.server.url}/care/{page.stem}/"
        assert not {"run_id", "fetched_at", "page_sha256"} & beside["record"].keys()

    def test_a_second_look_replaces_nothing(self, made: Made) -> None:
        before = (made.sites / "well-kept.toml").read_bytes()
        with pytest.raises(UsageError, match=r"is there already: --force replaces it, --name"):
            offline(made.sites, "new", made.server.url, name="well-kept")
        assert (made.sites / "well-kept.toml").read_bytes() == before


@pytest.mark.slow
class TestCheck:
    def test_a_site_that_is_as_described_is_in_order(self, made: Made) -> None:
        described(made)
        done = run(made.sites, "check")
        assert done.returncode == 0, done.stdout
        assert done.stdout.splitlines()[0].split() == "site description saved pages now".split()
        assert "1 of 1 in order" in done.stdout

    def test_what_has_changed_on_the_site_is_named(self, made: Made, tmp_path: Path) -> None:
        described(made)
        moved = well_kept()
        for path in CARE:
            moved[path.replace("/care/", "/leben/")] = moved.pop(path)
        everything = [path.replace("/care/", "/leben/") for path in CARE]
        moved["/"] = hub(*everything, *TAGS)
        moved["/map.xml"] = Reply(urlset(*everything), type=XML)
        del moved["/feed.rss"]
        text = (made.sites / "well-kept.toml").read_text("utf-8")
        with serve(moved) as site:
            (tmp_path / "moved.toml").write_text(text.replace(made.server.url, site.url), "utf-8")
            (tmp_path / "broken.toml").write_text("start = 3", "utf-8")
            app = f'start = ["{site.url}/"]\njavascript = true\n'
            (tmp_path / "app.toml").write_text(app, "utf-8")
            done = run(tmp_path, "check")
        assert done.returncode == 1
        assert f"problem: moved: feed {site.url}/feed.rss: HTTP status 404" in done.stdout
        assert "problem: moved: allow matches none of" in done.stdout
        assert "broken.toml: start: a list of strings is needed" in done.stdout
        assert "note: app: its pages are read in a browser" in done.stdout
        assert "1 of 3 in order" in done.stdout


class TestCheckOffline:
    """No reactor is needed, so these run in the process of the tests."""

    @pytest.mark.slow
    def test_a_record_that_changes_is_told_field_by_field_and_can_be_accepted(
        self, made: Made, capsys: pytest.CaptureFixture[str]
    ) -> None:
        described(made)
        (beside,) = (made.sites / "well-kept").glob("*.json")
        known = json.loads(beside.read_text("utf-8"))
        known["record"]["author"] = "Somebody Else"
        known["record"]["body"] = known["record"]["body"].replace("Nobody should drive", "Drive")
        beside.write_text(json.dumps(known), "utf-8")
        assert offline(made.sites, "check") == 1
        told = capsys.readouterr().out
        assert 'author was "Somebody Else", is "Ada Lind, MD"' in told
        assert 'body differs in 1 lines; the first was "Drive to work' in told
        assert offline(made.sites, "check", accept=True) == 0
        assert offline(made.sites, "check") == 0

    @pytest.mark.slow
    def test_a_selector_that_matches_nothing_is_named(
        self, made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        described(made)
        text = (made.sites / "well-kept.toml").read_text("utf-8")
        (tmp_path / "well-kept").symlink_to(made.sites / "well-kept")
        (tmp_path / "well-kept.toml").write_text(f'{text}\n[selectors]\ntitle = "h7"\n', "utf-8")
        assert offline(tmp_path, "check") == 1
        assert 'selectors.title "h7" matches nothing' in capsys.readouterr().out

    def test_a_page_that_is_gone_wrong_is_a_problem_and_no_traceback(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "e.toml").write_text('start = ["https://e.org/"]', "utf-8")
        (tmp_path / "e").mkdir()
        (tmp_path / "e" / "empty.html").write_bytes(b"")
        assert offline(tmp_path, "check", "e") == 1
        (tmp_path / "e" / "empty.json").write_text("[", "utf-8")
        assert offline(tmp_path, "check", "e") == 1
        assert "empty.json does not hold what was saved" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("arguments", "options", "told"),
        [
            ([], {}, "say what to do"),
            (["nwe"], {}, 'did you mean "new"'),
            (["new"], {}, "give one address"),
            (["new", "example.org"], {}, "try https://example.org"),
            (["new", "https://e.org/"], {"name": "../x"}, "letters, digits"),
            (["new", "https://e.org/"], {"offline": True}, "belong to scrapy site check"),
            (["check", "dmeo"], {}, 'unknown site "dmeo": did you mean "demo"'),
            (["check"], {"force": True}, "belong to scrapy site new"),
        ],
    )
    def test_what_cannot_be_carried_out_is_told(
        self, arguments: list[str], options: dict[str, object], told: str
    ) -> None:
        with pytest.raises((UsageError, SiteError)) as error:
            offline(ROOT / "scraper" / "sites", *arguments, **{"offline": False} | options)
        assert told in str(error.value)


def offline(sites: Path, *arguments: str, **options: object) -> int:
    """The command, in this process; raises what it would tell in a line."""
    command = Command()
    command.settings = get_project_settings()
    command.settings.set("SITES_DIR", str(sites), priority="cmdline")
    asks = arguments[:1] == ("check",)
    defaults = {"name": None, "force": False, "offline": asks, "accept": False}
    return command._run(list(arguments), argparse.Namespace(**defaults | options))


def links_only() -> dict[str, Reply | str]:
    """A site without sitemap and feed, that leads from `/` to where it is, and has few articles."""
    pages: dict[str, Reply | str] = {f"/a/{topic}": article(topic, "/") for topic in TOPICS}
    pages["/start"] = hub("/more", *list(pages)[:4])
    pages["/more"] = hub(*list(pages)[:8], "https://elsewhere.example/a/x")
    pages["/"] = Reply(status=302, headers={"Location": "{base}/start"})
    return pages


EMPTY = "<html><head><title>App</title></head><body><div id=root></div><script src=a.js></script>"
ODD_SITES: dict[str, dict[str, Reply | str]] = {
    "links only": links_only(),
    "robots": {"/robots.txt": Reply("User-agent: *\nDisallow: /\n", type="text/plain")},
    "script": {
        "/": EMPTY,
        "/sitemap.xml": Reply(urlset("/a", "/b"), type=XML),
        "/a": EMPTY,
        "/b": EMPTY,
    },
    "no articles": {"/": hub("/a", "/b"), "/a": hub("/"), "/b": hub("/")},
    "away": {"/": Reply(status=301, headers={"Location": "http://elsewhere.invalid/"})},
    "a page that fails": {
        "/robots.txt": Reply("Sitemap: {base}/map.xml", type="text/plain"),
        "/map.xml": Reply(urlset(*CARE, "/broken", *TAGS), type=XML),
        "/": hub(*CARE, *TAGS),
        "/broken": Reply(status=500),
        **{path: article(path.split("/")[2]) for path in CARE},
        **{path: hub("/") for path in TAGS},
    },
    "picture": {"/": Reply(b"\x89PNG", type="image/png")},
    "an article": {
        "/a/gout": article("gout", "/", "/a/hip"),
        "/a/hip": article("hip", "/"),
        "/": hub("/a/gout", "/a/hip"),
    },
}


@pytest.mark.slow
def test_odd_sites_are_described_or_refused_with_a_sentence() -> None:
    with ExitStack() as stack:
        urls = {
            name: stack.enter_context(serve(site)).url + "/" for name, site in ODD_SITES.items()
        }
        urls["an article"] += "a/gout"
        urls["down"] = "http://127.0.0.1:9/"
        done = subprocess.run(
            [sys.executable, "-m", "tests.surveys", *urls.values()],
            cwd=ROOT,
            env=scrapy_environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    told = dict(zip(urls, map(json.loads, done.stdout.splitlines()), strict=True))
    found = told["links only"]
    assert found["start"] == urls["links only"] + "start"
    assert len(found["articles"]) >= 5
    assert (found["sitemaps"], found["feeds"]) == ([], [])
    assert "no sitemap lists the articles" in found["doubt"]
    assert "/broken" in told["a page that fails"]["doubt"]
    assert told["an article"]["start"] == urls["an article"].removesuffix("a/gout")
    errors = {name: one.get("error", "") for name, one in told.items()}
    assert "robots.txt does not allow it" in errors["robots"]
    assert "javascript = true" in errors["script"]
    assert "no article among the 3 pages" in errors["no articles"]
    assert "dns-failure" in errors["away"]
    assert "not-html" in errors["picture"]
    assert "connection refused" in errors["down"]


@pytest.mark.slow
def test_the_documented_example_is_what_comes_out(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "adding-a-site.md").read_text("utf-8")
    sample = guide.partition("```toml\n# 127.0.0.1")[2].partition("```")[0]
    (line,) = [line for line in guide.splitlines() if line.startswith("scrapy site new http://127")]
    with serve_example() as site:
        arguments = [site.url + "/" if part.startswith("http") else part for part in line.split()]
        done = run(tmp_path, *arguments[2:])
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "lantern.toml").read_text("utf-8")
    written = written.replace(site.url, "http://127.0.0.1:8770")
    expected, found = ("# 127.0.0.1" + sample).splitlines(), written.splitlines()
    assert found[2:-6] == expected[2:-6]  # less the day, and the delay of the settings


@pytest.mark.slow
def test_a_look_that_is_stopped_writes_nothing(tmp_path: Path) -> None:
    slow = {path: Reply(hub(*CARE), delay=30) for path in CARE}
    with serve({"/": hub(*CARE), **slow}) as site:
        process = subprocess.Popen(
            command(tmp_path, "new", f"{site.url}/"),
            cwd=ROOT,
            env=scrapy_environment() | {"PYTHONUNBUFFERED": "1"},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr
        assert "page 1" in process.stderr.readline()
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(20) == 130
        assert "interrupted; nothing was written" in process.stderr.read()
    assert not list(tmp_path.iterdir())


def test_files_that_cannot_be_written_are_not_half_written(tmp_path: Path) -> None:
    (tmp_path / "e").write_text("a file where the folder should be", "utf-8")
    with pytest.raises(WritingError, match="cannot write"):
        write_site(tmp_path, "e", "start = []", {"a.html": b"", "a.json": b""})
    assert [path.name for path in tmp_path.iterdir()] == ["e"]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://www.example.org/health/", "example-org"),
        ("https://blog.example.co.uk/", "example-co-uk"),
        ("http://127.0.0.1:8000/", "127-0-0-1-8000"),
        ("http://[::1]:8000/", "1-8000"),
        ("https://xn--bcher-kva.example/", "xn-bcher-kva-example"),
    ],
)
def test_names_are_safe(address: str, name: str) -> None:
    assert name_for(address) == name


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://e.org/a/Gout%2F..%2F..%2Fetc/", "gout-etc"),
        ("https://e.org/%E7%97%9B%E9%A2%A8/", "page"),
        ("https://e.org/" + "x" * 300 + ".html", "x" * 60),
        ("https://e.org/?p=12", "p-12"),
    ],
)
def test_names_of_saved_pages_are_safe(address: str, name: str) -> None:
    assert file_name(address) == name
