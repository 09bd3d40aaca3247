"""Cut a parsed page into blocks in reading order, in one walk that never changes the tree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pipelines.blocks import Anchor, Block, Node, Zone

BLOCK_TAGS = frozenset(
    "address article aside blockquote body button caption center dd details dialog dir div dl "
    "dt fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr "
    "html label legend li main menu nav ol p pre search section summary table tbody td tfoot "
    "th thead tr ul".split()
)
# Never visible, or not text: what a browser without a mouse would not read out.
SKIP_TAGS = frozenset(
    "script style noscript template svg canvas iframe object embed applet audio video head "
    "title meta link select option optgroup datalist textarea input map area source track "
    "param progress meter noframes base rp".split()
)
BOLD_TAGS = frozenset(("b", "strong"))
HEADINGS = {f"h{n}": n for n in range(1, 7)}
ZONES = {
    "nav": Zone.NAV,
    "header": Zone.HEADER,
    "footer": Zone.FOOTER,
    "aside": Zone.ASIDE,
    "form": Zone.FORM,
    "article": Zone.ARTICLE,
    "main": Zone.MAIN,
    "figure": Zone.FIGURE,
    "figcaption": Zone.CAPTION,
    "blockquote": Zone.QUOTE,
    "button": Zone.BUTTON,
    "dialog": Zone.DIALOG,
    "ul": Zone.LIST,
    "ol": Zone.LIST,
    **dict.fromkeys(HEADINGS, Zone.HEADING),
}
ROLES = {
    "navigation": Zone.NAV,
    "banner": Zone.HEADER,
    "contentinfo": Zone.FOOTER,
    "complementary": Zone.ASIDE,
    "main": Zone.MAIN,
    "article": Zone.ARTICLE,
    "search": Zone.FORM,
    "dialog": Zone.DIALOG,
    "alertdialog": Zone.DIALOG,
}
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.I)
COMMENT_TOKENS = re.compile(
    r"(?:^|[\s_-])(?:comments?|commentlist|comment-?(?:list|area|section|thread|body|content)|"
    r"respond|disqus\w*)(?:$|[\s_-])"
)
# Nothing below a page's own frame is a comment section: WordPress puts "comments-open" on <body>.
COMMENT_NOT = re.compile(
    r"comments?-(?:open|closed|on|off|enabled|disabled|count|link)|no-comments?"
)
ZERO_WIDTH = {ord(c): None for c in "\u200b\u200c\u2060\ufeff\u00ad"}
ZERO_WIDTH_RE = re.compile("[\u200b\u2060\ufeff\u00ad]")
CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af]")
# One character of Chinese or Japanese carries about what 2.5 letters of English do.
CJK_WEIGHT = 2.5
# A block reads like running text from about a line of print on, if most of it is no link.
PROSE_MASS = 80
PROSE_LINK_SHARE = 0.33
# Parents deeper than this share one Node: nobody nests meaning so deep, only generators do.
MAX_DEPTH = 400


def squeeze(text: str) -> str:
    """One plain space for any run of white space; zero-width characters left out."""
    if ZERO_WIDTH_RE.search(text):
        text = ZERO_WIDTH_RE.sub("", text)
    return " ".join(text.split())


def weigh(text: str) -> int:
    """Characters of `text`, where one of Chinese, Japanese or Korean counts for `CJK_WEIGHT`."""
    if text.isascii():
        return len(text)
    return len(text) + int((CJK_WEIGHT - 1) * len(CJK.findall(text)))


def segment(root: Any) -> list[Block]:
    """Blocks of the page below `root` (an lxml element), in reading order."""
    body = root.find("body")
    return Segmenter().run(root if body is None else body)


class Segmenter:
    """The state of one walk."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.node = Node(None, "root", "", 0, 0, 0)
        self.lines: list[str] = []
        self.buffer: list[str] = []
        self.bold = 0
        self.bold_chars = 0
        self.link_chars = 0
        self.anchors: list[Anchor] = []
        self.open_link: list[tuple[Any, int]] = []
        self.has_time = False
        self.lists: list[int] = []
        self.groups = 0
        self.item: str | None = None
        self.item_group = 0

    def run(self, body: Any) -> list[Block]:
        """Walk the tree with a stack of our own: pages may nest deeper than Python may call."""
        stack: list[tuple[Any, Iterator[Any], int]] = []
        self._open(body, body.tag if isinstance(body.tag, str) else "body", stack)
        while stack:
            element, children, what = stack[-1]
            child = next(children, None)
            if child is None:
                stack.pop()
                self._close(element, what)
                if stack and element.tail:
                    self._text(element.tail)
                continue
            tag = child.tag
            if not isinstance(tag, str) or tag in SKIP_TAGS:
                if child.tail:
                    self._text(child.tail)
            elif tag == "br":
                self._break()
                if child.tail:
                    self._text(child.tail)
            elif tag == "img" or tag == "amp-img":
                self._image(child)
                if child.tail:
                    self._text(child.tail)
            else:
                self._open(child, tag, stack)
        self._flush()
        return self.blocks

    def _open(self, element: Any, tag: str, stack: list[tuple[Any, Iterator[Any], int]]) -> None:
        if tag == "table" and is_data_table(element):
            self._flush()
            self._enter(element, tag)
            self._table(element)
            stack.append((element, iter(()), 1))
            return
        block = tag in BLOCK_TAGS
        if block and tag == "button" and self.node.zone & Zone.HEADING:
            block = False
        if block:
            self._flush()
            self._enter(element, tag)
            if tag == "pre":
                self._pre(element)
                stack.append((element, iter(()), 1))
                return
            if tag == "li" or tag == "dd":
                self.item = "li" if tag == "li" else None
            elif tag == "ul" or tag == "ol":
                self.groups += 1
                self.lists.append(self.groups)
        else:
            self._inline(element, tag)
        if element.text:
            self._text(element.text)
        stack.append((element, iter(element), int(block)))

    def _close(self, element: Any, block: int) -> None:
        tag = element.tag
        if block:
            self._flush()
            if tag == "li":
                self.item = None
            elif (tag == "ul" or tag == "ol") and self.lists:
                self.lists.pop()
            self._leave()
        elif tag == "a":
            self._end_link()
        elif tag in BOLD_TAGS or self._styled_bold(element):
            self.bold -= 1
        elif tag == "q":
            self.buffer.append("”")

    def _enter(self, element: Any, tag: str) -> None:
        parent = self.node
        if parent.depth >= MAX_DEPTH:
            # Count the level without a Node of its own, so that _leave stays symmetrical.
            self.node = Node(parent, tag, "", parent.depth + 1, parent.path, parent.zone)
            return
        attributes = element.attrib
        zone = parent.zone | ZONES.get(tag, 0)
        tokens = ""
        if attributes:
            get = attributes.get
            css, ident = get("class"), get("id")
            if css or ident:
                tokens = f"{css or ''} {ident or ''}".lower()
                if "omment" in tokens or "respond" in tokens or "disqus" in tokens:
                    zone |= comment_zone(tokens, tag)
            role = get("role")
            if role:
                zone |= ROLES.get(role, 0)
            if get("hidden") is not None or HIDDEN_STYLE.search(get("style") or ""):
                zone |= Zone.HIDDEN
        path = hash((parent.path, tag, tokens))
        self.node = Node(parent, tag, tokens, parent.depth + 1, path, zone)
        parent.children.append(self.node)

    def _leave(self) -> None:
        node, parent = self.node, self.node.parent
        if parent is not None:
            parent.text += node.text
            parent.links += node.links
            parent.prose += node.prose
            parent.blocks += node.blocks
            self.node = parent

    def _inline(self, element: Any, tag: str) -> None:
        if tag == "a":
            if (
                self.buffer
                and not self.buffer[-1][-1:].isspace()
                and element.getprevious() is not None
            ):
                previous = element.getprevious()
                if previous.tag == "a" and not previous.tail:
                    self.buffer.append(" ")
            self.open_link.append((element, self._length()))
        elif tag in BOLD_TAGS or self._styled_bold(element):
            self.bold += 1
        elif tag == "time":
            self.has_time = True
        elif tag == "q":
            self.buffer.append("“")

    @staticmethod
    def _styled_bold(element: Any) -> bool:
        style = element.get("style")
        return bool(style and BOLD_STYLE.search(style))

    def _length(self) -> int:
        return sum(map(len, self.buffer)) + sum(map(len, self.lines))

    def _text(self, text: str) -> None:
        if not self.buffer and text.isspace():
            return
        self.buffer.append(text)
        if self.bold or self.open_link:
            visible = len("".join(text.split()))
            if self.bold:
                self.bold_chars += visible
            if self.open_link:
                self.link_chars += weigh(squeeze(text))

    def _end_link(self) -> None:
        if not self.open_link:
            return
        element, start = self.open_link.pop()
        text = squeeze("".join(self.lines + self.buffer)[start:])
        href = element.get("href")
        if href:
            self.anchors.append(Anchor(text, href, element.get("rel") or ""))

    def _break(self) -> None:
        line = squeeze("".join(self.buffer))
        if not line and self.lines:
            self._flush()
            return
        self.lines.append(line)
        self.buffer = []

    def _image(self, element: Any) -> None:
        # An image inside running text does not end the paragraph.
        self.blocks.append(Block("image", "", self.node, source=element))

    def _pre(self, element: Any) -> None:
        text = "".join(element.itertext()).strip("\n").rstrip()
        if text.strip():
            self._emit("pre", text, weigh(text), 0, False, 0)

    def _table(self, table: Any) -> None:
        """Rows of a data table, cells joined by ` | `; its caption as a paragraph before."""
        self.groups += 1
        group = self.groups
        for row in table.iter("tr", "caption"):
            if row.tag == "caption":
                text = squeeze("".join(visible_text(row)))
                if text:
                    self._emit("p", text, weigh(text), 0, False, 0)
                continue
            cells = [squeeze("".join(visible_text(cell))) for cell in row.iter("td", "th")]
            if not any(cells):
                continue
            anchors = tuple(
                Anchor(squeeze("".join(visible_text(a))), a.get("href") or "")
                for a in row.iter("a")
            )
            text = " | ".join(cells)
            linked = sum(weigh(anchor.text) for anchor in anchors)
            self.anchors = list(anchors)
            self._emit("row", text, weigh(text), linked, False, group)

    def _flush(self) -> None:
        """Make a block of what has been read since the last one."""
        if not self.buffer and not self.lines:
            if self.anchors and not self.open_link:
                self.anchors = []
            return
        lines = [line for line in (*self.lines, squeeze("".join(self.buffer))) if line]
        self.lines, self.buffer = [], []
        bold_chars, self.bold_chars = self.bold_chars, 0
        linked, self.link_chars = self.link_chars, 0
        if self.open_link:
            self.open_link = [(element, 0) for element, _ in self.open_link]
            element = self.open_link[-1][0]
            if lines and element.get("href"):
                self.anchors.append(
                    Anchor(" ".join(lines), element.get("href"), element.get("rel") or "")
                )
        if not lines:
            return
        text = "\n".join(lines)
        heading = self._heading_level()
        bold = bold_chars >= len("".join(text.split()))
        if heading:
            self._emit("h", text.replace("\n", " "), weigh(text), linked, bold, 0, level=heading)
        elif self.item and self.lists:
            group, depth = self.lists[0], len(self.lists)
            self._emit("li", text, weigh(text), linked, bold, group, level=depth)
        else:
            self._emit("p", text, weigh(text), linked, bold, self.lists[0] if self.lists else 0)
        self.item = None

    def _heading_level(self) -> int:
        if not self.node.zone & Zone.HEADING:
            return 0
        node: Node | None = self.node
        while node is not None:
            if node.tag in HEADINGS:
                return HEADINGS[node.tag]
            node = node.parent
        return 0

    def _emit(
        self, kind: str, text: str, mass: int, linked: int, bold: bool, group: int, level: int = 0
    ) -> None:
        node = self.node
        linked = min(linked, mass)
        block = Block(
            kind, text, node, level, mass, linked, bold, tuple(self.anchors), self.has_time, group
        )
        self.blocks.append(block)
        self.anchors = []
        self.has_time = False
        node.text += mass
        node.links += linked
        node.blocks += 1
        if mass >= PROSE_MASS and linked < PROSE_LINK_SHARE * mass and kind != "h":
            node.prose += mass


def comment_zone(tokens: str, tag: str) -> int:
    """The zone of a container whose class or id says that it holds readers' comments."""
    if tag in ("body", "html", "article", "main") or COMMENT_NOT.search(tokens):
        return 0
    return Zone.COMMENTS if COMMENT_TOKENS.search(tokens) else 0


def visible_text(element: Any) -> Iterator[str]:
    """Text below `element`, without scripts and styles; a space at breaks and block borders."""
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
        if tag == "br" or tag in BLOCK_TAGS:
            yield " "
            depth_first.append(" ")
        depth_first.extend(reversed(item))
        if item.text:
            depth_first.append(item.text)


# A layout table's cell holds whole passages: more characters than anybody puts in a data cell.
LAYOUT_CELL = 400


def is_data_table(table: Any) -> bool:
    """Whether a table holds data to be read in rows, not the page's layout."""
    if table.get("role") in ("presentation", "none"):
        return False
    rows = columns = headers = 0
    for element in table.iterdescendants():
        tag = element.tag
        if tag == "table" or tag in HEADINGS or tag in ("form", "nav", "article", "section"):
            return False
        if tag == "tr":
            rows += 1
            if rows <= 3:
                columns = max(columns, sum(1 for cell in element if cell.tag in ("td", "th")))
        elif tag == "th":
            headers += 1
        elif tag == "td" and rows <= 20:
            length = sum(map(len, element.itertext()))
            if length > LAYOUT_CELL and not headers:
                return False
    if columns < 2:
        return False
    return headers > 0 or rows >= 2
