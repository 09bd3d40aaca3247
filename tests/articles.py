"""Small articles made on the spot: one line to look at, and enough prose around it.

`tests/data/prose.toml` holds the prose: a title, a heading and four paragraphs a language.
"""

from __future__ import annotations

import html
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parent / "data"
PROSE: dict[str, dict[str, object]] = tomllib.loads((DATA / "prose.toml").read_text("utf-8"))
PLACES = ("before", "top", "head", "middle", "end", "after")
RIGHT_TO_LEFT = ("ar", "he", "fa", "ur")


@dataclass(frozen=True)
class Prose:
    """Title, heading and paragraphs of one language."""

    title: str
    heading: str
    paragraphs: tuple[str, ...]


def prose(language: str) -> Prose:
    found = PROSE[language]
    return Prose(str(found["title"]), str(found["heading"]), tuple(found["paragraphs"]))  # type: ignore[arg-type]


def page(language: str = "en", *, charset: str | None = "utf-8", **inserts: str) -> str:
    """A page of HTML with `inserts` at the places named in `PLACES`.

    before: ahead of the headline; head: below it; top: after the first paragraph; middle: ahead of
    the second section's heading; end: below the last paragraph; after: outside the article.
    """
    unknown = set(inserts) - set(PLACES)
    if unknown:
        raise ValueError(f"no such place: {unknown}")
    p, at = prose(language), {place: inserts.get(place, "") for place in PLACES}
    first, second, third, fourth = (f"<p>{html.escape(text, False)}</p>" for text in p.paragraphs)
    direction = ' dir="rtl"' if language in RIGHT_TO_LEFT else ""
    meta = f'<meta charset="{charset}">' if charset else ""
    return f"""<!DOCTYPE html>
<html lang="{language}"{direction}><head>{meta}<title>{html.escape(p.title)}</title></head>
<body><nav><ul><li><a href="/a/">A to Z</a></li><li><a href="/b/">B12</a></li></ul></nav>
<main><article>
{at["before"]}
<h1>{html.escape(p.title)}</h1>
{at["head"]}
{first}
{at["top"]}
{second}
{at["middle"]}
<h2>{html.escape(p.heading)}</h2>
{third}
{fourth}
{at["end"]}
</article></main>
{at["after"]}
</body></html>
"""


def text(language: str = "en", **inserts: str) -> str:
    """The same as a dump of plain text, a blank line between the lines."""
    p, at = prose(language), {place: inserts.get(place, "") for place in PLACES}
    first, second, third, fourth = p.paragraphs
    lines = [
        at["before"],
        p.title,
        at["head"],
        first,
        at["top"],
        second,
        at["middle"],
        p.heading,
        third,
        fourth,
        at["end"],
        at["after"],
    ]
    return "\n\n".join(line for line in lines if line) + "\n"


def visible(markup: str) -> str:
    """The text of a piece of HTML, on one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())
