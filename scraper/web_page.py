"""Self-contained HTML pages: one file that needs nothing else and runs nothing of what it shows.

Jinja escapes every value. A page's policy allows its own style and script, by their digests, and
nothing else: no picture, no frame, no request.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

_STYLE = Path(__file__).with_suffix(".css")
# Characters that change how others are shown, or are not to be seen at all: they are named.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u2028\u2029\u202a-\u202e\u2066-\u2069\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


@dataclass(frozen=True, slots=True)
class Look:
    """What a page holds beside its text: style, script, and the policy that allows these alone."""

    style: Markup
    script: Markup
    policy: str


def page_look(page: Path, more_style: str = "") -> Look:
    """The style that all pages share and that of `page` (`….css`), with its script (`….js`)."""
    style = _read(_STYLE) + _read(page.with_suffix(".css")) + more_style
    script = _read(page.with_suffix(".js"))
    policy = (
        f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return Look(Markup(style), Markup(script), policy)


def environment(folder: Path, **filters: Callable[..., Any]) -> Environment:
    """Jinja for the templates of a folder: everything escaped, nothing missing passed over."""
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"inert": inert, "plain": plain, **filters}
    return made


def inert(text: object) -> Markup:
    """Text from outside: escaped, and with characters that nobody sees named.

    >>> inert("<b>\\u202e")
    Markup('&lt;b&gt;<span class="unseen">U+202E</span>')
    """
    text = str(text)
    parts = []
    at = 0
    for found in _UNSEEN.finditer(text):
        name = f"U+{ord(found[0]):04X}"
        parts += [escape(text[at : found.start()]), Markup('<span class="unseen">%s</span>') % name]
        at = found.end()
    return Markup("").join([*parts, escape(text[at:])])


def plain(text: object) -> str:
    """Text for the title of the window, where nothing can be marked: unseen characters left out."""
    return " ".join(_UNSEEN.sub("", str(text)).split())


@lru_cache
def _read(path: Path) -> str:
    return path.read_text("utf-8")


def _digest(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest())
    return f"'sha256-{digest.decode('ascii')}'"
