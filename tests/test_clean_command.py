"""`scrapy clean PATH… -o OUT`: what a user with pages on disk is promised.

Every test runs the command, or its pool of workers, in real processes on real files.
"""

from __future__ import annotations

import gzip
import json
import os
import pty
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipelines import Article, Rejected
from scraper.cleaning import LARGEST_PAGE
from scraper.inputs import find
from scraper.workers import FILES_A_TASK, Workers

from .conftest import ROOT, Scrapy, scrapy_command, scrapy_environment

PARAGRAPHS = [
    "Ringworm is a common infection of the skin that is caused by a fungus, not by a worm.",
    "It usually begins as a small, round, itchy patch that grows slowly and clears in the middle.",
    "The infection spreads by contact with people, animals or damp objects such as shared towels.",
    "A cream that is sold without prescription cures most cases within two to four weeks of use.",
    "See a doctor if the scalp is affected, if the patch still grows, or if it weeps.",
]


def html(title: str) -> str:
    def part(heading: str) -> str:
        said = (f"<p>{paragraph} {heading} of {title}.</p>" for paragraph in PARAGRAPHS)
        return f"<h2>{heading}</h2>{''.join(said)}"

    parts = "".join(map(part, ("Signs", "Causes", "Treatment", "Prevention")))
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        f"<title>{title}</title><meta property=og:type content=article></head><body>"
        "<nav><a href=/>Home</a> <a href=/news>News</a></nav>"
        f"<article><h1>{title}</h1><p>By Ana Lee, MD</p><p>Published 3 March 2020</p>{parts}"
        "</article><footer>© 2020 Example Health. All rights reserved.</footer></body></html>"
    )


def text(title: str) -> str:
    return f"{title}\n\n" + "\n\n".join(f"{p} This is said of {title}." for p in PARAGRAPHS) + "\n"


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder with one page of each kind that can be read, and a file of another kind."""
    folder = tmp_path / "pages"
    (folder / "deeper").mkdir(parents=True)
    (folder / "a.html").write_text(html("Ringworm A"))
    (folder / "b.HTM").write_text(html("Ringworm B"))
    (folder / "c.html.gz").write_bytes(gzip.compress(html("Ringworm C").encode()))
    (folder / "deeper" / "d.xhtml").write_text(html("Ringworm D"))
    (folder / "e.txt").write_text(text("Ringworm E"))
    (folder / "f.txt.gz").write_bytes(gzip.compress(text("Ringworm F").encode()))
    (folder / "notes.pdf").write_bytes(b"%PDF")
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


@pytest.fixture
def rejects(tmp_path: Path) -> Path:
    return tmp_path / "out.rejected.jsonl"


TITLES = [f"Ringworm {letter}" for letter in "ABCDEF"]


@pytest.mark.slow
class TestOutput:
    def test_every_kind_of_file_becomes_a_record_in_the_order_of_their_names(
        self, scrapy: Scrapy, pages: Path, out: Path, rejects: Path
    ) -> None:
        done = scrapy("clean", pages, "-o", out)
        assert (done.returncode, done.stderr) == (0, "")  # no progress bar in a pipe
        assert [row["title"] for row in rows(out)] == [*TITLES[:3], "Ringworm D", *TITLES[4:]]
        assert rows(rejects) == []
        assert "Records: 6 articles, 0 rejected" in done.stdout
        assert "passed over, of other kinds: 1" in done.stdout

    def test_a_record_says_what_made_it_and_where_it_was_not_fetched_from(
        self, scrapy: Scrapy, pages: Path, out: Path
    ) -> None:
        scrapy("clean", pages / "a.html", "-o", out)
        (row,) = rows(out)
        assert row["url"] is None
        assert row["id"]
        assert row["run_id"]
        assert row["pipeline_version"]
        assert "Example Health" not in row["body"]
        assert "removed" not in row

    @pytest.mark.parametrize("name", ["out.parquet", "out.jsonl.gz", "new/folder/out.jsonl"])
    def test_the_format_is_that_of_the_name(
        self, scrapy: Scrapy, pages: Path, tmp_path: Path, name: str
    ) -> None:
        done = scrapy("clean", pages, "-o", tmp_path / name)
        assert done.returncode == 0, done.stderr
        path = tmp_path / name
        parquet = path.suffix == ".parquet"
        frame = pd.read_parquet(path) if parquet else pd.read_json(path, lines=True)
        assert sorted(frame["title"]) == TITLES
        assert (path.parent / "out.rejected.jsonl").exists()

    def test_removed_adds_what_was_dropped_and_why(
        self, scrapy: Scrapy, pages: Path, out: Path
    ) -> None:
        scrapy("clean", pages / "a.html", "-o", out, "--removed")
        (row,) = rows(out)
        assert any("All rights reserved" in block["text"] for block in row["removed"])

    def test_the_number_of_workers_changes_nothing(
        self, scrapy: Scrapy, pages: Path, tmp_path: Path
    ) -> None:
        for i in range(3 * FILES_A_TASK):
            (pages / f"more{i}.html").write_text(html(f"Number {i}"))
        for count in (1, 3):
            scrapy("clean", pages, "-o", tmp_path / f"{count}.jsonl", "--workers", count)
        one, three = rows(tmp_path / "1.jsonl"), rows(tmp_path / "3.jsonl")
        for row in [*one, *three]:
            row.pop("run_id")
        assert len(one) == 6 + 3 * FILES_A_TASK
        assert one == three

    def test_a_file_named_twice_is_cleaned_once_and_an_earlier_output_replaced(
        self, scrapy: Scrapy, pages: Path, out: Path
    ) -> None:
        out.write_text("what was there")
        scrapy("clean", pages / "a.html", pages, pages / "deeper" / ".." / "a.html", "-o", out)
        assert len(rows(out)) == 6


@pytest.mark.slow
class TestBadFiles:
    def test_a_bad_file_never_stops_the_rest_and_is_told(
        self, scrapy: Scrapy, pages: Path, out: Path, rejects: Path
    ) -> None:
        whole = gzip.compress(html("Cut").encode())
        (pages / "cut.html.gz").write_bytes(whole[: len(whole) // 2])
        (pages / "not.html.gz").write_bytes(b"no gzip at all")
        (pages / "flipped.html.gz").write_bytes(whole[:20] + b"\xff\xff\xff" + whole[23:])
        (pages / "bomb.txt.gz").write_bytes(gzip.compress(b"a" * (LARGEST_PAGE + 1)))
        (pages / "empty.html").write_bytes(b"")
        (pages / "nothing.txt").write_bytes(b" \n")
        (pages / "noise.html").write_bytes(bytes(range(256)) * 10)
        (pages / "gone.html").symlink_to("nowhere")
        (pages / "deeper" / "up").symlink_to("..", target_is_directory=True)
        os.mkfifo(pages / "pipe.html")
        os.mkfifo(pages / "pipe.txt")
        done = scrapy("clean", pages, "-o", out)
        assert done.returncode == 0, done.stderr
        assert [row["title"] for row in rows(out)].count("Ringworm A") == 1
        assert len(rows(out)) == 6
        found = {Path(row["url"]).name: row["reason"] for row in rows(rejects)}
        assert found.keys() == {
            *("cut.html.gz", "not.html.gz", "flipped.html.gz", "bomb.txt.gz", "empty.html"),
            *("nothing.txt", "noise.html", "gone.html", "up", "pipe.html", "pipe.txt"),
        }
        assert found["cut.html.gz"] == found["flipped.html.gz"] == "bad-gzip"
        assert found["bomb.txt.gz"] == "too-large"
        assert found["up"] == "folder-loop"
        assert found["gone.html"] == found["pipe.html"] == found["not.html.gz"] == "unreadable"
        assert all(row["detail"] and row["run_id"] for row in rows(rejects))
        assert "Traceback" not in done.stderr

    def test_names_that_are_no_text_are_no_trouble(
        self, scrapy: Scrapy, pages: Path, out: Path, rejects: Path
    ) -> None:
        strange = os.fsencode(pages) + b"/\xff\xfe \xe7\n.html"
        Path(os.fsdecode(strange)).write_text(html("Strange name"))
        Path(os.fsdecode(os.fsencode(pages) + b"/\xff.html.gz")).write_bytes(b"no gzip")
        done = scrapy("clean", pages, "-o", out)
        assert done.returncode == 0, done.stderr
        assert len(rows(out)) == 7
        assert len(rows(rejects)) == 1

    def test_nothing_exported_is_a_failure_and_leaves_an_earlier_output(
        self, scrapy: Scrapy, tmp_path: Path, out: Path, rejects: Path
    ) -> None:
        out.write_text("what was there")
        (tmp_path / "empty.html").write_bytes(b"")
        done = scrapy("clean", tmp_path / "empty.html", "-o", out)
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1
        assert out.read_text() == "what was there"
        assert len(rows(rejects)) == 1


MISUSES = {
    "no path": (["-o", "{tmp}/out.jsonl"], "what to clean"),
    "no output": (["{tmp}/pages"], "-o OUT"),
    "a path that is not there": (["{tmp}/nowhere", "-o", "{tmp}/out.jsonl"], "{tmp}/nowhere"),
    "an empty folder": (["{tmp}/empty", "-o", "{tmp}/out.jsonl"], "{tmp}/empty"),
    "a folder of other files": (["{tmp}/other", "-o", "{tmp}/out.jsonl"], "1 other"),
    "a file of another kind": (["{tmp}/other/a.pdf", "-o", "{tmp}/out.jsonl"], ".html"),
    "an unknown format": (["{tmp}/pages", "-o", "{tmp}/out.xlsx"], ".parquet"),
    "an output that is a folder": (["{tmp}/pages", "-o", "{tmp}/a.jsonl"], "{tmp}/a.jsonl"),
    "an output below a file": (["{tmp}/pages", "-o", "{tmp}/file/out.jsonl"], "{tmp}/file"),
    "an output where none can be": (["{tmp}/pages", "-o", "/proc/out.jsonl"], "/proc"),
    "no worker": (["{tmp}/pages", "-o", "{tmp}/out.jsonl", "--workers", "0"], "--workers"),
}


@pytest.mark.slow
@pytest.mark.usefixtures("pages")
@pytest.mark.parametrize(("arguments", "named"), MISUSES.values(), ids=MISUSES)
def test_misuse_is_told_in_one_line(
    scrapy: Scrapy, tmp_path: Path, arguments: list[str], named: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.jsonl").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.pdf").touch()
    (tmp_path / "file").touch()
    done = scrapy("clean", *(argument.format(tmp=tmp_path) for argument in arguments))
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert named.format(tmp=tmp_path) in line
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.slow
def test_a_folder_that_may_not_be_read_is_a_reject(
    scrapy: Scrapy, pages: Path, out: Path, rejects: Path
) -> None:
    if os.geteuid() == 0:
        pytest.skip("the superuser may read everything")
    (pages / "deeper").chmod(0)
    scrapy("clean", pages, "-o", out)
    (pages / "deeper").chmod(0o755)
    assert [row["reason"] for row in rows(rejects)] == ["unreadable"]


def fatal_for_its_worker(path: str) -> Article | Rejected:
    """Stands for a crash in a C library, on pages that are named for it."""
    if "fatal" in path:
        os.kill(os.getpid(), signal.SIGKILL)
    if "defect" in path:
        raise ZeroDivisionError("a defect")
    return Article(id=path, title=path, body=path)


@pytest.mark.slow
def test_a_page_that_kills_its_worker_costs_no_other_page() -> None:
    """Several of them, also in one task; and a defect in the code costs its page alone."""
    files = [f"{i}.html" for i in range(7 * FILES_A_TASK)]
    bad = {3: "fatal", 4: "fatal", 40: "fatal", 41: "defect", len(files) - 1: "fatal"}
    for place, kind in bad.items():
        files[place] = f"{kind}{place}.html"
    with Workers(2, fatal_for_its_worker) as workers:
        outcomes = list(workers.clean(files))
    assert [getattr(item, "title", None) or item.url for item in outcomes] == files
    reasons = Counter(item.reason for item in outcomes if isinstance(item, Rejected))
    assert reasons == {"worker-died": 4, "error": 1}


def children(process: int) -> Iterator[int]:
    """Processes below a process, from /proc."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[1]) == process and fields[0] != "Z":
                yield int(stat.parent.name)
                yield from children(int(stat.parent.name))


MANY = 500


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A folder that takes a while."""
    folder = tmp_path / "many"
    folder.mkdir()
    for i in range(MANY):
        (folder / f"{i:04}.html").write_text(html(f"Ringworm {i}"))
    return folder


def running(folder: Path, out: Path) -> subprocess.Popen[str]:
    """The command, once its workers are at work."""
    process = subprocess.Popen(
        scrapy_command("clean", folder, "-o", out, "--workers", "2"),
        cwd=ROOT,
        env=scrapy_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not any(path.name.startswith(f".{out.name}") for path in out.parent.iterdir()):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc")
class TestKills:
    def test_workers_that_are_killed_from_outside_lose_no_file(
        self, many: Path, out: Path, rejects: Path
    ) -> None:
        with running(many, out) as process:
            for child in list(children(process.pid)):
                if b"forkserver" in Path(f"/proc/{child}/cmdline").read_bytes() and not list(
                    children(child)
                ):
                    with suppress(ProcessLookupError):
                        os.kill(child, signal.SIGKILL)
            errors = process.communicate(timeout=120)[1]
        assert process.returncode == 0, errors
        assert len(rows(out)) + len(rows(rejects)) == MANY
        assert len([row for row in rows(rejects) if row["reason"] == "worker-died"]) <= 2

    @pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
    def test_a_run_that_is_stopped_leaves_nothing(self, many: Path, out: Path, sent: int) -> None:
        out.write_text("what was there")
        with running(many, out) as process:
            workers = list(children(process.pid))
            process.send_signal(sent)
            errors = process.communicate(timeout=60)[1]
        assert process.returncode == 130
        assert errors == "scrapy clean: interrupted; nothing was written\n"
        assert out.read_text() == "what was there"
        assert sorted(path.name for path in out.parent.iterdir()) == ["many", out.name]
        assert_gone(workers)

    def test_a_run_that_is_killed_leaves_no_output_and_no_process(
        self, many: Path, out: Path
    ) -> None:
        with running(many, out) as process:
            workers = list(children(process.pid))
            process.kill()
            process.communicate(timeout=60)
        assert workers
        assert not out.exists()
        assert_gone(workers)


def assert_gone(processes: list[int]) -> None:
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{process}").exists() for process in processes):
        assert time.monotonic() < deadline, "worker processes outlive the command"
        time.sleep(0.1)


@pytest.mark.slow
def test_a_progress_bar_on_a_terminal(pages: Path, out: Path) -> None:
    controller, terminal = pty.openpty()
    with subprocess.Popen(
        scrapy_command("clean", pages, "-o", out),
        cwd=ROOT,
        env={**scrapy_environment(), "TERM": "xterm"},
        stdout=subprocess.DEVNULL,
        stderr=terminal,
    ) as process:
        os.close(terminal)
        shown = b""
        with suppress(OSError):  # what reading a terminal gives when its last writer is gone
            while part := os.read(controller, 4096):
                shown += part
    os.close(controller)
    assert process.returncode == 0
    assert b"6/6" in shown


def test_files_are_found_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.html", "a/z.txt", "a/y.htm", "c.html", ".hidden.html", "a/x.css"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = find([str(tmp_path)])
    names = [str(Path(file).relative_to(tmp_path)) for file in found.files]
    assert names == [".hidden.html", "a/y.htm", "a/z.txt", "b.html", "c.html"]
    assert found.skipped == 1
