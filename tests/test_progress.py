"""The line that tells how far a crawl is, on a real pseudo-terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from .conftest import ROOT, scrapy_environment
from .crawls import IMPOLITE
from .health_site import article, hub
from .servers import Reply, serve

pytestmark = pytest.mark.slow

TOPICS = "asthma gout fever cough migraine".split()
# A page a third of a second, so that there is something to tell between the first and the last.
ROUTES = {"/": hub(*(f"/{topic}" for topic in TOPICS))} | {
    f"/{topic}": Reply(article(topic), delay=0.35) for topic in TOPICS
}
CLEARED = "\r\x1b[K"
# Scrapy colours its log on a terminal.
LOG_LINE = re.compile(r"(\x1b\[\d+m)?\d{4}-\d\d-\d\d .*")


def on_a_terminal(output: Path, columns: int, *more: str) -> str:
    """What a crawl whose stderr is a terminal of so many columns prints there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    settings = (*IMPOLITE, "CONCURRENT_REQUESTS_PER_DOMAIN=1", f"OUTPUT_DIR={output}")
    with serve(ROUTES) as server:
        command = [sys.executable, "-m", "scrapy", "crawl", "articles", "-a", f"url={server.url}/"]
        command += [word for setting in settings for word in ("-s", setting)]
        with subprocess.Popen(
            [*command, *more],
            cwd=ROOT,
            env=scrapy_environment() | {"TERM": "xterm"},
            stdout=subprocess.DEVNULL,
            stderr=theirs,
        ) as process:
            os.close(theirs)
            said = _read(ours)
            assert process.wait(60) == 0
    os.close(ours)
    return said.replace("\r\n", "\n")


def _read(terminal: int) -> str:
    parts = []
    while True:
        try:
            part = os.read(terminal, 65_536)
        except OSError:  # as Linux says that the other side is closed
            break
        if not part:
            break
        parts.append(part)
    return b"".join(parts).decode()


def test_it_is_shown_and_taken_away_and_breaks_no_line_of_the_log(tmp_path: Path) -> None:
    said = on_a_terminal(tmp_path, 100, "-L", "DEBUG")
    lines = said.split("\n")
    shown = [frame for line in lines for frame in line.split(CLEARED) if "pages/s" in frame]
    assert re.fullmatch(
        r"\d+ pages?, \d+ articles?, \d+ rejected, \d+\.\d pages/s, [01] sites? left", shown[-1]
    )
    for line in lines:
        *before, last = line.split(CLEARED)
        assert all("pages/s" in frame or not frame for frame in before), line
        assert "pages/s" not in last, line
    assert sum(bool(LOG_LINE.fullmatch(line.split(CLEARED)[-1])) for line in lines) > 10


def test_it_never_wraps_on_a_narrow_terminal(tmp_path: Path) -> None:
    frames = on_a_terminal(tmp_path, 24).split(CLEARED)
    assert any(re.fullmatch(r"\d+ pages?, \d+ articles?", frame) for frame in frames)
    assert max(map(len, frames)) < 24


@pytest.mark.parametrize("more", [("-s", "PROGRESS=False"), ("--cron",)], ids=["setting", "cron"])
def test_it_can_be_left_out(tmp_path: Path, more: tuple[str, ...]) -> None:
    assert on_a_terminal(tmp_path, 100, *more) == ""
