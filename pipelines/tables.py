"""Tables: which hold data to be read in rows, and the text of their cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipelines.markup import BLOCK_TAGS, HEADINGS, SKIP_TAGS
from pipelines.measure import squeeze, unwrap

# A layout table's cell holds whole passages: more characters than anybody puts in a data cell.
LAYOUT_CELL = 400
# Of so many rows the cells are looked at.
CELL_ROWS = 20
# The rows that tell the number of columns: a first one may span the table.
COLUMN_ROWS = 3
# What stands in a table only if the table holds the page.
LAYOUT_TAGS = ("table", *HEADINGS, "form", "nav", "article", "section")


def is_data_table(table: Any) -> bool:
    """Whether a table holds data to be read in rows, not the page's layout."""
    if table.get("role") in ("presentation", "none"):
        return False
    # The search ends at the first table inside: nested tables take linear time together.
    if next(table.iterdescendants(*LAYOUT_TAGS), None) is not None or _shows_pictures(table):
        return False
    rows = columns = headers = 0
    for element in table.iterdescendants("tr", "th", "td"):
        tag = element.tag
        if tag != "tr" and element.getparent().tag != "tr":
            return False  # cells outside the rows: nobody can tell which belong together
        if tag == "tr":
            rows += 1
            if rows <= COLUMN_ROWS:
                columns = max(columns, sum(1 for cell in element if cell.tag in ("td", "th")))
        elif tag == "th":
            headers += 1
        elif rows <= CELL_ROWS and not headers and _longer(element, LAYOUT_CELL):
            return False
    return columns >= 2 and (headers > 0 or rows >= 2)


def _shows_pictures(table: Any) -> bool:
    """Whether a row is pictures and nothing else: what stands in the others are their captions."""
    picture = next(table.iterdescendants("img"), None)
    row = None if picture is None else next(picture.iterancestors("tr", "table"), None)
    if row is None or row.tag == "table" or any(text.strip() for text in row.itertext()):
        return False
    return all(next(cell.iter("img"), None) is not None for cell in row.iter("td", "th"))


def _longer(element: Any, limit: int) -> bool:
    size = 0
    for text in element.itertext():
        size += len(text)
        if size > limit:
            return True
    return False


def pre_text(element: Any) -> str:
    """The visible text of preformatted text, with its lines."""
    return "".join(_visible(element, "\n", "")).strip("\n").rstrip()


def cell_text(element: Any) -> str:
    """The visible text of a cell, a caption or a link as one line."""
    return squeeze("".join(map(unwrap, _visible(element, " ", " "))))


def _visible(element: Any, line: str, border: str) -> Iterator[str]:
    """Text below `element`, without scripts and styles; `line` at breaks, `border` at blocks."""
    if element.text:
        yield element.text
    depth_first = list(reversed(element))
    while depth_first:
        item = depth_first.pop()
        if isinstance(item, str):
            yield item
            continue
        tag = item.tag
        if item.tail:
            depth_first.append(item.tail)
        if not isinstance(tag, str) or tag in SKIP_TAGS:
            continue
        if tag == "br":
            yield line
        elif tag in BLOCK_TAGS:
            yield border
            depth_first.append(border)
        depth_first.extend(reversed(item))
        if item.text:
            depth_first.append(item.text)
