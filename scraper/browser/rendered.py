"""A page as a browser has it once its scripts have run, beside what the server sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

CONTENT_TYPE = b"text/html; charset=utf-8"
# Headers that speak of the bytes as they were sent.
_OF_THE_WIRE = frozenset(
    (b"content-type", b"content-encoding", b"content-length", b"transfer-encoding")
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a browser made of a response.

    `wire` is the response as it came. `html` is the page in UTF-8; None where a script led away
    from it, to `moved`, and where its data could not be had. `received`: bytes that the page's
    scripts asked for. `refused`: why, and how often, they got nothing.
    """

    wire: Response
    html: bytes | None
    moved: str | None
    received: int
    refused: Mapping[str, int]


def rendered_of(request: Request | None) -> Rendered | None:
    """What a browser made of the response to a request; None where it was not asked."""
    found: Rendered | None = request.meta.get("rendered") if request else None
    return found


def rendered_headers(headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
    """The headers of a response, with those that fit the rendered page in place of the body's.

    >>> rendered_headers([(b"ETag", b"1"), (b"Content-Encoding", b"gzip")])
    ((b'ETag', b'1'), (b'Content-Type', b'text/html; charset=utf-8'))
    """
    kept = tuple(one for one in headers if one[0].strip().lower() not in _OF_THE_WIRE)
    return (*kept, (b"Content-Type", CONTENT_TYPE))
