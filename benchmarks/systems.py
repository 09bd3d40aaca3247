"""The extractors that are compared, each as a function from a page's bytes to its text.

Every system gets the same bytes, decides the encoding by its own means and is used the way its
documentation shows, with defaults, except where a default would reach into the network. A text that
a system gives as HTML is turned into plain text by its block elements.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

import lxml.html

Extractor = Callable[[bytes, str | None], str]


@dataclass(frozen=True)
class System:
    """`distribution` is its name on PyPI (None for this project); `load` imports it."""

    name: str
    distribution: str | None
    load: Callable[[], Extractor]


def _marrow() -> Extractor:
    clean = import_module("pipelines").clean
    # A page that is refused as no article still carries the text that was found: what is compared
    # is the text, and no other system here refuses pages.
    return lambda page, url: clean(page, url).body or ""


def _trafilatura() -> Extractor:
    extract = import_module("trafilatura").extract
    return lambda page, url: extract(page, url=url, include_comments=False) or ""


def _resiliparse() -> Extractor:
    extract = import_module("resiliparse.extract.html2text").extract_plain_text
    encoding = import_module("resiliparse.parse.encoding")
    return lambda page, _: extract(
        encoding.bytes_to_str(page, encoding.detect_encoding(page)),
        main_content=True,
        alt_texts=False,
        links=False,
    )


def _readability() -> Extractor:
    document = import_module("readability").Document
    return lambda page, _: plain(document(page).summary(html_partial=True))


def _newspaper() -> Extractor:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it misses nltk, which extraction does not need
        newspaper = import_module("newspaper")

    def extract(page: bytes, url: str | None) -> str:
        # Its default fetches the article's pictures.
        article = newspaper.Article(url or "http://localhost/", fetch_images=False)
        article.download(input_html=page)
        article.parse()
        return str(article.text)

    return extract


def _justext() -> Extractor:
    justext = import_module("justext")
    names = justext.get_stoplists()

    @lru_cache(maxsize=8)
    def stoplist(language: str) -> frozenset[str]:
        known = STOPLISTS.get(language, "English")
        return frozenset(justext.get_stoplist(known if known in names else "English"))

    def extract(page: bytes, _: str | None) -> str:
        paragraphs = justext.justext(page, stoplist(declared_language(page)))
        return "\n\n".join(p.text for p in paragraphs if not p.is_boilerplate)

    return extract


SYSTEMS = (
    System("marrow", None, _marrow),
    System("trafilatura", "trafilatura", _trafilatura),
    System("resiliparse", "resiliparse", _resiliparse),
    System("readability-lxml", "readability-lxml", _readability),
    System("newspaper4k", "newspaper4k", _newspaper),
    System("jusText", "jusText", _justext),
)

# jusText is to be told the language of a page; its names for those of `<html lang>`.
STOPLISTS = {
    "ar": "Arabic",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "es": "Spanish",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ko": "Korean",
    "nb": "Norwegian_Bokmal",
    "nl": "Dutch",
    "no": "Norwegian_Bokmal",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
}
LANGUAGE = re.compile(rb"<html\b[^>]*?\slang\s*=\s*[\"']?([a-zA-Z]{2})", re.IGNORECASE)

BLOCKS = (
    "address article aside blockquote br dd div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li"
    " main ol p pre section table td th tr ul"
).split()


def declared_language(page: bytes) -> str:
    """The two letters of the page's `<html lang>`; English where it has none."""
    found = LANGUAGE.search(page)
    return found[1].decode("ascii").lower() if found else "en"


def plain(html: str) -> str:
    """The text of HTML, with a line break around each block element.

    >>> plain("<div><p>One <b>wo</b>rd.</p><p>Two.</p></div>").split("\\n")
    ['', '', 'One word.', '', 'Two.', '', '']
    """
    if not html.strip():
        return ""
    root: Any = lxml.html.fromstring(html)
    for element in root.iter(*BLOCKS):
        element.text = "\n" + (element.text or "")
        element.tail = "\n" + (element.tail or "")
    return str(root.text_content())


def installed() -> tuple[dict[str, Extractor], list[str]]:
    """The systems that can be imported, by name, and the names of the others."""
    found: dict[str, Extractor] = {}
    missing = []
    for system in SYSTEMS:
        try:
            found[system.name] = system.load()
        except ImportError:
            missing.append(system.name)
    return found, missing
