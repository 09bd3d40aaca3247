"""Sections behind the article's text that are none of it: about the site, links to other pages."""

from __future__ import annotations

import re

from pipelines.blocks import Block
from pipelines.label.draft import Draft
from pipelines.label.sections import CITED_FROM, NOTICE_BLOCKS
from pipelines.vocabulary import squash

# From this share of linked text on, a section is a list of other pages; together such sections are
# a small part of the article, or they are what it is about.
LINKED, LINKED_PART = 0.6, 0.2
# Between headline and site name in a title.
SEPARATOR = re.compile(r"\s+[-–—|•·»:]+\s+|\s*[|_｜]\s*")
# A site's name is no shorter than this, and an "About the" before it no longer (characters).
NAME_CHARS, ABOUT_CHARS = 4, 10
# A heading, or a bold line that acts as one (weighted characters).
HEADING_MASS = 120


def drop_about_site(draft: Draft) -> None:
    """A heading that is hardly more than the site's name, near the end, and the notice below it."""
    _, last = draft.core
    names = _site_names(draft.titles)
    if not names:
        return
    for i in draft.region:
        if i < CITED_FROM * last or not draft.kept(i) or not _is_about(draft.blocks[i], names):
            continue
        below = _notice(draft, i)
        for j in (i, *below) if below else ():
            draft.drop(j, "promo", "about-site")


def _site_names(titles: tuple[str, ...]) -> frozenset[str]:
    """What one title of the page has behind another: " - Riverside Health"."""
    found = set[str]()
    told = [squash(title) for title in titles if title]
    for short in told:
        for long in told:
            if long != short and long.startswith(short):
                found.update(SEPARATOR.split(long[len(short) :]))
    return frozenset(name for name in found if len(name) >= NAME_CHARS)


def _is_about(block: Block, names: frozenset[str]) -> bool:
    heading = block.kind == "h" or (block.bold and block.kind == "p")
    if not heading or block.mass > HEADING_MASS:
        return False
    text = squash(block.text)
    return any(text.endswith(name) and len(text) - len(name) <= ABOUT_CHARS for name in names)


def _notice(draft: Draft, i: int) -> list[int]:
    """The few paragraphs below a heading, if it is the last one above kept text."""
    below = []
    for j in range(i + 1, len(draft)):
        if draft.kept(j):
            if draft.blocks[j].kind == "h":
                return []
            below.append(j)
    return below if len(below) <= NOTICE_BLOCKS else []


def drop_link_sections(draft: Draft) -> None:
    """Headings behind the last running text with nothing but links below: lists of other pages."""
    _, last = draft.core
    found: list[int] = []
    for i in range(last + 1, len(draft)):
        if draft.blocks[i].kind == "h" and draft.kept(i):
            below = _kept_below(draft, i)
            mass = sum(draft.blocks[j].mass for j in below)
            if below and sum(draft.blocks[j].link_mass for j in below) >= LINKED * mass:
                found += [i, *below]
    whole = sum(block.mass for i, block in enumerate(draft.blocks) if draft.kept(i))
    if sum(draft.blocks[i].mass for i in found) <= LINKED_PART * whole:
        for i in found:
            draft.drop(i, "related", "links-below")


def _kept_below(draft: Draft, i: int) -> list[int]:
    below = []
    for j in range(i + 1, len(draft)):
        if draft.kept(j):
            if draft.blocks[j].kind == "h":
                break
            below.append(j)
    return below
