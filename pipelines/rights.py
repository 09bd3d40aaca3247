"""Whose the article is, and what others may do with it, as the page shows and declares it."""

from __future__ import annotations

import re

from pipelines.addresses import absolute
from pipelines.blocks import Block
from pipelines.label.draft import LABEL_MASS, NOTICE_MASS, Draft
from pipelines.licences import licence_address, licences_named
from pipelines.metadata import Metadata

COPYRIGHT = re.compile(r"©|\(c\)\s*(?:19|20)\d\d|copyright|版权|版權|著作権|저작권|ⓒ|copr\.", re.I)
COPYRIGHT_SIGNS = ("©", "ⓒ", "(c)", "copyright", "版权", "版權", "著作権", "저작권", "copr.")
# The sign, or the word for it, and the year, beside each other.
DATED = re.compile(
    r"(?:©|ⓒ|\(c\)|copyright|版权所有|版權所有|copr\.)[^\n]{0,80}(?:19|20)\d\d|"
    r"(?:19|20)\d\d[^\n]{0,40}(?:©|\(c\))",
    re.I,
)
# A notice longer than this is the site's terms, not the article's rights (characters).
RIGHTS_CHARS = 300
# Lines with other people's rights, and readers'.
OTHERS = frozenset(("caption", "related", "comments", "references", "headline", "prev-next"))
# What separates a notice from the links of the footer behind it.
SEPARATORS = " |·•,;–—-/"
# A licence is spoken of where a line that names one has such a word.
LICENSED = re.compile(
    r"licen[sc]|lizenz|licenza|licenç|licencia|лиценз|许可|許可|ライセンス|라이선스|"
    r"creative commons|©|copyright|reuse|republish",
    re.I,
)


def read_rights(draft: Draft, metadata: Metadata) -> str | None:
    """The copyright notice: the one that linked data calls so, else the line that the page shows,
    else what its meta tags and linked data say of the holder."""
    if "copyrightNotice" in metadata.sources.get("rights", ""):
        return metadata.rights
    return _shown_notice(draft) or metadata.rights


def _shown_notice(draft: Draft) -> str | None:
    """The shortest line outside the article that reads as a copyright notice, one with a sign and
    a year before any other."""
    lines = "\n".join(
        _without_links(draft, block)
        for i, block in enumerate(draft.blocks)
        if block.mass and not draft.kept(i) and not _others(draft, i)
    )
    found = [line for line in _lines_with_signs(lines) if COPYRIGHT.search(line)]
    dated = [line for line in found if DATED.search(line)]
    marked = [
        line for line in found if "©" in line or "ⓒ" in line or re.search(r"(?:19|20)\d\d", line)
    ]
    return min(dated or marked or found, key=len, default=None)


def _without_links(draft: Draft, block: Block) -> str:
    """The text of a block less the links of a footer behind the notice in it."""
    text = block.text
    if not block.anchors or len(text) > 4 * RIGHTS_CHARS or not COPYRIGHT.search(text):
        return text
    for anchor in block.anchors:
        at = text.find(anchor.text) if anchor.text else -1
        if at > 0 and draft.vocabulary.read(anchor.text).whole and COPYRIGHT.search(text[:at]):
            return text[:at].rstrip(SEPARATORS)
    return text


def _lines_with_signs(lines: str) -> list[str]:
    """The lines, no longer than a notice, in which something of `COPYRIGHT` may stand.

    Looked for as plain strings: ten times as fast as the expression.
    """
    lowered = lines.lower()
    if len(lowered) != len(lines):  # a letter that has two in lower case
        return [line for line in lines.split("\n") if len(line) <= RIGHTS_CHARS]
    spans: set[tuple[int, int]] = set()
    for sign in COPYRIGHT_SIGNS:
        at = lowered.find(sign)
        while at >= 0:
            end = lines.find("\n", at)
            end = len(lines) if end < 0 else end
            spans.add((lines.rfind("\n", 0, at) + 1, end))
            at = lowered.find(sign, end)
    return [lines[a:b] for a, b in sorted(spans) if b - a <= RIGHTS_CHARS]


def read_license(draft: Draft, metadata: Metadata, base_url: str | None) -> str | None:
    """The licence: as declared, else the one that a line outside the text links to or names.

    Creative Commons licences as addresses in one spelling. None where lines name several.
    """
    if metadata.license:
        return _in_one_spelling(metadata.license, base_url)
    shown: dict[str, None] = {}
    for i, block in enumerate(draft.blocks):
        if 0 < block.mass <= NOTICE_MASS and _may_license(draft, i):
            shown.update(dict.fromkeys(_licences(block)))
    return next(iter(shown)) if len(shown) == 1 else None


def _in_one_spelling(stated: str, base_url: str | None) -> str:
    named = licences_named(stated) if len(stated) <= RIGHTS_CHARS else ()
    if found := licence_address(stated) or (named[0] if len(named) == 1 else None):
        return found
    addressed = stated.startswith(("http", "/", ".")) and " " not in stated
    return (absolute(base_url, stated) or stated) if addressed else stated


def _may_license(draft: Draft, i: int) -> bool:
    """Whether a block may speak for the whole article: behind its text, or outside of it."""
    if not draft.kept(i):
        return not _others(draft, i)
    return i >= draft.core[1] and draft.blocks[i].mass <= LABEL_MASS


def _others(draft: Draft, i: int) -> bool:
    """Whether a rule says that a line is not the page's own; scores alone cannot tell."""
    verdict = draft.verdicts[i]
    return verdict.reason in OTHERS and not (
        verdict.reason == "related" and verdict.rule == "score"
    )


def _licences(block: Block) -> list[str]:
    addresses = [a.href for a in block.anchors if "ommons.org/" in a.href]
    linked = [found for address in addresses if (found := licence_address(address))]
    text = block.text.lower()
    # Plain strings first: most lines have neither.
    if linked or not ("cc" in text or "creative" in text) or not LICENSED.search(text):
        return linked
    return list(licences_named(block.text))
