"""What the boilerplate pointed to: previous and next article, related ones, tags, breadcrumbs."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from pipelines.blocks import Anchor, Block, Node
from pipelines.label.draft import Draft
from pipelines.label.inline import ARROW_BACK, ARROW_ON
from pipelines.label.sections import ELLIPSIS
from pipelines.label.tokens import token_reason
from pipelines.phrases import after, bare, squash
from pipelines.records import Link, Links

# A related title says something; shorter link texts are "More", "1", "Home" (characters).
TITLE_CHARS = 6
MOST_RELATED = 60
PREVIOUS_TOKEN = re.compile(
    r"(?:^|[\s_-])prev(?:ious|-post)?(?:$|[\s_-])|(?:^|[\s_-])older(?:$|[\s_-])"
)
NEXT_TOKEN = re.compile(r"(?:^|[\s_-])next(?:$|[\s_-])|(?:^|[\s_-])newer(?:$|[\s_-])")
NEIGHBOURS = ("previous", "next", "related")
TRAIL = re.compile(r"\s*[>»›→＞❯▸]+\s*|\s+/\s+|\s*::\s*")


def read_links(draft: Draft, base_url: str | None) -> Links:
    """Previous, next and related from the blocks dropped as such."""
    sides: dict[str, Link] = {}
    related: dict[str, Link] = {}
    for i in draft.dropped("prev-next", "related"):
        if draft.reason(i) == "prev-next":
            for side, link in _directed(draft, i, base_url):
                sides.setdefault(side, link)
        elif len(related) < MOST_RELATED and _recommends(draft, i):
            for link in _titles(draft, i, base_url):
                related.setdefault(link.url or link.title or "", link)
    return Links(sides.get("previous"), sides.get("next"), tuple(related.values()))


def _recommends(draft: Draft, i: int) -> bool:
    """Whether a rule or the container's name says that the links are related ones; a score alone
    cannot tell them from the site's other lists."""
    if draft.verdicts[i].rule not in ("score", "list"):
        return True
    named = token_reason(draft.blocks[i].node)
    return named is not None and named[0] == "related"


def _directed(draft: Draft, i: int, base_url: str | None) -> list[tuple[str, Link]]:
    block = draft.blocks[i]
    if not block.anchors:
        # Only plain text names a neighbour without a link; on a page it says that there is none.
        side = _side(draft, i, None) if block.node.tag == "text" else None
        title = _strip_label(draft, i)
        return [(side, Link(title, None))] if side and title else []
    found = []
    for anchor in block.anchors:
        side = _side(draft, i, anchor)
        url = _absolute(base_url, anchor.href)
        if side and url:
            found.append(
                (side, Link(_unlabelled(draft, anchor.text) or _strip_label(draft, i), url))
            )
    return found


def _side(draft: Draft, i: int, anchor: Anchor | None) -> str | None:
    """Which way a line or link of prev/next navigation leads."""
    if anchor is not None and len(draft.blocks[i].anchors) > 1:
        text, family = anchor.text, _family(draft, anchor.text)
    else:
        text, phrases = draft.blocks[i].text, draft.phrases(i)
        family = phrases.label or phrases.whole or phrases.start
    if ARROW_BACK.match(text) or family == "previous" or (anchor and "prev" in anchor.rel):
        return "previous"
    if ARROW_ON.match(text) or family == "next" or (anchor and "next" in anchor.rel.split()):
        return "next"
    node: Node | None = draft.blocks[i].node
    for _ in range(3):
        if node is None:
            break
        back, on = PREVIOUS_TOKEN.search(node.tokens), NEXT_TOKEN.search(node.tokens)
        if bool(back) != bool(on):
            return "previous" if back else "next"
        node = node.parent
    return None


def _family(draft: Draft, text: str) -> str | None:
    said = draft.vocabulary.read(text)
    return said.label or said.start or said.whole


def _strip_label(draft: Draft, i: int) -> str | None:
    """The title in a line of prev/next navigation, without its arrow or label."""
    text = draft.blocks[i].text
    text = ARROW_ON.sub("", ARROW_BACK.sub("", text)).strip()
    return _unlabelled(draft, " ".join(text.split()))


def _unlabelled(draft: Draft, text: str) -> str | None:
    """A title without the words "Next article" before it; None where nothing is left."""
    words = draft.vocabulary
    said = words.read(text)
    if said.label in NEIGHBOURS:
        text = said.rest
    elif said.start in NEIGHBOURS:
        phrase = words.starts.at_start(squash(text))
        text = after(text, phrase) if phrase else text
    if words.read(text).whole in NEIGHBOURS:
        return None
    return text.strip("«»‹›←→<>:： ") or None


def _titles(draft: Draft, i: int, base_url: str | None) -> list[Link]:
    block = draft.blocks[i]
    if block.anchors:
        return [
            Link(anchor.text, url)
            for anchor in block.anchors
            if len(anchor.text) >= TITLE_CHARS
            and not draft.vocabulary.read(anchor.text).whole
            and (url := _absolute(base_url, anchor.href))
        ]
    return [Link(title, None)] if (title := _plain_title(draft, i)) else []


def _plain_title(draft: Draft, i: int) -> str | None:
    """A title without a link: in plain text, or behind a label such as "Read also: "."""
    phrases = draft.phrases(i)
    block = draft.blocks[i]
    if phrases.label == "related" and len(phrases.rest) >= TITLE_CHARS:
        return " ".join(phrases.rest.split())
    if phrases.whole or block.node.tag != "text" or ELLIPSIS.search(block.text):
        return None
    return block.text if len(block.text) >= TITLE_CHARS else None


def _absolute(base_url: str | None, href: str) -> str | None:
    try:
        url = urljoin(base_url or "", href.strip())
    except ValueError:
        return None
    return url if url.lower().startswith(("http://", "https://")) else None


def read_tags(draft: Draft) -> tuple[str, ...]:
    """Tags that the page shows: link texts of blocks dropped as tags, or what follows the label."""
    found: dict[str, None] = {}
    for i in draft.dropped("tags"):
        linked = [anchor.text for anchor in draft.blocks[i].anchors]
        for text in linked or _listed(draft.phrases(i).rest):
            tag = text.strip(" #,，、")
            if tag and not draft.vocabulary.read(tag).whole:
                found.setdefault(tag)
    return tuple(found)


def _listed(text: str) -> list[str]:
    return [part for part in re.split(r"\s*[,，、;；|\n]\s*|\u3000+|\s{2,}", text) if part]


def read_breadcrumbs(draft: Draft) -> tuple[str, ...]:
    """The longest visible trail, outermost first, without the page itself."""
    titles = {bare(title) for title in draft.titles if title}
    trails: list[list[str]] = [[]]
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
    steps = tuple(step for step in best if bare(step) and bare(step) not in titles)
    return steps if len(best) > 1 else ()


def _is_trail(block: Block) -> bool:
    """Whether the list that a step stands in is named a trail, as menus are not."""
    named = token_reason(block.node)
    return named is not None and named[0] == "breadcrumb"


def _steps(draft: Draft, i: int, block: Block) -> list[str]:
    """The steps that a block holds: its links, else what stands between the signs."""
    linked = [anchor.text for anchor in block.anchors if anchor.text]
    if linked:
        return linked
    if not TRAIL.search(block.text):
        return [] if block.text.endswith((":", "：")) else [block.text]
    head, _, rest = block.text.partition("：" if "：" in block.text else ":")
    labelled = draft.phrases(i).label == "breadcrumb" and rest and not TRAIL.search(head)
    text = rest if labelled else block.text
    return [step for step in TRAIL.split(text.strip()) if step]
