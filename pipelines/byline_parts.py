"""Who a stretch of a byline names, with a label before it or none; prose names nobody."""

from __future__ import annotations

import re
from dataclasses import replace

from pipelines.byline_labels import Part, label_kinds
from pipelines.cjk_people import without_readings
from pipelines.cjk_shapes import is_cjk
from pipelines.names import kinds
from pipelines.people import Parsed, leading, parse, without_handles
from pipelines.person_details import behind_at, is_place
from pipelines.phrases import squash
from pipelines.portraits import portrait
from pipelines.records import Person
from pipelines.vocabulary import Vocabulary

# The longest words for somebody without a name (characters).
UNNAMED_LIMIT = 60
# The end of a sentence with more behind it; not the dot of initials.
CLAUSE = re.compile(r"(?:(?<!\b[^\W\d_])\.|[!?。！？，])\s*\w")
# Another sentence behind the first; not "Dr. med.", "St. Ann".
_NEXT = re.compile(r"(?<=[^\W\d_]{4})[.!?]\s+[^\W\d_]|[。！？]\s?\w")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
# A few words in parentheses behind a name.
_ASIDE = re.compile(r"[(（][^()（）]{1,30}[)）]")
_COUNT = re.compile(
    r"^[\d.,\s]+(?:k|w|万|萬)?\s*"
    r"(?:times?|views?|reads?|comments?|shares?|likes?|min\w*\.?(?:\s[^\W\d]+){0,2}"
    r"|次|人|条|則|회|개|pv|件|分|分钟|分鐘)?$",
    re.IGNORECASE,
)


# Families of phrases that have days of their own, and are written as names are.
NOTICES = frozenset(("footer", "cookie", "nav", "disclaimer", "copyright", "login", "newsletter"))


def people_of(part: Part, words: Vocabulary, dated: bool) -> list[Person] | None:
    """The people that the part names as authors or reviewers; None where it is not understood."""
    text = _trimmed(part.text, words)
    if part.text.endswith(("?", "？", "…", "...")):
        return None  # a question, or a card's text cut short
    if part.kind in ("author", "reviewer", "both"):
        return _labelled_people(part, text, words, dated)
    if part.kind is not None:
        return [] if _COUNT.match(text) or _is_value(part, text, words) else None
    if not text or _COUNT.match(text):
        return []
    # Nearly all lines without label and date stop here: they are no bylines.
    if not (dated or is_cjk(text) or kinds(words).may_tell(text)):
        return None
    if words.read(text).whole in NOTICES:
        return None  # "Privacy Policy updated 3 March 2024"
    parsed = parse(text, words, single=False)
    if not (parsed.people and parsed.complete):
        return None
    if kinds(words).has_affiliation(parsed.people[0].name):
        return None
    signed = dated and all(_is_surely_name(person, words) for person in parsed.people)
    signed = signed or _have_degrees(parsed.people, words, writers=is_cjk(text) or "," in text)
    return list(parsed.people) if signed else None


def _is_surely_name(person: Person, words: Vocabulary) -> bool:
    """Whether no label is needed to tell a name. Any Korean noun that begins as a surname does
    looks like one (김치 is kimchi), so that a profession must stand beside it."""
    if not _HANGUL.search(person.name):
        return True
    told = person.role or person.credentials
    return bool(told) and (len(person.name) <= 3 or person.name[:2] in words.people["surnames"])


def is_writer(person: Person, words: Vocabulary) -> bool:
    """Whether the person's role is a label of authors: 기자, 記者, Redakteurin."""
    return label_kinds(words.codes).get(squash(person.role or "")) == "author"


def _have_degrees(people: tuple[Person, ...], words: Vocabulary, *, writers: bool) -> bool:
    """Whether all have degrees that are known, and no name abbreviates to one ("Sclerosis, MS")."""
    known = kinds(words)
    for person in people:
        if writers and is_writer(person, words):
            continue
        first = (person.credentials or "").split(", ")[0]
        initials = "".join(word[0] for word in re.split(r"[\s-]+", person.name) if word)
        if not known.is_credentials(first) or first == initials or len(person.name.split()[-1]) < 2:
            return False
    return True


def _is_plain_name(text: str, parsed: Parsed, words: Vocabulary) -> bool:
    """Whether capitals, a title, degree or profession tell the people from any other words."""
    cased = is_cjk(text) or text.lower() != text.upper()
    titled = kinds(words).starts_with_honorific(text)
    return cased or titled or all(p.role or p.credentials for p in parsed.people)


def _labelled_people(part: Part, text: str, words: Vocabulary, dated: bool) -> list[Person] | None:
    if not text:
        return []
    if _COUNT.match(text):
        return None
    # A reviewer signs with more than one word: "Fact check: Lemons" is a heading.
    single = part.kind != "reviewer" and (part.sure or (part.spoken and (dated or not part.short)))
    parsed = parse(text, words, single=single)
    if parsed.people and parsed.complete and not _is_sentence(text, parsed, words):
        if part.short and not (part.sure or dated or _is_plain_name(text, parsed, words)):
            return None
        house = any(kinds(words).has_affiliation(person.name) for person in parsed.people)
        return None if house and part.approves and not part.sure else list(parsed.people)
    if part.kind == "author" and (one := _in_town(text, words)):
        return [one]
    if parsed.complete and not parsed.people:
        told = part.sure or part.spoken or " " in text
        return [] if told and (part.sure or not any(map(str.isdigit, text))) else None
    pen = part.kind == "author" and (part.sure or dated)
    if part.sure and (one := _told_by_sentence(text, words)):
        return [one]
    if part.sure or part.spoken or pen:
        people = leading(text, words, sure=part.sure, pen_names=pen)
        if people:
            return list(people)
    if dated and part.spoken and _is_unnamed(text, words):
        return []
    vague = part.sure and len(text) <= 40 and not (part.short and is_cjk(text))
    return [] if vague and not _is_prose(text) else None


def _in_town(text: str, words: Vocabulary) -> Person | None:
    """The person of "Ana Lima, Madrid" or "Ana Lima, de São Paulo": a full name and a town."""
    name, _, town = text.partition(", ")
    known = kinds(words)
    place = behind_at(town, known) if town else None
    if not town or not is_place(place or town) or (place is None and not town.isalpha()):
        return None
    told = known.has_role(town) or known.has_affiliation(town) or known.is_nobody(town)
    parsed = parse(name, words, single=False)
    alone = parsed.complete and len(parsed.people) == 1 and not parsed.people[0].role
    return parsed.people[0] if alone and not told and not town.isupper() else None


def _told_by_sentence(text: str, words: Vocabulary) -> Person | None:
    """The person of one whole sentence behind a label: "Advice: Dr Jane Doe is a surgeon at …"."""
    known = kinds(words)
    head, behind = known.before_copula(text)
    parsed = parse(head, words, single=False) if behind else Parsed()
    if len(parsed.people) != 1 or not parsed.complete or _NEXT.search(behind):
        return None
    person = parsed.people[0]
    if not (person.credentials or known.starts_with_honorific(head)):
        return None
    told = portrait(f"{person.name} {behind}", person.name, words, known)
    return replace(told, credentials=person.credentials) if told and told.role else None


def _is_unnamed(text: str, words: Vocabulary) -> bool:
    """Whether the text speaks of somebody without a name: "a Harbour Clinic professional"."""
    known = kinds(words)
    who = known.without_article(text)
    told = known.has_role(who) or known.has_affiliation(who) or known.is_nobody(who)
    return who != text and told and len(text) <= UNNAMED_LIMIT and not re.search(r"[,;.]", text)


def _is_value(part: Part, text: str, words: Vocabulary) -> bool:
    """Whether the text may stand behind a label such as "Editor", "Source" or "Topics".

    Not where it is a clause of prose: an expert who is asked speaks behind a label too.
    """
    if part.spoken or not part.short or part.kind == "speaker":
        parsed = parse(text, words)
        if parsed.people and parsed.complete:
            return True
    if not part.sure or part.kind == "speaker" or len(text) > 80 or CLAUSE.search(text):
        return False
    small = [word for word in text.split() if word.isalpha() and word.islower()]
    return is_cjk(text) or len(small) <= 3


def _trimmed(text: str, words: Vocabulary) -> str:
    """Without what a date taken out leaves behind, "Follow" and the like, and the full stop."""
    text = re.sub(
        r"[\s,，|]+(?:on|in|am|le|el|em|il|op|pada|w dniu|ngày|at)?\s*$",
        "",
        without_handles(text).strip(),
        flags=re.IGNORECASE,
    )
    head, _, last = text.rpartition(" ")
    if words.wholes.get(squash(last)) == "share" and " " in head:
        text = head
    if text.endswith("。") or (text.endswith(".") and not re.search(r"(?:\b\w|[A-Z]\w?)\.$", text)):
        text = text[:-1]
    return without_readings(text.strip(" ,，;；|、"))


def _is_sentence(text: str, parsed: Parsed, words: Vocabulary) -> bool:
    """Whether the text is prose that happened to parse: one odd name out of many words."""
    text = _ASIDE.sub("", kinds(words).strip_honorifics(text))
    named = sum(
        len(p.name) + len(p.credentials or "") + len(p.role or "") + len(p.affiliation or "")
        for p in parsed.people
    )
    named += parsed.nobody
    return named < 0.5 * len(text) or bool(
        re.search(r"[.!?。！？]\s+\w+\s\w+\s\w+", text) and text.count(". ") > 3
    )


def _is_prose(text: str) -> bool:
    return len(text.split()) > 5 or CLAUSE.search(text) is not None
