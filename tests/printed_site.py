"""Articles printed over several pages, made on the spot for crawls."""

from __future__ import annotations

from collections.abc import Mapping

from tests.servers import Reply

# Two paragraphs a page; what a page says is known by its topic and its number.
_SENTENCES = (
    "Page {n} on {topic} begins with what people ask first: how long it lasts, what it costs, "
    "and whether the neighbours will notice anything of it in the coming weeks.",
    "On page {n} a nurse explains what she tells those with {topic} who come back every autumn, "
    "and why the second visit in a month is nearly always the more useful one of the two.",
    "Whoever has read page {n} knows more about {topic} than most people in the waiting room, "
    "and can decide at home whether a doctor has to look at it today or not before next week.",
)


def paragraphs(topic: str, number: int) -> list[str]:
    """What one page of an article says."""
    return [sentence.format(n=number, topic=topic) for sentence in _SENTENCES]


def address(topic: str, number: int) -> str:
    """Where a page of an article is."""
    return f"/{topic}.html" + (f"?page={number}" if number > 1 else "")


def part(topic: str, number: int, total: int, *, after: str = "", reviewer: str = "") -> str:
    """One page of an article, with the row of numbers below it; `after`: the next article."""
    text = "".join(f"<p>{sentence}</p>" for sentence in paragraphs(topic, number))
    row = " ".join(
        f"<b>{n}</b>" if n == number else f'<a href="{address(topic, n)}">{n}</a>'
        for n in range(1, total + 1)
    )
    byline = "<p>By Ada Lind, MD, <time datetime=2024-03-05>5 March 2024</time></p>"
    checked = f"<p>Medically reviewed by {reviewer}</p>" if reviewer else ""
    on = (
        f'<p>Next article: <a rel="next" href="{after}">All about {after[1:-5]}</a></p>'
        if after
        else ""
    )
    return (
        f"<!doctype html><html lang=en><head><title>The long story of {topic}</title></head><body>"
        f"<nav><a href='/'>Home</a></nav><main><article><h1>The long story of {topic}</h1>"
        f"{byline if number == 1 else ''}{text}{checked}</article>"
        f"<div class=pages>{row}</div>{on}</main><footer>© Example</footer></body></html>"
    )


def printed(topic: str, total: int, **more: str) -> dict[str, Reply | str]:
    """The routes of all pages of an article."""
    return {address(topic, n): part(topic, n, total, **more) for n in range(1, total + 1)}


def whole_body(topic: str, numbers: Mapping[int, object] | range) -> str:
    """The body of an article of these pages."""
    return "\n\n".join(sentence for n in numbers for sentence in paragraphs(topic, n))
