"""Labelling: a verdict and a reason for every block.

The order of the steps, stated once. Each step reads the draft and writes verdicts on it; none
changes a block.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipelines.blocks import Block
from pipelines.dates import DATELESS, DateContext
from pipelines.label.biographies import drop_biographies
from pipelines.label.credits import read_credits
from pipelines.label.draft import Draft
from pipelines.label.ends import drop_about_site, drop_link_sections
from pipelines.label.gaps import fill_gaps, keep_standfirst
from pipelines.label.head import drop_bylines
from pipelines.label.head_days import read_head_days
from pipelines.label.headlines import drop_above_headline, drop_headline
from pipelines.label.inline import drop_arrows, drop_captions, drop_link_lines, drop_phrases
from pipelines.label.panels import keep_panels
from pipelines.label.picture_tables import drop_picture_tables
from pipelines.label.scores import drop_comments, drop_consent, trust_scores
from pipelines.label.sections import (
    drop_author_boxes,
    drop_cited_lists,
    drop_contents,
    drop_form_boxes,
    drop_hidden,
    drop_notices,
    drop_references,
    drop_related,
)
from pipelines.label.signatures import drop_signatures
from pipelines.label.site_rules import heed_site, obey_site
from pipelines.label.tidy import drop_repeats, name_reasons, settle_headings, settle_lists
from pipelines.vocabulary import Vocabulary

STEPS: tuple[Callable[[Draft], None], ...] = (
    trust_scores,
    heed_site,
    drop_comments,
    drop_consent,
    drop_hidden,
    drop_headline,
    drop_above_headline,
    drop_arrows,
    drop_contents,
    keep_panels,
    drop_captions,
    drop_link_lines,
    drop_bylines,
    drop_signatures,
    read_head_days,
    drop_picture_tables,
    drop_related,
    drop_references,
    drop_cited_lists,
    drop_author_boxes,
    drop_biographies,
    drop_notices,
    drop_form_boxes,
    drop_phrases,
    keep_standfirst,
    fill_gaps,
    settle_lists,
    drop_repeats,
    drop_about_site,
    drop_link_sections,
    obey_site,
    settle_headings,
    name_reasons,
    read_credits,
)

__all__ = ["STEPS", "Draft", "label"]


def label(
    blocks: Sequence[Block],
    scores: Sequence[float],
    vocabulary: Vocabulary,
    titles: tuple[str, ...] = (),
    sheet: type[Draft] = Draft,
    *,
    people: tuple[str, ...] = (),
    days: DateContext = DATELESS,
) -> Draft:
    """The draft with every verdict made; `scores` are probabilities, one a block, `people` the
    names of those whom the page declares as its authors and reviewers, `days` what settles a day.

    `sheet`: what the steps write on; `pipelines.explain` has one that remembers.
    """
    draft = sheet(blocks, scores, vocabulary, titles, people, days)
    for step in STEPS:
        step(draft)
        draft.settle()
    return draft
