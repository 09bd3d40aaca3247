"""Which legacy encoding a page is in, judged by what the text would say in each.

Statistical detectors need a few hundred characters to tell GBK from EUC-KR or KOI8-R from
windows-1251. A text decoded rightly is made of its language's commonest characters, decoded
wrongly of rare ones; that holds from one sentence on, and costs one decode of a small sample.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bs4.dammit import EncodingDetector

from pipelines import language

_TABLE_FILE = Path(__file__).with_name("encodings.toml")
# Bytes looked at: the start, and as much again from the middle, where the text is.
_WINDOW_BYTES = 131_072
# Bytes judged, of words that hold a byte above 127: about two thousand CJK characters.
_SAMPLE_BYTES = 4_096
# Share of common characters: right decodings measure 0.35 (Chinese) to 1.0, wrong ones under 0.15.
CONVINCING = 0.25
# Non-ASCII characters below which a sample cannot contradict a declaration.
_FEW_CHARS = 4
# How much an impossible character weighs against common ones.
_BAD_WEIGHT = 3.0

_SCRIPT_ELEMENT = re.compile(rb"<(script|style)\b.*?</\1", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(rb"<[^<>]*>")
_HIGH_WORD = re.compile(rb"[^\x00-\x20\x80-\xff]{0,40}[\x80-\xff][^\x00-\x20]*")
_DEFAULT = "cp1252"


@dataclass(frozen=True, slots=True)
class _Candidate:
    name: str
    family: str
    common: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Table:
    candidates: tuple[_Candidate, ...]
    latin_by_language: dict[str, str]


@lru_cache(maxsize=1)
def _table() -> _Table:
    raw = tomllib.loads(_TABLE_FILE.read_text("utf-8"))
    candidates = tuple(
        _Candidate(row["name"], row.get("family", ""), frozenset(row["common"]))
        for row in raw["encoding"]
    )
    by_language = {
        code: encoding for encoding, codes in raw["latin_by_language"].items() for code in codes
    }
    return _Table(candidates, by_language)


def sample(data: bytes) -> bytes:
    """Words of the page's text that hold bytes above 127, a few thousand bytes of them.

    Tags, scripts and styles are cut first: no encoding in use has `<` or `>` inside a character.
    """
    windows = [data[:_WINDOW_BYTES]]
    if len(data) > 2 * _WINDOW_BYTES:
        middle = data[len(data) // 2 :][:_WINDOW_BYTES]
        windows.append(middle[middle.find(b">") + 1 :])  # begins and ends between characters
    words: list[bytes] = []
    for window in windows:
        if len(window) == _WINDOW_BYTES:
            window = window[: window.rfind(b"<") + 1 or None]
        text = _TAG.sub(b" ", _SCRIPT_ELEMENT.sub(b" ", window)) or window
        size = 0
        for match in _HIGH_WORD.finditer(text):
            words.append(match.group())
            size += len(match.group()) + 1
            if size > _SAMPLE_BYTES:
                break
    return b" ".join(words)


def contradicts(piece: bytes, codec: str) -> bool:
    """Whether the sampled words make no sense in `codec` while another encoding explains them.

    A sample of a few characters contradicts nothing.
    """
    text = piece.decode(codec, "replace")
    if sum(1 for char in text if char > "\x7f") < _FEW_CHARS:
        return "\ufffd" in text and best(piece)[1] >= CONVINCING
    own = max((_score(text, c.common) for c in _table().candidates if _same(c, codec)), default=0.0)
    if own >= CONVINCING:
        return False
    name, score = best(piece)
    return score >= CONVINCING and score > own and not _same_codec(name, codec)


def guess(data: bytes, piece: bytes) -> str:
    """The encoding that explains the sampled words best; never none."""
    name, score = best(piece)
    if score >= CONVINCING:
        return _latin_by_language(data) if _is_latin(name) else name
    # Nothing in the table fits: a language that it does not know, or no text at all.
    for found in EncodingDetector(piece, is_html=True).encodings:
        if _decodes(piece, found):
            return found
    return _DEFAULT


def best(piece: bytes) -> tuple[str, float]:
    """The candidate with the largest share of common characters, and that share."""
    name, score = _DEFAULT, -1.0
    for candidate in _table().candidates:
        own = _score(piece.decode(candidate.name, "replace"), candidate.common)
        if own > score:
            name, score = candidate.name, own
    return name, score


def _score(text: str, common: frozenset[str]) -> float:
    """Share of common characters among the non-ASCII ones, less the impossible ones."""
    counts = Counter(text)
    total = good = bad = 0
    for char, count in counts.items():
        if char <= "\x7f":
            continue
        total += count
        if char in common:
            good += count
        elif _impossible(char):
            bad += count
    return (good - _BAD_WEIGHT * bad) / total if total else 0.0


def _impossible(char: str) -> bool:
    """What a reader never sees: undecodable, unassigned, private, control, box, half-width kana."""
    if "\u2500" <= char <= "\u259f" or "\uff61" <= char <= "\uff9f" or char == "\ufffd":
        return True
    return unicodedata.category(char) in ("Cc", "Cn", "Co", "Cs")


def _same(candidate: _Candidate, codec: str) -> bool:
    """Whether the candidate's characters tell about `codec`; every Latin one tells about each."""
    return _same_codec(candidate.name, codec) or (
        candidate.family == "latin" and _latin_codec(codec)
    )


def _same_codec(one: str, other: str) -> bool:
    return _plain(one) == _plain(other)


def _plain(codec: str) -> str:
    return codec.replace("_", "-").lower()


_LATIN_CODECS = frozenset(
    {
        "cp1250",
        "cp1252",
        "cp1254",
        "cp1257",
        "cp1258",
        "iso8859-1",
        "iso8859-2",
        "iso8859-3",
        "iso8859-4",
        "iso8859-9",
        "iso8859-10",
        "iso8859-13",
        "iso8859-14",
        "iso8859-15",
        "iso8859-16",
        "mac-roman",
    }
)


def _latin_codec(codec: str) -> bool:
    return _plain(codec) in _LATIN_CODECS


def _is_latin(name: str) -> bool:
    return any(c.name == name and c.family == "latin" for c in _table().candidates)


def _latin_by_language(data: bytes) -> str:
    """Latin encodings share most letters; the ASCII part of the text tells the language."""
    window = _TAG.sub(b" ", _SCRIPT_ELEMENT.sub(b" ", data[:_WINDOW_BYTES]))
    text = window.decode("ascii", "replace")
    votes: Iterable[str] = filter(None, [language.detect(text.replace("\ufffd", ""), None)])
    for code in votes:
        return _table().latin_by_language.get(code, _DEFAULT)
    return _DEFAULT


def _decodes(piece: bytes, codec: str) -> bool:
    try:
        piece.decode(codec)
    except (UnicodeDecodeError, LookupError):
        return False
    return True
