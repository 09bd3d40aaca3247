"""Boilerplate between the paragraphs: captions, read-also lines, notices, lines of one phrase."""

from __future__ import annotations

import re

from pipelines.blocks import Block, Node, Zone
from pipelines.label.draft import LABEL_MASS, NOTICE_MASS, SURE_TEXT, Draft, is_prose
from pipelines.label.tokens import token_reason

# A caption is a line or two; more under a picture is text (weighted characters).
CAPTION_MASS = 320
# What WordPress leaves of a picture's caption where nothing reads it.
SHORTCODE = re.compile(r"\s*\[caption\b")
# "Figure 1", "图1", "Abb. 2": what numbers a picture, in the languages that number them.
FIGURE_LABEL = re.compile(
    r"\s*(?:fig(?:ure|ura)?s?|abb(?:ildung)?|afb(?:eelding)?|рис(?:унок)?|rys(?:unek)?|şekil|gambar|"
    r"hình|図|图|圖|그림|चित्र|شكل|الشكل|صورة)\s*[.:：]?\s*[\d一二三四五六七八九十]|\s*[▲△▼▽]",
    re.I,
)
# "#ankle #sport": nothing but tags, two at least.
HASHTAGS = re.compile(r"\s*(?:[#＃][^\s#＃]{2,40}[\s,，、]*+){2,}")
# `<<:` and `>>:`, guillemets and arrows that open a line of navigation, not a quotation.
ARROW_BACK = re.compile(r"^\s*(?:<<|«|←|‹|⟵|◀|◄)\s*[:：]?\s*(?=\S)")
ARROW_ON = re.compile(r"^\s*(?:>>|»|→|›|⟶|▶|►)\s*[:：]?\s*(?=\S)")
QUOTED = re.compile(r"^\s*«[^»]*»|^\s*‹[^›]*›")
# A paragraph of which this share is one link is that link; brackets and dots are the rest.
WHOLE_LINK = 0.9
# Shorter links are names and addresses that the text gives (weighted characters).
LINK_LINE_LEAST = 30
# Families whose label may open a line anywhere in the article: "Read also: …", "Tags: …".
LABELS = {
    "related": "related",
    "previous": "prev-next",
    "next": "prev-next",
    "tags": "tags",
    "share": "share",
    "breadcrumb": "breadcrumb",
    "newsletter": "newsletter",
    "ad": "ad",
    "promo": "promo",
    "copyright": "copyright",
    "disclaimer": "disclaimer",
    "comments": "comments",
    "rating": "rating",
    "login": "login",
    "nav": "nav",
    "footer": "footer",
    "cookie": "cookie",
    "toc": "toc",
    "other": "other",
}
# What stands behind labels of these families may be a sentence too: notices, titles of articles.
TELLING = frozenset(
    ("copyright", "disclaimer", "related", "previous", "next", "comments", "cookie")
)
# Behind any other label a whole sentence inside the article is text, if nothing in it is a link.
SENTENCE_MASS, SENTENCE_LINKS = 60, 0.05
FULL_STOP = re.compile(r"[.。!！।۔]\W{0,2}$")
# Headings that open a list have a rule of their own (`sections`).
SECTION_FAMILIES = frozenset(("related", "references", "toc", "author-bio", "comments"))
# A phrase that nothing but boilerplate says drops a notice of this length (weighted characters).
NOTICES = frozenset(("copyright", "disclaimer", "cookie"))
CONTAINS_MASS = {"copyright": 500, "disclaimer": NOTICE_MASS, "cookie": NOTICE_MASS}


def drop_arrows(draft: Draft) -> None:
    """`<<: Title` and `>>: Title`, and lines that are one link with an arrow."""
    for i in draft.region:
        block = draft.blocks[i]
        if block.mass > LABEL_MASS:
            continue
        back, on = ARROW_BACK.match(block.text), ARROW_ON.match(block.text)
        if not (back or on) or QUOTED.match(block.text):
            continue
        doubled = block.text.lstrip()[:2] in ("<<", ">>")
        if doubled or block.link_share > 0.5:
            draft.drop(i, "prev-next", "arrow")


def drop_link_lines(draft: Draft) -> None:
    """A paragraph between paragraphs that is one link, a title or a sentence long: read-also."""
    first, last = draft.core
    for i in range(first + 1, last):
        block = draft.blocks[i]
        if block.kind != "p" or block.link_share < WHOLE_LINK or block.group or block.bold:
            continue
        titled = LINK_LINE_LEAST <= block.mass <= LABEL_MASS and len(block.anchors) == 1
        # A title ends in no full stop; a sentence of the article may be a link from end to end.
        if titled and block.anchors[0].href[:1] != "#" and block.text[-1] not in ":：.。":
            draft.drop(i, "related", "link-line")


def drop_captions(draft: Draft) -> None:
    """Captions and credits of pictures: by mark-up, by label, by a no-reprint notice."""
    for i in draft.region:
        block = draft.blocks[i]
        if block.mass > CAPTION_MASS or block.kind in ("h", "row"):
            continue
        if block.zone & Zone.CAPTION:
            if not block.zone & Zone.QUOTE and not _holds_table(block):
                draft.drop(i, "caption", "figcaption")
            continue
        named = token_reason(block.node)
        if named and named[0] == "caption" and named[1].text <= 2 * CAPTION_MASS:
            draft.drop(i, "caption", "caption-class")
            continue
        if SHORTCODE.match(block.text):
            draft.drop(i, "caption", "caption-shortcode")
            continue
        phrases = draft.phrases(i)
        if phrases.label == "caption" or phrases.contains == "caption":
            draft.drop(i, "caption", "caption-label")
        elif phrases.start == "caption" and (
            _beside_image(draft, i) or phrases.contains == "copyright"
        ):
            draft.drop(i, "caption", "caption-start")
        elif phrases.contains == "copyright" and (
            FIGURE_LABEL.match(block.text) or (_beside_image(draft, i) and not is_prose(block))
        ):
            draft.drop(i, "caption", "caption-rights")
        elif FIGURE_LABEL.match(block.text) and _beside_image(draft, i) and not is_prose(block):
            draft.drop(i, "caption", "caption-number")


def _holds_table(block: Block) -> bool:
    """Whether the figure that the caption stands in shows a table."""
    node: Node | None = block.node
    while node is not None:
        if node.tag == "figure":
            return any(child.tag == "table" for child in node.children or ())
        node = node.parent
    return False


def _beside_image(draft: Draft, i: int) -> bool:
    around = draft.blocks[max(0, i - 2) : i + 3]
    return any(block.kind == "image" for block in around)


def drop_phrases(draft: Draft) -> None:
    """Lines that are one phrase, begin with a label, or hold what only boilerplate says."""
    first, last = draft.core
    for i in draft.region:
        block = draft.blocks[i]
        if block.mass > NOTICE_MASS or block.kind == "row":
            continue
        if draft.reason(i) in ("byline", "date", "headline", "caption"):
            continue
        if HASHTAGS.fullmatch(block.text):
            draft.drop(i, "tags", "hashtags")
            continue
        phrases = draft.phrases(i)
        if phrases.whole and phrases.whole not in SECTION_FAMILIES:
            if block.kind != "h" or not _opens_prose(draft, i):
                draft.drop(i, _reason(phrases.whole), "phrase-line")
        elif phrases.label in LABELS and block.mass <= _label_limit(phrases.label):
            if (phrases.rest or block.kind != "h") and not _goes_on(draft, i, phrases.label):
                draft.drop(i, LABELS[phrases.label], "phrase-label")
        elif phrases.contains and block.mass <= CONTAINS_MASS.get(phrases.contains, 400):
            if block.kind != "h" and (
                not is_prose(block) or _may_notice(phrases.contains, i, first, last)
            ):
                draft.drop(i, _reason(phrases.contains), "phrase-inside")
        elif _starts(draft, i, phrases.start):
            draft.drop(i, _reason(phrases.start or "other"), "phrase-start")


def _starts(draft: Draft, i: int, family: str | None) -> bool:
    """Whether the phrase at the beginning says what the whole block is."""
    block = draft.blocks[i]
    if family in (None, "caption", "references") or block.mass > LABEL_MASS:
        return False
    if family in SECTION_FAMILIES and block.kind == "h":
        return False
    # A sentence of the article may begin like a call to action: "Share your worries with …".
    sure = draft.scores[i] >= SURE_TEXT and is_prose(block)
    return family in NOTICES or not sure


def _goes_on(draft: Draft, i: int, family: str) -> bool:
    """Whether a sentence of the text follows a word that may be a label: "Mail: Send the form." """
    block = draft.blocks[i]
    first, last = draft.core
    if family == "author-bio" and first < i < last and block.text.endswith(("?", "？")):
        return True  # an interview's question
    return (
        family not in TELLING
        and first < i < last
        and block.mass >= SENTENCE_MASS
        and block.link_share < SENTENCE_LINKS
        and draft.scores[i] >= SURE_TEXT
        and bool(FULL_STOP.search(block.text))
    )


def _label_limit(family: str) -> int:
    return NOTICE_MASS if family in ("copyright", "disclaimer") else LABEL_MASS


def _may_notice(family: str, i: int, first: int, last: int) -> bool:
    """Running text with such a phrase is a notice anywhere; other families at the ends only."""
    if family in ("copyright", "disclaimer", "cookie", "newsletter", "caption"):
        return True
    return i >= last - 2 or i <= first


def _opens_prose(draft: Draft, i: int) -> bool:
    """Whether a heading is followed by running text that is kept: then it is a real heading."""
    following = range(i + 1, min(i + 3, len(draft)))
    return any(draft.kept(j) and is_prose(draft.blocks[j]) for j in following)


def _reason(family: str) -> str:
    return "prev-next" if family in ("previous", "next") else family
