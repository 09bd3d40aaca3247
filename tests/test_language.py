"""The language of a body is the one it is written in, and words are counted as it counts them."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.language import count_words, detect

TEXTS = tomllib.loads((Path(__file__).parent / "data/decode/texts.toml").read_text("utf-8"))["text"]
SIMPLIFIED = "骨转移是晚期癌症常见的并发症。患者会感到持续的疼痛，夜间更加明显。"
TRADITIONAL = "骨轉移是晚期癌症常見的併發症。患者會感到持續的疼痛，夜間更加明顯。"
ENGLISH = "Malignant cells can settle in the bones, and the pain is often worse during the night."
GERMAN = (
    "Bösartige Zellen können sich in den Knochen festsetzen, und der Schmerz ist nachts schlimmer."
)


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case["language"])
def test_a_sentence_is_enough(case: dict[str, str]) -> None:
    assert detect(case["text"]) == case["language"].partition(",")[0]


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        pytest.param(ENGLISH, "en-US", "en", id="declared and so, without region"),
        pytest.param(ENGLISH, "en_GB", "en", id="og:locale"),
        pytest.param(GERMAN, "en", "de", id="a template's default loses"),
        pytest.param(SIMPLIFIED, "en", "zh-Hans", id="script contradicts"),
        pytest.param(SIMPLIFIED, "zh-TW", "zh-Hans", id="characters before region"),
        pytest.param(TRADITIONAL, "zh-CN", "zh-Hant", id="characters before region, traditional"),
        pytest.param("中", "zh-HK", "zh-Hant", id="region where characters say nothing"),
        pytest.param("中", "zh-Hant", "zh-Hant", id="declared script"),
        pytest.param("中", "zh", "zh-Hans", id="neither: simplified"),
        pytest.param(TRADITIONAL, "yue", "yue", id="declared Cantonese"),
        pytest.param("Ibuprofen 400 mg", "de", "de", id="too short: the declared one"),
        pytest.param("Ibuprofen 400 mg", "ru", None, id="too short, and not in that script"),
        pytest.param("Ibuprofen 400 mg", None, None, id="too short, nothing declared"),
        pytest.param("", "fr", "fr", id="no text"),
        pytest.param("12 345 — 67%", None, None, id="no letters"),
        pytest.param("", "x-default", None, id="a declaration that is no language"),
        pytest.param("", "🙂", None, id="a declaration that is no tag"),
        pytest.param(
            "Bolesnici često osjećaju bol u kostima, osobito tijekom noći, i slabo spavaju.",
            "hr",
            "hr",
            id="languages written alike: the declared one",
        ),
        pytest.param("がん細胞が骨に広がる", None, "ja", id="Japanese title"),
        pytest.param("骨の痛み Bone pain", "ja", "ja", id="two scripts"),
    ],
)
def test_declared_and_detected(text: str, declared: str | None, language: str | None) -> None:
    assert detect(text, declared) == language


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("Take 3.5 mg twice a day, after meals.", "en", 8),
        ("a well-known side effect; don't worry", "en", 6),
        ("- item one\n- item two", "en", 4),
        ("cell a | cell b", "en", 4),
        ("and/or", "en", 2),
        ("bones—and joints", "en", 3),
        ("... !!! —", "en", 0),
        ("", "en", 0),
        ("骨转移，疼痛。", "zh-Hans", 5),
        ("维生素 B12 和 DNA 检测", "zh-Hans", 8),
        ("がんのリスク", "ja", 6),
        ("ビタミンDを２回", "ja", 8),
        ("고혈압 환자는 소금을 적게", "ko", 4),
        ("दर्द रात में बढ़ता है", "hi", 5),
        ("الألم يزداد ليلا", "ar", 3),
        ("骨转移", None, 3),
        ("bone pain", None, 2),
    ],
)
def test_words(text: str, language: str | None, words: int) -> None:
    assert count_words(text, language) == words


def test_words_of_languages_without_spaces_are_estimated() -> None:
    # Eleven words by dictionary: มะเร็ง แพร่กระจาย ไปยัง กระดูก พบ ได้ บ่อย ใน ระยะ ท้าย มาก
    assert 8 <= count_words("มะเร็งแพร่กระจายไปยังกระดูกพบได้บ่อยในระยะท้ายมาก", "th") <= 14


@pytest.mark.parametrize(
    "text", ["." * 1_000_000, "a" * 1_000_000, "-a" * 500_000, "骨" * 1_000_000]
)
def test_long_texts_take_no_time(text: str) -> None:
    begun = time.monotonic()
    detect(text)
    count_words(text, None)
    assert time.monotonic() - begun < 3  # seconds


@given(st.text(alphabet=st.characters(codec=None)), st.none() | st.text())
def test_never_raises(text: str, declared: str | None) -> None:
    found = detect(text, declared)
    assert found is None or found.replace("-", "").isalpha()
    assert count_words(text, found) >= 0
