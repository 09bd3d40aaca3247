"""The download handler for http and https where pages of a site are read in a browser.

The server is asked as ever: redirects, errors, robots.txt and all other files are nothing new. Only
an HTML page of such a site then goes through the browser.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Headers, HtmlResponse, Response

from scraper.browser.addon import BrowserPages
from scraper.browser.rendered import Rendered, rendered_headers
from scraper.browser.traffic import Asked
from scraper.failures import Refused
from scraper.middlewares import REDIRECTS, Decompression
from scraper.private_addresses import PublicHandler
from scraper.robots import CachedRobots

# Redirects of a script or of data that are followed.
_MOST_REDIRECTS = 5
# Seconds for one script or one answer to it.
_TIMEOUT = 10.0
# Bytes of one.
_LARGEST = 10_000_000


class BrowserHandler(PublicHandler):
    """PublicHandler, and a browser behind it for what has `meta["javascript"]`.

    `meta["rendered"]` then holds what the browser did (`Rendered`). Where a script leads away, the
    response is a redirect; where
    the host has no time for the page's data (429, 503), it is that answer.
    """

    lazy = False  # scrapy-playwright starts with the crawl

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        addon = crawler.get_addon(BrowserPages)
        assert addon is not None
        self._renderer = addon.renderer
        self._unpack = Decompression.from_crawler(crawler)

    async def download_request(self, request: Request) -> Response:
        """The response, its page as it is once the scripts have run."""
        request.meta.pop("rendered", None)
        wire = await super().download_request(request)
        how = request.meta.get("javascript")
        if how is None or not _is_page(wire):
            return wire
        page = self._unpacked(request, wire)
        taken = await self._renderer.render(page, how, _Errands(self, request).fetch)
        html = taken.html.encode("utf-8", "replace") if taken.html is not None else None
        traffic = taken.traffic
        request.meta["rendered"] = Rendered(
            wire, html, traffic.moved, traffic.received, dict(traffic.refused)
        )
        if html is not None:
            return _rendered(page, html)
        if traffic.busy is not None:
            return Response(wire.url, traffic.busy.status, _when(traffic.busy))
        return Response(wire.url, 302, {"Location": traffic.moved})

    async def fetch(self, request: Request) -> Response:
        """An answer for a page's script, unpacked."""
        self._unpack.process_request(request)
        answer = await super().download_request(request)
        return self._unpacked(request, answer)

    def is_forbidden(self, url: str) -> bool:
        """Whether robots.txt, as far as it was read, forbids an address."""
        robots = self._crawler.get_downloader_middleware(CachedRobots)
        return robots is not None and robots.is_forbidden(url)

    def _unpacked(self, request: Request, response: Response) -> Response:
        unpacked = self._unpack.process_response(request, response.copy())
        assert isinstance(unpacked, Response)
        return unpacked


@dataclass(frozen=True, slots=True)
class _Errands:
    """Brings what the scripts of one page ask for, as the page itself was brought."""

    handler: BrowserHandler
    page: Request

    async def fetch(self, asked: Asked) -> Response:
        """The answer, redirects followed. Raises what a download raises, and Refused."""
        url, method, body = asked.url, asked.method, asked.body
        for _ in range(_MOST_REDIRECTS + 1):
            if self.handler.is_forbidden(url):
                raise Refused("robots-disallowed", "robots.txt does not allow it")
            request = self._request(url, method, asked, body)
            answer = await self.handler.fetch(request)
            target = answer.headers.get("Location")
            if answer.status not in REDIRECTS or not target:
                return answer
            url = urljoin(url, target.decode("latin-1"))
            if urlsplit(url).scheme not in ("http", "https"):
                break
            if answer.status not in (307, 308):
                method, body = "GET", b""
        raise Refused("bad-redirect", "redirects again and again, or to no address of the web")

    def _request(self, url: str, method: str, asked: Asked, body: bytes) -> Request:
        headers = Headers(dict(asked.headers))
        for name in ("User-Agent", "Proxy-Authorization"):
            if name in self.page.headers:
                headers[name] = self.page.headers[name]
        meta = {"download_timeout": _TIMEOUT, "download_maxsize": _LARGEST}
        if "proxy" in self.page.meta:
            meta["proxy"] = self.page.meta["proxy"]
        return Request(url, method=method, headers=headers, body=body, meta=meta)


def _is_page(response: Response) -> bool:
    """Whether a browser would show the response as a page."""
    kind = (response.headers.get("Content-Type") or b"").partition(b";")[0].strip().lower()
    as_file = (response.headers.get("Content-Disposition") or b"").lower().startswith(b"attachment")
    html = kind in (b"text/html", b"application/xhtml+xml")
    return response.status == 200 and html and not as_file


def _when(answer: Response) -> Headers:
    """The headers that say when to ask again."""
    told = {
        name: answer.headers[name] for name in ("Retry-After", "Date") if name in answer.headers
    }
    return Headers(told)


def _rendered(page: Response, html: bytes) -> Response:
    pairs = [(name, value) for name, values in page.headers.items() for value in values]
    headers = Headers()
    for name, value in rendered_headers(pairs):
        headers.appendlist(name, value)
    return HtmlResponse(
        page.url,
        status=page.status,
        headers=headers,
        body=html,
        encoding="utf-8",
        flags=page.flags,
        ip_address=page.ip_address,
        protocol=page.protocol,
    )
