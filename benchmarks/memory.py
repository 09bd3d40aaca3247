"""Peak memory of one extractor over a list of pages, in a process of its own.

    python -m benchmarks.memory SYSTEM < PATHS

Reads paths of pages (`*.html.gz`), one a line, and prints a JSON object of MB (10^6 bytes):
`after_import`, the resident memory once the system is imported, and `peak`.
"""

from __future__ import annotations

import gzip
import json
import logging
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.systems import SYSTEMS

STATUS = Path("/proc/self/status")
PROJECT = Path(__file__).resolve().parent.parent
# The largest pages set the peak: so many of them are read.
PAGES = 100


def resident(field: str) -> float:
    """`VmRSS` (now) or `VmHWM` (peak) of this process, in MB.

    Not `getrusage`: its peak is handed down from the process that started this one.
    """
    found = re.search(rf"^{field}:\s+(\d+) kB", STATUS.read_text("ascii"), re.MULTILINE)
    assert found, f"{STATUS} has no {field}"
    return int(found[1]) * 1024 / 1e6


def measure(name: str, paths: Sequence[str]) -> dict[str, float]:
    """Run the system over the pages, one at a time, nothing kept."""
    logging.disable(logging.CRITICAL)
    extract = next(system for system in SYSTEMS if system.name == name).load()
    after_import = resident("VmRSS")
    for path in paths:
        try:
            extract(gzip.decompress(Path(path).read_bytes()), None)
        except Exception:  # whatever a system raises: counted by the comparison, not here
            continue
    return {"after_import": after_import, "peak": resident("VmHWM")}


def largest(paths: Sequence[Path]) -> list[Path]:
    """The `PAGES` largest files, in their given order."""
    if len(paths) <= PAGES:
        return list(paths)
    chosen = set(sorted(paths, key=lambda path: -path.stat().st_size)[:PAGES])
    return [path for path in paths if path in chosen]


def measured_apart(name: str, paths: Sequence[Path]) -> dict[str, float] | None:
    """`measure` in a new process; None on systems that do not tell (no `/proc`)."""
    if not STATUS.exists():
        return None
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory", name],
        input="\n".join(map(str, paths)),
        cwd=PROJECT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    # Some systems print; the figures are the last line.
    result: dict[str, float] = json.loads(done.stdout.rstrip().rpartition("\n")[2])
    return result


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], sys.stdin.read().splitlines())))
