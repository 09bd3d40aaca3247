"""The processes that clean pages while the crawl goes on fetching.

Each page has a time limit, and a process that dies takes one page with it: both by Pebble's pool,
which starts another process in its place.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from concurrent.futures import TimeoutError as OutOfTime
from concurrent.futures.process import BrokenProcessPool
from functools import partial

from pebble import ProcessExpired, ProcessPool

from pipelines.records import Rejected
from scraper.page_work import Instructions, PageJob, PageWork, work
from scraper.workers import start_worker

# Seconds for one page; the slowest of 70,000 mutated pages took less than 10.
LONGEST_CLEANING = 60.0
_DIED = "the process that cleaned this page died; see the system log for the cause"

_instructions: Instructions | None = None


class Crew:
    """Cleans pages in `processes` others, or here where that is 0."""

    def __init__(
        self, processes: int, instructions: Instructions, *, seconds: float = LONGEST_CLEANING
    ) -> None:
        self._instructions = instructions
        self._seconds = seconds
        self._processes = processes
        self._started = False
        self._pool = _new_pool(processes, instructions) if processes else None

    async def work(self, job: PageJob) -> PageWork:
        """What the page gave; a reject where its cleaning takes too long or kills its process."""
        if self._pool is None:
            return work(job, self._instructions)
        try:
            return await self._work_elsewhere(job)
        except BrokenProcessPool:
            self._renew()
        try:  # of those that were lost with the pool, most had no part in it
            return await self._work_elsewhere(job)
        except BrokenProcessPool:
            self._renew()
            return PageWork(_lost(job, "worker-died", _DIED))

    async def _work_elsewhere(self, job: PageJob) -> PageWork:
        """Raises BrokenProcessPool where a process took the whole pool with it."""
        assert self._pool is not None
        if not self._pool.active and self._started:
            self._renew()
        self._started = True
        try:
            future = self._pool.schedule(_work, args=[job], timeout=self._seconds)
        except RuntimeError as error:  # as Pebble says it when the pool broke just now
            raise BrokenProcessPool(str(error)) from None
        try:
            done: PageWork = await asyncio.wrap_future(future)
        except OutOfTime:
            detail = f"cleaning took more than {self._seconds:g} seconds and was given up"
            return PageWork(_lost(job, "clean-timeout", detail))
        except ProcessExpired:
            return PageWork(_lost(job, "worker-died", _DIED))
        return done

    def _renew(self) -> None:
        """A new pool where the old one has broken: a process died while it was handed work."""
        if self._pool is not None and not self._pool.active:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool = _new_pool(self._processes, self._instructions)
            self._started = False

    def close(self) -> None:
        """End the processes; what they were at is not waited for."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()


def _lost(job: PageJob, reason: str, detail: str) -> Rejected:
    return Rejected(stage="clean", reason=reason, detail=detail, url=job.url)


def _new_pool(processes: int, instructions: Instructions) -> ProcessPool:
    """Processes that share no threads, locks or files with this one, as forked ones would."""
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if context.get_start_method() == "forkserver":
        context.set_forkserver_preload(["scraper.page_work"])
    return ProcessPool(
        max_workers=processes,
        initializer=partial(_start, instructions),
        context=context,
    )


def _start(instructions: Instructions) -> None:
    """In a new process: take the instructions; leave Ctrl-C to the parent, and end with it."""
    global _instructions  # set once in the life of a process, before its first page
    _instructions = instructions
    start_worker()


def _work(job: PageJob) -> PageWork:
    assert _instructions is not None
    return work(job, _instructions)
