"""What the browser's processes hold, and an end for the one that holds too much. Linux only.

Chromium bounds what scripts keep as objects, but not what they keep as bytes. Elsewhere than on
Linux, that first bound must do.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

logger = logging.getLogger(__name__)

_PROCESSES = Path("/proc")
# What Chromium calls a process that holds a page.
_PAGE_PROCESS = b"--type=renderer"
# Bytes of one page: an ordinary one takes 100 to 300 MB, and three times that is a fault.
MOST = 1_000_000_000
# Seconds between two looks: a script fills a gigabyte in about one.
_EACH = 0.25


async def watch(most: int = MOST) -> None:
    """End every page process below this one that holds more than `most` bytes, until cancelled."""
    while _PROCESSES.exists():
        for pid, held in page_processes(os.getpid()):
            if held > most:
                logger.info("a page of the browser held %d MB and was ended", held // 1_000_000)
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(_EACH)


def page_processes(parent: int) -> Iterator[tuple[int, int]]:
    """Process id and bytes in memory of each process below `parent` that holds a page."""
    for pid in _below(parent):
        with suppress(OSError, ValueError, IndexError):
            if _PAGE_PROCESS in (_PROCESSES / str(pid) / "cmdline").read_bytes():
                pages = int((_PROCESSES / str(pid) / "statm").read_text("ascii").split()[1])
                yield pid, pages * os.sysconf("SC_PAGE_SIZE")


def _below(parent: int) -> Iterator[int]:
    for tasks in (_PROCESSES / str(parent)).glob("task/*/children"):
        with suppress(OSError):  # it has ended meanwhile
            for child in tasks.read_text("ascii").split():
                yield int(child)
                yield from _below(int(child))
