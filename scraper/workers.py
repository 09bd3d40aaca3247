"""Clean many files in several processes, results in the order of the files.

A worker that dies (a crash in a C library, the kernel short of memory) takes the whole pool with
it. The files that were in flight are then cleaned again one by one, each in a process of its own
pool, so that only the one that kills its worker is refused, with the reason `worker-died`.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Self

from pipelines import Article, Rejected
from scraper.cleaning import clean_file

Outcome = Article | Rejected
CleanOne = Callable[[str], Outcome]

# Files a task: enough to make the way between processes (about 0.2 ms) cheap beside the cleaning.
FILES_A_TASK = 16
# Tasks in flight for each worker: one at work, and two waiting so that none runs dry while the
# parent writes. Bounds the records in memory.
TASKS_A_WORKER = 3


class Workers:
    """A pool of processes that clean files; use in a `with` block.

    `clean_one` makes one file a record; workers find it by its name, so it is a module's function.
    """

    def __init__(self, count: int, clean_one: CleanOne = clean_file) -> None:
        self._count = count
        self._clean_one = clean_one
        self._pool = _new_pool(count)
        self._spare: ProcessPoolExecutor | None = None
        self._tasks: deque[tuple[Sequence[str], Future[list[Outcome]] | None]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for pool in (self._pool, self._spare):
            if pool:
                pool.shutdown(wait=True, cancel_futures=True)

    def clean(self, files: Sequence[str]) -> Iterator[Outcome]:
        """A record for every file, in order."""
        for start in range(0, len(files), FILES_A_TASK):
            self._submit(files[start : start + FILES_A_TASK])
            if len(self._tasks) >= self._count * TASKS_A_WORKER:
                yield from self._take()
        while self._tasks:
            yield from self._take()

    def _submit(self, files: Sequence[str]) -> None:
        try:
            self._tasks.append((files, self._pool.submit(_clean_all, self._clean_one, files)))
        except BrokenProcessPool:
            self._tasks.append((files, None))

    def _take(self) -> list[Outcome]:
        """Results of the oldest task; None in place of its future says that it was lost."""
        files, future = self._tasks[0]
        try:
            if future:
                done = future.result()
                self._tasks.popleft()
                return done
        except BrokenProcessPool:
            self._renew()
        self._tasks.popleft()
        return [self._clean_alone(file) for file in files]

    def _renew(self) -> None:
        """A new pool in place of the broken one; marks the tasks that were lost with it."""
        self._pool.shutdown(wait=True)
        self._tasks = deque((files, _unless_lost(future)) for files, future in self._tasks)
        self._pool = _new_pool(self._count)

    def _clean_alone(self, file: str) -> Outcome:
        self._spare = self._spare or _new_pool(1)
        try:
            return self._spare.submit(_clean_all, self._clean_one, [file]).result()[0]
        except BrokenProcessPool:
            self._spare.shutdown(wait=True)
            self._spare = None
            detail = "the process that cleaned this file died; see the system log for the cause"
            return Rejected(stage="clean", reason="worker-died", detail=detail, url=file)


def _unless_lost(future: Future[list[Outcome]] | None) -> Future[list[Outcome]] | None:
    """The future, or None where the pool died before it was done."""
    return None if future is None or isinstance(future.exception(), BrokenProcessPool) else future


def _new_pool(count: int) -> ProcessPoolExecutor:
    """Workers that share no threads or locks with this process, as forked ones would."""
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if context.get_start_method() == "forkserver":
        context.set_forkserver_preload(["scraper.cleaning"])
    return ProcessPoolExecutor(count, mp_context=context, initializer=start_worker)


def start_worker() -> None:
    """Leave Ctrl-C to the parent, and end when the parent is gone, however it went."""
    # What is loaded stays: looking through it again and again, for what could be freed, costs one
    # twentieth of the cleaning.
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _clean_all(clean_one: CleanOne, files: Sequence[str]) -> list[Outcome]:
    """One task of a worker."""
    return [_clean_safely(clean_one, file) for file in files]


def _clean_safely(clean_one: CleanOne, file: str) -> Outcome:
    try:
        return clean_one(file)
    except Exception as error:  # one file must not stop the rest; the reject tells the defect
        detail = f"{type(error).__name__}: {error}"
        return Rejected(stage="clean", reason="error", detail=detail, url=file)
