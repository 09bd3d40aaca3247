"""What the bytes of a page are before anyone decodes them: HTML, compressed HTML, or not a page."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from pipelines.warning_codes import GZIP_DAMAGED

# Bytes of a page, compressed ones after unpacking, above which it is refused: the largest pages
# that people write are some 10 MB, and a tree takes about ten times the page in memory.
MAX_PAGE_BYTES = 200_000_000

_GZIP = b"\x1f\x8b\x08"
_GZIP_WINDOW = 31  # zlib: 32 KB window, gzip header

# First bytes of what is often served, or saved, in place of a page: what it is, what to do.
_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF file; extract its text first and clean that as text"),
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"PK\x03\x04", "a ZIP archive or an Office document; unpack it first"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"BZh", "bzip2 data; unpack it first"),
    (b"\xfd7zXZ\x00", "xz data; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "zstd data; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; unpack it first"),
    (b"Rar!\x1a\x07", "a RAR archive; unpack it first"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document; save it as HTML or text first"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\x00", "a program"),
    (b"OggS", "an Ogg recording"),
    (b"ID3", "an MP3 recording"),
    (b"fLaC", "a FLAC recording"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"PAR1", "a Parquet file; read it as a table of pages"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"{\\rtf", "an RTF document; save it as HTML or text first"),
)
_WARC = b"WARC/1."
_MHTML = (b"From: <Saved by ", b"MIME-Version: 1.0")
# Control characters that no text encoding uses, in the first bytes: text has none of them,
# compressed or binary data a tenth. Zero bytes are left out: UTF-16 is full of them.
_CONTROLS = bytes(c for c in range(1, 32) if c not in b"\t\n\f\r\x0e\x0f\x1b") + b"\x7f"
_HEAD_BYTES = 2_048
_BINARY_SHARE = 0.04
_BINARY_LEAST = 16
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes to decode."""

    data: bytes
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why the bytes are no page: `reason` and `detail` of the refusal."""

    reason: str
    detail: str


def open_source(data: bytes) -> Source | Unreadable:
    """`data` unpacked where it is gzip, or why it is no page. Never raises."""
    if not data:
        return Unreadable("empty", "The page has no content.")
    if data.startswith(_GZIP):
        return _gunzip(data)
    return _checked(data, ())


def _checked(data: bytes, warnings: tuple[str, ...]) -> Source | Unreadable:
    if len(data) > MAX_PAGE_BYTES:
        limit = MAX_PAGE_BYTES // 1_000_000
        return Unreadable("too-large", f"The page is larger than {limit} MB.")
    what = _kind(data)
    if what is not None:
        return Unreadable("not-html", f"This is {what}.")
    return Source(data, warnings)


def _kind(data: bytes) -> str | None:
    """What the first bytes say that `data` is, or None where it may be a page."""
    for magic, what in _KINDS:
        if data.startswith(magic):
            return what
    if data[4:8] == b"ftyp":
        return "a video or picture (MP4 family)"
    if data.startswith(b"RIFF") and data[8:12] in (b"WEBP", b"WAVE", b"AVI "):
        return "a picture or recording (RIFF family)"
    if data.startswith(_WARC):
        return "a WARC archive; read its records one by one"
    if data.startswith(_MHTML):
        return "an MHTML archive; save the page as HTML instead"
    return "binary data of an unknown kind" if _is_binary(data[:_HEAD_BYTES]) else None


def _is_binary(head: bytes) -> bool:
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls < max(_BINARY_LEAST, len(head) * _BINARY_SHARE):
        return False
    return not head.startswith(_UTF16_MARKS) and b"<\x00" not in head and b"\x00<" not in head


def _gunzip(data: bytes) -> Source | Unreadable:
    """All members of a gzip body, within the limit; a cut one gives what is there."""
    parts: list[bytes] = []
    size = 0
    rest = data
    warnings: tuple[str, ...] = ()
    while rest.startswith(_GZIP):
        unpacker = zlib.decompressobj(_GZIP_WINDOW)
        try:
            part = unpacker.decompress(rest, MAX_PAGE_BYTES + 1 - size)
        except zlib.error:
            warnings = (GZIP_DAMAGED,)
            part = b""
        parts.append(part)
        size += len(part)
        if size > MAX_PAGE_BYTES:
            break
        if not unpacker.eof:
            warnings = (GZIP_DAMAGED,)
            break
        rest = unpacker.unused_data
    unpacked = b"".join(parts)
    if not unpacked:
        return Unreadable("not-html", "This is gzip data that cannot be unpacked; fetch it again.")
    return _checked(unpacked, warnings)
