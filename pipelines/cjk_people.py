"""People in Chinese, Japanese and Korean bylines, where names and titles stand without spaces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.cjk_names import JOINED, join_spaced_names, part_name
from pipelines.names import Kinds
from pipelines.phrases import squash
from pipelines.records import Person

# A line that says more is no position (characters).
POSITION_LIMIT = 60
# An office is named by its town, its department and itself at most (pieces).
OFFICES = 3


@dataclass
class Draft:
    """A person in the making."""

    name: str
    credentials: list[str] = field(default_factory=list)
    role: list[str] = field(default_factory=list)
    affiliation: list[str] = field(default_factory=list)
    headed: str | None = None
    """the whole of "Director of the Heart Service", as long as no institution follows"""

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


def awaits_name(line: str, known: Kinds) -> bool:
    """Whether the line is a position alone, whose bearer the next line names."""
    return (
        len(line) <= POSITION_LIMIT
        and line.endswith(known.long_roles)
        and not read_cjk(line, known)[0]
    )


def read_cjk(text: str, known: Kinds) -> tuple[list[Draft], bool]:
    """Pieces between spaces and signs, each a name, a role, an institution, or several joined."""
    drafts: list[Draft] = []
    complete = True
    pending: list[str] = []  # an institution or role named before its person
    for piece, inside in _pieces(text, known):
        if "：" in piece or ":" in piece:
            complete = False  # behind a label that is not known stands anything
            continue
        before, name, rest = part_name(piece, known)
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
        elif _is_address(piece, known):
            continue  # 先生 behind the name's reading
        elif piece in known.roles and drafts:
            _add_role(drafts[-1], piece, known)
        elif drafts and _cjk_extend(drafts[-1], piece, known):
            continue
        elif not drafts and _may_precede(piece, known):
            pending.append(piece)
        elif not known.is_nobody(piece):
            complete = False
    if not drafts and complete and 0 < len(pending) <= OFFICES and _is_office(pending, known):
        return [Draft(" ".join(pending))], True
    return drafts, complete and (bool(drafts) or not pending)


def _pieces(text: str, known: Kinds) -> Iterator[tuple[str, bool]]:
    """The text cut at spaces and signs; each piece with whether it stands in parentheses."""
    text = _DEGREE_OF.sub("\\1\x01\\2\x02", text)
    for role in (role for role in known.long_roles if " " in role):
        text = text.replace(role, role.replace(" ", JOINED))
    if known.bound and "·" in text:
        text = _DOTTED.sub(lambda match: _undotted(match, known), text)
    for i, stretch in enumerate(_BRACKETS.split(text)):
        for piece in _CUT.split(join_spaced_names(stretch or "", known)):
            piece = piece.replace(_DOT, "·")
            if piece:
                yield known.strip_honorifics(piece) if piece[0].isascii() else piece, i % 2 == 1


def _undotted(match: re.Match[str], known: Kinds) -> str:
    """买买提·艾力 is one name; 张三·李四 are two, and a title has a dot before it."""
    sides = match.groups()
    apart = all(map(known.is_cjk_name, sides)) or any(
        known.has_role(side) or known.has_affiliation(side) for side in sides
    )
    return match[0] if apart else _DOT.join(sides)


def _is_address(piece: str, known: Kinds) -> bool:
    """Whether the piece is a form of address and tells nothing: 先生, but not 博士."""
    told = piece in known.roles or piece in known.long_degrees
    return squash(piece) in known.honorifics and not told


def _may_precede(piece: str, known: Kinds) -> bool:
    """Whether an institution, a role or a degree is named: its bearer's name may follow."""
    degree = piece in known.long_degrees or "\x01" in piece or known.is_credentials(piece)
    return (
        degree or bool(_TOWN.search(piece)) or known.has_affiliation(piece) or known.has_role(piece)
    )


def _is_office(pieces: list[str], known: Kinds) -> bool:
    """Whether the pieces are one institution: a town's or a hospital's, and its departments."""
    *above, last = pieces
    return _is_institution(last, known) and all(
        _TOWN.search(piece) or _is_institution(piece, known) for piece in above
    )


def _is_institution(piece: str, known: Kinds) -> bool:
    """Whether the piece is the name of an institution, not a clause that has a word of one."""
    if known.has_role(piece) or not known.has_affiliation(piece) or "\x01" in piece:
        return False
    whole = piece.endswith(known.long_places) or bool(_OFFICE.search(piece))
    return whole if known.bound else not _SENTENCE.search(piece)


def _cjk_extend(draft: Draft, piece: str, known: Kinds) -> bool:
    """Add the roles, degrees and institutions of one piece; False where it holds none."""
    piece = _NOW_AT.sub("", piece.replace(JOINED, " "))
    if _CLAUSE.match(piece) or _STOP.search(piece):
        return False
    if "\x01" in piece:
        draft.credentials.append(piece.replace("\x01", "（").replace("\x02", "）"))
        return True
    if piece.endswith(known.long_degrees) or known.is_credentials(piece):
        degree = next((d for d in known.long_degrees if piece.endswith(d)), piece)
        place = piece.removesuffix(degree)
        if known.has_institution(place):
            draft.affiliation.append(place)
            piece = degree
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
# Stands for the dot of a name while a text is cut at dots.
_DOT = "\x03"
_DOTTED = re.compile(r"([\u3400-\u9fff]{2,5})·([\u3400-\u9fff]{2,5})")
_CUT = re.compile(r"[\s\u3000、,，;；/／|｜]+|(?<=\D)[・·•](?=\D)")
# How a name is read, behind it: 佐藤健一（さとうけんいち）, 王小明（Wang Xiaoming）.
_READING = re.compile(
    r"(?<=[\u3400-\u9fff々])\s?[（(]"
    r"(?:[\u3041-\u309f]{2,8}\s?[\u3041-\u309f]{0,8}|[\u30a1-\u30ff]{2,8}\s[\u30a1-\u30ff]{2,8}"
    r"|[A-Z][A-Za-z'-]+,?\s[A-Z][A-Za-z'-]+)[)）]"
)
# 修士（医科学）: the parenthesis belongs to the degree.
_DEGREE_OF = re.compile(r"(博士|修士|学士)[（(]([^()（）]{1,8})[)）]")
_TOWN = re.compile(r"^[\u3400-\u9fff]{1,6}[市区區町村県縣]$")
# Ends of the names of Chinese offices, and of Japanese clauses.
_OFFICE = re.compile(r"[院校室局站社部所处處组組队隊会會心团團处課课]$")
_SENTENCE = re.compile(r"(?:です|ます|ました|ません|する|した|ない|こと)$")
# Chinese words between a person and an institution, and words that open a clause of prose.
_NOW_AT = re.compile(r"^(?:现任|現任|就职于|任职于|供职于|就職於|任職於|来自|來自)")
_CLAUSE = re.compile(
    r"^(?:在(?![读讀])|从|從|曾|现|現|毕业|畢業|擅长|擅長|是|有|具有|致力|长期|長期)"
)
# What no role or institution has: the end of a sentence, Japanese verbs of careers.
_STOP = re.compile(r"[。！？]|[をにでへ](?:卒業|修了|勤務|開業|入局|従事|就任|取得)|卒業後?$")
# Who heads an institution, not a department: みなと皮膚科院長.
_HEAD = re.compile(r"(?:院|所|理事|会|會)[長长]$")
# Japanese specialities are part of the title: 整形外科専門医.
_KANA_ROLE = re.compile(r"専門医|認定医|指導医|科医$|전문의")
