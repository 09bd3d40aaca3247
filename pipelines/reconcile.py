"""One answer out of what a page shows and what it declares.

A byline that a reader sees beats linked data, which themes fill with the name of whoever pressed
the button; linked data completes the same person. Contradictions are noted, not hidden.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipelines.bylines import Byline
from pipelines.dates import DateFound
from pipelines.metadata import Metadata
from pipelines.phrases import bare, squash
from pipelines.reconcile_dates import merge_dates
from pipelines.records import Person
from pipelines.warning_codes import AUTHORS_DIFFER, REVIEWERS_DIFFER

# A byline may stand in two lines, at most so far apart in the list of bylines.
NEIGHBOURS = 2
# As many labelled lines, each with a name of its own, are a list of articles.
CARDS = 3


@dataclass(frozen=True, slots=True)
class Credits:
    """Who wrote and reviewed the article and when, with warning codes."""

    authors: tuple[Person, ...] = ()
    reviewers: tuple[Person, ...] = ()
    published: DateFound | None = None
    modified: DateFound | None = None
    reviewed: DateFound | None = None
    warnings: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    """field of the record -> where its value stands, as in `Metadata.sources`"""


def merge_people_and_dates(metadata: Metadata, bylines: Sequence[Byline]) -> Credits:
    """Reconcile the declared people and dates with `bylines`, in reading order."""
    bylines = _continued(bylines)
    seen_authors = _seen(bylines, "authors", metadata)
    seen_reviewers = _seen(bylines, "reviewers", metadata)
    reviewers = _reconciled(seen_reviewers, metadata.reviewers)
    authors = _reconciled(seen_authors, metadata.authors)
    days = merge_dates(metadata, bylines)
    warnings = []
    if seen_authors and metadata.authors and not _share(seen_authors, metadata.authors):
        warnings.append(AUTHORS_DIFFER)
    if seen_reviewers and metadata.reviewers and not _share(seen_reviewers, metadata.reviewers):
        warnings.append(REVIEWERS_DIFFER)
    return Credits(
        authors=authors,
        reviewers=reviewers,
        published=days.published,
        modified=days.modified,
        reviewed=days.reviewed,
        warnings=(*warnings, *days.warnings),
        sources=_sources(metadata, authors=seen_authors, reviewers=seen_reviewers),
    )


def _sources(metadata: Metadata, **seen: tuple[Person, ...]) -> dict[str, str]:
    """Where the people stand: in the byline, or where they are declared."""
    return {
        name: "byline" if people else metadata.sources[name]
        for name, people in seen.items()
        if people or name in metadata.sources
    }


def _seen(bylines: Sequence[Byline], field: str, metadata: Metadata) -> tuple[Person, ...]:
    """The people that visible lines name, the site itself left out."""
    declared: tuple[Person, ...] = getattr(metadata, field)
    named = [(i, byline) for i, byline in enumerate(bylines) if getattr(byline, field)]
    labelled = [(i, b) for i, b in named if b.labelled and not _of_another(b, declared, metadata)]
    found = _of_lines(labelled, field, declared)
    if not labelled:
        people = _of_lines([(i, b) for i, b in named if not b.labelled], field, declared)
        if _share(people, declared) or not declared:
            found = tuple(p for p in people if declared or not _is_common(p.name, metadata))
    sites = {bare(name) for name in metadata.site_names}
    return tuple(person for person in found if bare(person.name) not in sites)


def _continued(bylines: Sequence[Byline]) -> list[Byline]:
    """The lines, with the label of one also for the people with degrees right below it."""
    lines: list[Byline] = []
    for line in bylines:
        above = lines[-1] if lines else None
        people = line.authors and not (line.labelled or line.published or line.modified)
        if people and above and above.labelled and bool(above.authors) != bool(above.reviewers):
            authors = line.authors if above.authors else ()
            reviewers = line.authors if above.reviewers else ()
            line = Byline(authors=authors, reviewers=reviewers, labelled=True)
        lines.append(line)
    return lines


def _of_another(byline: Byline, declared: Sequence[Person], metadata: Metadata) -> bool:
    """Whether neither the people nor the day of the line are the declared ones: another's card."""
    day, known = byline.published, metadata.published
    if not (declared and day and known and day.value and known.value):
        return False
    apart = abs((day.value - known.value).days) > 1
    people = (*byline.authors, *byline.reviewers)
    return apart and not byline.published_labelled and not _share(people, declared)


def _of_lines(
    lines: Sequence[tuple[int, Byline]], field: str, declared: Sequence[Person]
) -> tuple[Person, ...]:
    """The people of the first line, and of lines right behind it.

    The first that names somebody declared goes before all others, and of its neighbours those
    alone count that do too. Many lines with one name each are the cards of other articles.
    """
    own = [(i, b) for i, b in lines if _share(getattr(b, field), declared)]
    lines = own or lines
    names = {squash(person.name) for _, b in lines for person in getattr(b, field)}
    if not own and len(lines) >= CARDS and len(names) >= CARDS:
        lines = lines[:1]
    found: dict[str, Person] = {}
    last = None
    for i, byline in lines:
        if last is None or i - last <= NEIGHBOURS:
            for person in getattr(byline, field):
                key = squash(person.name)
                found[key] = _completed(found.get(key, person), person)
            last = i
    return tuple(found.values())


def _is_common(name: str, metadata: Metadata) -> bool:
    """Whether the page uses the same words in small letters: "Mental Health" is a column."""
    small = name.lower()
    if metadata.root is None or small == name:
        return False
    return any(small in text for text in metadata.root.itertext("p", "li", "div", "span"))


def _reconciled(seen: tuple[Person, ...], declared: tuple[Person, ...]) -> tuple[Person, ...]:
    """The visible people, completed from the declared; the declared where none is visible."""
    if not seen:
        return declared
    completed = []
    for person in seen:
        match = next((d for d in declared if _same(person.name, d.name)), None)
        if match and len(match.name.split()) > len(person.name.split()):
            person = dataclasses.replace(person, name=match.name)
        completed.append(_completed(person, match) if match else person)
    return tuple(completed)


def _completed(person: Person, other: Person) -> Person:
    """`person` with what only `other` tells."""
    return Person(
        name=person.name,
        credentials=person.credentials or other.credentials,
        role=person.role or other.role,
        affiliation=person.affiliation or other.affiliation,
        url=person.url or other.url,
    )


def _same(one: str, other: str) -> bool:
    """Whether two spellings are one person: equal, or one has a middle name or initial more."""
    a, b = bare(one).replace(".", "").split(), bare(other).replace(".", "").split()
    if a == b or not a or not b:
        return a == b
    if len(a) == 1 or len(b) == 1:
        return a[0] == b[0]
    return a[0] == b[0] and a[-1] == b[-1]


def _share(seen: Sequence[Person], declared: Sequence[Person]) -> bool:
    return any(_same(a.name, b.name) for a in seen for b in declared)
