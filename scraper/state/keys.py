"""By what the state knows an address."""

from __future__ import annotations

import hashlib

from scraper.addresses import page_key


def key_number(key: str) -> int:
    """A signed 64-bit digest of a `page_key`: SQLite's own kind of row number, so a look is cheap.

    Two of a million addresses share one with a chance of 3 in 100 million.
    """
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def address_number(address: str) -> int:
    """The same of any address, however it is spelled."""
    return key_number(page_key(address))
