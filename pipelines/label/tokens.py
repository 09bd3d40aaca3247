"""Reasons that class and id words name: `class="related-posts"` says what a container is."""

from __future__ import annotations

import re

from pipelines.blocks import Block, Node, Zone

_EDGE = r"(?:^|[\s_-])"
_END = r"(?:$|[\s_-]|s(?:$|[\s_-]))"
# In order of trust: the first that matches the nearest container names the reason.
FAMILIES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (reason, re.compile(f"{_EDGE}(?:{words}){_END}"))
    for reason, words in (
        ("cookie", r"cookie[\w-]*|gdpr|consent|onetrust[\w-]*"),
        ("caption", r"caption(?:-text)?|wp-caption-text|figcaption|photo-?credit|image-?credit|credit|pic-?text|img-?(?:desc|title)"),
        ("breadcrumb", r"breadcrumb[\w-]*|crumb|bread|you-are-here|location-bar"),
        ("toc", r"toc[\w-]*|table-of-contents|in-this-article|page-contents|post-toc"),
        ("newsletter", r"newsletter[\w-]*|subscribe[\w-]*|subscription|sign-?up|optin|mc4wp[\w-]*|mailchimp"),
        ("share", r"share[\w-]*|sharing|social[\w-]*|addtoany|addthis|a2a[\w-]*|sharedaddy|artical-share|bdsharebuttonbox|jiathis[\w-]*"),
        ("related", r"related[\w-]*|recommend(?:ed|ation|ations)?[\w-]*|read-?(?:also|next|more)|also-(?:like|read)|you-may-(?:also-)?like|more-(?:from|articles|stories|posts|news|on)|popular(?:-posts)?|trending|yarpp[\w-]*|jp-relatedposts|outbrain|taboola|crp_related|entry-related|similar[\w-]*|hot-?(?:list|news|articles)|tuijian|xiangguan"),
        ("author-bio", r"author-?(?:bio|box|info|card|description|profile|about|block)|about-?(?:the-)?author|bio(?:-box)?|post-author-box|writer-profile"),
        ("prev-next", r"prev-?next|post-?nav(?:igation)?|nav-?links|article-nav|pagination|pager|page-?nav(?:i)?|nav-(?:previous|next)|navigation-post|pagenavi|prenext|page_fenye"),
        ("tags", r"tags?-?(?:list|links|cloud|container|wrap)?|post-tags|entry-tags|keywords|taxonomy|cat-links|post-categories"),
        ("comments", r"comments?[\w-]*|respond|disqus[\w-]*|comentarios"),
        ("rating", r"ratings?|kk-star-ratings|star-rating|helpful|feedback|was-this-helpful|vote|post-ratings"),
        ("login", r"log-?in|sign-?in|register|account"),
        ("ad", r"ads?|advert[\w-]*|adsense|adsbygoogle|sponsor(?:ed)?|ad-(?:slot|unit|container|wrapper|banner)|banner-ad|guanggao"),
        ("promo", r"promo[\w-]*|cta|call-to-action|callout-cta|upsell"),
        ("disclaimer", r"disclaimer[\w-]*|legal(?:-notice)?|statement|declare"),
        ("copyright", r"copyright[\w-]*|copy-?right|rights"),
        ("byline", r"by-?line[\w-]*|author[s]?|post-author|entry-author|written-by|reviewed-by|post-meta|entry-meta|meta|article-(?:meta|info)|art-?info|postinfo|post-info"),
        ("date", r"date|time|published|updated|post-date|entry-date|pub-?date"),
        ("references", r"references?|citations?|bibliography|footnotes|sources?-list"),
        ("footer", r"footer[\w-]*|foot|site-info|colophon|bottom"),
        ("nav", r"nav[\w-]*|menu[\w-]*|navbar|topbar|masthead|header|top-?bar|skip-?link|sidebar|side-?bar|widget[\w-]*|search[\w-]*"),
    )
)  # fmt: skip
ZONE_REASONS = (
    (Zone.COMMENTS, "comments"),
    (Zone.CAPTION, "caption"),
    (Zone.NAV, "nav"),
    (Zone.FOOTER, "footer"),
    (Zone.HIDDEN, "hidden"),
    (Zone.ASIDE, "related"),
    (Zone.DIALOG, "promo"),
    (Zone.FORM, "other"),
    (Zone.HEADER, "nav"),
)
# Containers further up describe the page, not the block.
LEVELS = 6


def token_reason(node: Node) -> tuple[str, Node] | None:
    """The reason that the nearest telling class or id names, and the container that has it."""
    step: Node | None = node
    for _ in range(LEVELS):
        if step is None or step.tag in ("body", "html", "main", "article"):
            return None
        if step.tokens:
            for reason, pattern in FAMILIES:
                if pattern.search(step.tokens):
                    return reason, step
        step = step.parent
    return None


def zone_reason(block: Block) -> str | None:
    """The reason that the block's semantic ancestors give."""
    return next((reason for zone, reason in ZONE_REASONS if block.zone & zone), None)
