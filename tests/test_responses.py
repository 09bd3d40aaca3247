"""What HTTP says of a page and the page does not."""

from __future__ import annotations

import pytest
from scrapy.http import HtmlResponse, Request

from pipelines import Article, clean
from scraper.responses import with_fetch
from scraper.tdm import Reservation
from tests.articles import page

URL = "https://example.org/blog/sprained-ankle-care"


@pytest.mark.parametrize(
    ("meta", "headers", "robots"),
    [
        ("", {}, None),
        ("", {"X-Robots-Tag": "noai"}, "x-robots-tag: noai"),
        (
            '<meta name="robots" content="noarchive">',
            {"X-Robots-Tag": ["googlebot: nosnippet", "noimageai"], "TDM-Reservation": "1"},
            "noarchive; x-robots-tag: googlebot: nosnippet; x-robots-tag: noimageai; "
            "tdm-reservation: 1",
        ),
    ],
    ids=["none", "header", "both"],
)
def test_directives_of_headers_stand_beside_those_of_the_page(
    meta: str, headers: dict[str, str | list[str]], robots: str | None
) -> None:
    markup = page().replace("</head>", meta + "</head>").encode()
    response = HtmlResponse(URL, body=markup, headers=headers)
    record = with_fetch(clean(markup, URL), response)
    assert isinstance(record, Article)
    assert record.robots == robots


def test_what_the_host_reserves_stands_there_too() -> None:
    request = Request(URL, meta={"tdm_file": Reservation(reserved=False)})
    response = HtmlResponse(URL, body=page().encode(), request=request)
    record = with_fetch(clean(response.body, URL), response)
    assert isinstance(record, Article)
    assert record.robots == "tdmrep.json: 0"
