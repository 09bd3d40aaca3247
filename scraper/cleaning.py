"""One file on disk to one record, as the workers of `scrapy clean` do it."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import stat
import zlib
from pathlib import Path

from pipelines import Article, Rejected, clean, clean_text, read_page
from pipelines.decode import Decoded, decode
from pipelines.validation import validate
from scraper.described import clean_described
from scraper.inputs import TEXT_ENDINGS, ending, refused
from scraper.sites import Site

# Largest page, in bytes and unpacked: the crawl refuses responses above the same size. It also
# stops a small gzip file that unpacks without end.
LARGEST_PAGE = 10 * 1024 * 1024


class PageTooLargeError(ValueError):
    """The page is larger than any article."""


def clean_file(path: str, site: Site | None = None) -> Article | Rejected:
    """The file's record, validated; `url` stays empty unless the page itself names its address.

    `site`: the described site that the pages are of; a text has no mark-up to go by.
    """
    raw = _read(path)
    if isinstance(raw, Rejected):
        return raw
    outcome = validate(_clean_text(raw) if ending(path) in TEXT_ENDINGS else _clean_html(raw, site))
    if isinstance(outcome, Rejected) and outcome.url is None:
        return dataclasses.replace(outcome, url=path)
    return outcome


def _read(path: str) -> bytes | Rejected:
    try:
        return read_bytes(path)
    except OSError as error:
        return refused(path, "unreadable", error.strerror or str(error))
    except (EOFError, zlib.error) as error:
        return refused(path, "bad-gzip", str(error))
    except PageTooLargeError as error:
        return refused(path, "too-large", str(error))


def read_bytes(path: str) -> bytes:
    """The file, unpacked. Raises OSError, EOFError, zlib.error or PageTooLargeError."""
    if not stat.S_ISREG(Path(path).stat().st_mode):
        raise OSError("not a regular file")
    packed = path.lower().endswith(".gz")
    with gzip.open(path) if packed else Path(path).open("rb") as file:
        raw: bytes = file.read(LARGEST_PAGE + 1)
    if len(raw) > LARGEST_PAGE:
        raise PageTooLargeError(f"more than {LARGEST_PAGE} bytes")
    return raw


def _clean_html(raw: bytes, site: Site | None) -> Article | Rejected:
    if site is None:
        return clean(raw)
    page = read_page(raw)
    return page if isinstance(page, Rejected) else clean_described(page, site)


def _clean_text(raw: bytes) -> Article | Rejected:
    decoded = decode(raw)
    return as_read(clean_text(decoded.text), raw, decoded)


def as_read(outcome: Article | Rejected, raw: bytes, decoded: Decoded) -> Article | Rejected:
    """The record of a text, with what is known of the bytes that it was read from."""
    outcome = dataclasses.replace(outcome, page_sha256=hashlib.sha256(raw).hexdigest())
    if isinstance(outcome, Article) and decoded.warnings:
        known = dict.fromkeys([*decoded.warnings, *outcome.warnings])
        outcome = dataclasses.replace(outcome, warnings=tuple(known))
    return outcome
