"""The source list: an entry each, without numbers, backlinks and links for readers only."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from pipelines.blocks import Anchor, Block, Node, Zone
from pipelines.label.draft import Draft
from pipelines.link_kinds import is_share

# "1. ", "[1] ", "(1)", "1) ", "① " before an entry.
NUMBER = re.compile(r"\s*(?:\[(\d{1,3})\]|\((\d{1,3})\)|(\d{1,3})\s?[.)、．](?!\d))\s*")
# The same within a paragraph, behind the end of an entry.
NUMBERS = re.compile(
    r"(?:^|(?<=[\s.;。．；]))(?:\[(\d{1,3})\]|\((\d{1,3})\)|(\d{1,3})[.)、．](?=\s))\s*"
)
# Arrows and carets that lead back to the text, with the letters of several such places.
BACK = re.compile(r"^(?:\s*(?:[\^↑↩⤴↥▲]\ufe0e?|jump up(?: to:?)?\b:?))+(?:\s*\b[a-z]\b)*\s*", re.I)
BACK_END = re.compile(r"[\s\[(]*[↑↩⤴↥\^]\ufe0e?[\s\])]*$")
# Names of links that lead to an entry, and say nothing of it.
READERS = re.compile(
    r"[\s\[(|,;·•/–—-]*(?:view (?:abstract|article|in article|source)|google scholar|"
    r"cross ?ref|pub ?med(?: central)?|pmc(?: free article)?|free (?:full text|article)|full ?text|"
    r"abstract|article|pdf|web of science|scopus|medline|cas|ads|isi|doi|link|go to:?|"
    r"external link|opens? in (?:a )?new (?:tab|window)|download|"
    r"\(?opens? in (?:a )?new (?:tab|window)\)?)[\s\])|,;·•]*$",
    re.I,
)
# Such a link, the signs around it included, is no longer than this (characters).
READERS_CHARS = 60
# What the text of an entry already shows of where it is.
SHOWN = re.compile(r"https?://|www\.|\bdoi\b|\b10\.\d{4,9}/|\bPMID\b|\bPMC\d", re.I)
DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>?#]+")
PUBMED = re.compile(r"(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/(\d{4,9})")
SEARCHES = ("scholar.google", "google.com/search", "/search?", "web.archive.org/save")
# Parts of a line of institutions are names, which have no full stop within (characters).
INSTITUTION = 90
CITES = re.compile(r"[.。:：]|\d\(")
# Lines of a source list, marked as such, that say no more than how many there are.
COUNTED = re.compile(r"^\W*\d{1,3}\s+(?:sources|references)\W*$", re.I)


@dataclass
class _Entry:
    """What has been read of one entry."""

    lines: list[str] = field(default_factory=list)
    anchors: list[Anchor] = field(default_factory=list)


def read_references(draft: Draft) -> tuple[str, ...]:
    """Entries of the source list, without its heading and label.

    A DOI, a PMID or an address that stands behind a link only is appended.
    """
    entries: list[_Entry] = []
    held: Node | None = None
    for i in draft.dropped("references"):
        block = draft.blocks[i]
        text = _said(draft, i)
        if not text or block.kind == "image" or block.zone & (Zone.NAV | Zone.FOOTER):
            continue
        item = _item(block)
        if item is not None and item is held:
            entries[-1].lines += text.split("\n")
            entries[-1].anchors += block.anchors
        elif item is not None and len(_numbered(text)) < 2:
            entries.append(_Entry(text.split("\n"), list(block.anchors)))
        else:
            entries += [_Entry([part], _within(block, part)) for part in _parts(text)]
        held = item
    return tuple(dict.fromkeys(filter(None, map(_written, _unnumbered(entries)))))


def _said(draft: Draft, i: int) -> str:
    """The text of a block of the source list; empty for its heading."""
    phrases = draft.phrases(i)
    text = phrases.rest if phrases.label == "references" else draft.blocks[i].text
    if phrases.whole == "references" or COUNTED.match(text):
        return ""
    first, _, rest = text.partition("\n")
    if rest and draft.vocabulary.read(first).whole == "references":
        return rest
    return text


def _item(block: Block) -> Node | None:
    """The list item that a block stands in."""
    node: Node | None = block.node
    while node is not None and node.tag not in ("ul", "ol", "body"):
        if node.tag == "li":
            return node
        node = node.parent
    return None


def _parts(text: str) -> list[str]:
    """The entries in one paragraph: its lines, or what stands behind each number."""
    at = _numbered(text)
    if len(at) >= 2:
        ends = [*(start for start, _ in at[1:]), len(text)]
        head = text[: at[0][0]].strip()
        parts = [text[start:end] for (start, _), end in zip(at, ends, strict=True)]
        return [" ".join(part.split()) for part in ([head] if head else []) + parts]
    return [part for line in text.split("\n") for part in _institutions(line.strip()) if part]


def _numbered(text: str) -> list[tuple[int, int]]:
    """(place, number) of numbers that count on from 1: those of entries."""
    found: list[tuple[int, int]] = []
    for match in NUMBERS.finditer(text):
        number = int(next(filter(None, match.groups())))
        if number == len(found) + 1:
            found.append((match.start(), number))
    return found


def _institutions(line: str) -> list[str]:
    """The names in "Town Clinic; North Shore Health Board"; the line itself where it cites."""
    names = [name.strip() for name in re.split(r"[;；]", line)]
    plain = [n for n in names if 0 < len(n) <= INSTITUTION and not CITES.search(n)]
    worded = all(len(n.split()) > 1 or not n.isascii() for n in plain)
    return names if len(names) > 1 and len(plain) == len(names) and worded else [line]


def _within(block: Block, part: str) -> list[Anchor]:
    """The links of a block whose text stands in one of its parts."""
    return [anchor for anchor in block.anchors if anchor.text and anchor.text in part]


def _unnumbered(entries: list[_Entry]) -> list[_Entry]:
    """The entries without their numbers, if these say no more than the order."""
    matches = [NUMBER.match(entry.lines[0]) for entry in entries]
    numbers = [int(next(filter(None, m.groups()))) if m else 0 for m in matches]
    counted = [number for number in numbers if number]
    if counted and all(b == a + 1 for a, b in pairwise([0, *counted])):
        for entry, match in zip(entries, matches, strict=True):
            if match:
                entry.lines[0] = entry.lines[0][match.end() :]
    return entries


def _written(entry: _Entry) -> str:
    """An entry as one line, with the addresses that its links lead to and it does not show."""
    text = " ".join(" ".join(entry.lines).split())
    text = BACK.sub("", BACK_END.sub("", text))
    linked = bool(entry.anchors)
    while linked and (match := READERS.search(text, max(1, len(text) - READERS_CHARS))):
        if not any(_same(anchor.text, match.group()) for anchor in entry.anchors):
            break
        text = text[: match.start()]
    text = text.strip()
    if not _says(text, entry.anchors):
        return ""
    return " ".join([text, *_addresses(text, entry.anchors)])


def _says(text: str, anchors: list[Anchor]) -> bool:
    """Whether an entry names a source: no bare day, no buttons that share the page."""
    words = [word for word in re.findall(r"[^\W\d_]+", text) if len(word) > 1 or not word.isascii()]
    dated = re.search(r"\d{4}", text) is not None and not SHOWN.search(text)
    enough = len(words) > (1 if dated and text.isascii() else 0)
    return enough and not any(is_share(anchor.href) for anchor in anchors)


def _same(link: str, words: str) -> bool:
    """Whether the words at an entry's end are a link's text."""
    return bool(link) and _letters(link) == _letters(words)


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text.lower()))


def _addresses(text: str, anchors: list[Anchor]) -> list[str]:
    """DOI and PubMed addresses that the text does not show; else the first other one."""
    outward = [
        a.href.strip()
        for a in anchors
        if a.href.strip().lower().startswith(("http://", "https://"))
        and not any(sign in a.href for sign in SEARCHES)
    ]
    shown = text.casefold()
    found: list[str] = []
    for href in outward:
        doi, pubmed = DOI.search(href), PUBMED.search(href)
        key = doi.group().rstrip(".)").casefold() if doi else pubmed.group(1) if pubmed else None
        if key and key not in shown and not any(key in known.casefold() for known in found):
            found.append(href)
    if found or SHOWN.search(text):
        return found
    return outward[:1]
