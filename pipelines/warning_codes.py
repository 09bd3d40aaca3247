"""The codes in a record's `warnings`, each with what it says: the table in `output/README.md`.

A value is given with confidence or not at all: a warning says what was contradictory or missing on
the way to the record, never that one of its values may be wrong.
"""

from __future__ import annotations

from types import MappingProxyType

ENCODING_CONTRADICTED = "encoding-contradicted"
ENCODING_GUESSED = "encoding-guessed"
UNDECODABLE = "undecodable-bytes"
MOJIBAKE_REPAIRED = "mojibake-repaired"
GZIP_DAMAGED = "gzip-damaged"
RESCUED = "rescue-parser"
FLATTENED = "nesting-flattened"
CUT_SHORT = "page-cut-short"
FROM_JSON_LD = "text-from-json-ld"
FROM_STATE = "text-from-page-state"
FROM_NOSCRIPT = "text-from-noscript"
FROM_TEMPLATE = "text-from-template"
LANGUAGE_DIFFERS = "language-differs"
AUTHORS_DIFFER = "authors-differ"
REVIEWERS_DIFFER = "reviewers-differ"
DATES_DIFFER = "dates-differ"
PAYWALL = "paywall"
DATE_GUESSED = "date-guessed"
BODY_UNUSED = "body-selector-unused"
CANONICAL_SHARED = "canonical-shared"
PART_MISSING = "part-missing"

WARNINGS = MappingProxyType({
    ENCODING_CONTRADICTED: "the page declares one encoding and is in another; it was read in the "
    "other",
    ENCODING_GUESSED: "nothing usable declared, and not UTF-8",
    UNDECODABLE: "some bytes had no meaning and became U+FFFD",
    MOJIBAKE_REPAIRED: "the text had been encoded twice, and was put right",
    GZIP_DAMAGED: "compressed data that ended early or was damaged; what came before it was read",
    RESCUED: "broken so badly that the first parser found nothing; a more tolerant one was used",
    FLATTENED: "thousands of elements inside each other; the innermost were left out",
    CUT_SHORT: "the parser gave up; the rest of the page is missing",
    FROM_JSON_LD: "the page shows no article, or its beginning only; the text is the one in its "
    "linked data (`articleBody`)",
    FROM_STATE: "the same, from the data that the page carries for its own scripts",
    FROM_NOSCRIPT: "the same, from a `<noscript>` element",
    FROM_TEMPLATE: "the same, from a `<template>` element",
    LANGUAGE_DIFFERS: "the text is in another language than the page declares (`<html lang>`); "
    "`language` is that of the text",
    AUTHORS_DIFFER: "the byline and what the page declares name different authors; the byline was "
    "believed, unless the page shows the declared name before it",
    REVIEWERS_DIFFER: "the same, of reviewers",
    DATES_DIFFER: "a visible day of publication, change or review is not the declared one; the "
    "visible one was believed",
    PAYWALL: "the text ends at a box for subscribers: what stands behind it is missing",
    DATE_GUESSED: "nothing declares the day of publication; it was searched for in the page",
    BODY_UNUSED: "what the site's `body` selector matched holds no running text; the whole page "
    "was cleaned",
    CANONICAL_SHARED: "several different pages declare the same canonical address; it was not "
    "believed",
    PART_MISSING: "the article is printed on several pages, and one could not be had; its number "
    "follows: `part-missing:3`",
})  # fmt: skip
"""code -> what it says, as Markdown, in the order of the table"""
