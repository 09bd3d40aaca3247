"""Scrapy's download handler for http and https, which here bounds the head of an answer as well.

DOWNLOAD_MAXSIZE counts bodies alone: a server whose headers never end would fill the memory, and
keep the reactor busy, until the time-out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS

from scraper.failures import EndlessHeadError

# Bytes: curl's own limit (MAX_HTTP_RESP_HEADER_SIZE), far above what any server sends.
_MOST = 300 * 1024


class BoundedHeads(HTTP11DownloadHandler):
    """Gives an answer up when its head grows beyond what any server has to say."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        # Neither Scrapy nor Twisted has a setting for it: each connection is looked after from
        # outside, as it is made.
        pool: Any = self._pool
        make_factory = pool._factory
        pool._factory = lambda *arguments: _looked_after(make_factory(*arguments))


def _looked_after(factory: Any) -> Any:
    build: Callable[[Any], Any] = factory.buildProtocol

    def build_bounded(address: Any) -> Any:
        protocol = build(address)
        protocol.dataReceived = _Bound(protocol).received
        return protocol

    factory.buildProtocol = build_bounded
    return factory


class _Bound:
    """Counts the bytes of each head that a connection receives, one for each request."""

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol
        self._receive: Callable[[bytes], None] = protocol.dataReceived
        self._parser: object = None
        self._received = 0

    def received(self, data: bytes) -> None:
        """Pass the data on; give the connection up where the head goes on and on."""
        self._receive(data)
        parser = self._protocol._parser
        if parser is None or parser.state not in {STATUS, HEADER}:
            return
        if parser is not self._parser:
            self._parser, self._received = parser, 0
        self._received += len(data)
        if self._received > _MOST:
            self._protocol._giveUp(Failure(EndlessHeadError()))  # type: ignore[no-untyped-call]
