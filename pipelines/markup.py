"""What tags and attributes say of the text inside them."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import Any

from lxml import etree

from pipelines.blocks import Zone

BLOCK_TAGS = frozenset(
    "address article aside blockquote body button caption center dd details dialog dir div dl "
    "dt fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr "
    "html label legend li main menu nav ol p pre search section summary table tbody td tfoot "
    "th thead tr ul".split()
)
# Never visible, or not text: what a browser without a mouse would not read out. `rt` is how the
# characters before it are pronounced, `annotation` a formula's source.
SKIP_TAGS = frozenset(
    "script style noscript template svg canvas iframe object embed applet audio video head "
    "title meta link select option optgroup datalist textarea input map area track "
    "param progress meter noframes base rp rt rtc annotation annotation-xml".split()
)
# What an element is to the walk.
SKIP, BREAK, IMAGE, PLAIN, BLOCK, LINK, BOLD, QUOTE, TIME = range(9)
# Comments and instructions have functions as their tags.
KINDS: dict[Any, int] = {
    etree.Comment: SKIP,
    etree.ProcessingInstruction: SKIP,
    etree.Entity: SKIP,
    **dict.fromkeys(SKIP_TAGS, SKIP),
    **dict.fromkeys(BLOCK_TAGS, BLOCK),
    "br": BREAK,
    "img": IMAGE,
    "amp-img": IMAGE,
    "a": LINK,
    "b": BOLD,
    "strong": BOLD,
    "q": QUOTE,
    "time": TIME,
}
HEADINGS = {f"h{n}": n for n in range(1, 7)}
ZONES = {
    "nav": Zone.NAV,
    "header": Zone.HEADER,
    "footer": Zone.FOOTER,
    "aside": Zone.ASIDE,
    "form": Zone.FORM,
    "article": Zone.ARTICLE,
    "main": Zone.MAIN,
    "figure": Zone.FIGURE,
    "figcaption": Zone.CAPTION,
    "caption": Zone.CAPTION,
    "blockquote": Zone.QUOTE,
    "button": Zone.BUTTON,
    "dialog": Zone.DIALOG,
    "ul": Zone.LIST,
    "ol": Zone.LIST,
    **dict.fromkeys(HEADINGS, Zone.HEADING),
}
ROLES = {
    "navigation": Zone.NAV,
    "banner": Zone.HEADER,
    "contentinfo": Zone.FOOTER,
    "complementary": Zone.ASIDE,
    "main": Zone.MAIN,
    "article": Zone.ARTICLE,
    "search": Zone.FORM,
    "dialog": Zone.DIALOG,
    "alertdialog": Zone.DIALOG,
    "tabpanel": Zone.PANEL,
}
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
BLOCK_STYLE = re.compile(r"display\s*:\s*(?:block|flex|grid|table|list-item)", re.I)
BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.I)
COMMENT_TOKENS = re.compile(
    r"(?:^|[\s_-])(?:comments?|commentlist|comment-?(?:list|area|section|thread|body|content)|"
    r"respond|disqus\w*)(?:$|[\s_-])"
)
# Nothing below a page's own frame is a comment section: WordPress puts "comments-open" on <body>.
COMMENT_NOT = re.compile(
    r"comments?-(?:open|closed|on|off|enabled|disabled|count|link)|no-comments?"
)


def declared(tag: str, attributes: list[tuple[str, str]]) -> tuple[str, int]:
    """Class and id as one string in lower case, and the zones that tag and attributes declare."""
    zone = ZONES.get(tag, 0)
    css = ident = ""
    for name, value in attributes:
        if name == "class":
            css = value
        elif name == "id":
            ident = value
        elif name == "style":
            if HIDDEN_STYLE.search(value):
                zone |= Zone.HIDDEN
        elif name == "hidden":
            zone |= Zone.HIDDEN
        elif name == "role":
            zone |= ROLES.get(value, 0)
        elif name == "aria-expanded":
            if tag == "button" or ("role", "button") in attributes:
                zone |= Zone.OPENER
        elif (name == "aria-label" or name == "itemtype") and "readcrumb" in value:
            ident += " breadcrumb"  # what assistive technology is told, where no class says it
    if not css and not ident:
        return "", zone
    tokens = f"{css} {ident}".lower()
    if "omment" in tokens or "respond" in tokens or "disqus" in tokens:
        zone |= comment_zone(tokens, tag)
    return tokens, zone


@lru_cache(maxsize=4096)
def comment_zone(tokens: str, tag: str) -> int:
    """The zone of a container whose class or id says that it holds readers' comments."""
    if tag in ("body", "html", "article", "main") or COMMENT_NOT.search(tokens):
        return 0
    return Zone.COMMENTS if COMMENT_TOKENS.search(tokens) else 0


def inline_kind(element: Any, kind: int) -> int:
    """What an element that is no block by its tag is by its style."""
    style = element.get("style")
    if style and kind != LINK:
        if BLOCK_STYLE.search(style):
            return BLOCK
        if BOLD_STYLE.search(style):
            return BOLD
    return kind


# Some server frameworks wrap the whole page in one form: more text elements than any form has.
FORM_TEXTS = 6


def holds_page(form: Any) -> bool:
    """Whether a form wraps the page instead of asking for something."""
    texts = form.iter("p", "h1", "h2", "article", "main")
    return sum(1 for _ in islice(texts, FORM_TEXTS)) == FORM_TEXTS
