"""News agencies, the organisations that bylines name most; `agencies.toml` lists them."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path

from pipelines.phrases import squash

# What a byline says behind an agency: where it reports from ("AFP, MANILA", "AP in Valencia").
_PLACE = re.compile(r"\s*[,/(–—]\s*\S.{0,40}$|\s+in\s+[A-Z].{0,40}$")


@lru_cache(maxsize=1)
def _known() -> tuple[frozenset[str], frozenset[str]]:
    """The names that count as they are written, and those that count in any letters."""
    table = tomllib.loads(Path(__file__).with_name("agencies.toml").read_text("utf-8"))
    return frozenset(table["exact"]), frozenset(map(squash, table["names"]))


def agency(text: str) -> str | None:
    """The agency that `text` names and nothing else; None where it names none.

    >>> agency("AFP"), agency("Associated Press in Lima"), agency("Afp"), agency("Ann Poe, AP")
    ('AFP', 'Associated Press', None, None)
    """
    exact, names = _known()
    if len(text) > 80:
        return None
    for name in (text.strip(), _PLACE.sub("", text).strip()):
        if name in exact or squash(name) in names:
            return name
    return None
