"""The language of a body is the one it is written in, and words are counted as it counts them."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.cleaner import label_page
from pipelines.language import count_words, detect
from pipelines.page import Page, read_page

TEXTS = tomllib.loads((Path(__file__).parent / "data/decode/texts.toml").read_text("utf-8"))["text"]
WRITTEN = tomllib.loads((Path(__file__).parent / "data/languages.toml").read_text("utf-8"))["text"]
SIMPLIFIED = "骨转移是晚期癌症常见的并发症。患者会感到持续的疼痛，夜间更加明显。"
TRADITIONAL = "骨轉移是晚期癌症常見的併發症。患者會感到持續的疼痛，夜間更加明顯。"
ENGLISH = "Malignant cells can settle in the bones, and the pain is often worse during the night."
GERMAN = (
    "Bösartige Zellen können sich in den Knochen festsetzen, und der Schmerz ist nachts schlimmer."
)


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case["language"])
def test_a_sentence_is_enough(case: dict[str, str]) -> None:
    assert detect(case["text"]) == case["language"].partition(",")[0]


def written() -> list[object]:
    return [
        pytest.param(
            case,
            id=f"{case['language']}, declared {case.get('declared')}, {len(case['text'])} letters",
            marks=[pytest.mark.xfail(reason=case["known"], strict=True)] if "known" in case else [],
        )
        for case in WRITTEN
    ]


@pytest.mark.parametrize("case", written())
def test_the_text_tells_its_language_whatever_its_page_says(case: dict[str, str]) -> None:
    once, declared = case["text"], case.get("declared")
    assert detect(once, declared) == case["language"]
    assert detect(f"{once} " * 8, declared) == case["language"]


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


ENGLISH_LONG = (
    "Fluid leaks from the small vessels into the tissue of the legs when the muscles rest for "
    "hours, and the skin above it feels tight long before a swelling can be seen. "
)
CHINESE = [
    "长时间坐着不动时，小血管里的液体会渗入腿部组织，皮肤先觉得发紧，过几个小时才能看出浮肿，这在老年人当中十分常见。",
    "每隔一小时站起来活动双脚，小腿的肌肉就像水泵一样，把大部分液体送回心脏，到了晚上浮肿便会慢慢消退下去。",
    "如果只有一条腿肿，并且疼痛发热，就不能再等，应当马上到医院检查，排除静脉血栓，医生会安排超声检查。",
    "睡觉时把双腿垫高，晚饭少放盐，白天穿合适的弹力袜，也能让脚踝在第二天早晨恢复原来的样子。",
]


def page(lang: str, *parts: str) -> bytes:
    return (
        f"<html lang='{lang}'><meta charset='utf-8'><body>{''.join(parts)}</body></html>".encode()
    )


def paragraphs(texts: list[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


MENU = "<nav><ul>" + "<li><a href='/a'>Health topics and services</a></li>" * 40 + "</ul></nav>"
FOOTER = "<footer>" + f"<p>{ENGLISH_LONG}</p>" * 2 + "</footer>"
ARTICLE = f"<article><h1>脚踝为什么会肿</h1>{paragraphs(CHINESE)}</article>"


@pytest.mark.parametrize(
    ("html", "language", "differs"),
    [
        pytest.param(page("zh-CN", ARTICLE), "zh-Hans", False, id="declared and so"),
        pytest.param(page("en", ARTICLE), "zh-Hans", True, id="a template's default"),
        pytest.param(page("zh-TW", ARTICLE), "zh-Hans", False, id="another script is no language"),
        pytest.param(
            page("en", MENU, ARTICLE, FOOTER),
            "zh-Hans",
            True,
            id="English all around a Chinese body",
        ),
        pytest.param(
            page(
                "zh-CN",
                f"<h1>脚踝为什么会肿</h1><h2>Abstract</h2><p>{ENGLISH_LONG * 4}</p>",
                paragraphs(CHINESE),
            ),
            "zh-Hans",
            False,
            id="Chinese with an abstract in English",
        ),
        pytest.param(
            page(
                "en",
                f"<article><h1>脚踝为什么会肿</h1><p>{ENGLISH_LONG * 6}</p>",
                paragraphs(CHINESE),
                "</article>",
            ),
            "zh-Hans",
            True,
            id="the same, English declared",
        ),
        pytest.param(
            page(
                "zh",
                f"<h1>Swollen ankles</h1>{paragraphs([ENGLISH_LONG * 2] * 4)}<p>{CHINESE[0]}</p>",
            ),
            "en",
            True,
            id="English with a line of Chinese",
        ),
        pytest.param(
            page("nb", f"<h1>Swollen ankles</h1>{paragraphs([ENGLISH_LONG * 2] * 4)}"),
            "en",
            True,
            id="English on a Norwegian site",
        ),
    ],
)
def test_a_mixed_page_has_the_language_of_its_body(
    html: bytes, language: str, differs: bool
) -> None:
    read = read_page(html)
    assert isinstance(read, Page)
    labelled = label_page(read)
    assert labelled.language == language
    assert ("language-differs" in labelled.warnings) is differs


@given(st.text(alphabet=st.characters(codec=None)), st.none() | st.text())
def test_never_raises(text: str, declared: str | None) -> None:
    found = detect(text, declared)
    assert found is None or found.replace("-", "").isalpha()
    assert count_words(text, found) >= 0
