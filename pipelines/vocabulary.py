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
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

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
            "editor",
            "photographer",
            "source",
            "other",
            "honorifics",
            "credentials",
            "roles",
            "affiliations",
            "nobody",
            "joiners",
        ),
        "dates": ("published", "modified", "reviewed", "next_review", "ago", "months"),
    }
)
PEOPLE_LABELS = ("author", "reviewer", "both", "editor", "photographer", "source", "other")
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

# Signs that turn the words before them into a label. A dash counts between spaces only.
_SEPARATOR = re.compile(r"\s*(?:[:|\]】」』〉》)›»→▶▸►>]|\s[-–—]\s|$)\s*")
_LEADING = " \t\r\n\u3000-–—•·●■◆▶▸►→»›*#【[(（「『《〈|\"'“”«✦★☆❖※◎○□◇▲△▼▽✔✓📌👉💡"  # noqa: RUF001
_FOLD = {ord(c): None for c in "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u0307\u0640\ufe0f"}
_FOLD |= {c: None for c in range(0x064B, 0x0653)}  # Arabic vowel signs, which most pages leave out
_FOLD |= {ord("’"): ord("'"), ord("‘"): ord("'"), ord("“"): ord('"'), ord("”"): ord('"')}
_FOLD |= {ord("ё"): ord("е"), ord("ı"): ord("i")}  # written either way
_SPACELESS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]$")
_HANGUL = re.compile(r"[\uac00-\ud7a3]$")
_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")


class VocabularyError(ValueError):
    """A language file is wrong; the message names the file, the key and the nearest right one."""


def squash(text: str) -> str:
    """The form in which lines and phrases are compared.

    NFKC, casefolded, one space for any white space, straight quotes; invisible characters and
    Arabic vowel signs dropped.

    >>> squash("  Related\\u00a0ARTICLES：")
    'related articles:'
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).casefold().translate(_FOLD)
    else:
        text = text.lower()
    return " ".join(text.split())


def bare(text: str) -> str:
    """`squash`, without punctuation, arrows and digits at either end.

    >>> bare("▶ Comments (12)")
    'comments'
    """
    return _EDGES.sub("", squash(text))


def ends_word(text: str, at: int) -> bool:
    """Whether a phrase that ends before `text[at]` ends at a word's end.

    Scripts without spaces, and Korean with its attached particles, end words anywhere.
    """
    if at >= len(text) or at == 0 or text[at - 1].isdigit():
        return True
    if _SPACELESS.match(text[at - 1]) or _HANGUL.match(text[at - 1]) or not _in_word(text[at - 1]):
        return True
    return not _in_word(text[at]) or bool(_SPACELESS.match(text[at]))


def after(line: str, consumed: str) -> str:
    """What is left of `line` behind the part whose squashed form is `consumed`."""
    for end in range(len(consumed), min(len(line), 2 * len(consumed) + 40) + 1):
        if squash(line[:end]) == consumed:
            return line[end:].lstrip()
    for end in range(len(consumed)):  # NFKC made it longer, as with ㈱
        if squash(line[:end]) == consumed:
            return line[end:].lstrip()
    return ""


def _in_word(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char)[0] == "M"


class PhraseIndex:
    """Phrases by their first two characters: finds the longest that a text begins with."""

    def __init__(self, phrases: Mapping[str, str]) -> None:
        """`phrases` maps a squashed phrase to its kind."""
        buckets: dict[str, list[str]] = {}
        for phrase in sorted(phrases, key=len, reverse=True):
            buckets.setdefault(phrase[:2], []).append(phrase)
        self.phrases = MappingProxyType(dict(phrases))
        self.longest = max(map(len, phrases), default=0)
        self._buckets = {key: tuple(found) for key, found in buckets.items()}

    def at_start(self, text: str) -> str | None:
        """The longest phrase, ending at a word's end, with which the squashed `text` begins."""
        bucket = self._buckets.get(text[:2])
        if bucket is None or not text.startswith(bucket):
            return None
        for phrase in bucket:
            if text.startswith(phrase) and ends_word(text, len(phrase)):
                return phrase
        return None


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The phrases of some languages, merged; made by `vocabulary()`."""

    codes: tuple[str, ...]
    wholes: Mapping[str, str]
    starts: PhraseIndex
    labels: PhraseIndex
    insides: tuple[tuple[str, str], ...]
    people: Mapping[str, tuple[str, ...]]
    dates: Mapping[str, tuple[str, ...]]
    months: Mapping[str, int]

    def whole(self, line: str) -> str | None:
        """The family whose phrase is the whole line."""
        if len(line) > self._whole_limit:
            return None
        return self.wholes.get(bare(line))

    def start(self, line: str) -> str | None:
        """The family of a phrase that the line begins with and that no prose begins with."""
        for head in self._heads(line, self.starts.longest):
            if phrase := self.starts.at_start(head):
                return self.starts.phrases[phrase]
        return None

    def label(self, line: str) -> tuple[str, str] | None:
        """The family of the label that the line begins with, and the line behind the label."""
        for head in self._heads(line, self.labels.longest):
            phrase = self.labels.at_start(head)
            if phrase and (found := _SEPARATOR.match(head, len(phrase))):
                rest = after(line.lstrip(_LEADING) if head is not line else line, head[: len(phrase)])
                return self.labels.phrases[phrase], _drop_separator(rest or head[found.end() :])
        return None

    def contains(self, line: str) -> str | None:
        """The first family, in the files' order, of which a phrase occurs in the line."""
        text = squash(line)
        return next((family for phrase, family in self.insides if phrase in text), None)

    @property
    def _whole_limit(self) -> int:
        """Characters beyond which no line is a phrase: the longest one and room for its trimmings."""
        return 120

    def _heads(self, line: str, longest: int) -> Iterable[str]:
        """The line's beginning, squashed: as it is, and without bullets and opening brackets."""
        cut = line[: longest + 40]
        head = squash(cut)
        yield head
        stripped = cut.lstrip(_LEADING)
        if len(stripped) < len(cut):
            yield squash(stripped)


def _drop_separator(rest: str) -> str:
    return re.sub(r"^\s*[:：|｜\]】」』〉》)）›»→▶▸►>–—-]+\s*", "", rest)


def vocabulary(*codes: str) -> Vocabulary:
    """The vocabulary of the languages `codes` (BCP 47), merged with English.

    A region falls to its language, and an unknown language to English alone.

    >>> vocabulary("de-AT").whole("Das könnte Sie auch interessieren:")
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
        labels=PhraseIndex(phrases("label")),
        insides=tuple(phrases("contains").items()),
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
