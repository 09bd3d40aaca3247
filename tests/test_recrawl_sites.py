"""Sites that change between two crawls: where they redirect, what they list, how they are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.health_site import article, hub, urlset
from tests.servers import Reply
from tests.test_recrawl import NIGHTLY, SELDOM, moved, site

pytestmark = pytest.mark.slow


def test_redirects_are_no_rejects_each_night_and_circles_are(tmp_path: Path) -> None:
    routes: dict[str, Reply | str] = {
        "/": hub("/a.html", "/old.html", "/chain.html", "/round.html", "/about.html"),
        "/about.html": hub("/there.html"),
        "/start": moved("/"),
        "/a.html": article("gout"),
        "/b.html": article("asthma"),
        "/old.html": moved("/a.html"),
        "/chain.html": moved("/link.html"),
        "/link.html": moved("/b.html"),
        "/round.html": moved("/there.html"),
        "/there.html": moved("/round.html"),
    }
    one_at_a_time = (*NIGHTLY, "CONCURRENT_REQUESTS_PER_DOMAIN=1")
    with site(tmp_path, routes) as nightly:
        start = f"url={nightly.server.url}/start"
        first = nightly.night(start, settings=one_at_a_time)
        assert set(first.exported) == {"/a.html", "/b.html"}
        assert "redirect-loop" in first.crawl.reasons.values()
        second = nightly.night(start, settings=one_at_a_time)
        assert "/" in second.paths
        assert second.crawl.articles == []
        assert set(second.crawl.reasons.values()) == {"redirect-loop"}
        # The site turns one of them round: what was a redirect is a page, and leads back no more.
        routes |= {
            "/": hub("/a.html", "/b.html", "/new.html"),
            "/new.html": article("hives"),
            "/old.html": article("measles"),
            "/a.html": moved("/old.html"),
        }
        third = nightly.night(start, settings=one_at_a_time)
        assert set(third.exported) == {"/new.html", "/old.html"}


def dated(*entries: tuple[str, str]) -> str:
    """A sitemap with the day of the last change of each page."""
    text = urlset(*(path for path, _ in entries))
    for path, day in entries:
        text = text.replace(f"{path}</loc>", f"{path}</loc><lastmod>{day}</lastmod>")
    return text


def rss(*paths: str) -> Reply:
    items = "".join(
        f"<item><title>x</title><link>{{base}}{path}</link>"
        "<pubDate>Thu, 31 Dec 2099 10:00:00 GMT</pubDate></item>"
        for path in paths
    )
    return Reply(
        f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>",
        type="application/rss+xml",
    )


def test_what_sitemaps_and_feeds_say_brings_pages_forward(tmp_path: Path) -> None:
    feed = "<link rel=alternate type=application/rss+xml href=/feed>"
    before, after = "2024-03-05", "2099-03-05"
    routes: dict[str, Reply | str] = {
        "/": hub(head=feed),
        "/feed": rss(),
        "/sitemap.xml": Reply(
            dated(("/a.html", before), ("/b.html", before), ("/c.html", before)),
            type="application/xml",
        ),
        **{f"/{name}.html": article(f"illness {name}") for name in "abcdef"},
    }
    with site(tmp_path, routes) as nightly:
        first = nightly.night(settings=SELDOM)
        assert set(first.exported) == {"/a.html", "/b.html", "/c.html"}
        routes["/sitemap.xml"] = Reply(
            dated(("/a.html", after), ("/b.html", before), ("/d.html", before)),
            type="application/xml",
        )
        routes["/feed"] = rss("/e.html")
        routes["/a.html"] = article("illness a and how it ends")
        routes["/b.html"] = article("illness b and how it ends")
        second = nightly.night(settings=SELDOM)
        assert set(second.exported) == {"/a.html", "/d.html", "/e.html"}
        assert not {"/b.html", "/c.html"} & set(second.paths)
        assert second.crawl.rejected == []


def test_links_are_followed_by_the_patterns_of_today(tmp_path: Path) -> None:
    plain = {"headers": {"ETag": '"one"'}}
    routes: dict[str, Reply | str] = {
        "/": Reply(hub("/a/1.html", "/b/1.html", "/c/1.html", "/c/"), **plain),
        "/c/": Reply(hub("/c/deep/"), **plain),
        "/c/deep/": hub("/c/deep/2.html"),
        "/sitemap.xml": Reply(urlset("/b/2.html"), type="application/xml", **plain),
        **{
            path: article(f"illness {path[1]} {path[-6]}")
            for path in ("/a/1.html", "/b/1.html", "/b/2.html", "/c/1.html", "/c/deep/2.html")
        },
    }
    sites = tmp_path / "sites"
    sites.mkdir()
    settings = (*NIGHTLY, f"SITES_DIR={sites}")
    with site(tmp_path / "output", routes) as nightly:

        def describe(name: str, rest: str) -> None:
            text = f'start = ["{nightly.server.url}/"]\n{rest}\n'
            (sites / f"{name}.toml").write_text(text, "utf-8")

        describe("one", 'allow = ["/a/"]')
        describe("other", 'allow = ["/c/"]\nmax_depth = 1')
        first = nightly.night("site=one,other", settings=settings)
        assert set(first.exported) == {"/a/1.html", "/c/1.html"}
        describe("one", 'allow = ["/a/", "/b/"]')
        describe("other", 'allow = ["/c/"]\nmax_depth = 3')
        second = nightly.night("site=one,other", settings=settings)
        assert set(second.exported) == {"/b/1.html", "/b/2.html", "/c/deep/2.html"}
        # The same rows, whoever asks.
        third = nightly.night(settings=settings)
        assert third.crawl.articles == []
        assert len([p for p in third.paths if p.endswith(".html")]) == 5


def test_without_state_nothing_is_remembered_and_without_archive_nothing_kept(
    tmp_path: Path,
) -> None:
    with site(tmp_path, {"/": hub("/a.html"), "/a.html": article("gout")}) as nightly:
        nightly.night(settings=SELDOM)
        known = (tmp_path / "state.db").read_bytes()
        archived = sorted(tmp_path.glob("archive/*"))
        bare = (*SELDOM, "STATE=False", "ARCHIVE=False")
        for _ in range(2):
            again = nightly.night(settings=bare)
            assert set(again.exported) == {"/a.html"}
            record = again.exported["/a.html"]
            assert (record["warc_file"], record["warc_offset"]) == (None, None)
        assert (tmp_path / "state.db").read_bytes() == known
        assert sorted(tmp_path.glob("archive/*")) == archived
        assert nightly.night(settings=SELDOM).crawl.articles == []
