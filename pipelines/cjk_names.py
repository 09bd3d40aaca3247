"""Names in Chinese, Japanese and Korean bylines, parted from what stands before and behind them."""

from __future__ import annotations

import re
from functools import lru_cache

from pipelines.cjk_shapes import is_cjk
from pipelines.names import Kinds
from pipelines.phrases import squash

# Stands for a space inside a name or a title while a text is cut at spaces.
JOINED = "\x00"
_EDGE = r"[^\s、,，;；/]"
_TWO_WORDS = re.compile(
    rf"(?<!{_EDGE})([\u3400-\u9fff々]{{1,4}})([ \u3000]+)"
    rf"([\u3040-\u30ff\u3400-\u9fff々]{{1,10}})(?!{_EDGE})"
)
# Words before a title that are no name, though they begin with a surname or look like one.
_RANK = re.compile(
    r"高级|高級|资深|資深|首席|特任准?|特聘|特命|客座|客員|名誉|名譽|主任|主席|常务|常務|执行|執行|兼任"
    r"|专职|專職|青年|实习|實習|見習|见习|助理|筆頭|統括|総括|専任|非常勤|常勤|公認|認定|国家"
)


def join_spaced_names(text: str, known: Kinds) -> str:
    """ "山田 太郎", "张 三" and "山田 太郎先生" as one piece: a surname and a given name with a
    space between, and a title directly behind them."""
    match = _TWO_WORDS.search(text)
    while match:
        surname, space, given = match.groups()
        found = _are_one_name(surname, given, known)
        if found:
            text = f"{text[: match.end(1)]}{JOINED}{text[match.end(2) :]}"
        # A role may stand before a spaced name: "薬剤師 山田 太郎".
        match = _TWO_WORDS.search(text, match.end() - len(space) + 1 if found else match.end(1))
    return text


def _are_one_name(surname: str, given: str, known: Kinds) -> bool:
    """Whether the words are surname and given name; the second may end with a title.

    Three signs before a title are rather a whole name (佐藤健 産業医, not 佐藤 健産業医), but
    before a form of address rather a surname (長谷川 健先生).
    """
    if given in titles(known):
        return False
    title = next((t for t in titles(known) if given.endswith(t)), "")
    if title and len(surname) > 2 and not title.endswith(known.honorifics):
        return False
    given = given.removesuffix(title)
    if len(given) > 3 or known.has_role(given) or not known.is_cjk_name(surname + given):
        return False
    return surname in known.surnames if known.bound else not surname.endswith(known.long_places)


@lru_cache(maxsize=64)
def titles(known: Kinds) -> tuple[str, ...]:
    """What may follow a name directly: degrees, roles, forms of address."""
    return (*known.long_degrees, *known.long_roles, *filter(is_cjk, known.honorifics))


def part_name(piece: str, known: Kinds) -> tuple[str, str | None, str]:
    """What stands before the name in the piece, the name, and what follows it directly."""
    if piece in titles(known) or known.is_credentials(piece) or squash(piece) in known.honorifics:
        return "", None, piece
    name, rest = _cjk_name(piece, known)
    if name or JOINED in piece:
        return "", name, rest
    title = next((t for t in titles(known) if piece.endswith(t) and piece != t), "")
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
    spaced = piece.replace(JOINED, " ")
    piece = piece.replace(JOINED, "")
    for tail in (*known.long_degrees, *known.long_roles, *known.honorifics):
        if not piece.endswith(tail) or not is_cjk(tail):
            continue
        head = piece[: -len(tail)]
        if _RANK.fullmatch(head):
            return None, piece
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
