"""Pictures of the article, with captions and credits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pipelines.blocks import Block, Node
from pipelines.captions import marked_credit, split_credit, trimmed, without_credit
from pipelines.figure_captions import (
    FRAME_LEVELS,
    REACH,
    Picture,
    captions_of,
    frame_of,
    is_credit,
    labels_of,
    line_of,
)
from pipelines.image_address import (
    image_address,
    is_decoration,
    is_small,
    loaded_late,
    same_picture,
)
from pipelines.label.draft import Draft, within
from pipelines.label.site_rules import SITE_RULE
from pipelines.label.tokens import token_reason
from pipelines.records import Figure

# Blocks around a picture in which the text of its box is looked for.
BOX_BLOCKS = 8
# A line without a picture that is a link, mostly, is no caption.
LINKED = 0.5
# What a box around a picture is dropped for, where the picture is another article's or nobody's.
OTHERS = frozenset(
    "related ad promo prev-next author-bio comments share newsletter login footer cookie rating "
    "tags copyright byline".split()
)
# Names of containers that say no more than where on the page a picture stands.
PLACES = frozenset(("caption", "date", "nav", "byline"))


def read_figures(draft: Draft, base_url: str | None) -> tuple[Figure, ...]:
    """Pictures between the headline and the end of the text, and captions without a picture."""
    first, last = draft.core
    if last < 0:
        return ()
    start, end = _start(draft, first), min(len(draft), last + REACH + 1)
    captions = [i for i in range(start, end) if _is_caption(draft, i)]
    pictures = _pictures(draft, range(start, end), base_url, set(captions))
    below = captions_of(draft, pictures, captions)
    taken = {i for found in below.values() for i in found}
    figures = [
        (picture.at, _figure(draft, picture, below.get(picture.at, []))) for picture in pictures
    ]
    figures += [
        (i, Figure(None, *split_credit(line_of(draft, i), labels_of(draft))))
        for i in captions
        if i not in taken and draft.blocks[i].link_share <= LINKED and not is_credit(draft, i)
    ]
    return _once(figure for _, figure in sorted(figures, key=lambda pair: pair[0]))


def _start(draft: Draft, first: int) -> int:
    """Where the picture that leads the article may stand first."""
    above = [i for i in draft.headlines if i < first]
    return max(0, min(first, *above[-1:]) - REACH) if above else max(0, first - REACH)


def _is_caption(draft: Draft, i: int) -> bool:
    """Whether a block is a caption with something to say: "Enlarge picture" has nothing."""
    if draft.reason(i) != "caption" or not draft.blocks[i].mass:
        return False
    if draft.phrases(i).whole != "caption":
        return True
    return split_credit(line_of(draft, i), labels_of(draft))[1] is not None


def _pictures(draft: Draft, span: range, base_url: str | None, captions: set[int]) -> list[Picture]:
    container = common_node([draft.blocks[i].node for i in _texts(draft)])
    found: list[Picture] = []
    for i in span:
        block = draft.blocks[i]
        if block.kind != "image" or not _in_article(draft, i, container):
            continue
        url = image_address(block.source, base_url)
        if url is None or (found and _twin(draft.blocks[found[-1].at], block)):
            continue
        frame = frame_of(block.node)
        if is_small(block.source) and not loaded_late(block.source):
            continue
        if is_decoration(block.source, url) and not (frame and _has_caption(i, captions)):
            continue
        found.append(Picture(i, url, frame))
    return found


def _has_caption(i: int, captions: set[int]) -> bool:
    return any(i + step in captions for step in (1, -1))


def _texts(draft: Draft) -> list[int]:
    """The kept blocks with text, and the headline next above them."""
    first, last = draft.core
    kept = [i for i in range(first, last + 1) if draft.kept(i)]
    return [i for i in draft.headlines if i < first][-1:] + kept


def _in_article(draft: Draft, i: int, container: Node | None) -> bool:
    block = draft.blocks[i]
    if container is not None and not within(block.node, container):
        return False
    if draft.reason(i) == SITE_RULE:
        return False
    named = token_reason(block.node)
    if named and named[0] not in PLACES:
        return False
    return not _in_others_box(draft, i, container)


def _in_others_box(draft: Draft, i: int, container: Node | None) -> bool:
    """Whether the smallest box around a picture that holds text is one of other articles, of
    somebody who writes, or of what the site wants of its readers."""
    box: Node | None = draft.blocks[i].node
    while box is not None and not box.text and box is not container:
        box = box.parent
    if box is None or box is container or frame_of(draft.blocks[i].node):
        return False
    around = range(max(0, i - BOX_BLOCKS), min(len(draft), i + BOX_BLOCKS + 1))
    texts = [j for j in around if draft.blocks[j].mass and within(draft.blocks[j].node, box)]
    return bool(texts) and all(draft.reason(j) in OTHERS for j in texts)


def _twin(shown: Block, copy: Block) -> bool:
    """Whether `copy` is what a browser without scripts shows in place of `shown`."""
    holder = next(copy.source.iterancestors("noscript"), None)
    if holder is None:
        return False
    before = holder.getprevious()
    return before is not None and any(
        element is shown.source for element in (before, *before.iter("img", "amp-img"))
    )


def _figure(draft: Draft, picture: Picture, captions: list[int]) -> Figure:
    names = [i for i in captions if is_credit(draft, i)]
    told = " ".join(line_of(draft, i) for i in captions if i not in names)
    caption, credit = split_credit(told, labels_of(draft))
    if names:
        caption = told or None
        credit = trimmed(" ".join(line_of(draft, i) for i in names))
    elif told and credit is None:
        marked = _marked(draft.blocks[picture.at].source)
        if marked and marked in told:
            caption, credit = without_credit(told, marked), marked
    return Figure(picture.url, caption, credit)


def _marked(source: Any) -> str | None:
    """The credit that an element in the picture's frame is marked as."""
    for level, element in enumerate(source.iterancestors()):
        if element.tag == "figure" or "caption" in (element.get("class") or ""):
            return marked_credit(element)
        if level >= FRAME_LEVELS:
            break
    return None


def _once(figures: Iterator[Figure]) -> tuple[Figure, ...]:
    """Each picture once, with what any of its copies says."""
    found: dict[object, Figure] = {}
    for figure in figures:
        key: object = same_picture(figure.url) if figure.url else figure
        known = found.get(key)
        if known is None:
            found[key] = figure
        elif known.caption is None and known.credit is None:
            found[key] = replace(figure, url=known.url)
    return tuple(found.values())


def common_node(nodes: list[Node]) -> Node | None:
    """The deepest container that holds all of `nodes`."""
    if not nodes:
        return None
    common: Node = nodes[0]
    for node in nodes[1:]:
        common = _meet(common, node)
    return common


def _meet(a: Node, b: Node) -> Node:
    while a is not b:
        if a.depth >= b.depth and a.parent is not None:
            a = a.parent
        elif b.parent is not None:
            b = b.parent
        else:
            break
    return a
