"""Which script a text is in, which languages are written in it, and what tells them apart."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pipelines.measure import CJK_WEIGHT

_FILE = Path(__file__).with_name("scripts.toml")
_FIRST_OTHER_LETTER = "\u0370"  # Latin letters come before it
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Script:
    """A script: its letters, the languages in it, and the one that a short text is in."""

    name: str
    letters: re.Pattern[str]
    languages: frozenset[str]
    usual: str | None


@dataclass(frozen=True, slots=True)
class _Telling:
    """What tells languages apart that a detector mixes up."""

    among: frozenset[str]
    letters: dict[str, str]
    words: dict[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class _Table:
    rows: tuple[Script, ...]
    by_name: dict[str, Script]
    never_latin: frozenset[str]
    telling: tuple[_Telling, ...]


@lru_cache(maxsize=1)
def _table() -> _Table:
    table = tomllib.loads(_FILE.read_text("utf-8"))
    rows = tuple(
        Script(
            name=row["name"],
            letters=re.compile(f"[{row['letters']}]"),
            languages=frozenset(row["languages"]),
            usual=row.get("usual"),
        )
        for row in table["script"]
    )
    named = frozenset().union(*(row.languages for row in rows))
    telling = tuple(
        _Telling(
            among=frozenset(row["among"]),
            letters=row.get("letters", {}),
            words={code: frozenset(words) for code, words in row.get("words", {}).items()},
        )
        for row in table["telling"]
    )
    never_latin = named - set(table["also_latin"])
    return _Table(rows, {row.name: row for row in rows}, never_latin, telling)


def script_of(letters: str) -> Script | None:
    """The script that most letters are in; None for Latin and what the table does not know."""
    if max(letters, default="") < _FIRST_OTHER_LETTER:
        return None
    scripts = _table()
    counts = {row.name: len(row.letters.findall(letters)) for row in scripts.rows}
    latin = len(letters) - sum(counts.values())
    # Japanese prose is half Han: a tenth of kana tells it from Chinese that quotes a name.
    if counts["kana"] * 10 > len(letters) and (counts["kana"] + counts["han"]) * 2 > len(letters):
        return scripts.by_name["kana"]
    name = max(counts, key=lambda key: counts[key])
    others = len(letters) - latin
    # A word of Chinese, Japanese or Korean has two or three signs, a foreign one in it eight.
    most = CJK_WEIGHT * counts[name] if name in ("han", "hangul") else counts[name]
    return scripts.by_name[name] if most > latin and counts[name] * 2 > others else None


def told(best: str, sample: str) -> str:
    """The language that its own letters and commonest words tell from those written like it."""
    for group in _table().telling:
        if best not in group.among:
            continue
        lowered = sample.lower()
        words = _WORD.findall(lowered)
        signs = {
            code: sum(map(lowered.count, group.letters.get(code, "")))
            + sum(map(group.words.get(code, frozenset()).__contains__, words))
            for code in (*group.letters, *group.words)
        }
        most = max(signs, key=lambda code: signs[code])
        if signs[most] > max(signs[code] for code in signs if code != most):
            return most
    return best


def plausible(code: str, script: Script | None) -> bool:
    return code in script.languages if script else code not in _table().never_latin


def present(code: str, letters: str) -> bool:
    """Whether a tenth of the letters are of a script that this language is written in."""
    rows = [row for row in _table().rows if code in row.languages]
    return any(len(row.letters.findall(letters)) * 10 >= len(letters) for row in rows)
