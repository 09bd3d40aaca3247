"""One answer out of what a page shows and what it declares.

The order in which people are believed:

1. the byline that a reader sees, since themes fill linked data with the name of whoever pressed the
   button; a person who is declared too is completed with the declared degrees, title, address,
   and where JSON-LD declares all whom the byline names, and others beside, these count too.
   Where byline and declaration name different people and the page shows the declared name first,
   the byline is another article's, and the declaration counts;
2. JSON-LD, then microdata, then RDFa (`declared_people`), of the page's own article alone;
3. meta tags, then links marked `rel=author`;
4. the data that the page carries for its scripts (`state_people`), where nobody else is named.

The first place that names anybody counts, for authors and for reviewers apart: one person in both
roles is in both lists. An organisation is an author where the byline names it, where it is a news
agency, and where linked data declares an organisation that is neither the site nor its publisher.
Logins, addresses, bare roles, staffs and the site's own names are nobody. Contradictions are noted
in `warnings`, not hidden.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from pipelines.bylines import Byline
from pipelines.cjk_shapes import is_cjk
from pipelines.dates import DateFound
from pipelines.declared_names import Naming, site_keys
from pipelines.declared_people import People
from pipelines.metadata import Metadata
from pipelines.phrases import bare, squash
from pipelines.reconcile_dates import Days, merge_dates
from pipelines.records import Person
from pipelines.state_people import people_of_state
from pipelines.told import Told, sources_of
from pipelines.vocabulary import vocabulary
from pipelines.warning_codes import AUTHORS_DIFFER, REVIEWERS_DIFFER

# A byline may stand in two lines, at most so far apart in the list of bylines.
NEIGHBOURS = 2
# Texts that a reader may see and that hold one of two names, in reading order.
_NAMED = etree.XPath(
    "(//body//text()[contains(., $one) or contains(., $other)]"
    "[not(parent::script or parent::style or parent::noscript or parent::title)])[1]"
)
# Where the article's people are written as one list. Items in the mark-up may hold those of cards,
# meta tags and links are set by other hands.
LISTED = "JSON-LD"
# As many labelled lines, each with a name of its own, are a list of articles.
CARDS = 3
# Lines whose words are looked for in the rest of the page: each time all of it is read.
CHECKED = 8


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


def merge_people_and_dates(
    metadata: Metadata, bylines: Sequence[Byline], portraits: Sequence[Person] = ()
) -> Credits:
    """Reconcile the declared people and dates with `bylines`, in reading order.

    `portraits`: what biographies say of people; they complete them and name nobody else.
    """
    bylines = _continued(bylines)
    seen_authors = _seen(bylines, "authors", metadata)
    seen_reviewers = _seen(bylines, "reviewers", metadata)
    authors = _believed(seen_authors, "authors", metadata)
    reviewers = _believed(seen_reviewers, "reviewers", metadata)
    if not authors.value:
        authors, stored = _of_state(metadata)
        reviewers = reviewers if reviewers.value else stored
    authors = dataclasses.replace(authors, value=_portrayed(authors.value, portraits))
    reviewers = dataclasses.replace(reviewers, value=_portrayed(reviewers.value, portraits))
    days = merge_dates(metadata, bylines)
    warnings = []
    if seen_authors and metadata.authors and not _share(seen_authors, metadata.authors):
        warnings.append(AUTHORS_DIFFER)
    if seen_reviewers and metadata.reviewers and not _share(seen_reviewers, metadata.reviewers):
        warnings.append(REVIEWERS_DIFFER)
    return Credits(
        authors=authors.value,
        reviewers=reviewers.value,
        published=days.published,
        modified=days.modified,
        reviewed=days.reviewed,
        warnings=(*warnings, *days.warnings),
        sources=sources_of(authors=authors, reviewers=reviewers) | _places(days),
    )


def _places(days: Days) -> dict[str, str]:
    """Where the days stand, by the names of the record's fields."""
    found = {"published": days.published, "modified": days.modified, "reviewed": days.reviewed}
    return {f"date_{name}": day.source for name, day in found.items() if day and day.source}


def _believed(seen: tuple[Person, ...], field: str, metadata: Metadata) -> People:
    """The people of the byline, completed, or those who are declared."""
    declared: tuple[Person, ...] = getattr(metadata, field)
    if seen and not (declared and _is_later(seen, declared, metadata)):
        people, source = _reconciled(seen, declared), metadata.sources.get(field, "")
        more = [person for person in declared if not _share((person,), seen)]
        if more and source.startswith(LISTED) and all(_share((p,), declared) for p in seen):
            return Told((*people, *more), f"byline, {source}")  # it names nobody else
        return Told(people, "byline")
    return Told(declared, metadata.sources.get(field))


def _is_later(seen: Sequence[Person], declared: Sequence[Person], metadata: Metadata) -> bool:
    """Whether the byline names others than are declared, and the page shows these before it."""
    if metadata.root is None or _share(seen, declared):
        return False
    other = declared[0].name
    first: Any = _NAMED(metadata.root, one=seen[0].name, other=other)
    return bool(first) and other in first[0]


def _of_state(metadata: Metadata) -> tuple[People, People]:
    """Authors and reviewers in the data for the page's scripts."""
    if metadata.root is None:
        return Told(()), Told(())
    words = vocabulary(*((metadata.language,) if metadata.language else ()))
    naming = Naming(words, site_keys(metadata.site_names), metadata.canonical_url)
    return people_of_state(metadata.root, metadata.titles, naming)


def _seen(bylines: Sequence[Byline], field: str, metadata: Metadata) -> tuple[Person, ...]:
    """The people that visible lines name, the site itself left out."""
    declared: tuple[Person, ...] = getattr(metadata, field)
    named = [
        (i, byline)
        for i, byline in enumerate(bylines)
        if getattr(byline, field)
        and not (i < CHECKED and _is_heading(byline, field, declared, metadata))
    ]
    labelled = [(i, b) for i, b in named if b.labelled and not _of_another(b, declared, metadata)]
    found = _of_lines(labelled, field, declared)
    if not labelled:
        people = _of_lines([(i, b) for i, b in named if not b.labelled], field, declared)
        if _share(people, declared) or not declared:
            found = tuple(p for p in people if declared or _is_told(p, metadata))
    sites = {bare(name) for name in metadata.site_names}
    return _of_the_site(tuple(p for p in found if bare(p.name) not in sites), sites)


def _of_the_site(people: tuple[Person, ...], sites: set[str]) -> tuple[Person, ...]:
    """The people with the site's abbreviation as their institution, where it stands behind the
    last of them as a degree would: "Jane Doe, PhD, and John Roe, PhD, XYZ"."""
    *others, last = (people[-1].credentials or "").split(", ") if people else [""]
    if not last or bare(last) not in sites or any(person.affiliation for person in people):
        return people
    lone = dataclasses.replace(people[-1], credentials=", ".join(others) or None)
    return tuple(dataclasses.replace(p, affiliation=last) for p in (*people[:-1], lone))


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
    """The people of the first line, of lines right behind it, and of sentences about the page.

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
        if last is None or i - last <= NEIGHBOURS or byline.own:
            for person in getattr(byline, field):
                key = squash(person.name)
                found[key] = _completed(found.get(key, person), person)
            last = i
    return tuple(found.values())


def _is_heading(byline: Byline, field: str, declared: Sequence[Person], metadata: Metadata) -> bool:
    """Whether a label stands before words that the page uses in small letters, and no names: "By
    Age Group", "By Appointment Only"."""
    people: tuple[Person, ...] = getattr(byline, field)
    if not byline.labelled or _share(people, declared):
        return False
    return all(
        " " in p.name and not (p.credentials or p.role or p.url) and _is_common(p.name, metadata)
        for p in people
    )


def _is_told(person: Person, metadata: Metadata) -> bool:
    """Whether a line without a label names the person surely: by a degree or a title with the name.

    A column and a place stand beside a day, too, spelt as names are.
    """
    told = person.credentials or person.role or is_cjk(person.name)
    return bool(told) and not _is_common(person.name, metadata)


def _is_common(name: str, metadata: Metadata) -> bool:
    """Whether the page uses the same words in small letters: "Mental Health" is a column."""
    small = name.lower()
    if metadata.root is None or small == name:
        return False
    return any(small in text for text in metadata.root.itertext("p", "li", "div", "span"))


def _reconciled(seen: tuple[Person, ...], declared: tuple[Person, ...]) -> tuple[Person, ...]:
    """The visible people, completed from the declared."""
    completed = []
    for person in seen:
        match = next((d for d in declared if _same(person.name, d.name)), None)
        if match and len(match.name.split()) > len(person.name.split()):
            person = dataclasses.replace(person, name=match.name)
        completed.append(_completed(person, match) if match else person)
    return tuple(completed)


def _portrayed(people: tuple[Person, ...], portraits: Sequence[Person]) -> tuple[Person, ...]:
    """The people, completed from what biographies say of them."""
    completed = []
    for person in people:
        for other in portraits:
            if _same(person.name, other.name):
                person = _completed(person, other)
        completed.append(person)
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
