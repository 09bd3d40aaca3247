"""What the pages of one article say of themselves: "Page 2 of 3", "Weiter auf Seite 2", 下一页.

The phrases are the table `[parts]` of `languages/*.toml`, those of all languages at once: the line
below an article is too short to tell its language. In them `{n}` is the number of a page and
`{total}` how many there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from pipelines.phrases import squash
from pipelines.vocabulary import languages, load

# Digits of a page's number, and of how many there are: an article has no thousand pages.
_NUMBER = r"(?P<n>\d{1,3})"
_TOTAL = r"(?P<total>\d{1,3})"
# "2/3", "(2 of 3)" says the same in every language, where it is all that a line or a bracket says.
_FRACTION = re.compile(rf"{_NUMBER}\s*/\s*{_TOTAL}")
# Signs and brackets around a label, and between a title and what numbers its page.
_EDGES = " \t\u3000-–—|·•:：,，.。…/()（）[]【】《》〈〉‹›«»<>←→▶◀▸◂►◄≫≪❯❮⟩⟨"
_ON = re.compile(r"^\s*(?:[>›»→▶▸►≫❯⟩]|>>|&gt;)+\s*$")
_BACK = re.compile(r"^\s*(?:[<‹«←◀◂◄≪❮⟨]|<<|&lt;)+\s*$")
_LETTER = re.compile(r"[^\W\d_]")
# A label of a link to another page is no longer than this (characters): "Read the next page: …".
_LONGEST_LABEL = 60
# Scripts without spaces: what stands before and behind a phrase there is no part of its words.
_SOLID = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


@dataclass(frozen=True, slots=True)
class Count:
    """A page's number as written, and how many there are, where that is said."""

    number: int
    total: int | None = None


@dataclass(frozen=True, eq=False)
class PartWords:
    """The phrases of all languages, ready to be looked for.

    `next` and `previous` speak of a page, `on` and `back` of whatever comes; `address`: words by
    which addresses number pages.
    """

    count: tuple[re.Pattern[str], ...]
    next: re.Pattern[str]
    previous: re.Pattern[str]
    on: frozenset[str]
    back: frozenset[str]
    all: frozenset[str]
    continued: re.Pattern[str]
    address: frozenset[str]

    def label_number(self, text: str) -> int | None:
        """The page that the text of a link names: "2", "Page 2", "Seite 2: Ursachen".

        >>> [part_words().label_number(text) for text in ("[2]", "Seite 2: Ursachen", "2 pills")]
        [2, 2, None]
        """
        plain = text.strip(_EDGES)
        if plain.isdecimal() and len(plain) <= 3:
            return int(plain)
        if len(text) > 2 * _LONGEST_LABEL:
            return None
        line = squash(text)
        for pattern in self.count:
            found = pattern.match(line)
            if found and not _LETTER.match(line[found.end() :].lstrip()[:1]):
                return int(found["n"])
        return None

    def counts(self, text: str) -> tuple[Count, ...]:
        """Every "page 2 of 3" in a short text; "2/3" where it is all of it.

        >>> part_words().counts("第2页，共3页")
        (Count(number=2, total=3),)
        """
        line = squash(text)
        if found := _FRACTION.fullmatch(line.strip(_EDGES)):
            return (_counted(found),)
        for pattern in self.count:
            if every := tuple(map(_counted, pattern.finditer(line))):
                return every
        return ()

    def leads_on(self, text: str) -> bool:
        """Whether a link's text speaks of the next page, and of a page at that."""
        return _says(self.next, text)

    def leads_back(self, text: str) -> bool:
        """The same of the page before."""
        return _says(self.previous, text)

    def points_on(self, text: str) -> bool:
        """Whether a link's text says no more than that something follows: "Next", "»"."""
        return _ON.match(text) is not None or squash(text).strip(_EDGES) in self.on

    def points_back(self, text: str) -> bool:
        """The same of what comes before."""
        return _BACK.match(text) is not None or squash(text).strip(_EDGES) in self.back

    def shows_all(self, text: str) -> bool:
        """Whether a link's text promises all pages as one."""
        return squash(text).strip(_EDGES) in self.all

    def is_pager(self, text: str) -> bool:
        """Whether a line only says which page this is and where the others are.

        >>> part_words().is_pager("Page 1 of 3 >>"), part_words().is_pager("Page 1 is lost")
        (True, False)
        """
        if len(text) > 2 * _LONGEST_LABEL:
            return False
        line = squash(text)
        for pattern in self.count:
            line = pattern.sub("|", line)
        pieces = [piece for part in line.split("|") if (piece := part.strip(_EDGES))]
        said = all(
            piece in self.on or piece in self.back or self.leads_on(piece) or self.leads_back(piece)
            for piece in pieces
        )
        return said and (bool(pieces) or "|" in line)

    def title(self, text: str) -> str:
        """A title without what numbers its page, at either end, in one spelling.

        >>> part_words().title("Gout: what helps (2/3)"), part_words().title("Page 2 - Gout")
        ('gout: what helps', 'gout')
        """
        return squash(self.shown_title(text)).strip(_EDGES)

    def shown_title(self, text: str) -> str:
        """The same as it is written.

        >>> part_words().shown_title("Gout: what helps (Page 2 of 3)")
        'Gout: what helps'
        """
        plain = " ".join(text.split())
        for piece in _edge_pieces(plain):
            if piece.strip(_EDGES) and self._is_number(piece):
                left = plain.replace(piece, "", 1).strip(" \t-–—|·•:：,，/")
                return left or plain
        return plain

    def heading(self, text: str) -> str:
        """A heading without "(continued)", in one spelling.

        >>> part_words().heading("Treatment (continued)")
        'treatment'
        """
        return self.continued.sub("", squash(text)).strip(_EDGES)

    def _is_number(self, piece: str) -> bool:
        line = squash(piece).strip(_EDGES)
        if _FRACTION.fullmatch(line):
            return True
        return any(pattern.fullmatch(line) for pattern in self.count)


def _edge_pieces(title: str) -> Iterable[str]:
    """What stands in brackets at the end of a title, or apart at either end."""
    if found := re.search(r"\s*[(（\[【][^()（）\[\]【】]{1,30}[)）\]】]\s*$", title):
        yield found.group()
    if found := re.search(r"\s*[-–—|·•:：,，/_]\s*[^-–—|·•:：,，_]{1,30}$", title):
        yield found.group()
    if found := re.match(r"[^-–—|·•:：,，_]{1,30}\s*[-–—|·•:：,，_]\s*", title):
        yield found.group()
    words = title.split(" ")
    for size in (4, 3, 2, 1):
        if len(words) > size:
            yield " " + " ".join(words[-size:])


def _says(phrases: re.Pattern[str], text: str) -> bool:
    if len(text) > _LONGEST_LABEL:
        return False
    return phrases.fullmatch(squash(text).strip(_EDGES)) is not None


def _counted(found: re.Match[str]) -> Count:
    told = found.groupdict().get("total")
    return Count(int(found["n"]), int(told) if told else None)


@lru_cache(maxsize=1)
def part_words() -> PartWords:
    """The words of all language files."""
    tables = [load(path)["parts"] for path in languages().values()]

    def every(key: str) -> list[str]:
        phrases = {squash(phrase) for table in tables for phrase in table[key]}
        return sorted(phrases, key=lambda phrase: (-len(phrase), phrase))

    return PartWords(
        count=tuple(re.compile(_pattern(phrase)) for phrase in every("count")),
        next=_any(every("next")),
        previous=_any(every("previous")),
        on=frozenset(every("on")),
        back=frozenset(every("back")),
        all=frozenset(every("all")),
        continued=re.compile(
            rf"[\s({_dash()}]*(?:{'|'.join(map(re.escape, every('continued')))})[)\s.:…]*$"
        ),
        address=frozenset(every("address")),
    )


def _dash() -> str:
    return re.escape("-–—:,")


def _any(phrases: Iterable[str]) -> re.Pattern[str]:
    """One pattern for phrases that a label may be, whatever number they name."""
    return re.compile("|".join(_filled(phrase, r"\d{1,3}", r"\d{1,3}") for phrase in phrases))


def _pattern(phrase: str) -> str:
    """A phrase with the groups `n` and `total`, as whole words where its script has spaces."""
    before = "" if _SOLID.match(phrase[0]) or phrase[0] == "{" else r"(?<!\w)"
    behind = "" if _SOLID.match(phrase[-1]) else r"(?!\d|\.\d)"
    lead = r"(?<!\d)" if phrase[0] == "{" else ""
    return before + lead + _filled(phrase, _NUMBER, _TOTAL) + behind


def _filled(phrase: str, number: str, total: str) -> str:
    pieces = re.split(r"(\{n\}|\{total\})", phrase)
    known = {"{n}": number, "{total}": total}
    spaced = (known.get(piece) or re.escape(piece).replace(r"\ ", r"\s*") for piece in pieces)
    return r"\s*".join(piece for piece in spaced if piece)
