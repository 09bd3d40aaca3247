"""Authors and reviewers in the data that a page carries for its scripts: the last place to look.

Only people of the object that has the page's own title: cards of other articles stand beside it.
Some states keep the author under a key for reviewers: a reviewer counts only where the same object
names an author who is somebody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lxml import html

from pipelines.declared_names import Naming
from pipelines.linked_data import Declared, Node
from pipelines.page_state import Budget, states
from pipelines.phrases import squash
from pipelines.records import Person
from pipelines.told import Told

# Characters of states that are read for people; one with the text of an article and its neighbours
# has a few hundred thousand.
MOST_STATE = 2_000_000
# Values that are walked through.
MOST_VALUES = 50_000
# People of one article; more are a masthead.
MOST_PEOPLE = 12

TITLES = ("title", "headline", "heading", "name")
AUTHOR_KEYS = (
    "author", "authors", "byline", "bylines", "writer", "writers", "authorName", "author_name",
)  # fmt: skip
REVIEWER_KEYS = (
    "reviewedBy", "medicallyReviewedBy", "medicalReviewer", "medicalReviewers", "reviewer",
    "reviewers", "factCheckedBy", "factChecker", "factCheckers",
)  # fmt: skip
# What stands around a list, or around the fields of an entry.
WRAPPERS = ("nodes", "edges", "node", "fields", "data", "attributes", "items")
NAME_KEYS = ("name", "displayName", "display_name", "fullName", "full_name", "authorName")
# What the person's other fields are called in linked data, and here.
DETAILS = (
    ("honorificSuffix", ("honorificSuffix", "credentials", "suffix", "qualifications")),
    ("jobTitle", ("jobTitle", "job_title", "role", "position")),
    ("affiliation", ("affiliation", "organization", "institution")),
)  # fmt: skip
# A script without any of these has no key for an author: plain strings are looked for in no time.
_SIGNS = ("author", "byline", "writer")


def people_of_state(
    root: html.HtmlElement, titles: Iterable[str], naming: Naming
) -> tuple[Told[tuple[Person, ...]], Told[tuple[Person, ...]]]:
    """Authors and reviewers of the page's own article; nobody where two objects disagree."""
    own = {squash(title) for title in titles}
    nobody: Told[tuple[Person, ...]] = Told(())
    if not own or not any(map(_may_name, root.iter("script"))):
        return nobody, nobody
    found: dict[tuple[str, ...], tuple[Told[tuple[Person, ...]], Told[tuple[Person, ...]]]] = {}
    for state in states(root, Budget(MOST_STATE)):
        for article in _titled(state, own):
            authors = _under(article, AUTHOR_KEYS, naming)
            if not authors.value:
                continue
            names = tuple(sorted(squash(person.name) for person in authors.value))
            reviewers = _under(article, REVIEWER_KEYS, naming)
            apart = not any(squash(person.name) in names for person in reviewers.value)
            if names not in found or (apart and reviewers.value):
                found[names] = authors, reviewers if apart else nobody
    return next(iter(found.values())) if len(found) == 1 else (nobody, nobody)


def _may_name(script: html.HtmlElement) -> bool:
    """Whether a script may hold a state that names an author; linked data has been read."""
    text = script.text or ""
    kind = script.get("type") or ""
    return "ld+json" not in kind and any(sign in text for sign in _SIGNS)


def _titled(state: Any, titles: set[str]) -> Iterator[Mapping[str, Any]]:
    """The objects in a state that have one of the page's titles."""
    values = [state]
    for value in values:  # grows while it is read
        if isinstance(value, dict):
            said = (value.get(key) for key in TITLES)
            if any(isinstance(text, str) and squash(text) in titles for text in said):
                yield value
        inner = _parts(value)
        if len(values) < MOST_VALUES:
            values += [part for part in inner if isinstance(part, dict | list)]


def _parts(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _under(
    article: Mapping[str, Any], keys: Iterable[str], naming: Naming
) -> Told[tuple[Person, ...]]:
    """The people under the first of the keys that names any."""
    for key in keys:
        people = [p for entry in _entries(article.get(key)) for p in _people(entry, naming)]
        if 0 < len(people) <= MOST_PEOPLE:
            unique = {squash(person.name): person for person in reversed(people)}
            return Told(tuple(unique.values())[::-1], f"page state {key}")
    return Told(())


def _entries(value: Any, depth: int = 0) -> list[Any]:
    """The entries of a list, out of what is wrapped around them."""
    if depth > 6:
        return []
    if isinstance(value, list):
        return [entry for part in value[:MOST_PEOPLE] for entry in _entries(part, depth + 1)]
    if isinstance(value, dict) and not any(key in value for key in NAME_KEYS):
        for key in WRAPPERS:
            if key in value:
                return _entries(value[key], depth + 1)
    return [value] if isinstance(value, dict | str) else []


def _people(entry: Any, naming: Naming) -> Iterator[Person]:
    if isinstance(entry, str):
        yield from naming.people(entry)
        return
    name = _first(entry, NAME_KEYS) or " ".join(
        part
        for keys in (("firstName", "first_name"), ("lastName", "last_name"))
        if (part := _first(entry, keys))
    )
    node: Node = {key: text for key, names in DETAILS if (text := _first(entry, names))}
    for person in naming.people(name):
        yield naming.completed(person, node, Declared())


def _first(entry: Mapping[str, Any], keys: Iterable[str]) -> str:
    """The first string under the keys; of an object its name."""
    for key in keys:
        value = entry.get(key)
        value = value.get("name") if isinstance(value, dict) else value
        if isinstance(value, str) and value.strip():
            return value
    return ""
