"""Why a page was not fetched, as the short codes and sentences that the rejects are counted by."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from http import HTTPStatus

from OpenSSL.SSL import Error as TlsError
from scrapy import exceptions
from scrapy.exceptions import IgnoreRequest
from scrapy.spidermiddlewares.httperror import HttpError
from service_identity import CertificateError, VerificationError
from twisted.internet.error import ConnectError as TxConnectError
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.web._newclient import ParseError, ResponseFailed

from pipelines.records import Article, Rejected


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


class Moved(Refused):
    """The page redirects to `target`, which is fetched by itself."""

    def __init__(self, target: str) -> None:
        super().__init__("duplicate-redirect", f"redirects to {target}, which was found before")
        self.target = target


class EndlessHeadError(Exception):
    """The headers of an answer do not end."""


class BrowserFailedError(Exception):
    """The browser broke off in the middle of a page, or did not start; the message says how."""


@dataclass(frozen=True, slots=True)
class FetchFailure:
    """A page that was not fetched; `status` is the HTTP status where there was a response."""

    reason: str
    detail: str
    status: int | None = None


_BY_TYPE: tuple[tuple[type[Exception], str, str], ...] = (
    (
        exceptions.CannotResolveHostError,
        "dns-failure",
        "the host name is not known to DNS: check its spelling, and this machine's network",
    ),
    (
        exceptions.DownloadConnectionRefusedError,
        "connection-refused",
        "connection refused, because no server listens there or a firewall forbids it",
    ),
    (
        exceptions.DownloadTimeoutError,
        "timeout",
        "no complete answer in time; -s DOWNLOAD_TIMEOUT=SECONDS allows more",
    ),
    (
        exceptions.DownloadCancelledError,
        "too-large",
        "larger than DOWNLOAD_MAXSIZE; -s DOWNLOAD_MAXSIZE=BYTES allows more",
    ),
    (exceptions.ResponseDataLossError, "truncated", "the connection ended within the page"),
    (zlib.error, "bad-gzip", "compressed data that cannot be unpacked"),
    (gzip.BadGzipFile, "bad-gzip", "said to be gzip, which it is not"),
    (exceptions.DownloadFailedError, "connection-failed", "the connection failed"),
    (TxConnectError, "connection-failed", "the connection failed"),
    (ConnectionDone, "connection-failed", "the connection failed"),
    (ConnectionLost, "connection-failed", "the connection failed"),
)
_UNTRUSTED = (
    "the host's certificate is not to be trusted (self-signed, out of date, of another host, or "
    "without those that vouch for it); -s DOWNLOAD_VERIFY_CERTIFICATES=False takes any"
)
# What Twisted, and what lies below it, names as the reason of a failed connection.
_CAUSES: tuple[tuple[type[Exception], str], ...] = (
    (ConnectionDone, "the server closed it without an answer"),
    (ConnectionLost, "the server broke it off"),
    (EndlessHeadError, "the head of the answer does not end"),
    (ParseError, "what the server sent is no HTTP"),
)
# What Scrapy's own middlewares say when they ignore a request: they give no code.
_BY_MESSAGE = (
    ("Forbidden by robots.txt", "robots-disallowed", "robots.txt does not allow it"),
    ("max redirections reached", "redirect-loop", "redirects again and again"),
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
    if isinstance(error, BrowserFailedError):
        detail = f"the browser broke off in the middle of the page, or did not start: {error}"
        return FetchFailure("browser-failed", detail)
    for message, reason, detail in _BY_MESSAGE:
        if isinstance(error, IgnoreRequest) and message in str(error):
            return FetchFailure(reason, detail)
    for kind, reason, detail in _BY_TYPE:
        if isinstance(error, kind):
            return (
                _connection_failure(error)
                if reason == "connection-failed"
                else FetchFailure(reason, detail)
            )
    return FetchFailure("fetch-failed", f"{type(error).__name__}: {_first_line(str(error))}")


def explain_status(status: int) -> FetchFailure:
    """The reason and a sentence for an answer that is no page, by its HTTP status."""
    return FetchFailure(f"http-{status}", f"HTTP status {status}{_phrase(status)}", status)


def refusal(article: Article, reason: str, detail: str, page_type: str = "article") -> Rejected:
    """An article that is not exported after all, and why."""
    return Rejected(
        stage="validate",
        reason=reason,
        detail=detail,
        url=article.url,
        page_type=page_type,
        title=article.title,
        links=article.links,
        page_sha256=article.page_sha256,
        pipeline_version=article.pipeline_version,
    )


def _phrase(status: int) -> str:
    try:
        return f" ({HTTPStatus(status).phrase})"
    except ValueError:
        return ""


def _connection_failure(error: BaseException) -> FetchFailure:
    """What is told of a connection that could be made, or begun, and came to nothing."""
    causes = _causes(error)
    for cause in causes:
        if isinstance(cause, VerificationError | CertificateError):
            return FetchFailure("tls-failure", _UNTRUSTED)
        if isinstance(cause, TlsError):
            return FetchFailure("tls-failure", _tls_detail(cause))
    for cause in causes:
        for kind, sentence in _CAUSES:
            if isinstance(cause, kind):
                return FetchFailure("connection-failed", f"the connection failed: {sentence}")
    told = _first_line(str(causes[0])).rstrip(".") or type(causes[0]).__name__
    return FetchFailure("connection-failed", f"the connection failed: {told}")


def _causes(error: BaseException) -> list[BaseException]:
    """The errors that Twisted gathered for a request that failed; the error itself without."""
    gathered = error.__cause__ if isinstance(error.__cause__, ResponseFailed) else error
    reasons = getattr(gathered, "reasons", ())
    return [reason.value for reason in reasons if reason.value is not None] or [gathered]


def _tls_detail(error: TlsError) -> str:
    """OpenSSL gives triples of library, function and reason."""
    triples = error.args[0] if error.args and isinstance(error.args[0], list) else []
    reasons = [str(triple[-1]) for triple in triples if triple]
    if "certificate verify failed" in reasons:
        return _UNTRUSTED
    told = "; ".join(reasons) or "the server ended it"
    return f"no encrypted connection can be made, perhaps the server has none: {told}"


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0][:300]
