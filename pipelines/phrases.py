"""Comparing text with lists of phrases: one folded form, and quick look-ups on it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

# Bullets, opening brackets and quotes before a line's first word.
_LEADING = " \t\r\n\u3000-–—•·●■◆▶▸►→»›*#【[(（「『《〈|\"'“”«✦★☆❖※◎○□◇▲△▼▽✔✓📌👉💡"
_FOLD: dict[int, int | None] = {
    ord(c): None for c in "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u0307\u0640\ufe0f"
}
_FOLD |= dict.fromkeys(range(0x064B, 0x0653))  # Arabic vowel signs, which most pages leave out
_FOLD |= {ord("’"): ord("'"), ord("‘"): ord("'"), ord("“"): ord('"'), ord("”"): ord('"')}
_FOLD |= {ord("ё"): ord("е"), ord("ı"): ord("i")}  # written either way
_FOLDED = re.compile(f"[{''.join(map(chr, _FOLD))}]")
# NFKC is slow on text with full-width signs, and folding on text with quotation marks; these are
# nearly all there are.
_COMMON = (
    *(("，", ","), ("：", ":"), ("（", "("), ("）", ")"), ("！", "!"), ("？", "?"), ("；", ";")),
    *(("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"')),
)
# Lines up to so many characters are squashed as a whole, once for all families.
_SHORT_LINE = 700
# Signs before the first word of a phrase within a line.
_OPENINGS = ("", "(", '"', "'", "[", "«", "„", "*", "-", "•", "|", "/", "©", "¿", "¡")
_SPACELESS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]$")
_HANGUL = re.compile(r"[\uac00-\ud7a3]$")
_NO_LETTER = re.compile(r"[\W_]+")
_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")


# A page's lines are asked for several families one after the other.
@lru_cache(maxsize=4096)
def squash(text: str) -> str:
    """The form in which lines and phrases are compared.

    NFKC, casefolded, one space for any white space, straight quotes; invisible characters and
    Arabic vowel signs dropped.

    >>> squash("  Related\\u00a0ARTICLES：")
    'related articles:'
    """
    if text.isascii():
        return " ".join(text.lower().split())
    for sign, plain in _COMMON:
        text = text.replace(sign, plain)
    text = unicodedata.normalize("NFKC", text).casefold()
    if _FOLDED.search(text):
        text = text.translate(_FOLD)
    return " ".join(text.split())


def once(tags: Iterable[str]) -> tuple[str, ...]:
    """Each tag once, however it is capitalised, in the first spelling.

    >>> once(["Ankle", "sport", "ankle"])
    ('Ankle', 'sport')
    """
    found: dict[str, str] = {}
    for tag in tags:
        found.setdefault(squash(tag), tag)
    return tuple(found.values())


def bare(text: str) -> str:
    """`squash`, without punctuation, arrows and digits at either end.

    >>> bare("▶ Comments (12)")
    'comments'
    """
    return trimmed(squash(text))


def letters(text: str) -> str:
    """The letters and digits of the squashed text alone."""
    return _NO_LETTER.sub("", squash(text))


def trimmed(squashed: str) -> str:
    """A squashed line without punctuation, arrows and digits at either end."""
    # Most lines begin and end with letters.
    if squashed[:1].isalpha() and squashed[-1:].isalpha():
        return squashed
    return _EDGES.sub("", squashed)


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


def heads(line: str, squashed: str, longest: int) -> Iterable[tuple[str, str]]:
    """Squashed beginnings of the line that may hold a phrase, each with the line it is of.

    The line as it stands, and without bullets and opening brackets. Of long lines, enough for a
    phrase of `longest` characters.
    """
    stripped = line.lstrip(_LEADING)
    if len(stripped) == len(line):
        yield squashed, line
    else:
        plain = line.lstrip()
        yield (squashed if len(line) <= _SHORT_LINE else squash(plain[: longest + 20])), plain
        yield squash(stripped[: longest + 20]), stripped


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

    def beginning(self, line: str) -> str | None:
        """The phrase with which the line begins, bullets and brackets apart."""
        found = (self.at_start(head) for head, _ in heads(line, squash(line), self.longest))
        return next(filter(None, found), None)

    def at_start(self, text: str) -> str | None:
        """The longest phrase, ending at a word's end, with which the squashed `text` begins."""
        for key in (text[:2], text[:1]):  # a phrase of one character has a key of one
            bucket = self._buckets.get(key)
            if bucket is None or not text.startswith(bucket):
                continue
            for phrase in bucket:
                if text.startswith(phrase) and ends_word(text, len(phrase)):
                    return phrase
        return None


class PhraseSearch:
    """Phrases that count wherever in a line they stand."""

    def __init__(self, phrases: Mapping[str, str]) -> None:
        """`phrases` maps a squashed phrase to its kind.

        A phrase of three or more words is looked for only where its longest inner word stands
        (punctuation clings to outer words), one of two words where its first stands; single words
        are few, and those of scripts without spaces one regular expression.
        """
        self.phrases = MappingProxyType(dict(phrases))
        self._by_word: dict[str, list[str]] = {}
        short = []
        for phrase in phrases:
            words = phrase.replace("/", " ").split()
            if len(words) > 2:
                self._by_word.setdefault(max(words[1:-1], key=len), []).append(phrase)
            elif len(words) == 2 and not _SPACELESS.search(words[0]):
                for opening in _OPENINGS:  # nothing can cling to the first word's end
                    self._by_word.setdefault(opening + words[0], []).append(phrase)
            else:
                short.append(phrase)
        self._words = frozenset(self._by_word)
        self._wide = _alternatives(p for p in short if _SPACELESS.search(p))
        self._narrow = tuple(p for p in short if not _SPACELESS.search(p))

    def find(self, text: str) -> str | None:
        """A phrase that occurs in the squashed `text`."""
        words = text.replace("/", " ").split()
        if not self._words.isdisjoint(words):
            for word in words:  # in reading order, so that the answer is the same every time
                for phrase in self._by_word.get(word, ()):
                    if phrase in text:
                        return phrase
        if not text.isascii() and self._wide and (found := self._wide.search(text)):
            return found.group()
        for phrase in self._narrow:
            if phrase in text:
                return phrase
        return None


def _alternatives(phrases: Iterable[str]) -> re.Pattern[str] | None:
    ordered = sorted(phrases, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, ordered))) if ordered else None
