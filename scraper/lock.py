"""One run at a time in an output folder: `OUTPUT_DIR/.lock`.

The lock is the operating system's (flock, by filelock): it ends with the process that holds it,
however that ends, so nothing is ever left to clear away. Into the same file its owner writes who it
is, for the message of those who come second; that note may outlive a killed owner, and means
nothing without the lock.
"""

from __future__ import annotations

import atexit
import contextlib
import getpass
import json
import logging
import os
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from scraper.account import iso
from scraper.outputs import OutputError, require_writable

logger = logging.getLogger(__name__)

# Bytes of a note that are read; a note is a few hundred long.
_NOTE_LIMIT = 65_536


class Locked(Exception):  # noqa: N818  # what a user reads is that it is locked, no error
    """Another run is using the folder; the message says which, since when, and what to do."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who holds a lock. `what` names the run, `since` is the ISO time at which it took the lock."""

    what: str
    pid: int
    user: str
    host: str
    since: str

    def tell(self, now: datetime) -> str:
        """The owner in words: `run X, process 7 of user ana on host db1, for 3 hours`."""
        return (
            f"{self.what}, process {self.pid} of user {self.user} on host {self.host}, "
            f"{_age(self.since, now)}"
        )


class RunLock:
    """The lock of an output folder; `what` names the run to those who come second."""

    def __init__(self, output: Path, what: str) -> None:
        self._output = output
        self._what = what
        self._descriptor = -1  # filelock's, lent to us while the lock is held
        # A lock by mere existence of a file would outlive a killed owner: rather no run at all.
        self._lock = FileLock(
            output / ".lock",
            blocking=False,
            thread_local=False,
            fallback_to_soft=False,
            on_acquired=self._sign,
        )

    def acquire(self) -> None:
        """Take the lock, at once or not at all. Raises Locked, or OutputError."""
        require_writable(self._output)
        try:
            self._lock.acquire()
        except Timeout:
            raise Locked(self._refusal()) from None
        except OSError as error:
            raise OutputError(
                f"cannot lock the output folder {self._output}: {error.strerror or error}; choose "
                "one of your own on a local disk with -s OUTPUT_DIR=FOLDER"
            ) from None
        # A run that ends before its crawl has begun, by a mistake of its user, lets go as well.
        atexit.register(self.release)

    def release(self) -> None:
        """Let go of the lock, where it is held."""
        if self._lock.is_locked:
            with contextlib.suppress(OSError):  # a note without a lock means nothing
                os.ftruncate(self._descriptor, 0)
            self._lock.release()
        atexit.unregister(self.release)

    def rename(self, what: str) -> None:
        """Tell those who come second another name of the run; the lock is held."""
        self._what = what
        self._write_note()

    def _sign(self, descriptor: int) -> None:
        """Write who holds the lock, through its own descriptor.

        On NFS the lock would end with any other descriptor of the file that this process closes.
        """
        left = os.pread(descriptor, _NOTE_LIMIT, 0)
        if left:
            earlier = _owner(left)
            logger.info(
                "The lock of %s was left by %s, which has ended; it is taken over",
                self._output,
                earlier.tell(datetime.now(UTC)) if earlier else "a run that is not known",
            )
        self._descriptor = descriptor
        self._write_note()

    def _write_note(self) -> None:
        note = json.dumps(asdict(_this_process(self._what))).encode()
        with contextlib.suppress(OSError):  # a full disk: the lock holds without a note
            # In this order, a reader finds a whole note first, whatever is left of an earlier one.
            os.pwrite(self._descriptor, note, 0)
            os.ftruncate(self._descriptor, len(note))

    def _refusal(self) -> str:
        owner = _owner(_read(self._output / ".lock"))
        # The note of a killed run stands there until the next one has written its own.
        known = owner and not _has_ended(owner)
        holder = owner.tell(datetime.now(UTC)) if owner and known else "a run that has just begun"
        return (
            f"the output folder {self._output} is in use by {holder}; "
            "try again when that run has ended, or write elsewhere with -s OUTPUT_DIR=FOLDER"
        )


def _this_process(what: str) -> Owner:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user identifier without a name, as in containers
        user = str(os.getuid())
    return Owner(what, os.getpid(), user, platform.node(), iso(datetime.now(UTC)))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_NOTE_LIMIT)
    except OSError:
        return b""


def _owner(note: bytes) -> Owner | None:
    """The owner that a note names; None for one that is missing, half-written or no note."""
    try:
        value, _ = json.JSONDecoder().raw_decode(note.decode("utf-8", "replace"))
        owner = Owner(**value)
        if not isinstance(owner.pid, int) or not isinstance(owner.since, str):
            return None
    except (ValueError, TypeError, RecursionError):
        return None
    return owner


def _has_ended(owner: Owner) -> bool:
    """Whether the process is surely gone; of another machine's nothing can be said."""
    if owner.host != platform.node():
        return False
    try:
        os.kill(owner.pid, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:  # the process is there, and another user's
        return False
    return False


def _age(since: str, now: datetime) -> str:
    """`for 3 hours`, `since 2026-…` where the clock has been set back, or nothing."""
    try:
        seconds = (now - datetime.fromisoformat(since)).total_seconds()
    except (ValueError, TypeError):
        return "since a time that is not known"
    return f"since {since}" if seconds < 0 else f"for {in_words(seconds)}"


def in_words(seconds: float) -> str:
    """A stretch of time by its two largest units.

    >>> in_words(59), in_words(61), in_words(3 * 3600 + 300), in_words(86400 * 2 + 3600)
    ('less than a minute', '1 minute', '3 hours 5 minutes', '2 days 1 hour')
    """
    minutes = int(seconds // 60)
    parts = {"day": minutes // 1440, "hour": minutes // 60 % 24, "minute": minutes % 60}
    told = [f"{count} {unit}{'' if count == 1 else 's'}" for unit, count in parts.items() if count]
    return " ".join(told[:2]) or "less than a minute"
