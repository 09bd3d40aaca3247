"""`scrapy crawl --cron`: silent unless somebody should know; everything in the log."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from scraper.alarms import alarm
from scraper.exit_status import DONE, FAILED, LOCKED, NOTHING_NEW, USAGE
from scraper.lock import RunLock

from .articles import page
from .conftest import ROOT, scrapy_command, scrapy_environment
from .servers import Reply, serve

pytestmark = pytest.mark.slow

# A spider of somebody else's, which does what its argument says.
SPIDER = """
import logging
from scrapy import Spider
from pipelines.records import Article, Rejected
from scraper.alarms import alarm

class Does(Spider):
    name = "does"
    custom_settings = {"ITEM_PIPELINES": {}}

    async def start(self):
        what = self.what
        if what == "unchanged":
            self.crawler.stats.set_value("marrow/unchanged", 1200)
        if what == "known":
            self.crawler.stats.set_value("marrow/known_articles", 7)
        if what == "alarm":
            self.logger.warning("only for the log")
            alarm("the disk is nearly full: make room")
        if what == "flood":
            for i in range(500):
                self.logger.error("error %d of\\nmany", i)
        if what == "defect":
            try:
                [][1]
            except IndexError:
                self.logger.exception("a page could not be cleaned")
        if what in ("unchanged", "known"):
            yield Rejected(stage="fetch", reason="http-404", url="http://localhost/")
        elif what != "nothing":
            yield Article(id="a", title="A", body="Body.")

    @classmethod
    def from_crawler(cls, crawler, *args, **arguments):
        if arguments["what"] == "breaks":
            raise RuntimeError("broken")
        return super().from_crawler(crawler, *args, **arguments)
"""


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "output"


def run(output: Path, *given: str) -> subprocess.CompletedProcess[str]:
    """`scrapy crawl` in a process of its own; the spiders beside the output folder are known."""
    return subprocess.run(
        scrapy_command("crawl", *given, "-s", f"OUTPUT_DIR={output}", "-s", "RETRY_TIMES=0"),
        cwd=ROOT,
        env={**scrapy_environment(), "PYTHONPATH": str(output.parent)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def does(output: Path, what: str, *given: str) -> subprocess.CompletedProcess[str]:
    (output.parent / "foreign.py").write_text(SPIDER)
    return run(output, "does", "-s", "SPIDER_MODULES=foreign", "-a", f"what={what}", *given)


def log(output: Path) -> str:
    return (output / "logs" / "crawl.log").read_text()


def test_a_crawl_that_went_well_is_silent_and_its_account_is_in_the_log(output: Path) -> None:
    with serve({"/": page()}) as site:
        done = run(output, "articles", "-a", f"url={site.url}/", "--cron")
    assert (done.returncode, done.stdout, done.stderr) == (DONE, "", "")
    (folder,) = (output / "runs").iterdir()
    assert "Records: 1 article" in log(output)
    assert "Spider opened" in log(output)
    assert "DEBUG" not in log(output)
    dated = [line for line in log(output).splitlines() if line[:2] == "20"]
    assert all(f" {folder.name} [" in line for line in dated)
    assert dated[-1].endswith("Ended with status 0")


def test_a_second_crawl_is_added_to_the_log(output: Path) -> None:
    for _ in range(2):
        does(output, "article", "--cron")
    assert log(output).count("Ended with status 0") == 2


def test_more_is_logged_on_request(output: Path) -> None:
    done = does(output, "article", "--cron", "-L", "DEBUG")
    assert (done.returncode, done.stderr) == (DONE, "")
    assert "DEBUG: " in log(output)


def test_a_crawl_that_failed_is_told_in_one_line(output: Path) -> None:
    with serve({}) as site:
        port = site.port
    done = run(output, "articles", "-a", f"url=http://127.0.0.1:{port}/", "--cron")
    assert (done.returncode, done.stdout) == (FAILED, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("scrapy crawl: no article exported: ")
    assert line.removeprefix("scrapy crawl: ") in log(output)


def test_a_crawl_that_cannot_start_by_a_defect_leaves_its_traceback_in_the_log(
    output: Path,
) -> None:
    done = does(output, "breaks", "--cron")
    assert (done.returncode, done.stdout) == (FAILED, "")
    assert "Traceback" not in done.stderr
    assert "the crawl could not start: RuntimeError: broken" in done.stderr
    assert "Traceback" in log(output)


def test_alarms_are_told_and_other_warnings_logged(output: Path) -> None:
    done = does(output, "alarm", "--cron")
    assert (done.returncode, done.stdout) == (DONE, "")
    assert done.stderr == "scrapy crawl: the disk is nearly full: make room\n"
    assert "only for the log" in log(output)
    assert "the disk is nearly full" in log(output)


def test_alarms_are_told_without_cron_as_well(output: Path) -> None:
    assert "the disk is nearly full: make room" in does(output, "alarm").stderr
    assert not (output / "logs").exists()


def test_an_error_is_a_line_and_its_traceback_is_in_the_log(output: Path) -> None:
    done = does(output, "defect", "--cron")
    expected = "scrapy crawl: a page could not be cleaned: IndexError: list index out of range\n"
    assert done.stderr == expected
    assert "Traceback" in log(output)


def test_a_flood_of_errors_does_not_fill_the_mailbox(output: Path) -> None:
    done = does(output, "flood", "--cron")
    lines = done.stderr.splitlines()
    assert len(lines) == 21
    assert lines[-1].endswith("crawl.log alone: 480")
    assert "error 499 of" in log(output)


NOTHING = {
    "unchanged pages": ("unchanged", "of the pages looked at, 1,200 had not changed"),
    "known articles": ("known", "articles exported by earlier runs: 7"),
}


@pytest.mark.parametrize(("what", "told"), NOTHING.values(), ids=NOTHING.keys())
def test_nothing_new_is_no_failure(output: Path, what: str, told: str) -> None:
    watched = does(output, what)
    assert (watched.returncode, watched.stderr) == (NOTHING_NEW, "")
    assert watched.stdout.splitlines()[-1].startswith("nothing new: ")
    assert told in watched.stdout
    unwatched = does(output, what, "--cron")
    assert (unwatched.returncode, unwatched.stdout, unwatched.stderr) == (NOTHING_NEW, "", "")
    assert told in log(output)


def test_nothing_at_all_is_a_failure(output: Path) -> None:
    done = does(output, "nothing", "--cron")
    assert done.returncode == FAILED
    assert done.stderr == "scrapy crawl: no article exported: no page was read\n"


def test_the_log_starts_anew_when_it_is_full_and_old_ones_go(output: Path) -> None:
    for _ in range(3):
        done = does(
            output, "flood", "--cron", "-s", "CRON_LOG_BYTES=5000", "-s", "CRON_LOG_FILES=3"
        )
        assert done.returncode == DONE
    files = sorted(path.name for path in (output / "logs").iterdir())
    assert files == ["crawl.log", "crawl.log.1", "crawl.log.2"]
    # A record is written whole; the account is the longest.
    assert all(path.stat().st_size < 7000 for path in (output / "logs").iterdir())
    assert "Ended with status 0" in log(output)


def test_a_crawl_that_is_refused_says_so_and_leaves_the_log_alone(output: Path) -> None:
    does(output, "article", "--cron")
    before = log(output)
    lock = RunLock(output, "run 1")
    lock.acquire()
    done = does(output, "article", "--cron")
    lock.release()
    assert (done.returncode, done.stdout) == (LOCKED, "")
    (line,) = done.stderr.splitlines()
    assert f"in use by run 1, process {os.getpid()}" in line
    assert log(output) == before


def test_a_log_that_cannot_be_written_is_told_and_the_crawl_goes_on(output: Path) -> None:
    (output / "logs" / "crawl.log").mkdir(parents=True)
    done = does(output, "article", "--cron")
    assert done.returncode == DONE
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"scrapy crawl: cannot write the log {output / 'logs' / 'crawl.log'}: ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_told_once(output: Path) -> None:
    (output / "logs").mkdir(parents=True)
    (output / "logs" / "crawl.log").symlink_to("/dev/full")
    done = does(output, "article", "--cron", "-s", "CRON_LOG_BYTES=0")
    assert done.returncode == DONE
    (line,) = done.stderr.splitlines()
    assert line.startswith("scrapy crawl: cannot write the log: ")


def test_sizes_that_are_none_are_told(output: Path) -> None:
    done = does(output, "article", "--cron", "-s", "CRON_LOG_BYTES=10MB")
    assert done.returncode == USAGE
    (line,) = done.stderr.splitlines()
    assert "CRON_LOG_BYTES" in line
    assert "10MB" in line


def test_a_disk_that_is_nearly_full_is_an_alarm(output: Path) -> None:
    done = does(output, "article", "--cron", "-s", f"DISK_FREE_MIN={10**18}")
    assert done.returncode == DONE
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"scrapy crawl: the disk of {output} is nearly full: ")


def test_a_crawl_that_is_stopped_says_so_in_one_line(output: Path) -> None:
    with serve({"/": Reply(page(), delay=300)}) as site:
        options = ["-a", f"url={site.url}/", "-s", f"OUTPUT_DIR={output}", "--cron"]
        with subprocess.Popen(
            scrapy_command("crawl", "articles", *options, "-s", "ROBOTSTXT_OBEY=False"),
            cwd=ROOT,
            env=scrapy_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            while not site.asked:
                assert process.poll() is None
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            time.sleep(1)
            process.send_signal(signal.SIGTERM)
            stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (FAILED, "")
    (line,) = stderr.splitlines()
    assert "stopped" in line


OTHER_LOGS = {
    "a log file": ("--logfile", "x.log"),
    "no log": ("--nolog",),
    "a log file in the settings": ("-s", "LOG_FILE=x.log"),
}


@pytest.mark.parametrize("given", OTHER_LOGS.values(), ids=OTHER_LOGS.keys())
def test_another_log_beside_it_is_refused(output: Path, given: tuple[str, ...]) -> None:
    done = does(output, "article", "--cron", *given)
    assert done.returncode == USAGE
    (line,) = done.stderr.splitlines()
    assert "--cron writes its own log" in line


def test_without_cron_the_log_is_where_scrapys_settings_say(output: Path) -> None:
    file = output.parent / "x.log"
    done = does(output, "alarm", "-s", f"LOG_FILE={file}", "-s", "LOG_LEVEL=INFO")
    assert (done.returncode, done.stderr) == (DONE, "")
    assert "Spider opened" in file.read_text()
    assert "only for the log" in file.read_text()
    assert "Records: 1 article" in done.stdout


def test_an_alarm_is_a_warning_of_its_own_logger(caplog: pytest.LogCaptureFixture) -> None:
    alarm("100% full")
    told = ("marrow.alarm", logging.WARNING, "100% full")
    assert caplog.record_tuples == [told]
