"""What kind of page it is: an article, or what else, and why.

The learned tables weigh the whole page; a few facts outrank them: no running text at all, an error
page, and a first headline that leads to another page, which only an entry of a list does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.blocks import Block
from pipelines.label.draft import Draft, is_prose
from pipelines.label.sections import ELLIPSIS
from pipelines.model import forest
from pipelines.page_features import (
    DOCUMENT_WORDS,
    FORUM_KINDS,
    FORUM_WORDS,
    LISTING_KINDS,
    LISTING_WORDS,
    PAGED,
    PRODUCT_KINDS,
    PRODUCT_WORDS,
    ROOT,
    Declaration,
    leads_elsewhere,
    linked_titles,
    page_features,
    path_of,
)

# Probability from which a page is an article. Evidence: out-of-fold F1 on WCXB is flat from 0.4 to
# 0.6 (`benchmarks/train_pages.py`); the lower end loses fewer articles.
ARTICLE = 0.4
# A page whose first headline leads elsewhere must be this sure.
ENTRY_ARTICLE = 0.9
# Less text than this is no article: a caption, a stub, a notice (weighted characters).
ARTICLE_MASS = 300
# So many titles that are links, or one text cut off, make a page without text of its own a list.
LISTED_TITLES = 2
TEASER_LEAST = 40
# An error page says little beside its error (weighted characters).
ERROR_MASS = 1200
ERROR_TITLE = re.compile(
    r"\b40[34]\b|\bpage (?:not|can(?:no|')t be) found\b|^not found\b|找不到|页面不存在|頁面不存在|"
    r"ページが見つかりません|nicht gefunden|introuvable|no encontrada|non trovata|не найдена",
    re.I,
)


# Pages about the site itself, by the last part of the address: prose, but no article.
SITE_PAGE = re.compile(
    r"/(?:about(?:[-_]?us)?|contacts?(?:[-_]?us)?|privacy(?:[-_]policy)?|terms(?:[-_][\w-]+)?|"
    r"imprint|impressum|datenschutz|kontakt|disclaimer|cookies?(?:[-_]policy)?|legal(?:[-_]notice)?|"
    r"mentions[-_]legales|aviso[-_]legal|chi[-_]siamo|qui[-_]sommes[-_]nous|quienes[-_]somos|"
    r"sitemap|careers?|jobs|login|register|subscribe)(?:\.\w{2,5})?/?(?:index\.\w+)?$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class PageType:
    """The type, the probability of being an article, and in a few words why."""

    kind: str
    score: float
    why: str


def page_type(draft: Draft, said: Declaration) -> PageType:
    """The type of a labelled page from HTML."""
    score = float(forest("pages").probability(page_features(draft, said))[0])
    kept = [block for i, block in enumerate(draft.blocks) if draft.kept(i)]
    mass = sum(block.mass for block in kept)
    if ERROR_TITLE.search(said.title) and mass < ERROR_MASS:
        return PageType("error", score, "the title says that the page was not found")
    if mass < ARTICLE_MASS or not any(map(is_prose, kept)):
        return PageType(_other(draft, said), score, "hardly any running text")
    path = path_of(said.url)
    if linked_titles(draft) and said.url and (ROOT.match(path) or PAGED.search(path)):
        return PageType("listing", score, "the front page of a site, or a numbered page of a list")
    if SITE_PAGE.search(path.partition("?")[0]):
        return PageType("other", score, "a page about the site, by its address")
    if score < ENTRY_ARTICLE and leads_elsewhere(draft, said):
        return PageType("listing", score, "the first headline leads to another page")
    if score < ARTICLE:
        return PageType(_other(draft, said), score, f"looks like an article with {score:.2f} only")
    return PageType("article", score, "running text")


def text_type(draft: Draft) -> PageType:
    """The type of a plain text: an article if it holds running text."""
    kept = [block for i, block in enumerate(draft.blocks) if draft.kept(i)]
    if sum(block.mass for block in kept) < ARTICLE_MASS or not any(map(is_prose, kept)):
        return PageType("other", 0.0, "hardly any running text")
    return PageType("article", 1.0, "running text")


def _is_teaser(block: Block) -> bool:
    """Whether a block is the beginning of another page's text, cut off."""
    return block.mass >= TEASER_LEAST and bool(ELLIPSIS.search(block.text))


def _other(draft: Draft, said: Declaration) -> str:
    """The likeliest type of a page that is no article."""
    kinds = {kind.lower() for kind in said.kinds}
    path = path_of(said.url)
    for declared, kind in (
        (PRODUCT_KINDS, "product"),
        (FORUM_KINDS, "forum"),
        (LISTING_KINDS, "listing"),
    ):
        if kinds & declared:
            return kind
    if said.url and (ROOT.match(path) or PAGED.search(path) or LISTING_WORDS.search(path)):
        return "listing"
    if linked_titles(draft) >= LISTED_TITLES or any(map(_is_teaser, draft.blocks)):
        return "listing"
    for words, kind in (
        (FORUM_WORDS, "forum"),
        (PRODUCT_WORDS, "product"),
        (DOCUMENT_WORDS, "documentation"),
    ):
        if words.search(path):
            return kind
    return "other"
