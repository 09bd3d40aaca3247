"""Which legacy encoding a page is in, judged by what its text would say in each.

Detectors that count byte patterns need a few hundred characters to tell GBK from EUC-KR or
KOI8-R from windows-1251. Here each candidate decodes a small sample, and the text that comes out
is weighed by how common its characters are in the language (`encodings.toml`): the candidate
under which the very same bytes are likeliest wins. One sentence is enough, 2 ms are spent.
"""

from __future__ import annotations

import math
import re
import tomllib
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bs4.dammit import EncodingDetector

_TABLE_FILE = Path(__file__).with_name("encodings.toml")
# Bytes looked at: the start, and as much again from the middle, where the text is.
_WINDOW_BYTES = 131_072
# Bytes judged, of words that hold a byte above 127: a few hundred CJK characters.
_SAMPLE_BYTES = 1_500

# A declaration falls when another candidate is likelier by e^15 in all (no accident) and by
# e^0.25 a byte (not a foreign name or a quotation): wrong decodings lose by 0.4 to 3 a byte.
_CLEARLY = 15.0
_CLEARLY_A_BYTE = 0.25
# Mean log-likelihood a byte below which no candidate explains the sample: right decodings
# measure -2.6 to -4.4, random bytes -6 and less.
_EXPLAINED_A_BYTE = -5.5

# Natural logarithms of probabilities.
_ASCII = -4.0  # one of some sixty letters, digits and signs
_IMPOSSIBLE = -20.0
_RANK_OFFSET = 10  # flattens Zipf's law at the top, as letters of alphabets are
_ONE_BYTE_REST = 128
_OUTSIDE_CORE = math.log(1e-3 / 20_000)
# Neighbours inside a word, after a non-ASCII letter: (ASCII letter, non-ASCII letter).
_NEIGHBOURS = {True: (math.log(0.85), math.log(0.1)), False: (math.log(0.02), math.log(0.95))}

_SCRIPT_ELEMENT = re.compile(rb"<(script|style)\b.*?(?:</\1|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(rb"<[^<>]*>")
# After a non-ASCII letter: an ASCII letter, or another non-ASCII one.
_MIXED = re.compile(r"[^\W\d_a-zA-Z][a-zA-Z]")
_TOGETHER = re.compile(r"[^\W\d_a-zA-Z](?=[^\W\d_a-zA-Z])")
_DEFAULT = "cp1252"
# Wider tables for what Python's strict ones lack and browsers read (NEC row 13, ETEN).
_WIDER = {"euc_jp": "euc_jis_2004", "big5hkscs": "cp950", "iso2022_jp": "iso2022_jp_2004"}


@dataclass(frozen=True, slots=True)
class _Text:
    """How text of one language looks: log-likelihood of its common characters and of the rest."""

    encodings: tuple[str, ...]
    common: dict[str, float]
    rest: float
    core: str | None
    latin: bool
    prior: float


@lru_cache(maxsize=1)
def _texts() -> tuple[_Text, ...]:
    return tuple(_text(row) for row in tomllib.loads(_TABLE_FILE.read_text("utf-8"))["text"])


def _text(row: dict[str, Any]) -> _Text:
    characters = list(dict.fromkeys(row["common"]))
    weights = [1 / (rank + _RANK_OFFSET) for rank in range(len(characters))]
    share, total = row["share"], sum(weights)
    core = row.get("core", {"codec": None, "size": _ONE_BYTE_REST})
    return _Text(
        encodings=tuple(row["encodings"]),
        common={c: math.log(share * w / total) for c, w in zip(characters, weights, strict=True)},
        rest=math.log((1 - share) / core["size"]),
        core=core["codec"],
        latin=row.get("latin", False),
        prior=row.get("prior", 0.0),
    )


def read(data: bytes, codec: str) -> str:
    """The text of `data`; U+FFFD for what neither `codec` nor its wider kin can read."""
    for name in (codec, _WIDER.get(codec)):
        if name is not None:
            try:
                return data.decode(name)
            except UnicodeDecodeError:
                continue
    return data.decode(codec, "replace")


def sample(data: bytes) -> bytes:
    """Words of the page's text that hold bytes above 127, some hundreds of bytes of them.

    Tags, scripts and styles are cut first: no encoding in use has `<` or `>` inside a character.
    """
    windows = [data[:_WINDOW_BYTES]]
    if len(data) > 2 * _WINDOW_BYTES:
        middle = data[len(data) // 2 :][:_WINDOW_BYTES]
        windows.append(middle[middle.find(b">") + 1 :])  # begins between two characters
    words: list[bytes] = []
    for window in windows:
        if len(data) > _WINDOW_BYTES:
            window = window[: window.rfind(b"<") + 1 or None]  # and ends so
        words += _high_words(_TAG.sub(b" ", _SCRIPT_ELEMENT.sub(b" ", window)))
    return b" ".join(words)


def _high_words(text: bytes) -> list[bytes]:
    words: list[bytes] = []
    size = 0
    for word in text.split():
        if word.isascii():
            continue
        words.append(word[:_SAMPLE_BYTES])
        size += len(words[-1])
        if size >= _SAMPLE_BYTES:
            break
    return words


def contradicts(piece: bytes, codec: str) -> bool:
    """Whether another encoding explains the sampled words far better than `codec` does."""
    if not piece:
        return False
    own = likelihood(piece, codec)
    name, score = best(piece)
    margin = max(_CLEARLY, _CLEARLY_A_BYTE * len(piece))
    return name != codec and score > own + margin


def guess(piece: bytes) -> str:
    """The encoding that explains the sampled words best; never none."""
    if not piece:
        return _DEFAULT
    name, score = best(piece)
    if score >= _EXPLAINED_A_BYTE * len(piece):
        return name
    # No language of the table: one that it does not know, or no text at all.
    for found in EncodingDetector(piece, is_html=True).encodings:
        if _decodes(piece, found):
            return found
    return _DEFAULT


def best(piece: bytes) -> tuple[str, float]:
    """The likeliest encoding, and the log-likelihood of all of `piece` in it."""
    readings = {
        codec: _read(piece, codec)
        for codec in dict.fromkeys(codec for text in _texts() for codec in text.encodings)
    }
    return max(
        ((codec, _weigh(readings[codec], text)) for text in _texts() for codec in text.encodings),
        key=lambda found: found[1],
    )


def likelihood(piece: bytes, codec: str) -> float:
    """Log-likelihood of `piece` in `codec`, in the language that suits it best."""
    reading = _read(piece, codec)
    # A codec that no row names is judged as any language that its text could be in.
    rows = [text for text in _texts() if codec in text.encodings] or _texts()
    return max(_weigh(reading, text) for text in rows)


@dataclass(frozen=True, slots=True)
class _Reading:
    """The sample in one encoding: its characters, and its neighbours inside words."""

    ascii: int
    others: Counter[str]
    impossible: int
    mixed: int
    together: int


def _read(piece: bytes, codec: str) -> _Reading:
    text = read(piece, codec)
    counts = Counter(text)
    others = Counter({char: count for char, count in counts.items() if char > "\x7f"})
    impossible = [char for char in others if _impossible(char)]
    return _Reading(
        ascii=counts.total() - others.total(),
        impossible=sum(others.pop(char) for char in impossible),
        others=others,
        mixed=len(_MIXED.findall(text)),
        together=len(_TOGETHER.findall(text)),
    )


def _weigh(reading: _Reading, text: _Text) -> float:
    """Log-likelihood of the reading as text of this language."""
    total = text.prior + reading.ascii * _ASCII + reading.impossible * _IMPOSSIBLE
    for char, count in reading.others.items():
        own = text.common.get(char)
        if own is None:
            own = text.rest if _in_core(char, text.core) else _OUTSIDE_CORE
        total += own * count
    mixed, together = _NEIGHBOURS[text.latin]
    return total + reading.mixed * mixed + reading.together * together


@lru_cache(maxsize=65_536)
def _in_core(char: str, codec: str | None) -> bool:
    if codec is None:
        return True
    try:
        char.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _impossible(char: str) -> bool:
    """What no reader ever sees: undecodable, unassigned, private, control, half-width, box."""
    if "\u2500" <= char <= "\u259f" or "\uff61" <= char <= "\uff9f" or char == "\ufffd":
        return True
    return unicodedata.category(char) in ("Cc", "Cn", "Co", "Cs")


def _decodes(piece: bytes, codec: str) -> bool:
    try:
        piece.decode(codec)
    except (UnicodeDecodeError, LookupError):
        return False
    return True
