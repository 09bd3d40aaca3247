"""Two runs never share an output folder, and a dead one is in nobody's way."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.exit_status import LOCKED
from scraper.lock import Locked, RunLock, in_words
from scraper.outputs import OutputError

from .conftest import ROOT, scrapy_command, scrapy_environment
from .servers import Reply, serve

# Seconds until something that takes one or two has gone wrong.
PATIENCE = 60
# Seconds that a page takes, so that the crawl which waits for it is still there.
SLOW = 300


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "output"


def wait_for(what: str, path: Path) -> None:
    """Until the file holds something."""
    deadline = time.monotonic() + PATIENCE
    while not (path.exists() and path.stat().st_size):
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def start(output: Path, url: str) -> subprocess.Popen[str]:
    options = ["-a", f"url={url}", "-s", f"OUTPUT_DIR={output}", "-s", "ROBOTSTXT_OBEY=False"]
    return subprocess.Popen(
        scrapy_command("crawl", "articles", *options),
        cwd=ROOT,
        env=scrapy_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextlib.contextmanager
def crawling(output: Path, url: str) -> Iterator[subprocess.Popen[str]]:
    """A crawl that holds the lock and goes on until it is killed."""
    with start(output, url) as process:
        try:
            wait_for("the lock", output / ".lock")
            yield process
        finally:
            process.kill()
            process.communicate(timeout=PATIENCE)


@pytest.mark.slow
def test_a_second_crawl_is_refused_and_says_whose_the_first_is(output: Path) -> None:
    with (
        serve({"/": Reply("<p>slow", delay=SLOW)}) as site,
        crawling(output, site.url) as first,
    ):
        second = start(output, site.url)
        stdout, stderr = second.communicate(timeout=PATIENCE)
        assert second.returncode == LOCKED == 75
        assert stdout == ""
        (line,) = stderr.splitlines()
        (run,) = (output / "runs").iterdir()
        assert f"run {run.name[1:-4]}, process {first.pid} of user " in line
        assert f"on host {platform.node()}, for less than a minute" in line
        assert "try again when that run has ended" in line


@pytest.mark.slow
def test_a_killed_crawl_is_in_nobodys_way(output: Path) -> None:
    with serve({"/": Reply("<p>slow", delay=SLOW)}) as site:
        with crawling(output, site.url):
            pass
        assert (output / ".lock").read_bytes()  # the note of the killed one
        with crawling(output, site.url) as second:
            deadline = time.monotonic() + PATIENCE
            while f'"pid": {second.pid},' not in (output / ".lock").read_text():
                assert second.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.parametrize("attempt", range(5))
def test_of_two_that_start_at_once_exactly_one_runs(
    output: Path,
    attempt: int,  # noqa: ARG001
) -> None:
    with serve({"/": Reply("<p>slow", delay=SLOW)}) as site:
        both = [start(output, site.url) for _ in range(2)]
        try:
            deadline = time.monotonic() + PATIENCE
            while not (ended := [one for one in both if one.poll() is not None]):
                assert time.monotonic() < deadline
                time.sleep(0.02)
            assert [one.returncode for one in ended] == [LOCKED]
            while not (runs := list((output / "runs").glob("*"))):
                assert time.monotonic() < deadline
                time.sleep(0.02)
            assert len(runs) == 1
        finally:
            for one in both:
                one.kill()
                one.communicate(timeout=PATIENCE)


@pytest.mark.slow
def test_a_crawl_that_ends_leaves_no_note(output: Path) -> None:
    with serve({"/": "<p>hello"}) as site:
        start(output, site.url).communicate(timeout=PATIENCE)
    assert (output / ".lock").read_bytes() == b""


HOLDER = """
import multiprocessing, os, subprocess, sys, time
from pathlib import Path
from scraper.lock import RunLock

def child(folder):
    (Path(folder) / f"child-{os.getpid()}").write_text("here")
    time.sleep(300)

if __name__ == "__main__":
    folder, method = sys.argv[1:]
    RunLock(Path(folder), "run 1").acquire()
    if method == "exec":
        code = "import os, pathlib, time; pathlib.Path(f'child-{os.getpid()}').write_text('here')"
        subprocess.Popen([sys.executable, "-c", code + "; time.sleep(300)"],
                         cwd=folder, close_fds=False)
    else:
        multiprocessing.get_context(method).Process(target=child, args=(folder,)).start()
    time.sleep(300)
"""


@pytest.mark.slow
@pytest.mark.parametrize("method", ["forkserver", "spawn", "fork", "exec"])
def test_a_child_that_outlives_its_killed_parent_does_not_keep_the_lock(
    tmp_path: Path, output: Path, method: str
) -> None:
    """Whichever way the child was made: one may come from a library."""
    output.mkdir()
    (tmp_path / "holder.py").write_text(HOLDER)
    parent = subprocess.Popen(
        [sys.executable, tmp_path / "holder.py", output, method],
        env={**scrapy_environment(), "PYTHONPATH": str(ROOT)},
    )
    deadline = time.monotonic() + PATIENCE
    while not (children := list(output.glob("child-*"))):
        assert parent.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    child = int(children[0].name.partition("-")[2])
    try:
        with pytest.raises(Locked):
            RunLock(output, "run 2").acquire()
        parent.kill()
        parent.wait(PATIENCE)
        os.kill(child, 0)  # it lives
        lock = RunLock(output, "run 2")
        lock.acquire()
        lock.release()
    finally:
        os.kill(child, signal.SIGKILL)
        parent.kill()


def test_a_lock_can_be_taken_again_when_it_was_let_go(output: Path) -> None:
    first, second = RunLock(output, "run 1"), RunLock(output, "run 2")
    first.acquire()
    with pytest.raises(Locked, match="in use by run 1, process"):
        second.acquire()
    first.release()
    first.release()
    second.acquire()
    with pytest.raises(Locked, match="in use by run 2, process"):
        first.acquire()
    second.release()


NOTE = {"what": "run 1", "pid": 1, "user": "ana", "host": "db1", "since": "2020-01-31T09:30:00Z"}
NOTES = {
    "empty": b"",
    "half-written": json.dumps(NOTE).encode()[:30],
    "another file": b"\xff\xfe\x00 garbage",
    "no object": b"[1, 2]",
    "a key too few": b'{"what": "run 1"}',
    "other types": json.dumps({**NOTE, "pid": "x", "since": None}).encode(),
    "very deep": b"[" * 60_000,
    "very long": b'"' + b"x" * 1_000_000,
}


@pytest.mark.parametrize("note", NOTES.values(), ids=NOTES.keys())
def test_any_note_is_borne(output: Path, note: bytes) -> None:
    lock = RunLock(output, "run 2")
    output.mkdir()
    (output / ".lock").write_bytes(note)
    lock.acquire()
    (output / ".lock").write_bytes(note)
    with pytest.raises(Locked) as refused:
        RunLock(output, "run 3").acquire()
    assert "in use by a run that has just begun" in str(refused.value)
    assert len(str(refused.value)) < 500
    lock.release()


def test_the_message_tells_the_owner_of_another_machine_and_the_age(output: Path) -> None:
    lock = RunLock(output, "run 2")
    lock.acquire()
    (output / ".lock").write_text(json.dumps(NOTE) + "left of a longer note")
    with pytest.raises(Locked, match=r"run 1, process 1 of user ana on host db1, for \d+ days"):
        RunLock(output, "run 3").acquire()
    (output / ".lock").write_text(json.dumps({**NOTE, "since": "2999-01-01T00:00:00Z"}))
    with pytest.raises(Locked, match="db1, since 2999-01-01T00:00:00Z;"):
        RunLock(output, "run 3").acquire()
    lock.release()


def test_a_note_that_was_left_is_told_in_the_log(
    output: Path, caplog: pytest.LogCaptureFixture
) -> None:
    output.mkdir()
    (output / ".lock").write_text(json.dumps(NOTE))
    lock = RunLock(output, "run 2")
    with caplog.at_level("INFO", "scraper.lock"):
        lock.acquire()
    lock.release()
    assert "was left by run 1, process 1 of user ana on host db1" in caplog.text


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot write to the output folder"):
        RunLock(tmp_path / "file", "run 1").acquire()


def test_a_lock_file_that_cannot_be_opened_is_told(output: Path) -> None:
    (output / ".lock").mkdir(parents=True)
    with pytest.raises(OutputError, match=r"cannot lock the output folder .*; choose"):
        RunLock(output, "run 1").acquire()


def test_a_disk_without_room_for_the_note_does_not_prevent_the_lock(output: Path) -> None:
    lock = RunLock(output, "run 1")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        lock.acquire()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with pytest.raises(Locked, match="in use by a run that has just begun"):
        RunLock(output, "run 2").acquire()
    lock.release()


AGES = {
    0: "less than a minute",
    60: "1 minute",
    3 * 3600 + 5 * 60 + 59: "3 hours 5 minutes",
    86_400: "1 day",
    2 * 86_400 + 3600 + 120: "2 days 1 hour",
}


@pytest.mark.parametrize(("seconds", "words"), AGES.items())
def test_ages_in_words(seconds: int, words: str) -> None:
    assert in_words(seconds) == words
