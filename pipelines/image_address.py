"""Where an image's picture is, however late it is loaded; and which images are no pictures."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, urlsplit

from pipelines.addresses import absolute

WORDS = Path(__file__).parent / "image_words.toml"
# Where scripts that load pictures late find the address, the fullest first; other attributes that
# hold an address of a picture come after `src`.
LATE = ("data-src", "data-original", "data-lazy-src", "data-lazy", "data-url", "data-echo")
PICTURE = re.compile(r"\.(?:jpe?g|png|webp|gif|avif|bmp|tiff?|jfif)$", re.I)
# Icons and tracking pixels are not figures (CSS pixels).
LEAST_PIXELS = 80
PIXELS = re.compile(r"\s*(\d+)(?:\.\d+)?\s*(?:px)?\s*$", re.I)
STYLED = re.compile(r"(?:^|[;\s])(?:max-)?(?:width|height)\s*:\s*(\d+)(?:\.\d+)?px", re.I)
# The sizes that WordPress makes of one upload: "ankle-300x200.jpg".
RESIZED = re.compile(r"-\d{2,4}x\d{2,4}(?=\.\w+$)|-scaled(?=\.\w+$)")
# Addresses and lists of them longer than this are data, not addresses (characters).
MOST_CHARS = 8_000
_WORD = re.compile(r"[^\W_]+(?:[^\W_]|-(?=[^\W_]))*")


@lru_cache(maxsize=1)
def image_words() -> Mapping[str, frozenset[str]]:
    """The families of `image_words.toml`."""
    tables: dict[str, list[str]] = tomllib.loads(WORDS.read_text("utf-8"))
    return MappingProxyType({family: frozenset(words) for family, words in tables.items()})


def candidates(srcset: str) -> Iterator[tuple[str, float]]:
    """The addresses of a `srcset` with their widths (or densities; 1 where none is given).

    Commas belong to an address unless they end it, as browsers read it.

    >>> list(candidates("/w_4,h_3/a.jpg 400w, /b.jpg 2x,/c.jpg"))
    [('/w_4,h_3/a.jpg', 400.0), ('/b.jpg', 2.0), ('/c.jpg', 1.0)]
    """
    url, size = "", 1.0
    for token in srcset.split():
        ended = token.endswith(",")
        if not url:
            url = token.strip(",")
            if ended and url:
                yield url, size
                url = ""
            continue
        described, comma, rest = token.partition(",")
        size = _size(described) or size
        if comma:
            yield url, size
            url, size = rest.strip(","), 1.0
            if rest.endswith(",") and url:
                yield url, size
                url = ""
    if url:
        yield url, size


def _size(descriptor: str) -> float | None:
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)[wx]", descriptor)
    return float(found.group(1)) if found else None


def image_address(element: Any, base_url: str | None) -> str | None:
    """The absolute address of the picture that an `<img>` shows, the largest of those given.

    None where it holds nothing but a placeholder.
    """
    for found in (_largest(element), _late(element), _plain(element), _other(element)):
        if found and (url := absolute(base_url, found)):
            return url
    return None


def _real(value: str | None) -> str | None:
    """The value, if it is an address, and not of a placeholder."""
    if not value or len(value) > MOST_CHARS:
        return None
    value = value.strip()
    if not value or value.startswith(("data:", "blob:", "about:", "javascript:", "#", "{")):
        return None
    name = file_name(value)
    if name in image_words()["placeholder"] or "placeholder" in _WORD.findall(name):
        return None
    return value


def _largest(element: Any) -> str | None:
    """The largest picture of the sets that the image, and the `<picture>` around it, give."""
    own = list(_sets(element))
    sets, parent = own, element.getparent()
    while parent is not None and parent.tag == "source":  # which the parser does not close
        parent = parent.getparent()
    if parent is not None and parent.tag == "picture":
        sources = [found for source in parent.iter("source") for found in _sets(source)]
        # One address without a size says no more than the image's own, in a newer format.
        sized = any(size > 1 for _, size in sources)
        if sized or not (own or _late(element) or _plain(element)):
            sets = own + sources
    return max(sets, key=lambda found: found[1], default=("", 0.0))[0] or None


def _sets(element: Any) -> Iterator[tuple[str, float]]:
    for name, value in element.items():
        if name.endswith("srcset") and len(value) <= MOST_CHARS:
            yield from ((url, size) for url, size in candidates(value) if _real(url))


def _late(element: Any) -> str | None:
    return next((found for name in LATE if (found := _real(element.get(name)))), None)


def _plain(element: Any) -> str | None:
    return _real(element.get("src"))


def _other(element: Any) -> str | None:
    """The address in an attribute that scripts of some site made up."""
    for name, value in element.items():
        named = name.startswith("data-") and PICTURE.search(value.partition("?")[0].strip())
        if named and " " not in value.strip() and _real(value):
            return str(value)
    return None


def loaded_late(element: Any) -> bool:
    """Whether `src` is not the picture: the sizes that the element gives are not its either."""
    return bool(_late(element) or _other(element)) or not _plain(element)


def file_name(url: str) -> str:
    """The name of an address's file without its ending, in lower case.

    >>> file_name("https://e.org/i/Blank.gif?x=1")
    'blank'
    """
    name = unquote(_path(url).rpartition("/")[2]).lower()
    return name.rpartition(".")[0] or name


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def same_picture(url: str) -> str:
    """What the addresses of one picture in several sizes share.

    >>> same_picture("https://e.org/a-300x200.jpg?w=300") == same_picture("http://e.org/a.jpg")
    True
    """
    path = _path(url)
    bare = url.partition("?")[0] if PICTURE.search(path) else url
    return RESIZED.sub("", bare.partition("#")[0].partition("://")[2] or bare)


def is_small(element: Any) -> bool:
    """Whether the element says that it is as small as an icon."""
    sizes = [element.get(name) or "" for name in ("width", "height")]
    found = [int(match.group(1)) for size in sizes if (match := PIXELS.match(size[:12]))]
    style = element.get("style")
    if style:
        found += [int(match.group(1)[:6]) for match in STYLED.finditer(style)]
    return any(size < LEAST_PIXELS for size in found)


def is_decoration(element: Any, url: str) -> bool:
    """Whether names say that an image is part of the page: a logo, a smiley, a button."""
    words = image_words()
    named = f"{element.get('class') or ''} {element.get('id') or ''}".lower().replace("_", "-")
    if any(_says(name, words["decoration"]) for name in named.split()):
        return True
    *folders, _ = _path(url).lower().split("/")
    name = file_name(url).replace("_", "-")
    host = url.partition("://")[2].partition("/")[0].lower()
    return (
        name in words["social"]
        or _says(name, words["decoration"])
        or any(_says(folder.replace("_", "-"), words["decoration"]) for folder in folders)
        or any(word in words["decoration"] for word in host.split("."))
    )


def _says(name: str, words: frozenset[str]) -> bool:
    """Whether a name in lower case, words joined by hyphens, has one of the words at an edge."""
    parts = name.split("-")
    return name in words or parts[0] in words or parts[-1] in words
