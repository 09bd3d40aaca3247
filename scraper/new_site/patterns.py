"""The pattern of a site's articles: a regular expression learned from addresses of some of them.

Only what every example shows becomes part of a pattern; what differs among them is left open as far
as the examples need it. A pattern that is too narrow would lose articles, so whoever uses one must
have it confirmed on addresses that it was not learned from (`evidence`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import takewhile

from scraper.new_site.shapes import Parts, parts_of

_HOST = "^https?://[^/]+"
# A part of a path that may be anything; of a query.
_ANY, _ANY_VALUE = "[^/?]+", "[^&]+"
# The further pages of an article, and renderings of it, have a query behind its address.
_END, _END_OF_QUERY = r"(\?.*)?$", "(&.*)?$"
_YEAR = re.compile(r"(19|20)\d\d")
# An ISO 639 code with or without a region or script, as sites have it in their paths.
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][A-Za-z]{2,4})?")
# From so many digits on, a number in a name is an identifier; fewer may be a part of the title
# ("5-tips", "vitamin-b12").
_ID_DIGITS = 4
_DIGITS = re.compile(r"\d+")
_ID_LAST = re.compile(rf".*[^\d](\d{{{_ID_DIGITS},}})")
_ID_FIRST = re.compile(rf"(\d{{{_ID_DIGITS},}})[^\d].*")


def learn_patterns(addresses: Iterable[str]) -> tuple[str, ...]:
    """Patterns that together match every one of the normalised addresses, one for each way they
    are built: as many folders, the same ending, the same names in the query.

    >>> learn_patterns(["https://e.org/2024/05/gout/", "https://e.org/2023/11/migraine/"])
    ('^https?://[^/]+/\\\\d{4}/\\\\d{2}/[^/?]+/(\\\\?.*)?$',)
    """
    groups: defaultdict[tuple[object, ...], list[Parts]] = defaultdict(list)
    for address in dict.fromkeys(addresses):
        parts = parts_of(address)
        names = tuple(name for name, _ in parts.query)
        groups[len(parts.folders), parts.ending, names].append(parts)
    return tuple(_pattern(group) for group in groups.values())


def _pattern(group: Sequence[Parts]) -> str:
    path = _HOST
    before: str | None = None
    for column in zip(*(parts.folders for parts in group), strict=True):
        before = _folder(column, before)
        path += "/" + before
    ending, query = _escape(group[0].ending), _query(group)
    names = [parts.name for parts in group]
    if query:  # then the query, and not the path, tells pages apart
        return f"{path}/{_script(names)}{ending}\\?{query}{_END_OF_QUERY}"
    return f"{path}/{_name(names)}{ending}{_END}"


def _folder(values: Sequence[str], before: str | None) -> str:
    """The pattern of one folder, which all of the addresses have at this place."""
    if all(map(_YEAR.fullmatch, values)):
        return r"\d{4}"
    lengths = {len(value) for value in values}
    if all(value.isdigit() for value in values):
        if max(lengths) <= 2 and before in (r"\d{4}", r"\d{2}", r"\d{1,2}"):  # a month, a day
            return r"\d{2}" if lengths == {2} else r"\d{1,2}"
        return r"\d+"
    if len(set(values)) == 1:
        return _escape(values[0])
    if all(map(_LANGUAGE.fullmatch, values)):
        return "[a-z]{2}([-_][A-Za-z]{2,4})?"
    return _with_numbers(values) or _ANY


def _name(values: Sequence[str]) -> str:
    """The pattern of the last name of a path."""
    if all(value.isdigit() for value in values):
        return r"\d+"
    if len(values) > 1 and len(set(values)) == 1:
        return _escape(values[0])
    found = _with_numbers(values)
    if found:
        return found
    if all(map(_ID_LAST.fullmatch, values)):
        return _ANY + _joint(value[: _start_of_id(value)] for value in values) + r"\d+"
    if all(map(_ID_FIRST.fullmatch, values)):
        return r"\d+" + _ANY
    return _ANY


def _script(values: Sequence[str]) -> str:
    """The pattern of the last name of a path that a query follows, often a program's."""
    return _escape(values[0]) if len(set(values)) == 1 else f"{_ANY}"


def _query(group: Sequence[Parts]) -> str:
    columns = zip(*(parts.query for parts in group), strict=True)
    return "&".join(_parameter([(name, value) for name, value in column]) for column in columns)


def _parameter(pairs: Sequence[tuple[str, str | None]]) -> str:
    name, values = _escape(pairs[0][0]), [value or "" for _, value in pairs]
    if pairs[0][1] is None:
        return name
    if all(value.isdigit() for value in values):
        return rf"{name}=\d+"
    same = len(values) > 1 and len(set(values)) == 1
    return f"{name}={_escape(values[0]) if same else _ANY_VALUE}"


def _with_numbers(values: Sequence[str]) -> str | None:
    """The pattern of names that differ in their numbers alone: `news_4711`, `t20240501_12`."""
    texts = {tuple(_DIGITS.split(value)) for value in values}
    if len(texts) != 1 or not _DIGITS.search(values[0]):
        return None
    if len(values) == 1 and not any(len(n) >= _ID_DIGITS for n in _DIGITS.findall(values[0])):
        return None
    words = [text for text in next(iter(texts)) if text]
    if len(values) == 1 and any(len(word) > 1 for word in words):
        return None  # of one name alone it is not known that its words stay
    return r"\d+".join(map(_escape, next(iter(texts))))


def _start_of_id(value: str) -> int:
    found = _ID_LAST.fullmatch(value)
    assert found
    return found.start(1)


def _joint(heads: Iterable[str]) -> str:
    """What stands between title and identifier in all of the names: `-`, `_id`, …"""
    columns = zip(*(head[::-1] for head in heads), strict=False)
    backwards = "".join(column[0] for column in takewhile(lambda c: len(set(c)) == 1, columns))
    joint = re.match(r"[^A-Za-z0-9%]*(?:[A-Za-z]{1,3}[^A-Za-z0-9%]+)?", backwards)
    return _escape(joint[0][::-1]) if joint else ""


def _escape(text: str) -> str:
    """The text as it stands in a pattern; `re.escape` would also escape what means nothing."""
    return re.sub(r"[.^$*+?{}\[\]\\|()]", r"\\\g<0>", text)
