"""Where the members of a gzip file are: an archive has one for each record."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

# Bytes read at a time.
_CHUNK = 1 << 18
_GZIP = zlib.MAX_WBITS | 16


@dataclass(frozen=True, slots=True)
class Member:
    """A whole member: from byte `start` to byte `end` of the file, and the first of its content."""

    start: int
    end: int
    head: bytes


def member_ends(file: BinaryIO) -> Iterator[int]:
    """Where each whole member ends, in bytes; it stops at the first that is damaged or cut off."""
    return (member.end for member in members(file))


def members(file: BinaryIO, head: int = 0) -> Iterator[Member]:
    """The whole members of a file from where it stands; it stops at what is damaged or cut off.

    Every member is unpacked and its checksum compared; `head` bytes of its content are kept.
    """
    start = at = file.tell()
    unpacker, kept, data = zlib.decompressobj(_GZIP), b"", b""
    while data := data or file.read(_CHUNK):
        try:
            content = unpacker.decompress(data)
        except zlib.error:
            return
        if len(kept) < head:
            kept += content[: head - len(kept)]
        at += len(data) - len(unpacker.unused_data)
        data = unpacker.unused_data
        if unpacker.eof:
            yield Member(start, at, kept)
            start, unpacker, kept = at, zlib.decompressobj(_GZIP), b""
