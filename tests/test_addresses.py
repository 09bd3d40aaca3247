"""One page, one spelling of its address, one identifier; strangers' strings do no harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.addresses import normalise, record_id, registrable_domain

SAME = [
    ("https://example.org", "https://example.org/"),
    ("HTTPS://EXAMPLE.org/Path", "https://example.org/Path"),
    ("https://example.org:443/a", "https://example.org/a"),
    ("http://example.org:80/a", "http://example.org/a"),
    ("http://example.org:8080/a", "http://example.org:8080/a"),
    ("https://example.org./a", "https://example.org/a"),
    ("https://example.org/a#part", "https://example.org/a"),
    ("https://example.org/a/../b/./c", "https://example.org/b/c"),
    ("https://example.org/../a", "https://example.org/a"),
    ("https://example.org/%7euser/%e9%aa%a8", "https://example.org/~user/%E9%AA%A8"),
    ("https://example.org/骨", "https://example.org/%E9%AA%A8"),
    ("https://bücher.example/", "https://xn--bcher-kva.example/"),
    ("  https://example.org/a b\n", "https://example.org/a%20b"),
    ("https://example.org/a?b=2&a=1", "https://example.org/a?a=1&b=2"),
    ("https://example.org/a?", "https://example.org/a"),
    ("https://example.org/a/", "https://example.org/a/"),
    ("https://example.org/a?utm_source=x&utm_medium=y", "https://example.org/a"),
    ("https://example.org/a?UTM_Source=x&id=3", "https://example.org/a?id=3"),
    ("https://example.org/a?fbclid=x&gclid=y&p=2", "https://example.org/a?p=2"),
    ("https://example.org/a?spm=a1.b2&share_token=q", "https://example.org/a"),
    ("https://example.org/a?from=timeline&isappinstalled=0", "https://example.org/a"),
    ("https://example.org/a?ref=home&page=2", "https://example.org/a?page=2"),
    ("https://example.org/a?from=20", "https://example.org/a?from=20"),
    ("https://example.org/a?id=7&cid=3&lang=fr", "https://example.org/a?cid=3&id=7&lang=fr"),
    ("https://example.org/?p=123", "https://example.org/?p=123"),
    ("https://example.org/a?q=1&q=2", "https://example.org/a?q=1&q=2"),
    ("https://example.org/?12345.html", "https://example.org/?12345.html"),
    ("https://user:Pass@Example.org/", "https://user:Pass@example.org/"),
    ("http://[::1]:80/x", "http://[::1]/x"),
    ("http://www.example.org/", "http://www.example.org/"),
    ("mailto:a@example.org", "mailto:a@example.org"),
    ("page.html", "page.html"),
    ("", ""),
]
HOSTILE = [
    "http://[",
    "http://a:99999/",
    "http://a:b/",
    "http://\ud800/\udfff",
    "https://",
    "//",
    "\x00",
]


@pytest.mark.parametrize(("url", "expected"), SAME)
def test_normal_form(url: str, expected: str) -> None:
    assert normalise(url) == expected
    assert normalise(expected) == expected


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://example.org/a", "example.org"),
        ("https://www.news.example.co.uk/", "example.co.uk"),
        ("https://health.example.com.cn:8443/", "example.com.cn"),
        ("http://WWW.Example.DE", "example.de"),
        ("https://bücher.example.jp", "example.jp"),
        ("https://blog.somebody.github.io/a", "somebody.github.io"),
        ("http://127.0.0.1:8000/", "127.0.0.1"),
        ("http://[::1]:8000/", "::1"),
        ("http://localhost:8000/", "localhost"),
        ("http://intranet/wiki", "intranet"),
        ("http://co.uk/", "co.uk"),
        ("file:///tmp/a.html", None),
        ("page.html", None),
        ("", None),
    ],
)
def test_registrable_domain(url: str, domain: str | None) -> None:
    assert registrable_domain(url) == domain


@pytest.mark.parametrize("url", HOSTILE)
def test_hostile_strings(url: str) -> None:
    assert normalise(url) == url.strip()
    registrable_domain(url)
    assert len(record_id(url, url, b"x")) == 32


def test_an_identifier_is_the_addresss_wherever_it_is_written() -> None:
    expected = record_id("https://example.org/a", None, b"")
    assert len(expected) == 32
    assert record_id("http://www.example.org/a?utm_source=x#y", None, b"other") == expected
    assert record_id(None, "https://EXAMPLE.org/a", b"") == expected
    assert record_id("https://example.org/a", "https://example.org/b", b"") == expected
    assert record_id("not an address", "https://example.org/a", b"") == expected
    assert record_id("https://example.org/a?id=2", None, b"") != expected


def test_without_an_address_the_source_is_the_identity() -> None:
    assert record_id(None, None, b"text") == record_id(None, "saved/page.html", "text")
    assert record_id(None, None, b"text") != record_id(None, None, b"texts")
    assert record_id(None, None, "\ud800")


@given(
    st.text() | st.text().map("https://".__add__) | st.text().map("http://example.org/?".__add__)
)
def test_normalising_twice_changes_nothing(url: str) -> None:
    once = normalise(url)
    assert normalise(once) == once
    registrable_domain(url)
    assert record_id(url, None, b"") == record_id(once, None, b"")
