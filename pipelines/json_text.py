"""JSON as pages write it: repaired where there is one way to read it, and only there."""

from __future__ import annotations

import html as entities
import json
import re
from typing import Any

# Characters of a script; those of real pages have a few hundred thousand at most.
JSON_LIMIT = 5_000_000
# Brackets that may be missing at the end: more were lost together with what stood between them.
MOST_MISSING = 6

_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*$"
)
_OPENINGS, _CLOSINGS = ("<!", "//", "/*"), (">", "*/")
# Comments and CDATA around each other; pages have two.
MOST_WRAPPINGS = 8
# Signs that nobody sees, which editors and servers leave at the ends of a text.
_UNSEEN = "\ufeff\u200b\u2060\x00 \t\r\n"
# A string, also one that never ends: each character is looked at once.
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
# Between strings: comments, commas before a closing bracket or doubled, control characters.
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|//[^\n]*", re.DOTALL)  # also one that never ends
_TRAILING_COMMA = re.compile(r",(?=\s*[}\],])")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\u200b\u2028\u2029\xa0]")
# Between two objects of a list: the comma that a template forgot.
_FORGOTTEN_COMMA = re.compile(r"\}(\s*)\{")
# Escapes of JavaScript that JSON does not have.
_SCRIPT_ESCAPE = re.compile(r"(\\\\)|\\'|\\x([0-9a-fA-F]{2})")
# Between objects written one after the other.
_GAP = re.compile(r"[\s,;]*")
_ENDS_VALUE = re.compile(r'(?:["}\]\d]|true|false|null)\s*$')


def parse_json(text: str) -> Any:
    """The value of a JSON-LD script, repaired where the repair is certain; None where it is not.

    Repairs: comments and CDATA, raw line breaks and control characters, trailing commas, quotes
    written as `&quot;`, `\\'`, a trailing semicolon, several objects one after the other, closing
    brackets missing behind a whole value.
    """
    if len(text) > JSON_LIMIT:
        return None
    text = _unwrapped(text)
    if not text:
        return None
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        pass
    if "&quot;" in text and '"' not in text:
        text = entities.unescape(text)
    repaired = _mended(text)
    try:
        return json.loads(repaired, strict=False)
    except (ValueError, RecursionError):
        return _several(repaired)


def _unwrapped(text: str) -> str:
    text = text.strip(_UNSEEN)
    for _ in range(MOST_WRAPPINGS):
        if not (text.startswith(_OPENINGS) or text.endswith(_CLOSINGS)):
            break
        unwrapped = _WRAPPING.sub("", text).strip(_UNSEEN)
        if unwrapped == text:
            break
        text = unwrapped
    return text.rstrip(";").strip(_UNSEEN)


def _mended(text: str) -> str:
    """The text with its strings and what stands between them mended, and closed at its end."""
    parts: list[str] = []
    open_brackets: list[str] = []
    at = 0
    for string in _STRING.finditer(text):
        parts += [_between(text[at : string.start()], open_brackets), _string(string.group())]
        at = string.end()
    parts.append(_between(text[at:], open_brackets))
    joined = "".join(parts).rstrip().rstrip(",")
    if 0 < len(open_brackets) <= MOST_MISSING and _ENDS_VALUE.search(joined):
        joined += "".join(reversed(open_brackets))
    return joined


def _string(string: str) -> str:
    if "\\'" not in string and "\\x" not in string:
        return string
    return _SCRIPT_ESCAPE.sub(
        lambda m: m[1] or (f"\\u00{m[2]}" if m[2] else "'"),
        string,
    )


def _between(text: str, open_brackets: list[str]) -> str:
    """What stands between two strings, mended; the brackets in it opened and closed."""
    if "/" in text:
        text = _COMMENT.sub(" ", text)
    text = _CONTROL.sub(" ", text)
    text = _TRAILING_COMMA.sub("", text)
    for sign in text:
        if sign in "{[":
            open_brackets.append("}" if sign == "{" else "]")
        elif sign in "}]" and open_brackets and open_brackets[-1] == sign:
            open_brackets.pop()
    if open_brackets[-2:] == ["]", "}"]:
        text = _FORGOTTEN_COMMA.sub(r"},\1{", text)
    return text


def _several(text: str) -> Any:
    """Objects written one after the other, as a list; what cannot be read ends it."""
    decoder = json.JSONDecoder(strict=False)
    found: list[Any] = []
    at = 0
    while at < len(text):
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        found.append(value)
        gap = _GAP.match(text, end)
        at = gap.end() if gap else end
    return found or None
