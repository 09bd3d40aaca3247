"""What scores miss inside the article: the standfirst, and blocks between kept ones."""

from __future__ import annotations

from itertools import pairwise

from pipelines.blocks import Block, Node, Zone
from pipelines.label.draft import Draft, is_prose, within
from pipelines.label.headlines import headline
from pipelines.label.tokens import token_reason

# Between kept text of one container, a block needs this little to be kept (probability).
GAP_SCORE = 0.1
# More dropped blocks in a row than this are a box of their own, not a gap.
GAP_BLOCKS = 14
# Where this share of a gap is running text, it is a part of the article that the tables have
# misjudged as a whole: then any length, and almost any score, will do.
GAP_PROSE = 0.3
LEAST_SCORE = 0.03
# More links than this share, or a line or button that asks for something, make it a box.
GAP_LINKS = 0.2
ASKING = frozenset(("newsletter", "promo", "ad", "login", "cookie", "rating", "comments"))
CONTROLS = Zone.FORM | Zone.BUTTON
# Containers further up hold more than the article.
CONTAINER_LEVELS = 7
# A standfirst is a sentence or two (weighted characters).
STANDFIRST_LEAST, STANDFIRST_MOST = 25, 600
SENTENCE_END = tuple('.!?…。！？؟।»”"')
ASIDE = (
    Zone.NAV | Zone.FOOTER | Zone.ASIDE | Zone.COMMENTS | Zone.DIALOG | Zone.BUTTON | Zone.CAPTION
)


def fill_gaps(draft: Draft) -> None:
    """Blocks between kept ones, in a container that holds both, that nothing speaks against."""
    kept = [i for i, verdict in enumerate(draft.verdicts) if verdict.keep]
    for before, after in pairwise(kept):
        if after == before + 1:
            continue
        gap = [i for i in range(before + 1, after) if draft.blocks[i].mass]
        if not gap or not _worth(draft, gap):
            continue
        least = GAP_SCORE if _prose_share(draft, gap) < GAP_PROSE else LEAST_SCORE
        if least == GAP_SCORE and len(gap) > GAP_BLOCKS:
            continue
        ends = (draft.blocks[before].node, draft.blocks[after].node)
        for i in gap:
            if _fits(draft, i, least) and _shares_container(draft.blocks[i], ends):
                draft.keep(i, "gap")


def _worth(draft: Draft, gap: list[int]) -> bool:
    """Whether the gap reads like text as a whole: hardly any links, and nothing named by a rule."""
    mass = sum(draft.blocks[i].mass for i in gap)
    linked = sum(draft.blocks[i].link_mass for i in gap)
    asking = any(draft.reason(i) in ASKING or draft.blocks[i].zone & CONTROLS for i in gap)
    return linked <= GAP_LINKS * mass and not asking


def _prose_share(draft: Draft, gap: list[int]) -> float:
    """Share of the gap's text that reads like running text."""
    mass = sum(draft.blocks[i].mass for i in gap)
    return sum(draft.blocks[i].mass for i in gap if is_prose(draft.blocks[i])) / mass


def _fits(draft: Draft, i: int, least: float) -> bool:
    block = draft.blocks[i]
    if draft.reason(i) is not None or draft.scores[i] < least or block.zone & ASIDE:
        return False
    if not any(map(str.isalpha, block.text)) or _below_picture(draft, i):
        return False
    if block.link_share > 0.3 or draft.phrases(i).opens or draft.phrases(i).contains:
        return False
    named = token_reason(block.node)
    return named is None or named[0] in ("nav", "date")


def _below_picture(draft: Draft, i: int) -> bool:
    """Whether a line stands right below a picture: then it is its caption, if it is no text."""
    return i > 0 and draft.blocks[i - 1].kind == "image" and not is_prose(draft.blocks[i])


def _shares_container(block: Block, ends: tuple[Node, Node]) -> bool:
    """Whether a container a few levels up holds the block and one of the ends, but not the page."""
    node: Node | None = block.node
    for _ in range(CONTAINER_LEVELS):
        node = node.parent if node else None
        if node is None or node.tag in ("body", "html", "root"):
            return False
        if any(within(end, node) for end in ends):
            return True
    return False


def keep_standfirst(draft: Draft) -> None:
    """A sentence or two between the headline and the text: the article's own summary."""
    start = headline(draft)
    if start is None:
        return
    first, _ = draft.core
    for i in range(start + 1, first):
        block = draft.blocks[i]
        if (
            STANDFIRST_LEAST <= block.mass <= STANDFIRST_MOST
            and not draft.kept(i)
            and draft.reason(i) is None
            and block.kind in ("p", "h")
            and not block.link_mass
            and (block.text.rstrip().endswith(SENTENCE_END) or is_prose(block))
            and not block.zone & (ASIDE | Zone.FORM)
            and not draft.phrases(i).opens
            and not draft.phrases(i).contains
            and (is_prose(block) or _own(block))
        ):
            draft.keep(i, "standfirst")
            return


def _own(block: Block) -> bool:
    named = token_reason(block.node)
    return named is None or named[0] in ("nav", "date")
