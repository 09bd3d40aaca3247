"""What the world does to a crawl: full disks, damaged files, signals, clocks that go wrong.

Each fault is a real one, met by a real process. It is told in a sentence, and the same command, run
again when the world is in order, loses nothing and doubles nothing.
"""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crawls import IMPOLITE, Crawl, crawl
from tests.servers import serve
from tests.test_crash import records, site

pytestmark = pytest.mark.slow

SETTINGS = (*IMPOLITE, "CHECKPOINT_SECONDS=0.2", "DISK_FREE_MIN=0")


def exported(output: Path) -> Counter[str]:
    """How often the article of each path was exported, over all runs."""
    return Counter("/" + record["url"].split("/", 3)[3] for record in records(output))


def articles(pages: int) -> Counter[str]:
    """Each article of `site(pages)`, once."""
    return Counter(f"/{number}.html" for number in range(pages))


def again(output: Path, url: str, *arguments: str, settings: tuple[str, ...] = SETTINGS) -> Crawl:
    """The same command, which is to succeed."""
    result = crawl(output, f"url={url}/", *arguments, settings=settings)
    assert result.status in (0, 3), result.stderr
    assert "Traceback" not in result.stderr
    assert not list(output.glob("runs/.*"))
    return result


class Disk:
    """A small file system of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def make(self, size: str) -> None:
        """Of `size` bytes, as mount(8) writes it."""
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(self.path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")

    def grow(self, size: str) -> None:
        """Make room."""
        subprocess.run(["mount", "-o", f"remount,size={size}", str(self.path)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    path = tmp_path / "disk"
    path.mkdir()
    yield Disk(path)
    subprocess.run(["umount", str(path)], capture_output=True, check=False)


# How far the crawl comes: the state finds no room first, then the archive, the articles, or all of
# them.
DISK_SIZES = {"no run": "60k", "first pages": "100k", "some pages": "300k", "nearly all": "800k"}


@pytest.mark.parametrize("size", DISK_SIZES.values(), ids=DISK_SIZES)
def test_a_full_disk_ends_the_crawl_and_room_lets_it_go_on(disk: Disk, size: str) -> None:
    disk.make(size)
    output = disk.path / "output"
    with serve(site(80)) as server:
        stopped = crawl(output, f"url={server.url}/", settings=SETTINGS)
        assert stopped.status == 1
        assert "Traceback" not in stopped.stderr
        assert stopped.stderr.count("run the same command again: nothing is lost") == 1
        assert len(stopped.stderr.splitlines()) <= 2
        assert not list(output.glob("runs/[!.]*"))
        disk.grow("50m")
        again(output, server.url)
    assert exported(output) == articles(80)
