"""From bytes to text: the one place that decides a page's encoding.

Order of belief: a byte order mark; UTF-8 that is valid (text in another encoding is not valid
UTF-8 by accident); what the header or the page declares, unless the bytes contradict it; what
the text would say in each encoding (`pipelines.encodings`). Nothing here raises on any bytes.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from bs4.dammit import EncodingDetector
from w3lib.encoding import html_body_declared_encoding, read_bom, resolve_encoding

from pipelines import encodings, mojibake
from pipelines.warning_codes import (
    ENCODING_CONTRADICTED,
    ENCODING_GUESSED,
    MOJIBAKE_REPAIRED,
    UNDECODABLE,
)

# C0 controls but for tab, line feed, form feed and carriage return, and DEL: no text, and
# libxml2 refuses some of them. Deleted as bytes of UTF-8, which is several times as fast.
_CONTROLS = bytes(c for c in range(32) if c not in (9, 10, 12, 13)) + b"\x7f"
_NONCHARACTERS = re.compile("[\ufffe\uffff\ufeff]")
_NONCHARACTER_BYTES = re.compile(rb"\xef(?:\xbf[\xbe\xbf]|\xbb\xbf)")
_SURROGATES = re.compile("[\ud800-\udfff]+")
_HIGH = re.compile(rb"[\x80-\xff]")

# Of UTF-8 with errors, the sequences that must be right for each that is wrong.
_UTF8_RIGHT_PER_WRONG = 4
# Share of wrong characters up to which a declared encoding still stands.
_DECLARED_WRONG_SHARE = 0.02

# Encodings that a declaration may name: those of the WHATWG standard, as Python calls them.
# Python's other codecs include things that are no text encoding (base64, idna, rot13).
_ACCEPTED = frozenset(
    {
        "utf-8",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "utf-32-le",
        "utf-32-be",
        "gb18030",
        "big5hkscs",
        "cp932",
        "euc_jp",
        "iso2022_jp",
        "cp949",
        "hz",
        "cp866",
        "cp874",
        "cp1250",
        "cp1251",
        "cp1252",
        "cp1253",
        "cp1254",
        "cp1255",
        "cp1256",
        "cp1257",
        "cp1258",
        "koi8-r",
        "koi8-u",
        "mac-roman",
        "mac-cyrillic",
        "iso8859-2",
        "iso8859-3",
        "iso8859-4",
        "iso8859-5",
        "iso8859-6",
        "iso8859-7",
        "iso8859-8",
        "iso8859-10",
        "iso8859-13",
        "iso8859-14",
        "iso8859-15",
        "iso8859-16",
    }
)
_WIDE = ("utf-16", "utf-32")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text without control characters and lone surrogates, and how it was come by.

    `data` is the text in UTF-8, as the parser wants it.
    """

    text: str
    data: bytes
    encoding: str
    warnings: tuple[str, ...] = ()


def decode(html: bytes | str, declared: str | None = None) -> Decoded:
    """The text of `html`; `declared` is the charset of the HTTP header.

    `encoding` is a Python codec name; for a str it is `utf-8`.
    """
    if isinstance(html, str):
        return _from_str(html)
    marked = _by_mark(html)
    if marked is not None:
        return marked
    data = html.translate(None, _CONTROLS)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if _cut_short(error):
            return _decoded(html, "utf-8", ())
        return _legacy(html, declared)
    return _valid_utf8(html, text, data, declared)


def _from_str(text: str) -> Decoded:
    try:
        data = text.encode("utf-8")
        warnings: tuple[str, ...] = ()
    except UnicodeEncodeError:  # lone surrogates
        data = _SURROGATES.sub("\ufffd", text).encode("utf-8")
        warnings = (UNDECODABLE,)
    data = data.translate(None, _CONTROLS)
    return _finish(data.decode("utf-8"), data, "utf-8", warnings)


def _by_mark(data: bytes) -> Decoded | None:
    """The text by its byte order mark, or by the zero bytes that UTF-16 markup is full of."""
    codec, mark = read_bom(data)
    if codec is None or mark is None:
        codec = _utf16_without_mark(data)
        return None if codec is None else _decoded(data, codec, ())
    if codec == "utf-8" and not _is_utf8(data):
        return None  # a mark pasted before another encoding: judged like any page
    return _decoded(data[len(mark) :], codec, ())


def _utf16_without_mark(data: bytes) -> str | None:
    start = data[:1024].lstrip(b" \t\r\n")[:4]
    if re.match(rb"<\x00[!?a-zA-Z]\x00", start):
        return "utf-16-le"
    if re.match(rb"\x00<\x00[!?a-zA-Z]", start):
        return "utf-16-be"
    return None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _valid_utf8(html: bytes, text: str, data: bytes, declared: str | None) -> Decoded:
    """A page that is valid UTF-8; `data` and `text` are what is left of it without controls."""
    claims = _claims(html, declared)
    if len(text) == len(data):  # nothing but ASCII
        codec = _seven_bit(html, claims)
        return _decoded(html, codec, ()) if codec else _finish(text, data, "utf-8", ())
    legacy = [claim for claim in claims if claim != "utf-8"]
    if not legacy or "utf-8" in claims:
        return _finish(text, data, "utf-8", ())
    if _accidental(text) and not encodings.contradicts(encodings.sample(html), legacy[0]):
        return _decoded(html, legacy[0], ())
    return _finish(text, data, "utf-8", (ENCODING_CONTRADICTED,))


def _seven_bit(data: bytes, claims: list[str]) -> str | None:
    """Japanese and Chinese mail encodings, which are ASCII to the eye."""
    if b"\x1b$B" in data or b"\x1b$@" in data:
        return "iso2022_jp"
    return "hz" if "hz" in claims and b"~{" in data else None


def _accidental(text: str) -> bool:
    """Whether valid UTF-8 may be two-byte characters of another encoding by accident.

    Every two bytes of GBK or EUC-KR can look like one character from U+0080 to U+07FF, three in
    a row of nothing but such never happen to a longer text. Latin-1 signs (©, ·) are UTF-8.
    """
    high = [char for char in text if char > "\x7f"]
    return len(high) <= 8 and all("\u0100" <= char <= "\u07ff" for char in high)


def _cut_short(error: UnicodeDecodeError) -> bool:
    """Whether the only fault of the UTF-8 is that it ends inside a character.

    The character must not be the only one: a lone byte above 127 at the end is any encoding's.
    """
    at_end = error.reason == "unexpected end of data" and error.end >= len(error.object)
    return at_end and not error.object[: error.start].isascii()


def _legacy(data: bytes, declared: str | None) -> Decoded:
    """Bytes that are not valid UTF-8."""
    if _mostly_utf8(data):
        return _decoded(data, "utf-8", ())
    claims = _claims(data, declared) or _late_claims(data)
    piece = encodings.sample(data)
    for claim in claims:
        if claim == "utf-8" or claim.startswith(_WIDE):
            continue
        if _stands(data, claim) and not encodings.contradicts(piece, claim):
            return _decoded(data, claim, (ENCODING_CONTRADICTED,) if claim != claims[0] else ())
    codec = encodings.guess(piece)
    return _decoded(data, codec, (ENCODING_CONTRADICTED if claims else ENCODING_GUESSED,))


def _mostly_utf8(data: bytes) -> bool:
    """UTF-8 with some damage: cut in the middle of a character, a stray byte from a database."""
    text = data.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    right = sum(1 for _ in re.finditer("[^\x00-\x7f\ufffd]", text[:1_000_000]))
    return right >= wrong * _UTF8_RIGHT_PER_WRONG and right > 0


def _claims(data: bytes, declared: str | None) -> list[str]:
    """Codecs that the header and the page name, in this order, without repeats."""
    found = [_accepted(declared), _accepted(html_body_declared_encoding(data))]
    return list(dict.fromkeys(codec for codec in found if codec is not None))


def _late_claims(data: bytes) -> list[str]:
    """A declaration behind the first kilobytes, where browsers no longer look."""
    label = EncodingDetector.find_declared_encoding(data[:262_144], is_html=True)
    codec = _accepted(label)
    return [codec] if codec else []


def _accepted(label: str | None) -> str | None:
    """The codec for a charset label, or None where it names none that pages are in."""
    if not label:
        return None
    label = label.strip().strip("\"'").lower()[:40]
    if not re.fullmatch(r"[a-z0-9][a-z0-9_.:-]*", label):
        return None
    for name in (label, label.removeprefix("x-")):
        codec = resolve_encoding(name)
        if codec in _ACCEPTED:
            return codec
    return None


def _stands(data: bytes, codec: str) -> bool:
    """Whether `data` decodes in `codec`, but for a few bytes."""
    wrong = encodings.read(data, codec).count("\ufffd")
    high = len(_HIGH.findall(data[:1_000_000]))
    return wrong <= max(1, high * _DECLARED_WRONG_SHARE)


def _decoded(data: bytes, codec: str, warnings: tuple[str, ...]) -> Decoded:
    """`data` in a codec that is settled; what it cannot read becomes U+FFFD."""
    text = encodings.read(data, codec)
    if "\ufffd" in text:
        warnings = (*warnings, UNDECODABLE)
    clean = text.encode("utf-8", "replace").translate(None, _CONTROLS)
    return _finish(codecs.decode(clean, "utf-8", "replace"), clean, codec, warnings)


def _finish(text: str, data: bytes, encoding: str, warnings: tuple[str, ...]) -> Decoded:
    if _NONCHARACTER_BYTES.search(data):
        text = _NONCHARACTERS.sub("", text)
        data = text.encode("utf-8")
    repaired = mojibake.repair(text, data)
    if repaired is None:
        return Decoded(text, data, encoding, warnings)
    return Decoded(repaired, repaired.encode("utf-8"), encoding, (*warnings, MOJIBAKE_REPAIRED))
