"""People in Chinese, Japanese and Korean bylines, where names and titles stand without spaces."""

from __future__ import annotations

import re
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


def read_cjk(text: str, known: Kinds) -> tuple[list[Draft], bool]:
    """Pieces between spaces and signs, each a name, a role, an institution, or several joined."""
    drafts: list[Draft] = []
    complete = True
    pending: list[str] = []  # an institution or role named before its person
    text = _DEGREE_OF.sub("\\1\x01\\2\x02", text)
    opened = re.sub(r"[（(\[【「]|[)）\]】」]", " ", text)
    for role in (role for role in known.long_roles if " " in role):
        opened = opened.replace(role, role.replace(" ", _JOINED))
    opened = _join_spaced_names(opened, known)
    for piece in filter(None, re.split(r"[\s\u3000、,，;；/／|｜]+|(?<=\D)[・·•](?=\D)", opened)):
        name, rest = (
            (None, piece)
            if piece in known.long_degrees or piece in known.roles
            else _cjk_name(piece, known)
        )
        if name:
            drafts.append(Draft(name))
            for waiting in pending:
                _cjk_extend(drafts[-1], waiting, known)
            pending = []
            if rest and not _cjk_extend(drafts[-1], rest, known):
                complete = False
        elif piece in known.roles and drafts:
            _add_role(drafts[-1], piece, known)
        elif drafts and _cjk_extend(drafts[-1], piece, known):
            continue
        elif not drafts and (known.has_affiliation(piece) or known.has_role(piece)):
            pending.append(piece)
        elif not known.is_nobody(piece):
            complete = False
    if not drafts and len(pending) == 1 and not known.has_role(pending[0]) and complete:
        return [Draft(pending[0])], True
    return drafts, complete and (bool(drafts) or not pending)


def _join_spaced_names(text: str, known: Kinds) -> str:
    """ "山田 太郎" and "张 三" as one piece: a surname and a given name with a space between."""

    def joined(match: re.Match[str]) -> str:
        pair = match.group(1) + match.group(3)
        ok = known.is_cjk_name(pair) and not known.has_role(match.group(3))
        if known.bound:
            ok = ok and match.group(1) in known.surnames
        return f"{match.group(1)}{_JOINED}{match.group(3)}" if ok else match.group()

    edge = r"[^\s、,，;；/]"
    pattern = (
        rf"(?<!{edge})([\u3400-\u9fff々]{{1,3}})([ \u3000]+)"
        rf"([\u3040-\u30ff\u3400-\u9fff々]{{1,3}})(?!{edge})"
    )
    return re.sub(pattern, joined, text)


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
            return (spaced if not rest and head == spaced else head), rest
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
            if place and known.has_institution(place) and not _KANA_ROLE.search(role):
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


def _add_role(draft: Draft, role: str, known: Kinds) -> None:
    """Add a role; it takes the place of the form of address before it (医師, then 小児科専門医)."""
    if len(draft.role) == 1 and draft.role[0] in known.honorifics and draft.role[0][0] in role:
        draft.role.clear()
    draft.role.append(role)


# Scripts that write a department behind its institution with a space.
_SPACED = re.compile(r"[\x00-\x7f\uac00-\ud7a3]")
# 修士（医科学）: the parenthesis belongs to the degree.
_DEGREE_OF = re.compile(r"(博士|修士|学士)[（(]([^()（）]{1,8})[)）]")
# Chinese words between a person and an institution, and words that open a clause of prose.
_NOW_AT = re.compile(r"^(?:现任|現任|就职于|任职于|供职于|就職於|任職於|来自|來自)")
_CLAUSE = re.compile(r"^(?:在|从|從|曾|现|現|毕业|畢業|擅长|擅長|是|有|具有|致力|长期|長期)")
# Japanese specialities are part of the title: 整形外科専門医.
_KANA_ROLE = re.compile(r"専門医|認定医|指導医|科医$|전문의")
