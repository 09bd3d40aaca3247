"""Numbers for a whole labelled page, from which its type is told.

What grows with the page's length (masses, counts of paragraphs, pictures) is left out: tables that
see it learn that short articles are none. No word of any language is looked at but those of
addresses and of the types that the page declares.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

import numpy as np
from numpy.typing import NDArray

from pipelines.blocks import Block, Zone
from pipelines.label.draft import Draft, is_prose
from pipelines.label.sections import ELLIPSIS
from pipelines.vocabulary import squash

ARTICLE_KINDS = frozenset(
    "article newsarticle blogposting medicalwebpage medicalscholarlyarticle scholarlyarticle "
    "reportagenewsarticle analysisnewsarticle opinionnewsarticle techarticle "
    "healthtopiccontent reviewnewsarticle backgroundnewsarticle socialmediaposting report "
    "liveblogposting".split()
)
PRODUCT_KINDS = frozenset(
    "product offer aggregateoffer product.item og:product productgroup individualproduct".split()
)
FORUM_KINDS = frozenset("discussionforumposting qapage".split())
LISTING_KINDS = frozenset("collectionpage itemlist searchresultspage blog offercatalog".split())
BUSINESS_KINDS = frozenset("service localbusiness softwareapplication professionalservice".split())

# Share of a heading inside a link from which the heading is that link.
LINKED = 0.6
# A title says something; below are names of sections (weighted characters).
TITLE_MASS = 15
# The title of an entry: so many blocks above its text, so long at least (weighted characters).
ENTRY_REACH = 3
ENTRY_MASS = 20
# Menus, buttons and labels are shorter, sentences longer (weighted characters).
SHORT_MASS = 40
# Prices in paragraphs longer than this are what an article talks of (weighted characters).
PRICE_MASS = 400

LISTING_WORDS = re.compile(
    r"(?:^|[/_.?&=-])(?:tags?|categor(?:y|ies|ie|ia|ias|ia)|topics?|archives?|authors?|search|page|"
    r"kategorie|rubrique|etiquetas?|schlagwort|label|collections?|shop|browse|list|listing)(?:[/_.?&=-]|$)",
    re.I,
)
PRODUCT_WORDS = re.compile(
    r"(?:^|[/_.-])(?:products?|shop|item|dp|buy|store|sku|p)(?:[/_.-]|$)", re.I
)
FORUM_WORDS = re.compile(
    r"(?:^|[/_.?-])(?:forums?|threads?|viewtopic|showthread|questions?|discussions?|comments|"
    r"community|topic|r|t)(?:[/_.?-]|$)",
    re.I,
)
DOCUMENT_WORDS = re.compile(
    r"(?:^|[/_.-])(?:docs?|documentation|reference|api|manual|guide|latest|stable|tutorials?|learn)(?:[/_.-]|$)",
    re.I,
)
ARTICLE_WORDS = re.compile(
    r"(?:^|/)(?:blog|news|articles?|posts?|stories|story|post|magazine)(?:/)", re.I
)
DATED = re.compile(r"(?:19|20)\d\d[/_-]?(?:0?[1-9]|1[0-2])(?:[/_-]|$|\d)")
ROOT = re.compile(
    r"^/?(?:[a-z]{2}(?:-[a-z]{2})?/?)?(?:(?:index|default|home)(?:\.\w{2,5})?/?)?$", re.I
)
PAGED = re.compile(r"/page[/-]?\d+/?(?:index\.\w+)?$|[?&](?:page|paged|p)=\d+$", re.I)
PRICE = re.compile(r"[$€£¥]\s?\d|\d\s?(?:€|USD|EUR|kr)\b")
DIGIT = re.compile(r"\d")
# What a text that `ELLIPSIS` finds ends with.
CUT_ENDS = ".…]》"

NAMES = (
    "kept_share", "prose_mean", "kept_links", "linked_titles", "linked_titles_per_prose",
    "kept_linked_titles", "teasers", "headings_per_prose", "list_share", "row_share", "pre_share",
    "score_mean", "form_share", "comment_share", "aside_share", "button_share", "short_blocks",
    "same_path_headings", "core_share", "prices", "questions", "times", "bylines", "h1", "repeats",
    "leads_elsewhere",
    "kind_article", "kind_product", "kind_forum", "kind_listing", "kind_business", "kinds",
    "path_root", "path_paged", "path_depth", "path_dated", "path_listing", "path_product",
    "path_forum", "path_document", "path_article", "path_extension", "path_digits", "path_query",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the page and its address say of the page as a whole."""

    kinds: tuple[str, ...] = ()
    """schema.org and Open Graph types"""
    url: str | None = None
    title: str = ""
    """the text of `<title>`"""


def page_features(draft: Draft, said: Declaration) -> NDArray[np.float32]:
    """One row, a column for each of `NAMES`."""
    row = [
        *_text_features(draft),
        float(leads_elsewhere(draft, said)),
        *_kind_features(said.kinds),
        *_path_features(said.url),
    ]
    return np.array([row], dtype=np.float32)


def linked_titles(draft: Draft) -> int:
    """Headings that are links, outside navigation and lists of other articles."""
    return sum(
        block.kind == "h"
        and block.mass >= TITLE_MASS
        and block.link_share >= LINKED
        and not block.zone & (Zone.NAV | Zone.FOOTER | Zone.ASIDE | Zone.COMMENTS)
        and draft.reason(i) not in ("related", "prev-next", "headline", "comments")
        for i, block in enumerate(draft.blocks)
    )


def leads_elsewhere(draft: Draft, said: Declaration) -> bool:
    """Whether the first text belongs to another page: the headline above it is a link to another
    address of the site. Such is an entry of a list.

    A headline that is the page's own title leads here whatever its link says, and a link to a
    folder above the page names the section, not another article.
    """
    first, last = draft.core
    if last < 0:
        return False
    if _entry_line(draft, first, said.url):
        return True
    above = next((i for i in range(first - 1, -1, -1) if draft.blocks[i].kind == "h"), None)
    if above is None or squash(draft.blocks[above].text) in squash(said.title):
        return False
    return links_elsewhere(draft.blocks[above], said.url)


def _entry_line(draft: Draft, first: int, url: str | None) -> bool:
    """Whether a line right above the first text is a link elsewhere, and one of several alike.

    Themes without headings on their lists set the titles of entries so.
    """
    for block in draft.blocks[max(0, first - ENTRY_REACH) : first]:
        if block.kind == "p" and block.mass >= ENTRY_MASS and links_elsewhere(block, url):
            alike = [b for b in draft.blocks[first:] if b.node.path == block.node.path]
            return sum(b.mass >= ENTRY_MASS and links_elsewhere(b, url) for b in alike) >= 2
    return False


def links_elsewhere(block: Block, url: str | None) -> bool:
    """Whether a block is a link to another page of the site, not to a folder above this page."""
    if block.link_share < LINKED or not block.anchors:
        return False
    href = block.anchors[0].href.strip()
    try:
        there = urljoin(url or "http://host/", href)
        foreign = urlsplit(there).hostname != urlsplit(url or "http://host/").hostname
    except ValueError:
        return False
    if href.startswith(("#", "javascript:", "mailto:")) or foreign:
        return False
    here, target = _plain(path_of(url)), _plain(path_of(there))
    return target != here and not here.startswith(target.rstrip("/") + "/") and target != ""


def _plain(path: str) -> str:
    """A path as it is compared: without the names that servers add to a folder."""
    return re.sub(r"(?:/index\.\w+|/|\.html?)$", "", path.partition("?")[0]).lower()


def _text_features(draft: Draft) -> list[float]:
    blocks = [(i, b) for i, b in enumerate(draft.blocks) if b.mass]
    kept = [(i, b) for i, b in blocks if draft.kept(i)]
    total = sum(b.mass for _, b in blocks) or 1
    mass = sum(b.mass for _, b in kept) or 1
    prose = [b for _, b in kept if is_prose(b)]
    count = max(1, len(prose))
    prose_mass = sum(b.mass for b in prose)
    titles = linked_titles(draft)
    headings = [b for _, b in kept if b.kind == "h"]
    heading_paths = Counter(b.node.path for _, b in blocks if b.kind == "h")
    return [
        sum(b.mass for _, b in kept) / total,
        math.log1p(prose_mass / count),
        sum(b.link_mass for _, b in kept) / mass,
        math.log1p(titles),
        titles / count,
        math.log1p(sum(b.link_share >= LINKED for b in headings)),
        math.log1p(sum(_is_cut_off(b.text) for _, b in blocks)),
        len(headings) / count,
        *(sum(b.mass for _, b in kept if b.kind == kind) / mass for kind in ("li", "row", "pre")),
        sum(draft.scores[i] * b.mass for i, b in blocks) / total,
        *(
            sum(b.mass for _, b in blocks if b.zone & zone) / total
            for zone in (Zone.FORM, Zone.COMMENTS, Zone.ASIDE, Zone.BUTTON)
        ),
        sum(b.mass < SHORT_MASS for _, b in blocks) / max(1, len(blocks)),
        math.log1p(max(heading_paths.values(), default=0)),
        prose_mass / (sum(b.mass for _, b in blocks if is_prose(b)) or 1),
        math.log1p(sum(_has_price(b.text) for _, b in blocks if b.mass < PRICE_MASS)),
        sum(b.text.rstrip().endswith(("?", "？")) for b in headings) / max(1, len(headings)),
        math.log1p(sum(b.has_time for _, b in blocks)),
        float(len(draft.bylines)),
        math.log1p(sum(b.kind == "h" and b.level == 1 for _, b in blocks)),
        math.log1p(sum(draft.reason(i) == "duplicate" for i, _ in blocks)),
    ]


def _is_cut_off(text: str) -> bool:
    # The last character tells nearly every line apart, at a tenth of the time.
    return text.rstrip()[-1:] in CUT_ENDS and bool(ELLIPSIS.search(text))


def _has_price(text: str) -> bool:
    return bool(DIGIT.search(text) and PRICE.search(text))


def _kind_features(kinds: Sequence[str]) -> list[float]:
    said = {kind.lower() for kind in kinds}
    groups = (ARTICLE_KINDS, PRODUCT_KINDS, FORUM_KINDS, LISTING_KINDS, BUSINESS_KINDS)
    return [*(float(bool(said & group)) for group in groups), float(len(said))]


def path_of(url: str | None) -> str:
    """Path and query of an address, decoded; empty where there is none."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return ""
    path = unquote(parts.path)
    return f"{path}?{parts.query}" if parts.query else path


def _path_features(url: str | None) -> list[float]:
    path = path_of(url)
    plain = path.partition("?")[0]
    steps = [step for step in plain.split("/") if step]
    last = steps[-1] if steps else ""
    return [
        float(bool(url) and bool(ROOT.match(plain))),
        float(bool(PAGED.search(path))),
        len(steps),
        float(bool(DATED.search(plain))),
        float(bool(LISTING_WORDS.search(plain))),
        float(bool(PRODUCT_WORDS.search(plain))),
        float(bool(FORUM_WORDS.search(path))),
        float(bool(DOCUMENT_WORDS.search(plain))),
        float(bool(ARTICLE_WORDS.search(plain))),
        float("." in last),
        sum(map(str.isdigit, last)),
        float("?" in path),
    ]
