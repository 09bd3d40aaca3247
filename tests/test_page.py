"""Whatever a server sends becomes a tree, or a refusal that says why; links are usable."""

from __future__ import annotations

import gzip
import hashlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.page import Page, page_links, read_page
from pipelines.records import Rejected
from pipelines.source import MAX_PAGE_BYTES
from pipelines.warning_codes import CUT_SHORT, FLATTENED, RESCUED

URL = "https://example.org/health/bones?id=7"


def read(html: bytes | str, url: str | None = URL) -> Page:
    page = read_page(html, url)
    assert isinstance(page, Page), page
    return page


def test_what_a_page_holds() -> None:
    html = "<html><head><base href='/a/'></head><body><p>Häuser</p></body></html>".encode()
    page = read(html)
    assert page.root.tag == "html"
    assert page.root.findtext(".//p") == "Häuser"
    assert page.sha256 == hashlib.sha256(html).hexdigest()
    assert (page.url, page.base_url) == (URL, "https://example.org/a/")
    assert (page.encoding, page.warnings) == ("utf-8", ())


def test_the_header_names_the_encoding() -> None:
    page = read_page("<p>Боль</p>".encode("koi8-r"), None, "koi8-r")
    assert isinstance(page, Page)
    assert page.root.text_content() == "Боль"


def test_nothing_is_lost_to_zero_bytes_controls_and_surrogates() -> None:
    assert read(b"<p>one\x00</p><p>t\x0bwo</p>").root.text_content() == "onetwo"
    assert read("<p>one\ud83d</p><p>two</p>").root.text_content() == "one\ufffdtwo"


@pytest.mark.parametrize(
    ("data", "reason", "hint"),
    [
        pytest.param(b"", "empty", "", id="no bytes"),
        pytest.param("", "empty", "", id="no text"),
        pytest.param(b" \r\n\t ", "empty", "", id="whitespace"),
        pytest.param(b"\x00\x00\x00", "empty", "", id="zero bytes"),
        pytest.param(b"\xef\xbb\xbf", "empty", "", id="a mark and nothing else"),
        pytest.param(b"%PDF-1.7\n%\xe2\xe3", "not-html", "PDF", id="PDF"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00", "not-html", "PNG", id="PNG"),
        pytest.param(b"\xff\xd8\xff\xe0\x00\x10JFIF", "not-html", "JPEG", id="JPEG"),
        pytest.param(b"PK\x03\x04\x14\x00", "not-html", "ZIP", id="ZIP"),
        pytest.param(b"WARC/1.0\r\n", "not-html", "WARC", id="WARC"),
        pytest.param(b"RIFF\x00\x00\x00\x00WEBPVP8 ", "not-html", "picture", id="WebP"),
        pytest.param(b"\x00\x00\x00\x20ftypmp42", "not-html", "video", id="MP4"),
        pytest.param(b"MIME-Version: 1.0\r\n", "not-html", "MHTML", id="MHTML"),
        pytest.param(bytes(range(256)) * 8, "not-html", "binary", id="bytes of every kind"),
        pytest.param(gzip.compress(b"%PDF-1.7"), "not-html", "PDF", id="PDF in gzip"),
        pytest.param(gzip.compress(b"<p>a")[:9], "not-html", "gzip", id="gzip cut at its head"),
        pytest.param(b"\x1f\x8b\x08" + b"x" * 90, "not-html", "gzip", id="gzip in name only"),
        pytest.param(b"<p>" + b" " * MAX_PAGE_BYTES, "too-large", "200 MB", id="200 MB"),
        pytest.param(
            gzip.compress(b"\x00" * (MAX_PAGE_BYTES + 1), 1), "too-large", "MB", id="gzip bomb"
        ),
        pytest.param(
            "<p>a</p>" * 1_000_000, "too-large", "1,100,000 tags", id="1,000,000 siblings"
        ),
    ],
)
def test_refusals(data: bytes | str, reason: str, hint: str) -> None:
    refused = read_page(data, URL)
    assert isinstance(refused, Rejected)
    assert (refused.stage, refused.reason, refused.url) == ("decode", reason, URL)
    assert hint in refused.detail
    assert refused.page_sha256 is not None


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "iso2022_jp", "cp932"])
def test_text_is_never_taken_for_binary_data(encoding: str) -> None:
    assert read(("<p>" + "がんの疼痛は夜間に強い。" * 100).encode(encoding))


def test_gzip_is_unpacked_whole_in_members_or_cut() -> None:
    body = "<p>骨の健康</p>".encode("shift_jis") * 50
    assert read(gzip.compress(body)).encoding == "cp932"
    assert len(read(gzip.compress(body) + gzip.compress(body)).root.findall(".//p")) == 100
    cut = read(gzip.compress(body)[:-9])
    assert "骨の健康" in cut.root.text_content()
    assert cut.warnings[0] == "gzip-damaged"


@pytest.mark.parametrize(
    ("html", "text", "warnings"),
    [
        pytest.param("<div>" * 100_000 + "deep", "deep", (FLATTENED,), id="100,000 levels"),
        pytest.param("<p>a</p>" * 500_000, "a" * 9, (), id="500,000 siblings"),
        pytest.param(f"<p title='{'x' * 50_000_000}'>a", "a", (), id="an attribute of 50 MB"),
        pytest.param(
            "<p " + " ".join(f"a{i}" for i in range(100_000)) + ">a", "a", (), id="attributes"
        ),
        pytest.param(("<p>" + "a line of text " * 20) * 330_000, "a line", (), id="100 MB"),
        pytest.param("<a href=x>" * 100_000 + "a", "a", (), id="links never closed"),
        pytest.param("<" * 1_000_000 + "a", "<<", (), id="a million <"),
        pytest.param("<!-- cut <p>a <b>b</b>", "cut a b", (RESCUED,), id="comment never closed"),
        pytest.param("<!--" + "<p " * 50_000, "<p", (RESCUED,), id="nothing is ever closed"),
        pytest.param("<!--" + "<p>x" * 50_000, "x" * 50_000, (RESCUED,), id="rescued, 50,000 deep"),
        pytest.param("&amp" * 1_000_000, "&&", (), id="a million entities"),
    ],
)
def test_pages_that_break_parsers(html: str, text: str, warnings: tuple[str, ...]) -> None:
    begun = time.monotonic()
    page = read(html)
    links = sum(1 for _ in page_links(page))
    assert text in " ".join("".join(page.root.itertext()).split())
    assert page.warnings == warnings
    assert links in (0, 100_000)
    assert time.monotonic() - begun < 20  # seconds; it is 1 to 3 on an idle machine
    assert CUT_SHORT not in page.warnings


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("/a/b", "https://example.org/a/b"),
        ("c", "https://example.org/health/c"),
        ("../c", "https://example.org/c"),
        ("/x/../c", "https://example.org/c"),
        ("?page=2", "https://example.org/health/bones?page=2"),
        ("//other.example/x", "https://other.example/x"),
        ("HTTP://other.example/X", "HTTP://other.example/X"),
        ("  /spaces around\n", "https://example.org/spaces%20around"),
        ("/li\nne\tbreak", "https://example.org/linebreak"),
        ("/骨", "https://example.org/骨"),
        ("http://bücher.example/", "http://bücher.example/"),
        ("/a#part", "https://example.org/a"),
        ("http://[::1]:8000/", "http://[::1]:8000/"),
        ("#top", None),
        ("", None),
        ("   ", None),
        ("javascript:void(0)", None),
        ("mailto:a@example.org", None),
        ("tel:+1", None),
        ("data:text/html,x", None),
        ("http://", None),
        ("http:///x", None),
        ("http://[", None),
        ("http://[zz]/", None),
        ("http://a:port/", None),
        ("http://a:99999/", None),
        ("http://a b/", None),
        ("//[", None),
    ],
)
def test_where_a_link_leads(href: str, url: str | None) -> None:
    page = read(f'<p><a href="{href}">text</a></p>')
    assert [link.url for link in page_links(page)] == ([url] if url else [])


def test_links_come_in_order_with_text_and_rel() -> None:
    page = read(
        "<nav><a href='/1'> Home \n page </a></nav><a href='/2' rel='Next NoFollow'><b>2</b></a>"
        "<a href='/3'><img alt='Bones'></a><a href='/4' aria-label='More'></a><a name='x'>no</a>"
    )
    links = [(link.url[-1], link.text, link.rel) for link in page_links(page)]
    assert links == [
        ("1", "Home page", ""),
        ("2", "2", "next nofollow"),
        ("3", "Bones", ""),
        ("4", "More", ""),
    ]


def test_without_an_address_only_absolute_links_lead_anywhere() -> None:
    page = read("<a href='/1'>1</a><a href='https://example.org/2'>2</a>", None)
    assert [link.url for link in page_links(page)] == ["https://example.org/2"]


@pytest.mark.parametrize("url", ["http://[", "not an address", "", "C:\\page.html", "/a/b.html"])
def test_any_address_of_the_page_will_do(url: str) -> None:
    page = read("<base href='http://[::'><a href='x'>1</a><a href='//['>2</a>", url)
    assert list(page_links(page)) == []


MARKUP = [
    "<p>",
    "</p>",
    "<a href='",
    "'>",
    "<!--",
    "-->",
    "<![CDATA[",
    "<table>",
    "<svg>",
    "<",
    ">",
]
MARKUP += [
    "<script>",
    "</script>",
    "<base href=",
    "&#0;",
    "&#xD800;",
    "&#x110000;",
    "\x00",
    "é",
    "<?xml ",
]


@given(st.lists(st.sampled_from(MARKUP) | st.text(max_size=5), max_size=40), st.none() | st.text())
def test_never_raises_on_markup(pieces: list[str], url: str | None) -> None:
    page = read_page("".join(pieces), url)
    if isinstance(page, Page):
        for link in page_links(page):
            assert link.url.lower().startswith(("http://", "https://"))


@given(st.binary(max_size=400), st.none() | st.text(max_size=20))
def test_never_raises_on_bytes(data: bytes, encoding: str | None) -> None:
    page = read_page(data, URL, encoding)
    if isinstance(page, Page):
        list(page_links(page))


@given(st.binary(max_size=60))
def test_never_raises_on_damaged_gzip(tail: bytes) -> None:
    read_page(gzip.compress(b"<p>some text</p>" * 9)[:40] + tail)
