"""What a biography, or the line below a name, says of a person: degrees, role and institution.

"Jane Doe, MD, is a cardiologist at Mercy Hospital", "Jane Doe – Senior Editor, Harbour Magazine".
Only the first sentence counts; further on stand pastimes and earlier posts.
"""

from __future__ import annotations

import re

from pipelines.byline_sentences import enclosed
from pipelines.cjk_shapes import is_cjk
from pipelines.names import Kinds
from pipelines.people import completed, parse
from pipelines.person_details import at_marks
from pipelines.phrases import squash
from pipelines.records import Person
from pipelines.vocabulary import Vocabulary

# The first sentence of a biography (characters), the longest role, and a title (words).
SENTENCE_LIMIT = 400
ROLE_WORDS, TITLE_WORDS = 12, 4
# A line below a name, and one that is an institution (words).
LINE_WORDS, PLACE_WORDS = 16, 9
# The same in scripts without capitals, in which a sentence looks no different (words).
UNCASED_PLACE = 6
# What no role has: brackets, colons, bars, first persons.
_ODD = re.compile(r"[()\[\]:|?!–—;=]|[\W_]['’]m\b|(?<!\w)(?:I|we|you)(?!\w)")
# Before the name: brackets, stars; behind it: what sets the description off.
_OPENING = re.compile(r"^[\s(（*\[•–—_-]+")
_BEHIND = re.compile(r"^\s*[,，:：(（|｜–—-]\s*|^\s+")
# Ends of sentences, but not of "Dr." and "St.".
_STOP = re.compile(
    r"(?<=[^\W\d_]{4})(?<!\b[A-Z][a-z]{3})[.!?]\s+|(?<=\))[.]\s+|[;。！？；\n]|(?<=[A-Z]{2})\.\s+"
)
# A sentence, which no position is: its stop, and verbs of careers.
_SENTENCE_CJK = re.compile(
    r"[。！？]|(?:です|ます|ました|した|습니다|[했이]다)[.。]?$|[をにでへ](?:卒業|修了|勤務|開業|入局|従事|就任|取得)"
    r"|卒業後|[毕畢][业業]于|[毕畢][业業]於"
)
_COMMA = re.compile(r"\s*,\s+")
# Small words inside the names of institutions.
_SMALL = frozenset(
    "of the and for & de del la las los des du d l le les et y e do da dos das di della dei delle"
    " in der die das des für und am an zu van het en voor op och og i na w we z przy"
    " dla ve и по им".split()
)


def portrait(text: str, name: str, words: Vocabulary, known: Kinds) -> Person | None:
    """What `text` says of the person called `name`, whose name it begins with; else None."""
    text = known.strip_honorifics(_OPENING.sub("", text[:SENTENCE_LIMIT]))
    size = _size(text, name)
    if not size:
        return None
    if is_cjk(name):
        return _portrait_cjk(_first(text), words)
    behind = text[size:]
    if not _BEHIND.match(behind):
        return None
    degrees, behind = _degrees(_BEHIND.sub("", _first(behind)), known)
    said = known.without_copula(behind)
    role, place = _description(behind if said is None else said, known)
    if not (degrees or role or place):
        return None
    return Person(name, ", ".join(degrees) or None, role, place)


def below_name(text: str, name: str, words: Vocabulary, known: Kinds) -> Person | None:
    """What a line below a name says of its bearer: degrees, a role, a role and an institution."""
    if len(text) > SENTENCE_LIMIT:
        return None
    if is_cjk(text):
        if _SENTENCE_CJK.search(text) or enclosed(text, words):
            return None
        parsed = parse(f"{name} {text}", words)
        told = parsed.people[0] if parsed.complete and len(parsed.people) == 1 else None
        return told if told and told.name == name else None
    line = _first(text).strip(" .")
    if len(line.split()) > LINE_WORDS:
        return None
    short = all(len(piece.split()) <= TITLE_WORDS for piece in line.split(","))
    if short and (told := completed(Person(name), _first(text).strip(), words)):
        return told if told.role is None or _is_title(told.role, known) else None
    role, place = _description(line, known)
    return Person(name, None, role, place) if role and _is_title(role, known) else None


def place_below(text: str, name: str, known: Kinds) -> Person | None:
    """The institution that a line of its own names, below a name and a role."""
    line = text.strip(" .")
    fits = known.has_affiliation(line) and not known.has_role(line)
    if not fits or len(line.split()) > PLACE_WORDS or is_cjk(line):
        return None
    if line.lower() == line.upper():  # a script without capitals
        ends = (line.split()[0], line.split()[-1])
        if len(line.split()) > UNCASED_PLACE or not any(map(known.has_affiliation, ends)):
            return None
    elif _run(line, known) != line:
        return None
    return None if known.is_bare_place(line) else Person(name, affiliation=line)


def _is_title(role: str, known: Kinds) -> bool:
    """Whether a profession opens or closes the role, or what stands before an "and" in it."""
    words = role.split()
    ends = (words[:1], words[:2], words[-1:], words[-2:])
    return any(known.has_role(" ".join(end)) for end in ends)


def _size(text: str, name: str) -> int:
    """Characters of `text` that are the name at its beginning; 0 where it begins otherwise."""
    if squash(text[: len(name)]) == squash(name):
        return len(name)
    return 0


def _first(text: str) -> str:
    """The first sentence."""
    found = _STOP.search(text)
    return text[: found.start()] if found else text


def _portrait_cjk(text: str, words: Vocabulary) -> Person | None:
    """The longest beginning of the sentence, cut at commas, that is a person and no more."""
    cuts = [len(text), *(m.start() for m in reversed(list(re.finditer(r"[，、,]", text))))]
    for cut in cuts[:8]:
        parsed = parse(text[:cut], words, single=False)
        if len(parsed.people) == 1 and parsed.complete:
            return parsed.people[0]
    return None


def _degrees(text: str, known: Kinds) -> tuple[list[str], str]:
    """Degrees at the beginning of the text, between commas, and what follows them."""
    found: list[str] = []
    while text:
        head, _, tail = text.partition(",")
        word = head.strip(" .)") if head.count(".") < 2 else head.strip(" )")
        if not (known.is_credentials(word) or known.looks_like_degree(word)):
            first, _, rest = text.partition(" ")  # "Jane Doe MD is a cardiologist"
            if not (known.is_credentials(first) and sum(map(str.isupper, first)) > 1):
                break
            word, tail = first.strip(".,"), rest
        if known.has_affiliation(word) or known.has_role(word):
            break
        found.append(word)
        text = tail.strip()
    return found, text


def _description(text: str, known: Kinds) -> tuple[str | None, str | None]:
    """Role and institution of "a cardiologist at Mercy Hospital"; None for what it lacks."""
    text = known.without_asides(known.without_article(text.strip()))
    comma = _COMMA.search(text)
    marks = [m for m in at_marks(text, known) if not comma or m.start() < comma.start()]
    for mark in [*marks, comma] if comma else marks:
        role = _role(text[: mark.start()], known)
        if role is None:
            continue
        employer = squash(mark.group()) in known.employs
        if place := _institution(text[mark.end() :], known, named=not employer):
            return role, place
    return _role(_role_alone(text, known), known), None


def _role_alone(text: str, known: Kinds) -> str:
    """The text up to a comma, and of more than a title up to the word behind its role: "dietitian
    with years of experience", but "Director of Nursing"."""
    text = _COMMA.split(text)[0]
    marks = at_marks(text, known)
    towns = [mark for mark in marks if mark.group().strip() in known.located]
    if towns:
        text = text[: towns[0].start()]
    if len(text.split()) > TITLE_WORDS and marks:
        text = text[: marks[0].start()]
    return text


def _role(text: str, known: Kinds) -> str | None:
    role = known.without_asides(known.without_article(text.strip(" ,.")))
    words = squash(role).split()
    if not words or len(words) > ROLE_WORDS or not known.has_role(role) or _ODD.search(role):
        return None
    return None if any(map(known.says, words)) else role


def _institution(text: str, known: Kinds, *, named: bool) -> str | None:
    """The run of capitalised words that the text begins with, and small words between them.

    It goes on behind commas as long as words of institutions follow. `named`: it has such a word
    itself; else capitals alone must do.
    """
    text = known.without_article(text)
    pieces: list[str] = []
    for piece in _COMMA.split(text):
        run = _run(piece, known)
        pieces.append(run)
        if run != piece.strip(" ."):
            break
    first = pieces[0] if pieces else ""
    if named and not known.has_affiliation(first):
        return None  # "Head of Cardiology, Mercy Hospital"
    while pieces and not known.has_affiliation(pieces[-1]):
        pieces.pop()
    if not (pieces or named) and first[:1].isupper():
        pieces = [first]
    place = ", ".join(pieces)
    return known.without_town(place) if place and not known.is_bare_place(place) else None


def _run(text: str, known: Kinds) -> str:
    """The capitalised words at the beginning of the text, with small words between them."""
    words = text.strip(" .").split()
    end = 0
    for i, word in enumerate(words):
        core = word.strip("\"'“”«»()")
        pair = squash(" ".join(words[max(0, i - 1) : i + 1]))  # Bệnh viện, Rumah sakit
        if (
            core[:1].isupper()
            or (i and pair in known.affiliations)
            or (i and core[:1].isdigit())
            or (i and squash(core) in known.affiliations)
        ):
            end = i + 1
        elif not (i and core.lower().rstrip("'’") in _SMALL):
            break
    return " ".join(words[:end])
