"""What pages that are no articles say of themselves: "Page not found", "Accept all cookies".

The phrases are the table `[page]` of `languages/*.toml`. A page that says hardly anything does not
tell its language either, so that those of all languages can be asked for at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from pipelines.phrases import ends_word
from pipelines.vocabulary import PAGE_WORDS, languages, load, squash

# Scripts without spaces, or whose vowel signs are no letters to `\w`: their phrases begin anywhere.
_OPEN = re.compile(r"[\u0900-\u0dff\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_WORD = re.compile(r"\w+")
# A name of what the page is fills at least such a share of the line (characters).
NAME_SHARE = 0.6


class Phrases:
    """Phrases by their first words, found where they stand as whole words."""

    def __init__(self, phrases: Iterable[str]) -> None:
        """`phrases`: squashed."""
        self._by_word: dict[str, list[str]] = {}
        anywhere = []
        for phrase in sorted(phrases, key=lambda p: (-len(p), p)):
            first = _WORD.match(phrase)
            if first is None or _OPEN.match(phrase):
                anywhere.append(re.escape(phrase))
            else:
                self._by_word.setdefault(first.group(), []).append(phrase)
        self._anywhere = re.compile("|".join(anywhere) or r"(?!)")

    def found(self, line: str) -> set[str]:
        """Every phrase in the squashed `line`."""
        phrases = {
            phrase
            for word in set(_WORD.findall(line)) & self._by_word.keys()
            for phrase in self._by_word[word]
            if _stands(phrase, line)
        }
        return phrases if line.isascii() else phrases | set(self._anywhere.findall(line))


def _stands(phrase: str, line: str) -> bool:
    at = line.find(phrase)
    while at >= 0:
        if not line[at - 1 : at].isalnum() and ends_word(line[at:], len(phrase)):
            return True
        at = line.find(phrase, at + 1)
    return False


@dataclass(frozen=True, eq=False)
class PageWords:
    """The phrases of some languages."""

    phrases: Mapping[str, Phrases]
    address: frozenset[str]

    def found(self, kind: str, text: str) -> set[str]:
        """Every phrase of `kind` that occurs in the text."""
        return self.phrases[kind].found(squash(text))

    def names(self, kind: str, text: str) -> bool:
        """Whether phrases of `kind` are most of the line, so that it says what the page is.

        >>> page_words("en").names("error", "Oops! Page not found (404)")
        True
        >>> page_words("en").names("error", "Page not found: how libraries lose what they lent")
        False
        """
        line = squash(text)
        found = self.phrases[kind].found(line)
        said = sum(len(p) for p in found if not any(p != other and p in other for other in found))
        return said > 0 and said >= NAME_SHARE * len(line)


def page_words(*codes: str) -> PageWords:
    """The words of the language files named, of all of them where none is named."""
    return _page_words(tuple(sorted(codes)) or tuple(languages()))


@lru_cache(maxsize=64)
def _page_words(codes: tuple[str, ...]) -> PageWords:
    tables = [load(languages()[code])["page"] for code in codes]
    words = {
        kind: {squash(phrase) for table in tables for phrase in table[kind]} for kind in PAGE_WORDS
    }
    return PageWords(
        MappingProxyType({kind: Phrases(words[kind]) for kind in PAGE_WORDS if kind != "address"}),
        frozenset(words["address"]),
    )
