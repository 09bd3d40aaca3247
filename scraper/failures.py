"""Why a page was not fetched, as the short codes and sentences that the rejects are counted by."""

from __future__ import annotations

import gzip
import re
import zlib
from dataclasses import dataclass
from http import HTTPStatus

from scrapy import exceptions
from scrapy.exceptions import IgnoreRequest
from scrapy.spidermiddlewares.httperror import HttpError


class Refused(IgnoreRequest):
    """We do not fetch this; `reason` is the code that it is counted by."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Postponed(Refused):
    """Not fetched this time; the page is asked for again in `seconds`, by its row in the state."""

    def __init__(self, reason: str, detail: str, seconds: float) -> None:
        super().__init__(reason, detail)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class FetchFailure:
    """A page that was not fetched; `status` is the HTTP status where there was a response."""

    reason: str
    detail: str
    status: int | None = None


_BY_TYPE: tuple[tuple[type[Exception], str, str], ...] = (
    (exceptions.CannotResolveHostError, "dns-failure", "the host name is not known to DNS"),
    (exceptions.DownloadConnectionRefusedError, "connection-refused", "connection refused"),
    (exceptions.DownloadTimeoutError, "timeout", "no complete answer in time"),
    (exceptions.DownloadCancelledError, "too-large", "larger than DOWNLOAD_MAXSIZE"),
    (exceptions.ResponseDataLossError, "truncated", "the connection ended within the page"),
    (zlib.error, "bad-gzip", "compressed data that cannot be unpacked"),
    (gzip.BadGzipFile, "bad-gzip", "said to be gzip, which it is not"),
    (exceptions.DownloadFailedError, "connection-failed", "the connection failed"),
)
# What Scrapy's own middlewares say when they ignore a request: they give no code.
_BY_MESSAGE = (
    ("Forbidden by robots.txt", "robots-disallowed", "robots.txt does not allow it"),
    ("max redirections reached", "redirect-loop", "too many redirects"),
    ("exceeded DOWNLOAD_MAXSIZE", "too-large", "larger than DOWNLOAD_MAXSIZE once unpacked"),
)


def explain(error: BaseException) -> FetchFailure:
    """The reason and a sentence for what a download ended with.

    >>> explain(IgnoreRequest("Forbidden by robots.txt")).reason
    'robots-disallowed'
    """
    if isinstance(error, HttpError):
        return explain_status(error.response.status)
    if isinstance(error, Refused):
        return FetchFailure(error.reason, error.detail)
    for message, reason, detail in _BY_MESSAGE:
        if isinstance(error, IgnoreRequest) and message in str(error):
            return FetchFailure(reason, detail)
    for kind, reason, detail in _BY_TYPE:
        if isinstance(error, kind):
            cause = _cause(error) if reason == "connection-failed" else ""
            return FetchFailure(reason, f"{detail}: {cause}" if cause else detail)
    return FetchFailure("fetch-failed", f"{type(error).__name__}: {_first_line(str(error))}")


def explain_status(status: int) -> FetchFailure:
    """The reason and a sentence for an answer that is no page, by its HTTP status."""
    return FetchFailure(f"http-{status}", f"HTTP status {status}{_phrase(status)}", status)


def _phrase(status: int) -> str:
    try:
        return f" ({HTTPStatus(status).phrase})"
    except ValueError:
        return ""


def _cause(error: BaseException) -> str:
    """What Twisted says of a failed connection, without the names of its classes."""
    text = _first_line(str(error))
    wrapped = re.fullmatch(r"\[<[\w.]*Failure [\w.]+: (.*)>\]", text)
    if not wrapped:
        return text
    said = re.match(r"\(['\"](.+?)['\"], ", wrapped[1])
    return (said or wrapped)[1].rstrip(".")


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0][:300]
