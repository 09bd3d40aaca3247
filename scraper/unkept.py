"""Where state or archive cannot be used, what is found cannot be kept: the crawl ends.

That is the world's doing (a full disk, a damaged file) and no defect, so no traceback is told.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Protocol, TypeVar

from scraper.archive import ArchiveError
from scraper.state import StateError

Unkept = (StateError, ArchiveError)


class GivesUp(Protocol):
    """A crawl that can be ended."""

    def give_up(self, error: OSError) -> None:
        """End it, for this reason."""


_Crawl = TypeVar("_Crawl", bound=GivesUp)
_Answer = TypeVar("_Answer")
_Callback = Callable[[_Crawl, _Answer], AsyncIterator[Any]]


@contextmanager
def unkept_ends(crawl: GivesUp) -> Iterator[None]:
    """What cannot be kept in this block ends the crawl."""
    try:
        yield
    except Unkept as error:
        crawl.give_up(error)


def kept(callback: _Callback[_Crawl, _Answer]) -> _Callback[_Crawl, _Answer]:
    """The same for a spider's callback."""

    @wraps(callback)
    async def guarded(crawl: _Crawl, answer: _Answer) -> AsyncIterator[Any]:
        with unkept_ends(crawl):
            async for each in callback(crawl, answer):
                yield each

    return guarded
