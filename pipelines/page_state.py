"""The data that a page carries for its own scripts, as plain JSON values.

Pages that are drawn by a script bring what is to be drawn along: as JSON in a script of that type
(Next.js, Nuxt, SvelteKit, Angular), assigned to a global (`window.__INITIAL_STATE__ = {…}`), in an
attribute (Inertia), or in the rows that Next.js' app router streams. No script is run, no name of
a framework is needed: whatever is JSON is read.

Bounded: what is too large, too deep or too much is left alone, in time proportional to the page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import unquote

from lxml import etree

# Less than an article is no state worth reading (characters).
LEAST_STATE = 300
# The largest states seen are some megabytes; all of a page's states together (characters).
MOST_STATE = 16_000_000
# Nested values; written rich text reaches about 40.
MOST_DEPTH = 120
# Assignments tried in a page's scripts.
MOST_ASSIGNED = 200

_JSON_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
# The same, and a string that never ends: each character is looked at once.
_STRINGS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_NO_BRACKET = re.compile(r"[^\[\]{}]+")
_PAIRS = re.compile(r"\[\]|\{\}")
_ASSIGNED = re.compile(
    r"(?:\b(?:window|self|globalThis)\s*(?:\.\s*[\w$]{1,80}|\[\s*[\"'][^\"'\]]{1,80}[\"']\s*\])"
    r"|\b(?:var|let|const)\s+[\w$]{1,80})\s*=\s*"
    r"(?:(JSON\.parse\(\s*)(decodeURIComponent\(\s*)?(?=[\"'])|(?=\{\s*\"|\[\s*[\"{\[]))"
)
_PUSHED = re.compile(r"__next_f\.push\(\s*(?=\[1,)")
_QUOTED = re.compile(r"'[^'\\]*(?:\\.[^'\\]*)*'", re.DOTALL)
_ROW = re.compile(rb"([0-9a-f]+):(?:T([0-9a-f]+),)?")
_REFERENCE = re.compile(r"^\$L?([0-9a-f]+)$")
_ATTRIBUTES: Any = etree.XPath(
    "//@*[string-length(.) > 300 and (starts-with(., '{') or starts-with(., '['))]"
)


class Budget:
    """How much text may still be read."""

    def __init__(self, left: int = MOST_STATE) -> None:
        self.left = left

    def allows(self, text: str, least: int = LEAST_STATE) -> bool:
        """Whether `text` may be read too; it is counted if so."""
        if not least <= len(text) <= self.left:
            return False
        self.left -= len(text)
        return True


def states(root: Any, budget: Budget) -> Iterator[Any]:
    """Every JSON value that the page below `root` carries, scripts first."""
    pushed: list[str] = []
    assigned = 0
    for script in root.iter("script"):
        text = script.text or ""
        kind = (script.get("type") or "").lower()
        if len(text) < LEAST_STATE and "__next_f" not in text:
            continue
        if "json" in kind:
            if "ld+json" not in kind:
                yield _indexed(parse(text, budget))
        elif kind in ("", "module") or "javascript" in kind:
            if "__next_f" in text:
                pushed += _chunks(text, budget)
            else:
                for match in _ASSIGNED.finditer(text):
                    assigned += 1
                    if assigned > MOST_ASSIGNED:
                        break
                    yield _value_at(text, match, budget)
    if pushed:
        yield from _rows("".join(pushed), budget)
    for attribute in _ATTRIBUTES(root):
        yield parse(attribute, budget)


def parse(text: str, budget: Budget, least: int = LEAST_STATE) -> Any:
    """The JSON value that `text` is, also with its quotes escaped as in mark-up; else None.

    None too for what is shorter than `least` (characters), or more than the budget allows.
    """
    if not budget.allows(text, least):
        return None
    text = text.strip()
    if "&quot;" in text or "&q;" in text:
        text = unescape(text.replace("&q;", "&quot;").replace("&a;", "&amp;"))
    if too_deep(text):
        return None
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def too_deep(text: str) -> bool:
    """Whether values in a JSON text are nested deeper than `MOST_DEPTH`.

    Brackets that close each other are taken away, the innermost first: a level each time.
    """
    left = _NO_BRACKET.sub("", _STRINGS.sub("", text))
    for _ in range(MOST_DEPTH):
        fewer = _PAIRS.sub("", left)
        if len(fewer) == len(left):
            return False
        left = fewer
    return True


def _value_at(text: str, match: re.Match[str], budget: Budget) -> Any:
    """What is assigned at a place in a script, where it is JSON."""
    start = match.end()
    if match[1]:
        string = _string_at(text, start)
        budget.left -= len(text) - start if string is None else 0
        if string is None:
            return None
        return parse(unquote(string) if match[2] else string, budget)
    rest = text[start:]
    if not budget.allows(rest) or too_deep(rest):
        return None
    try:
        return json.JSONDecoder(strict=False).raw_decode(rest)[0]
    except (ValueError, RecursionError):
        return None


def _string_at(text: str, start: int) -> str | None:
    """The string that is written at a place in a script."""
    pattern = _JSON_STRING if text[start] == '"' else _QUOTED
    match = pattern.match(text, start)
    if match is None:
        return None
    inner = match.group()[1:-1]
    if text[start] == "'":
        inner = inner.replace("\\'", "'").replace('\\"', '"').replace('"', '\\"')
    inner = re.sub(r"\\x([0-9a-fA-F]{2})", r"\\u00\1", inner)
    try:
        value = json.loads(f'"{inner}"', strict=False)
    except ValueError:
        return None
    return str(value)


def _indexed(value: Any) -> Any:
    """A value written as one list, in which numbers stand for places in it, made whole again."""
    if not isinstance(value, list) or len(value) < 2:
        return value
    head = value[0]
    inner = list(head.values()) if isinstance(head, dict) else head
    if not isinstance(inner, list) or not any(isinstance(part, int) for part in inner):
        return value
    return _whole(value, 0, {}, 0)


def _whole(table: list[Any], place: Any, made: dict[int, Any], depth: int) -> Any:
    """The value at a place of such a list; what holds itself ends there."""
    if not isinstance(place, int) or not 0 <= place < len(table) or depth > MOST_DEPTH:
        return None
    if place in made:
        return made[place]
    made[place] = None
    value = table[place]
    if isinstance(value, dict):
        value = {key: _whole(table, at, made, depth + 1) for key, at in value.items()}
    elif isinstance(value, list):
        if value and isinstance(value[0], str):  # ["Reactive", 1]: how a script wraps the value
            value = _whole(table, value[1], made, depth + 1) if len(value) == 2 else None
        else:
            value = [_whole(table, at, made, depth + 1) for at in value]
    made[place] = value
    return value


def _chunks(text: str, budget: Budget) -> Iterator[str]:
    """The pieces of text that a script hands to Next.js' app router."""
    decoder = json.JSONDecoder(strict=False)
    for match in _PUSHED.finditer(text):
        try:
            pushed, end = decoder.raw_decode(text, match.end())
        except (ValueError, RecursionError):
            continue
        budget.left -= end - match.end()
        if budget.left > 0 and len(pushed) == 2 and isinstance(pushed[1], str):
            yield pushed[1]


def _rows(stream: str, budget: Budget) -> Iterator[Any]:
    """The rows `id:JSON` and `id:Tlength,text` of such a stream; references to rows resolved."""
    data = stream.encode("utf-8", "surrogatepass")
    texts: dict[str, str] = {}
    values: list[Any] = []
    at = 0
    while match := _ROW.match(data, at):
        at = match.end()
        if match[2]:
            end = at + int(match[2], 16)
            texts[match[1].decode()] = data[at:end].decode("utf-8", "replace")
        else:
            end = data.find(b"\n", at)
            end = len(data) if end < 0 else end + 1
            values.append(parse(data[at:end].decode("utf-8", "replace"), budget, 2))
        at = end
    for value in values:
        yield _resolved(value, texts, 0)


def _resolved(value: Any, texts: dict[str, str], depth: int) -> Any:
    if isinstance(value, str):
        match = _REFERENCE.match(value)
        return texts.get(match[1], value) if match else value
    if depth > MOST_DEPTH:
        return None
    if isinstance(value, list):
        return [_resolved(inner, texts, depth + 1) for inner in value]
    if isinstance(value, dict):
        return {key: _resolved(inner, texts, depth + 1) for key, inner in value.items()}
    return value
