"""What the boilerplate pointed to: previous and next article, related ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipelines.addresses import absolute, parts_of
from pipelines.blocks import Anchor, Node
from pipelines.label.draft import Draft
from pipelines.label.inline import ARROW_BACK, ARROW_ON
from pipelines.label.sections import ELLIPSIS
from pipelines.label.tokens import token_reason
from pipelines.link_kinds import is_list, is_same_article, is_section, is_share
from pipelines.phrases import after, squash
from pipelines.records import Link, Links

# A related title says something; shorter link texts are "More", "1", "Home" (characters).
TITLE_CHARS = 6
MOST_RELATED = 60


@dataclass(frozen=True, slots=True)
class Here:
    """Where the page is, for those who read its links."""

    url: str | None
    base_url: str | None
    root: Any = None
    """the page's tree, for the links in its head"""


PREVIOUS_TOKEN = re.compile(
    r"(?:^|[\s_-])prev(?:ious|-post)?(?:$|[\s_-])|(?:^|[\s_-])older(?:$|[\s_-])"
)
NEXT_TOKEN = re.compile(r"(?:^|[\s_-])next(?:$|[\s_-])|(?:^|[\s_-])newer(?:$|[\s_-])")
# Texts that begin like these lead to something to do, not to read.
BUTTONS = ("share", "login", "comments", "newsletter", "rating", "promo", "footer", "nav")
NEIGHBOURS = ("previous", "next", "related")


def read_links(draft: Draft, page: Here) -> Links:
    """Previous, next and related from the blocks dropped as such; the neighbours that the page
    declares in its head where it shows none."""
    sides: dict[str, Link] = {}
    related: dict[str, Link] = {}
    for i in draft.dropped("prev-next", "related"):
        if draft.reason(i) == "prev-next":
            for side, link in _directed(draft, i, page):
                _add_side(sides, side, link)
        elif len(related) < MOST_RELATED and _recommends(draft, i):
            for link in _titles(draft, i, page):
                key = (link.url or link.title or "").partition("#")[0]
                if key not in related or _names_better(draft, i, related[key], link):
                    related[key] = link
    for side, link in _declared(page):
        sides.setdefault(side, link)
    return Links(sides.get("previous"), sides.get("next"), tuple(related.values()))


def _add_side(sides: dict[str, Link], side: str, link: Link) -> None:
    """Keep the first link of a side; its title may stand in a block of its own."""
    known = sides.get(side)
    if known is None or (known.title is None and known.url in (None, link.url)):
        sides[side] = link


def _names_better(draft: Draft, i: int, known: Link, link: Link) -> bool:
    """Whether a card's heading comes behind another line with the same link."""
    return draft.blocks[i].kind == "h" and known.title != link.title


def _declared(page: Here) -> Iterator[tuple[str, Link]]:
    """Neighbours that the page's head names, unless they are other pages of the same article."""
    head = page.root.find("head") if page.root is not None else None
    for element in () if head is None else head.iter("link"):
        rel = (element.get("rel") or "").lower()
        if "next" not in rel and "prev" not in rel:
            continue
        rels = rel.split()
        side = "next" if "next" in rels else "previous" if {"prev", "previous"} & {*rels} else None
        url = side and _absolute(page, element.get("href") or "")
        if side and url and not is_list(url):
            yield side, Link(" ".join((element.get("title") or "").split()) or None, url)


def _recommends(draft: Draft, i: int) -> bool:
    """Whether a rule or the container's name says that the links are related ones; a score alone
    cannot tell them from the site's other lists."""
    if draft.verdicts[i].rule not in ("score", "list"):
        return True
    named = token_reason(draft.blocks[i].node)
    return named is not None and named[0] == "related"


def _directed(draft: Draft, i: int, page: Here) -> list[tuple[str, Link]]:
    block = draft.blocks[i]
    if not block.anchors:
        # Only plain text names a neighbour without a link; on a page it says that there is none.
        side = _side(draft, i, None) if block.node.tag == "text" else None
        title = _strip_label(draft, i)
        return [(side, Link(title, None))] if side and title else []
    found = []
    for anchor in block.anchors:
        side = _side(draft, i, anchor) or _side_above(draft, i, anchor)
        url = _absolute(page, anchor.href)
        if side and url:
            alone = len(block.anchors) == 1
            title = _unlabelled(draft, anchor.text) or (_strip_label(draft, i) if alone else None)
            found.append((side, Link(title, url)))
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


def _side_above(draft: Draft, i: int, anchor: Anchor) -> str | None:
    """The side that a label in a block of its own, right above a title, names."""
    if i == 0 or draft.reason(i - 1) != "prev-next":
        return None
    if any(other.href != anchor.href for other in draft.blocks[i - 1].anchors):
        return None
    whole = draft.phrases(i - 1).whole
    return whole if whole in ("previous", "next") else None


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


def _titles(draft: Draft, i: int, page: Here) -> list[Link]:
    block = draft.blocks[i]
    if block.anchors:
        return [
            Link(anchor.text, url)
            for anchor in block.anchors
            if _is_title(draft, anchor.text)
            and (url := _absolute(page, anchor.href))
            and not is_list(url)
            and not is_section(url, anchor.text)
        ]
    return [Link(title, None)] if (title := _plain_title(draft, i)) else []


def _is_title(draft: Draft, text: str) -> bool:
    """Whether a link's text may be a title: no "Read more", no "Share this on …"."""
    if len(text) < TITLE_CHARS:
        return False
    said = draft.vocabulary.read(text)
    return not said.whole and said.start not in BUTTONS


def _plain_title(draft: Draft, i: int) -> str | None:
    """A title without a link: in plain text, or behind a label such as "Read also: "."""
    phrases = draft.phrases(i)
    block = draft.blocks[i]
    if phrases.label == "related" and len(phrases.rest) >= TITLE_CHARS:
        return " ".join(phrases.rest.split())
    if phrases.whole or block.node.tag != "text" or ELLIPSIS.search(block.text):
        return None
    return block.text if len(block.text) >= TITLE_CHARS else None


def _absolute(page: Here, href: str) -> str | None:
    """The address of another page that a link leads to."""
    url = absolute(page.base_url, href.strip())
    if not url.lower().startswith(("http://", "https://")):
        return None
    here = page.url or page.base_url
    # Buttons that share lead to other hosts: the search is dear.
    hosts = {parts_of(address).netloc.lower().removeprefix("www.") for address in (url, here)}
    if len(hosts) > 1:
        return None if is_share(url) else url
    return None if is_same_article(url, here) else url
