"""From bytes to a tree: read once, used by everything that looks at the page.

A page that cannot be read is a value that says why (`Rejected`), never an exception.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml import html as lxml_html

from pipelines import rescue
from pipelines.decode import decode
from pipelines.records import Rejected
from pipelines.source import Unreadable, open_source
from pipelines.streaming import MARK, arrange, open_body
from pipelines.warning_codes import CUT_SHORT, FLATTENED, RESCUED

# Tags above which a page is refused unread, ten times as many as the largest pages that people
# write have: each costs some microseconds, whether anything is in it or not.
MAX_TAGS = 1_100_000
# Tags longer than this (bytes) have their attributes counted: libxml2 compares each with each.
_LONG_TAG = 4_096
_BLOCK = _LONG_TAG // 2
_TAG = re.compile(rb"<[a-zA-Z]")
_MAX_ATTRIBUTES = 400
# Text of a link that is kept, in characters: a link that was never closed can hold the page.
_LINK_TEXT_CHARS = 300
_HTTP_ADDRESS = re.compile(
    r"https?://(?:[^\s/?#@\\]*@)?(?:\[[0-9a-f:.]+\]|[^\s/?#@:\\\[\]<>\"{}|^`]+)(?::(\d{0,5}))?(?=[/?#]|\Z)",
    re.IGNORECASE,
)
_MAX_PORT = 65_535
# One class for all elements: lxml.html's own look-up calls Python for each, a sixth of a walk.
_CLASSES = etree.ElementDefaultClassLookup(
    element=lxml_html.HtmlElement,
    comment=lxml_html.HtmlComment,
    pi=lxml_html.HtmlProcessingInstruction,
    entity=lxml_html.HtmlEntity,
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page as read. `root` is the `<html>` element; nobody changes the tree.

    `base_url` is what relative addresses are relative to: `<base href>` where there is one, else
    `url`. `sha256` is of the bytes given (of the UTF-8 form of a str).
    """

    root: lxml_html.HtmlElement
    url: str | None
    base_url: str | None
    sha256: str
    encoding: str
    warnings: tuple[str, ...] = ()
    fetched_at: datetime | None = None
    """when the page was fetched, in UTC: what "2 days ago" on it is counted from"""


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link: absolute http(s) address without fragment, its text, its `rel` in lower case."""

    url: str
    text: str
    rel: str = ""


def read_page(
    html: bytes | str, url: str | None = None, encoding: str | None = None
) -> Page | Rejected:
    """The page in `html`, parsed; `encoding` is the charset of the HTTP header.

    Rejected(stage="decode") with reason `empty`, `not-html` (a PDF, a picture, …), `too-large`
    or `unparsable`.
    """
    data = html if isinstance(html, bytes) else html.encode("utf-8", "surrogatepass")
    sha256 = hashlib.sha256(data).hexdigest()
    source = open_source(data)
    if isinstance(source, Unreadable):
        return _rejected(source.reason, source.detail, url, sha256)
    if isinstance(html, str) and source.data is data:
        decoded = decode(html, encoding)
    else:
        decoded = decode(source.data, encoding)
    if not decoded.text or decoded.text.isspace():
        return _rejected("empty", "The page has no content.", url, sha256)
    if decoded.data.count(b"<") > MAX_TAGS:
        return _rejected("too-large", f"The page has more than {MAX_TAGS:,} tags.", url, sha256)
    parsed = _parse(decoded.data)
    if parsed is None:
        detail = (
            "No parser finds an element in the page; the slow one was asked up to "
            f"{rescue.MAX_CHARS:,} characters and {rescue.MAX_TAGS:,} tags."
        )
        return _rejected("unparsable", detail, url, sha256)
    root, warnings = parsed
    if MARK in decoded.text:
        arrange(root)
    return Page(
        root=root,
        url=url,
        base_url=_base_url(root, url),
        sha256=sha256,
        encoding=decoded.encoding,
        warnings=(*source.warnings, *decoded.warnings, *warnings),
    )


def _rejected(reason: str, detail: str, url: str | None, sha256: str) -> Rejected:
    return Rejected(stage="decode", reason=reason, detail=detail, url=url, page_sha256=sha256)


def _parse(text: bytes) -> tuple[lxml_html.HtmlElement, tuple[str, ...]] | None:
    """The tree of a text in UTF-8 and the warnings; None where there is nothing to parse."""
    data = _without_long_tags(text)
    root, stopped = _read_tree(data)
    if root is None:
        rescued = rescue.rescue_tree(data.decode("utf-8"))
        return None if rescued is None else (rescued, (RESCUED,))
    if not stopped:
        return root, ()
    flattened, stopped = _read_tree(rescue.flatten(data.decode("utf-8")).encode("utf-8"))
    if flattened is None or stopped:
        return root, (CUT_SHORT,)
    return flattened, (FLATTENED,)


def _read_tree(data: bytes) -> tuple[lxml_html.HtmlElement | None, bool]:
    """The tree, if any, and whether libxml2 stopped before the end of the page."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
    parser.set_element_class_lookup(_CLASSES)
    try:
        root = lxml_html.document_fromstring(data, parser=parser)
    except (etree.LxmlError, ValueError):
        return None, False
    open_body(root)
    return root, _stopped(parser)


def _stopped(parser: etree.HTMLParser) -> bool:
    """Whether libxml2 gave up on the way: it does at 2,048 levels of nesting."""
    return any(entry.level == etree.ErrorLevels.FATAL for entry in parser.error_log)


def _without_long_tags(data: bytes) -> bytes:
    """The markup with no more than some hundred attributes to a tag."""
    parts: list[bytes] = []
    copied = 0
    for opening, end in _long_runs(data):
        tag = data[opening:end]
        if _TAG.match(tag) and len(words := tag.split()) > _MAX_ATTRIBUTES:
            parts += (data[copied:opening], b" ".join(words[:_MAX_ATTRIBUTES]))
            copied = end
    return b"".join((*parts, data[copied:])) if parts else data


def _long_runs(data: bytes) -> Iterator[tuple[int, int]]:
    """Where more than `_LONG_TAG` bytes without a bracket begin, with the `<` before, and end.

    Such a run fills at least one block, which is found in steps as long as a block.
    """
    size = len(data)
    at = less = greater = 0
    while at + _BLOCK <= size:
        if less < at:
            less = data.find(b"<", at) % (size + 1)
        if greater < at:
            greater = data.find(b">", at) % (size + 1)
        end = min(less, greater)
        if end < at + _BLOCK:
            at += _BLOCK
            continue
        opening = data.rfind(b"<", 0, at)
        if opening >= 0 and end - opening > _LONG_TAG and data.find(b">", opening, at) < 0:
            yield opening, end
        at = end + 1


def _base_url(root: lxml_html.HtmlElement, url: str | None) -> str | None:
    for base in root.iter("base"):
        href = (base.get("href") or "").strip()
        if href:
            absolute = _join(url, href)
            if absolute and _is_http(absolute):
                return absolute
            break
    return url


def page_links(page: Page) -> Iterator[PageLink]:
    """Every link of the page that leads to an http(s) address, in document order.

    Links within the page (`#top`) are left out, fragments dropped. Never raises on what stands
    in an href.
    """
    origin = _origin(page.base_url)
    for anchor in page.root.iter("a"):
        href = anchor.get("href")
        if not href:
            continue
        url = _absolute(href, page.base_url, origin)
        if url is not None:
            yield PageLink(url, _link_text(anchor), (anchor.get("rel") or "").lower())


def _absolute(href: str, base: str | None, origin: str | None) -> str | None:
    """The address that `href` means, or None where it is none that can be fetched."""
    href = href.strip().replace("\n", "").replace("\r", "").replace("\t", "").partition("#")[0]
    if not href:
        return None
    if href.startswith("/") and origin and not href.startswith(("//", "/\\")) and "/." not in href:
        url: str | None = origin + href  # most links; a tenth of urljoin's time
    elif href[:8].lower().startswith(("http://", "https://")):
        url = href
    else:
        url = _join(base, href)
    if url is None or not _is_http(url):
        return None
    return url.replace(" ", "%20")


def _join(base: str | None, href: str) -> str | None:
    try:
        return urljoin(base or "", href)
    except ValueError:
        return None


def _is_http(url: str) -> bool:
    match = _HTTP_ADDRESS.match(url)
    return match is not None and int(match.group(1) or 0) <= _MAX_PORT


def _origin(base: str | None) -> str | None:
    try:
        parts = urlsplit(base or "")
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else None


def _link_text(anchor: lxml_html.HtmlElement) -> str:
    """The visible text of a link, else what stands for its picture."""
    pieces: list[str] = []
    size = 0
    for piece in anchor.itertext():
        pieces.append(piece)
        size += len(piece)
        if size > _LINK_TEXT_CHARS:
            break
    text = " ".join("".join(pieces)[:_LINK_TEXT_CHARS].split())
    if text:
        return text
    label = anchor.get("aria-label") or anchor.get("title")
    if not label:
        label = next((img.get("alt") for img in anchor.iter("img") if img.get("alt")), "")
    return " ".join((label or "")[:_LINK_TEXT_CHARS].split())
