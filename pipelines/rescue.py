"""What is done with pages that lxml gives up on, or finds nothing in.

Nesting deeper than libxml2 reads is flattened and read again. Where lxml finds no element at all,
beautifulsoup4 with Python's own parser reads the page, some thirty times slower; its tree is
rebuilt as an lxml tree, so that nothing downstream knows the difference.
"""

from __future__ import annotations

import re

from bs4 import BeautifulSoup
from bs4.element import Comment, NavigableString, Tag
from bs4.exceptions import ParserRejectedMarkup
from lxml import html as lxml_html

# Nesting kept, in elements that nest: deeper ones are left out, their content stays. Real pages
# have under 100 levels; libxml2 stops at 2,048, and walking up from every block costs depth.
_MAX_DEPTH = 250
# Characters and tags above which the slow parser is not tried: a second or two.
MAX_CHARS = 1_000_000
MAX_TAGS = 60_000
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)[^<>]*>")
# A declaration, and a `<` that begins no tag: on these Python's parser goes back over the rest of
# the page each time, so that a hostile page of 100 KB takes minutes.
_DECLARATION = re.compile(r"<[!?][^<>]*>")
_LOOSE = re.compile(r"<(?![/a-zA-Z][^<>]*>)")
# Elements that HTML closes by itself, and void ones: an open one is no nesting.
_NOT_NESTING = frozenset(
    [
        "p",
        "li",
        "dt",
        "dd",
        "tr",
        "td",
        "th",
        "thead",
        "tbody",
        "tfoot",
        "option",
        "optgroup",
        "colgroup",
        "rp",
        "rt",
        "html",
        "head",
        "body",
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_ATTRIBUTE = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def flatten(text: str) -> str:
    """The markup without the tags of elements nested too deep; time grows with the length.

    >>> flatten("<b>" * 300 + "text" + "</b>" * 300).count("<b>")
    250
    """
    depth = 0

    def keep(match: re.Match[str]) -> str:
        nonlocal depth
        closing, name = match.groups()
        if name.lower() in _NOT_NESTING:
            return match.group()
        if closing:
            depth = max(depth - 1, 0)
            return match.group() if depth < _MAX_DEPTH else ""
        depth += 1
        return match.group() if depth <= _MAX_DEPTH else ""

    return _TAG.sub(keep, text)


def rescue_tree(text: str) -> lxml_html.HtmlElement | None:
    """The page as an lxml tree, or None where this parser finds nothing in it either."""
    if len(text) > MAX_CHARS or text.count("<") > MAX_TAGS:
        return None
    try:
        soup = BeautifulSoup(_tame(text), "html.parser")
    except (ParserRejectedMarkup, AssertionError, RecursionError):
        return None
    return _rebuild(soup)


def _tame(text: str) -> str:
    """The markup with nothing left open: a comment that never ends is where lxml finds nothing."""
    first, *pieces = text.split("<!--")
    opened = [piece.partition("-->")[2] if "-->" in piece else piece for piece in pieces]
    return _LOOSE.sub("&lt;", _DECLARATION.sub("", "".join([first, *opened])))


def _rebuild(soup: BeautifulSoup) -> lxml_html.HtmlElement | None:
    """The soup as an lxml tree: walked in document order, without recursion."""
    parser = lxml_html.HTMLParser()
    root: lxml_html.HtmlElement = parser.makeelement("html")
    # Each level: the soup's element, and the lxml element that takes its children.
    trail: list[tuple[object, lxml_html.HtmlElement]] = [(soup, root)]
    depth_of = {id(soup): 0}
    found = False
    # Text that waits for its element: joined once, not piece by piece.
    texts: list[str] = []
    holder = root
    for node in soup.descendants:
        parent = depth_of[id(node.parent)]
        del trail[parent + 1 :]
        target = trail[parent][1]
        opens = isinstance(node, Tag) and parent < _MAX_DEPTH
        if texts and (target is not holder or opens):
            _append_text(holder, texts)
        if isinstance(node, Tag):
            depth_of[id(node)] = parent + 1
            trail.append((node, _element(node, target, parent, root)))
            found = True
        elif type(node) is NavigableString or not isinstance(node, Comment | NavigableString):
            texts.append(str(node))
            holder = target
            found = True
    _append_text(holder, texts)
    return root if found else None


def _element(
    node: Tag, target: lxml_html.HtmlElement, depth: int, root: lxml_html.HtmlElement
) -> lxml_html.HtmlElement:
    """The lxml element for `node`, appended to `target`; `target` itself at the depth limit."""
    if node.name == "html" and target is root:
        element = root
    elif depth >= _MAX_DEPTH:
        return target
    else:
        name = node.name if _NAME.fullmatch(node.name) else "span"
        element = root.makeelement(name)
        target.append(element)
    for key, value in node.attrs.items():
        if _ATTRIBUTE.fullmatch(key):
            text = " ".join(value) if isinstance(value, list) else str(value)
            element.set(key, _NOT_XML.sub("", text))
    return element


def _append_text(element: lxml_html.HtmlElement, texts: list[str]) -> None:
    """Put the pieces at the end of the element, and forget them."""
    text = _NOT_XML.sub("", "".join(texts))
    texts.clear()
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text
