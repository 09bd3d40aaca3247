"""Pictures of the article, with captions and credits."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin

from pipelines.blocks import Node
from pipelines.label.draft import Draft, within
from pipelines.label.site_rules import SITE_RULE
from pipelines.label.tokens import token_reason
from pipelines.records import Figure

# Where lazy loading puts the real address, before `src`, which then holds a placeholder.
SOURCES = (
    "data-src",
    "data-original",
    "data-lazy-src",
    "data-lazy",
    "data-url",
    "data-echo",
    "src",
)
# Icons and tracking pixels are not figures (CSS pixels).
LEAST_PIXELS = 80
# A caption stands next to its picture; so many blocks away at most.
REACH = 3
# What captions call a picture before its maker's name, where bylines do not.
PICTURES = tuple(
    "photo|photograph|photos|image|picture|illustration|credit|foto|bild|illustrazione|"
    "ilustración|ilustração|crédit|crédits|image credit|图源|图片来源|圖片來源|插画|"
    "插图|插圖|写真|画像|イラスト|사진|그림|фото|иллюстрация|صورة".split("|")
)
# Between a credit's label and the name: "Photo: X", "Foto von X", "摄影：X", "Image © X".
BETWEEN = (
    r"\s*(?:credits?|by|courtesy of|von|par|de|di|от)?\s*[:：/=＝©]\s*|"
    r"\s+(?:by|courtesy of|von|par)\s+"
)
# A credit is a name or two (characters).
CREDIT_CHARS = 90


def read_figures(draft: Draft, base_url: str | None) -> tuple[Figure, ...]:
    """Pictures between the headline and the end of the text, and captions without a picture."""
    first, last = draft.core
    if last < 0:
        return ()
    container = common_node([draft.blocks[i].node for i in range(first, last + 1) if draft.kept(i)])
    taken: set[int] = set()
    figures = []
    for i, block in enumerate(draft.blocks):
        if block.kind == "image" and first - REACH <= i <= last + REACH:
            figure = _figure(draft, i, base_url, container, taken)
            if figure is not None:
                figures.append((i, figure))
    figures += [
        (i, Figure(None, *_caption_and_credit(draft, i)))
        for i in range(max(0, first - REACH), min(len(draft), last + REACH + 1))
        if draft.reason(i) == "caption" and i not in taken
    ]
    return tuple(figure for _, figure in sorted(figures, key=lambda pair: pair[0]))


def _figure(
    draft: Draft, i: int, base_url: str | None, container: Node | None, taken: set[int]
) -> Figure | None:
    block = draft.blocks[i]
    if container is not None and not within(block.node, container):
        return None
    if draft.reason(i) == SITE_RULE:
        return None
    named = token_reason(block.node)
    if named and named[0] not in ("caption", "date", "byline", "nav"):
        return None
    if _tiny(block.source):
        return None
    url = _source(block.source, base_url)
    if url is None:
        return None
    at = _caption(draft, i, taken)
    if at is None:
        return Figure(url, None, None)
    taken.add(at)
    return Figure(url, *_caption_and_credit(draft, at))


def _caption(draft: Draft, i: int, taken: set[int]) -> int | None:
    """The caption nearest below the picture, else right above it."""
    for step in (*range(1, REACH + 1), -1):
        at: int = i + step
        if not 0 <= at < len(draft):
            continue
        if draft.reason(at) == "caption" and at not in taken:
            return at
        if step > 0 and (draft.kept(at) or draft.blocks[at].kind == "image"):
            break
    return None


def _caption_and_credit(draft: Draft, i: int) -> tuple[str | None, str | None]:
    """The text of a caption, and the credit at its end with its label, apart."""
    text = draft.blocks[i].text.replace("\n", " ")
    match = _credits(draft.vocabulary.people["photographer"]).search(text)
    if match is None or len(match.group(1)) > CREDIT_CHARS or not _names(match.group(2)):
        return text, None
    caption = text[: match.start()].rstrip(" |(（[【·-–—/,")
    return caption or None, match.group(1).strip(" )）]】")


def _names(text: str) -> bool:
    """Whether a credit begins as names do: in a capital, or in a script without them."""
    return text[:1].isupper() or not text[:1].islower()


@lru_cache(maxsize=64)
def _credits(labels: tuple[str, ...]) -> re.Pattern[str]:
    """A credit at the end of a caption: one of the labels, and the name behind it."""
    known = "|".join(
        re.escape(label) for label in sorted({*labels, *PICTURES}, key=len, reverse=True)
    )
    return re.compile(rf"(?:^|[\s(（\[【|.。])((?:{known})(?:{BETWEEN})(\S.*))$", re.I)


def _source(element: Any, base_url: str | None) -> str | None:
    candidates: list[str | None] = [element.get(name) for name in SOURCES]
    candidates.append((element.get("srcset") or element.get("data-srcset") or "").split(" ")[0])
    for candidate in candidates:
        if candidate and not candidate.startswith(("data:", "blob:")):
            try:
                return urljoin(base_url or "", candidate.strip())
            except ValueError:
                continue
    return None


def _tiny(element: Any) -> bool:
    for name in ("width", "height"):
        digits = re.match(r"\d+", element.get(name) or "")
        if digits and int(digits.group()) < LEAST_PIXELS:
            return True
    return False


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
