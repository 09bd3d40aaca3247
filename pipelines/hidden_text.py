"""The article in a page that does not show it: linked data, page state, `<noscript>`, `<template>`.

Looked for only where the visible text is missing or cut off, and used only where most of it is not
visible anyway, so that nothing comes out twice. What is found goes through the same steps as a
page: its blocks get verdicts with reasons, and the audit trail holds what was dropped from it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

from lxml import etree, html

from pipelines.label import Draft
from pipelines.label.draft import is_prose
from pipelines.label.tokens import family_of
from pipelines.measure import CJK_WEIGHT, squeeze, weigh
from pipelines.metadata import Metadata
from pipelines.page_state import Budget, parse, states
from pipelines.rich_text import MARKUP, TITLES, is_text, write
from pipelines.vocabulary import squash
from pipelines.warning_codes import FROM_JSON_LD, FROM_NOSCRIPT, FROM_STATE, FROM_TEMPLATE

# Less kept text than this is a stub: the states of the page are read (weighted characters). The
# beginnings that paywalls and "read more" buttons leave are some paragraphs.
STUB_MASS = 2_000
# Less kept text than this is no article, as in `page_type`: noscript and templates are read too.
MISSING_MASS = 300
# A hidden text is the fuller one if it is so many times what was kept …
FULLER = 2.0
# … and this share of its sentences at most is visible anywhere on the page: a page that shows more
# than half of a text has not cut it off, whatever the labels made of it.
VISIBLE_SHARE = 0.5
# Sentences shorter than this recur by chance (characters).
SENTENCE = 20
# So much of the beginning of a text tells it from others (characters).
BEGINNING = 40
# A note, a tooltip or a message that scripts are needed is shorter (weighted characters).
INERT_MASS = 1_000
# Letters for each white space in prose; addresses and keys have more. German comes to 7.
WORD_LETTERS = 14
# Mark-up tells paragraphs apart, a plain text of the same article often does not.
MARKUP_BONUS = 1.3
# A text that no title ties to the page must be so much longer than the next one.
DOMINANT = 3.0
# How far above a text the title of the same thing may stand, and what is walked through.
TITLE_REACH = 5
MOST_VALUES = 300_000
MOST_DEPTH = 100
# A title that another one holds must say something (characters).
TITLE_CHARS = 12

_TAG = re.compile(r"<[^<>]*>")
_SENTENCES = re.compile(r"(?<=[.!?。！？؟।])\s*|\n+")
_WORDS = re.compile(r"[^\W_]+")
_RUN = re.compile(r"[^\W_]+(?: [^\W_]+)*")
_CODE = re.compile(r"[{};=<>\\|]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Keys under which a state keeps something else, besides the names that page sections go by.
_OTHERS = re.compile(
    r"^(?:i18n|l10n|locales?|messages?|translations?|dictionary|strings|labels|config|settings|"
    r"query|variables|seo|schema|json-?ld|structured-?data|excerpt|summary|description|teasers?|"
    r"top|(?:search|latest|more|next|prev|previous|other|suggested|most|top)-.*)$"
)
_OTHER_FAMILIES = frozenset(
    "cookie breadcrumb toc newsletter related author-bio prev-next comments login ad promo"
    " disclaimer copyright references footer nav".split()
)
_SPACES: Any = etree.XPath("//noscript | //template")
_SHOWN: Any = etree.XPath(".//text()[not(ancestor::script or ancestor::style)]")


@dataclass(frozen=True, slots=True)
class Hidden:
    """A text that the page holds and does not show."""

    source: str
    """the warning code"""
    text: str
    markup: bool
    mass: int
    title: str | None = None
    """the title of the same thing, where the page's state has it"""


def find_hidden(root: Any, draft: Draft, metadata: Metadata) -> Hidden | None:
    """The fuller text of the article, if the labelled blocks are none or cut off."""
    kept = sum(b.mass for i, b in enumerate(draft.blocks) if b.kind != "h" and draft.kept(i))
    found: list[Hidden] = []
    declared = metadata.article_body
    if declared and CJK_WEIGHT * len(declared) >= max(MISSING_MASS, FULLER * kept):
        found.append(hidden(FROM_JSON_LD, declared))
    if kept < MISSING_MASS or (kept < STUB_MASS and _is_repeated(root, draft)):
        state = read_states(root, metadata.titles)
        found += [state] if state else []
    if kept < MISSING_MASS:
        found += _inert(root)
    least = max(MISSING_MASS, FULLER * kept)
    found = [text for text in found if text.mass >= least]
    if not found:
        return None
    best = max(found, key=lambda text: text.mass * (MARKUP_BONUS if text.markup else 1))
    return None if _is_visible(best, draft) else best


def _is_repeated(root: Any, draft: Draft) -> bool:
    """Whether a script holds the beginning of the kept text: what was cut off goes on there."""
    kept = (b.text for i, b in enumerate(draft.blocks) if draft.kept(i) and is_prose(b))
    first = next(kept, "")[: 10 * BEGINNING]
    run = max(_RUN.findall(first), key=len, default="")[:BEGINNING]
    forms = {run, json.dumps(run)[1:-1]}
    if len(run) < SENTENCE / CJK_WEIGHT:
        return False
    texts = (script.text for script in root.iter("script"))
    return any(form in text for text in texts if text for form in forms)


def hidden(source: str, text: str, title: str | None = None) -> Hidden:
    """A text, its mark-up unescaped where it was escaped once more."""
    if "&lt;" in text and not MARKUP.search(text):
        text = unescape(text)
    markup = bool(MARKUP.search(text))
    if not markup and "&" in text:
        text = unescape(text)
    plain = _TAG.sub(" ", text) if markup else text
    return Hidden(source, text, markup, weigh(squeeze(plain)), title)


def _is_visible(text: Hidden, draft: Draft) -> bool:
    """Whether the page shows most of a text's sentences."""
    shown = _letters(" ".join(block.text for block in draft.blocks))
    plain = unescape(_TAG.sub("\n", text.text)) if text.markup else text.text
    sentences = [s for part in _SENTENCES.split(plain) if len(s := _letters(part)) >= SENTENCE]
    total = sum(map(len, sentences))
    return sum(len(s) for s in sentences if s in shown) > VISIBLE_SHARE * total


def _letters(text: str) -> str:
    return "".join(_WORDS.findall(text.casefold()))


def _inert(root: Any) -> Iterator[Hidden]:
    """The contents of `<noscript>` and of templates that no script has filled."""
    for element in _SPACES(root):
        text = squeeze(" ".join(_SHOWN(element)))
        mass = weigh(text)
        if mass < INERT_MASS or "{{" in text:
            continue
        source = FROM_NOSCRIPT if element.tag == "noscript" else FROM_TEMPLATE
        children = (html.tostring(child, encoding="unicode") for child in element)
        markup = escape(element.text or "", quote=False) + "".join(children)
        # What is escaped in a noscript is mark-up that some parser took for text.
        yield hidden(source, markup) if MARKUP.search(text) else Hidden(source, markup, True, mass)


def read_states(root: Any, titles: Sequence[str]) -> Hidden | None:
    """The text of the page's own article in the data that it carries for its scripts."""
    budget = Budget()
    known = [squash(title) for title in titles if title]
    found = [text for state in states(root, budget) for text in _texts(state, known, budget)]
    titled = [text for text in found if text.titled]
    ranked = sorted(titled or (text for text in found if text.title), key=_rank, reverse=True)
    if not ranked or any(_rivals(ranked[0], other) for other in ranked[1:]):
        return None
    best = ranked[0]
    return hidden(FROM_STATE, best.text, best.title)


@dataclass(frozen=True, slots=True)
class StateText:
    """A text in a state, and where it stands there."""

    text: str
    mass: int
    path: tuple[str, ...]
    """keys from the outside in, `*` for a place in a list"""
    title: str | None
    titled: bool
    """the thing that it belongs to has the page's title"""


def _rank(text: StateText) -> float:
    return text.mass * (MARKUP_BONUS if MARKUP.search(text.text) else 1)


def _rivals(best: StateText, other: StateText) -> bool:
    """Whether another text speaks against the longest: it is an entry of the same list.

    Without the page's title to tell, it is enough that it is about as long and not the same thing
    in another form, which stands beside it.
    """
    if "*" in best.path and (best.path == other.path or not best.titled):
        return best.text != other.text
    beside = best.path[:-1] == other.path[:-1]
    return not (best.titled or beside) and best.mass < DOMINANT * other.mass


def _texts(state: Any, known: Sequence[str], budget: Budget) -> Iterator[StateText]:
    """The texts in a state that are long enough for an article, and not named as something else."""
    stack: list[tuple[Any, tuple[str, ...], str | None, int]] = [(state, (), None, 0)]
    for _ in range(MOST_VALUES):
        if not stack:
            return
        value, path, title, above = stack.pop()
        if isinstance(value, str):
            if text := _prose(value):
                yield _state_text(text, path, title, known)
            elif value[:1] in "{[" and (inner := parse(value, budget)) is not None:
                stack.append((inner, path, title, above))
        elif is_text(value) and (text := _prose(write(value))):
            yield _state_text(text, path, title, known)
        elif len(path) < MOST_DEPTH and isinstance(value, dict):
            own = _title(value)
            reach = 0 if own else above + 1
            title = own or (title if reach <= TITLE_REACH else None)
            named = [key for key in reversed(value) if not _is_other(key)]
            stack += [(value[key], (*path, key), title, reach) for key in named]
        elif len(path) < MOST_DEPTH and isinstance(value, list):
            stack += [(inner, (*path, "*"), title, above) for inner in reversed(value)]


def _state_text(
    text: str, path: tuple[str, ...], title: str | None, known: Sequence[str]
) -> StateText:
    said = squash(title or "")
    titled = bool(said) and any(
        said == name
        or (min(len(said), len(name)) >= TITLE_CHARS and (said in name or name in said))
        for name in known
    )
    return StateText(text, weigh(squeeze(_TAG.sub(" ", text))), path, title, titled)


def _prose(text: str) -> str | None:
    """A string that is long enough for an article, and neither code nor data."""
    if len(text) * 2.5 < MISSING_MASS or text[:1] in "{[":
        return None
    if "&lt;" in text and not MARKUP.search(text):
        text = unescape(text)
    plain = squeeze(_TAG.sub(" ", text) if MARKUP.search(text) else text)
    if weigh(plain) < MISSING_MASS or len(_CODE.findall(plain)) > len(plain) / 100:
        return None
    spaces = plain.count(" ") + 1
    return text if weigh(plain) > len(plain) or len(plain) < WORD_LETTERS * spaces else None


def _title(value: dict[str, Any]) -> str | None:
    """The title that a thing has of its own: a string, or `{"rendered": "…"}`."""
    for key in (*TITLES, "name"):
        title = value.get(key)
        if isinstance(title, dict):
            title = next((part for part in title.values() if isinstance(part, str)), None)
        if isinstance(title, str) and 0 < len(title) <= 500:
            return unescape(_TAG.sub("", title))
    return None


def _is_other(key: str) -> bool:
    """Whether a key names something else than the text: related pages, comments, messages."""
    word = _CAMEL.sub("-", key[:60]).lower().replace("_", "-").strip("-")
    return bool(_OTHERS.match(word)) or family_of(word) in _OTHER_FAMILIES


def joined(draft: Draft, inner: Draft, text: Hidden) -> Draft:
    """One sheet for the page's blocks and those of its hidden text, each with its verdict.

    Visible copies of the hidden text are dropped as `duplicate`, what else was kept as `other`,
    unless it stands ahead of such a copy: then it introduces the text.
    """
    plain = _TAG.sub(" ", text.text) if text.markup else text.text
    letters = _letters(unescape(plain))
    kept = [i for i in range(len(draft)) if draft.kept(i)]
    copies = {i for i in kept if _letters(draft.blocks[i].text)[:200].rstrip() in letters}
    first = min(copies, default=-1)
    for i in kept:
        if i in copies:
            draft.drop(i, "duplicate", "hidden-copy")
        elif i > first:
            draft.drop(i, "other", "hidden-text-instead")
    place = max(kept, default=_headline(draft)) + 1
    blocks = [*draft.blocks[:place], *inner.blocks, *draft.blocks[place:]]
    scores = [*draft.scores[:place], *inner.scores, *draft.scores[place:]]
    whole = type(draft)(blocks, scores, inner.vocabulary, draft.titles, draft.people)
    whole.verdicts[:] = [*draft.verdicts[:place], *inner.verdicts, *draft.verdicts[place:]]
    whole.bylines[:] = [*draft.bylines, *inner.bylines]
    whole.lines_of_people = draft.lines_of_people + inner.lines_of_people
    whole.portraits[:] = [*draft.portraits, *inner.portraits]
    return whole


def _headline(draft: Draft) -> int:
    """The last place where the headline is printed; the page's last block without one."""
    return max((i for i in range(len(draft)) if draft.reason(i) == "headline"), default=len(draft))
