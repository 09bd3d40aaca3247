"""What kind of thing a piece of a byline is: a name, a degree, a role, an institution, nobody.

Words are looked up in the language files; nothing here knows a language. A piece that fits no
kind is nothing: a wrong person is worse than none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from pipelines.agencies import agency
from pipelines.cjk_shapes import has_name_shape, is_cjk
from pipelines.phrases import PhraseIndex, after, bare, squash
from pipelines.registers import REGISTER
from pipelines.vocabulary import Vocabulary, vocabulary

# Longer runs are sentences or headings, shorter ones abbreviations.
NAME_LIMIT = 60
NAME_WORDS = 6
PARTICLES = frozenset(
    "de del della da das do dos di du la le les el al bin ibn ben von van der den ter"
    " ten zu zur y e i af av st st. mac 't van't abu bint op".split()
)
# Those of them that open no name when they are written small.
_ARTICLES = frozenset("la le les el y e i".split())
# The longest phrase of a few words (characters).
_HEAD = 40
# What follows a name and belongs to it.
SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})
# Letters that the names of a profession and of its field begin with alike, and letters that they
# end with otherwise: cardiologist, cardiology; Kardiologe, Kardiologie; pediatrician, pediatrics.
_FIELD_STEM, _FIELD_END = 6, 3
# Last words of names for a group of people, whatever stands before them.
_GROUPS = frozenset({"staff", "team", "editors", "admin", "writers", "reporters", "desk", "board"})
# First words of such names in languages that put the noun first: "Redacción Salud Hoy".
_GROUPS_FIRST = re.compile(
    r"(?:(?:la|el|a|da|nossa|nuestro|notre|l['’]) ?)?"
    r"(?:redacci[oó]n|redação|redacao|rédaction|redazione|equipe|équipe|equipo|equipa)(?!\w)"
)
_CJK_GROUPS = ("编辑部", "編輯部", "編集部", "편집부", "小编", "小編", "团队", "團隊", "チーム")
# Languages that write "institut national de la santé" with one capital at most.
_LOWER_PLACES = frozenset("fr es pt it ca ro pl cs ru uk".split())
# Languages that write "kinderziekenhuis" as one word.
_COMPOUNDS = frozenset(("de", "nl"))
# Russian names in another case than the one that names: "проверено врачом Анной Сомовой".
_OBLIQUE = re.compile(
    r"(?:вич|ьич)(?:а|у|е|ем)\b|(?:ов|ев|ич)н(?:ы|е|ой|ою|у)\b|(?:[оеё]в|[иы]н)ым\b|[сц]ким\b"
    r"|(?:ой|[иь]ей|ы|и)\s(?:.+\s)?\w+(?:[оеё]в|[иы]н|[сц]к)ой\b"
    r"|(?:[оеё]в|[иы]н|[сц]к)ой\s(?:.+\s)?\w+(?:ой|[иь]ей|ы|и)\b"
)
# "Stand der Forschung" and other German genitives; a surname has "von der" or "an der".
_GENITIVE = re.compile(r"\b[A-ZÄÖÜ]\w* der ")
_SPACE = re.compile(r"\s+")
# "Sp.JP(K)", "BSc(Hons)": how far a degree goes, in parentheses without a space.
_GRADE = re.compile(r"(?<=\w)\(\w{1,5}\)$")
_LETTER = re.compile(r"[^\W\d_]")
_ADDRESS = re.compile(r"https?:|www\.|@|\.(?:com|org|net|cn|de|fr|jp|ru|info|co)\b", re.IGNORECASE)
# "FAAOMPT", "DipABLM", "F.A.C.S.", but not "GadgetSoft".
_DEGREE = re.compile(
    r"(?=[A-Za-z./®™-]{2,14}$)(?:[A-Z][a-z]{0,3}[A-Z.][A-Z./®™-]*(?:[a-z]{1,3}\.?)?[A-Z./®™-]*)"
)


class Kinds:
    """The people tables of a vocabulary, arranged for questions about one piece of text."""

    def __init__(self, words: Vocabulary) -> None:
        people = words.people
        self.credentials = frozenset(_compact(w) for w in people["credentials"])
        self._degree_words = max((len(w.split()) for w in people["credentials"]), default=1) + 2
        self.roles = frozenset(people["roles"])
        # Ends of compounds: Kinderkardiologe, neuropediatra.
        self.compound_roles = tuple(w for w in self.roles if len(w) >= 6 and w.isalpha())
        self.affiliations = frozenset(people["affiliations"])
        self._compound_places: tuple[str, ...] = ()
        if words.codes[0].split("-")[0] in _COMPOUNDS:
            long = (w for w in self.affiliations if len(w) >= 7 and w.isalpha())
            self._compound_places = tuple(long)
        self.heads, self.runs = frozenset(people["heads"]), frozenset(people["runs"])
        self._fields = frozenset(
            _folded(w)[:-_FIELD_END]
            for w in self.roles
            if w.isalpha() and len(w) >= _FIELD_STEM + _FIELD_END
        )
        self.lower_places = words.codes[0].split("-")[0] in _LOWER_PLACES
        self.nobody = frozenset(bare(w) for w in people["nobody"])
        self._small = frozenset(people["small"])
        self._groups = tuple(bare(w) for w in people["groups"])
        self.honorifics = tuple(sorted(people["honorifics"], key=len, reverse=True))
        self._spaced_honorifics = tuple(w for w in self.honorifics if not is_cjk(w))
        self._labels = frozenset(people["photographer"] + people["editor"] + people["source"])
        self.located = people["located"]
        self.employs = frozenset(people["employs"])
        self._columns = frozenset(people["columns"])
        self._copula, self._articles, self._asides, self._at = (
            PhraseIndex(dict.fromkeys(people[key], key))
            for key in ("copula", "articles", "asides", "at")
        )
        self.titles = frozenset(bare(w) for w in people["honorifics"])
        self.surnames = frozenset(people["surnames"])
        # Japanese surnames are too many to list, so that no list binds where they occur.
        self.bound = bool(self.surnames) and "ja" not in words.codes
        self.joiners = people["joiners"]
        self.at = tuple(sorted(people["at"], key=len, reverse=True))
        places = _either(word.replace("'", "\u2019") for word in self.at).replace("\u2019", "['’]")
        self.at_between = re.compile(rf"\s+(?:{places})(?:\s+|(?<=['’]))")
        joiners = _either(j for j in self.joiners if j.strip(",，、") and not is_cjk(j))
        self.joiner_between = re.compile(rf",?\s+(?:{joiners})\s+", re.IGNORECASE)
        self.joiner_first = re.compile(rf"(?:{joiners})\s+", re.IGNORECASE)
        self.long_roles = tuple(w for w in sorted(self.roles, key=len, reverse=True) if is_cjk(w))
        self.long_degrees = tuple(
            w for w in sorted(people["credentials"], key=len, reverse=True) if is_cjk(w)
        )
        self.long_places = tuple(
            w for w in sorted(self.affiliations, key=len, reverse=True) if is_cjk(w)
        )

    def is_nobody(self, text: str) -> bool:
        """Whether the text names no person: a login, an address, "Staff", "our medical team"."""
        key = bare(text)
        if agency(text):
            return False
        if not key or key in self.nobody or _ADDRESS.search(text):
            return True
        if any(map(str.isdigit, text)) and not REGISTER.search(text):
            return True
        last = key.rsplit(" ", 1)[-1]
        if last in _GROUPS or _GROUPS_FIRST.match(key) or self._is_group(key):
            return True
        return is_cjk(key) and len(key) > 2 and key.endswith(_CJK_GROUPS)

    def _is_group(self, key: str) -> bool:
        """Whether words for a group of people open or end the text: "tim medis Brightwell"."""
        return any(f"{key} ".startswith(f"{g} ") or key.endswith(f" {g}") for g in self._groups)

    def is_credentials(self, text: str) -> bool:
        """Whether the text is degrees or post-nominals alone ("MD, PhD", "M.D.", "BSc (Hons)")."""
        if squash(text) in self.joiners:
            return False  # "and" is one in capitals
        if _compact(text) in self.credentials or REGISTER.fullmatch(text.strip(" .()")):
            return True
        parts = [_GRADE.sub("", p) for p in re.split(r"[\s,]+", text) if p]
        return bool(parts) and all(
            (_compact(p) in self.credentials and p[:1].isupper()) or (i and p[0] + p[-1] == "()")
            for i, p in enumerate(parts)
        )

    def may_tell(self, text: str) -> bool:
        """Whether a degree, a registration or, in a list, a role may stand in the text.

        Quick, and never wrong where it says no.
        """
        tokens = [_compact(token) for token in re.split(r"[\s,;()（）|/–-]+", text)]
        for size in range(1, self._degree_words + 1):
            for i in range(len(tokens) - size + 1):
                if "".join(tokens[i : i + size]) in self.credentials:
                    return True
        return REGISTER.search(text) is not None or ("," in text and self.has_role(text))

    def looks_like_degree(self, text: str) -> bool:
        """Whether unknown words have the shape of post-nominals: mostly capitals, or dots."""
        words = text.split()
        return 0 < len(words) <= 3 and all(
            _DEGREE.fullmatch(word) or (i and word[0] + word[-1] == "()")
            for i, word in enumerate(words)
        )

    def is_field(self, text: str) -> bool:
        """Whether the last word names a field of medicine or the like rather than its people."""
        last = _folded(squash(text).rpartition(" ")[2])
        if last in self.roles or len(last) < _FIELD_STEM:
            return False
        return any(last[:end] in self._fields for end in range(_FIELD_STEM, len(last) + 1))

    def has_role(self, text: str) -> bool:
        """Whether a title or profession occurs in the text."""
        return self._has(text, self.roles, self.long_roles)

    def has_affiliation(self, text: str) -> bool:
        """Whether a word of institutions occurs in the text."""
        return self._has(text, self.affiliations, self.long_places)

    def is_bare_place(self, text: str) -> bool:
        """Whether the text is a word of institutions and no institution: "Medicine"."""
        return squash(text) in self.affiliations

    def has_institution(self, text: str) -> bool:
        """Whether a Chinese, Japanese or Korean text names more than a department (科)."""
        return any(len(w) > 1 and w[-1] != "科" and w in text for w in self.long_places)

    def _has(self, text: str, words: frozenset[str], wide: tuple[str, ...]) -> bool:
        key = squash(text)
        if is_cjk(key):
            return any(word in key for word in wide)
        tokens = re.findall(r"[^\s,;:()\[\]/\"]+", key)
        tokens = [t.strip(".") for t in tokens]
        for size in (1, 2, 3):
            for i in range(len(tokens) - size + 1):
                if " ".join(tokens[i : i + size]) in words:
                    return True
        if any(part in words for t in tokens if "-" in t for part in t.split("-")):
            return True
        ends = self.compound_roles if words is self.roles else self._compound_places
        return bool(ends) and any(t.endswith(ends) for t in tokens)

    def is_column(self, text: str) -> bool:
        """Whether the text is the name of a column that signs in a person's place."""
        return squash(text) in self._columns

    def says(self, text: str) -> bool:
        """Whether the text goes on about a person as a sentence does: "is a nurse"."""
        return self._copula.at_start(squash(text)) is not None

    def without_copula(self, text: str) -> str | None:
        """What a sentence says that its person is; None where it does not begin so."""
        phrase = self._copula.at_start(squash(text[:_HEAD]))
        return after(text, phrase) if phrase else None

    def before_copula(self, text: str) -> tuple[str, str]:
        """What stands before "is" and the like, and the rest; all and "" where there is none."""
        for match in _SPACE.finditer(text[: _HEAD * 2]):
            if self.without_copula(text[match.end() :]) is not None:
                return text[: match.start()], text[match.end() :]
        return text, ""

    def without_article(self, text: str) -> str:
        """The text without "a" or "the" before it; "The Associated Press" is a name."""
        phrase = self._articles.at_start(squash(text[:_HEAD])) if text[:1].islower() else None
        return after(text, phrase) or text if phrase else text

    def without_asides(self, text: str) -> str:
        """A role without "currently", "based" and the like at its ends."""
        phrase = self._asides.at_start(squash(text[:_HEAD]))
        if phrase:
            text = after(text, phrase)
        for aside in self._asides.phrases:
            if squash(text).endswith(f" {aside}"):
                text = text[: -len(aside)].rstrip(" ,")
        return text

    def after_at(self, text: str) -> str | None:
        """What follows "at", "for the", "Special to" and the like at the beginning of the text."""
        phrase = self._at.at_start(squash(text[:_HEAD]))
        if not phrase or not (text[0].islower() or " " in phrase):
            return None
        return after(text, phrase)

    def without_town(self, text: str) -> str:
        """An institution without the town that it is in: "Mercy Hospital in Boston"."""
        for word in self.located:
            head, _, town = text.partition(f" {word} ")
            if town and self.has_affiliation(head) and not self.has_affiliation(town):
                return head
        return text

    def strip_honorifics(self, text: str) -> str:
        """The text without "Dr.", "Prof. Dr. med." and the like before it."""
        while True:
            key = squash(text)
            if not key.startswith(self._spaced_honorifics):
                return text
            for word in self._spaced_honorifics:
                if key.startswith(word):
                    tail = key[len(word) :]
                    if tail and (word.endswith(".") or not tail[0].isalnum()):
                        cut = _skip(text, word).lstrip(" .,")
                        if cut and cut != text:
                            text = cut
                            break
            else:
                return text

    def leading_degree(self, titles: str) -> str | None:
        """The degree among the titles before a name ("Prof. Dr. med. ", "ThS.BS. "), as written."""
        titles = titles.strip(" ,")
        for start in [0, *(m.end() for m in re.finditer(r"\s+", titles))]:
            if titles and _compact(titles[start:]) in self.credentials:
                return titles[start:]
        return None

    def starts_with_honorific(self, text: str) -> bool:
        """Whether "Dr." or the like stands before the text."""
        return self.strip_honorifics(text) != text

    def is_name(self, text: str, *, least: int = 2) -> bool:
        """Whether the text has the shape of a person's name of `least` words or more."""
        if len(text) > NAME_LIMIT or not _LETTER.search(text) or self.is_nobody(text):
            return False
        if is_cjk(text):
            return self.is_cjk_name(text)
        tokens = text.split()
        if not least <= len(tokens) <= NAME_WORDS or re.search(
            r"[!?:;|/\\<>{}\[\]=+*#_…»«\"“”]", text
        ):
            return False
        if tokens[0] in _ARTICLES:
            return False  # "Verificado por la OMS"
        if self._small and not self._small.isdisjoint(map(squash, tokens)):
            return False
        if len(tokens) > 1 and squash(tokens[0].rstrip(":")) in self._labels:
            return False  # "Fotos Jane Doe"
        if len(tokens) > 1 and tokens[0].casefold() == tokens[-1].casefold():
            return False  # "Mensch zu Mensch"
        if self.has_role(text) or (len(tokens) > 1 and self.has_affiliation(text)):
            return False
        if squash(text) in self.affiliations or bare(text) in self.titles or self.is_field(text):
            return False
        if _OBLIQUE.search(text) or _GENITIVE.search(text):
            return False
        return all(map(_is_name_word, tokens)) and any(
            t[0].isupper() or not _cased(t) for t in tokens
        )

    def is_cjk_name(self, text: str, *, most: int = 5) -> bool:
        """Whether the text has the shape of a Chinese, Japanese or Korean name.

        `most`: signs of a Japanese name without kana; before a title six are seen too.
        """
        tight = text.replace(" ", "").replace("\u3000", "")
        if (
            tight in self.nobody
            or self.has_role(tight)
            or any(tight.endswith(w) for w in self.long_places)
        ):
            return False
        return has_name_shape(text, self.surnames, bound=self.bound, most=most)


@lru_cache(maxsize=256)
def _kinds(codes: tuple[str, ...]) -> Kinds:
    return Kinds(vocabulary(*codes))


def kinds(words: Vocabulary) -> Kinds:
    """The people tables of `words`, arranged once."""
    return _kinds(words.codes)


def _either(words: Iterable[str]) -> str:
    """A pattern of alternatives, which matches nothing where there are none."""
    return "|".join(map(re.escape, words)) or "(?!)"


def _compact(text: str) -> str:
    return re.sub(r"[\s.,®™-]+", "", squash(text))


def _skip(text: str, word: str) -> str:
    """`text` behind the beginning whose squashed form is `word`."""
    for end in range(1, min(len(text), 2 * len(word) + 4) + 1):
        if squash(text[:end]) == word:
            return text[end:]
    return text


def _folded(word: str) -> str:
    """The word without its accents."""
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def _cased(token: str) -> bool:
    return token.lower() != token.upper()


def _is_name_word(token: str) -> bool:
    if token.lower() in PARTICLES:
        return True
    core = token.strip(".,'’\"()-“”&")
    if not _LETTER.search(core) or any(c.isdigit() for c in core):
        return False  # a sign, such as a dot between two people
    if not _cased(core):
        return True  # a script without capitals
    first = re.sub(r"^(?:d|l|o|al|el|an|de)['’-]", "", core, flags=re.IGNORECASE) or core
    return first[0].isupper() or core[0].isupper()
