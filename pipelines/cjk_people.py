"""People in Chinese, Japanese and Korean bylines, where names and titles stand without spaces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.names import Kinds, is_cjk
from pipelines.records import Person

# Stands for a space inside a name or a title while a text is cut at spaces.
_JOINED = "\x00"


@dataclass
class Draft:
    """A person in the making."""

    name: str
    credentials: list[str] = field(default_factory=list)
    role: list[str] = field(default_factory=list)
    affiliation: list[str] = field(default_factory=list)

    def person(self) -> Person:
        return Person(
            name=self.name,
            credentials=", ".join(self.credentials) or None,
            role=", ".join(self.role) or None,
            affiliation=", ".join(self.affiliation) or None,
        )


def reporters(line: str) -> str | None:
    """ "王安之 記者、李和 記者" out of "記者王安之、李和／東明報導": reporters and their place.

    The name of the newspaper may stand before them.
    """
    match = _REPORTERS.match(line)
    if match is None:
        return None
    names = re.split(r"[、，\s]+", match["names"].strip())
    return "、".join(f"{name} {match['role']}" for name in names)


def without_readings(text: str) -> str:
    """The text without how names in it are read or written in Latin letters.

    >>> without_readings("佐藤健一（さとうけんいち）先生")
    '佐藤健一先生'
    """
    return _READING.sub("", text)


def read_cjk(text: str, known: Kinds) -> tuple[list[Draft], bool]:
    """Pieces between spaces and signs, each a name, a role, an institution, or several joined."""
    drafts: list[Draft] = []
    complete = True
    pending: list[str] = []  # an institution or role named before its person
    for piece, inside in _pieces(text, known):
        if "：" in piece or ":" in piece:
            complete = False  # behind a label that is not known stands anything
            continue
        before, name, rest = (
            ("", None, piece)
            if piece in (*known.long_degrees, *known.honorifics) or piece in known.roles
            else _cjk_person(piece, known)
        )
        if name and inside and drafts:
            continue  # where the person is from or also called, not one more
        if name:
            drafts.append(Draft(name))
            pending += filter(None, [before])
            for waiting in pending:
                _cjk_extend(drafts[-1], waiting, known)
            pending = []
            if rest and not _cjk_extend(drafts[-1], rest, known):
                complete = False
        elif drafts and _is_address(piece, known):
            continue  # 先生 behind the name's reading
        elif piece in known.roles and drafts:
            _add_role(drafts[-1], piece, known)
        elif drafts and _cjk_extend(drafts[-1], piece, known):
            continue
        elif not drafts and _may_precede(piece, known):
            pending.append(piece)
        elif not known.is_nobody(piece):
            complete = False
    if not drafts and len(pending) == 1 and _is_institution(pending[0], known) and complete:
        return [Draft(pending[0])], True
    return drafts, complete and (bool(drafts) or not pending)


def _pieces(text: str, known: Kinds) -> Iterator[tuple[str, bool]]:
    """The text cut at spaces and signs; each piece with whether it stands in parentheses."""
    text = _DEGREE_OF.sub("\\1\x01\\2\x02", text)
    for role in (role for role in known.long_roles if " " in role):
        text = text.replace(role, role.replace(" ", _JOINED))
    for i, stretch in enumerate(_BRACKETS.split(text)):
        for piece in _CUT.split(_join_spaced_names(stretch or "", known)):
            if piece:
                yield piece, i % 2 == 1


def _is_address(piece: str, known: Kinds) -> bool:
    """Whether the piece is a form of address and tells nothing: 先生, but not 博士."""
    told = piece in known.roles or piece in known.long_degrees
    return piece in known.honorifics and not told


def _may_precede(piece: str, known: Kinds) -> bool:
    """Whether an institution, a role or a degree is named: its bearer's name may follow."""
    degree = piece in known.long_degrees or "\x01" in piece
    return degree or known.has_affiliation(piece) or known.has_role(piece)


def _is_institution(piece: str, known: Kinds) -> bool:
    """Whether the piece is the name of an institution, not a clause that has a word of one."""
    if known.has_role(piece) or not known.has_affiliation(piece) or "\x01" in piece:
        return False
    whole = piece.endswith(known.long_places) or bool(_OFFICE.search(piece))
    return whole if known.bound else not _SENTENCE.search(piece)


def _join_spaced_names(text: str, known: Kinds) -> str:
    """ "山田 太郎", "张 三" and "山田 太郎先生" as one piece: a surname and a given name with a
    space between, and a title directly behind them."""

    edge = r"[^\s、,，;；/]"
    pattern = re.compile(
        rf"(?<!{edge})([\u3400-\u9fff々]{{1,4}})([ \u3000]+)"
        rf"([\u3040-\u30ff\u3400-\u9fff々]{{1,10}})(?!{edge})"
    )
    match = pattern.search(text)
    while match:
        surname, space, given = match.groups()
        found = _are_one_name(surname, given, known)
        if found:
            text = f"{text[: match.end(1)]}{_JOINED}{text[match.end(2) :]}"
        # A role may stand before a spaced name: "薬剤師 山田 太郎".
        match = pattern.search(text, match.end() - len(space) + 1 if found else match.end(1))
    return text


def _are_one_name(surname: str, given: str, known: Kinds) -> bool:
    title = next((t for t in _titles(known) if given.endswith(t) and given != t), "")
    given = given.removesuffix(title)
    if len(given) > 3 or known.has_role(given) or not known.is_cjk_name(surname + given):
        return False
    return surname in known.surnames if known.bound else not surname.endswith(known.long_places)


def _titles(known: Kinds) -> tuple[str, ...]:
    """What may follow a name directly: degrees, roles, forms of address."""
    return (*known.long_degrees, *known.long_roles, *filter(is_cjk, known.honorifics))


def _cjk_person(piece: str, known: Kinds) -> tuple[str, str | None, str]:
    """What stands before the name in the piece, the name, and what follows it directly."""
    name, rest = _cjk_name(piece, known)
    if name or _JOINED in piece:
        return "", name, rest
    title = next((t for t in _titles(known) if piece.endswith(t) and piece != t), "")
    head = piece.removesuffix(title)
    for size in (4, 3, 2) if known.bound else (6, 5, 4, 3, 2):
        before, name = head[:-size], head[-size:]
        if _ends_before_name(before, name, title, known):
            named, rest = _cjk_name(name + title, known)
            if named:
                return before.removesuffix("の"), named, rest
    return "", None, piece


def _ends_before_name(before: str, name: str, title: str, known: Kinds) -> bool:
    """Whether `before`, an institution or a role or both, ends where the name begins.

    "安平市中心医院呼吸科主任医师" before 祁牧之; "東明醫院新陳代謝科" before 施宛庭醫師. A role or
    a title must mark the name (高 in 高血压 is a surname too); without a list of surnames a title,
    and an institution with a role or の.
    """
    if not before or not known.is_cjk_name(name):
        return False
    role = next((r for r in known.long_roles if before.endswith(r)), "")
    if known.bound:
        if role:
            return len(name) > 2 or len(role) > 2
        return bool(title) and before.endswith(known.long_places)
    linked = next((at for at in known.at if before.endswith(at)), "")
    place = before.removesuffix(linked)
    if not (title and known.has_institution(place)):
        return False
    return bool(role) or (bool(linked) and place.endswith((*known.long_roles, *known.long_places)))


def _cjk_name(piece: str, known: Kinds) -> tuple[str | None, str]:
    """The name at the beginning of the piece, and what follows it directly."""
    spaced = piece.replace(_JOINED, " ")
    piece = piece.replace(_JOINED, "")
    for tail in (*known.long_degrees, *known.long_roles, *known.honorifics):
        if not piece.endswith(tail) or not is_cjk(tail):
            continue
        head = piece[: -len(tail)]
        if not known.bound and len(head) < 3:
            continue  # without a list of surnames 整形 before 外科医 would be one
        if known.is_cjk_name(head, most=6) and not known.has_affiliation(head):
            rest = "" if tail in known.honorifics and tail not in known.long_roles else tail
            return spaced.removesuffix(tail), rest
    if known.is_cjk_name(piece) and not known.has_affiliation(piece):
        return spaced, ""
    if piece[:1].isascii() and known.is_name(spaced, least=1):
        return spaced, ""
    return None, piece


def _cjk_extend(draft: Draft, piece: str, known: Kinds) -> bool:
    """Add the roles, degrees and institutions of one piece; False where it holds none."""
    piece = _NOW_AT.sub("", piece.replace(_JOINED, " "))
    if _CLAUSE.match(piece):
        return False
    if "\x01" in piece:
        draft.credentials.append(piece.replace("\x01", "（").replace("\x02", "）"))
        return True
    if piece in known.long_degrees:
        draft.credentials.append(piece)
        return True
    for role in known.long_roles:
        if piece.endswith(role):
            place = piece[: -len(role)]
            if role[0] in "科部" and role[1:] in known.roles and known.has_institution(place):
                place, role = place + role[0], role[1:]  # 主任 of the 小兒科, not 科主任 of 小兒
            if place and _is_where(place, role, known):
                draft.affiliation.append(place)
                _add_role(draft, role, known)
            else:
                _add_role(draft, piece, known)
            return True
    if known.has_affiliation(piece):
        if draft.affiliation and len(piece) <= 8:
            draft.affiliation[-1] += f" {piece}" if _SPACED.match(piece) else piece
        else:
            draft.affiliation.append(piece)
        return True
    return False


def _is_where(place: str, role: str, known: Kinds) -> bool:
    """Whether what stands directly before the role is an institution, no part of the title."""
    if _KANA_ROLE.search(role):
        return False
    heads = _HEAD.search(role) and place.endswith(known.long_places)
    return bool(heads) or known.has_institution(place)


def _add_role(draft: Draft, role: str, known: Kinds) -> None:
    """Add a role; it takes the place of a form of address (医師, then 小児科専門医)."""
    if len(draft.role) == 1 and draft.role[0] in known.honorifics and draft.role[0][0] in role:
        draft.role.clear()
    if draft.role and role in known.honorifics and role in known.nobody:
        return  # 医師 behind the name of a 部長 says nothing new
    draft.role.append(role)


# Scripts that write a department behind its institution with a space.
_SPACED = re.compile(r"[\x00-\x7f\uac00-\ud7a3]")
# At most so many signs in the name of the paper, a reporter's, a place.
_REPORTERS = re.compile(
    r"(?:[^\s／/]{2,12}\s?[／/｜|\s]\s?)?"
    r"(?P<role>(?:特派|駐地|实习|實習)?[記记]者)\s?"
    r"(?P<names>[^／/\s、，。]{2,4}(?:[、，\s][^／/\s、，。]{2,4}){0,3})\s?"
    r"[／/]\s?[^／/\s、，。]{1,8}\s?(?:報導|報道|报道)$"
)
# Parentheses whose bracket is missing count as well.
_BRACKETS = re.compile(r"[（(\[【「]([^（()）\[\]【】「」]*)[)）\]】」]?|[)）\]】」]")
_CUT = re.compile(r"[\s\u3000、,，;；/／|｜]+|(?<=\D)[・·•](?=\D)")
# How a name is read, behind it: 佐藤健一（さとうけんいち）, 王小明（Wang Xiaoming）.
_READING = re.compile(
    r"(?<=[\u3400-\u9fff々])\s?[（(]"
    r"(?:[\u3041-\u309f]{2,8}\s?[\u3041-\u309f]{0,8}|[\u30a1-\u30ff]{2,8}\s[\u30a1-\u30ff]{2,8}"
    r"|[A-Z][A-Za-z'-]+,?\s[A-Z][A-Za-z'-]+)[)）]"
)
# 修士（医科学）: the parenthesis belongs to the degree.
_DEGREE_OF = re.compile(r"(博士|修士|学士)[（(]([^()（）]{1,8})[)）]")
# Ends of the names of Chinese offices, and of Japanese clauses.
_OFFICE = re.compile(r"[院校室局站社部所处處组組队隊会會心团團处課课]$")
_SENTENCE = re.compile(r"(?:です|ます|ました|ません|する|した|ない|こと)$")
# Chinese words between a person and an institution, and words that open a clause of prose.
_NOW_AT = re.compile(r"^(?:现任|現任|就职于|任职于|供职于|就職於|任職於|来自|來自)")
_CLAUSE = re.compile(r"^(?:在|从|從|曾|现|現|毕业|畢業|擅长|擅長|是|有|具有|致力|长期|長期)")
# Who heads an institution, not a department: みなと皮膚科院長.
_HEAD = re.compile(r"(?:院|所|理事|会|會)[長长]$")
# Japanese specialities are part of the title: 整形外科専門医.
_KANA_ROLE = re.compile(r"専門医|認定医|指導医|科医$|전문의")
