"""Tags and trails that the page shows: its own keywords, and its place in the site."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipelines.blocks import Block, Node, Zone
from pipelines.declared_fields import MOST_TAGS
from pipelines.label.draft import Draft
from pipelines.label.tokens import LEVELS, token_reason
from pipelines.phrases import bare, once

# Names of what lists a whole site's tags.
CLOUD = re.compile(r"cloud|sidebar|widget")
TRAIL = re.compile(r"\s*[>»›→＞❯▸]+\s*|\s+/\s+|\s*::\s*")


def read_tags(draft: Draft) -> tuple[str, ...]:
    """Tags that the page shows: link texts of blocks dropped as tags, or what follows the label.

    Those beside the text only where there are none in it; none where they are the whole site's.
    """
    tagged = draft.dropped("tags")
    own = [i for i in tagged if not _of_site(draft.blocks[i])]
    tags = once(tag for i in own or tagged for tag in _tags(draft, i))
    return tags if len(tags) <= MOST_TAGS else ()


def _of_site(block: Block) -> bool:
    """Whether tags stand where sites list all they have: menus, side columns, clouds."""
    if block.zone & (Zone.NAV | Zone.ASIDE | Zone.FOOTER):
        return True
    node: Node | None = block.node
    for _ in range(LEVELS):
        if node is None:
            return False
        if CLOUD.search(node.tokens):
            return True
        node = node.parent
    return False


def _tags(draft: Draft, i: int) -> Iterator[str]:
    linked = [anchor.text for anchor in draft.blocks[i].anchors]
    for text in linked or _listed(draft.phrases(i).rest or _hashed(draft.blocks[i].text)):
        tag = text.strip(" #＃,，、")
        if tag and not draft.vocabulary.read(tag).whole:
            yield tag


def _hashed(text: str) -> str:
    """The hashtags of a line that is nothing else, as a list."""
    return ", ".join(text.split()) if text.startswith(("#", "＃")) else ""


def _listed(text: str) -> list[str]:
    return [part for part in re.split(r"\s*[,，、;；|\n]\s*|\u3000+|\s{2,}", text) if part]


def read_breadcrumbs(draft: Draft) -> tuple[str, ...]:
    """The longest visible trail, outermost first, without the page itself."""
    titles = {bare(title) for title in draft.titles if title}
    trails: list[list[tuple[str, bool]]] = [[]]
    group = 0
    for i, (block, verdict) in enumerate(zip(draft.blocks, draft.verdicts, strict=True)):
        goes_on = bool(group) and block.group == group
        if (verdict.reason != "breadcrumb" and not goes_on) or not block.mass:
            continue
        if not goes_on:
            trails.append([])
        if goes_on or _is_trail(block) or TRAIL.search(block.text):
            trails[-1] += _steps(draft, i, block)
        group = block.group if _is_trail(block) else 0
    best = max(trails, key=len)
    steps = tuple(text for text, _ in _linked(best) if bare(text) and bare(text) not in titles)
    return steps if len(best) > 1 else ()


def _linked(trail: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """The trail without its last step, where this alone is no link: that is the page itself."""
    ends = len(trail) > 1 and not trail[-1][1] and all(linked for _, linked in trail[:-1])
    return trail[:-1] if ends else trail


def _is_trail(block: Block) -> bool:
    """Whether the list that a step stands in is named a trail, as menus are not."""
    named = token_reason(block.node)
    return named is not None and named[0] == "breadcrumb"


def _steps(draft: Draft, i: int, block: Block) -> list[tuple[str, bool]]:
    """The steps that a block holds, and whether each is a link: its links, else what stands
    between the signs."""
    linked = [(anchor.text, True) for anchor in block.anchors if anchor.text]
    if linked:
        return linked
    if not TRAIL.search(block.text):
        return [] if block.text.endswith((":", "：")) else [(block.text, False)]
    head, _, rest = block.text.partition("：" if "：" in block.text else ":")
    labelled = draft.phrases(i).label == "breadcrumb" and rest and not TRAIL.search(head)
    text = rest if labelled else block.text
    return [(step, False) for step in TRAIL.split(text.strip()) if step]
