"""The headline a reader sees, out of the several titles that a page gives.

A page names itself in its `<title>`, in its meta tags, in linked data and in its headings, with
the site's name or a section glued to some of them. What two of them agree on is the headline.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Sequence
from functools import lru_cache

from lxml import html

from pipelines.measure import squeeze
from pipelines.phrases import squash

# Headlines in use are shorter; longer ones are paragraphs in the wrong element.
TITLE_LIMIT = 300
# A first part shorter than this (characters) may be the section, not the headline.
SHORT_PART = 12
# Shares of common words from which a heading is a page's title in almost the same words, and from
# which the only heading is its headline in words of its own: of 22 such headings on labelled pages
# with a share of a third to a half, 15 were the headline and most of the rest could be called so.
ALIKE = 0.5
REPHRASED = 0.35
# A longer heading (characters) is a paragraph in the wrong element.
REPHRASED_MOST = 160

_SEPARATOR = re.compile(
    r"\s+[|·•»«›:~*]+\s+|\s+[-–—]\s+|\s*[|｜_ㅣᅵ│]\s*|\s*::\s*|(?<=[\u3040-\u9fff])\s*[-–—]\s*"
)
_BEFORE_SECTION = re.compile(
    r"\s*[|｜_ㅣᅵ│»·•]\s*$|\s[-–—:/]\s*$|(?<=[\u3040-\u9fff\uac00-\ud7a3])[-–—]$"
)
# A day and a year, as a date in the element of the headline has them.
_DAY = re.compile(r"\d\D.*(?:19|20)\d\d|(?:19|20)\d\d\D+\d")


def clean_title(text: str | None) -> str | None:
    """One line, entities decoded; None where nothing or a paragraph is left."""
    if not text:
        return None
    if "&" in text:
        text = entities.unescape(text)
    if "<" in text:
        text = re.sub(r"</?[a-zA-Z][^<>]*>", "", text)
    text = squeeze(text).strip(" |｜_")
    return text if 1 < len(text) <= TITLE_LIMIT else None


def without_site(title: str, site_names: Sequence[str], others: Sequence[str] = ()) -> str:
    """`title` without the site's name, or a part that no other title has, at either end."""
    for other in others:  # "Headline | Site" beside "Headline": the shorter is the headline
        key, whole = squash(other), squash(title)
        if (
            len(key) >= SHORT_PART
            and key != whole
            and (whole.startswith(key) or whole.endswith(key))
        ):
            rest = whole.removeprefix(key) if whole.startswith(key) else whole.removesuffix(key)
            if _SEPARATOR.match(f" {rest.strip()} ") or _SEPARATOR.search(f" {rest.strip()} "):
                return other
    return _bare(title, tuple(site_names))


# A page's titles are mostly the same two or three, each asked for several times.
@lru_cache(maxsize=256)
def _bare(title: str, site_names: tuple[str, ...]) -> str:
    known = _keys(site_names)
    while True:
        marks = list(_SEPARATOR.finditer(title))
        if not marks:
            return title
        tail, head = title[marks[-1].end() :], title[: marks[0].start()]
        if _is_site(tail, known) and title[: marks[-1].start()].strip():
            title = title[: marks[-1].start()]
        elif _is_site(head, known) and title[marks[0].end() :].strip():
            title = title[marks[0].end() :]
        else:
            return title


def without_section(title: str, sections: Sequence[str], site_names: Sequence[str] = ()) -> str:
    """`title` without a declared section behind it, also one before the site's name.

    A hyphen without a space may join two words, but not two of Chinese, Japanese or Korean.

    >>> without_section("무릎 통증, 걷기로 줄일 수 있을까-건강", ["건강"])
    '무릎 통증, 걷기로 줄일 수 있을까'
    >>> without_section("What rest does for eye-health", ["Health"])
    'What rest does for eye-health'
    """
    bare = without_site(title, site_names)
    for section in sections:
        name = section.strip()
        if not name or not bare.casefold().endswith(name.casefold()):
            continue
        match = _BEFORE_SECTION.search(bare[: -len(name)])
        if match and weight(head := bare[: match.start()]) >= SHORT_PART:
            return head
    return title


def title_parts(title: str) -> list[str]:
    """What stands between the separators of a title; nothing where there is none."""
    parts = _SEPARATOR.split(title)
    return [part for part in parts if part] if len(parts) > 1 else []


def _is_site(part: str, known: frozenset[str]) -> bool:
    key = key_of(part)
    return bool(key) and (
        key in known or any(len(k) >= 4 and (key in (f"the{k}", f"{k}com")) for k in known)
    )


@lru_cache(maxsize=64)
def _keys(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(key_of(name) for name in names if name)


@lru_cache(maxsize=1024)
def key_of(name: str) -> str:
    """Letters and digits of a title, for comparing it with others."""
    return re.sub(r"[\W_]+", "", squash(name)).removeprefix("www")


def best_title(
    headings: Sequence[str],
    declared: Sequence[str],
    document: str | None,
    site_names: Sequence[str],
) -> str | None:
    """The headline: a first-level heading that another title confirms, else what is declared.

    `headings`: texts of the `<h1>`; `declared`: from linked data and meta tags, surest first;
    `document`: the `<title>`.
    """
    headings = [_first_of_bars(_without_stray(h, declared, document)) for h in headings]
    names = _keys(tuple(site_names))
    plain = [t for t in (without_site(t, site_names) for t in declared) if key_of(t) not in names]
    whole = without_site(document, site_names, [*headings, *plain]) if document else None
    witnesses = [squash(t) for t in (*plain, *declared, document, whole) if t]
    usable = [h for h in headings if key_of(h) not in names]
    for heading in usable:
        if squash(heading) in witnesses:
            return heading
    for heading in usable:
        if any(_holds(witness, squash(heading)) for witness in witnesses):
            return heading
    if len(usable) == 1 and (whole is None or _is_site(whole, names) or _opens(whole, usable[0])):
        return usable[0]
    scored = [(max((_overlap(h, w) for w in witnesses), default=0.0), h) for h in usable]
    if scored and (best := max(scored, key=lambda pair: pair[0]))[0] >= ALIKE:
        return best[1]
    if len(usable) == 1 and _is_rephrased(usable[0], [*plain, *([whole] if whole else [])]):
        return usable[0]
    if plain:
        return _longest_part(plain[0]) if plain[0] == document else plain[0]
    return _longest_part(whole) if whole else (usable[0] if usable else None)


def _opens(document: str, heading: str) -> bool:
    """Whether a heading of a word or two is the first part of the `<title>` ("Asthma - Causes")."""
    first = _SEPARATOR.split(document, maxsplit=1)[0]
    return len(heading) < SHORT_PART and key_of(first) == key_of(heading) and first != document


def _is_rephrased(heading: str, titles: Sequence[str]) -> bool:
    """Whether the only heading says in other words what the page's titles say.

    Titles are written for search engines, the heading for the reader: one in three words is
    the same. A blog's name, a section or a line that asks for something has hardly any of them.
    """
    return len(heading) <= REPHRASED_MOST and any(
        _overlap(heading, squash(title)) >= REPHRASED for title in titles
    )


def _without_stray(heading: str, declared: Sequence[str], document: str | None) -> str:
    """The heading without a date or byline in the same element, which no other title has.

    "Headline Posted on July 1" beside "Headline" in a meta tag and in the `<title>`.
    """
    whole = squash(heading)
    if document is None or whole in squash(document):
        return heading
    for title in declared:
        key = squash(title)
        inside = whole.startswith(key) or whole.endswith(key)
        rest = whole.replace(key, "", 1)
        if len(key) >= SHORT_PART and inside and _DAY.search(rest) and key in squash(document):
            return title
    return heading


def _first_of_bars(heading: str) -> str:
    """The heading without a section or site behind a bar, which stands in no headline."""
    first = re.split(r"\s+[|｜]\s+", heading, maxsplit=1)[0]
    return first if weight(first) >= SHORT_PART else heading


def part_shown(document: str, root: html.HtmlElement, site_names: Sequence[str] = ()) -> str | None:
    """The part of the `<title>` that some element shows as its whole text, the longest of them."""
    known = _keys(tuple(site_names))
    cuts = [0, *(at for m in _SEPARATOR.finditer(document) for at in m.span()), len(document)]
    parts = {
        document[a:b].strip()
        for i, a in enumerate(cuts[::2])
        for b in cuts[2 * i + 1 :: 2]
        if (a, b) != (0, len(document)) and not _is_site(document[a:b], known)
    }
    shown = {
        text
        for element in root.iter()
        if element.tag != "title" and element.text and (text := element.text.strip()) in parts
    }
    longest = max(shown, key=weight, default="")
    return longest if weight(longest) >= SHORT_PART else None


def weight(text: str) -> int:
    """Length, a sign of a script without spaces for two."""
    return len(text) + len(re.findall(r"[\u3040-\u30ff\u3400-\u9fff]", text))


def _holds(witness: str, heading: str) -> bool:
    """Whether the heading is a part of the title between separators, or its beginning."""
    return len(heading) >= SHORT_PART and (
        witness.startswith(heading) or heading.startswith(witness)
    )


def confirmed(heading: str, titles: Sequence[str]) -> bool:
    """Whether one of the titles has the heading, its beginning or most of its words."""
    return any(
        _holds(squash(title), squash(heading)) or _overlap(heading, squash(title)) >= ALIKE
        for title in titles
    )


def _overlap(heading: str, witness: str) -> float:
    """Share of common words (of common characters for scripts without spaces)."""
    one, other = _units(squash(heading)), _units(witness)
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def _units(text: str) -> set[str]:
    return set(re.findall(r"[^\W\u3040-\u30ff\u3400-\u9fff]+|[\u3040-\u30ff\u3400-\u9fff]", text))


def _longest_part(title: str) -> str:
    """The headline of a `<title>` alone: its first part, unless that is shorter than the rest."""
    if len(bars := re.split(r"\s+\|\s+|_", title)) > 1 and weight(bars[0]) >= SHORT_PART:
        return bars[0]  # stand before sections and site names, not within headlines
    marks = list(_SEPARATOR.finditer(title))
    if not marks:
        return title
    head = title[: marks[-1].start()]
    tail = title[marks[-1].end() :]
    if len(head) >= SHORT_PART or len(head) > len(tail):
        return head if len(tail.split()) <= 6 and len(tail) < len(head) else title
    return title
