"""The people in the part of a byline that names them.

"A, MD, B, RDN and C, PhD", "NAME, ROLE, INSTITUTION", "NAME 医院 科 副主任医师": names, degrees,
roles and institutions told apart, honorifics taken off, pieces that are nobody dropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pipelines.agencies import agency
from pipelines.cjk_people import Draft, read_cjk, without_readings
from pipelines.cjk_shapes import is_cjk
from pipelines.names import Kinds, kinds
from pipelines.person_details import extends
from pipelines.person_names import new_person, organisation, split_degrees
from pipelines.phrases import squash
from pipelines.records import Person
from pipelines.registers import with_registers_apart
from pipelines.vocabulary import Vocabulary

# A byline that names more is a list of something else.
MOST_PEOPLE = 12
# Signs behind which the people of a line may end.
MOST_CUTS = 16
TEXT_LIMIT = 400
# Parentheses, but not those of a degree: "VTS (Behavior)", "BSc (Hons)",
# "Sp.JP(K)".
_PARENTHESES = re.compile(
    r"(?<![A-Z][A-Za-z] )(?<![A-Z]{3} )(?<!\.[A-Z])(?<!\.[A-Z][A-Za-z])[（(]([^（()）]*)[)）]"
)
# A name in a social network or an address: "Jane Doe (@janedoe)", "Jane Doe jane@a.example".
_HANDLE = re.compile(r"[\s(,|·•–—]{0,4}(?<![\w.+-])[\w.+-]{0,64}@\w[\w.-]*\)?")
# "Springfield, MD 21031" is an address.
_ZIP = re.compile(r",\s*[A-Z]{2}\s+\d{5}(?:-\d{4})?$")
# "Jane Doe The Associated Press": an institution in a line of its own, joined to the name.
_AGENCY = re.compile(r"(?<=\w)\s+(?=The [A-Z]\w+)")
_ARABIC = re.compile(r"[\u0621-\u064a]")
# Two names of two words or more; one word may begin with the letter itself.
_ARABIC_AND = re.compile(
    r"(?<=[\u0621-\u064a]{2})\s+و(?=[\u0621-\u064a]{3,}\s+[\u0621-\u064a]{2,})"
)


_BLANKS = re.compile(r"[\t\r\n\xa0]+")
_COMMA = re.compile(r"\s*[,،]\s*")
# Signs between people, and what ends the first name of a list.
_APART = re.compile(r"\s*[;|•·]\s*|\s+/\s+|\s+[–—]\s+(?=(?:[A-Z]\w+\.? ){2})")
_FIRST_END = re.compile(r"\s*[,;(]\s*|\s+(?:and|&|und|y|e|et|и|en|i|dan|và|ve|with)\s+")


@dataclass(frozen=True, slots=True)
class Parsed:
    """People, whether every piece of the text was understood, and the pieces that name nobody."""

    people: tuple[Person, ...] = ()
    complete: bool = True
    nobody: int = 0
    """characters of "our medical team" and the like beside people"""


def parse_people(text: str, words: Vocabulary) -> tuple[Person, ...]:
    """The people named in `text`, the part of a byline behind its label."""
    return parse(text, words).people


def without_handles(text: str) -> str:
    """The text without names in social networks."""
    return _HANDLE.sub("", text) if "@" in text and len(text) <= TEXT_LIMIT else text


def parse(text: str, words: Vocabulary, *, single: bool = True) -> Parsed:
    """The people in `text`; `single` lets a name of one word stand ("By Maria")."""
    text = without_handles(_BLANKS.sub(" ", text)).strip(" \u3000,;:：|，、。·•-–—/／")
    text = without_readings(text)
    if not text or len(text) > TEXT_LIMIT or _ZIP.search(text):
        return Parsed(complete=not text)
    known = kinds(words)
    if known.is_column(text) or agency(text):
        return Parsed((Person(agency(text) or text),))
    if known.is_nobody(text) and not re.search(r"[,;，、(（]", text) and not _joins(text, known):
        return Parsed()
    nobody = 0
    if is_cjk(text):
        drafts, complete = read_cjk(text, known)
    else:
        drafts, complete, nobody = _spaced(_chunks(text, known), known, single)
    people = {squash(draft.name): draft for draft in reversed(drafts)}
    found = tuple(draft.person() for draft in reversed(people.values()))
    return Parsed(found, complete, nobody) if len(found) <= MOST_PEOPLE else Parsed(complete=False)


def leading(text: str, words: Vocabulary, *, sure: bool, pen_names: bool) -> tuple[Person, ...]:
    """The people at the beginning of a text that goes on with something else.

    `sure`: a colon stood before the text, so that a plain name is enough; else the person must have
    a degree, title or role, and only a few words may follow. `pen_names`: 小满医生 is one too.
    """
    known = kinds(words)
    if is_cjk(text):
        return _leading_cjk(text, words, known, pen_names)
    cuts = [match.start() for match in re.finditer(r"\s*[,;(]\s*|\.\s+(?=[A-ZÀ-Þ])", text)]
    for cut in reversed(cuts[:MOST_CUTS]):
        parsed = parse(text[:cut], words, single=False)
        if not (parsed.people and parsed.complete):
            continue
        rest = text[cut:].strip(" ,;.()")
        told = all(p.credentials or p.role for p in parsed.people)
        told = (told or known.starts_with_honorific(text)) and len(rest.split()) <= 4
        return parsed.people if sure or told else ()
    return ()


def _leading_cjk(text: str, words: Vocabulary, known: Kinds, pen_names: bool) -> tuple[Person, ...]:
    for cut in (r"[。；;]", r"[，,。；;（(]"):
        parsed = parse(re.split(cut, text, maxsplit=1)[0], words)
        if parsed.people and parsed.complete:
            return parsed.people
    first = text.split()[0].rstrip("，。")
    title = next((h for h in known.honorifics if is_cjk(h) and first.endswith(h)), None)
    if not (pen_names and title) or (first == text and len(first) > 6):
        return ()
    head = first.removesuffix(title)
    odd = known.has_affiliation(head) or known.has_role(head) or known.is_nobody(first)
    return (Person(first),) if 1 < len(head) <= 4 and not odd else ()


def _spaced(chunks: list[str], known: Kinds, single: bool) -> tuple[list[Draft], bool, int]:
    """The people, whether all is understood, and the characters that name nobody."""
    drafts: list[Draft] = []
    complete, nobody = True, 0
    for chunk in chunks:
        drafts_of_chunk, understood = _chunk(chunk, known, single)
        drafts += drafts_of_chunk
        complete = complete and understood
        nobody += 0 if drafts_of_chunk else len(chunk)
    return drafts, complete, nobody


def _chunks(text: str, known: Kinds) -> list[str]:
    """The text cut where one person ends for certain: semicolons, bars, "and" before a name."""
    text = _AGENCY.sub(", ", text)
    pieces = _APART.split(text)
    if _ARABIC.search(text):  # "and" is written as part of the word behind it
        pieces = [p for piece in pieces for p in _ARABIC_AND.split(piece)]
    chunks: list[str] = []
    for piece in filter(None, pieces):
        first = known.joiner_first.match(piece)  # "…; and Ann Poe"
        start = first.end() if first and _opens_person(piece[first.end() :], known) else 0
        for match in known.joiner_between.finditer(piece):
            if _opens_person(piece[match.end() :], known):
                chunks.append(piece[start : match.start()])
                start = match.end()
        chunks.append(piece[start:])
    return [c.strip(" ,") for c in chunks if c.strip(" ,.")]


def _joins(text: str, known: Kinds) -> bool:
    """Whether the text has "and" between two pieces: "Jane Doe and the medical team"."""
    return any(f" {joiner} " in f" {squash(text)} " for joiner in known.joiners)


def _opens_person(text: str, known: Kinds) -> bool:
    """Whether a person's name, or a word for nobody, stands at the beginning of the text."""
    head = _FIRST_END.split(text, maxsplit=1)[0]
    if known.starts_with_honorific(head) or known.is_nobody(head) or agency(head):
        return True
    name, _ = split_degrees(head, known)
    return known.is_name(name)


def _chunk(chunk: str, known: Kinds, single: bool) -> tuple[list[Draft], bool]:
    """The people of one comma-separated chunk."""
    drafts: list[Draft] = []
    waiting: list[str] = []  # a role or degree named before its person
    complete = True
    pieces = _comma_parts(with_registers_apart(chunk))
    for n, (part, parenthesised) in enumerate(pieces):
        behind = pieces[n + 1][0] if n + 1 < len(pieces) else ""
        if drafts and _is_house(drafts[-1], part, behind, known):
            drafts[-1].affiliation += [part] if n + 1 == len(pieces) else []
            continue
        if drafts or not _waits(part, known):
            complete = (not part or _add_part(drafts, part, known, single)) and complete
        else:
            waiting.append(part)
        if drafts:
            waiting = [word for word in waiting if not extends(drafts[0], word, known)]
        for inner in parenthesised:
            complete = (_add_inner(drafts, inner, known) or len(inner) < 30) and complete
    if not drafts and not _PARENTHESES.search(chunk) and known.has_affiliation(chunk):
        return organisation(chunk, known)
    complete = complete and not waiting
    return drafts, complete and (bool(drafts) or known.is_nobody(chunk))


def _comma_parts(chunk: str) -> list[tuple[str, list[str]]]:
    """What stands between commas, each with what stands in parentheses there."""
    inside = [match.group(1).strip() for match in _PARENTHESES.finditer(chunk)]
    parts = []
    for part in _COMMA.split(_PARENTHESES.sub(" \0 ", chunk)):
        count = part.count("\0")
        parts.append((re.sub(r"[\s\0]+", " ", part).strip(), inside[:count]))
        inside = inside[count:]
    return parts


def _waits(part: str, known: Kinds) -> bool:
    """Whether the part is a role or degree that may stand before its person."""
    alone = known.is_credentials(part) or known.has_role(part)
    return alone and new_person(part, known, single=False) is None


def _add_part(drafts: list[Draft], part: str, known: Kinds, single: bool) -> bool:
    """Add a person, or what the part says of the last one; False where it is not understood."""
    part = part.strip(" .") if not part.endswith((".", ")")) else part
    if not part or (drafts and extends(drafts[-1], part, known)):
        return True
    # One word behind a full name is no person: "Jane Doe, MD, Cardiology".
    lone = single or (bool(drafts) and " " not in drafts[-1].name)
    draft = new_person(part, known, lone)
    if draft:
        drafts.append(draft)
    return draft is not None or known.is_nobody(part)


def _add_inner(drafts: list[Draft], inner: str, known: Kinds) -> bool:
    """Add what stands in parentheses behind a name: "(dermatologist, Harbour Clinic)"."""
    pieces = [piece for piece in re.split(r"\s*[,،]\s*|\s+[-–—]\s+", inner) if piece]
    return bool(drafts) and False not in [extends(drafts[-1], piece, known) for piece in pieces]


def _is_house(draft: Draft, part: str, behind: str, known: Kinds) -> bool:
    """Whether a name behind a person with a role is that of a house, as nothing tells of another
    person behind it: "Jane Doe, editor, Harbour Press"."""
    if not draft.role or draft.affiliation or not known.is_name(part):
        return False
    return not (known.is_credentials(behind) or (behind and known.has_role(behind)))


def completed(
    person: Person, text: str, words: Vocabulary, *, places: bool = False
) -> Person | None:
    """The person with the degrees, role and institution in `text`; None where it says more.

    `places`: an institution alone will do too.
    """
    known = kinds(words)
    if len(text) > TEXT_LIMIT:
        return None
    if is_cjk(text):
        told = parse(f"{person.name} {text}", words, single=False)
        alone = told.complete and [one.name for one in told.people] == [person.name]
        return _with(person, told.people[0]) if alone else None
    degrees, role, place = (
        [value] if value else [] for value in (person.credentials, person.role, person.affiliation)
    )
    draft = Draft(person.name, degrees, role, place)
    found = _comma_parts(with_registers_apart(text))
    pieces = [piece for part, inner in found for piece in (part, *inner) if piece]
    if not pieces or not all(
        known.is_credentials(p) or known.has_role(p) or (places and known.has_affiliation(p))
        for p in pieces
    ):
        return None
    understood = False not in [extends(draft, piece, known) for piece in pieces]
    return draft.person() if understood else None


def _with(person: Person, other: Person) -> Person | None:
    """The person with what only `other` tells; None where that is nothing."""
    whole = replace(
        person,
        credentials=person.credentials or other.credentials,
        role=person.role or other.role,
        affiliation=person.affiliation or other.affiliation,
    )
    return whole if whole != person else None
