"""A page that is tried again counts once, and what a server says of itself is sent back whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crawls import IMPOLITE, crawl
from tests.health_site import article, hub
from tests.servers import Reply, serve

pytestmark = pytest.mark.slow

ONE_BY_ONE = (
    *(*IMPOLITE, "CONCURRENT_REQUESTS_PER_DOMAIN=1"),
    *("BACK_OFF_BASE=0.01", "BACK_OFF_MAX=0.01"),
)


def test_a_page_that_is_tried_again_counts_once(tmp_path: Path) -> None:
    # Each article is found on the one before it, so that the failed page has its turn in between.
    pages = {
        f"/{n}.html": Reply(article(f"illness {n}", f"/{n + 1}.html"), delay=0.3) for n in range(4)
    }
    routes = {"/": hub("/fails.html", "/0.html"), "/fails.html": Reply("", status=500), **pages}
    with serve(routes) as site:
        result = crawl(tmp_path, f"url={site.url}/", "max_pages=5", settings=ONE_BY_ONE)
        assert site.paths.count("/fails.html") > 1
    assert len(result.articles) == 3


def test_an_etag_too_long_to_send_back_is_not_sent(tmp_path: Path) -> None:
    tag = f'"{"e" * 9_000}"'
    with serve({"/": Reply(article("sleep"), headers={"ETag": tag})}) as site:
        crawl(tmp_path, f"url={site.url}/", settings=ONE_BY_ONE)
        crawl(tmp_path, f"url={site.url}/", settings=ONE_BY_ONE)
        visits = [asked.headers for asked in site.asked if asked.path == "/"]
    assert len(visits) == 2
    assert "If-None-Match" not in visits[1]
