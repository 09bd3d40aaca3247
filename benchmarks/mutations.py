"""Pages changed at random, the same for the same seed: what crawls, caches and bugs do to them.

A mutation works on the bytes of a page: tags deleted, doubled, moved or opened without end,
attributes swapped, bytes flipped, the page cut, joined with another, or in another encoding.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

TAG = re.compile(rb"<[^<>]*>")
ATTRIBUTE = re.compile(rb'[\w-]+="[^"]*"')
ENCODINGS = (
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "gb18030", "big5",
    "shift_jis", "euc-jp", "euc-kr", "koi8-r", "cp1251", "cp1256", "iso-8859-2", "utf-7",
)  # fmt: skip
NOISE = (
    b"\x00", b"\x0b", b"\x1a", b"\xff", b"\xef\xbf\xbe", b"\xe2\x80\xae", b"\xed\xa0\x80", b"&#0;",
    b"&#xD800;", b"&#x110000;", b"&nbsp", b"&", b"<!--", b"-->", b"]]>", b"<![CDATA[", b"<?", b"<!",
    b"</", b"<", b">", b'"', b"'", b"\r", b"\xe2\x80\xa8", b"<plaintext>", b"<script>",
    b"</script>",
    b"<style>", b"<textarea>", b"<template>", b"<noscript>", b"<svg>", b"<math>", b"<frameset>",
    b"<base href='http://['>", b"<a href='http://[::'>", b"<time datetime='9999-99-99'>",
    b'<script type="application/ld+json">', b'<script id="__NEXT_DATA__">', b"\xf0\x9f\x98\x80" * 9,
)  # fmt: skip
NESTING = tuple(
    b"div span p ul li table tr td b i a font h2 blockquote dl dd form pre article section".split()
)
# Nothing is doubled or opened beyond this, so that 100,000 mutations end on the same day.
MOST_BYTES = 400_000


def mutated(pages: Sequence[bytes], seed: int) -> bytes:
    """One of the pages, changed up to six times."""
    rng = random.Random(seed)
    page = rng.choice(pages)[:MOST_BYTES]
    for _ in range(rng.randint(1, 6)):
        change = rng.choice(CHANGES)
        page = change(rng, page, pages)[:MOST_BYTES]
    return page


def _piece(rng: random.Random, page: bytes, most: int = 3_000) -> tuple[int, int]:
    start = rng.randrange(len(page) + 1)
    return start, min(len(page), start + rng.randint(1, most))


def _flip(rng: random.Random, page: bytes, _: Sequence[bytes]) -> bytes:
    changed = bytearray(page)
    for _n in range(rng.randint(1, 60)):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _delete(rng: random.Random, page: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _piece(rng, page)
    return page[:start] + page[end:]


def _double(rng: random.Random, page: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _piece(rng, page)
    return page[:end] + page[start:end] * rng.choice((1, 2, 30)) + page[end:]


def _move(rng: random.Random, page: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _piece(rng, page)
    rest = page[:start] + page[end:]
    at = rng.randrange(len(rest) + 1)
    return rest[:at] + page[start:end] + rest[at:]


def _cut(rng: random.Random, page: bytes, _: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(page) + 1)
    return page[:at] if rng.random() < 0.8 else page[at:]


def _join(rng: random.Random, page: bytes, pages: Sequence[bytes]) -> bytes:
    other = rng.choice(pages)
    start, end = _piece(rng, other, 60_000)
    at = rng.randrange(len(page) + 1)
    return page[:at] + other[start:end] + page[at:]


def _drop_tags(rng: random.Random, page: bytes, _: Sequence[bytes]) -> bytes:
    share = rng.choice((0.01, 0.1, 0.5, 1.0))
    return TAG.sub(lambda match: b"" if rng.random() < share else match.group(), page)


def _swap_tags(rng: random.Random, page: bytes, _: Sequence[bytes]) -> bytes:
    tags = TAG.findall(page) or [b"<p>"]
    share = rng.choice((0.01, 0.1, 0.5))
    return TAG.sub(lambda match: rng.choice(tags) if rng.random() < share else match.group(), page)


def _swap_attributes(rng: random.Random, page: bytes, _: Sequence[bytes]) -> bytes:
    found = ATTRIBUTE.findall(page) or [b'hidden=""']
    share = rng.choice((0.02, 0.2))
    return ATTRIBUTE.sub(
        lambda match: rng.choice(found) if rng.random() < share else match.group(), page
    )


def _noise(rng: random.Random, page: bytes, _: Sequence[bytes]) -> bytes:
    for _n in range(rng.randint(1, 12)):
        at = rng.randrange(len(page) + 1)
        page = page[:at] + rng.choice(NOISE) + page[at:]
    return page


def _nest(rng: random.Random, page: bytes, _: Sequence[bytes]) -> bytes:
    tags = b"".join(b"<%s>" % rng.choice(NESTING) for _n in range(rng.choice((3, 40, 400, 3_000))))
    at = rng.randrange(len(page) + 1)
    return page[:at] + tags + page[at:]


def _encode(rng: random.Random, page: bytes, _: Sequence[bytes]) -> bytes:
    text = page.decode(rng.choice(("utf-8", "latin-1", "gb18030")), "replace")
    return text.encode(rng.choice(ENCODINGS), "replace")


CHANGES: tuple[Callable[[random.Random, bytes, Sequence[bytes]], bytes], ...] = (
    _flip, _delete, _double, _move, _cut, _join, _drop_tags, _swap_tags, _swap_attributes, _noise,
    _nest, _encode,
)  # fmt: skip
