"""From labelled blocks and metadata to the record."""

from __future__ import annotations

import hashlib
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
from pipelines.pointers import Here, read_links
from pipelines.reconcile import merge_people_and_dates
from pipelines.records import Article, Person, Rejected, Removed
from pipelines.references import read_references
from pipelines.rights import read_license, read_rights
from pipelines.standfirst import read_standfirst
from pipelines.trails import read_breadcrumbs, read_tags

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
    here = Here(source.url, source.base_url, metadata.root)
    links = read_links(draft, here)
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
        rights=read_rights(draft, metadata),
        license=read_license(draft, metadata, source.base_url),
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
