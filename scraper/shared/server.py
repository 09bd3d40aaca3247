"""The Redis server that holds a shared frontier: connected to, asked, and its errors put in words.

The connection is scrapy-redis's, so that its settings (REDIS_PARAMS) hold here as well. Its queue
and its filter of duplicates are not used: its queue deletes what it hands out, so that a killed
process takes requests with it, and its filter asks the server about every single link.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from redis import Redis
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.commands.core import Script
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as NoAnswer
from redis.retry import Retry
from scrapy.settings import BaseSettings
from scrapy_redis import connection

from scraper.state import StateError

# The parts of one script, in this order.
_SCRIPT = ("rows.lua", "sessions.lua", "frontier.lua")
# Seconds for an answer of the server, and tries after which it counts as gone; with the waits
# between them some ten seconds in all, in which a server has restarted.
_ANSWER = 10.0
_TRIES = 5
_LONGEST_WAIT = 4.0

# What scripts say to a run whose session is over: by its silence, or with all else.
_SILENT, _EMPTIED = "SILENT", "EMPTIED"
# What a server says, and what is to be done about it.
_ADVICE = {
    "maxmemory": "make room for it (maxmemory)",
    "MISCONF": "make room on its disk",
    "read only replica": "give the address of the server that this one is a copy of",
    "AUTH": "put its password into the address (redis://:PASSWORD@host:6379/0)",
    "invalid username-password": "put the right user and password into the address",
    "invalid password": "put the right user and password into the address",
    "no permissions": "allow its user what a frontier needs (~* +@all)",
    "WRONGTYPE": "choose a name that nothing else on it uses (FRONTIER_NAME)",
    "SSL": "give a redis:// address where it speaks no TLS",
}
# Of the rows and names of a frontier, as `rows.lua` has them.
VERSION = 1

Value = str | int | float | bytes


class Server:
    """The names of one frontier on a Redis server, and the verbs of `frontier.lua`.

    `address`: redis://, rediss:// or unix://. `name`: crawls of other names on the same server are
    others. Raises StateError, as soon as the server cannot be used, and from then on.
    """

    def __init__(self, address: str, name: str, settings: BaseSettings | None = None) -> None:
        self.address = shown_address(address)
        self._prefix = f"{{{name}}}:"
        self._broken: StateError | None = None
        self._batch: list[tuple[Value, ...]] | None = None
        retry = Retry(ExponentialBackoff(cap=_LONGEST_WAIT, base=0.25), _TRIES)
        parameters = settings.getdict("REDIS_PARAMS") if settings else {}
        known = {
            **{"socket_timeout": _ANSWER, "socket_connect_timeout": _ANSWER},
            **parameters,
            "url": address,
        }
        with self._in_words():
            # A wrong address is told at once, before anything starts.
            with connection.get_redis(**{**known, "retry": Retry(NoBackoff(), 0)}) as probe:
                probe.ping()
            patient = {"retry": retry, "retry_on_error": [NoConnection, NoAnswer]}
            self.redis: Redis = connection.get_redis(**{**patient, **known})
        self._script = self.script(*_SCRIPT)

    def call(self, verb: str, *values: Value) -> Any:
        """Carry out a verb now, behind what was gathered before."""
        self.flush()
        return self.run(self._script, verb, *values)

    def script(self, *parts: str) -> Script:
        """A script of files of this folder, to be `run`."""
        folder = Path(__file__).parent
        with self._in_words():
            text = "".join((folder / part).read_text("utf-8") for part in parts)
            return self.redis.register_script(text)

    def run(self, script: Script, *values: Value) -> Any:
        """Run a script with these values; it gets the beginning of all names as its key."""
        with self._in_words():
            return script(keys=[self._prefix], args=list(values))

    def tell(self, verb: str, *values: Value) -> None:
        """Carry out a verb whose answer nobody needs: within `gathering`, at its end."""
        if self._batch is None:
            self.call(verb, *values)
        else:
            self._batch.append((verb, *values))

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """What is told inside goes to the server in one go."""
        if self._batch is not None:
            yield
            return
        self._batch = []
        try:
            yield
            self.flush()
        finally:
            self._batch = None

    def flush(self) -> None:
        """Send what was gathered."""
        if not self._batch:
            return
        batch, self._batch = self._batch, []
        with self._in_words(), self.redis.pipeline(transaction=False) as pipe:
            for told in batch:
                self._script(keys=[self._prefix], args=list(told), client=pipe)
            pipe.execute()

    def ask(self, questions: Sequence[tuple[str, ...]]) -> list[Any]:
        """The answers to plain commands (`("HGETALL", "page:1")`: a name as second word)."""
        self.flush()
        with self._in_words(), self.redis.pipeline(transaction=False) as pipe:
            for command, name, *more in questions:
                pipe.execute_command(command, self._prefix + name, *more)  # type: ignore[no-untyped-call]
            return pipe.execute()

    def ask_one(self, command: str, name: str, *more: Value) -> Any:
        """The answer to one of them."""
        self.flush()
        with self._in_words():
            return self.redis.execute_command(command, self._prefix + name, *more)  # type: ignore[no-untyped-call]

    def first_score(self, name: str, low: str, high: str) -> float | None:
        """The lowest score of a sorted set within bounds; None where it has none."""
        self.flush()
        with self._in_words():
            found: Any = self.redis.zrangebyscore(
                self._prefix + name, low, high, start=0, num=1, withscores=True
            )
        return float(found[0][1]) if found else None

    def seconds(self) -> float:
        """The server's clock, in seconds since the epoch."""
        with self._in_words():
            whole, micro = self.redis.time()
        return float(whole) + float(micro) / 1e6

    def close(self) -> None:
        """Let go of the connection."""
        self.redis.close()

    def break_off(self, error: StateError) -> StateError:
        """From now on, every call raises this error."""
        self._broken = error
        return error

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        if self._broken is not None:
            raise self._broken.with_traceback(None)
        try:
            yield
        except (RedisError, OSError, ValueError) as error:
            raise self.break_off(self._told(error)) from None

    def require_version(self, *, writing: bool) -> None:
        """Refuse a frontier that a newer version of Marrow has written; sign one that is new."""
        written = self.ask_one("GET", "version")
        if written is None and writing:
            self.ask_one("SET", "version", VERSION)
        elif written not in {None, str(VERSION).encode()}:
            raise self.break_off(
                StateError(
                    f"the frontier {self.address} was written by a newer version of Marrow: update "
                    "this one, or choose another frontier with -s FRONTIER_NAME=NAME"
                )
            )

    def _told(self, error: Exception) -> StateError:
        said = str(error) or type(error).__name__
        if _SILENT in said:
            return StateError(
                f"the frontier {self.address} has heard nothing of this run for more than "
                "FRONTIER_LEASE and left its pages to others; run the same command again: nothing "
                "is lost"
            )
        if _EMPTIED in said:
            return StateError(
                f"the frontier {self.address} was emptied while this run went on (restarted "
                "without --appendonly yes, or FLUSHALL): what it knew is gone, and the next run "
                "begins anew"
            )
        advice = next((advice for sign, advice in _ADVICE.items() if sign in said), None)
        if advice is None and isinstance(error, ValueError):
            advice = "give an address such as redis://host:6379/0"
        elif advice is None and isinstance(error, NoConnection | NoAnswer | OSError):
            advice = "start it, or mend the network or the address (rediss:// is for TLS alone)"
        advice = f"{advice or 'see its log'}, and run the same command again"
        told = f"the frontier {self.address} cannot be used ({said}); {advice}: nothing is lost"
        return StateError(told)


def shown_address(address: str) -> str:
    """The address as it may be shown."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address.rpartition("@")[2]
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
