"""What a crawl promises: every article once, nothing fetched beyond need, nothing in silence."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from scraper.tdm import TDM_PATH
from tests.crawls import IMPOLITE, PROJECT, Crawl, crawl, scrapy
from tests.health_site import article, hub, urlset
from tests.servers import XML, Reply, Server, serve

pytestmark = pytest.mark.slow

# What is asked of a host besides its pages.
BY_THE_WAY = frozenset(("/robots.txt", "/sitemap.xml", TDM_PATH))


INDEX = (
    '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    "<sitemap><loc>{base}/maps/pages.xml.gz</loc></sitemap></sitemapindex>"
)
FEED = (
    '<rss version="2.0"><channel><title>News</title><link>{base}/</link>'
    "<item><title>Fed</title><link>{base}/fed.html</link></item></channel></rss>"
)
ROBOTS = "User-agent: *\nDisallow: /private/\n\nSitemap: {base}/maps/index.xml\n"
CANONICAL = '<link rel="canonical" href="{base}/asthma.html">'
SHARED = '<link rel="canonical" href="{base}/shared">'
ALTERNATE = '<link rel="alternate" type="application/rss+xml" href="/feed.rss">'

SITE: dict[str, Reply | str] = {
    "/robots.txt": Reply(ROBOTS, type="text/plain"),
    "/maps/index.xml": Reply(INDEX, type=XML),
    "/maps/pages.xml.gz": Reply(urlset("/mapped.html"), type="application/gzip", zipped=True),
    "/feed.rss": Reply(FEED, type="application/rss+xml"),
    "/": hub(
        "/asthma.html",
        "/asthma.html?utm_source=news&utm_medium=mail",
        "/asthma.html#symptoms",
        "/asthma.html?print=1",
        "/copy/gout.html",
        "/gout.html",
        "/old.html",
        "/elsewhere",
        "/gone.html",
        "/broken.html",
        "/private/notes.html",
        "/leaflet",
        "/poster.pdf",
        "/cut.html",
        "/large.html",
        "/bomb.html",
        "/hang.html",
        "/loop",
        "/one.html",
        "/two.html",
        "/hub2/",
        "http://localhost:9/off-site.html",
        "mailto:office@example.org",
        head=ALTERNATE,
    ),
    "/hub2/": hub("../deep.html", "/moved.html"),
    "/asthma.html": article("asthma", head=CANONICAL),
    "/asthma.html?print=1": article("asthma", head=CANONICAL),
    "/gout.html": article("gout"),
    "/copy/gout.html": article("gout"),
    "/one.html": article("hay fever", head=SHARED),
    "/two.html": article("sore knees", head=SHARED),
    "/mapped.html": article("migraine"),
    "/fed.html": article("measles"),
    "/deep.html": article("shingles"),
    "/old.html": Reply(status=301, headers={"Location": "/new.html"}),
    "/new.html": article("back pain"),
    "/moved.html": Reply(status=302, headers={"Location": "/new.html"}),
    "/elsewhere": Reply(status=302, headers={"Location": "http://localhost:1/away.html"}),
    "/loop": Reply(status=302, headers={"Location": "/loop"}),
    "/broken.html": Reply("<h1>Oops</h1>", status=500),
    "/private/notes.html": article("secrets"),
    "/leaflet": Reply(b"%PDF-1.4", type="application/pdf"),
    "/cut.html": Reply(article("half a page"), cut=True),
    "/large.html": article("too much") + " " * 300_000,
    "/bomb.html": Reply(" " * 3_000_000, zipped=True, headers={"Content-Encoding": "gzip"}),
    "/hang.html": Reply(article("waiting"), delay=15),
}

FOUND = sorted(
    f"Living with {topic}"
    for topic in (
        *("asthma", "gout", "hay fever", "sore knees", "migraine", "measles", "shingles"),
        "back pain",
    )
)
REFUSED = {
    "/asthma.html?print=1": "duplicate-canonical",
    "/gone.html": "http-404",
    "/broken.html": "http-500",
    "/private/notes.html": "robots-disallowed",
    "/leaflet": "not-html",
    "/elsewhere": "redirect-off-site",
    "/loop": "redirect-loop",
    "/cut.html": "truncated",
    "/large.html": "too-large",
    "/bomb.html": "too-large",
    "/hang.html": "timeout",
}


@dataclass(frozen=True)
class Crawled:
    """The site, served and crawled once."""

    site: Server
    result: Crawl


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    with serve(SITE) as site:
        folder = tmp_path_factory.mktemp("output")
        yield Crawled(site, crawl(folder, f"url={site.url}/", settings=(*FAST, "CONTACT=me@x.org")))


FAST = (
    *("DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=0", "CONCURRENT_REQUESTS_PER_DOMAIN=1"),
    *("RETRY_TIMES=0", "REDIRECT_MAX_TIMES=3", "DOWNLOAD_TIMEOUT=5", "DOWNLOAD_MAXSIZE=200000"),
)


def test_every_article_is_found_once(crawled: Crawled) -> None:
    assert crawled.result.titles == FOUND
    assert crawled.result.status == 0


@pytest.mark.parametrize(("path", "reason"), REFUSED.items())
def test_what_is_not_exported_is_refused_with_a_reason(
    crawled: Crawled, path: str, reason: str
) -> None:
    assert crawled.result.reasons[path] == reason


def test_one_of_two_pages_with_the_same_text_is_a_duplicate(crawled: Crawled) -> None:
    assert list(crawled.result.reasons.values()).count("duplicate-content") == 1
    assert {"/gout.html", "/copy/gout.html"} & crawled.result.reasons.keys()


def test_two_ways_to_one_redirected_page_fetch_it_once(crawled: Crawled) -> None:
    assert crawled.site.paths.count("/new.html") == 1
    assert list(crawled.result.reasons.values()).count("duplicate-redirect") == 1


def test_a_canonical_address_that_different_articles_share_is_not_believed(
    crawled: Crawled,
) -> None:
    shared = [a for a in crawled.result.articles if a["url"].endswith(("/one.html", "/two.html"))]
    assert len({a["id"] for a in shared}) == 2
    assert [a["warnings"].count("canonical-shared") for a in shared].count(1) == 1


def test_hubs_are_followed_and_not_exported(crawled: Crawled) -> None:
    assert {"/", "/hub2/"} <= crawled.result.reasons.keys()


def test_no_address_is_fetched_twice(crawled: Crawled) -> None:
    paths = [path for path in crawled.site.paths if path != "/loop"]
    assert len(paths) == len(set(paths))
    assert not [path for path in paths if "utm_" in path]


@pytest.mark.parametrize("path", ["/private/notes.html", "/poster.pdf", "/off-site.html"])
def test_what_is_forbidden_no_page_or_off_site_is_not_fetched(crawled: Crawled, path: str) -> None:
    assert path not in crawled.site.paths


def test_the_user_agent_names_the_project_and_the_contact(crawled: Crawled) -> None:
    agents = {asked.headers["User-Agent"] for asked in crawled.site.asked}
    assert agents == {"marrow/0.1 (+me@x.org)"}


def test_records_know_their_fetch(crawled: Crawled) -> None:
    for record in crawled.result.articles:
        assert record["http_status"] == 200
        assert record["fetched_at"]
        assert record["page_sha256"]


def test_an_ordinary_run_is_quiet(crawled: Crawled) -> None:
    assert crawled.result.stderr == ""
    assert crawled.result.stdout.startswith("Records: 8 articles")


# The crawl cleans its pages itself: a process that does would take long to start.
HERE = "CLEANING_PROCESSES=0"

LIMITS = {
    "no limit": ((), 4),
    "two pages": (("max_pages=2",), 1),
    "start alone": (("max_depth=0",), 0),
    "one link away": (("max_depth=1",), 2),
}
CHAIN: dict[str, Reply | str] = {
    "/": hub("/1", "/2"),
    "/1": article("asthma", "/3"),
    "/2": article("gout"),
    "/3": article("measles", "/4"),
    "/4": article("migraine"),
}


@pytest.mark.parametrize(("arguments", "articles"), LIMITS.values(), ids=LIMITS.keys())
def test_limits_hold(tmp_path: Path, arguments: tuple[str, ...], articles: int) -> None:
    with serve(CHAIN) as site:
        result = crawl(tmp_path, f"url={site.url}/", *arguments)
    assert len(result.articles) == articles
    assert result.status == (0 if articles else 1)


def test_a_crawl_ends_when_its_time_is_up(tmp_path: Path) -> None:
    slow: dict[str, Reply | str] = {"/": hub(*(f"/{n}" for n in range(40)))}
    slow |= {f"/{n}": Reply(article(f"illness {n}"), delay=0.5) for n in range(40)}
    with serve(slow) as site:
        settings = ("DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=0", HERE)
        result = crawl(tmp_path, f"url={site.url}/", "max_minutes=0.1", settings=settings)
    assert result.run["exit_reason"] == "closespider_timeout"
    assert 1 <= len(result.articles) < 40
    assert result.status == 0


def test_the_crawl_delay_of_robots_txt_is_kept(tmp_path: Path) -> None:
    asked = {**CHAIN, "/robots.txt": Reply("User-agent: *\nCrawl-delay: 0.6", type="text/plain")}
    with serve(asked) as site:
        settings = ("DOWNLOAD_DELAY=0", "AUTOTHROTTLE_START_DELAY=0", HERE)
        crawl(tmp_path, f"url={site.url}/", settings=settings)
    times = [request.at for request in site.asked]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    # The request after robots.txt itself is the first that can know of the delay.
    assert len(gaps) >= 5
    assert min(gaps[1:]) >= 0.55


def test_by_default_requests_are_a_second_apart(tmp_path: Path) -> None:
    with serve(CHAIN) as site:
        crawl(tmp_path, f"url={site.url}/", "max_depth=1", settings=())
    times = [request.at for request in site.asked]
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.95


def test_a_canonical_on_another_host_changes_neither_scope_nor_duplicates(tmp_path: Path) -> None:
    def foreign(name: str) -> str:
        return f'<link rel="canonical" href="https://www.example.org/{name}">'

    mirror: dict[str, Reply | str] = {
        "/": hub("/a", "/b", "/a?view=2", head=foreign("")),
        "/a": article("asthma", head=foreign("a")),
        "/a?view=2": article("asthma", head=foreign("a")),
        "/b": article("gout", head=foreign("b")),
    }
    with serve(mirror) as site:
        result = crawl(tmp_path, f"url={site.url}/")
    assert result.titles == ["Living with asthma", "Living with gout"]
    assert {a["canonical_url"] for a in result.articles} == {
        "https://www.example.org/a",
        "https://www.example.org/b",
    }
    assert result.stderr == ""


def test_a_meta_refresh_is_followed(tmp_path: Path) -> None:
    refresh = '<html><head><meta http-equiv="refresh" content="0; url=en/"></head></html>'
    with serve({"/": refresh, "/en/": hub("/a"), "/a": article("asthma")}) as site:
        result = crawl(tmp_path, f"url={site.url}/")
    assert result.titles == ["Living with asthma"]


def test_a_site_description_gives_patterns_and_selectors(tmp_path: Path) -> None:
    with serve(CHAIN) as site:
        (tmp_path / "sites").mkdir()
        (tmp_path / "sites" / "clinic.toml").write_text(
            f"start = ['{site.url}/']\ndeny = ['/2$']\ndelay = 0\nmax_depth = 1\n"
            "[selectors]\ntitle = 'title::text'\ntags = 'nav a'\n",
            encoding="utf-8",
        )
        settings = (f"SITES_DIR={tmp_path / 'sites'}", "AUTOTHROTTLE_START_DELAY=0", HERE)
        result = crawl(tmp_path / "output", "site=clinic", settings=settings)
    assert [(a["title"], a["tags"]) for a in result.articles] == [("Living with asthma", ["Home"])]
    assert "/2" not in site.paths


def test_sitemaps_and_feeds_of_a_description_are_enough(tmp_path: Path) -> None:
    routes = {**SITE, "/own.xml": Reply(urlset("/mapped.html"), type=XML)}
    with serve(routes) as site:
        (tmp_path / "sites").mkdir()
        (tmp_path / "sites" / "listed.toml").write_text(
            f"sitemaps = ['{site.url}/own.xml']\nfeeds = ['{site.url}/feed.rss']\n"
            "allow = ['/(mapped|fed)[.]html']\ndelay = 0\n",
            encoding="utf-8",
        )
        settings = (f"SITES_DIR={tmp_path / 'sites'}", "AUTOTHROTTLE_START_DELAY=0", HERE)
        result = crawl(tmp_path / "output", settings=settings)
    assert result.titles == ["Living with measles", "Living with migraine"]
    assert sorted(site.paths) == [
        TDM_PATH,
        "/fed.html",
        "/feed.rss",
        "/mapped.html",
        "/own.xml",
        "/robots.txt",
    ]


def test_several_sites_have_their_limits_and_failures_apart(tmp_path: Path) -> None:
    other: dict[str, Reply | str] = {"/": hub("/a"), "/a": article("asthma")}
    with serve(CHAIN) as one, serve(other) as two:
        addresses = f"url={one.url}/,http://127.0.0.1:9/,{two.url}/"
        result = crawl(tmp_path, addresses, "max_pages=3", settings=(*IMPOLITE, "RETRY_TIMES=0"))
    assert len([a for a in result.articles if a["url"].startswith(one.url)]) == 2
    # The same text on another site is no duplicate there.
    assert [a["title"] for a in result.articles if a["url"].startswith(two.url)] == [
        "Living with asthma"
    ]
    (line,) = result.stderr.splitlines()
    assert line.startswith("scrapy crawl: warning: http://127.0.0.1:9/: connection refused")
    assert result.status == 0


MISTAKES = {
    "no scheme": (["-a", "url=example.org"], "try https://example.org"),
    "ftp": (["-a", "url=ftp://example.org/"], "only http and https"),
    "no host": (["-a", "url=https://"], "no host"),
    "empty address": (["-a", "url="], "-a url= is empty"),
    "unknown site": (["-a", "site=dmeo"], 'unknown site "dmeo": did you mean "demo"?'),
    "misspelt argument": (["-a", "max_page=3"], 'did you mean "max_pages"?'),
    "no number": (["-a", "url=http://127.0.0.1/", "-a", "max_pages=many"], "whole number"),
    "both": (["-a", "url=http://127.0.0.1/", "-a", "site=demo"], "not both"),
}


@pytest.mark.parametrize(("arguments", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_one_line_and_status_2(arguments: list[str], message: str) -> None:
    done = scrapy("crawl", "articles", *arguments)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert message in done.stderr


def test_an_unknown_spider_is_one_line_and_status_2() -> None:
    done = scrapy("crawl", "artcles")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert 'did you mean "articles"?' in done.stderr


UNREACHABLE = {
    "refused": ("http://127.0.0.1:9/", "connection refused"),
    "unknown host": ("http://nowhere.invalid/", "not known to DNS"),
}


@pytest.mark.parametrize(("address", "message"), UNREACHABLE.values(), ids=UNREACHABLE.keys())
def test_a_start_that_cannot_be_reached_is_said_in_one_line(
    tmp_path: Path, address: str, message: str
) -> None:
    result = crawl(tmp_path, f"url={address}", settings=("RETRY_TIMES=0", "CONTACT=me@x.org", HERE))
    assert result.status == 1
    assert len(result.stderr.splitlines()) == 1
    assert address in result.stderr
    assert message in result.stderr


@pytest.mark.parametrize("delay", [0, 0.4])
def test_no_more_pages_are_asked_for_than_the_limit_allows(tmp_path: Path, delay: float) -> None:
    pages = [f"/{n}" for n in range(12)]
    routes: dict[str, Reply | str] = {"/": hub(*pages, "/gone")}
    routes |= {page: Reply(article(f"illness {page}"), delay=delay) for page in pages}
    with serve(routes) as site:
        result = crawl(tmp_path, f"url={site.url}/", "max_pages=5")
    asked = [path for path in site.paths if path not in BY_THE_WAY]
    assert len(asked) == 5
    assert len(result.articles) + len(result.rejected) == 5
    assert result.run["exit_reason"] == "max_pages"


CLOSED = {
    "the server fails": (Reply("oops", status=503), "robots-unreachable"),
    "the connection ends": (Reply("User-agent: *", cut=True), "robots-unreachable"),
    "a day between requests": (
        Reply("User-agent: *\nCrawl-delay: 86400", type="text/plain"),
        "crawl-delay",
    ),
}


@pytest.mark.parametrize(("robots", "reason"), CLOSED.values(), ids=CLOSED.keys())
def test_robots_txt_that_keeps_everybody_out(tmp_path: Path, robots: Reply, reason: str) -> None:
    with serve({**CHAIN, "/robots.txt": robots}) as site:
        result = crawl(tmp_path, f"url={site.url}/", settings=(*IMPOLITE, "RETRY_TIMES=0"))
    assert set(site.paths) == {"/robots.txt"}
    assert result.reasons == {"/": reason}
    assert len(result.stderr.splitlines()) == 1


NOWHERE = {
    "/script": Reply(status=302, headers={"Location": "javascript:alert(1)"}),
    "/file": Reply(status=301, headers={"Location": "file:///etc/hosts"}),
    "/host": Reply(status=302, headers={"Location": "http://[::1"}),
    "/no-gzip": Reply(article("gout"), headers={"Content-Encoding": "gzip"}),
}


def test_answers_that_make_no_sense_are_refused_and_half_a_page_is_marked(tmp_path: Path) -> None:
    packed = gzip.compress(article("asthma").encode())[:-12]
    half = Reply(packed, headers={"Content-Encoding": "gzip"})
    with serve({"/": hub(*NOWHERE, "/half", "/hop"), **NOWHERE, "/half": half}) as site:
        result = crawl(tmp_path, f"url={site.url}/", settings=(*IMPOLITE, "RETRY_TIMES=0"))
    assert [a["warnings"] for a in result.articles] == [["gzip-damaged"]]
    assert {path: result.reasons[path] for path in NOWHERE} == {
        "/script": "bad-redirect",
        "/file": "bad-redirect",
        "/host": "bad-redirect",
        "/no-gzip": "bad-gzip",
    }


def test_a_reject_behind_a_redirect_names_the_address_asked_for(tmp_path: Path) -> None:
    moved = Reply(status=302, headers={"Location": "/gone"})
    with serve({"/": hub("/moved"), "/moved": moved}) as site:
        result = crawl(tmp_path, f"url={site.url}/")
    (gone,) = [r for r in result.rejected if r["reason"] == "http-404"]
    assert gone["url"] == f"{site.url}/gone"
    assert f"redirected from {site.url}/moved" in gone["detail"]


def test_a_reader_that_has_gone_is_no_failure(tmp_path: Path) -> None:
    with serve({"/": hub("/a"), "/a": article("asthma")}) as site:
        asked = ["-a", f"url={site.url}/"]
        settings = ["-s", f"OUTPUT_DIR={tmp_path}", "-s", "DOWNLOAD_DELAY=0"]
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "scrapy", "crawl", "articles", *asked, *settings],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout
        process.stdout.close()
        assert process.stderr
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0


def test_a_site_without_articles_is_status_1_and_says_what_was_there(tmp_path: Path) -> None:
    with serve({"/": hub("/missing")}) as site:
        result = crawl(tmp_path, f"url={site.url}/")
    assert result.status == 1
    assert "no article exported: rejected" in result.stderr
    assert "pandas" not in result.stdout
    assert "1 http-404" in result.stderr


def test_an_output_folder_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    result = crawl(blocked / "output", "url=http://127.0.0.1:9/")
    assert result.status == 2
    assert len(result.stderr.splitlines()) == 1
    assert str(blocked) in result.stderr
