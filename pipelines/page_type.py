"""What kind of page it is: an article, or what else, how surely, and why.

The learned tables weigh the whole page, one for each type; a few facts outrank them: what stands
where the article should (`page_walls`), no running text at all, and a first headline that leads to
another page, which only an entry of a list does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from pipelines.blocks import Block
from pipelines.label.draft import Draft, is_prose
from pipelines.label.sections import ELLIPSIS
from pipelines.model import forest, odds
from pipelines.page_address import PAGED, ROOT, path_of
from pipelines.page_features import (
    TITLE_CUT,
    Declaration,
    Words,
    leads_elsewhere,
    linked_titles,
    page_features,
    with_odds,
    words_of,
)
from pipelines.page_walls import LIKELY, SURE, WALL_MASS, stops_at_box, wall
from pipelines.page_words import page_words
from pipelines.warning_codes import PAYWALL

# The learned tables: type to file in `models/`.
TABLES: Mapping[str, str] = MappingProxyType(
    {
        "article": "pages",
        **{
            kind: f"pages-{kind}"
            for kind in ("forum", "listing", "product", "documentation", "service")
        },
    }
)
# Probability from which a page is an article. Evidence: out-of-fold F1 on WCXB is flat from 0.4 to
# 0.6 (`benchmarks/train_pages.py`); the lower end loses fewer articles.
ARTICLE = 0.4
# A line that says who wrote or reviewed the page, or when it was reviewed: in doubt such a page is
# an article (on WCXB, nine of ten pages with a labelled byline are). So is one whose text its
# script keeps under the page's title: the numbers see that text without a page.
DOUBTFUL_ARTICLE = 0.2
# A page whose first headline leads elsewhere must be this sure.
ENTRY_ARTICLE = 0.9
# Less text than this is no article: a caption, a stub, a notice (weighted characters).
ARTICLE_MASS = 300
# So many titles that are links, or one text cut off, make a page without text of its own a list.
LISTED_TITLES = 2
TEASER_LEAST = 40
# Probability from which a page that is no article is of one of the other types.
TYPE = 0.6
# What a page declares itself to be, where it is no article.
DECLARED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "product": frozenset("product og:product product.item productgroup".split()),
        "forum": frozenset("discussionforumposting qapage".split()),
        "listing": frozenset("collectionpage itemlist searchresultspage offercatalog".split()),
    }
)
# Parts of the name of a page about the site itself: "terms-of-use" has three.
SITE_PAGE_PARTS = 4
SEARCHED = re.compile(
    r"/search(?:[/.?]|$)|[?&](?:q|query|search|keywords?|suche|s|recherche|buscar|kw|wd|term)=",
    re.I,
)
LAST_STEP = re.compile(r"([^/]+?)(?:\.\w{2,5})?/?(?:index\.\w+)?$")


@dataclass(frozen=True, slots=True)
class PageType:
    """The type, the probability of being of that type (0 to 1), and in a few words why."""

    kind: str
    score: float
    why: str
    warnings: tuple[str, ...] = ()


def page_type(draft: Draft, said: Declaration) -> PageType:
    """The type of a labelled page from HTML."""
    numbers, words = page_features(draft, said), words_of(said)
    score = _probability("article", numbers, words)
    kept = [block for i, block in enumerate(draft.blocks) if draft.kept(i)]
    mass = sum(block.mass for block in kept)
    if mass < WALL_MASS and (found := wall(draft, said)):
        return PageType(found.kind, found.score, found.why)
    path = path_of(said.url)
    if _is_site_page(path):
        return PageType("other", SURE, "a page about the site, by its address")
    if score < ENTRY_ARTICLE and _is_search(draft, said):
        return PageType("search", LIKELY, "results of a search, by address and title")
    if mass < ARTICLE_MASS or not any(map(is_prose, kept)):
        return _other(draft, said, numbers, "hardly any running text")
    if linked_titles(draft) and said.url and (ROOT.match(path) or PAGED.search(path)):
        why = "the front page of a site, or a numbered page of a list"
        return PageType("listing", SURE, why)
    if score < ENTRY_ARTICLE and leads_elsewhere(draft, said):
        return PageType("listing", LIKELY, "the first headline leads to another page")
    if score < (DOUBTFUL_ARTICLE if said.stored or _is_signed(draft) else ARTICLE):
        return _other(draft, said, numbers, f"looks like an article with {score:.2f} only")
    warnings = (PAYWALL,) if stops_at_box(draft, said) else ()
    return PageType("article", score, "running text", warnings)


def text_type(draft: Draft) -> PageType:
    """The type of a plain text: an article if it holds running text."""
    kept = [block for i, block in enumerate(draft.blocks) if draft.kept(i)]
    if sum(block.mass for block in kept) < ARTICLE_MASS or not any(map(is_prose, kept)):
        return PageType("other", SURE, "hardly any running text")
    return PageType("article", 1.0, "running text")


def _probability(kind: str, numbers: NDArray[np.float32], words: Words) -> float:
    """Of being of `kind`, by the learned tables."""
    name = TABLES[kind]
    row = with_odds(numbers, words, odds(name).words)
    return float(forest(name).probability(row)[0])


def _is_signed(draft: Draft) -> bool:
    """Whether the page says who wrote it behind a label, or shows a reviewer or day of review."""
    return any(
        line.reviewers or line.reviewed or (line.labelled and line.authors)
        for line in draft.bylines
    )


def _is_site_page(path: str) -> bool:
    """Whether the last part of the address names a page about the site: prose, but no article."""
    step = LAST_STEP.search(path.partition("?")[0].lower())
    name = step.group(1).replace("_", "-") if step else ""
    # Longer names are those of articles: the words of all languages need not be loaded.
    return 0 < name.count("-") + 1 <= SITE_PAGE_PARTS and name in page_words().address


def _is_teaser(block: Block) -> bool:
    """Whether a block is the beginning of another page's text, cut off."""
    return block.mass >= TEASER_LEAST and bool(ELLIPSIS.search(block.text))


def _other(draft: Draft, said: Declaration, numbers: NDArray[np.float32], why: str) -> PageType:
    """The likeliest type of a page that is no article."""
    path = path_of(said.url)
    declared = {kind.lower() for kind in said.kinds}
    for kind, names in DECLARED.items():
        if declared & names:
            return PageType(kind, LIKELY, f"{why}; declared as such")
    words = words_of(said)
    chances = {kind: _probability(kind, numbers, words) for kind in TABLES if kind != "article"}
    kind = max(chances, key=lambda k: chances[k])
    if chances[kind] < TYPE:
        listed = linked_titles(draft) >= LISTED_TITLES or any(map(_is_teaser, draft.blocks))
        if listed or (said.url and (ROOT.match(path) or PAGED.search(path))):
            return PageType("listing", LIKELY, f"{why}; titles and beginnings of other pages")
        return PageType("other", 1 - max(chances.values()), why)
    return PageType(kind, chances[kind], why)


def _is_search(draft: Draft, said: Declaration) -> bool:
    """Whether the address asks for a search and a title names its results."""
    if not SEARCHED.search(path_of(said.url)):
        return False
    heads = [block.text for block in draft.blocks if block.kind == "h" and block.level == 1]
    titles = [*TITLE_CUT.split(said.title), *heads]
    words = page_words()
    return any(words.found("search", title) for title in titles)
