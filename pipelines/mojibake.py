"""Text that was encoded twice: UTF-8 read as a one-byte encoding and saved as UTF-8 again.

Repaired only when certain: the whole page, with every character in it, must turn back into valid
UTF-8, and there must be several sequences to turn back. A page in Portuguese with its `Ã`, a
page with curly quotes, a page that quotes one piece of mojibake: none of them passes.
"""

from __future__ import annotations

import re
from itertools import islice

import ftfy.bad_codecs  # registers the sloppy codecs, which keep the bytes windows leaves undefined

# Sequences below which a page is left alone.
_MIN_SEQUENCES = 3
# What the first byte of a UTF-8 sequence looks like when read as windows-1252 or windows-1251,
# followed by what a continuation byte looks like (any non-ASCII character: the codec decides).
_LATIN_LEAD = re.compile("[\u00c2-\u00f4][^\x00-\x7f]")
_CYRILLIC_LEAD = re.compile("[РСГ][^\x00-\x7fа-яё]")
_CODECS = (
    (_LATIN_LEAD, ("latin-1", "sloppy-windows-1252")),
    (_CYRILLIC_LEAD, ("sloppy-windows-1251",)),
)

ftfy.bad_codecs.ok()


def repair(text: str) -> str | None:
    """The text decoded once more, or None where it is not certain that it was encoded twice.

    >>> repair("Ã©tÃ© Ã  la plage") is None
    False
    >>> repair("SÃO PAULO “café” é bom") is None
    True
    """
    if text.isascii():
        return None
    for lead, codecs in _CODECS:
        if not _several(lead, text):
            continue
        for codec in codecs:
            repaired = _read_again(text, codec)
            if repaired is not None:
                return repaired
    return None


def _several(lead: re.Pattern[str], text: str) -> bool:
    return sum(1 for _ in islice(lead.finditer(text), _MIN_SEQUENCES)) == _MIN_SEQUENCES


def _read_again(text: str, codec: str) -> str | None:
    try:
        return text.encode(codec).decode("utf-8")
    except UnicodeError:
        return None
