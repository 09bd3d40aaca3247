"""White space and weight of text: how texts are written, and how long they are to a reader."""

from __future__ import annotations

import re

ZERO_WIDTH = re.compile("[\u200b\u2060\ufeff\u00ad]")
CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af]+")
# One character of Chinese or Japanese carries about what 2.5 letters of English do.
CJK_WEIGHT = 2.5
# What stands without spaces: kana, Han characters and full-width punctuation. Korean has spaces.
_SOLID = "\u3001-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff60"
# U+3000 indents paragraphs; it is no part of a line break that an editor made.
_WRAP = re.compile(f"(?<=[{_SOLID}])[ \t\r\n\f]+(?=[{_SOLID}])")
# An editor wraps lines when they are full. A line shorter than this (characters) was ended on
# purpose: a label, a name; the break stays a space, as browsers show it.
_WRAPPED_LINE = 20


def squeeze(text: str) -> str:
    """One plain space for any run of white space; zero-width characters left out."""
    if not text.isascii() and ZERO_WIDTH.search(text):
        text = ZERO_WIDTH.sub("", text)
    return " ".join(text.split())


def weigh(text: str) -> int:
    """Characters of `text`, where one of Chinese, Japanese or Korean counts for `CJK_WEIGHT`."""
    if text.isascii():
        return len(text)
    return len(text) + int((CJK_WEIGHT - 1) * sum(map(len, CJK.findall(text))))


def unwrap(text: str) -> str:
    """`text` of one text node with the lines of Chinese and Japanese joined without a space."""
    if "\n" not in text or text.isascii():
        return text
    return _WRAP.sub(_joined, text)


def _joined(match: re.Match[str]) -> str:
    space, start = match.group(), match.start()
    if "\n" not in space:
        return space
    line = match.string.rfind("\n", 0, start) + 1
    return "" if start - line >= _WRAPPED_LINE else space
