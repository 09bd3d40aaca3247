"""The order of the steps, from a page's bytes to its record."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.assemble import Source, assemble
from pipelines.blocks import Block
from pipelines.collector import uncollected
from pipelines.features import features
from pipelines.hidden_text import Hidden, find_hidden, joined
from pipelines.label import Draft, label
from pipelines.language import detect, differs
from pipelines.metadata import Metadata, read_metadata
from pipelines.model import forest, odds
from pipelines.overrides import Overrides, body_scores, segment_described
from pipelines.page import Page, read_page
from pipelines.page_features import Declaration
from pipelines.page_type import PageType, page_type, text_type
from pipelines.plain_text import mark_headings, score_text, segment_text, text_title
from pipelines.records import Article, Rejected
from pipelines.segment import MAX_BLOCKS, segment, squeeze
from pipelines.version import __version__
from pipelines.vocabulary import Vocabulary, vocabulary
from pipelines.warning_codes import LANGUAGE_DIFFERS

# Text from the longest blocks by which the language is told (characters): as much of each, so that
# a long abstract in English does not speak for a Chinese article.
LANGUAGE_SAMPLE = 1000
LANGUAGE_BLOCKS = 5
CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")


@uncollected
def clean(html: bytes | str, url: str | None = None) -> Article | Rejected:
    """The article in a page, or why there is none.

    Pure: no network, no state between calls, and no exception on any page.
    """
    page = read_page(html, url)
    return _stamped(page) if isinstance(page, Rejected) else clean_page(page)


@uncollected
def clean_page(page: Page, *, overrides: Overrides | None = None) -> Article | Rejected:
    """The same for a page already read; its tree is left as it is.

    `overrides`: what the description of the page's site says.
    """
    return record_of_page(page, label_page(page, overrides=overrides))


@uncollected
def clean_part(page: Page, *, overrides: Overrides | None = None) -> Article | Rejected:
    """The same for a page that is known to carry on an article: three lines and the sources are no
    article by themselves."""
    labelled = label_page(page, overrides=overrides)
    if labelled.too_long:
        return record_of_page(page, labelled)
    source = _source(page, labelled)
    kind = PageType("article", 1.0, "a part of one")
    return _stamped(assemble(labelled.draft, labelled.metadata, source, kind))


def record_of_page(page: Page, labelled: Labelled) -> Article | Rejected:
    """The record of a page whose blocks have their verdicts."""
    if labelled.too_long:
        kind = PageType("other", 0.0, f"more than {MAX_BLOCKS:,} blocks of text")
    elif labelled.has_body:
        kind = text_type(labelled.draft)
    else:
        kind = page_type(labelled.draft, labelled.declaration)
    return _stamped(assemble(labelled.draft, labelled.metadata, _source(page, labelled), kind))


def _source(page: Page, labelled: Labelled) -> Source:
    warnings = (*page.warnings, *labelled.warnings)
    return Source(page.url, page.base_url, page.sha256, page.sha256, warnings, labelled.language)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A page with a verdict for each block, and what it says of itself."""

    draft: Draft
    metadata: Metadata
    declaration: Declaration
    language: str | None
    """of the text that is the article most surely"""
    warnings: tuple[str, ...] = ()
    has_body: bool = False
    """the site's own article element holds text: what is in it is an article"""
    too_long: bool = False
    """the page has more blocks than any article: none of them has been looked at"""


def label_page(
    page: Page,
    guesses: Sequence[float] | None = None,
    sheet: type[Draft] = Draft,
    *,
    overrides: Overrides | None = None,
) -> Labelled:
    """Everything up to the verdicts, for those who want to see why.

    `guesses`: probabilities for the blocks with text, in place of the learned tables'.
    `sheet`: what the labelling steps write on.
    `overrides`: what the description of the page's site says.
    """
    metadata = read_metadata(page.root, page.url, page.fetched_at)
    cut = segment_described(page.root, overrides)
    blocks = cut.blocks
    title = squeeze(page.root.findtext(".//title") or "")
    said = Declaration(
        metadata.page_kinds, page.url, title, len(metadata.authors), metadata.free, page.root
    )
    if len(blocks) > MAX_BLOCKS:
        empty = sheet([], [], _vocabulary(metadata.language), metadata.titles)
        return Labelled(empty, metadata, said, None, cut.warnings, too_long=True)
    scores = _scores(blocks) if guesses is None else _spread(blocks, guesses)
    if cut.has_body:
        scores = body_scores(blocks, scores)
    language = _language(_likeliest(blocks, scores), metadata.language)
    words = _vocabulary(language, metadata.language)
    people = tuple(person.name for person in (*metadata.authors, *metadata.reviewers))
    days = metadata.date_context
    draft = label(blocks, scores, words, metadata.titles, sheet, people=people, days=days)
    warnings = cut.warnings
    if not cut.has_body and (text := find_hidden(page.root, draft, metadata)):
        draft, metadata, language = _with_hidden(draft, metadata, text)
        said = dataclasses.replace(said, stored=True)
        warnings = (*warnings, text.source)
    if differs(language, metadata.language):
        warnings = (*warnings, LANGUAGE_DIFFERS)
    return Labelled(draft, metadata, said, language, warnings, cut.has_body)


def _with_hidden(
    draft: Draft, metadata: Metadata, text: Hidden
) -> tuple[Draft, Metadata, str | None]:
    """The labelled page with its hidden text labelled too, and the language of that."""
    blocks, scores = _cut_hidden(text)
    likely = _likeliest(blocks, scores or [1.0] * len(blocks))
    language = _language(likely, metadata.language)
    words = _vocabulary(language, metadata.language)
    if not scores:
        scores = score_text(blocks, words)
        blocks = mark_headings(blocks, scores, words)
    if metadata.title is None and text.title:
        metadata = dataclasses.replace(metadata, title=text.title, titles=(text.title,))
    sheet = type(draft)
    inner = label(
        blocks, scores, words, metadata.titles, sheet, people=draft.people, days=draft.days
    )
    return joined(draft, inner, text), metadata, language


def _cut_hidden(text: Hidden) -> tuple[list[Block], list[float]]:
    """The blocks of a hidden text, with the learned tables' scores where it has mark-up."""
    if text.markup:
        page = read_page(f"<html><body><article>{text.text}</article></body></html>")
        if isinstance(page, Page):
            blocks = segment(page.root)
            return blocks, _scores(blocks)
    return segment_text(text.text), []


@uncollected
def clean_text(text: str, url: str | None = None) -> Article | Rejected:
    """The article in a text that someone else extracted, boilerplate and all.

    The first line that is no navigation is the title. A page's mark-up is not read here.
    """
    text = readable(text)
    return record_of_text(text, url, label_text(text, url))


def readable(text: str) -> str:
    """The text without its byte order mark and control characters."""
    return CONTROL.sub("", text.removeprefix("\ufeff"))


def label_text(text: str, url: str | None = None, sheet: type[Draft] = Draft) -> Labelled:
    """Everything up to the verdicts for a plain text; without a block where it is empty."""
    blocks = segment_text(text)
    language = _language(sorted(blocks, key=lambda block: -block.mass)[:LANGUAGE_BLOCKS], None)
    words = _vocabulary(language)
    scores = score_text(blocks, words)
    title = text_title(blocks, scores, words)
    titles = (title,) if title else ()
    draft = label(mark_headings(blocks, scores, words), scores, words, titles, sheet)
    said = Declaration((), url, title or "")
    return Labelled(draft, Metadata(title=title, titles=titles), said, language)


def record_of_text(text: str, url: str | None, labelled: Labelled) -> Article | Rejected:
    """The record of a plain text whose blocks have their verdicts."""
    sha256 = hashlib.sha256(text.encode("utf-8")).hexdigest()
    if not labelled.draft.blocks:
        return _stamped(
            Rejected(
                stage="decode",
                reason="empty",
                detail="The text has no content.",
                url=url,
                page_sha256=sha256,
            )
        )
    source = Source(url, url, sha256, text, language=labelled.language)
    kind = text_type(labelled.draft)
    return _stamped(assemble(labelled.draft, labelled.metadata, source, kind))


def _scores(blocks: Sequence[Block]) -> list[float]:
    """Probability of being article text for each block; 0 for pictures."""
    texts = [block for block in blocks if block.kind != "image"]
    return _spread(blocks, forest("blocks").probability(features(texts, odds("blocks"))).tolist())


def _spread(blocks: Sequence[Block], guesses: Sequence[float]) -> list[float]:
    found = iter(guesses)
    return [0.0 if block.kind == "image" else next(found) for block in blocks]


def _likeliest(blocks: Sequence[Block], scores: Sequence[float]) -> list[Block]:
    """The blocks that are text most surely and say most, in falling order."""
    weight = [block.mass * score for block, score in zip(blocks, scores, strict=True)]
    order = sorted(range(len(blocks)), key=lambda i: -weight[i])
    return [blocks[i] for i in order[:LANGUAGE_BLOCKS]]


def _language(blocks: Sequence[Block], declared: str | None) -> str | None:
    """The language that the blocks are in; `declared` is what the page says of itself."""
    share = LANGUAGE_SAMPLE // max(len(blocks), 1)
    return detect(squeeze(" ".join(block.text[:share] for block in blocks)), declared)


def _vocabulary(*languages: str | None) -> Vocabulary:
    """The phrases of the text's language, and of the one that the page declares."""
    return vocabulary(*(code for code in languages if code))


def _stamped(record: Article | Rejected) -> Article | Rejected:
    return dataclasses.replace(record, pipeline_version=__version__)
