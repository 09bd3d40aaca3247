"""The last line of a terminal, kept up to date below whatever else is printed there."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self, TextIO

# Back to the first column, and the rest of the line cleared.
_CLEARED = "\r\x1b[K"
# Columns of a terminal that does not say how many it has.
_USUAL_COLUMNS = 80


class StatusLine:
    """Stands in for a stream that is a terminal, while it is entered.

    What others write to `sys.stderr`, log handlers among them, clears the line first, as it is
    shown again with the next `show`: so no line of theirs is broken. It is cut at a comma
    rather than wrapped.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.RLock()  # others log from threads of their own
        self._shown = False
        self._at_start = True
        self._diverted: list[logging.StreamHandler[Any]] = []

    def __enter__(self) -> Self:
        for handler in logging.root.handlers:
            if isinstance(handler, logging.StreamHandler) and handler.stream is self._stream:
                handler.setStream(self)
                self._diverted.append(handler)
        sys.stderr = self
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._clear()
        sys.stderr = self._stream
        for handler in self._diverted:
            handler.setStream(self._stream)
        self._diverted.clear()

    def show(self, parts: Sequence[str]) -> None:
        """Show as many of the parts, from the first, as the terminal is wide."""
        with self._lock:
            if self._at_start:  # else somebody has not finished a line
                self._stream.write(_CLEARED + fitting(parts, self._columns() - 1))
                self._stream.flush()
                self._shown = True

    def write(self, text: str) -> int:
        """What somebody else prints."""
        with self._lock:
            self._clear()
            if text:
                self._at_start = text.endswith("\n")
            return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _clear(self) -> None:
        with self._lock:
            if self._shown:
                self._stream.write(_CLEARED)
                self._stream.flush()
                self._shown = False

    def _columns(self) -> int:
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or _USUAL_COLUMNS
        except (OSError, ValueError):
            return _USUAL_COLUMNS


def fitting(parts: Sequence[str], columns: int) -> str:
    """The parts that fit, from the first, with commas between them.

    >>> fitting(["12 pages", "3 articles"], 80), fitting(["12 pages", "3 articles"], 12)
    ('12 pages, 3 articles', '12 pages')
    """
    for length in range(len(parts), 0, -1):
        line = ", ".join(parts[:length])
        if len(line) <= columns:
            return line
    return ""
