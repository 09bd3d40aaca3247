"""Numbers of texts alone: sentences, punctuation, capitals, digits, for all blocks of a page at
once: the texts are one row of characters, and each number is a sum over a stretch of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

TEXT = (
    "sentences", "ends_sentence", "ends_colon", "ends_question", "ends_ellipsis", "commas",
    "digits", "upper", "word_length", "copyright", "separators", "lines",
)  # fmt: skip
MOST_SENTENCES = 12
# Texts from here on are prose: their capitals, digits and separators say nothing (characters).
LONG = 400
# And from here on they have sentences enough.
VERY_LONG = 3000
# Greatest mean length of a word that is told (characters).
LONGEST_WORD = 40.0

# What a character is: bits of one number.
DIGIT, UPPER, SEPARATOR, COMMA, SPACE, NEWLINE, COPYRIGHT, STOP, FULL_STOP, CLOSER = (
    1 << bit for bit in range(10)
)
SIGNS = {
    SEPARATOR: "|»›•·/",
    COMMA: ",，、",
    NEWLINE: "\n",
    COPYRIGHT: "©",
    STOP: ".!?…。！？؟।",
    FULL_STOP: "。！？",  # ends a sentence whatever follows
    CLOSER: '"”’)]」』',  # what may stand between a stop and the space behind it
}
# Beyond the basic plane there are hardly any letters; all its characters count as none.
BASIC_PLANE = 0x10000
TRAILING = '"”’)]」』 '


def text_columns(texts: Sequence[str]) -> Numbers:
    """A column a text, a row for each of `TEXT`."""
    joined = "\n".join((*texts, ""))
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    kinds = _kinds()[np.minimum(codes, BASIC_PLANE - 1)]
    size = np.array([len(text) for text in texts])
    starts = np.concatenate(([0], np.cumsum(size + 1)[:-1]))

    def count(flags: NDArray[np.bool_]) -> Numbers:
        sums: Numbers = np.add.reduceat(flags, starts, dtype=np.float64)
        return sums

    def having(kind: int) -> Numbers:
        return count(kinds & kind > 0)

    following = np.append(kinds[1:], kinds[-1:]) & (SPACE | CLOSER)
    ends = (kinds & STOP > 0) & ((following > 0) | (kinds & FULL_STOP > 0))
    whole = np.maximum(1, size)
    short = (size < LONG) / whole
    return np.array(
        [
            np.where(size < VERY_LONG, np.minimum(MOST_SENTENCES, count(ends)), MOST_SENTENCES),
            *_endings(texts),
            having(COMMA),
            having(DIGIT) * short,
            having(UPPER) * short,
            np.minimum(LONGEST_WORD, whole / (count(codes == ord(" ")) + 1)),
            np.minimum(1, having(COPYRIGHT)),
            having(SEPARATOR) * short,
            having(NEWLINE) - 1,
        ]
    )


def _endings(texts: Sequence[str]) -> Numbers:
    """How each text ends: with a sentence, a colon, a question, an ellipsis; a row each."""
    last = [text.rstrip(TRAILING)[-1:] for text in texts]
    ends = [
        [sign in ".!?。！？؟।…" for sign in last],
        [sign in ":：" for sign in last],
        [sign in "?？؟" for sign in last],
        [text.endswith(("...", "…", "[…]")) for text in texts],
    ]
    return np.array(ends, dtype=np.float64)


@lru_cache(maxsize=1)
def _kinds() -> NDArray[np.uint16]:
    """What each character of the basic plane is."""
    table = np.zeros(BASIC_PLANE, dtype=np.uint16)
    for code, char in enumerate(map(chr, range(BASIC_PLANE))):
        if char.isdigit():
            table[code] = DIGIT
        elif char.isupper():
            table[code] = UPPER
        elif char.isspace():
            table[code] = SPACE
    for kind, signs in SIGNS.items():
        for sign in signs:
            table[ord(sign)] |= kind
    return table
