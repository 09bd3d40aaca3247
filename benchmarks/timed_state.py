"""Runs a Scrapy command, and writes down how long the crawl state's own functions took.

    python -m benchmarks.timed_state FILE crawl articles -a url=…

FILE becomes a JSON object: function of `scraper.state` to [calls, seconds by the clock, seconds of
the processor]. Time counts for the function that was called from outside `scraper.state`, with all
that it calls in there: the sum is what the state costs. The clock's has the waiting for the disk
in it, and on a busy machine that for a processor. Threads are told apart.
"""

from __future__ import annotations

import atexit
import importlib
import inspect
import json
import pkgutil
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import is_dataclass
from functools import wraps
from pathlib import Path
from typing import Any

from scrapy.cmdline import execute

import scraper.state


class Clock:
    """Calls and seconds by function, of the outermost calls alone."""

    def __init__(self) -> None:
        self.spent: dict[str, tuple[int, float, float]] = {}
        self._inside = threading.local()

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, timed where no timed function calls it."""

        @wraps(function)
        def call(*arguments: Any, **options: Any) -> Any:
            if getattr(self._inside, "yes", False):
                return function(*arguments, **options)
            self._inside.yes = True
            started, worked = time.perf_counter(), time.thread_time()
            try:
                return function(*arguments, **options)
            finally:
                took, worked = time.perf_counter() - started, time.thread_time() - worked
                self._inside.yes = False
                calls, clock, processor = self.spent.get(name, (0, 0.0, 0.0))
                self.spent[name] = (calls + 1, clock + took, processor + worked)

        return call


def time_state(clock: Clock) -> None:
    """Put a timed function in the place of each method that a class of `scraper.state` defines."""
    for module_info in pkgutil.iter_modules(scraper.state.__path__, "scraper.state."):
        module = importlib.import_module(module_info.name)
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ != module.__name__ or is_dataclass(kind):  # these are values
                continue
            for name, function in list(vars(kind).items()):
                if inspect.isfunction(function) and (
                    not name.startswith("_") or name == "__init__"
                ):
                    label = f"{module_info.name.rpartition('.')[2]}.{kind.__name__}.{name}"
                    setattr(kind, name, clock.timed(label, function))


if __name__ == "__main__":
    clock = Clock()
    time_state(clock)
    told, *behind = sys.argv[1:]
    atexit.register(lambda: Path(told).write_text(json.dumps(clock.spent), "utf-8"))
    execute(["scrapy", *behind])
