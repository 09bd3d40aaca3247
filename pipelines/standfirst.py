"""The line right under the headline that sums the article up, where a page has no other summary."""

from __future__ import annotations

import re

from pipelines.blocks import Zone
from pipelines.label import Draft
from pipelines.phrases import squash

# Names that templates give to a standfirst, in class or id.
_NAMED = re.compile(
    r"(?:^|[\s_-])(?:stand-?first|sub-?title|sub-?head(?:line)?|deck|dek|lede?|lead|teaser|"
    r"vorspann|chapo|bajada|entradilla|sommario|ingress)(?:$|[\s_-]+(?:text|paragraph)?)"
)
# Blocks below the headline in which it stands: a byline and a date may come between.
_BELOW = 5
# A sentence or two (weighted characters).
_LEAST, _MOST = 25, 600
_BESIDE = Zone.NAV | Zone.FOOTER | Zone.ASIDE | Zone.COMMENTS | Zone.DIALOG | Zone.FORM


def read_standfirst(draft: Draft) -> str | None:
    """The first line under a headline that its template calls a standfirst."""
    if not draft.headlines:
        return None
    start = draft.headlines[0]
    titles = {squash(title) for title in draft.titles}
    for block in draft.blocks[start + 1 : start + 1 + _BELOW]:
        names = block.node.tokens or (block.node.parent.tokens if block.node.parent else "")
        if (
            block.kind in ("p", "h")
            and _LEAST <= block.mass <= _MOST
            and not block.link_mass
            and not block.zone & _BESIDE
            and _NAMED.search(names)
            and squash(block.text) not in titles
        ):
            return " ".join(block.text.split())
    return None
