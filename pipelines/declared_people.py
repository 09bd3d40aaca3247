"""Authors and reviewers that a page declares, in the order in which they are believed.

Linked data first (JSON-LD, then microdata, then RDFa), then meta tags, then links marked
`rel=author`. The first that names anybody counts; the others are told by `scrapy explain` alone.
An editor is neither author nor reviewer; a contributor is a reviewer where the role says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.byline_labels import label_kinds
from pipelines.declared_fields import marked
from pipelines.declared_names import Naming, key_of
from pipelines.linked_data import DEPTH_LIMIT, Declared, Node, texts, types
from pipelines.phrases import squash
from pipelines.records import Person
from pipelines.told import Told

AUTHOR_KEYS = ("author", "authors", "creator")
REVIEWER_KEYS = ("reviewedBy", "medicallyReviewedBy", "factCheckedBy")
# Keys that name people in any role, told apart by the role of each.
ROLE_KEYS = ("contributor",)
AUTHOR_METAS = (
    "citation_author",
    "author",
    "article:author",
    "dc.creator",
    "dcterms.creator",
    "parsely-author",
    "sailthru.author",
    "byl",
    "article:author_name",
    "article:byline",
    "cxenseparse:author",
    "articleauthor",
)
REVIEWER_METAS = ("reviewer", "reviewed-by", "article:reviewer", "medical-reviewer")
# Meta tags that write a person as "Doe, Jane".
_INVERTED = frozenset({"citation_author", "dc.creator", "dcterms.creator"})
_LAST_FIRST = re.compile(r"^([^,;]{1,40}), ([^,;]{1,40})$")
# Places where cards of social networks label a value.
_LABELLED = tuple((f"twitter:label{i}", f"twitter:data{i}") for i in range(1, 4))
# More declared authors than this are a masthead.
MOST_AUTHORS = 20
# Links marked as leading to an author: more are the cards of a list.
MOST_LINKS = 2


@dataclass(frozen=True, slots=True)
class Describing:
    """What people are read from: the objects of this page, and all that it declares."""

    nodes: Sequence[Node]
    declared: Declared
    naming: Naming


People = Told[tuple[Person, ...]]
NOBODY: People = Told(())


def authors_of(page: Describing) -> People:
    """The authors that the most trusted place names."""
    return next(author_claims(page), NOBODY)


def reviewers_of(page: Describing) -> People:
    """The reviewers that the most trusted place names."""
    return next(reviewer_claims(page), NOBODY)


def author_claims(page: Describing) -> Iterator[People]:
    """Whom each place of the page names as authors, the most trusted first."""
    yield from _of_nodes(page, AUTHOR_KEYS, "author")
    yield from _of_metas(page, AUTHOR_METAS)
    yield from _of_cards(page)
    links = marked(page.declared, "author")[:50]
    names = dict.fromkeys(" ".join(a.text_content().split()) for a in links)
    if 0 < len(names) <= MOST_LINKS:
        found = [person for name in names for person in page.naming.persons(name)]
        yield from _claim(found, "<a rel=author>")


def reviewer_claims(page: Describing) -> Iterator[People]:
    """Whom each place of the page names as reviewers, the most trusted first."""
    yield from _of_nodes(page, REVIEWER_KEYS, "reviewer")
    yield from _of_metas(page, REVIEWER_METAS)


def _claim(people: Iterable[Person], source: str) -> Iterator[People]:
    unique = {squash(person.name): person for person in reversed(list(people))}
    if unique:
        yield Told(tuple(unique.values())[::-1][:MOST_AUTHORS], source)


def _of_nodes(page: Describing, keys: Sequence[str], role: str) -> Iterator[People]:
    """Of each syntax the first object that names anybody, under all of `keys` for reviewers."""
    by_place: dict[str, list[Node]] = {"JSON-LD": [], "microdata": [], "RDFa": []}
    for node in page.nodes:
        by_place[page.declared.place_of(node)].append(node)
    for place, nodes in by_place.items():
        yield from _of_place(page, place, nodes, keys, role)


def _of_place(
    page: Describing, place: str, nodes: Sequence[Node], keys: Sequence[str], role: str
) -> Iterator[People]:
    for node in nodes:
        found = {key: list(_people(node.get(key), page, role)) for key in keys}
        if role == "author":
            first = next((key for key in keys if found[key]), None)
            found = {first: found[first]} if first else {}
        else:
            found |= {key: list(_with_role(node.get(key), page, role)) for key in ROLE_KEYS}
        named = [key for key, people in found.items() if people]
        if named:
            people = [person for key in named for person in found[key]]
            yield from _claim(people, f"{place} {', '.join(named)}")
            return


def _with_role(value: Any, page: Describing, role: str) -> Iterator[Person]:
    """Those of several people whose role or job is that of a reviewer."""
    kinds = label_kinds(page.naming.words.codes)
    for item in _opened(value, page.declared):
        if isinstance(item, dict):
            told = [*texts(item.get("roleName")), *texts(item.get("jobTitle"))]
            if any(kinds.get(squash(text)) == role for text in told):
                yield from _people(item, page, role)


def _opened(value: Any, declared: Declared) -> list[Any]:
    """The objects and strings in a value, lists in it opened to the depth that anybody nests."""
    values = [value]
    for _ in range(DEPTH_LIMIT):
        values = [
            declared.resolve(part)
            for item in values[:MOST_AUTHORS]
            for part in (item if isinstance(item, list) else [_within(item)])
        ]
        if not any(isinstance(item, list) for item in values):
            break
    return [item for item in values[:MOST_AUTHORS] if isinstance(item, dict | str)]


def _within(item: Any) -> Any:
    """What a list or a role holds: `{"@list": …}`, `{"@type": "Role", "author": …}`."""
    if isinstance(item, dict):
        for key in ("@list", "@set"):
            if key in item:
                return item[key]
    return item


def _people(value: Any, page: Describing, role: str) -> Iterator[Person]:
    for item in _opened(value, page.declared):
        if isinstance(item, str):
            known = page.declared.by_id.get(item)
            yield from _of_object(known, page) if known else page.naming.people(item)
        elif "Role" in types(item):
            inner = next((item[k] for k in (*AUTHOR_KEYS, *ROLE_KEYS) if k in item), None)
            if not isinstance(inner, dict) or "Role" not in types(inner):
                yield from _people(inner, page, role)
        else:
            yield from _of_object(item, page)


def _of_object(node: Node, page: Describing) -> Iterator[Person]:
    """The person or organisation of an object; several where its name lists them."""
    kinds = " ".join(types(node))
    names = list(texts(node.get("name")))[:MOST_AUTHORS] or [
        " ".join(p for key in ("givenName", "familyName") for p in texts(node.get(key)))
    ]
    for name in names:
        organisation = "Organization" in kinds and not page.naming.kinds.starts_with_honorific(name)
        read = page.naming.organisation if organisation else page.naming.people
        for person in read(_spelt(name, node)):
            yield page.naming.completed(person, node, page.declared)


def _spelt(name: str, node: Node) -> str:
    """The name with capitals, where it is written without and is also the person's address."""
    if not name.islower() or not 2 <= len(name.split()) <= 3:
        return name
    for address in (text for key in ("url", "email", "@id") for text in texts(node.get(key))):
        path = re.split(r"[@?#]", address.removeprefix("mailto:"))[0]
        if key_of(path.rstrip("/").rsplit("/", 1)[-1]) == key_of(name):
            return name.title()
    return name


def _of_metas(page: Describing, names: Sequence[str]) -> Iterator[People]:
    """People of each meta tag; "Doe, Jane" turned round, institutions behind them added."""
    for name in names:
        contents = [content for key, content in page.declared.metas if key == name]
        if name in _INVERTED:
            contents = [_turned(content, page) for content in contents]
        found = [person for content in contents for person in page.naming.persons(content)]
        yield from _claim(found, f"meta {name}")


def _turned(content: str, page: Describing) -> str:
    """ "Doe, Jane" as "Jane Doe"; "Jane Doe, MD" as it is."""
    match = _LAST_FIRST.match(content)
    if not match or page.naming.kinds.is_credentials(match[2]) or len(match[1].split()) > 2:
        return content
    return f"{match[2]} {match[1]}"


def _of_cards(page: Describing) -> Iterator[People]:
    """Names in cards of social networks, where their label is that of an author."""
    kinds = label_kinds(page.naming.words.codes)
    for label, data in _LABELLED:
        said = squash(page.declared.meta.get(label, "")).rstrip(" :")
        if kinds.get(said) in ("author", "both") and (name := page.declared.meta.get(data)):
            yield from _claim(page.naming.persons(name), f"meta {data}")
