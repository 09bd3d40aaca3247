"""Names that a page declares, as people: logins, addresses and the site's own name are nobody.

An organisation is an author only where it is declared as one and is not the site, and where it is a
news agency. In doubt nobody is named.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lxml import etree, html

from pipelines.addresses import absolute, parts_of
from pipelines.agencies import agency
from pipelines.byline_labels import label_index, parts
from pipelines.linked_data import Declared, Node, texts
from pipelines.names import Kinds, kinds
from pipelines.people import parse
from pipelines.phrases import squash
from pipelines.records import Person
from pipelines.vocabulary import Vocabulary

# So many names with their degrees fill fewer characters than this.
MOST_CHARS = 4_000
# Longest name of an organisation, and longest degrees, role or institution (characters).
ORGANISATION_CHARS, DETAIL_CHARS = 100, 200
# Shorter pieces are found in the names of many sites (characters of a key).
LEAST_PIECE = 6
# Initials that may be a site's address: WHO, NHS.
LEAST_INITIALS = 3

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_BY = re.compile(r"^(?:by|von|par|por|di|da|van|door|av|af)\s+(?=[A-ZÀ-Þ])", re.IGNORECASE)
# One word with capitals inside is a login ("KneeDoctor"), but for surnames such as McRoe.
_LOGIN = re.compile(r"(?!Ma?c[A-Z]|De[A-Z]|O[A-Z])\w*[a-z][A-Z]\w*")
_WITH_TEXT = etree.XPath("//text()[contains(., $name)]")


@dataclass(frozen=True, slots=True)
class Naming:
    """What names are read with: the page's words, what the site is called, the page itself."""

    words: Vocabulary
    sites: frozenset[str] = frozenset()
    """keys of the site's names, as `site_keys` makes them"""
    url: str | None = None
    root: html.HtmlElement | None = field(default=None, repr=False, compare=False)

    @property
    def kinds(self) -> Kinds:
        """The people tables of the page's language."""
        return kinds(self.words)

    def people(self, text: str) -> tuple[Person, ...]:
        """The people in a declared name or list of names; none where a piece is not understood."""
        if len(text) > MOST_CHARS:
            return ()
        text = self._unlabelled(plain(text))
        if not text or _LOGIN.fullmatch(text):
            return ()
        if name := agency(text):
            return () if self.is_site(name) else (Person(name),)
        if self.kinds.is_nobody(text) or (self.is_site(text) and not self._is_person(text)):
            return ()
        found = self._parsed(text)
        return tuple(p for p in found if not self.is_site(p.name) or self._is_person(p.name))

    def persons(self, text: str) -> tuple[Person, ...]:
        """The same without institutions: in meta tags and links they are those that run a site."""
        found = self.people(text)
        return tuple(p for p in found if agency(p.name) or not self.kinds.has_affiliation(p.name))

    def _parsed(self, text: str) -> tuple[Person, ...]:
        parsed = parse(text, self.words)
        if parsed.complete:
            return parsed.people
        pieces = self._pieces(text)
        if len(pieces) < 2:
            return ()
        known = [() if self.is_site(piece) else self._parsed(piece) for piece in pieces]
        named = all(people or self.is_site(p) for p, people in zip(pieces, known, strict=True))
        return tuple(person for people in known for person in people) if named else ()

    def _pieces(self, text: str) -> list[str]:
        """The text cut at commas, slashes and the words for "and"."""
        joiners = "|".join(map(re.escape, self.kinds.joiners))
        return [p for p in re.split(rf"\s*[,;/]\s*|\s+(?:{joiners})\s+", text) if p]

    def organisation(self, text: str) -> tuple[Person, ...]:
        """The organisation of that name; none where it is the site, or a name for nobody."""
        text = plain(text)
        if not text or self.is_site(text) or self._is_initials(text):
            return ()
        if not agency(text) and (
            self.kinds.is_nobody(text)
            or len(text) > ORGANISATION_CHARS
            or re.search(r"[<>{}|]", text)
        ):
            return ()
        return (Person(text),)

    def is_site(self, name: str) -> bool:
        """Whether the name is the site's, or a part of it."""
        words = name.split()
        key = key_of(" ".join(w for w in words if len(w) > 1) if words[1:] else name)
        return key in self.sites or (
            len(key) >= LEAST_PIECE and any(key in site for site in self.sites)
        )

    def _unlabelled(self, text: str) -> str:
        """The names behind "By" or "Author:"; nothing where the label names another trade."""
        if label_index(self.words.codes).beginning(text) is None:
            return _BY.sub("", text)
        found = [part for part in parts(text, self.words) if part.text]
        sure = [part for part in found if part.kind and (part.sure or part.spoken)]
        if not sure:
            return _BY.sub("", text)
        authors = [part.text for part in sure if part.kind in ("author", "both")]
        return "; ".join(authors)

    def _is_person(self, name: str) -> bool:
        """Whether a site is called after its author: the page gives the name a title."""
        if not self.kinds.is_name(self.kinds.strip_honorifics(name)):
            return False
        if self.kinds.starts_with_honorific(name) or self.root is None:
            return self.kinds.starts_with_honorific(name)
        found: Any = _WITH_TEXT(self.root, name=name)
        return any(self._is_titled(str(text), name) for text in found[:20])

    def _is_titled(self, text: str, name: str) -> bool:
        before, _, _ = text.partition(name)
        opening = " ".join(before.split()[-3:])
        starts = range(len(opening.split()))
        return any(
            self.kinds.strip_honorifics(" ".join([*opening.split()[i:], name])) == name
            for i in starts
        )

    def _is_initials(self, name: str) -> bool:
        """Whether the organisation's initials are in the page's address: it is the site."""
        initials = "".join(word[0] for word in name.split() if word[0].isupper()).lower()
        host = (parts_of(self.url).hostname or "").split(".")
        return len(initials) >= LEAST_INITIALS and initials in host

    def completed(self, person: Person, node: Node, declared: Declared) -> Person:
        """The person with the degrees, title, institution and address that the node declares."""

        def first(*keys: str) -> str | None:
            for key in keys:
                found = [t for v in _each(node.get(key)) for t in _details(declared.resolve(v))]
                joined = ", ".join(dict.fromkeys(filter(None, map(plain, found))))
                if joined and len(joined) <= DETAIL_CHARS:
                    return joined
            return None

        affiliation = person.affiliation or first("affiliation", "worksFor")
        role = person.role or first("jobTitle")
        return Person(
            name=person.name,
            credentials=person.credentials or first("honorificSuffix", "hasCredential"),
            role=None if role and self.kinds.is_nobody(role) else role,
            affiliation=None if affiliation and key_of(affiliation) in self.sites else affiliation,
            url=self._address(node.get("url")),
        )

    def _address(self, value: Any) -> str | None:
        found = next((v for v in _each(value) if isinstance(v, str) and v.strip()), None)
        address = absolute(self.url, found) if found else ""
        return address if address.startswith(("http://", "https://")) else None


def plain(text: str) -> str:
    """The text without mark-up and entities, one space for any white space.

    >>> plain("<a href='/ann'>Ann&nbsp;Poe</a>, &lt;b&gt;MD&lt;/b&gt;")
    'Ann Poe , MD'
    """
    text = entities.unescape(text) if "&" in text else text
    text = _TAG.sub(" ", text) if "<" in text else text
    return " ".join(text.split())


def _each(value: Any) -> list[Any]:
    return value[:20] if isinstance(value, list) else [value] if value else []


def _details(value: Any) -> Iterable[str]:
    """The strings of a degree, title or institution: itself, or what an object calls it."""
    if isinstance(value, dict) and not value.get("name"):
        value = value.get("credentialCategory") or value.get("alternateName") or value
    return texts(value)


def key_of(name: str) -> str:
    """The form in which names of people and sites are compared: letters and digits alone."""
    return re.sub(r"[\W_]+", "", squash(name))


def site_keys(names: Iterable[str]) -> frozenset[str]:
    """Names of the site in the form in which people's names are compared with them."""
    return frozenset(key for name in names if (key := key_of(name)))
