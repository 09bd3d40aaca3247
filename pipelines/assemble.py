"""From labelled blocks and metadata to the record."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.addresses import record_id, registrable_domain
from pipelines.figures import read_figures
from pipelines.label import Draft
from pipelines.label.tidy import head_lines
from pipelines.language import count_words
from pipelines.metadata import Metadata
from pipelines.outline import outline, write_body, write_sections
from pipelines.page_type import PageType
from pipelines.pointers import read_breadcrumbs, read_links, read_tags
from pipelines.reconcile import merge_people_and_dates
from pipelines.records import Article, Person, Rejected, Removed
from pipelines.standfirst import read_standfirst

COPYRIGHT = re.compile(r"©|\(c\)\s*(?:19|20)\d\d|copyright|版权|版權|著作権|copr\.", re.I)
COPYRIGHT_SIGNS = ("©", "(c)", "copyright", "版权", "版權", "著作権", "copr.")
# A notice longer than this is the site's terms, not the article's rights (characters).
RIGHTS_CHARS = 300
# Codes of texts that were found elsewhere in the page (`hidden_text`).
FOUND = "text-from-"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a page came from, as far as the cleaner is told."""

    url: str | None
    base_url: str | None
    sha256: str
    data: bytes | str = b""
    """what the record's id is made of where there is no address"""
    warnings: tuple[str, ...] = ()
    language: str | None = None
    """of the text, BCP 47"""


def assemble(
    draft: Draft, metadata: Metadata, source: Source, kind: PageType
) -> Article | Rejected:
    """The record of a labelled page, or why it is none."""
    links = read_links(draft, source.base_url)
    kept = [block for i, block in enumerate(draft.blocks) if draft.kept(i)]
    lines = outline(kept, head_lines(draft))
    body = write_body(lines)
    if kind.kind != "article":
        return Rejected(
            stage="clean",
            reason=f"page-type-{kind.kind}",
            detail=f"Not an article: {kind.why}.",
            url=source.url,
            page_type=kind.kind,
            page_type_score=round(kind.score, 4),
            title=metadata.title,
            body=body or None,
            links=links,
            page_sha256=source.sha256,
        )
    credits = merge_people_and_dates(metadata, draft.bylines, draft.portraits)
    language = source.language
    return Article(
        id=record_id(metadata.canonical_url, source.url, source.data),
        url=source.url,
        canonical_url=metadata.canonical_url,
        site=registrable_domain(source.url or metadata.canonical_url or ""),
        title=metadata.title,
        description=metadata.description or read_standfirst(draft),
        author=display(credits.authors),
        reviewer=display(credits.reviewers),
        authors=credits.authors,
        reviewers=credits.reviewers,
        date_published=credits.published.value if credits.published else None,
        date_published_raw=credits.published.raw if credits.published else None,
        date_modified=credits.modified.value if credits.modified else None,
        date_modified_raw=credits.modified.raw if credits.modified else None,
        date_reviewed=credits.reviewed.value if credits.reviewed else None,
        date_reviewed_raw=credits.reviewed.raw if credits.reviewed else None,
        language=language,
        sections=write_sections(lines),
        body=body,
        figures=read_figures(draft, source.base_url),
        references=read_references(draft),
        tags=read_tags(draft) or metadata.tags,
        breadcrumbs=metadata.breadcrumbs or read_breadcrumbs(draft),
        medical=metadata.medical,
        links=links,
        page_type=kind.kind,
        page_type_score=round(kind.score, 4),
        word_count=count_words(body, language),
        boilerplate_share=boilerplate_share(draft),
        rights=metadata.rights or read_rights(draft),
        license=metadata.license,
        robots=metadata.robots,
        warnings=(*_of_text(source, kind), *credits.warnings),
        removed=removed(draft),
        page_sha256=source.sha256,
        body_sha256=hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest(),
    )


def _of_text(source: Source, kind: PageType) -> tuple[str, ...]:
    """Warnings of the page and its text: one that was found elsewhere in the page is whole, though
    the visible one stops at a box for subscribers."""
    found = any(code.startswith(FOUND) for code in source.warnings)
    return source.warnings if found else (*source.warnings, *kind.warnings)


def display(people: Sequence[Person]) -> str | None:
    """Names with credentials, joined by "; "."""
    return "; ".join(person.display() for person in people) or None


def removed(draft: Draft) -> tuple[Removed, ...]:
    """Every dropped block with its reason, in reading order."""
    return tuple(
        Removed(verdict.reason or "other", block.text, round(verdict.score, 3))
        for block, verdict in zip(draft.blocks, draft.verdicts, strict=True)
        if block.mass and not verdict.keep
    )


def boilerplate_share(draft: Draft) -> float | None:
    """Share of the page's visible text that was dropped, 0 to 1."""
    total = sum(block.mass for block in draft.blocks)
    kept = sum(
        block.mass
        for block, verdict in zip(draft.blocks, draft.verdicts, strict=True)
        if verdict.keep
    )
    return round(1 - kept / total, 4) if total else None


def read_references(draft: Draft) -> tuple[str, ...]:
    """Entries of the source list, without its heading and label."""
    entries = []
    for i in draft.dropped("references"):
        phrases = draft.phrases(i)
        text = phrases.rest if phrases.label == "references" else draft.blocks[i].text
        if text and phrases.whole != "references":
            entries += [" ".join(line.split()) for line in text.split("\n") if line.strip()]
    return tuple(entries)


def read_rights(draft: Draft) -> str | None:
    """The shortest line below the article that reads as a copyright notice."""
    lines = "\n".join(
        block.text
        for block, verdict in zip(draft.blocks, draft.verdicts, strict=True)
        if not verdict.keep and verdict.reason not in ("caption", "related", "comments")
    )
    found = [line for line in _lines_with_signs(lines) if COPYRIGHT.search(line)]
    marked = [line for line in found if "©" in line or re.search(r"(?:19|20)\d\d", line)]
    return min(marked or found, key=len, default=None)


def _lines_with_signs(lines: str) -> list[str]:
    """The lines, no longer than a notice, in which something of `COPYRIGHT` may stand.

    Looked for as plain strings: ten times as fast as the expression.
    """
    lowered = lines.lower()
    if len(lowered) != len(lines):  # a letter that has two in lower case
        return [line for line in lines.split("\n") if len(line) <= RIGHTS_CHARS]
    spans: set[tuple[int, int]] = set()
    for sign in COPYRIGHT_SIGNS:
        at = lowered.find(sign)
        while at >= 0:
            end = lines.find("\n", at)
            end = len(lines) if end < 0 else end
            spans.add((lines.rfind("\n", 0, at) + 1, end))
            at = lowered.find(sign, end)
    return [lines[a:b] for a, b in sorted(spans) if b - a <= RIGHTS_CHARS]
