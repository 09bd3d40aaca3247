"""Sections that are not the article: related lists, sources, contents, author boxes."""

from __future__ import annotations

import re

from pipelines.blocks import Block, Node, Zone
from pipelines.label.draft import LABEL_MASS, SURE_TEXT, Draft, is_prose

# What a title does not end with.
SENTENCE_END = re.compile(r"[.。!！:：;；।۔]\W{0,2}$")
ELLIPSIS = re.compile(r"(?:\.\.\.|…|\[…\]|》)\s*$")
REFERENCE = re.compile(
    r"\bdoi\b|\bPMID\b|\bet al\b|https?://|\b(?:19|20)\d\d\b|\[J\]|\[M\]|^\s*(?:\[\d+\]|\d+[.)、])",
    re.I,
)
# A line of a source list without a heading's word for it: a year, and a sign of a citation.
CITATION = re.compile(
    r"\b(?:19|20)\d\d\b.*(?:\bdoi\b|\bPMID\b|\bet al\b|\d+\s*\(\d+\)\s*:|;\s*\d+|\[J\])|"
    r"(?:\bdoi\b|\bPMID\b|\bet al\b|\[J\]).*\b(?:19|20)\d\d\b",
    re.I | re.S,
)
# What each of them holds, found much faster.
YEAR = re.compile(r"(?:19|20)\d\d")
# A block of citations, several of them even, shows what it is in so many characters.
CITED_CHARS = 1_000
# Share of lines that must cite, and the part of the article behind which a source list stands.
CITED_SHARE = 0.6
CITED_FROM = 0.5
# Behind the heading after an author's box there is less of the article than this.
FLOW_SHARE = 0.3
# A notice has so many paragraphs at most.
NOTICE_BLOCKS = 2
# A box around a form: so many characters at most, such a share of the page, so many levels up.
FORM_BOX = 450
FORM_SHARE = 0.2
FORM_LEVELS = 4
# A teaser is a line or two of another article (weighted characters).
TEASER_MASS = 220
# A title is a line (weighted characters).
TITLE_MASS = 120
# A heading of a source list may be a bold line or end with a colon, but is short.
OPENER_MASS = 60
# Lines that begin with a label of people: each is held against the whole text.
MOST_LABELS = 40


def drop_related(draft: Draft) -> None:
    """A "Recommend" heading and the titles and teasers below it."""
    for i in draft.region:
        block = draft.blocks[i]
        if not _opens(draft, i, "related"):
            continue
        end = _teasers(draft, i + 1, block)
        if end > i + 1 or not _prose_next(draft, i):
            for j in range(i, end):
                if draft.blocks[j].kind != "image" and draft.reason(j) not in ("prev-next", "ad"):
                    draft.drop(j, "related", "related-list")


def _opens(draft: Draft, i: int, family: str) -> bool:
    if not 0 < draft.blocks[i].mass <= 2 * OPENER_MASS:
        return False
    phrases = draft.phrases(i)
    return phrases.whole == family or (phrases.label == family and not phrases.rest)


def _prose_next(draft: Draft, i: int) -> bool:
    return any(is_prose(block) and draft.kept(j) for j, block in _after(draft, i, 2))


def _after(draft: Draft, i: int, count: int) -> list[tuple[int, Block]]:
    found = [(j, b) for j, b in enumerate(draft.blocks[i + 1 : i + 8], i + 1) if b.kind != "image"]
    return found[:count]


def _teasers(draft: Draft, start: int, opener: Block) -> int:
    """The end of the run of titles and teasers that begins at `start`."""
    end = start
    # Behind the text, and below nothing but the phrase, lines that are no sentences are titles.
    titles = opener.kind == "h" and start > draft.core[1] + 1
    for i in range(start, len(draft)):
        block = draft.blocks[i]
        if block.kind == "image":
            continue
        title = titles and block.kind != "h" and block.mass <= TITLE_MASS
        if not _teaser(draft, i, opener) and not (title and not SENTENCE_END.search(block.text)):
            break
        end = i + 1
    return end


def _teaser(draft: Draft, i: int, opener: Block) -> bool:
    block = draft.blocks[i]
    if block.link_share >= 0.5 or (ELLIPSIS.search(block.text) and block.mass <= TEASER_MASS):
        return True
    if block.kind == "h" and opener.kind == "h" and block.level <= opener.level:
        return False
    if _title_of_teaser(draft, i):
        return True
    return not draft.kept(i) and block.mass <= TEASER_MASS and draft.reason(i) is None


def _title_of_teaser(draft: Draft, i: int) -> bool:
    """A title in plain text: the line after it is cut off with an ellipsis."""
    block = draft.blocks[i]
    if block.mass > TEASER_MASS or i + 1 >= len(draft):
        return False
    following = draft.blocks[i + 1]
    return bool(ELLIPSIS.search(following.text)) and following.mass <= TEASER_MASS


def drop_references(draft: Draft) -> None:
    """The source list: its heading and the entries below, or entries behind the label."""
    first, _ = draft.core
    for i in draft.region:
        block = draft.blocks[i]
        if i <= first:
            continue
        phrases = draft.phrases(i)
        if _opens(draft, i, "references") and (block.kind == "h" or block.mass <= OPENER_MASS):
            end = _entries(draft, i + 1)
            if end > i + 1 or not _prose_next(draft, i):
                draft.drop(i, "references", "references-heading")
                _drop_entries(draft, i + 1, end)
        elif phrases.label == "references" and phrases.rest and block.kind != "h":
            if _below_picture(draft, i):
                draft.drop(i, "caption", "picture-source")
            else:
                draft.drop(i, "references", "references-label")
                _drop_entries(draft, i + 1, _before_text(draft, i + 1, _entries(draft, i + 1)))


def drop_cited_lists(draft: Draft) -> None:
    """A heading near the end below which nearly every line cites: a source list by its looks."""
    _, last = draft.core
    for i, block in enumerate(draft.blocks):
        if block.kind != "h" or i < CITED_FROM * last or not draft.kept(i):
            continue
        below = _until_heading(draft, i)
        if len(below) < 2:
            continue
        texts = [draft.blocks[j].text[:CITED_CHARS] for j in below]
        cited = [text for text in texts if YEAR.search(text) and CITATION.search(text)]
        if len(cited) >= CITED_SHARE * len(below):
            for j in (i, *below):
                draft.drop(j, "references", "cited-list")


def _until_heading(draft: Draft, i: int) -> list[int]:
    """The blocks with text below the heading `i`, up to the next heading."""
    found = []
    for j in range(i + 1, len(draft)):
        if draft.blocks[j].kind == "h":
            break
        if draft.blocks[j].mass and draft.reason(j) is None:
            found.append(j)
    return found


def _below_picture(draft: Draft, i: int) -> bool:
    """Whether a line stands right below a picture or its caption, and text follows."""
    above = i > 0 and (draft.blocks[i - 1].kind == "image" or draft.reason(i - 1) == "caption")
    return above and _prose_next(draft, i)


def _before_text(draft: Draft, start: int, end: int) -> int:
    """The end of the entries before the first paragraph that is text most surely: a year in it
    makes no entry. Below a line that is its own list, unlike below a heading, text may go on."""
    for i in range(start, end):
        block = draft.blocks[i]
        sure = block.kind != "li" and draft.scores[i] >= SURE_TEXT and is_prose(block)
        if sure and not CITATION.search(block.text):
            return i
    return end


def _drop_entries(draft: Draft, start: int, end: int) -> None:
    for j in range(start, end):
        # Entries that a click unfolds are entries.
        if draft.blocks[j].kind != "image" and draft.reason(j) in (None, "hidden"):
            draft.drop(j, "references", "references-list")


def _entries(draft: Draft, start: int) -> int:
    """The end of the run of entries that begins at `start`."""
    end = start
    listed = False
    for i in range(start, len(draft)):
        block = draft.blocks[i]
        if block.kind == "image":
            continue
        if block.kind == "h" or draft.phrases(i).opens or draft.phrases(i).contains:
            break
        goes_on = end > start and bool(block.group) and block.group == draft.blocks[end - 1].group
        looks = block.kind == "li" or goes_on or bool(REFERENCE.search(block.text))
        if not looks and not (not draft.kept(i) and block.link_share > 0.3):
            break
        if listed and block.kind != "li" and not goes_on:
            break  # the list has ended: what follows is another matter
        listed = listed or block.kind == "li"
        end = i + 1
    return end


def drop_contents(draft: Draft) -> None:
    """Tables of contents: links within the page, with or without a heading."""
    for i, block in enumerate(draft.blocks):
        if not block.anchors or block.kind == "h" or block.link_share < 0.6:
            continue
        # A bare "#" is a link that a script answers; a heading's own anchor is no contents.
        if all(len(a.href) > 1 and a.href[0] == "#" for a in block.anchors):
            draft.drop(i, "toc", "links-within-page")
    for i in draft.region:
        block = draft.blocks[i]
        if not _opens(draft, i, "toc"):
            continue
        following = _after(draft, i, 1)
        if following and (draft.reason(following[0][0]) == "toc" or following[0][1].kind == "li"):
            draft.drop(i, "toc", "toc-heading")
            _drop_list(draft, following[0][0], "toc")
        elif block.kind != "h":
            draft.drop(i, "toc", "toc-heading")


def _drop_list(draft: Draft, start: int, reason: str) -> None:
    group = draft.blocks[start].group
    for i in range(start, len(draft)):
        if not group or draft.blocks[i].group != group:
            break
        draft.drop(i, reason, f"{reason}-list")


def drop_author_boxes(draft: Draft) -> None:
    """ "About the author" and what stands below it, to the next heading or the box's end."""
    first, _ = draft.core
    labels = 0
    for i in draft.region:
        if i <= first:
            continue
        phrases = draft.phrases(i)
        if phrases.label == "author-bio" and phrases.rest:
            labels += 1
            if labels > MOST_LABELS:
                return
            # "(Author: …)" has been read as what it is; "Expert: what to do" heads a section.
            if draft.reason(i) != "byline" and not _in_flow(draft, i):
                draft.drop(i, "author-bio", "author-bio-label")
        elif _opens(draft, i, "author-bio") and not _in_flow(draft, i):
            draft.drop(i, "author-bio", "author-bio-heading")
            for j in range(i + 1, min(i + 5, len(draft))):
                below = draft.blocks[j]
                if below.kind == "h" or draft.phrases(j).opens:
                    break
                if below.kind != "image":
                    draft.drop(j, "author-bio", "author-bio-below")


def _in_flow(draft: Draft, i: int) -> bool:
    """Whether a heading is one among others of the text: it heads running text, and a good part of
    the article comes behind the next heading of its kind."""
    if draft.core[0] < i < draft.core[1] and draft.blocks[i].text.endswith(("?", "？")):
        return True  # of an interview: "Redaktion: Was raten Sie?"
    block = draft.blocks[i]
    if block.kind != "h" or not _prose_next(draft, i):
        return False
    for j in range(i + 1, draft.core[1]):
        other = draft.blocks[j]
        if other.kind == "h" and other.node.parent is block.node.parent and draft.kept(j):
            return _kept_mass(draft, j) >= FLOW_SHARE * _kept_mass(draft, 0)
    return False


def _kept_mass(draft: Draft, start: int) -> int:
    return sum(draft.blocks[j].mass for j in range(start, len(draft)) if draft.kept(j))


def drop_notices(draft: Draft) -> None:
    """A heading such as "Disclaimer", behind most of the article, and the notice below it."""
    _, last = draft.core
    for i in draft.region:
        whole = draft.phrases(i).whole
        if whole not in ("disclaimer", "copyright") or i < CITED_FROM * last:
            continue
        below = _until_heading(draft, i)[:NOTICE_BLOCKS]
        for j in (i, *below):
            if not draft.phrases(j).whole or j == i:
                draft.drop(j, whole, "notice")


def drop_form_boxes(draft: Draft) -> None:
    """A small box around a form asks for something: an address, a vote, a search."""
    largest = min(FORM_BOX, FORM_SHARE * sum(block.mass for block in draft.blocks))
    for i, block in enumerate(draft.blocks):
        if not draft.kept(i):
            continue
        node: Node | None = block.node
        for _ in range(FORM_LEVELS):
            if node is None or node.text > largest:
                break
            if node.has_form or node.tag == "form":
                draft.drop(i, "newsletter", "form-box")
                break
            node = node.parent


def drop_hidden(draft: Draft) -> None:
    """Text that is never shown, where the same page shows enough text: menus, copies, dialogs."""
    unseen = [i for i, block in enumerate(draft.blocks) if block.node.zone & Zone.HIDDEN]
    if not unseen:
        return
    hidden = sum(draft.blocks[i].mass for i in unseen if draft.kept(i))
    shown = sum(b.mass for i, b in enumerate(draft.blocks) if draft.kept(i)) - hidden
    for i in unseen:
        if shown > 2 * hidden and draft.blocks[i].mass <= LABEL_MASS:
            draft.drop(i, "hidden", "not-shown")
