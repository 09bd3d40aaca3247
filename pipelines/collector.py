"""The garbage collector at rest while a page is cleaned.

A page makes tens of thousands of small objects that live to its end, none in a cycle. Python's
collector counts them and searches them over and over: a seventh of the time that a page takes.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def uncollected(function: Callable[P, R]) -> Callable[P, R]:
    """`function` with the cyclic collector off while it runs, and on again where it was on."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        if not gc.isenabled():
            return function(*args, **kwargs)
        gc.disable()
        try:
            return function(*args, **kwargs)
        finally:
            gc.enable()

    return call
