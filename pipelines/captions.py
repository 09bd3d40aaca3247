"""The text below a picture, and apart from it the name of whoever made the picture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pipelines.image_address import image_words

# Between a credit's label and the name: "Photo: X", "Foto von X", "摄影：X", "Image © X".
BETWEEN = (
    r"\s{0,3}(?:credits?|by|courtesy of|von|par|de|di|от)?\s{0,3}[:：/=＝©]\s{0,3}|"
    r"\s{1,3}(?:by|courtesy of|von|par)\s{1,3}"
)
# A credit is a name or two (characters).
CREDIT_CHARS = 90
# Behind a caption, the sign alone says whose picture it is.
SIGNED = re.compile(r"(?:^|[\s(（\[【|.。])((?:©|\(c\)\s|Ⓒ|ⓒ|&copy;)\s{0,3}[^©]{2,90})$", re.I)
# "… （北野春子撮影）", "… / Ida Berg": a maker, by the word behind the name or the bar before it.
MADE = re.compile(
    r"[（(【]([^（）()【】]{2,30}\s?(?:撮影|提供|摄|攝|摄影|攝影|供图|供圖|제공|촬영))[)）】]$|"
    r"[\s。]([^\s。]{2,12}\s?(?:摄|攝|供图|供圖))$|"
    r"\s/\s((?:[A-ZÀ-Þ][\w.'’-]{1,20}\s?){2,4})$"
)
# A label and a colon behind the end of a sentence need no capital: "Picture: the clinic's archive".
LABELLED = re.compile(r"[.。!?(（\[【|]\s{0,3}$")
# What WordPress leaves in a page where the part that reads it has been taken out.
SHORTCODE = re.compile(r"^\s*\[caption\b[^\]]{0,300}\]|\[/caption\]\s*$", re.I)
# Marks around a credit that belong to neither it nor the caption.
BEFORE, AFTER = " |(（[【·-–—/,;", " )）]】|"
# Elements inside a caption that may be the credit, and how many of them are looked at.
INLINE = ("span", "cite", "small", "em", "i", "a", "p", "div", "b", "strong", "footer")
MOST_PARTS = 30


def split_credit(text: str, labels: tuple[str, ...]) -> tuple[str | None, str | None]:
    """Caption and credit of a line; `labels` are the language's own for a maker of pictures.

    >>> split_credit("The ankle (Photo: Anna Lind)", ())
    ('The ankle', 'Photo: Anna Lind')
    """
    text = SHORTCODE.sub("", text).strip()
    for start, credit in _found(text, labels):
        return text[:start].rstrip(BEFORE) or None, trimmed(credit)
    return text or None, None


def _found(text: str, labels: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Where a credit at the end of the text begins, and the credit, the surest first."""
    labelled = _credits(labels).search(text)
    if labelled and len(labelled.group(1)) <= CREDIT_CHARS and _is_name(text, labelled):
        yield labelled.start(1), labelled.group(1)
    for pattern in (SIGNED, _sellers(), MADE):
        if match := pattern.search(text):
            n = match.lastindex or 1
            yield match.start(n), match.group(n)


def _is_name(text: str, match: re.Match[str]) -> bool:
    """Whether a label is followed by what names are: a capital, a script without them, a host."""
    name = match.group(2)
    if not name[:1].islower() or "." in name.split()[0][:-1]:
        return True
    said = match.group(1)[: -len(name)].rstrip()
    sure = said.endswith((":", "：", "of"))
    return sure and bool(LABELLED.search(text[: match.start(1)]))


def trimmed(credit: str) -> str:
    """A credit without the brackets around it, those in it left whole.

    >>> trimmed("Photo: Ida Berg)"), trimmed("Ida Berg (Nordbild)")
    ('Photo: Ida Berg', 'Ida Berg (Nordbild)')
    """
    credit = credit.strip(" |")
    for opening, closing in ("()", "（）", "[]", "【】"):
        while credit.endswith(closing) and credit.count(closing) > credit.count(opening):
            credit = credit[:-1].rstrip()
        while credit.startswith(opening) and credit.count(opening) > credit.count(closing):
            credit = credit[1:].lstrip()
        if credit.startswith(opening) and credit.endswith(closing) and credit.count(opening) == 1:
            credit = credit[1:-1].strip()
    return credit


@lru_cache(maxsize=1)
def _sellers() -> re.Pattern[str]:
    """Who sells pictures, at the end of a caption: in brackets, behind a full stop or a bar."""
    known = "|".join(map(re.escape, sorted(image_words()["seller"], key=len, reverse=True)))
    inner = r"[^.。!?|()（）\[\]\n]{0,50}"
    return re.compile(
        rf"(?:^|[.。!?|(（\[【\n–—-]\s{{0,3}})((?:{inner}[/,|]\s{{0,2}})?(?:via\s)?"
        rf"(?:{known})(?:[/\s,]{inner})?)[)）\]】.]?$",
        re.I,
    )


@lru_cache(maxsize=64)
def _credits(labels: tuple[str, ...]) -> re.Pattern[str]:
    """A credit at the end of a caption: one of the labels, and the name behind it."""
    known = "|".join(
        re.escape(label)
        for label in sorted({*labels, *image_words()["label"]}, key=len, reverse=True)
    )
    return re.compile(rf"(?:^|[\s(（\[【|.。])((?:{known})(?:{BETWEEN})(\S.*))$", re.I)


def marked_credit(container: Any) -> str | None:
    """The text of the element in a caption whose class or property says that it is the credit."""
    for count, element in enumerate(container.iter(*INLINE)):
        if count > MOST_PARTS:
            break
        if element.tag == "cite" or _credit_words(element):
            text = trimmed(" ".join(element.text_content()[: 2 * CREDIT_CHARS].split()))
            if 0 < len(text) <= CREDIT_CHARS:
                return text
    return None


def _credit_words(element: Any) -> bool:
    named = f"{element.get('class') or ''} {element.get('itemprop') or ''}"
    return names_credit(named.lower()) if named != " " else False


@lru_cache(maxsize=1024)
def names_credit(names: str) -> bool:
    """Whether class names, in lower case, say that an element holds a credit.

    >>> names_credit("caption__credit"), names_credit("wp-caption-text")
    (True, False)
    """
    return bool(set(re.split(r"[\s_-]+", names)) & image_words()["credit"])


def without_credit(text: str, credit: str) -> str | None:
    """The caption less the credit that stands at one of its ends.

    >>> without_credit("The ankle. Photo: Ida Berg", "Photo: Ida Berg")
    'The ankle.'
    """
    if text.rstrip(AFTER).endswith(credit):
        return text[: text.rindex(credit)].rstrip(BEFORE) or None
    return text.removeprefix(credit).lstrip(AFTER + ".:") or None
