"""Numbers of a text alone: sentences, punctuation, capitals, digits."""

from __future__ import annotations

import re

SENTENCE = re.compile(r"[.!?…。！？؟।](?=\s|$|[\"”’)\]」』])|[。！？]")
MOST_SENTENCES = 12
SEPARATORS = "|»›•·/"
NOT_ASCII = re.compile("[^\x00-\x7f]+")
UPPER = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = b"0123456789"
# Texts from here on are prose: their capitals, digits and separators say nothing (characters).
LONG = 400
# And from here on they have sentences enough.
VERY_LONG = 3000
# Greatest mean length of a word that is told (characters).
LONGEST_WORD = 40.0

TextNumbers = tuple[
    int, bool, bool, bool, bool, int, float, float, float, bool, float, int
]  # as `TEXT` names them
TEXT = (
    "sentences", "ends_sentence", "ends_colon", "ends_question", "ends_ellipsis", "commas",
    "digits", "upper", "word_length", "copyright", "separators", "lines",
)  # fmt: skip


def text_numbers(text: str) -> TextNumbers:
    """What `TEXT` names, of one block's text."""
    size = max(1, len(text))
    last = text.rstrip('"”’)]」』 ')[-1:]
    short = size < LONG
    commas = text.count(",")
    copyright_sign = False
    digits = upper = separators = 0
    if text.isascii():
        if short:
            digits, upper = _ascii_counts(text.encode("ascii"))
            separators = text.count("|") + text.count("/")
    else:
        commas += text.count("，") + text.count("、")
        copyright_sign = "©" in text
        if short:
            digits, upper = _ascii_counts(text.encode("ascii", "ignore"))
            rest = "".join(NOT_ASCII.findall(text))
            digits += sum(map(str.isdigit, rest))
            if not (rest + "a").islower():
                upper += sum(map(str.isupper, rest))
            separators = sum(map(text.count, SEPARATORS))
    return (
        min(MOST_SENTENCES, len(SENTENCE.findall(text))) if size < VERY_LONG else MOST_SENTENCES,
        last in ".!?。！？؟।…",
        last in ":：",
        last in "?？؟",
        text.endswith(("...", "…", "[…]")),
        commas,
        digits / size,
        upper / size,
        min(LONGEST_WORD, size / (text.count(" ") + 1)),
        copyright_sign,
        separators / size,
        text.count("\n"),
    )


def _ascii_counts(data: bytes) -> tuple[int, int]:
    """Digits and capital letters."""
    size = len(data)
    return size - len(data.translate(None, DIGITS)), size - len(data.translate(None, UPPER))
