"""One host, asked by many processes as if by one: the delay and the requests at a time hold for all
of them together, and a host that asks to be left alone is left alone by all."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from scraper.shared.server import Server

_SCRIPT = "gate.lua"


class Gate:
    """Grants requests. `most` of a host at a time; one that has not come back after `lost` seconds
    is taken for lost, with its process."""

    def __init__(self, server: Server, run_id: str, most: int, lost: float) -> None:
        self._server = server
        self._run_id = run_id
        self._most = most
        self._lost = int(lost * 1000)
        self._numbers = count()
        self._script = server.script(_SCRIPT)

    def ticket(self) -> str:
        """A name for a request that is not given twice."""
        return f"{self._run_id}:{next(self._numbers)}"

    def enter(self, host: str, delay: float, ticket: str) -> float:
        """0.0 where the request may be sent now, or the seconds after which to ask again."""
        milliseconds = int(delay * 1000)
        wait = self._server.run(
            *(self._script, host, milliseconds, self._most, ticket, self._lost, self._run_id)
        )
        return float(wait) / 1000

    def leave(self, host: str, ticket: str) -> None:
        """The request has come back."""
        self._server.ask(
            [("ZREM", f"busy:{host}", ticket), ("HDEL", f"gates:{self._run_id}", ticket)]
        )

    def hold(self, holds: Mapping[str, float], now: float) -> None:
        """Tell the others which hosts are to be left alone, and for how many seconds."""
        if holds:
            pairs = (part for host, left in holds.items() for part in (now + left, host))
            # The longest that anyone was asked for holds.
            self._server.ask_one("ZADD", "paused", "GT", *pairs)

    def held(self, now: float) -> dict[str, float]:
        """The same, as all have told it."""
        over, bounds = ("ZREMRANGEBYSCORE", "paused", "-inf", repr(now)), ("-inf", "+inf")
        told = self._server.ask([over, ("ZRANGEBYSCORE", "paused", *bounds, "WITHSCORES")])[1]
        return {host.decode(): float(until) - now for host, until in told}
