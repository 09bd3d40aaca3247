"""A page's text comes out right in whatever encoding it is, declared or not, and nothing raises."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.decode import decode
from pipelines.warning_codes import (
    ENCODING_CONTRADICTED,
    ENCODING_GUESSED,
    MOJIBAKE_REPAIRED,
    UNDECODABLE,
)

TEXTS = tomllib.loads((Path(__file__).parent / "data/decode/texts.toml").read_text("utf-8"))["text"]
CASES = [
    pytest.param(case["text"], encoding, id=f"{case['language']}: {encoding}")
    for case in TEXTS
    for encoding in case["encodings"]
]
# A charset declared by mistake: the defaults of editors and servers.
WRONG = ["utf-8", "iso-8859-1", "gb2312", "windows-1251", "no-such-charset"]
# One letter apart (õ for ő): the bytes of a few words do not contradict windows-1252.
NOT_CONTRADICTED = {("cp1250", "iso-8859-1", "A csont")}


def page(text: str, encoding: str, charset: str = "") -> bytes:
    meta = f'<meta charset="{charset}">' if charset else ""
    head = f"<!DOCTYPE html><html><head>{meta}<title>t</title></head><body><p>"
    return head.encode() + text.encode(encoding) + b"</p></body></html>"


@pytest.mark.parametrize(("text", "encoding"), CASES)
def test_undeclared(text: str, encoding: str) -> None:
    decoded = decode(page(text, encoding))
    assert text in decoded.text
    assert UNDECODABLE not in decoded.warnings


@pytest.mark.parametrize(("text", "encoding"), CASES)
def test_declared_by_the_page_or_by_the_header(text: str, encoding: str) -> None:
    assert text in decode(page(text, encoding, encoding)).text
    assert text in decode(page(text, encoding), encoding).text
    assert decode(page(text, encoding, encoding)).warnings == ()


@pytest.mark.parametrize("charset", WRONG)
@pytest.mark.parametrize(("text", "encoding"), CASES)
def test_a_wrong_declaration_loses(text: str, encoding: str, charset: str) -> None:
    if (encoding, charset, text[:7]) in NOT_CONTRADICTED:
        pytest.xfail("nothing but the language tells the two apart")
    assert text in decode(page(text, encoding, charset)).text


@pytest.mark.parametrize("charset", WRONG)
@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case["language"])
def test_utf8_is_utf8_whatever_is_declared(case: dict[str, str], charset: str) -> None:
    decoded = decode(page(case["text"], "utf-8", charset), charset)
    assert case["text"] in decoded.text
    assert decoded.encoding == "utf-8"


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case["language"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_with_and_without_a_mark(case: dict[str, str], encoding: str) -> None:
    text = page(case["text"], "utf-8").decode()
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize(
    ("data", "declared", "text", "encoding", "warnings"),
    [
        pytest.param(b"plain", None, "plain", "utf-8", (), id="ASCII is UTF-8"),
        pytest.param(b"plain", "gbk", "plain", "utf-8", (), id="ASCII, whatever is declared"),
        pytest.param(
            "<p>Zürich — “heute”</p>".encode("cp1252"),
            "iso-8859-1",
            "<p>Zürich — “heute”</p>",
            "cp1252",
            (),
            id="iso-8859-1 means windows-1252",
        ),
        pytest.param(
            "<p>© 2024 · Praxis</p>".encode(),
            "gb2312",
            "<p>© 2024 · Praxis</p>",
            "utf-8",
            (ENCODING_CONTRADICTED,),
            id="a copyright sign in UTF-8 is no GBK",
        ),
        pytest.param(
            "<p>café".encode("cp1252"), None, "<p>café", "cp1252", (ENCODING_GUESSED,), id="one é"
        ),
        pytest.param(
            "<p>①番 ㈱薬".encode("euc_jis_2004"),
            "euc-jp",
            "<p>①番 ㈱薬",
            "euc_jp",
            (),
            id="signs that Python's EUC-JP lacks",
        ),
        pytest.param(
            "<p>健康朗读".encode("gb18030") + b"\xff" + "，适量运动，多喝水".encode("gb18030"),
            "gbk",
            "<p>健康朗读\ufffd，适量运动，多喝水",
            "gb18030",
            (UNDECODABLE,),
            id="one broken byte in GBK",
        ),
        pytest.param(
            "<p>健康饮食".encode()[:-1],
            None,
            "<p>健康饮\ufffd",
            "utf-8",
            (UNDECODABLE,),
            id="UTF-8 cut inside a character",
        ),
        pytest.param(b"a\x00b\x0bc\x1bd\x7fe", None, "abcde", "utf-8", (), id="controls go"),
        pytest.param(b"", None, "", "utf-8", (), id="nothing"),
        pytest.param(
            b"caf\xc3\xa9", "base64", "café", "utf-8", (), id="a codec that is no charset"
        ),
    ],
)
def test_cases(
    data: bytes, declared: str | None, text: str, encoding: str, warnings: tuple[str, ...]
) -> None:
    decoded = decode(data, declared)
    assert (decoded.text, decoded.encoding, decoded.warnings) == (text, encoding, warnings)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Les patients âgés sont fatigués. L’été est là : « déjà », dit-il.", "latin-1"),
        ("Les patients âgés sont fatigués. L’été est là : « déjà », dit-il.", "cp1252"),
        ("Bệnh nhân cảm thấy mệt mỏi vào buổi tối.", "cp1252"),
        ("患者会感到疲劳，尤其是晚上。", "latin-1"),
        ("患者会感到疲劳，尤其是晚上。", "cp1252"),
        ("Пациенты сильно устают, особенно вечером.", "cp1252"),
        ("Пациенты сильно устают, особенно вечером.", "cp1251"),
    ],
)
def test_text_encoded_twice_is_repaired(text: str, wrong: str) -> None:
    # Browsers read the bytes that windows leaves undefined as control characters.
    read_wrongly = text.encode().decode(
        f"sloppy-windows-{wrong[2:]}" if wrong != "latin-1" else wrong
    )
    decoded = decode(page(read_wrongly, "utf-8"))
    assert text in decoded.text
    assert MOJIBAKE_REPAIRED in decoded.warnings


@pytest.mark.parametrize(
    "text",
    [
        "SÃO PAULO — ALIMENTAÇÃO E NUTRIÇÃO: AÇÃO, ATENÇÃO, CORAÇÃO, PULMÃO",
        "“Curly” ‘quotes’ — and dashes… all “of” them — ‘kept’",
        "« Où ça ? » demanda-t-il, déçu. « Là-bas, à Orléans » — café",
        "Mojibake such as Ã© or â€™ is what one gets from reading UTF-8 as windows-1252: é, ’",
        "Рост РНК и СССР, С. Рихтер: «Россия»",
        "ÂNGULO, ÊXITO, Â£ and Ã",
    ],
)
def test_text_that_only_looks_like_mojibake_is_left_alone(text: str) -> None:
    decoded = decode(page(text * 5, "utf-8"))
    assert text in decoded.text
    assert decoded.warnings == ()


def test_lone_surrogates_become_replacement_characters() -> None:
    assert decode("a\ud800b") == decode("a\udfffb")
    assert decode("a\ud800b").text == "a\ufffdb"


@given(st.binary() | st.text(alphabet=st.characters(codec=None)), st.none() | st.text())
def test_never_raises_and_gives_clean_text(html: bytes | str, declared: str | None) -> None:
    text = decode(html, declared).text
    text.encode("utf-8")
    assert "\x00" not in text


@given(
    st.lists(
        st.sampled_from([b"\x80", b"\xa4", b"\xb0\xa1", b"\xff\xfe", b"<", b"\x00", b"\x1b$B"])
    )
)
def test_never_raises_on_hostile_bytes(pieces: list[bytes]) -> None:
    decode(b"".join(pieces), "shift_jis")


@given(st.text(alphabet=st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc", "Cn"])))
def test_utf8_comes_back_as_written(text: str) -> None:
    written = f"<p>{text}".replace("\ufeff", "")
    decoded = decode(written.encode())
    assert decoded.text == written or MOJIBAKE_REPAIRED in decoded.warnings
