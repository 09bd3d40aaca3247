"""What a cleaning process does with one page: parse it once, clean it, read its links, pack it.

Nothing here knows of Scrapy: what goes in and what comes out are plain values that travel between
processes.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import traceback
from dataclasses import dataclass
from datetime import datetime

from pipelines import page_links, read_page
from pipelines.page import Page
from pipelines.page_parts import Parts, page_parts
from pipelines.records import Article, Rejected, as_record
from pipelines.warning_codes import GZIP_DAMAGED
from scraper.described import Override, clean_described, clean_described_part, overrides
from scraper.directives import Directives, directives
from scraper.discovery import HeadLinks, head_links, headline_targets, teaser_targets
from scraper.sites import Site
from scraper.warc_records import Exchange, Original, Packed, pack

# What makes two versions of an article differ. Left out is what changes without its author: links
# to other articles, addresses of pictures (content networks sign them anew), the year of a
# copyright notice, what is computed, and what is known of the fetch.
CONTENT_FIELDS = (
    *("title", "description", "authors", "reviewers", "date_published", "date_modified"),
    *("date_reviewed", "language", "sections", "references", "medical", "license", "robots"),
)

# Types that a page has for want of text.
_TOO_SHORT = frozenset({"page-type-other", "page-type-service", "page-type-documentation"})

_NO_LINKS = HeadLinks()
_NOTHING_SAID = Directives()


@dataclass(frozen=True, slots=True)
class PageJob:
    """One page as it was fetched; `charset` is what its header says, `exchange` what to archive.

    `headers` are those of the response, for what they tell robots. `cut_short`: the end of its
    compressed body is missing.
    """

    site: str
    url: str
    body: bytes
    charset: str | None
    headers: tuple[tuple[str, str], ...]
    fetched_at: datetime
    cut_short: bool = False
    exchange: Exchange | None = None
    original: Original | None = None


@dataclass(frozen=True, slots=True)
class PageWork:
    """What a page gave. Addresses are absolute.

    `headlines` and `teasers`: where its headings, and the lines of its text, lead to. `idle`: the
    site's selectors that match nothing on it. `content`: digest of what makes versions differ.
    `defect`: the stack of an error in Marrow itself, for the log. `parts`: what the page says of
    the other pages of its article, where there are any; `part`: the page as one of those, where it
    is refused by itself.
    """

    outcome: Article | Rejected
    links: tuple[str, ...] = ()
    head: HeadLinks = _NO_LINKS
    headlines: tuple[str, ...] = ()
    teasers: tuple[str, ...] = ()
    idle: tuple[Override, ...] = ()
    content: str | None = None
    defect: str | None = None
    directives: Directives = _NOTHING_SAID
    packed: Packed | None = None
    parts: Parts | None = None
    part: Article | None = None


@dataclass(frozen=True, slots=True)
class Instructions:
    """What holds for every page of a crawl: its sites, our name for robots, what is obeyed."""

    sites: tuple[Site, ...]
    agent: str
    obeyed: frozenset[str]

    def site(self, name: str) -> Site:
        """The site of that name."""
        return next(site for site in self.sites if site.name == name)


def work(job: PageJob, instructions: Instructions) -> PageWork:
    """Everything that is done with a page."""
    page = read_page(job.body, job.url, job.charset)
    if isinstance(page, Rejected):
        told = directives(None, job.headers, instructions.agent)
        done = PageWork(page, directives=told)
    else:
        done = _read(job, page, instructions)
    if job.exchange is None or (done.directives.noarchive and "noarchive" in instructions.obeyed):
        return done
    return dataclasses.replace(done, packed=pack(job.exchange, job.original))


def _read(job: PageJob, page: Page, instructions: Instructions) -> PageWork:
    damaged = (GZIP_DAMAGED,) if job.cut_short else ()
    page = dataclasses.replace(page, warnings=(*page.warnings, *damaged), fetched_at=job.fetched_at)
    site = instructions.site(job.site)
    outcome, defect = _clean(page, site)
    every = list(page_links(page))
    found = PageWork(
        outcome,
        defect=defect,
        # Links that the site itself marks nofollow lead to replies, log-ins and printing.
        links=tuple(link.url for link in every if "nofollow" not in link.rel),
        head=head_links(page),
        directives=directives(page.root, job.headers, instructions.agent),
        parts=page_parts(page, every),
    )
    if isinstance(outcome, Rejected):
        return dataclasses.replace(found, part=_as_part(page, site, found))
    return dataclasses.replace(
        found,
        headlines=tuple(headline_targets(page, outcome)),
        teasers=tuple(teaser_targets(every, outcome)),
        idle=tuple(one for one in overrides(site) if not one.matches(page)),
        content=content_digest(outcome),
    )


def _as_part(page: Page, site: Site, found: PageWork) -> Article | None:
    """A later page of an article, too short to be one. Of the pages of lists, which are many, none
    is looked at twice."""
    assert isinstance(found.outcome, Rejected)
    later = found.parts is not None and found.parts.number > 1
    if not later or found.outcome.reason not in _TOO_SHORT:
        return None
    part = clean_described_part(page, site)
    return part if isinstance(part, Article) else None


def _clean(page: Page, site: Site) -> tuple[Article | Rejected, str | None]:
    try:
        outcome = clean_described(page, site)
    except Exception as error:  # a defect: told in the rejects and in the log, never in silence
        detail = f"{type(error).__name__}: {error}"
        refused = Rejected(stage="clean", reason="error", detail=detail, url=page.url)
        return refused, traceback.format_exc()
    if isinstance(outcome, Article) and outcome.language is None:
        return dataclasses.replace(outcome, language=site.language), None
    return outcome, None


def content_digest(article: Article) -> str:
    """SHA-256 of what makes two versions of an article differ, hex."""
    said = [as_record(getattr(article, name)) for name in CONTENT_FIELDS]
    said.append([(figure.caption, figure.credit) for figure in article.figures])
    text = json.dumps(said, ensure_ascii=False, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
