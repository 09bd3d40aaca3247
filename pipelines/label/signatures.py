"""Names that no label tells, but the mark-up, their place or the lines around them do.

A name in an element of the class "author", a signature below the text, the institutions below the
authors of a paper, a last sentence that thanks the reviewers.
"""

from __future__ import annotations

import re

from pipelines.bylines import Byline
from pipelines.label.draft import Draft, is_prose
from pipelines.label.head import TITLE_MASS, is_below_heading, tells
from pipelines.label.headlines import headline
from pipelines.label.tokens import token_reason
from pipelines.names import kinds
from pipelines.people import Parsed, parse
from pipelines.phrases import squash
from pipelines.thanks import thanks_alone

# A class or id of an author's name itself: "author", "entry-author", "byline__name".
_AUTHOR = re.compile(
    r"(?:^|\s)(?:[^\W_]{1,20}[-_]{1,2}){0,2}(author|byline)s?(?:[-_]{1,2}name)?(?=\s|$)"
)
# The first of the notes below a paper's authors, and where the next one begins.
_FIRST_NOTE = re.compile(r"(?:1|¹|a|\*)\s?[A-ZÀ-Þ]")
_NOTE = re.compile(r"(?:^|[;.]\s*|\s)(?:\d{1,2}|[¹²³⁰-⁹*†‡§]|[a-h])\s?(?=[A-ZÀ-Þ])")
# Lines of a signature below the name, and how far below the text it may begin (blocks).
MOST_BELOW, NEAR = 3, 2


def drop_signatures(draft: Draft) -> None:
    """Names told by their place or mark-up, and what belongs to them, noted on the way."""
    _drop_thanks(draft)
    first, last = draft.core
    start = headline(draft)
    if last < 0:
        return
    for i in draft.region:
        if start is not None and start < i < first:
            _drop_marked(draft, i)
            _drop_below(draft, i)
            _drop_institutions(draft, i)
        elif last < i <= last + NEAR and draft.kept(i - 1):
            _drop_signature(draft, i)
            _drop_below(draft, i)


def _drop_thanks(draft: Draft) -> None:
    """The last paragraph, where it does nothing but thank the reviewers by name."""
    _, last = draft.core
    i = next((i for i in reversed(draft.region) if i <= last + NEAR and draft.kept(i)), last)
    if last < 0 or i < last or draft.blocks[i].kind != "p":
        return
    if people := thanks_alone(draft.blocks[i].text, draft.vocabulary):
        draft.drop(i, "byline", "thanks")
        draft.bylines.append(Byline(reviewers=people, labelled=True, own=True))


def _drop_marked(draft: Draft, i: int) -> None:
    """A name in an element whose class says that it is the author's, and the title below it."""
    block = draft.blocks[i]
    marked = _AUTHOR.search(block.node.tokens) if _is_free(draft, i) else None
    if marked is None:
        return
    found = _people(draft, block.text)
    titled = kinds(draft.vocabulary).starts_with_honorific(block.text) or any(
        person.credentials or person.role for person in found.people
    )
    if not found.complete or (found.people and not (titled or marked[1] == "author")):
        return
    if not found.people or _note(draft, found):
        draft.drop(i, "byline", "marked-author")


def _drop_below(draft: Draft, i: int) -> None:
    """What the lines below a byline of one person say of its bearer and nothing else."""
    block = draft.blocks[i]
    if draft.reason(i) != "byline" or block.mass > 2 * TITLE_MASS:
        return
    named = [p.name for b in draft.bylines for p in (*b.authors, *b.reviewers)]
    here = [name for name in dict.fromkeys(named) if name in block.text]
    if len(here) != 1 or not block.text.rstrip(" ,.").endswith(_ends(draft, here[0])):
        return
    for j in range(i + 1, min(i + 1 + MOST_BELOW, len(draft))):
        if not (_is_free(draft, j) and tells(draft.blocks[j].text, draft, here[0])):
            break
        draft.drop(j, "byline", "byline-name")


def _ends(draft: Draft, name: str) -> tuple[str, ...]:
    """The name, and the degrees that a byline has behind it."""
    people = (p for b in draft.bylines for p in (*b.authors, *b.reviewers) if p.name == name)
    return (name, *(p.credentials.rstrip(".") for p in people if p.credentials))


def _drop_signature(draft: Draft, i: int) -> None:
    """A person with a title in a line of its own below the text, and the position below it."""
    known = kinds(draft.vocabulary)
    text = draft.blocks[i].text
    if not _is_free(draft, i) or is_below_heading(draft, i):
        return
    found = _people(draft, text)
    titled = known.starts_with_honorific(text) or (found.people and found.people[0].credentials)
    if len(found.people) != 1 or not titled:
        return
    below = []
    for j in range(i + 1, min(i + 1 + MOST_BELOW, len(draft))):
        if draft.blocks[j].node.parent is not draft.blocks[i].node.parent:
            break
        if not (_is_free(draft, j) and tells(draft.blocks[j].text, draft, found.people[0].name)):
            break
        below.append(j)
    behind = (below or [i])[-1] + 1
    listed = behind < len(draft) and known.starts_with_honorific(draft.blocks[behind].text)
    if below and not listed and _note(draft, found):
        for j in (i, *below):
            draft.drop(j, "byline", "signature")


def _drop_institutions(draft: Draft, i: int) -> None:
    """The numbered institutions of a paper's authors, right below them."""
    if draft.reason(i - 1) != "byline" or not draft.kept(i):
        return
    text = draft.blocks[i].text
    known = kinds(draft.vocabulary)
    first = draft.verdicts[i - 1].rule != "byline-institutions"
    if not (_FIRST_NOTE if first else _NOTE).match(text):
        return
    notes = [note.strip(" ;,.") for note in _NOTE.split(text)]
    if all(known.has_affiliation(note) and len(note.split()) < 30 for note in notes if note):
        draft.drop(i, "byline", "byline-institutions")


def _is_free(draft: Draft, i: int) -> bool:
    """Whether the block is a short line that no rule has claimed, and of this article."""
    block = draft.blocks[i]
    short = 0 < block.mass <= TITLE_MASS and block.kind in ("p", "li") and not is_prose(block)
    claimed = draft.reason(i) in ("headline", "hidden", "byline", "date")
    if not short or claimed:
        return False
    found = token_reason(block.node)
    return found is None or found[0] not in ("related", "comments", "prev-next", "ad")


def _people(draft: Draft, text: str) -> Parsed:
    """The people of the line, where it holds nothing else."""
    found = parse(text, draft.vocabulary, single=False)
    known = kinds(draft.vocabulary)
    if not found.complete or any(known.has_affiliation(person.name) for person in found.people):
        return Parsed(complete=False)
    return found


def _note(draft: Draft, found: Parsed) -> bool:
    """Note the people as authors, unless others are known; False then."""
    known = {squash(name) for name in draft.people}
    known |= {squash(person.name) for byline in draft.bylines for person in byline.authors}
    named = {squash(person.name) for person in found.people}
    if known and known.isdisjoint(named):
        return False
    draft.bylines.append(Byline(authors=found.people, labelled=True, head=True))
    return True
