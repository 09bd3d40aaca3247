"""Bylines and dates: at the head of the article, and at its end."""

from __future__ import annotations

import re
from dataclasses import replace

from pipelines.blocks import Block, Node, Zone
from pipelines.byline_labels import label_index, led
from pipelines.bylines import Byline, is_label
from pipelines.cjk_people import awaits_name
from pipelines.cjk_shapes import is_cjk
from pipelines.label.draft import LABEL_MASS, SURE_TEXT, Draft, is_prose
from pipelines.label.headlines import HEAD, headline
from pipelines.label.shown_times import read_line
from pipelines.label.tokens import token_reason
from pipelines.names import kinds
from pipelines.portraits import below_name, place_below
from pipelines.segment import weigh
from pipelines.vocabulary import squash

# Blocks after the last running text in which a byline may still stand ("(Author: …)").
TAIL = 12
# Headings of other articles: bylines below them are theirs.
OTHER_ARTICLES = frozenset(("related", "comments", "previous", "next"))
# Lines with these labels name no people: "Tags: …", "Read also: By the sea".
OTHER_LABELS = frozenset(
    ("tags", "related", "previous", "next", "breadcrumb", "toc", "references", "share", "caption")
)
# A labelled line inside the article is short; so is a label (weighted characters, characters).
LABELLED_MASS = 200
LABEL_CHARS = 60
# A name or a title in a line of its own is short (weighted characters).
TITLE_MASS = 80
# Paragraphs that a biography has at most.
BIOGRAPHY = 6
# Blocks above the headline in which a date or byline may stand.
ABOVE = 4
# A line beside a byline that is no text: a separator, a number of views (weighted characters).
STRAY_MASS = 40
# A class or id that says as much as a label: "author-details", "entry-byline".
MARKED = re.compile(r"(?:^|[\s_-])(?:author|byline|writer)s?(?:$|[\s_-])")
# Lines of a page that are read for people and dates; a page with more of them lists articles.
MOST_LINES = 500


def drop_bylines(draft: Draft) -> None:
    """Lines that name people and dates, read on the way into `draft.bylines`."""
    first, last = draft.core
    if last < 0:
        first, last = 0, len(draft) - 1
    start = headline(draft)
    earliest = 0 if start is None else start - ABOVE
    head_end = _head_end(draft)
    pending = ""
    lines = 0
    others = False
    signed = titled = -1
    listed = False
    for i in draft.region:
        block = draft.blocks[i]
        near = earliest <= i <= head_end or last - HEAD <= i <= last + TAIL
        others = _tells_of_others(draft, i, others)
        if others:
            draft.others.add(i)
        # Further in, only a line that begins with a label, or stands under one, is a byline.
        if not near and not pending and not (first < i < last and _labelled(draft, i)):
            continue
        if block.mass > LABEL_MASS or not _free(draft, i):
            pending = ""
            continue
        if draft.scores[i] >= SURE_TEXT and is_prose(block) and not _labelled(draft, i):
            pending = ""
            continue  # running text that begins with no label: most of what is near the ends
        lines += 1
        if lines > MOST_LINES:
            return
        label = pending
        bylines, pending, whole = _read(draft, i, pending)
        if not label and first < i < last and _heads_section(draft, i, bylines, i <= head_end):
            continue
        untold = bool(bylines) and not label and not _is_told(draft, bylines)
        listed = (untold or not bylines) and (listed or is_below_heading(draft, i))
        if untold and (listed or _in_quote(draft, i)):
            continue  # of the section and the list that it opens with, or who is quoted
        if whole and bylines and (near or label or all(byline.labelled for byline in bylines)):
            _note(draft, i, bylines, others)
            signed = i if label else -1
            if label and block.kind == "h":
                _drop_biography(draft, i)
        elif pending:
            draft.drop(i, "byline", "byline-label")
        elif near and i == signed + 1 and _is_title(draft, i):
            draft.drop(i, "byline", "byline-name")
            titled = i
        elif near and ((i == titled + 1 and _is_place(draft, i)) or _is_name_alone(draft, i)):
            draft.drop(i, "byline", "byline-name")


def tells(line: str, draft: Draft, name: str = "") -> bool:
    """Whether a line below a person says what the person is, or where, and nothing else."""
    known = kinds(draft.vocabulary)
    told = below_name(line, name, draft.vocabulary, known) or place_below(line, name, known)
    return told is not None


def _is_title(draft: Draft, i: int) -> bool:
    """Whether a short line below a person says what the person is and nothing else: "cardiologist",
    which is dropped here and read later."""
    block = draft.blocks[i]
    if block.kind not in ("p", "li") or block.mass > TITLE_MASS:
        return False
    known = kinds(draft.vocabulary)
    return below_name(block.text, "", draft.vocabulary, known) is not None


def _is_place(draft: Draft, i: int) -> bool:
    """Whether a short line below a title names an institution and nothing else."""
    block = draft.blocks[i]
    if block.kind not in ("p", "li") or block.mass > TITLE_MASS:
        return False
    return place_below(block.text, "", kinds(draft.vocabulary)) is not None


def _is_name_alone(draft: Draft, i: int) -> bool:
    """Whether the block is the name of a person whom the page declares or a byline names."""
    if draft.blocks[i].mass > TITLE_MASS:
        return False
    text = draft.blocks[i].text.strip("()（） ")
    seen = (p.name for b in draft.bylines for p in (*b.authors, *b.reviewers))
    known = kinds(draft.vocabulary)
    plain = squash(known.strip_honorifics(text))
    return any(squash(name) == plain for name in (*draft.people, *seen))


def _heads_section(draft: Draft, i: int, bylines: list[Byline], at_head: bool) -> bool:
    """Whether the block is a heading of the text that begins with a label: "Fact check: Lemons".

    A byline set as a heading names people who have a degree or profession, or are declared; at the
    head any author or day will do.
    """
    if draft.blocks[i].kind != "h" or not bylines:
        return False
    if at_head and any(b.authors or b.published or b.modified or b.reviewed for b in bylines):
        return False
    people = [person for byline in bylines for person in (*byline.authors, *byline.reviewers)]
    known = set(map(squash, draft.people))
    return not any(p.credentials or p.role or squash(p.name) in known for p in people)


def _is_told(draft: Draft, bylines: list[Byline]) -> bool:
    """Whether a label says what the lines are, or they name people whom the page declares."""
    known = set(map(squash, draft.people))
    named = {squash(p.name) for b in bylines for p in (*b.authors, *b.reviewers)}
    labelled = any(b.labelled or b.published_labelled or b.modified or b.reviewed for b in bylines)
    return labelled or not named.isdisjoint(known)


def is_below_heading(draft: Draft, i: int) -> bool:
    """Whether the block opens a section of the text, or is its heading: a doctor of a directory,
    a day of a diary. Not below a heading that sites use: "About the author"."""
    at = i if draft.blocks[i].kind == "h" else i - 1
    if at <= draft.core[0] or draft.blocks[at].kind != "h" or at in draft.headlines:
        return False
    said = draft.phrases(at)
    return draft.kept(at) and not (said.whole or said.label)


def _in_quote(draft: Draft, i: int) -> bool:
    """Whether the block stands in a quotation: its name is that of whoever says it."""
    node: Node | None = draft.blocks[i].node
    while node is not None and node.tag != "blockquote":
        node = node.parent
    return node is not None


def _labelled(draft: Draft, i: int) -> bool:
    """Whether a short block begins with a label of people."""
    block = draft.blocks[i]
    if block.mass > LABELLED_MASS or block.link_share > 0.9:
        return False
    start = led(block.text[:LABEL_CHARS], draft.vocabulary)
    return label_index(draft.vocabulary.codes).at_start(squash(start)) is not None


def _drop_biography(draft: Draft, i: int) -> None:
    """What stands below a name set as a heading, under a heading such as "Reviewed by".

    At the head of a page that may be the article itself: what stands in its container is.
    """
    first, last = draft.core
    text = draft.blocks[last].node.parent if i < (first + last) / 2 else None
    for j in range(i + 1, min(len(draft), i + 1 + BIOGRAPHY)):
        block = draft.blocks[j]
        if block.kind == "h" or is_label(block.text[:LABEL_CHARS], draft.vocabulary):
            break
        if text is not None and block.node.parent is text and draft.scores[j] >= SURE_TEXT:
            break
        if block.mass:
            draft.drop(j, "author-bio", "byline-biography")


def _free(draft: Draft, i: int) -> bool:
    """Whether no rule has claimed the block, or one that bylines may overrule."""
    block = draft.blocks[i]
    if draft.phrases(i).label in OTHER_LABELS:
        return False
    return draft.reason(i) in (None, "byline", "date") and not block.zone & Zone.COMMENTS


def _read(draft: Draft, i: int, pending: str) -> tuple[list[Byline], str, bool]:
    """The bylines in a block's lines, a label that waits for its value, and whether the block
    says nothing else. `pending` is the label that the block before ended with."""
    block = draft.blocks[i]
    read = _read_lines(draft, block, _lines(block), pending)
    if not block.seams:
        return read
    apart = _read_lines(draft, block, block.seams.split("\n"), pending)
    names, joined = _names(apart[0]), _names(read[0])
    # First and last name may stand in elements of their own: then they are one line.
    halves = any(" " not in name and not is_cjk(name) for name in names)
    # Of the whole text, a name that goes over a seam is none.
    torn = any(name not in block.seams for name in joined)
    better = bool(apart[0]) and apart[2] and not halves
    if torn:
        return apart if better else ([], "", False)
    return apart if better and len(names) >= len(joined) else read


def _names(bylines: list[Byline]) -> list[str]:
    return [person.name for byline in bylines for person in (*byline.authors, *byline.reviewers)]


def _read_lines(
    draft: Draft, block: Block, lines: list[str], pending: str
) -> tuple[list[Byline], str, bool]:
    """What `_read` says, of these lines of the block."""
    found: list[Byline] = []
    whole = True
    for line in lines:
        label, pending = pending, ""
        text = f"{label.rstrip(':： ')}{' ' if ': ' in label else ': '}{line}" if label else line
        if is_label(line, draft.vocabulary):
            pending = line
            continue
        byline = read_line(draft, block, text)
        if byline is None:
            whole = whole and (weigh(line) < STRAY_MASS or (bool(found) and tells(line, draft)))
        else:
            found.append(byline)
            if label and ": " not in label and awaits_name(line, kinds(draft.vocabulary)):
                pending = text  # Japanese boxes have the position in the line above the name
    return found, pending, whole


def _lines(block: Block) -> list[str]:
    """The block's lines; a table's row of two cells is a label and its value."""
    if block.kind == "row" and block.text.count(" | ") == 1:
        return block.text.split(" | ")
    return block.text.split("\n")


def _head_end(draft: Draft) -> int:
    """The last block in which a byline at the head may stand: between the first blocks of running
    text, however many pictures and buttons stand among them."""
    first, last = draft.core
    texts = (i for i in range(first + 1, last) if draft.kept(i) and is_prose(draft.blocks[i]))
    return max(first + HEAD, next(texts, first))


def _tells_of_others(draft: Draft, i: int, others: bool) -> bool:
    """Whether the block stands below the text and a heading of other articles; `others`: the one
    before did."""
    if i <= draft.core[0] or (draft.kept(i) and is_prose(draft.blocks[i])):
        return False
    said = draft.phrases(i)
    family = said.whole or (said.label if not said.rest else None)
    if family in OTHER_ARTICLES:
        return True
    return others and family != "author-bio"


def _note(draft: Draft, i: int, bylines: list[Byline], others: bool) -> None:
    """Drop the line and note what it says, unless it is of another article: behind the text a
    line without a label is a byline only right below it, or where its people are known."""
    people = any(byline.authors or byline.reviewers for byline in bylines)
    dates = any(byline.published or byline.modified or byline.reviewed for byline in bylines)
    draft.drop(i, "date" if dates and not people else "byline", "byline-line")
    if in_card(draft, i):
        return
    draft.lines_of_people += len(bylines)
    if others:
        return
    start = headline(draft)
    earliest = 0 if start is None else start - ABOVE
    head = earliest <= i <= draft.core[0] + HEAD
    above = start is not None and i < start
    if MARKED.search(draft.blocks[i].node.tokens):
        bylines = [
            replace(byline, labelled=True) if byline.authors else byline for byline in bylines
        ]
    own = [byline for byline in bylines if not _behind(draft, i) or _is_own(byline, draft)]
    draft.bylines += [replace(byline, head=head, above=above) for byline in own]


def _behind(draft: Draft, i: int) -> bool:
    """Whether more than a line stands between the article's text and the block."""
    return i > draft.core[1] + 2


def _is_own(byline: Byline, draft: Draft) -> bool:
    """Whether the line has a label, a day alone, or people whom the page declares."""
    named = {squash(person.name) for person in (*byline.authors, *byline.reviewers)}
    return byline.labelled or not named or not named.isdisjoint(map(squash, draft.people))


def in_card(draft: Draft, i: int) -> bool:
    """Whether the line stands in a card of another article."""
    found = token_reason(draft.blocks[i].node)
    return found is not None and found[0] in ("related", "comments", "prev-next", "ad")
