"""What `scrapy site new` prints for people to look through: the records, and what was refused."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len, set_cell_size

from pipelines.records import Article, Rejected
from scraper.new_site.survey import Survey

# Longer lines are cut (columns of a terminal; a Chinese character takes two).
_LINE = 100


def review(survey: Survey) -> str:
    """The records that would be exported, a block each; then the pages refused, with reasons."""
    articles = [sample.article for sample in survey.samples if sample.article]
    refused = [s.outcome for s in survey.samples if isinstance(s.outcome, Rejected)]
    lines = [f"{len(articles)} records would be exported from {len(survey.samples)} pages", ""]
    for article in articles:
        lines += [*_block(article), ""]
    if refused:
        lines.append("Rejected")
        wide = max(len(reject.reason) for reject in refused)
        lines += [f"  {one.reason:{wide}}  {shown(one.url or '')}" for one in refused]
    lines += [f"Note: {shown(note, cut=False)}" for note in survey.notes]
    return "\n".join(lines).rstrip()


def _block(article: Article) -> Iterator[str]:
    yield shown(article.title or "(no title)")
    yield f"  {shown(article.url or '')}"
    facts = (
        ("author", article.author),
        ("reviewer", article.reviewer),
        ("published", article.date_published and article.date_published.isoformat()),
        ("language", article.language),
        ("words", str(article.word_count)),
    )
    yield "  " + " · ".join(f"{name}: {shown(value or '–')}" for name, value in facts)
    first = next((section.text for section in article.sections if section.text), article.body)
    yield f"  {shown(first.partition(chr(10))[0])}"
    if article.warnings:
        yield f"  warnings: {', '.join(article.warnings)}"


def shown(text: str, *, cut: bool = True) -> str:
    """The text on one line, cut to a width, without what a terminal obeys."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return set_cell_size(line, _LINE - 1).rstrip() + "…" if cut and cell_len(line) > _LINE else line
