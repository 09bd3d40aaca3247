"""What the world does to a crawl: full disks, damaged files, signals, clocks that go wrong.

Each fault is a real one, met by a real process. It is told in a sentence, and the same command, run
again when the world is in order, loses nothing and doubles nothing.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from scrapy.utils.project import get_project_settings

from scraper.reporting import Reports
from tests.crawls import IMPOLITE, Crawl, crawl
from tests.made_runs import account, write_run
from tests.servers import Reply, Server, serve
from tests.test_crash import records, site, start

pytestmark = pytest.mark.slow

SETTINGS = (*IMPOLITE, "CHECKPOINT_SECONDS=0.2", "DISK_FREE_MIN=0")


def exported(output: Path) -> Counter[str]:
    """How often the article of each path was exported, over all runs."""
    return Counter("/" + record["url"].split("/", 3)[3] for record in records(output))


def articles(pages: int) -> Counter[str]:
    """Each article of `site(pages)`, once."""
    return Counter(f"/{number}.html" for number in range(pages))


def names(folder: Path) -> list[str]:
    """What is in a folder, sorted."""
    return sorted(path.name for path in folder.iterdir())


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


def test_a_report_that_has_no_room_leaves_nothing_and_is_told(disk: Disk) -> None:
    disk.make("400k")
    run = account()
    folder = write_run(disk.path / "output", run)
    with suppress(OSError), (disk.path / "filler").open("wb", buffering=0) as filler:
        while filler.write(b"x" * 4096):
            pass
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    told: dict[str, str] = {}
    reports = Reports(get_project_settings(), disk.path / "output", told.__setitem__)
    reports.add(folder, run)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert list(told) == [str(folder / "report.html")]
    assert "No space left" in told[str(folder / "report.html")]


def garbled(path: Path) -> None:
    """Noise in place of all pages but the first and the last."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(random.Random(1).randbytes(size - 8192))


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2 + 100)


def no_database(path: Path) -> None:
    path.write_text("no database at all, but long enough to be looked at\n" * 100)


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


STATE_FAULTS = {
    garbled: "put a backup of it in its place, or move it away",
    cut: "put a backup of it in its place, or move it away",
    no_database: "put a backup of it in its place, or move it away",
    newer: "update Marrow",
    folder: "see that the folder and the file can be written",
}


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of a crawl that went well."""
    output = tmp_path_factory.mktemp("crawled") / "output"
    with serve(site(25)) as server:
        again(output, server.url)
    return output


@pytest.mark.parametrize(
    ("fault", "advice"), STATE_FAULTS.items(), ids=[fault.__name__ for fault in STATE_FAULTS]
)
def test_a_state_that_cannot_be_used_is_told_in_one_line(
    crawled: Path, tmp_path: Path, fault: Callable[[Path], None], advice: str
) -> None:
    output = tmp_path / "output"
    shutil.copytree(crawled, output)
    fault(output / "state.db")
    result = crawl(output, "url=http://127.0.0.1:9/", settings=SETTINGS)
    assert result.status == 1
    (line,) = result.stderr.splitlines()
    assert str(output / "state.db") in line
    assert advice in line
    assert names(output / "runs") == names(crawled / "runs")


def test_a_state_that_is_damaged_meanwhile_is_told_by_the_next_run_at_the_latest(
    tmp_path: Path,
) -> None:
    """What SQLite holds in memory it does not read again: the crawl may come to its end."""
    with serve({path: _slow(reply) for path, reply in site(120).items()}) as server:
        process = start(tmp_path, server.url)
        _await_pages(server, 30)
        for path in tmp_path.glob("state.db*"):
            _overwrite(path)
        _, told = process.communicate(timeout=60)
    assert b"Traceback" not in told
    assert len(told.splitlines()) <= 3
    after = crawl(tmp_path, f"url={server.url}/", settings=SETTINGS)
    assert after.status == 1
    (line,) = after.stderr.splitlines()
    assert "put a backup of it in its place, or move it away" in line


def test_an_archive_that_cannot_be_written_is_told_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("in the way")
    result = crawl(tmp_path, "url=http://127.0.0.1:9/", settings=SETTINGS)
    assert result.status == 1
    (line,) = result.stderr.splitlines()
    assert f"cannot write to the archive folder {tmp_path / 'archive'}" in line
    assert "-s ARCHIVE=False" in line
    assert not list((tmp_path / "runs").iterdir())


def test_a_clock_that_was_set_back_is_told_and_changes_nothing(tmp_path: Path) -> None:
    with serve(site(20)) as server:
        again(tmp_path, server.url, "max_pages=12")
        _live_tomorrow(tmp_path)
        (first,) = names(tmp_path / "runs")
        result = again(tmp_path, server.url)
    (line,) = result.stderr.splitlines()
    assert "The clock of this machine stands 24.0 hours before the last run: set it right." in line
    assert exported(tmp_path) == articles(20)
    assert names(tmp_path / "runs")[0] == first


def _live_tomorrow(output: Path) -> None:
    """Have the only run seem to be of tomorrow: its name, and its moments in the state."""
    (run,) = (output / "runs").iterdir()
    tomorrow = datetime.strptime(run.name[:16], "%Y%m%dT%H%M%SZ") + timedelta(days=1)
    name = f"{tomorrow:%Y%m%dT%H%M%SZ}-0000"
    run.rename(run.with_name(name))
    with closing(sqlite3.connect(output / "state.db")) as database:
        database.execute(
            "UPDATE runs SET run_id = ?, checkpoint = checkpoint + 86400",
            (name,),
        )
        database.execute("UPDATE pages SET due = due + 86400 WHERE due > 0")
        database.commit()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_crawl_that_is_stopped_goes_on_with_the_same_command(tmp_path: Path, sent: int) -> None:
    with serve({path: _slow(reply) for path, reply in site(120).items()}) as server:
        process = start(tmp_path, server.url)
        _await_pages(server, 30)
        process.send_signal(sent)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 1, told
        assert b"stopped before its end; what was found by then is exported" in told
        assert 0 < exported(tmp_path).total() < 120
        again(tmp_path, server.url)
    assert exported(tmp_path) == articles(120)


def test_a_second_ctrl_c_ends_the_crawl_at_once(tmp_path: Path) -> None:
    with serve({path: _slow(reply, 3.0) for path, reply in site(60).items()}) as server:
        process = start(tmp_path, server.url, "CONCURRENT_REQUESTS_PER_DOMAIN=30")
        _await_pages(server, 12)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=5)
        assert process.returncode == 1
        assert b"Traceback" not in told
    with serve(site(60), server.port) as server:
        again(tmp_path, server.url)
    assert exported(tmp_path) == articles(60)


BUDGETS = {
    "max_pages": ("max_pages=25", 0.0, 4, "max_pages"),
    "max_minutes": ("max_minutes=0.1", 0.5, 20, "closespider_timeout"),
}


@pytest.mark.parametrize(("budget", "delay", "most", "reason"), BUDGETS.values(), ids=BUDGETS)
def test_runs_with_a_budget_export_everything_once_together(
    tmp_path: Path, budget: str, delay: float, most: int, reason: str
) -> None:
    reasons = []
    with serve({path: _slow(reply, delay) for path, reply in site(60).items()}) as server:
        while exported(tmp_path).total() < 60 and len(reasons) < most:
            reasons.append(again(tmp_path, server.url, budget).run["exit_reason"])
    assert exported(tmp_path) == articles(60)
    assert len(reasons) > 1
    assert set(reasons[:-1]) == {reason}


def test_a_cleaning_process_that_is_killed_takes_one_page_with_it(tmp_path: Path) -> None:
    with serve({path: _slow(reply) for path, reply in site(120).items()}) as server:
        process = start(tmp_path, server.url)
        _await_pages(server, 30)
        for worker in _workers(process.pid):
            os.kill(worker, signal.SIGKILL)
        _, told = process.communicate(timeout=60)
        lost = 120 - exported(tmp_path).total()
        assert lost <= 2
        (run,) = (tmp_path / "runs").iterdir()
        rejected = [json.loads(line) for line in (run / "rejected.jsonl").open()]
        assert sum(each["reason"] == "worker-died" for each in rejected) == lost
        assert process.returncode == 0, told


def _workers(pid: int) -> list[int]:
    """The cleaning processes of a crawl: what its fork server has started."""
    children = [int(child) for child in _children(pid)]
    return [int(worker) for child in children for worker in _children(child)]


def _children(pid: int) -> list[str]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [child for task in tasks for child in task.read_text().split()]


def test_a_recovery_that_is_killed_is_taken_up_by_the_next(tmp_path: Path) -> None:
    moments = random.Random(7)
    output, file = tmp_path / "output", tmp_path / "x.jsonl"
    with serve({path: _slow(reply) for path, reply in site(100).items()}) as server:
        process = start(output, server.url, file=file)
        _await_pages(server, 80)
        process.kill()
        process.communicate()
        for _ in range(8):
            process = start(output, server.url, file=file)
            try:
                process.communicate(timeout=moments.uniform(0.7, 1.8))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
        process = start(output, server.url, file=file)
        _, told = process.communicate(timeout=60)
        assert process.returncode in (0, 3), told
    assert exported(output) == articles(100)
    urls = [json.loads(line)["url"].rsplit("/", 1)[1] for line in file.open()]
    assert Counter(f"/{url}" for url in urls) == articles(100)
    assert names(tmp_path) == ["output", "x.jsonl"]
    assert not list(output.glob("runs/*/.*"))


def test_a_killed_run_of_parquet_alone_is_published_as_that(tmp_path: Path) -> None:
    output, file = tmp_path / "output", tmp_path / "x.jsonl.gz"
    with serve({path: _slow(reply) for path, reply in site(60).items()}) as server:
        process = start(output, server.url, "FORMATS=parquet", file=file)
        _await_pages(server, 40)
        process.kill()
        process.communicate()
        process = start(output, server.url, "FORMATS=parquet", file=file)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 0, told
    urls: list[str] = []
    for run in sorted((output / "runs").iterdir()):
        files = ["articles.parquet", "rejected.jsonl"]
        assert names(run) == [*files, "run.json"]
        assert json.loads((run / "run.json").read_text())["files"] == files
        urls += pd.read_parquet(run / "articles.parquet")["url"].tolist()
    assert Counter("/" + url.rsplit("/", 1)[1] for url in urls) == articles(60)
    with gzip.open(file) as lines:
        assert [json.loads(line)["url"] for line in lines] == urls


def test_an_older_state_brought_back_loses_nothing(tmp_path: Path) -> None:
    """The backup is taken in mid-run, as docs/cron.md has it; the runs stay as they are."""
    with serve({path: _slow(reply) for path, reply in site(80).items()}) as server:
        process = start(tmp_path, server.url)
        _await_pages(server, 40)
        with (
            closing(sqlite3.connect(tmp_path / "state.db")) as state,
            closing(sqlite3.connect(tmp_path / "backup")) as backup,
        ):
            state.backup(backup)
        process.communicate(timeout=60)
        for path in tmp_path.glob("state.db*"):
            path.unlink()
        (tmp_path / "backup").rename(tmp_path / "state.db")
        again(tmp_path, server.url)
    found = exported(tmp_path)
    assert set(found) == set(articles(80))
    assert max(found.values()) == 2


def _slow(reply: Reply | str, delay: float = 0.02) -> Reply:
    return Reply(reply, delay=delay) if isinstance(reply, str) else replace(reply, delay=delay)


def _await_pages(server: Server, count: int) -> None:
    deadline = time.monotonic() + 60
    while len(server.asked) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(random.Random(2).randbytes(path.stat().st_size))
