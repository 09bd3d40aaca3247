"""A piece of a byline that opens with a person's name, or names an institution as the author."""

from __future__ import annotations

import re

from pipelines.agencies import agency
from pipelines.cjk_people import Draft
from pipelines.names import SUFFIXES, Kinds
from pipelines.person_details import at_marks
from pipelines.phrases import squash

# Two words run together at the end; not MacKenzie, FitzGerald, DeLaRosa.
_GLUED = re.compile(
    r"(?<=[A-Z][a-z]{4})(?<=[a-z]{4})(?=[A-Z][a-z]+$)|(?<=[a-z]{5})(?=[A-Z][a-z]+$)"
)
# Lower-case words in the name of an institution, in languages that write its adjectives small.
MOST_SMALL = 4


def new_person(part: str, known: Kinds, single: bool) -> Draft | None:
    """A person whose name opens the part, with degrees or a role directly behind it."""
    if name := agency(part):
        return Draft(name)
    titled = known.starts_with_honorific(part)
    plain = known.strip_honorifics(part)
    name, degrees = split_degrees(plain, known)
    if found := _name_and_role(name, known):
        return Draft(found[0], degrees, [found[1]])
    if found := _role_and_name(name, known):
        role, name = found
        return (
            Draft(name, [role, *degrees])
            if known.is_credentials(role)
            else Draft(name, degrees, [role])
        )
    if found := _name_and_place(name, known):
        return Draft(found[0], degrees, affiliation=[found[1]])
    if leading := known.leading_degree(part[: len(part) - len(plain)]):
        degrees.insert(0, leading)
    if known.is_name(name, least=1 if titled or (single and not _is_one_weak_word(name)) else 2):
        return Draft(name, degrees)
    return None


def _name_and_role(text: str, known: Kinds) -> tuple[str, str] | None:
    """ "Jane Doe Staff Writer" as name and role, where the role is one that is listed.

    Elements without a space between them give "Jane HarbourHealth Writer".
    """
    words = text.split()
    for cut in range(2, len(words)):
        role = " ".join(words[cut:])
        name = " ".join(words[:cut])
        odd = words[0].isupper() and not words[1].isupper() and len(words[0].strip(".")) > 1
        if squash(role) in known.roles and known.is_name(name) and not odd:
            glued = _GLUED.search(name)
            if glued:
                return name[: glued.start()], f"{name[glued.start() :]} {role}"
            return name, role
    return None


def _role_and_name(text: str, known: Kinds) -> tuple[str, str] | None:
    """ "registered dietitian Jane Doe", "к. м. н. Анна Сомова": role or degree, and the name."""
    words = text.split()
    for cut in range(1, min(4, len(words) - 1)):
        head, name = " ".join(words[:cut]), known.strip_honorifics(" ".join(words[cut:]))
        role = squash(head) in known.roles or (head.islower() and known.has_role(head))
        degree = known.is_credentials(head) and _is_sure(head)
        if (role or degree) and known.is_name(name):
            return head, name
    return None


def _name_and_place(text: str, known: Kinds) -> tuple[str, str] | None:
    """ "Jane Doe for Harbour News" as name and institution."""
    for mark in at_marks(text, known):
        name, place = text[: mark.start()], text[mark.end() :]
        if known.is_name(name) and known.has_affiliation(place) and not known.has_role(place):
            return name, known.without_town(place)
    return None


def _is_one_weak_word(name: str) -> bool:
    """One word that is a login or an abbreviation rather than a first name."""
    return " " not in name and (not name[:1].isupper() or name.isupper() or len(name) < 3)


def split_degrees(text: str, known: Kinds) -> tuple[str, list[str]]:
    """ "Jane Doe MD PhD" as name and degrees; a surname such as Ma or Do is no degree."""
    tokens = text.split()
    degrees: list[str] = []
    while len(tokens) > 2 or (len(tokens) == 2 and degrees == [] and _is_sure(tokens[-1])):
        last = tokens[-1].strip(",")
        if not (known.is_credentials(last) and _is_sure(last)) and not _stands_out(tokens):
            break
        degrees.insert(0, last)
        tokens.pop()
    return " ".join(tokens).rstrip(","), degrees


def _stands_out(tokens: list[str]) -> bool:
    """Whether the last of three words or more is an abbreviation, as degrees behind a name are."""
    last = tokens[-1].strip(",")
    if last.lower() in SUFFIXES:
        return False
    plain = not any(t.isupper() and len(t.strip(".")) > 1 for t in tokens[:-1])
    return len(tokens) > 2 and plain and last.isalpha() and last.isupper() and 2 < len(last) < 7


def _is_sure(token: str) -> bool:
    """Whether the token is written as degrees are: "MD", "PhD", "M.Sc.", not "Ma"."""
    return sum(c.isupper() for c in token) >= 2 or bool(re.search(r"\w\.\w", token))


def organisation(chunk: str, known: Kinds) -> tuple[list[Draft], bool]:
    """An institution that a byline names as its author."""
    name = known.without_article(chunk.strip(" ."))
    if re.search(rf"\s(?:{'|'.join(map(re.escape, known.joiners))})\s+The\s", name):
        return [], False
    fits = len(name) <= 80 and name[:1].isupper() and not known.is_nobody(name)
    fits = fits and (" " in name or agency(name) is not None)
    small = [t for t in name.split() if t[:1].islower() and len(t) > 3]
    if small and known.lower_places and squash(name.split()[0]) in known.affiliations:
        small = small[MOST_SMALL:]  # "Société francilienne de dermatologie pédiatrique"
    if fits and not known.has_role(name) and not small:
        return [Draft(name)], True
    return [], known.is_nobody(name)
