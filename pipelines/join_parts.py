"""One article out of the pages that it is printed on.

`belonging` says which pages carry on the first one's text, `join_parts` puts them together. Both
know records only; where the pages come from is the crawl's matter.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import takewhile
from typing import TypeVar

from pipelines.language import count_words
from pipelines.measure import weigh
from pipelines.part_words import part_words
from pipelines.phrases import once, squash
from pipelines.records import Article, Link, Links, Rejected, Section
from pipelines.warning_codes import PART_MISSING

# Weighted characters that the pages of an article have on the average, at least: five lines. A page
# of a gallery has a picture and its caption.
LEAST_TEXT = 300
# Share of its paragraphs that a page may have from the first: a teaser, a note at the end. A page
# whose comments or list of links alone are turned has all of them.
MOST_REPEATED = 0.5

_Thing = TypeVar("_Thing")


def belonging(parts: Mapping[int, Article]) -> frozenset[int]:
    """The numbers of the parts that are of one article with part 1; without others, none.

    They have its headline, but for what numbers the page, and text of their own.
    """
    first = parts[1]
    found = {n for n, part in parts.items() if n != 1 and _carries_on(first, part)}
    if not found:
        return frozenset()
    size = sum(weigh(parts[n].body) for n in {1, *found})
    return frozenset({1, *found}) if size >= LEAST_TEXT * (len(found) + 1) else frozenset()


def _carries_on(first: Article, part: Article) -> bool:
    words = part_words()
    if part.title and first.title and words.title(part.title) != words.title(first.title):
        return False
    here, there = set(_paragraphs(first.body)), _paragraphs(part.body)
    repeated = sum(paragraph in here for paragraph in there)
    return bool(there) and repeated <= MOST_REPEATED * len(there)


def part_of_refused(page: Rejected) -> Article | None:
    """What is left of an article on a page that is none by itself: a last page with three lines.

    Its text has no headings then. None where nothing of it was kept.
    """
    if not page.body or not page.reason.startswith("page-type-"):
        return None
    return Article(
        id="",
        url=page.url,
        title=page.title,
        sections=(Section(0, None, page.body),),
        body=page.body,
        page_sha256=page.page_sha256,
    )


def join_parts(parts: Mapping[int, Article], missing: Collection[int] = ()) -> Article:
    """The article of the parts, by their numbers; part 1 is among them.

    Headline, people, dates, address, identifier and the digest of the page are the first's; what
    it does not tell, the next that does. Text, pictures, sources and what was removed stand in the
    order of the parts. `missing`: numbers of parts that could not be had, each a warning.

    >>> first, second = (Article(id="1", sections=(Section(0, None, text),)) for text in "AB")
    >>> joined = join_parts({1: first, 2: second}, missing=[3])
    >>> joined.body, joined.warnings
    ('A\\n\\nB', ('part-missing:3',))
    """
    every = [_without_pager(parts[number]) for number in sorted(parts)]
    first = every[0]
    sections = _joined_sections(every)
    body = "\n\n".join(piece for s in sections for piece in (s.heading, s.text) if piece)
    told = {name: _first_told(every, names) for names in _TOGETHER for name in names}
    warnings = dict.fromkeys(code for part in every for code in part.warnings)
    return dataclasses.replace(
        first,
        **{name: getattr(part, name) for name, part in told.items()},
        title=first.title and part_words().shown_title(first.title),
        sections=sections,
        body=body,
        figures=_each_once(figure for part in every for figure in part.figures),
        references=_each_once(entry for part in every for entry in part.references),
        tags=once(tag for part in every for tag in part.tags),
        links=_links(every),
        word_count=count_words(body, first.language),
        boilerplate_share=_boilerplate_share(every),
        warnings=(*warnings, *(f"{PART_MISSING}:{number}" for number in sorted(missing))),
        removed=tuple(entry for part in every for entry in part.removed),
        body_sha256=hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest(),
    )


def _without_pager(part: Article) -> Article:
    """A part without "Page 1 of 3" above or below its text."""
    words = part_words()

    def stripped(section: Section) -> Section:
        paragraphs = section.text.split("\n\n")
        kept = [paragraph for paragraph in paragraphs if not words.is_pager(paragraph)]
        text = "\n\n".join(kept)
        return section if text == section.text else dataclasses.replace(section, text=text)

    return dataclasses.replace(part, sections=tuple(map(stripped, part.sections)))


# Fields that one part tells together: the first part that has any of them.
_TOGETHER = (
    ("description",),
    ("author", "authors"),
    ("reviewer", "reviewers"),
    ("date_published", "date_published_raw"),
    ("date_modified", "date_modified_raw"),
    ("date_reviewed", "date_reviewed_raw"),
    ("language",),
    ("breadcrumbs",),
    ("medical",),
    ("rights",),
    ("license",),
    ("robots",),
)


def _first_told(every: Sequence[Article], names: tuple[str, ...]) -> Article:
    return next((part for part in every if any(getattr(part, n) for n in names)), every[0])


def _joined_sections(every: Sequence[Article]) -> tuple[Section, ...]:
    """The sections of all parts; one that goes on across a page break is one."""
    joined: list[Section] = []
    closing = _closing([part.sections for part in every])
    for number, part in enumerate(every):
        sections = _without_headline(list(part.sections), every[0], opens=number == 0)
        if number:
            sections = _without_opening(sections, every[0].sections, joined)
        if number < len(every) - 1:
            sections = _without_closing(sections, closing)
        for section in sections:
            _append(joined, section)
    return tuple(joined)


def _append(joined: list[Section], section: Section) -> None:
    """Add a section, or its text to the one before where it carries that on."""
    if joined and _goes_on(joined[-1], section):
        last = joined[-1]
        text = "\n\n".join(piece for piece in (last.text, section.text) if piece)
        joined[-1] = dataclasses.replace(last, text=text)
    elif section.heading is not None or section.text:
        joined.append(section)


def _goes_on(last: Section, section: Section) -> bool:
    """Whether a section has no heading, or the same with "(continued)"."""
    if section.heading is None:
        return True
    if last.heading is None:
        return False
    words = part_words()
    marked = words.heading(section.heading) != squash(section.heading).strip(" .:()")
    return marked and words.heading(section.heading) == words.heading(last.heading)


def _without_headline(sections: list[Section], first: Article, *, opens: bool) -> list[Section]:
    """The sections of a part; a heading that is the article's headline again is none."""
    if opens or not sections or sections[0].heading is None or not first.title:
        return sections
    words = part_words()
    heading = words.heading(words.title(sections[0].heading))
    if heading not in ("", words.title(first.title)):
        return sections
    return [Section(0, None, sections[0].text), *sections[1:]]


def _without_opening(
    sections: list[Section], opening: Sequence[Section], joined: Sequence[Section]
) -> list[Section]:
    """The sections without the paragraphs at their beginning that every part begins with, or with
    which the part before has ended."""
    if not sections or not joined or not sections[0].text:
        return sections
    head, *rest = sections
    paragraphs = head.text.split("\n\n")
    before = joined[-1].text.split("\n\n")[-1:]
    frame = opening[0].text.split("\n\n") if opening else []
    if head.heading is None:
        alike = zip(paragraphs, frame, strict=False)
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], alike))
        paragraphs = paragraphs[same:]
        if paragraphs[:1] == before:
            paragraphs = paragraphs[1:]
    return [dataclasses.replace(head, text="\n\n".join(paragraphs)), *rest]


def _closing(every: Sequence[Sequence[Section]]) -> tuple[str, ...]:
    """The paragraphs with which all parts end alike: a notice that stands on each page."""
    ends = [part[-1].text.split("\n\n")[::-1] if part else [] for part in every]
    alike = takewhile(lambda row: len(set(row)) == 1, zip(*ends, strict=False))
    return tuple(row[0] for row in alike if row[0])[::-1]


def _without_closing(sections: list[Section], closing: tuple[str, ...]) -> list[Section]:
    if not closing or not sections:
        return sections
    *rest, last = sections
    paragraphs = last.text.split("\n\n")
    if tuple(paragraphs[-len(closing) :]) != closing:
        return sections
    return [*rest, dataclasses.replace(last, text="\n\n".join(paragraphs[: -len(closing)]))]


def _links(every: Sequence[Article]) -> Links:
    """The article before is the first part's, the next one the last's."""
    own = {part.url for part in every}
    related: dict[str, Link] = {}
    for link in (link for part in every for link in part.links.related):
        if link.url not in own:
            related.setdefault(link.url or link.title or "", link)
    back = next((p.links.previous for p in every if _leads_out(p.links.previous, own)), None)
    on = next((p.links.next for p in reversed(every) if _leads_out(p.links.next, own)), None)
    return Links(back, on, tuple(related.values()))


def _leads_out(link: Link | None, own: Collection[str | None]) -> bool:
    return link is not None and link.url not in own


def _boilerplate_share(every: Sequence[Article]) -> float | None:
    """The share of all parts' text, each weighed by how much text it has."""
    known = [(weigh(p.body), p.boilerplate_share) for p in every if p.boilerplate_share is not None]
    total = sum(kept / (1 - share) for kept, share in known if share < 1)
    return round(1 - sum(kept for kept, _ in known) / total, 4) if total else None


def _each_once(things: Iterable[_Thing]) -> tuple[_Thing, ...]:
    return tuple(dict.fromkeys(things))


def _paragraphs(body: str) -> list[str]:
    return [squash(paragraph) for paragraph in re.split(r"\n\s*\n", body) if paragraph.strip()]
