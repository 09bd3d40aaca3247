"""Where the members of a gzip file are: an archive has one for each record."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

# Bytes read at a time. What is left of them is copied for every member that ends among them.
_CHUNK = 1 << 16
_GZIP = zlib.MAX_WBITS | 16
# The first bytes of a member: gzip's magic number, and deflate, the only method there is.
_START = b"\x1f\x8b\x08"


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


def next_start(file: BinaryIO, at: int) -> int | None:
    """Where, from byte `at` on, a member may begin: to go on behind damage. None: nowhere."""
    file.seek(at)
    kept = b""
    while chunk := file.read(_CHUNK):
        searched = kept + chunk
        found = searched.find(_START)
        if found >= 0:
            return at - len(kept) + found
        at += len(chunk)
        kept = searched[-len(_START) + 1 :]
    return None
