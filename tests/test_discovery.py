"""Where a site lists its pages, what belongs to it, and what is one page under two addresses."""

from __future__ import annotations

import doctest
import gzip
import re
from types import ModuleType

import pytest
from scrapy import Request

from pipelines.page import Page, page_links, read_page
from pipelines.records import Article, Section
from scraper import addresses, amounts, failures, lock
from scraper.addresses import host_of, same_page
from scraper.discovery import (
    Listing,
    head_links,
    headline_targets,
    read_feed,
    read_sitemap,
    teaser_targets,
)
from scraper.failures import Refused
from scraper.frontier import Frontier
from scraper.page_requests import LINKED, Intake
from scraper.site_crawl import SiteCrawl
from scraper.sites import Site
from scraper.state import State

BASE = "https://example.org/maps/sitemap.xml"
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
MAP = (
    f"<urlset {SPACE}><url><loc> https://example.org/a </loc></url>"
    "<url><loc>/b</loc></url></urlset>"
)
PAGES = Listing(pages=("https://example.org/a", "https://example.org/b"))
RSS = (
    '<rss version="2.0"><channel><title>t</title><item><link>https://example.org/a</link></item>'
    "<item><link>/b</link></item><item><title>no link</title></item></channel></rss>"
)
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>'
    '<link rel="next" href="/feed?page=2"/>'
    '<entry><title>a</title><link rel="alternate" href="https://example.org/a"/></entry>'
    '<entry><title>b</title><link href="https://example.org/b"/></entry></feed>'
)

SITEMAPS = {
    "XML": (MAP.encode(), PAGES),
    "with a byte order mark": (b"\xef\xbb\xbf" + MAP.encode(), PAGES),
    "gzipped": (gzip.compress(MAP.encode()), PAGES),
    "gzipped, cut off": (gzip.compress(MAP.encode() + b" " * 9999)[:-4], PAGES),
    "index": (
        f"<sitemapindex {SPACE}><sitemap><loc>/c.xml</loc></sitemap></sitemapindex>".encode(),
        Listing(more=("https://example.org/c.xml",)),
    ),
    "translations": (
        f'<urlset {SPACE} xmlns:x="http://www.w3.org/1999/xhtml"><url><loc>/a</loc>'
        '<x:link rel="alternate" hreflang="de" href="/de/a"/></url></urlset>'.encode(),
        Listing(pages=("https://example.org/a", "https://example.org/de/a")),
    ),
    "text": (b"https://example.org/a\r\nhttps://example.org/b\n", PAGES),
    "RSS": (RSS.encode(), PAGES),
    "broken in the middle": (
        MAP.replace("</urlset>", "<url><loc>&bad").encode(),
        PAGES,
    ),
    "a page": (b"<!doctype html><html><body><h1>Not found</h1></body></html>", None),
    "prose": (b"This site has no sitemap.", None),
    "empty": (b"", None),
    "blank": (b" \n ", None),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", None),
    "gzip of nothing": (b"\x1f\x8b\x08", None),
    "too large once unpacked": (gzip.compress(b"<urlset>" + b" " * 200_000), None),
}


@pytest.mark.parametrize(("body", "listing"), SITEMAPS.values(), ids=SITEMAPS.keys())
def test_sitemaps(body: bytes, listing: Listing | None) -> None:
    assert read_sitemap(body, BASE, max_size=100_000) == listing


FEEDS = {
    "RSS": (RSS.encode(), PAGES),
    "Atom with a next page": (
        ATOM.encode(),
        Listing(PAGES.pages, more=("https://example.org/feed?page=2",)),
    ),
    "a page": (b"<html><body>none</body></html>", None),
    "empty": (b"", None),
    "the name of a file": (__file__.encode(), None),
}


@pytest.mark.parametrize(("body", "listing"), FEEDS.values(), ids=FEEDS.keys())
def test_feeds(body: bytes, listing: Listing | None) -> None:
    assert read_feed(body, "https://example.org/feed") == listing


def _page(html: str) -> Page:
    page = read_page(html, "https://example.org/blog/")
    assert isinstance(page, Page)
    return page


def test_the_head_of_a_page_points_to_feeds_and_to_its_neighbours() -> None:
    links = head_links(
        _page(
            '<link rel="alternate" type="application/rss+xml" href="feed">'
            '<link rel="alternate" type="application/atom+xml" href="/atom.xml">'
            '<link rel="alternate" hreflang="de" href="/de/"><link rel="stylesheet" href="/s.css">'
            '<link rel="next" href="?page=2"><link rel="prev" href=""><p>text</p>'
        )
    )
    assert links.feeds == ("https://example.org/blog/feed", "https://example.org/atom.xml")
    assert links.pages == ("https://example.org/blog/?page=2",)
    assert links.refresh is None


REFRESHES = {
    "0; url=/en/": "https://example.org/en/",
    "0;URL='en/'": "https://example.org/blog/en/",
    '5; url="https://example.org/a;b"': "https://example.org/a;b",
    "30": None,
    "0; url=": None,
}


@pytest.mark.parametrize(("content", "target"), REFRESHES.items())
def test_a_meta_refresh(content: str, target: str | None) -> None:
    quoted = content.replace('"', "&quot;")
    page = _page(f'<meta http-equiv="Refresh" content="{quoted}"><p>text</p>')
    assert head_links(page).refresh == target


def _frontier(**site: object) -> Frontier:
    described = Site(name="test", start=("https://www.example.org/",), **site)  # type: ignore[arg-type]
    return Frontier(described, State().pages)


ADMITTED = {
    "same host": "https://www.example.org/a",
    "without www": "https://example.org/a",
    "http": "http://example.org/a",
    "default port": "https://example.org:443/a",
    "dots in the last segment": "https://example.org/vitamin.b12",
}
REFUSED = {
    "other site": ("https://example.com/a", "off-site"),
    "other host of the domain": ("https://shop.example.org/a", "off-site"),
    "other port": ("https://example.org:8443/a", "off-site"),
    "picture": ("https://example.org/a.JPG", "not-a-page"),
    "feed": ("https://example.org/feed.xml", "not-a-page"),
    "relative links that nest": ("https://example.org/a/b/a/b/a/b/c", "endless-address"),
    "very long": ("https://example.org/" + "a" * 2000, "endless-address"),
    "very deep": ("https://example.org" + "".join(f"/{n}" for n in range(30)), "endless-address"),
}


@pytest.mark.parametrize("address", ADMITTED.values(), ids=ADMITTED.keys())
def test_what_belongs_to_a_site(address: str) -> None:
    assert _frontier().admit(address)


@pytest.mark.parametrize(("address", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_followed_is_counted(address: str, reason: str) -> None:
    frontier = _frontier()
    assert frontier.admit(address) is None
    assert frontier.admit(address) is None
    assert frontier.refused == {reason: 1}


@pytest.mark.parametrize(
    "again",
    [
        "https://example.org/a",
        "https://example.org/a#part",
        "https://example.org/a?utm_campaign=x",
        "http://example.org/a",
        "https://www.example.org/a",
    ],
)
def test_an_address_is_admitted_once_in_whatever_spelling(again: str) -> None:
    crawl, intake = _crawl("https://example.org/")
    assert intake.page(crawl, "https://example.org/a", 1, LINKED)
    assert not intake.page(crawl, again, 1, LINKED)
    assert crawl.frontier.admit(again) is None


def test_patterns_say_what_is_fetched() -> None:
    frontier = _frontier(allow=(re.compile("/health/"),), deny=(re.compile("[?]print="),))
    assert frontier.admit("https://example.org/health/a")
    assert frontier.admit("https://example.org/news/a") is None
    assert frontier.admit("https://example.org/health/a?print=1") is None
    assert frontier.refused == {"not-allowed": 1, "denied": 1}


def _crawl(start: str) -> tuple[SiteCrawl, Intake]:
    state = State()
    crawl = SiteCrawl(Site(name="s", start=(start,)), state)
    return crawl, Intake(state, {"s": crawl})


def _redirect(origin: str, target: str, *, start: bool) -> Request:
    return Request(target, meta={"redirect_urls": [origin], "start": start})


def test_a_start_that_moved_within_its_domain_takes_the_site_along() -> None:
    crawl, _ = _crawl("https://example.co.uk/")
    crawl.check_redirect(
        _redirect("https://example.co.uk/", "https://health.example.co.uk/", start=True)
    )
    assert crawl.frontier.admit("https://health.example.co.uk/a")
    assert crawl.frontier.admit("https://example.co.uk/a")
    assert crawl.frontier.admit("https://other.co.uk/a") is None


REDIRECTS = {
    "start to another domain": ("https://other.co.uk/", True, "redirect-off-site"),
    "page to another host": ("https://shop.example.co.uk/", False, "redirect-off-site"),
    "page to one seen before": ("https://example.co.uk/seen", False, "duplicate-redirect"),
}


@pytest.mark.parametrize(("target", "start", "reason"), REDIRECTS.values(), ids=REDIRECTS.keys())
def test_redirects_that_are_not_followed(target: str, start: bool, reason: str) -> None:
    crawl, intake = _crawl("https://example.co.uk/")
    intake.page(crawl, "https://example.co.uk/seen", 1, LINKED)
    with pytest.raises(Refused) as caught:
        crawl.check_redirect(_redirect("https://example.co.uk/a", target, start=start))
    assert caught.value.reason == reason


def test_a_redirect_to_the_same_page_under_https_is_followed() -> None:
    crawl, intake = _crawl("http://example.org/")
    intake.start("http://example.org/")
    crawl.check_redirect(_redirect("http://example.org/", "https://www.example.org/", start=True))


TEXT = "A stone that stays where it was made can go unnoticed for years, and most of them do."
LISTED_ELSEWHERE = {
    "a list with one entry in full": (
        f"<h1>Urology</h1><h2><a href='/stones.html'>Kidney stones</a></h2><p>{TEXT}",
        ["https://example.org/stones.html"],
    ),
    "the same, its title taken for the page's": (
        f"<h2><a href='/stones.html'>Kidney  stones</a></h2><div>{TEXT}</div>",
        ["https://example.org/stones.html"],
    ),
    "a link around the heading": (
        f"<a href='/stones.html'><h2>Stones</h2></a><p>{TEXT}",
        ["https://example.org/stones.html"],
    ),
    "a headline without a link": (
        f"<h1>Kidney stones</h1><p>{TEXT}<h2><a href='/gout.html'>Gout</a></h2><p>More",
        [],
    ),
    "a link within the page": (f"<h1><a href='#top'>Kidney stones</a></h1><p>{TEXT}", []),
}


@pytest.mark.parametrize(
    ("html", "targets"), LISTED_ELSEWHERE.values(), ids=LISTED_ELSEWHERE.keys()
)
def test_a_headline_that_leads_to_the_article(html: str, targets: list[str]) -> None:
    article = Article(id="1", title="Kidney stones", sections=(Section(0, None, TEXT),), body=TEXT)
    assert headline_targets(_page(html), article) == targets


TEASERS = {
    "titles and teasers": (
        "<div><a href='/a'>First title</a><div>Once …</div><a href='/b'>Second</a><p>Then …</p>",
        ["https://example.org/a", "https://example.org/b"],
    ),
    "one line that is a link": ("<p><a href='/a'>First title</a></p><p>Once …</p>", []),
    "links further down": ("<p>Once …</p><a href='/b'>Second</a><a href='/c'>Then …</a>", []),
}


@pytest.mark.parametrize(("html", "targets"), TEASERS.values(), ids=TEASERS.keys())
def test_a_text_made_of_teasers(html: str, targets: list[str]) -> None:
    body = "First title\n\nOnce …\n\nSecond\n\nThen …"
    assert teaser_targets(page_links(_page(html)), Article(id="1", body=body)) == targets


ELSEWHERE = {
    "https://example.org/stones.html": True,
    "https://example.org/tag/urology/": False,
    "https://example.org/tag/urology/?page=2": False,
    "https://example.org/tag/": False,
    "https://example.org/": False,
    "https://example.com/stones.html": False,
}


@pytest.mark.parametrize(("target", "elsewhere"), ELSEWHERE.items())
def test_the_name_of_site_or_section_is_no_headline(target: str, elsewhere: bool) -> None:
    crawl, _ = _crawl("https://example.org/")
    assert crawl.is_elsewhere(target, "https://example.org/tag/urology/") is elsewhere


SAME = {
    ("https://e.org/a?print=1", "https://e.org/a/"): True,
    ("https://e.org/a/amp/", "http://www.e.org/a"): True,
    ("https://e.org/a/index.html", "https://e.org/a/"): True,
    ("https://e.org/a/b", "https://e.org/a"): False,
    ("https://e.org/a", "https://f.org/a"): False,
}


@pytest.mark.parametrize(("pair", "same"), SAME.items())
def test_renderings_of_one_page(pair: tuple[str, str], same: bool) -> None:
    assert same_page(*pair) is same


@pytest.mark.parametrize(
    "module", [addresses, amounts, failures, lock], ids=lambda module: module.__name__
)
def test_the_examples_in_the_documentation_hold(module: ModuleType) -> None:
    tried = doctest.testmod(module)
    assert tried.attempted
    assert not tried.failed


@pytest.mark.parametrize("address", ["", "mailto:a@b.c", "http://[::1/", "http://e.org:99999/"])
def test_what_has_no_host(address: str) -> None:
    assert host_of(address) is None
