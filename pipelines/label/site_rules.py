"""What the description of a site says goes before every other rule."""

from __future__ import annotations

from pipelines.blocks import Zone
from pipelines.label.draft import Draft

SITE_RULE = "site-rule"
EITHER = Zone.SITE_DROP | Zone.SITE_KEEP


def heed_site(draft: Draft) -> None:
    """What the site drops or keeps has its verdict from the start, and no rule changes it."""
    if _described(draft):
        for i, block in enumerate(draft.blocks):
            if block.zone & EITHER:
                keep = bool(block.zone & Zone.SITE_KEEP)
                draft.fix(i, None if keep else SITE_RULE, SITE_RULE)


def obey_site(draft: Draft) -> None:
    """What holds fields, or stands outside the site's own article element, is read by the rules
    like the rest, and dropped where none of them gave a reason."""
    if not _described(draft):
        return
    has_body = any(block.zone & Zone.SITE_BODY for block in draft.blocks)
    for i, block in enumerate(draft.blocks):
        no_text = block.zone & Zone.SITE_FIELD or (has_body and not block.zone & Zone.SITE_BODY)
        if no_text and not block.zone & EITHER and draft.reason(i) is None:
            draft.fix(i, SITE_RULE, SITE_RULE)


def _described(draft: Draft) -> bool:
    """Whether the page was cut with a site's description at hand: the root says so to all."""
    return bool(draft.blocks and draft.blocks[0].zone & Zone.SITE)
