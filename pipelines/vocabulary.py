"""What boilerplate, bylines and date lines say, in every supported language.

The phrases live in `pipelines/languages/CODE.toml`, one file a language, all with the same tables.
`vocabulary("de")` gives German merged with English, which pages of every language use too.
A phrase is weak evidence: it names the family that a line would belong to; whether the line is
dropped is for the labelling rules to say.

Four tables of phrases, by how much of a line they must explain:

`whole`     the line is the phrase, apart from punctuation, digits and arrows around it
`start`     the line begins with it; only for beginnings which no sentence of prose has
`label`     the line begins with it and a colon, bar, closing bracket or spaced dash follows
`contains`  it occurs anywhere; only for what nothing but boilerplate says
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pipelines.phrases import PhraseIndex, PhraseSearch, after, bare, heads, squash, trimmed

__all__ = ["FAMILIES", "Vocabulary", "VocabularyError", "bare", "languages", "squash", "vocabulary"]

LANGUAGES = Path(__file__).parent / "languages"

FAMILIES = (
    "copyright",
    "related",
    "previous",
    "next",
    "share",
    "newsletter",
    "cookie",
    "disclaimer",
    "comments",
    "references",
    "toc",
    "author-bio",
    "ad",
    "promo",
    "breadcrumb",
    "tags",
    "login",
    "rating",
    "nav",
    "footer",
    "caption",
    "other",
)
# What pages that are no articles say of themselves; `page_words` gives them.
PAGE_WORDS = (
    "error",
    "consent",
    "age",
    "paywall",
    "login",
    "script",
    "robot",
    "search",
    "address",
)
# What articles of several pages say of their pages; `part_words` gives them.
PART_WORDS = ("count", "next", "previous", "on", "back", "all", "continued", "address")
TABLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "whole": FAMILIES,
        "start": FAMILIES,
        "label": FAMILIES,
        "contains": FAMILIES,
        "people": (
            "author",
            "reviewer",
            "both",
            "approves",
            "editor",
            "photographer",
            "source",
            "other",
            "speaker",
            "honorifics",
            "credentials",
            "roles",
            "affiliations",
            "heads",
            "runs",
            "nobody",
            "groups",
            "agents",
            "small",
            "joiners",
            "at",
            "surnames",
            "worked",
            "around",
            "tells",
            "author_end",
            "reviewer_end",
            "both_end",
            "leads",
            "articles",
            "copula",
            "asides",
            "located",
            "employs",
            "columns",
            "thanks",
            "checks",
        ),
        "dates": (
            "published",
            "modified",
            "reviewed",
            "next_review",
            "ago",
            "today",
            "yesterday",
            "before_yesterday",
            "minutes",
            "hours",
            "days",
            "longer",
            "months",
        ),
        "page": PAGE_WORDS,
        "parts": PART_WORDS,
    }
)
PEOPLE_LABELS = (
    "author",
    "reviewer",
    "both",
    "editor",
    "photographer",
    "source",
    "other",
    "speaker",
)
DATE_LABELS = ("published", "modified", "reviewed", "next_review")

# Chinese without a script, and by region: RFC 5646 gives the script that a region implies.
ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "zh": ("zh-hans", "zh-hant"),
        "zh-cn": ("zh-hans",),
        "zh-sg": ("zh-hans",),
        "zh-tw": ("zh-hant",),
        "zh-hk": ("zh-hant",),
        "zh-mo": ("zh-hant",),
        "in": ("id",),
        "ms": ("id",),
    }
)

# Families whose headings are labels too, once a colon or the like follows.
HEADINGS = frozenset(
    "copyright related previous next share newsletter disclaimer comments references toc"
    " author-bio breadcrumb tags caption".split()
)

# Characters beyond which no line is one phrase: the longest phrase and its trimmings.
WHOLE_LIMIT = 90

# A year of copyright: no sentence of an article has it, in any language.
_NOTICE = re.compile(r"(?:©|\(c\))\s*(?:copyright\s*)?(?:19|20)\d\d|copyright\s*©")
# Signs that turn the words before them into a label. A dash counts between spaces only.
_SEPARATOR = re.compile(r"\s*(?:[:|\]】」』〉》)›»→▶▸►>]|\s[-–—]\s|$)\s*")


class VocabularyError(ValueError):
    """A language file is wrong; the message names the file, the key and the nearest right one."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the phrases say of one line: the family of each table that knows it, and the line
    behind its label."""

    whole: str | None = None
    start: str | None = None
    label: str | None = None
    rest: str = ""
    contains: str | None = None

    @property
    def opens(self) -> str | None:
        """The family that the line as a whole belongs to, or that its beginning names."""
        return self.whole or self.label or self.start


NOTHING = Said()


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The phrases of some languages, merged; made by `vocabulary()`."""

    codes: tuple[str, ...]
    wholes: Mapping[str, str]
    starts: PhraseIndex
    labels: PhraseIndex
    insides: PhraseSearch
    people: Mapping[str, tuple[str, ...]]
    dates: Mapping[str, tuple[str, ...]]
    months: Mapping[str, int]

    @cached_property
    def longest(self) -> int:
        """Characters of the longest phrase that a line may begin with."""
        return max(self.starts.longest, self.labels.longest)

    def read(self, line: str) -> Said:
        """What all tables say of the line."""
        return _read(self, line)


# A site's pages have most of their short lines in common.
@lru_cache(maxsize=8192)
def _read(words: Vocabulary, line: str) -> Said:
    squashed = squash(line)
    whole = words.wholes.get(trimmed(squashed)) if len(line) <= WHOLE_LIMIT else None
    start = label = None
    rest = ""
    for head, behind in heads(line, squashed, words.longest):
        if start is None and (phrase := words.starts.at_start(head)):
            start = words.starts.phrases[phrase]
        phrase = None if label else words.labels.at_start(head)
        if phrase and _SEPARATOR.match(head, len(phrase)):
            label = words.labels.phrases[phrase]
            rest = _drop_separator(after(behind, phrase))
    inside = words.insides.find(squashed)
    contains = words.insides.phrases[inside] if inside else None
    signed = "©" in squashed or "(c)" in squashed
    if signed and contains is None and _NOTICE.search(squashed):
        contains = "copyright"
    if not (whole or start or label or contains):
        return NOTHING
    return Said(whole, start, label, rest, contains)


def _drop_separator(rest: str) -> str:
    return re.sub(r"^\s*[:：|｜\]】」』〉》)）›»→▶▸►>–—-]+\s*", "", rest)


def vocabulary(*codes: str) -> Vocabulary:
    """The vocabulary of the languages `codes` (BCP 47), merged with English.

    A region falls to its language, and an unknown language to English alone.

    >>> vocabulary("de-AT").read("Das könnte Sie auch interessieren:").whole
    'related'
    """
    known = [name for code in codes for name in _resolve(code)]
    return _merged(tuple(dict.fromkeys([*known, "en"])))


@lru_cache
def languages() -> Mapping[str, Path]:
    """The language files there are: code as the file is named, and path."""
    return MappingProxyType({path.stem: path for path in sorted(LANGUAGES.glob("*.toml"))})


@lru_cache(maxsize=1024)
def _resolve(code: str) -> tuple[str, ...]:
    by_lower = {name.lower(): name for name in languages()}
    tag = code.strip().lower().replace("_", "-")
    while tag:
        names = [by_lower[t] for t in ALIASES.get(tag, (tag,)) if t in by_lower]
        if names:
            return tuple(names)
        tag = tag.rpartition("-")[0]
    return ()


@lru_cache(maxsize=256)
def _merged(codes: tuple[str, ...]) -> Vocabulary:
    tables = [load(languages()[code]) for code in codes]

    def phrases(name: str, key: Any = squash) -> dict[str, str]:
        """Phrase to family; the first language named wins where two disagree."""
        merged: dict[str, str] = {}
        for table in tables:
            for family, found in table[name].items():
                for phrase in found:
                    merged.setdefault(key(phrase), family)
        merged.pop("", None)
        return merged

    def words(name: str) -> Mapping[str, tuple[str, ...]]:
        return MappingProxyType(
            {
                key: tuple(dict.fromkeys(squash(w) for table in tables for w in table[name][key]))
                for key in TABLES[name]
                if key != "months"
            }
        )

    return Vocabulary(
        codes=codes,
        wholes=MappingProxyType(phrases("whole", bare)),
        starts=PhraseIndex(phrases("start")),
        labels=PhraseIndex(
            {phrase: kind for phrase, kind in phrases("whole").items() if kind in HEADINGS}
            | phrases("label")
        ),
        insides=PhraseSearch(phrases("contains")),
        people=words("people"),
        dates=words("dates"),
        months=MappingProxyType(_months(tables)),
    )


def _months(tables: list[dict[str, Any]]) -> dict[str, int]:
    """Name to number, without the dot of an abbreviation; the first language named wins."""
    merged: dict[str, int] = {}
    for table in tables:
        for number, names in enumerate(table["dates"]["months"], start=1):
            for name in names:
                merged.setdefault(squash(name).rstrip("."), number)
    return merged


@lru_cache
def load(path: Path) -> dict[str, Any]:
    """The tables of one language file, checked.

    Raises VocabularyError, naming the file, the key, and the nearest right one.
    """
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise VocabularyError(f"{path.name}: not valid TOML: {error}") from error
    _check_keys(path.name, [key for key in data if key != "name"], TABLES, "table")
    loaded: dict[str, Any] = {}
    for name, keys in TABLES.items():
        table = data.get(name, {})
        if not isinstance(table, dict):
            raise VocabularyError(f"{path.name}: [{name}] must be a table")
        _check_keys(f"{path.name}: [{name}]", table, keys, "key")
        loaded[name] = {key: table.get(key, []) for key in keys}
        for key, value in loaded[name].items():
            _check_list(f"{path.name}: [{name}] {key}", value, months=key == "months")
    return loaded


def _check_keys(where: str, given: Iterable[str], known: Iterable[str], what: str) -> None:
    known = list(known)
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.0)
            raise VocabularyError(f"{where}: unknown {what} {key!r}; did you mean {near[0]!r}?")


def _check_list(where: str, value: Any, *, months: bool) -> None:
    if months:
        if not isinstance(value, list) or len(value) not in (0, 12):
            raise VocabularyError(f"{where} must list the names of twelve months")
        for number, names in enumerate(value, start=1):
            _check_list(f"{where}, month {number},", names, months=False)
    elif not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise VocabularyError(f"{where} must be a list of phrases")
