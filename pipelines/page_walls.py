"""Pages that stand where an article should: errors, consent, log-in and pay walls, empty shells.

Each is told by words and by structure together: words alone are what articles about such pages say
too. All of these pages say little; `wall` is asked only where little text was kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipelines.blocks import Block, Zone
from pipelines.label.draft import Draft, is_prose
from pipelines.label.sections import ELLIPSIS
from pipelines.page_features import SHORT_MASS, TITLE_CUT, Declaration, linked_titles
from pipelines.page_words import PageWords, page_words
from pipelines.vocabulary import squash

# A wall says less than this beside its own words, and an article more (weighted characters).
WALL_MASS = 1500
# An error page, and a robot check, with all that it explains; the beginning of an article before a
# subscription box; a log-in page; the frame around an empty shell (weighted characters).
ERROR_MASS = 1200
STUB_MASS = 600
LOGIN_MASS = 600
SHELL_MASS = 800
EMPTY_MASS = 150
# Running text of its own that no wall has (weighted characters).
OWN_MASS = 300
# All that a page shows behind a question for consent, its links included.
CONSENT_MASS = 6000
CONSENT_LINKS = 15
CONSENT_SHARE = 0.3
# Confidence of a type that words and structure tell together, and of one told by either.
SURE, LIKELY = 0.95, 0.7
# Lines of a box for subscribers stand so near behind the text (blocks), and are so long at most.
BOX_REACH = 8
BOX_MASS = 400
MENUS = Zone.NAV | Zone.FOOTER
# The number of an HTTP error as a whole line; what words stand beside it is in the language files.
ERROR_CODE = re.compile(r"\W*(?:40[0-9]|410|50[0-4])\W*")
# Elements that scripts fill, by the ids that frameworks give them.
SHELL_IDS = frozenset("root app __next __nuxt ___gatsby app-root main-app svelte".split())


@dataclass(frozen=True, slots=True)
class Wall:
    """What stands in the article's place, how sure that is (0 to 1), and why."""

    kind: str
    score: float
    why: str


def wall(draft: Draft, said: Declaration) -> Wall | None:
    """What stands where the article should, if something does."""
    face = _Face(draft, said)
    if face.own > WALL_MASS:
        return None
    return (
        _error(face)
        or _robot(face)
        or _consent(face)
        or _login(face)
        or _paywall(face)
        or _script(face)
    )


def stops_at_box(draft: Draft, said: Declaration) -> bool:
    """Whether the text of an article ends before its end: a box for subscribers follows, or the
    page says that it is not free and the last paragraph is cut off."""
    last = draft.core[1]
    if last < 0:
        return False
    if said.free is False and ELLIPSIS.search(draft.blocks[last].text):
        return True
    return _box_between(draft, last + 1, last + BOX_REACH, page_words(*draft.vocabulary.codes))


def _box_between(draft: Draft, start: int, end: int, words: PageWords) -> bool:
    """Whether a line for subscribers stands between two blocks, in no menu."""
    return any(
        0 < block.mass <= BOX_MASS
        and not block.zone & (MENUS | Zone.HEADER)
        and words.found("paywall", block.text)
        for block in draft.blocks[max(0, start) : end + 1]
    )


class _Face:
    """What a reader sees of a page that says little."""

    def __init__(self, draft: Draft, said: Declaration) -> None:
        self.draft, self.said = draft, said
        self.shown = [b for b in draft.blocks if b.mass and not b.zone & Zone.HIDDEN]
        self.total = sum(block.mass for block in self.shown)
        kept = [b for i, b in enumerate(draft.blocks) if draft.kept(i)]
        self.own = sum(block.mass for block in kept)
        self.prose = [block for block in kept if is_prose(block)]

    @cached_property
    def words(self) -> PageWords:
        return page_words()

    @cached_property
    def lines(self) -> list[Block]:
        """What is no menu and no footer."""
        return [block for block in self.shown if not block.zone & MENUS]

    @cached_property
    def titles(self) -> list[str]:
        """Parts of the title, and the first headings."""
        headings = [b.text for b in self.lines if b.kind == "h" and b.level <= 2][:2]
        return [part for part in (*TITLE_CUT.split(self.said.title), *headings) if part.strip()]

    def named(self, kind: str) -> bool:
        """Whether a title says that the page is of the kind."""
        return any(self.words.names(kind, title) for title in self.titles)

    def prose_without(self, kind: str) -> int:
        """Mass of running text that has no word of the kind."""
        return sum(b.mass for b in self.prose if not self.words.found(kind, b.text))

    def elements(self, *tags: str) -> Iterator[Any]:
        return iter(()) if self.said.root is None else self.said.root.iter(*tags)


def _error(face: _Face) -> Wall | None:
    if face.own >= ERROR_MASS:
        return None
    code = any(ERROR_CODE.fullmatch(title) for title in face.titles)
    if code or face.named("error"):
        return Wall("error", SURE, "the title says that the page was not found, or failed")
    if face.own < OWN_MASS and not linked_titles(face.draft):
        headings = [b for b in face.lines if b.kind == "h" or b.bold]
        if any(face.words.names("error", b.text) for b in headings):
            return Wall("error", LIKELY, "a heading says that the page was not found, or failed")
    return None


def _robot(face: _Face) -> Wall | None:
    if face.own < ERROR_MASS and face.named("robot") and face.total < CONSENT_MASS:
        why = "the site checks whether a person reads it; the text is behind that check"
        return Wall("robot-check", SURE, why)
    return None


def _consent(face: _Face) -> Wall | None:
    """A question for consent or for the reader's age, and nothing of an article behind it."""
    links = sum(bool(block.anchors) for block in face.lines)
    if face.total > CONSENT_MASS or links > CONSENT_LINKS:
        return None
    if _asks_consent(face) and face.prose_without("consent") < OWN_MASS:
        return Wall("consent", SURE, "only a question for consent, and no text behind it")
    if _asks_age(face) and face.prose_without("age") < OWN_MASS:
        return Wall("consent", SURE, "only a question for the reader's age")
    return None


def _asks_consent(face: _Face) -> bool:
    """Whether words for consent, with a button among them, are most of what is shown."""
    asking = [block for block in face.lines if face.words.found("consent", block.text)]
    said = set[str]().union(*(face.words.found("consent", block.text) for block in asking))
    button = any(b.mass < SHORT_MASS and face.words.names("consent", b.text) for b in asking)
    mass = sum(block.mass for block in asking)
    most = mass >= CONSENT_SHARE * face.total or face.total - mass < OWN_MASS
    return len(said) > 1 and button and most


def _asks_age(face: _Face) -> bool:
    """Whether a heading or a short line asks how old the reader is."""
    return any(
        block.mass <= (BOX_MASS if block.kind == "h" else 2 * SHORT_MASS)
        and face.words.found("age", block.text)
        for block in face.lines
    )


def _login(face: _Face) -> Wall | None:
    if face.own >= OWN_MASS:
        return None
    password = any(i.get("type", "").lower() == "password" for i in face.elements("input"))
    named = face.named("login")
    if named and (password or face.total < LOGIN_MASS):
        return Wall("login", SURE if password else LIKELY, "asks the reader to log in")
    if password and face.total < LOGIN_MASS:
        return Wall("login", LIKELY, "hardly more than a form that asks for a password")
    return None


def _paywall(face: _Face) -> Wall | None:
    """The beginning of an article, and a box for subscribers."""
    if face.own >= STUB_MASS or linked_titles(face.draft) > 1:
        return None
    first, last = face.draft.core
    end = last + BOX_REACH if last >= 0 else len(face.draft)
    box = _box_between(face.draft, first + 1, end, face.words)
    closed = face.said.free is False
    why = "only the beginning of the text; the rest is for subscribers"
    if box and (closed or face.prose):
        return Wall("paywall", SURE if closed else LIKELY, why)
    if closed and face.own < OWN_MASS:
        return Wall("paywall", LIKELY, why)
    return None


def _script(face: _Face) -> Wall | None:
    """A shell that scripts fill."""
    if face.own >= OWN_MASS or face.total >= SHELL_MASS:
        return None
    noscript = " ".join(element.text_content() for element in face.elements("noscript"))
    if face.words.found("script", noscript) or any(
        face.words.found("script", block.text) for block in face.lines
    ):
        why = "the text comes only when a browser runs the page's scripts (JavaScript)"
        return Wall("script-only", SURE, why)
    if face.total < EMPTY_MASS and any(True for _ in face.elements("script")):
        shells = (e for e in face.elements("div", "main", "app-root") if _is_shell(e))
        if next(shells, None) is not None:
            why = "an empty frame that the page's scripts (JavaScript) fill in a browser"
            return Wall("script-only", LIKELY, why)
    return None


def _is_shell(element: Any) -> bool:
    named = element.tag == "app-root" or squash(element.get("id") or "") in SHELL_IDS
    return named and not element.text_content().strip()
