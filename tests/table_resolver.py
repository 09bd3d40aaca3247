"""A resolver that answers some names from the setting TABLE: {name: [first answer, second, …]}.

The last answer is given for ever. The table stands in the place of the system's look-up; the cache
and the check of addresses above it are those of every crawl.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from scrapy.crawler import Crawler
from twisted.internet import defer
from twisted.internet.base import ReactorBase, ThreadedResolver
from twisted.internet.defer import Deferred

from scraper.private_addresses import PublicResolver


class _Table(ThreadedResolver):
    table: dict[str, list[str]]

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802
        answers = self.table.get(name)
        if answers is None:
            return super().getHostByName(name, timeout)
        return defer.succeed(answers.pop(0) if len(answers) > 1 else answers[0])


class TableResolver(PublicResolver, _Table):
    """For the setting TWISTED_DNS_RESOLVER."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Made by Scrapy, once a process."""
        resolver: Any = super().from_crawler(crawler, reactor)
        resolver.table = crawler.settings.getdict("TABLE")
        return resolver
