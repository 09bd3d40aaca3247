"""Telling articles from what else a site has."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from pipelines import Article, Rejected, clean
from pipelines.vocabulary import PAGE_WORDS, languages, load
from tests.articles import PROSE, page, prose

URL = "https://example.org/health/sprained-ankle"
CASES: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "data" / "page_types.toml").read_text("utf-8")
)["case"]
TEASER = (
    "<article><h2><a href='/{n}'>Story number {n} about ankles and knees</a></h2>"
    "<p>A sprained ankle happens when the foot rolls inward. This is what people did in town"
    " number {n} when it happened to them, and it took some time...</p>"
    "<a href='/{n}'>Read more</a></article>"
)


def teasers(count: int) -> str:
    return "".join(TEASER.format(n=n) for n in range(1, count + 1))


def shell(main: str, title: str = "Riverside Health", head: str = "") -> bytes:
    return (
        f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>{title}</title>{head}"
        f"</head><body><nav><a href='/'>Home</a><a href='/a'>Topics</a></nav><main>{main}</main>"
        "<footer><p>© Riverside Health</p></footer></body></html>"
    ).encode()


def kind(html: bytes | str, url: str | None = URL) -> str | None:
    return clean(html, url).page_type


@pytest.mark.parametrize("language", sorted(PROSE))
def test_an_article_in_any_language(language: str) -> None:
    record = clean(page(language).encode(), URL)
    assert isinstance(record, Article)
    assert record.title == prose(language).title


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/blog/sprained-ankle-care",
        "https://example.org/2024/05/sprained-ankle.html",
        "https://example.org/sprained-ankle",
        "https://example.org/article/48213",
        None,
        "https://example.org/guide/sprained-ankle",
        "https://example.org/learn/sprained-ankle",
        "https://example.org/?p=4821",
    ],
)
def test_the_same_article_at_any_address(url: str | None) -> None:
    assert kind(page("en").encode(), url) == "article"


@pytest.mark.parametrize("declared", ["MedicalWebPage", "Article", "NewsArticle", "BlogPosting"])
def test_an_article_that_says_what_it_is(declared: str) -> None:
    linked = f'<script type="application/ld+json">{{"@type": "{declared}"}}</script>'
    assert kind(page("en", before=linked).encode(), URL) == "article"


@pytest.mark.parametrize(
    "url", ["https://example.org/", "https://example.org/index.html", "https://example.org/page/2/"]
)
def test_a_front_page_with_teasers_is_a_listing(url: str) -> None:
    assert kind(shell(teasers(8)), url) == "listing"


@pytest.mark.parametrize("path", ["category/ankles/", "tag/ankle/", "topics/feet", "archive/2020/"])
def test_an_archive_is_a_listing(path: str) -> None:
    assert kind(shell(teasers(6)), f"https://example.org/{path}") == "listing"


def test_a_list_of_links_is_no_article() -> None:
    links = "".join(f"<li><a href='/{n}'>Story number {n} about ankles</a></li>" for n in range(40))
    assert kind(shell(f"<h1>All stories</h1><ul>{links}</ul>")) != "article"


@pytest.mark.parametrize(
    "title", ["404 Not Found", "Page not found – Riverside", "页面不存在", "Seite nicht gefunden"]
)
def test_an_error_page(title: str) -> None:
    words = "The page you are looking for is gone, or it never was. Please try the search above."
    assert kind(shell(f"<h1>Oh no</h1><p>{words}</p>", title)) == "error"


def test_a_long_article_about_an_error_is_an_article() -> None:
    more = "".join(
        f"<p>{line} This is said again on day {n}.</p>"
        for n in range(2)
        for line in prose("en").paragraphs
    )
    made = page("en", middle=more).replace("</title>", ": what Error 404 has to do with it</title>")
    assert kind(made.encode(), "https://example.org/blog/sprained-ankle-care") == "article"


@pytest.mark.parametrize(
    "main",
    [
        "",
        "<p>Loading…</p>",
        "<form><p>Log in</p><input name='u'><input name='p'></form>",
        "<h1>Contact</h1><p>Green Street 4</p><p>Telephone 555 0100</p>",
    ],
)
def test_a_page_that_says_hardly_anything(main: str) -> None:
    record = clean(shell(main), URL)
    assert isinstance(record, Rejected)
    assert record.page_type != "article"
    assert record.detail.endswith(".")


def test_a_product_says_that_it_is_one() -> None:
    offer = '<script type="application/ld+json">{"@type": "Product", "name": "Brace"}</script>'
    main = "<h1>Ankle brace</h1><p>$ 19.90</p><button>Add to cart</button><p>Blue, two sizes.</p>"
    assert kind(shell(main, "Ankle brace", offer), "https://example.org/shop/brace") == "product"


def test_a_refusal_keeps_what_was_found() -> None:
    record = clean(shell(teasers(8)), "https://example.org/")
    assert isinstance(record, Rejected)
    assert (record.stage, record.reason) == ("clean", "page-type-listing")
    assert record.url == "https://example.org/"
    assert record.page_sha256


def framed(case: dict[str, Any]) -> bytes:
    """A case of the table as a page: within a site's frame, but for those that are bare."""
    head = f"<meta charset='utf-8'><title>{case['title']}</title>{case.get('head', '')}"
    main = case["main"]
    if not case.get("bare"):
        menu = "<nav><a href='/'>Home</a><a href='/a'>Topics</a><a href='/b'>About us</a></nav>"
        main = f"{menu}<main>{main}</main><footer><p>© Riverside Health</p></footer>"
    lang = case.get("lang", "en")
    return (
        f"<!DOCTYPE html><html lang='{lang}'><head>{head}</head><body>{main}</body></html>".encode()
    )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_page_is_what_it_is(case: dict[str, Any]) -> None:
    record = clean(framed(case), case.get("url", URL))
    assert record.page_type == case["kind"], getattr(record, "detail", "")
    assert 0 <= (record.page_type_score or 0) <= 1
    if isinstance(record, Article):
        assert list(record.warnings) == case.get("warnings", [])
    else:
        assert record.reason == f"page-type-{case['kind']}"


@pytest.mark.parametrize(
    "case",
    [c for c in CASES if c["kind"] == "article" and not c.get("address")],
    ids=lambda c: c["name"],
)
def test_an_article_is_one_without_address_too(case: dict[str, Any]) -> None:
    assert clean(framed(case)).page_type == "article"


@pytest.mark.parametrize("code", list(languages()))
def test_a_language_file_knows_pages_that_are_no_articles(code: str) -> None:
    words = load(languages()[code])["page"]
    assert [kind for kind in PAGE_WORDS if not words[kind]] == []


@pytest.mark.parametrize("code", list(languages()))
def test_an_error_page_in_any_language_whatever_it_declares(code: str) -> None:
    for phrase in load(languages()[code])["page"]["error"][:3]:
        html = shell(f"<h1>{phrase}</h1><p>{phrase}. {phrase}.</p>", f"{phrase} | Riverside")
        assert kind(html) == "error", phrase


@pytest.mark.parametrize("code", list(languages()))
def test_a_question_for_consent_in_any_language(code: str) -> None:
    asked = load(languages()[code])["page"]["consent"]
    buttons = "".join(f"<button>{phrase}</button>" for phrase in asked[-6:])
    html = f"<html><body><div><p>{asked[0]}. {asked[1]}.</p>{buttons}</div></body></html>"
    assert kind(html) == "consent"


@pytest.mark.parametrize("code", list(languages()))
def test_an_empty_shell_in_any_language(code: str) -> None:
    asks = load(languages()[code])["page"]["script"][0]
    html = f"<html><body><noscript><p>{asks}</p></noscript><div id='x'></div></body></html>"
    assert kind(html) == "script-only"


@pytest.mark.parametrize("code", list(languages()))
def test_a_stub_before_a_box_for_subscribers_in_any_language(code: str) -> None:
    text, box = prose(code), load(languages()[code])["page"]["paywall"][0]
    stub = f"<article><h1>{text.title}</h1><p>{text.paragraphs[0]}</p><div>{box}</div></article>"
    assert kind(shell(stub, text.title)) == "paywall"


@pytest.mark.parametrize("code", list(languages()))
def test_an_article_in_any_language_may_end_at_such_a_box(code: str) -> None:
    box = load(languages()[code])["page"]["paywall"][0]
    record = clean(page(code, end=f"<div><p>{box}</p></div>").encode(), URL)
    assert isinstance(record, Article)
    assert "paywall" in record.warnings


@pytest.mark.parametrize(
    "path", ["about-us/", "impressum", "mentions-legales.html", "chi_siamo", "o-nas"]
)
def test_a_page_about_the_site_is_no_article(path: str) -> None:
    assert kind(page("en").encode(), f"https://example.org/{path}") == "other"
