"""Which part of which article a page is, where the article is printed over several pages.

Four sides speak: addresses that differ by a page's number alone, links that name a number or the
next page in words, `rel=next` and `rel=prev`, and a count ("Page 2 of 3"). Where the address itself
says "page" (`?page=2`, `/page/2`), one more side is enough; a bare number (`/a-2.html`) may as well
be part of a name, so that words or a row of numbers that holds this page's own must say it. A link
to the next *article* has another address, or another article's title as its text.

What is found here is a claim. Whether the other page carries on this text is seen when it is there:
`join_parts.belonging`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from pipelines.addresses import absolute
from pipelines.page import Page, PageLink
from pipelines.part_addresses import Reading, beginning, readings
from pipelines.part_words import Count, part_words

# A row of numbers that goes on beyond this turns the pages of a list: articles of a dozen pages are
# long ones, and what has more than this is a book.
MOST_PARTS = 50
# Characters between what all pages' addresses begin with and their end, or their parameters.
_LONGEST_NUMBERING = 24
# Characters of the text around links to pages: a row of numbers, a label, "Page 2 of 3".
_LONGEST_PAGER = 300
_HIGHEST_ELEMENT = 4
# Where numbered links turn other leaves than the article's.
_ELSEWHERE = re.compile(
    r"comment|kommentar|comentario|disqus|respond|repl(?:y|ies)|gallery|galerie|slide(?:r|show)|"
    r"carousel|lightbox|related|recommend|archive|calendar|sidebar|review-list",
)
_LEVELS = 8
_BOUNDS = frozenset({"article", "main", "body"})


@dataclass(frozen=True, slots=True)
class Parts:
    """This page is part `number` (from 1) of an article of several pages, of `total` as it says.

    `whole` is the same for all parts of an article. `addresses`: the parts that the page links to,
    and their numbers. `view_all`: the address of the whole article as one page, where the page
    names that as the one that counts (`rel=canonical`). `sure`: False where nothing on the page
    tells whether its address counts from 1 or from 0, so that all numbers may be one too small.
    """

    whole: str
    number: int
    total: int | None = None
    addresses: tuple[tuple[int, str], ...] = ()
    view_all: str | None = None
    sure: bool = True


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A link to an address that differs from the page's own by a number alone."""

    url: str
    reading: Reading
    text: str = ""
    rel: str = ""
    element: HtmlElement | None = None


def page_parts(page: Page, links: Sequence[PageLink]) -> Parts | None:
    """What the page says of the parts of its article; None where it is all of it.

    `links`: those of the page, as `page_links` gives them.
    """
    if page.url is None:
        return None
    own = readings(page.url)
    if not own[0].stem.partition("/")[2]:
        return None  # the front page of a site is no article
    candidates = [*_linked(page, own, links), *_in_head(page, own)]
    for group in _groups(own, candidates):
        if parts := _claim(page, own, group):
            return parts
    return None


def _linked(
    page: Page, own: tuple[Reading, ...], links: Sequence[PageLink]
) -> Iterator[_Candidate]:
    """The links to other numbers of this address; most pages have none, which costs little."""
    assert page.url is not None
    start = beginning(page.url)
    found = {
        link.url: reading
        for link in links
        if _begins(link.url, start) and (reading := _other(own, link.url))
    }
    if not found:
        return
    anchors = (anchor for anchor in page.root.iter("a") if anchor.get("href"))
    for anchor in anchors:
        url = absolute(page.base_url, anchor.get("href").strip()).partition("#")[0]
        url = url.replace(" ", "%20")
        if url in found and "#" not in anchor.get("href") and not _stands_elsewhere(anchor):
            text = " ".join("".join(anchor.itertext()).split()) or anchor.get("aria-label") or ""
            rel = (anchor.get("rel") or "").lower()
            yield _Candidate(url, found[url], text, rel, anchor)


def _begins(url: str, start: str) -> bool:
    """Whether an address may be another number's: a quick look, for all links of a page."""
    at = url.find(start, 0, len(start) + len("https://www."))
    if at < 0:
        return False
    rest = url[at + len(start) :]
    return len(rest.partition("?")[0]) <= _LONGEST_NUMBERING


def _in_head(page: Page, own: tuple[Reading, ...]) -> Iterator[_Candidate]:
    for rel, url in _head_links(page):
        if {"next", "prev", "previous"} & set(rel.split()) and (reading := _other(own, url)):
            yield _Candidate(url, reading, rel=rel)


def _head_links(page: Page) -> Iterator[tuple[str, str]]:
    head = page.root.find("head")
    for link in () if head is None else head.iter("link"):
        rel, href = (link.get("rel") or "").lower(), (link.get("href") or "").strip()
        url = absolute(page.base_url, href) if href else ""
        if rel and url:
            yield rel, url


def _other(own: tuple[Reading, ...], url: str) -> Reading | None:
    """How an address is read as another number of this one; None where it is none."""
    theirs = readings(url)
    if theirs[0].stem == own[0].stem:
        return None
    for mine in own:
        for reading in theirs:
            alike = reading.stem == mine.stem and (mine.number or reading.number) is not None
            if alike and (not mine.form or not reading.form or mine.form == reading.form):
                return reading
    return None


def _groups(
    own: tuple[Reading, ...], candidates: Iterable[_Candidate]
) -> Iterator[list[_Candidate]]:
    """The candidates of each way to number the pages; a page has one as a rule."""
    by_form: dict[tuple[str, str], list[_Candidate]] = {}
    plain: list[_Candidate] = []
    for one in candidates:
        if one.reading.number is None:
            plain.append(one)
        else:
            by_form.setdefault((one.reading.stem, one.reading.form), []).append(one)
    for (stem, _), group in by_form.items():
        yield [*group, *(one for one in plain if one.reading.stem == stem)]
    if plain and not by_form:
        for reading in own[1:]:
            yield [one for one in plain if one.reading.stem == reading.stem]


def _claim(page: Page, own: tuple[Reading, ...], group: Sequence[_Candidate]) -> Parts | None:
    """What a group of links comes to, all sides heard."""
    if not group:
        return None
    stem = group[0].reading.stem
    mine = next((reading for reading in own if reading.stem == stem), None)
    if mine is None:
        return None
    labels = {id(one): part_words().label_number(one.text) for one in group}
    shift = _shift(mine, group, labels)
    if shift is None:
        return None
    number = 1 if mine.number is None else mine.number + shift
    numbers = {id(one): _number(one, shift) for one in group}
    if number < 1:
        return None
    counts = _counts(page, group)
    counted = [count for count in counts if count.number == number]
    sides = _Sides(
        numbered=any(labels[id(one)] == numbers[id(one)] != number for one in group),
        shown=any(_shows(one.element, number) for one in group if labels[id(one)] is not None),
        worded=any(_leads(one, numbers[id(one)] - number, page_only=True) for one in group),
        pointed=any(_leads(one, numbers[id(one)] - number, page_only=False) for one in group),
        declared=any(_declares(one, numbers[id(one)] - number) for one in group),
        counted=bool(counted),
    )
    named = mine.named or any(one.reading.named for one in group)
    if not (sides.enough_by_name if named else sides.enough):
        return None
    addresses = {numbers[id(one)]: one.url for one in reversed(group)}
    addresses = {n: url for n, url in sorted(addresses.items()) if n >= 1 and n != number}
    totals = [count.total for count in counted if count.total and count.total >= number]
    highest = max((number, *addresses, *totals))
    if highest > MOST_PARTS:
        return None
    total = max(max(totals), highest) if totals else (highest if sides.numbered else None)
    view_all = _view_all(page, stem, own, group)
    told = any(label is not None for label in labels.values()) or bool(counted)
    sure = (
        told or not named or number == 1 or shift > 0 or None in {o.reading.number for o in group}
    )
    return Parts(stem, number, total, tuple(addresses.items()), view_all, sure)


@dataclass(frozen=True, slots=True)
class _Sides:
    """Which sides say that these are pages of one text."""

    numbered: bool
    """links are named by the number that their address has"""
    shown: bool
    """among these numbers the page's own is shown, too"""
    worded: bool
    """a link says "next page" and leads there"""
    pointed: bool
    """the same for "next" or an arrow"""
    declared: bool
    """rel=next or rel=prev leads there"""
    counted: bool
    """a line says "page 2 of 3", and this is page 2"""

    @property
    def enough_by_name(self) -> bool:
        """For addresses in which a word says "page"."""
        return self.numbered or self.worded or self.pointed or self.declared

    @property
    def enough(self) -> bool:
        """For addresses that end in a number."""
        linked = self.numbered or self.pointed or self.declared
        return self.worded or (self.numbered and self.shown) or (self.counted and linked)


def _shift(mine: Reading, group: Sequence[_Candidate], labels: dict[int, int | None]) -> int | None:
    """What is to be added to the numbers of addresses: 1 where they count from 0.

    None where labels contradict the addresses.
    """
    told = set()
    for one in group:
        label, number = labels[id(one)], one.reading.number
        if label is not None and number is not None:
            told.add(label - number)
        elif label is not None and label != 1:
            return None  # the address without a number is the first page's
    if told:
        return told.pop() if len(told) == 1 and told <= {0, 1} else None
    numbers = {one.reading.number for one in group}
    from_zero = 0 in numbers or mine.number == 0
    if mine.number is None and 1 in numbers:
        return 1  # the page behind the first, which has no number, is called 1
    if mine.number == 1 and None in numbers:
        return 1
    return int(from_zero)


def _number(one: _Candidate, shift: int) -> int:
    return 1 if one.reading.number is None else one.reading.number + shift


def _leads(one: _Candidate, step: int, *, page_only: bool) -> bool:
    words = part_words()
    if step == 1:
        return words.leads_on(one.text) or (not page_only and words.points_on(one.text))
    if step == -1:
        return words.leads_back(one.text) or (not page_only and words.points_back(one.text))
    return False


def _declares(one: _Candidate, step: int) -> bool:
    rels = set(one.rel.split())
    return ("next" in rels and step == 1) or (bool({"prev", "previous"} & rels) and step == -1)


def _shows(element: HtmlElement | None, number: int) -> bool:
    """Whether the row of numbers that a link stands in shows this number as well, and not as a
    link to another page."""
    if element is None:
        return False
    text = _around(element)
    return any(piece.lstrip("0") == str(number) for piece in re.findall(r"\d+", text))


def _counts(page: Page, group: Sequence[_Candidate]) -> tuple[Count, ...]:
    """What the lines around the links, and the page's title, count."""
    texts = {_around(one.element): None for one in group if one.element is not None}
    title = page.root.findtext(".//title") or ""
    words = part_words()
    in_title = [
        count for piece in re.split(r"[-–—|()（）]", title) for count in words.counts(piece)
    ]
    return (*(count for text in texts for count in words.counts(text)), *in_title)


def _around(element: HtmlElement) -> str:
    """The text of the largest element around a link that holds no more than a row of links."""
    found = ""
    node = element.getparent()
    for _ in range(_HIGHEST_ELEMENT):
        if node is None or node.tag in _BOUNDS:
            break
        text = _short_text(node)
        if text is None:
            break
        found, node = text, node.getparent()
    return found


def _short_text(node: HtmlElement) -> str | None:
    """The text of an element; None where it is more than a row of links has."""
    pieces: list[str] = []
    size = 0
    for piece in node.itertext():
        size += len(piece.strip())
        if size > _LONGEST_PAGER:
            return None
        pieces.append(piece)
    return " ".join(" ".join(pieces).split())


def _stands_elsewhere(anchor: HtmlElement) -> bool:
    """Whether a link stands in a list of comments, a gallery and the like, by class names."""
    node: HtmlElement | None = anchor
    for _ in range(_LEVELS):
        if node is None or node.tag in _BOUNDS:
            return False
        if _ELSEWHERE.search(f"{node.get('class') or ''} {node.get('id') or ''}".lower()):
            return True
        node = node.getparent()
    return False


def _view_all(
    page: Page, stem: str, own: tuple[Reading, ...], group: Sequence[_Candidate]
) -> str | None:
    """The canonical address, where that is none of the parts' and lies by them or is linked as the
    whole article."""
    canonical = next((url for rel, url in _head_links(page) if "canonical" in rel.split()), None)
    if canonical is None or not canonical.startswith(("http://", "https://")):
        return None
    plain = readings(canonical)[0].stem
    if plain in (stem, own[0].stem) or _other(own, canonical):
        return None
    if any(readings(one.url)[0].stem == plain for one in group):
        return None
    beside = plain.startswith((f"{stem}/", f"{stem}?", f"{stem}-", f"{stem}_"))
    words = part_words()
    linked = any(
        words.shows_all("".join(anchor.itertext()))
        and readings(absolute(page.base_url, anchor.get("href")))[0].stem == plain
        for anchor in page.root.iter("a")
        if anchor.get("href")
    )
    return canonical if beside or linked else None
