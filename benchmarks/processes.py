"""What a command's processes use while it runs: processor time and memory, read from `/proc`.

used = watched([sys.executable, "-m", "scrapy", …], cwd=…)
used.main.seconds, used.children.seconds, used.main.peak
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PROC = Path("/proc")
# Seconds between two looks: what a process uses after the last of them is not seen.
INTERVAL = 0.1
TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Use:
    """Processor seconds, and resident memory now and at most, in MB (10^6 bytes)."""

    seconds: float = 0.0
    resident: float = 0.0
    peak: float = 0.0


@dataclass
class Used:
    """A command that ran: its own process, and all those below it."""

    started: float  # of the monotonic clock
    ended: float = 0.0
    status: int = 0
    main: Use = field(default_factory=Use)
    below: dict[int, Use] = field(default_factory=dict)

    @property
    def children(self) -> Use:
        """The sum over all processes below the command's own; `peak` is that of the largest."""
        return Use(
            seconds=sum(use.seconds for use in self.below.values()),
            resident=sum(use.resident for use in self.below.values()),
            peak=max((use.peak for use in self.below.values()), default=0.0),
        )


def watched(
    command: Sequence[str],
    *,
    cwd: Path,
    log: Path,
    environment: Mapping[str, str] | None = None,
    look: Callable[[Used], None] | None = None,
) -> Used:
    """Run the command to its end; `look` is called every `INTERVAL` seconds. What it prints goes
    to the file `log`."""
    with log.open("wb") as output:
        used = Used(time.monotonic())
        process = subprocess.Popen(
            command,
            cwd=cwd,
            stdout=output,
            stderr=output,
            env={**os.environ, **(environment or {})},
        )
        while process.poll() is None:
            _look(process.pid, used)
            if look:
                look(used)
            time.sleep(INTERVAL)
        used.ended, used.status = time.monotonic(), process.returncode
    return used


def processor_seconds(pid: int) -> float:
    """User and system time of one process so far, all its threads."""
    fields = _fields(pid)
    return (int(fields[11]) + int(fields[12])) / TICK if fields else 0.0


def _look(root: int, used: Used) -> None:
    for use in used.below.values():
        use.resident = 0.0
    _update(root, used.main)
    for pid in _descendants(root):
        _update(pid, used.below.setdefault(pid, Use()))


def _update(pid: int, use: Use) -> None:
    fields = _fields(pid)
    if fields:
        use.seconds = (int(fields[11]) + int(fields[12])) / TICK
        use.resident = int(fields[21]) * PAGE / 1e6
        use.peak = max(use.peak, use.resident)


def _fields(pid: int) -> list[str] | None:
    """The fields of `/proc/PID/stat` behind the name, which may hold spaces; None once it ended."""
    try:
        return (PROC / str(pid) / "stat").read_text("utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _descendants(root: int) -> list[int]:
    found, pending = [], [root]
    while pending:
        pid = pending.pop()
        try:
            tasks = list((PROC / str(pid) / "task").iterdir())
            below = [
                int(child)
                for task in tasks
                for child in (task / "children").read_text("ascii").split()
            ]
        except (FileNotFoundError, ProcessLookupError):
            continue
        found += below
        pending += below
    return found
