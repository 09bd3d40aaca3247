"""What stands behind a person's name: degrees, roles, institutions, and what is none of them."""

from __future__ import annotations

import re

from pipelines.agencies import agency
from pipelines.cjk_people import Draft
from pipelines.names import SUFFIXES, Kinds
from pipelines.phrases import squash

# Words that open a clause about the person: "who has been a nurse for nineteen years".
_RELATIVE = frozenset(
    "who whose which qui dont que quien che cui die der das кто который которая który która".split()
)
# "The Harbour Tribune" behind a person, in any language; no person is called so.
_TITLED = re.compile(r"The [^\W\d_a-zß-ÿ]\w")
# A role or institution of more words is a sentence, if most are small: names of institutions are
# long where they name the one above them, but written with capitals.
MOST_WORDS, MOST_NAME_WORDS = 14, 24


def extends(draft: Draft, part: str, known: Kinds) -> bool:
    """Add a degree, role or institution to the person it follows; False where it is none."""
    plain = part.rstrip(".") if part.count(".") == 1 else part
    place = behind_at(plain, known)
    if place and is_place(place) and not known.has_affiliation(place):
        return True  # "Jane Doe, in London"
    plain = place or plain
    if agency(part) and not known.has_role(part):
        draft.affiliation.append(part)
    elif squash(part) in SUFFIXES:
        draft.name = f"{draft.name} {part}"
    elif known.is_credentials(part) or (_is_degree(plain, known) and not draft.role):
        draft.credentials.append(plain)
    elif known.is_nobody(plain) and not (known.has_role(plain) or known.has_affiliation(plain)):
        pass  # "Jane Doe, AP"
    elif (
        known.starts_with_honorific(part) and known.is_name(known.strip_honorifics(part), least=1)
    ) or _is_clause(plain, known):
        return False
    elif known.has_role(plain) or known.has_affiliation(plain):
        _add_role(draft, known.without_article(plain), known)
    elif (draft.affiliation and is_place(plain)) or _TITLED.match(plain):
        draft.affiliation.append(plain)
    else:
        return known.is_field(plain) and plain[0].isupper()
    return True


def _is_degree(part: str, known: Kinds) -> bool:
    """Whether an unknown word has the shape of post-nominals, and is no agency."""
    shape = known.looks_like_degree(part) and not known.has_affiliation(part)
    return shape and not known.is_nobody(part) and not known.has_role(part)


def _is_clause(part: str, known: Kinds) -> bool:
    words = part.split()
    if known.says(part):
        return True
    most = MOST_NAME_WORDS if 2 * sum(map(_is_capital, words)) > len(words) else MOST_WORDS
    return len(words) > most or words[0].lower() in _RELATIVE


def _is_capital(word: str) -> bool:
    return word[:1].isupper()


def behind_at(part: str, known: Kinds) -> str | None:
    """What stands behind "of the", "in" and the like, where the part begins with it."""
    mark = next(iter(at_marks(f" {part}", known)), None)
    if not mark or mark.start() or squash(mark.group()) in known.joiners:
        return None
    return part[mark.end() - 1 :]


def is_place(part: str) -> bool:
    """Whether the part may be the city of the institution before it."""
    return 0 < len(part) <= 30 and part[0].isupper() and len(part.split()) <= 3


def _add_role(draft: Draft, text: str, known: Kinds) -> None:
    """ "ROLE of INSTITUTION" goes to both fields; either alone to its own."""
    if known.after_at(text):  # "Jane Doe, for the Harbour News"
        place = known.after_at(text)
        if place and known.has_affiliation(place) and place[:1].isupper():
            draft.affiliation.append(known.without_town(place))
        return
    if known.has_role(text):
        if split := _role_and_place(text, known) or _role_then_place(text, known):
            heads = {squash(split[0]), squash(split[0]).split()[0]} & known.heads
            draft.headed = text if heads and not (draft.role or draft.affiliation) else None
            draft.role.append(split[0])
            draft.affiliation.append(split[1])
            return
        if not known.has_affiliation(text) or not draft.role or draft.affiliation:
            (draft.role if not draft.affiliation or not draft.role else draft.affiliation).append(
                text
            )
            return
    if draft.headed and known.has_affiliation(text):
        draft.role, draft.affiliation, draft.headed = [draft.headed], [], None
    draft.affiliation.append(text)


def _role_and_place(text: str, known: Kinds) -> tuple[str, str] | None:
    """The text split at the "of" or "at" that an institution follows.

    A role may hold one itself: "Director of Rehabilitation of Harrow Lea General Hospital".
    """
    marks = at_marks(text, known)
    if not marks:
        return None
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    # "jefe del servicio de Cardiología del Hospital Río Claro": what he heads has a small letter.
    named = [
        (mark, end) for mark, end in zip(marks, ends, strict=True) if text[mark.end()].isupper()
    ]
    for mark, end in (
        *named,
        *zip(marks, ends, strict=True),
        *((mark, len(text)) for mark in marks),
    ):
        head, tail = text[: mark.start()], text[mark.end() :]
        place = known.has_affiliation(text[mark.end() : end])
        # "Professor of Medicine" names a field.
        if known.has_role(head) and place and squash(tail) not in known.affiliations:
            return head, known.without_town(tail)
    head, tail = text[: marks[-1].start()], text[marks[-1].end() :]
    firm = squash(head).split()[-1] in known.runs and all(map(_is_capital, tail.split()))
    return (head, tail) if firm else None


def _role_then_place(text: str, known: Kinds) -> tuple[str, str] | None:
    """A role in small letters and an institution's name behind it, with no word between."""
    small = re.match(r"[^\W\dA-ZÀ-ÞА-ЯЁ][^A-ZÀ-ÞА-ЯЁ]*(?=\s[A-ZÀ-ÞА-ЯЁ])", text)
    if not small:
        return None
    role, place = small.group().strip(), text[small.end() :].strip()
    fits = known.has_role(role) and known.has_affiliation(place) and not known.has_role(place)
    return (role, place) if fits and not known.has_affiliation(role) else None


def at_marks(text: str, known: Kinds) -> list[re.Match[str]]:
    """Where "of", "at the" and the like stand between words of the text."""
    return list(known.at_between.finditer(text))
