"""Text that a server sends out of place, put where a browser shows it, while the tree is made.

Two ways of sending it, both in the page's mark-up without running any script:

- Streamed parts. React writes `<template id="B:1">` and a stand-in ("Loading …") where a slow part
  will be, and later the part itself as `<div hidden id="S:1">`; Solid does the same with
  `<template id="pl-KEY">` and `<template id="KEY">`. A line of script swaps the two.
- Declarative shadow roots. `<template shadowrootmode="open">` is the inside of the element that it
  stands in; what else is in that element is shown in the `<slot>` of the inside.

Nothing is thrown away: the stand-in moves to where the part was, and is hidden there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lxml import etree

# What every page that needs this holds; a search for it is all that other pages pay.
MARK = "<template"
# A page streams tens of parts; the work must end on one that was made to be slow.
MOST = 1_000
# A stand-in with more than this beside each other is none (elements).
STAND_IN = 200
# A slot further below its shadow root than this is not looked for (elements).
SLOT_DEPTH = 200

# What HTML allows in the head.
_OF_HEAD = frozenset(
    "base basefont bgsound command isindex link meta noframes noscript object script style template"
    " title".split()
)
# `$RC("B:0","S:0")` shows a part in place of its stand-in, `$RS("S:1","P:1")` a piece of a part.
_SHOWN = re.compile(
    r"\$R[A-Z]\(\s*[\"']([^\"']*[BSP]:[0-9a-f]+)[\"']\s*,\s*[\"']([^\"']*[BSP]:[0-9a-f]+)"
)
_PLACE = re.compile(r"^(.*)[BP]:([0-9a-f]+)$")
_PIECE = re.compile(r"P:[0-9a-f]+$")
_TEMPLATES: Any = etree.XPath("//template[@id]")
_PARTS: Any = etree.XPath("//*[contains(@id, 'S:')]")
_SHADOWS: Any = etree.XPath("//template[@shadowrootmode or @shadowroot]")
_OPENS, _CLOSES = ("$", "$?", "$!", "$~"), "/$"


def open_body(root: Any) -> None:
    """Move what cannot stand in the head to the beginning of the body, as browsers do.

    A page may leave out `<head>` and `<body>`; libxml2 knows the elements of HTML 4 and takes
    `<article>` or `<main>` behind the title for a part of the head.
    """
    head = root.find("head")
    if head is None or all(child.tag in _OF_HEAD or _is_comment(child) for child in head):
        return
    children = list(head)
    first = next(n for n, c in enumerate(children) if not (c.tag in _OF_HEAD or _is_comment(c)))
    body = root.find("body")
    if body is None:
        body = root.makeelement("body")
        head.addnext(body)
    moved = children[first:]
    text, body.text = body.text, None
    for at, child in enumerate(moved):
        body.insert(at, child)
    moved[-1].tail = f"{moved[-1].tail or ''}{text or ''}" or None


def _is_comment(node: Any) -> bool:
    return not isinstance(node.tag, str)


def arrange(root: Any) -> None:
    """Put streamed parts and shadow roots below `root` where a browser shows them."""
    templates = _TEMPLATES(root)[:MOST]
    if templates:
        for place, part in _streamed(root, templates):
            _swap(place, part)
    shadows = _SHADOWS(root)[:MOST]
    if shadows:
        _open_shadows(shadows)


def _streamed(root: Any, templates: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Each place where a part is missing, with the part; no part twice."""
    parts = {part.get("id"): part for part in [*templates, *_PARTS(root)]}
    told = _told(root)
    used = set(told.values())
    for place in templates:
        name = place.get("id")
        part = parts.pop(told.get(name) or _usual(name, used), None)
        if part is not None and not any(above is part for above in place.iterancestors()):
            yield place, part


def _told(root: Any) -> dict[str, str]:
    """Places and the parts that the page's scripts put there."""
    found: dict[str, str] = {}
    for script in root.iter("script"):
        if script.text and "$R" in script.text:
            for pair in _SHOWN.findall(script.text):
                part = next((name for name in pair if "S:" in name), None)
                place = next((name for name in pair if name != part), None)
                if part and place:
                    found[place] = part
    return found


def _usual(name: str, used: set[str]) -> str:
    """The part that belongs to a place by its name, if no script says where that part goes."""
    if name.startswith("pl-"):
        return name[3:]
    match = _PLACE.match(name)
    part = f"{match[1]}S:{match[2]}" if match else ""
    return "" if part in used else part


def _swap(place: Any, part: Any) -> None:
    """The part's contents ahead of `place`, the stand-in behind it into the part, hidden."""
    text, children = part.text, list(part)
    part.text = None
    _write_before(place, text)
    for child in children:
        place.addprevious(child)
    ends = _CLOSES if not place.get("id").startswith("pl-") else place.get("id")
    # A piece of a part has no stand-in: what follows it belongs to the part.
    stand_in = None if _PIECE.search(place.get("id")) else _stand_in(place, ends)
    holders = {part, *part.iterancestors()}
    if stand_in is not None and holders.isdisjoint(stand_in):
        part.text, place.tail = place.tail, None
        for element in stand_in:
            part.append(element)


def _stand_in(place: Any, ends: str) -> list[Any] | None:
    """What is shown until the part comes: all up to the comment that ends it; None without one."""
    found: list[Any] = []
    depth = 0
    for element in islice(place.itersiblings(), STAND_IN):
        if element.tag is etree.Comment:
            mark = (element.text or "").strip()
            if mark == ends and depth == 0:
                return found
            depth += (mark in _OPENS) - (mark == _CLOSES)
        found.append(element)
    return None


def _write_before(element: Any, text: str | None) -> None:
    if not text:
        return
    previous = element.getprevious()
    if previous is not None:
        previous.tail = (previous.tail or "") + text
    else:
        parent = element.getparent()
        parent.text = (parent.text or "") + text


def _open_shadows(shadows: list[Any]) -> None:
    """Shadow roots as plain elements, with what is shown in their slots inside those."""
    inside: dict[Any, list[Any]] = {shadow: [] for shadow in shadows}
    for slot in shadows[0].getroottree().iter("slot"):
        for depth, above in enumerate(slot.iterancestors()):
            if above.tag == "template":
                inside.get(above, []).append(slot)
            if above.tag == "template" or depth == SLOT_DEPTH:
                break
    for shadow in shadows:
        _fill_slots(shadow, inside[shadow])
    for shadow in shadows:
        shadow.tag = "span"


def _fill_slots(shadow: Any, slots: list[Any]) -> None:
    """Move the host's other contents into the slots of the same name, in their order."""
    by_name = {slot.get("name") or "": slot for slot in reversed(slots)}
    if not by_name or shadow.getparent() is None:
        return
    plain = by_name.get("")
    if plain is not None and shadow.tail:
        last = plain[-1] if len(plain) else None
        if last is None:
            plain.text = (plain.text or "") + shadow.tail
        else:
            last.tail = (last.tail or "") + shadow.tail
        shadow.tail = None
    for child in list(shadow.getparent()):
        slot = by_name.get(child.get("slot") or "") if child is not shadow else None
        if slot is not None:
            slot.append(child)
