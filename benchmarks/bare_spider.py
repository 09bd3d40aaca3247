"""A bare Scrapy spider, as a tutorial has it: follows every link of a site and stores nothing.

    python benchmarks/bare_spider.py ADDRESS CONCURRENCY {css,extractor}

`css` follows `response.follow_all(css="a")`, `extractor` the links that a LinkExtractor finds.
Scrapy's own settings (robots.txt not asked for, no delay), but for the concurrency and the log,
which tells warnings alone: a line a page would cost a tenth of the time.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response, TextResponse
from scrapy.linkextractors import LinkExtractor


class FollowAll(Spider):
    """Follows every link."""

    name = "bare"

    def __init__(self, address: str) -> None:
        super().__init__()
        self.start_urls = [address]

    def parse(self, response: Response, **_arguments: Any) -> Iterator[Request]:
        """A page: requests for what it leads to."""
        assert isinstance(response, TextResponse)
        yield from response.follow_all(css="a")


class Extracting(FollowAll):
    """Follows every link that Scrapy's link extractor finds."""

    extractor = LinkExtractor()

    def parse(self, response: Response, **_arguments: Any) -> Iterator[Request]:
        """A page: requests for what it leads to."""
        assert isinstance(response, TextResponse)
        for link in self.extractor.extract_links(response):
            yield response.follow(link)


SPIDERS = {"css": FollowAll, "extractor": Extracting}


def main(address: str, concurrency: str, how: str) -> None:
    """Crawl to the end."""
    process = CrawlerProcess(
        {
            "CONCURRENT_REQUESTS": int(concurrency),
            "CONCURRENT_REQUESTS_PER_DOMAIN": int(concurrency),
            "LOG_LEVEL": "WARNING",
        }
    )
    process.crawl(SPIDERS[how], address=address)
    process.start()


if __name__ == "__main__":
    main(*sys.argv[1:])
