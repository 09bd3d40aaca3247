"""What a run promises of its folder: complete or absent, with an account of what came out.

Every test is a real Scrapy process. Its spider yields records without fetching anything.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipelines.records import SCHEMA_VERSION
from scraper.exit_status import LOCKED
from scraper.runs import new_run_id
from scraper.summary import describe_run

from .conftest import ROOT, Scrapy, run_scrapy, scrapy_command, scrapy_environment

pytestmark = pytest.mark.slow

SPIDER = """
import asyncio
from pathlib import Path
from scrapy import Spider
from pipelines.records import Article, Person, Rejected, Removed

class Yields(Spider):
    name = "yields"

    def __init__(self, articles="0", rejected="0", bad="0", wait="", **kwargs):
        super().__init__(**kwargs)
        self.arguments = {"articles": articles}
        self.articles, self.rejected, self.bad = int(articles), int(rejected), int(bad)
        self.wait = wait

    async def start(self):
        for i in range(self.articles):
            removed = (Removed("nav", "Home"), Removed("nav", "About"), Removed("copyright", "©"))
            authors = (Person("Ana Lee", "MD"),) if i % 2 else ()
            yield Article(id=f"a{i}", title=f"Title {i}", body="Body.", authors=authors,
                          removed=removed)
        for i in range(self.rejected):
            yield Rejected(stage="clean", reason="hub", url=f"http://localhost/{i}")
        for i in range(self.bad):
            yield Article(id=f"b{i}", title="No body")
        if self.wait:
            await asyncio.sleep(2)  # more than CHECKPOINT_SECONDS
            Path(self.wait).touch()
            await asyncio.sleep(600)
"""


@pytest.fixture
def spider(tmp_path: Path) -> Path:
    path = tmp_path / "yields.py"
    path.write_text(SPIDER)
    return path


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "output"


def folders(output: Path) -> list[str]:
    return sorted(path.name for path in (output / "runs").iterdir())


def the_run(output: Path) -> Path:
    (name,) = folders(output)
    assert not name.startswith(".")
    return output / "runs" / name


def account(output: Path) -> dict[str, Any]:
    return json.loads((the_run(output) / "run.json").read_text())


def arguments(spider: Path, output: Path, *more: str | Path) -> list[str | Path]:
    settings = ["-s", f"OUTPUT_DIR={output}", "-s", "REPORT=False"]
    return ["runspider", spider, *settings, *more]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of four articles, two rejects and an article that is not valid."""
    folder = tmp_path_factory.mktemp("mixed")
    (folder / "yields.py").write_text(SPIDER)
    given = ("-a", "articles=4", "-a", "rejected=2", "-a", "bad=1")
    done = run_scrapy(*arguments(folder / "yields.py", folder / "output", *given))
    assert done.returncode == 0, done.stderr
    return the_run(folder / "output")


def test_a_run_is_published_with_its_records_and_rejects(mixed: Path) -> None:
    names = ["articles.jsonl", "articles.parquet", "rejected.jsonl", "run.json"]
    assert sorted(path.name for path in mixed.iterdir()) == names
    frame = pd.read_parquet(mixed / "articles.parquet")
    lines = pd.read_json(mixed / "articles.jsonl", lines=True)
    rejects = pd.read_json(mixed / "rejected.jsonl", lines=True)
    assert list(frame["id"]) == list(lines["id"]) == ["a0", "a1", "a2", "a3"]
    assert list(rejects["reason"]) == ["hub", "hub", "no-body"]
    assert set(frame["run_id"]) == set(lines["run_id"]) == set(rejects["run_id"]) == {mixed.name}


def test_the_account_of_a_run(mixed: Path) -> None:
    run = json.loads((mixed / "run.json").read_text())
    counts = run["counts"]
    assert run["exit_reason"] == "finished"
    assert run["asked"]["spider"] == "yields"
    assert run["asked"]["arguments"] == {"articles": "4"}
    assert run["asked"]["settings"]["ROBOTSTXT_OBEY"] is True
    assert counts["articles"] == 4
    assert counts["rejected"] == 3
    assert counts["rejected_by_reason"] == {"hub": 2, "no-body": 1}
    assert counts["fields_filled"]["title"] == 1
    assert counts["fields_filled"]["authors"] == 0.5
    assert counts["boilerplate_dropped"]["nav"] == {"blocks": 8, "characters": 36}
    assert counts["boilerplate_dropped"]["copyright"] == {"blocks": 4, "characters": 4}
    assert run["versions"]["schema"] == SCHEMA_VERSION
    assert set(run["versions"]) == {"python", "scrapy", "lxml", "pyarrow", "marrow", "schema"}
    assert run["started"] <= run["finished"]


def test_the_account_in_words(mixed: Path) -> None:
    text = describe_run(mixed)
    assert "Records: 4 articles, 3 rejected" in text
    assert "hub  " in text
    assert "8 blocks, 36 characters" in text
    loading = text[text.index("  import pandas") :]
    assert len(loading.splitlines()) == 3
    exec("\n".join(line.strip() for line in loading.splitlines()), {})


def test_what_is_not_valid_becomes_a_reject(mixed: Path) -> None:
    rejects = pd.read_json(mixed / "rejected.jsonl", lines=True).to_dict("records")
    (reject,) = [reject for reject in rejects if reject["stage"] == "validate"]
    assert reject["reason"] == "no-body"
    assert "body" in reject["detail"]


def test_a_run_without_records_is_published_all_the_same(
    scrapy: Scrapy, spider: Path, output: Path
) -> None:
    scrapy(*arguments(spider, output, "-a", "rejected=1"))
    run = the_run(output)
    assert len(pd.read_parquet(run / "articles.parquet")) == 0
    assert (run / "articles.jsonl").read_bytes() == b""
    assert account(output)["counts"]["articles"] == 0


def test_formats_are_chosen_by_a_setting(scrapy: Scrapy, spider: Path, output: Path) -> None:
    scrapy(*arguments(spider, output, "-a", "articles=1", "-s", "FORMATS=jsonl"))
    assert account(output)["files"] == ["articles.jsonl", "rejected.jsonl"]


def test_the_audit_trail_is_exported_on_request(scrapy: Scrapy, spider: Path, output: Path) -> None:
    scrapy(*arguments(spider, output, "-a", "articles=1", "-s", "EXPORT_REMOVED=True"))
    (row,) = pd.read_parquet(the_run(output) / "articles.parquet").to_dict("records")
    assert [part["reason"] for part in row["removed"]] == ["nav", "nav", "copyright"]


def test_minus_o_writes_the_articles_there_too(
    scrapy: Scrapy, spider: Path, output: Path, tmp_path: Path
) -> None:
    """Articles alone, beside the run folder; a second run appends, as Scrapy promises of `-o`."""
    files = [tmp_path / name for name in ("x.parquet", "x.jsonl", "x.jsonl.gz")]
    given = arguments(spider, output, "-a", "articles=2", "-a", "rejected=1")
    for option, times in (("-o", 1), ("-o", 2), ("-O", 1)):
        done = scrapy(*given, *(part for file in files for part in (option, file)))
        assert done.returncode == 0, done.stderr
        for file in files:
            read = pd.read_parquet if file.suffix == ".parquet" else _read_lines
            assert list(read(file)["id"]) == ["a0", "a1"] * times
    assert len(folders(output)) == 3


def _read_lines(path: Path) -> pd.DataFrame:
    return pd.read_json(path, lines=True)


def test_without_a_run_folder_only_minus_o_is_written(
    scrapy: Scrapy, spider: Path, output: Path, tmp_path: Path
) -> None:
    file = tmp_path / "x.jsonl"
    scrapy(*arguments(spider, output, "-a", "articles=1", "-s", "RUN_FOLDER=False", "-o", file))
    assert len(_read_lines(file)) == 1
    assert not output.exists()


def start(spider: Path, output: Path, *more: str | Path) -> subprocess.Popen[str]:
    """A run that has yielded its records and waits; returns when it does."""
    ready = spider.with_name("ready")
    ready.unlink(missing_ok=True)
    process = subprocess.Popen(
        scrapy_command(*arguments(spider, output, "-a", f"wait={ready}", *more)),
        cwd=ROOT,
        env=scrapy_environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not ready.exists():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return process


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_run_that_is_asked_to_stop_is_published_and_says_so(
    spider: Path, output: Path, sent: int
) -> None:
    with start(spider, output, "-a", "articles=3") as process:
        process.send_signal(sent)
        process.communicate(timeout=60)
    assert len(pd.read_parquet(the_run(output) / "articles.parquet")) == 3
    assert account(output)["exit_reason"] == "shutdown"


@pytest.mark.parametrize("more", [(), ("-s", "STATE=False")], ids=["state", "no state"])
def test_what_a_killed_run_wrote_behind_its_last_checkpoint_is_not_published(
    scrapy: Scrapy, spider: Path, output: Path, more: tuple[str, ...]
) -> None:
    with start(spider, output, "-a", "articles=3") as process:
        process.kill()
        process.communicate(timeout=60)
    temporary = output / "runs" / folders(output)[0]
    written = temporary / "articles.jsonl"
    written.write_bytes(written.read_bytes() * 2)

    scrapy(*arguments(spider, output, "-a", "articles=1", *more))
    recovered = output / "runs" / temporary.name[1:].removesuffix(".tmp")
    assert len(_read_lines(recovered / "articles.jsonl")) == 3


def test_a_killed_run_whose_file_is_impossible_by_now_does_not_keep_the_next_from_beginning(
    scrapy: Scrapy, spider: Path, output: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    with start(spider, output, "-a", "articles=3", "-o", elsewhere / "x.jsonl") as process:
        process.kill()
        process.communicate(timeout=60)
    shutil.rmtree(elsewhere)
    elsewhere.touch()

    done = scrapy(*arguments(spider, output, "-a", "articles=1"))
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if "x.jsonl" in line]
    assert "its articles are in the folder of the run alone" in line
    assert "Traceback" not in done.stderr
    counts = [len(_read_lines(output / "runs" / run / "articles.jsonl")) for run in folders(output)]
    assert counts == [3, 1]


def test_a_killed_run_is_published_by_the_next(
    scrapy: Scrapy, spider: Path, output: Path, tmp_path: Path
) -> None:
    file = tmp_path / "x.parquet"
    with start(spider, output, "-a", "articles=3", "-o", file) as process:
        running = scrapy(*arguments(spider, output, "-a", "articles=1"))
        assert running.returncode == LOCKED  # it is still going on
        (told,) = running.stderr.splitlines()
        assert f"process {process.pid} " in told
        process.kill()
        process.communicate(timeout=60)
    assert not file.exists()
    temporary = output / "runs" / folders(output)[0]
    assert temporary.name.startswith(".")
    assert temporary.name.endswith(".tmp")
    assert len(_read_lines(temporary / "articles.jsonl")) == 3

    done = scrapy(*arguments(spider, output, "-a", "articles=1", "-s", "REPORT=True"))
    recovered = output / "runs" / temporary.name[1:].removesuffix(".tmp")
    (line,) = [line for line in done.stderr.splitlines() if "was killed" in line]
    assert str(recovered) in line
    assert not temporary.exists()
    assert list(pd.read_parquet(recovered / "articles.parquet")["id"]) == ["a0", "a1", "a2"]
    assert len(_read_lines(recovered / "articles.jsonl")) == 3
    run = json.loads((recovered / "run.json").read_text())
    assert (run["exit_reason"], run["counts"]["articles"]) == ("killed", 3)
    assert "report.html" in run["files"]
    assert "Killed." in (recovered / "report.html").read_text("utf-8")
    assert list(pd.read_parquet(file)["id"]) == ["a0", "a1", "a2"]


def test_a_run_that_was_killed_before_its_first_article_is_published_too(
    scrapy: Scrapy, spider: Path, output: Path
) -> None:
    with start(spider, output, "-a", "rejected=2") as process:
        process.kill()
        process.communicate(timeout=60)
    done = scrapy(*arguments(spider, output, "-a", "articles=1"))
    assert done.returncode == 0, done.stderr
    killed, _ = (output / "runs" / name for name in folders(output))
    assert (killed / "articles.jsonl").read_bytes() == b""
    assert len(pd.read_parquet(killed / "articles.parquet")) == 0
    assert len(_read_lines(killed / "rejected.jsonl")) == 2


CANNOT_BE_WRITTEN = {
    "run folders below a file": (["-s", "OUTPUT_DIR={tmp}/file"], "{tmp}/file"),
    "run folders where none can be": (["-s", "OUTPUT_DIR=/proc/marrow"], "/proc/marrow"),
    "a file below a file": (["-o", "{tmp}/file/x.parquet"], "{tmp}/file"),
    "a file that is a folder": (["-o", "{tmp}/folder.jsonl"], "{tmp}/folder.jsonl"),
    "compressed Parquet": (["-o", "{tmp}/x.parquet.gz"], ".jsonl.gz"),
    "an unknown format": (["-o", "{tmp}/x.xlsx"], "xlsx"),
}


@pytest.mark.parametrize(("options", "named"), CANNOT_BE_WRITTEN.values(), ids=CANNOT_BE_WRITTEN)
def test_an_output_that_cannot_be_written_is_told_in_one_line(
    scrapy: Scrapy, tmp_path: Path, options: list[str], named: str
) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder.jsonl").mkdir()
    given = [option.format(tmp=tmp_path) for option in options]
    if "-s" not in given:
        given += ["-s", f"OUTPUT_DIR={tmp_path / 'output'}"]
    done = scrapy("crawl", "articles", "-a", "url=http://127.0.0.1:9/", *given)
    assert done.returncode != 0
    (line,) = done.stderr.splitlines()
    assert named.format(tmp=tmp_path) in line
    assert not list(tmp_path.glob("output/runs/*"))


def test_a_file_that_cannot_be_appended_to_is_left_and_the_records_kept(
    scrapy: Scrapy, spider: Path, output: Path, tmp_path: Path
) -> None:
    file = tmp_path / "x.parquet"
    file.write_text("no Parquet")
    done = scrapy(*arguments(spider, output, "-a", "articles=2", "-o", file))
    assert file.read_text() == "no Parquet"
    (kept,) = tmp_path.glob(".x.parquet.*.tmp")
    assert len(pd.read_parquet(kept)) == 2
    assert str(kept) in done.stderr
    assert account(output)["counts"]["articles"] == 2


def test_run_ids_sort_by_time_and_differ() -> None:
    ids = [new_run_id() for _ in range(20)]
    assert len(set(ids)) > 1
    assert all(len(one) == len(ids[0]) for one in ids)
