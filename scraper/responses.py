"""From Scrapy's responses to pages and records: what HTTP knows and the page does not."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from ipaddress import ip_address

from scrapy.http import Headers, HtmlResponse, Response
from scrapy.responsetypes import responsetypes
from w3lib.encoding import http_content_type_encoding

from pipelines import read_page
from pipelines.page import Page
from pipelines.records import Article, Provenance, Rejected, with_provenance
from pipelines.warning_codes import GZIP_DAMAGED
from scraper.archive import Place
from scraper.archived import ArchivedResponse
from scraper.directives import DIRECTIVE_HEADERS
from scraper.tdm import Reservation

# Flag of a response whose compressed body ended early.
CUT_SHORT = "cut-short"
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})


def response_of(url: str, found: ArchivedResponse) -> Response:
    """An archived response as Scrapy has it when it comes over the wire."""
    headers = Headers()
    for name, value in found.headers:
        headers.appendlist(name, value)
    kind = responsetypes.from_args(headers=headers, url=url, body=found.body)
    return kind(
        url=url,
        status=found.status,
        headers=headers,
        body=found.body,
        ip_address=ip_address(found.ip) if found.ip else None,
        protocol=found.protocol,
    )


def read_response(response: Response) -> Page | Rejected:
    """The page in a response; Rejected where it is no HTML, by its header or its bytes."""
    charset = html_charset(response)
    if isinstance(charset, Rejected):
        return charset
    page = read_page(response.body, response.url, charset)
    if isinstance(page, Rejected):
        return page
    damaged = (GZIP_DAMAGED,) if CUT_SHORT in response.flags else ()
    return dataclasses.replace(
        page, warnings=(*page.warnings, *damaged), fetched_at=datetime.now(UTC)
    )


def html_charset(response: Response) -> str | Rejected | None:
    """What the header says of the encoding; Rejected where it says that this is no HTML."""
    header = (response.headers.get("Content-Type") or b"").decode("latin-1")
    kind = header.partition(";")[0].strip().lower()
    if kind not in _HTML_TYPES and (kind or not isinstance(response, HtmlResponse)):
        named = kind or "no Content-Type"
        return unfetched(response.url, "not-html", f"not an HTML page: {named}", response.status)
    return http_content_type_encoding(header)


def header_pairs(response: Response) -> tuple[tuple[str, str], ...]:
    """The headers as text, one pair a value."""
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    )


def with_fetch(
    outcome: Article | Rejected,
    response: Response,
    fetched_at: datetime | None = None,
    place: Place | None = None,
) -> Article | Rejected:
    """The outcome with what is known of its fetch: when (now, unless told), and where archived."""
    provenance = _provenance(response, fetched_at or datetime.now(UTC), place)
    if isinstance(outcome, Article):
        said = "; ".join(filter(None, (outcome.robots, *_directives(response)))) or None
        return with_provenance(dataclasses.replace(outcome, robots=said), provenance)
    if CUT_SHORT in response.flags:
        detail = f"the compressed page ends too soon; of what there is: {outcome.detail}"
        outcome = dataclasses.replace(outcome, reason="truncated", detail=detail)
    return with_provenance(outcome, provenance)


def _directives(response: Response) -> list[str]:
    """What the headers, and the host's tdmrep.json where it was asked for, tell robots and those
    who mine text and data, as `name: content`."""
    in_headers = [
        f"{name.lower()}: {value.decode('latin-1').strip()}"
        for name in DIRECTIVE_HEADERS
        for value in response.headers.getlist(name)
    ]
    said: Reservation | None = response.request.meta.get("tdm_file") if response.request else None
    return in_headers + ([f"tdmrep.json: {int(said.reserved)}"] if said else [])


def _provenance(response: Response, fetched_at: datetime, place: Place | None) -> Provenance:
    def header(name: str) -> str | None:
        value = response.headers.get(name)
        return value.decode("latin-1") if value else None

    return Provenance(
        fetched_at=fetched_at,
        http_status=response.status,
        etag=header("ETag"),
        last_modified=header("Last-Modified"),
        warc_file=place.file if place else None,
        warc_offset=place.offset if place else None,
    )


def unfetched(
    url: str, reason: str, detail: str, status: int | None, at: datetime | None = None
) -> Rejected:
    """The refusal of a page that gave nothing to clean; `status` and `at` (now, unless told) are
    of the response, if any.
    """
    return Rejected(
        stage="fetch",
        reason=reason,
        detail=detail,
        url=url,
        http_status=status,
        fetched_at=at or datetime.now(UTC),
    )
