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
# Pairs that mojibake is made of, as bytes of UTF-8 (ten times as fast to look for as in text):
# what the first byte of a UTF-8 sequence looks like when read as windows-1252 (U+00C2 to U+00F4)
# before any non-ASCII character, and when read as windows-1251 (Р, С) before a letter or sign
# that Russian words do not go on with.
_LATIN_PAIR = re.compile(rb"\xc3[\x82-\xb4][\xc2-\xcb\xe2]")
_CYRILLIC_PAIR = re.compile(rb"\xd0[\xa0\xa1](?:\xd0[\x82-\x8f]|\xd1[\x91-\x9f]|\xd2|\xc2|\xe2)")
_CODECS = (
    (_LATIN_PAIR, ("latin-1", "sloppy-windows-1252")),
    (_CYRILLIC_PAIR, ("sloppy-windows-1251",)),
)

ftfy.bad_codecs.ok()


def repair(text: str, data: bytes) -> str | None:
    """The text decoded once more, or None where it is not certain that it was encoded twice.

    `data` is the text in UTF-8.

    >>> repair("Ã©tÃ©, Ã©lÃ¨ve", "Ã©tÃ©, Ã©lÃ¨ve".encode())
    'été, élève'
    >>> repair("SÃO PAULO “café” é bom", "SÃO PAULO “café” é bom".encode()) is None
    True
    """
    if len(text) == len(data):  # nothing but ASCII
        return None
    for pair, codecs in _CODECS:
        if _several(pair, data):
            for codec in codecs:
                repaired = _read_again(text, codec)
                if repaired is not None:
                    return repaired
    return None


def _several(pair: re.Pattern[bytes], data: bytes) -> bool:
    return sum(1 for _ in islice(pair.finditer(data), _MIN_SEQUENCES)) == _MIN_SEQUENCES


def _read_again(text: str, codec: str) -> str | None:
    try:
        return text.encode(codec).decode("utf-8")
    except UnicodeError:
        return None
