"""What is explained: a file or an address, cleaned exactly as `scrapy clean` or a crawl does."""

from __future__ import annotations

import dataclasses
import zlib
from pathlib import Path

from scrapy.http import Response
from scrapy.settings import Settings

from pipelines import read_page
from pipelines.decode import decode
from pipelines.explain import Explanation, explain_page, explain_text
from pipelines.page import Page
from pipelines.records import Article, Rejected
from pipelines.validation import validate
from scraper.addresses import host_of
from scraper.cleaning import PageTooLargeError, as_read, read_bytes
from scraper.explain_fetch import fetch
from scraper.inputs import TEXT_ENDINGS, ending
from scraper.responses import read_response, with_fetch
from scraper.selectors import apply_selectors, overrides_of
from scraper.sites import Site, read_site, site_names


class UnreadableError(Exception):
    """The file cannot be read; the message is a sentence."""


def explain_file(path: str, site: Site | None = None) -> Explanation:
    """The explanation of a file on disk. Raises UnreadableError."""
    try:
        raw = read_bytes(path)
    except OSError as error:
        raise UnreadableError(f"{path}: {error.strerror or error}") from None
    except (EOFError, zlib.error) as error:
        raise UnreadableError(f"{path}: not valid gzip: {error}") from None
    except PageTooLargeError as error:
        raise UnreadableError(f"{path}: {error}") from None
    if ending(path) in TEXT_ENDINGS:
        decoded = decode(raw)
        explanation = explain_text(decoded.text)
        outcome = as_read(explanation.outcome, raw, decoded)
    else:
        explanation = _explain_page(read_page(raw), site)
        outcome = explanation.outcome
    outcome = validate(outcome)
    if isinstance(outcome, Rejected) and outcome.url is None:
        outcome = dataclasses.replace(outcome, url=path)
    return dataclasses.replace(explanation, outcome=outcome)


def explain_address(url: str, settings: Settings, site: Site | None = None) -> Explanation:
    """The explanation of a page on the web, fetched once. Raises `explain_fetch.FetchError`."""
    return explain_response(fetch(url, settings), site)


def explain_response(response: Response, site: Site | None = None) -> Explanation:
    """The explanation of a page as it came over the web."""
    explanation = _explain_page(read_response(response), site)
    outcome = validate(with_fetch(explanation.outcome, response))
    return dataclasses.replace(explanation, outcome=outcome)


def described_site(url: str, folder: Path) -> Site | None:
    """The site in `folder` that has the address's host. Raises `scraper.sites.SiteError`."""
    host = host_of(url)
    for name in site_names(folder):
        site = read_site(folder / f"{name}.toml")
        if host in {host_of(address) for address in site.entrances}:
            return site
    return None


def _explain_page(page: Page | Rejected, site: Site | None) -> Explanation:
    if site is None or isinstance(page, Rejected):
        return explain_page(page)
    explanation = explain_page(page, overrides=overrides_of(site.selectors, site.labels))
    outcome: Article | Rejected = apply_selectors(explanation.outcome, page, site.selectors)
    return dataclasses.replace(explanation, outcome=outcome)
