"""The shape of names in scripts without spaces, and of what is no name."""

from __future__ import annotations

import re

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_LETTER = re.compile(r"[^\W\d_]")
# Signs that end the names of places and offices, and hardly any person's.
_PLACE_ENDS = frozenset("市県區区町省課院室局店科网網社")
# Ends of Korean nouns in a sentence, and of Japanese sentences: no names.
_PARTICLE_END = re.compile(r"(?:[를에의께]|에서|(?<![가노마])을|선생)$")
_VERB_END = re.compile(
    r"(?:です|ます|ました|ません|する|した|ない|こと|もの|とは|から|ため|について)$"
)
_HAN_NAME = re.compile(r"[\u3400-\u9fff·•]{2,8}")
# Japanese words between or before the words of a clause.
_KANA_CLAUSE = re.compile(
    r"^(?:まで|から|より|など|また|この|その)|[\u3400-\u9fff][はがをにで][\u3400-\u9fff]"
    r"|[\u3400-\u9fff]{3,}の[\u3400-\u9fff]{2}"
)
_KANA = re.compile(r"[\u3040-\u30ff]")


def is_cjk(text: str) -> bool:
    """Whether most letters of `text` are Chinese, Japanese or Korean."""
    letters = len(_LETTER.findall(text))
    return bool(letters) and 2 * len(_CJK.findall(text)) > letters


def _tight(text: str) -> str:
    return text.replace(" ", "").replace("\u3000", "")


def has_name_shape(text: str, surnames: frozenset[str], *, bound: bool, most: int) -> bool:
    """Whether a text may be a Chinese, Japanese or Korean name by its signs.

    `bound`: Chinese names must begin with one of the `surnames`; `most`: signs of a Japanese name
    without kana.
    """
    tight = _tight(text)
    if re.fullmatch(r"[\uac00-\ud7a3]{2,4}", tight):
        known = tight[0] in surnames or tight[:2] in surnames
        return known and not _PARTICLE_END.search(tight)
    if tight[-1:] in _PLACE_ENDS:
        return False
    if _VERB_END.search(tight):
        return False
    if _KANA.search(tight):
        if _KANA_CLAUSE.search(tight):
            return False
        # Katakana alone is a common noun more often than a name (アレルギー).
        plain = re.fullmatch(r"[\u30a0-\u30ff]+", text)
        return not plain and bool(re.fullmatch(r"[\u3040-\u30ff\u3400-\u9fff々ー・]{2,12}", tight))
    if "·" in tight or "•" in tight:
        return bool(_HAN_NAME.fullmatch(tight))
    if not 2 <= len(tight) <= most or not re.fullmatch(r"[\u3400-\u9fff々]+", tight):
        return False
    if not bound:
        return True
    return len(tight) <= 4 and (
        tight[:2] in surnames
        or (tight[0] in surnames and len(tight) <= 3)
        or (len(tight) == 4 and tight[0] in surnames and tight[1] in surnames)
    )
