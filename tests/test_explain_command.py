"""`scrapy explain URL|FILE`: what a user who doubts a record is promised.

Every test runs the command in a process of its own, on real files and real servers.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from scraper.commands.explain import default_name

from .articles import page, text
from .conftest import ROOT, Scrapy, run_scrapy, scrapy_command, scrapy_environment
from .servers import Reply, serve

pytestmark = pytest.mark.slow

README = (ROOT / "README.md").read_text("utf-8")
TITLE = "How to look after a sprained ankle"
FAST = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False")


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "ankle.html"
    path.write_text(page("en"), "utf-8")
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.html"


class TestFiles:
    @pytest.mark.parametrize("name", ["a.html", "b.HTM", "c.html.gz", "d.txt", "e.txt.gz"])
    def test_every_kind_of_file_is_explained(
        self, scrapy: Scrapy, tmp_path: Path, out: Path, name: str
    ) -> None:
        said = text("en", after="Related articles") if ".txt" in name else page("en")
        raw = said.encode()
        path = tmp_path / name
        path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
        done = scrapy("explain", path, "-o", out)
        assert (done.returncode, done.stderr) == (0, "")
        assert re.fullmatch(
            rf"{re.escape(str(out))}: an article; \d+ blocks: \d+ kept, \d+ dropped\n", done.stdout
        )
        shown = out.read_text("utf-8")
        assert shown.startswith("<!doctype html>")
        assert f"<h1><bdi>{TITLE}</bdi></h1>" in shown

    def test_the_record_is_that_of_clean(
        self, scrapy: Scrapy, article: Path, tmp_path: Path, out: Path
    ) -> None:
        records = tmp_path / "records.jsonl"
        assert scrapy("clean", article, "-o", records, "--removed").returncode == 0
        done = scrapy("explain", article, "-o", out, "--against", records)
        assert done.returncode == 0, done.stderr
        assert "Nothing: the record says the same." in out.read_text("utf-8")

    def test_a_page_that_is_no_article_is_explained_too(
        self, scrapy: Scrapy, tmp_path: Path, out: Path
    ) -> None:
        path = tmp_path / "list.html"
        path.write_text("<ul><li><a href=/a>Ankles</a><li><a href=/b>Knees</a></ul>", "utf-8")
        done = scrapy("explain", path, "-o", out)
        assert done.returncode == 0
        assert "rejected, page-type-" in done.stdout
        assert "Rejected: " in out.read_text("utf-8")

    def test_a_site_s_description_is_obeyed(
        self, scrapy: Scrapy, article: Path, tmp_path: Path, out: Path
    ) -> None:
        sites = described(tmp_path, "https://www.example.org/")
        done = scrapy("explain", article, "-o", out, "--site", "ankles", "-s", f"SITES_DIR={sites}")
        assert done.returncode == 0, done.stderr
        assert "Dropped as site-rule" in out.read_text("utf-8")

    @pytest.mark.parametrize(
        ("source", "name"),
        [
            ("pages/gout.html", "gout.explained.html"),
            ("gout.v2.txt.gz", "gout.v2.explained.html"),
            ("https://www.example.org/", "www.example.org.explained.html"),
            ("https://example.org/a/gout.html?x=1#y", "gout.explained.html"),
            ("https://example.org/%E7%97%9B%E9%A3%8E/", "痛风.explained.html"),
            ("https://example.org/..%2F..%2Fetc/", "etc.explained.html"),
            ("https://example.org/%00/", "page.explained.html"),
            ("https://example.org:8080/", "example.org-8080.explained.html"),
        ],
    )
    def test_the_page_is_named_after_its_source(self, source: str, name: str) -> None:
        assert default_name(source) == name


def described(folder: Path, start: str) -> Path:
    """A folder with the description of one site, which drops the first paragraph of `page`."""
    sites = folder / "sites"
    sites.mkdir()
    labels = '[labels]\ndrop = ["article p"]\n'
    (sites / "ankles.toml").write_text(f'start = ["{start}"]\n{labels}', "utf-8")
    return sites


class TestOutput:
    def test_an_earlier_explain_page_is_replaced(
        self, scrapy: Scrapy, article: Path, out: Path
    ) -> None:
        assert scrapy("explain", article, "-o", out).returncode == 0
        os.utime(out, (0, 0))
        assert scrapy("explain", article, "-o", out).returncode == 0
        assert out.stat().st_mtime > 0

    def test_any_other_file_is_left_alone(self, scrapy: Scrapy, article: Path) -> None:
        before = article.read_bytes()
        done = scrapy("explain", article, "-o", article)
        assert done.returncode == 2
        assert done.stderr == (
            f"scrapy explain: {article} is there and is no explain page; choose another with -o\n"
        )
        assert article.read_bytes() == before

    def test_standard_output_holds_the_page_alone(self, scrapy: Scrapy, article: Path) -> None:
        done = scrapy("explain", article, "-o", "-")
        assert done.returncode == 0
        assert done.stdout.startswith("<!doctype html>")
        assert done.stdout.rstrip().endswith("</html>")
        assert re.fullmatch(r"an article; \d+ blocks: \d+ kept, \d+ dropped\n", done.stderr)

    def test_a_new_folder_is_made(self, scrapy: Scrapy, article: Path, tmp_path: Path) -> None:
        assert scrapy("explain", article, "-o", tmp_path / "new" / "a.htm").returncode == 0
        assert (tmp_path / "new" / "a.htm").exists()
        assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.htm"]


MISTAKES: dict[str, tuple[list[str], int, str]] = {
    "nothing": ([], 2, "give one page: an address or a file; -h tells more"),
    "two": (["a.html", "b.html"], 2, "give one page: an address or a file; -h tells more"),
    "missing": (["{tmp}/no.html"], 2, "no such file: {tmp}/no.html"),
    "no scheme": (
        ["example.org/health/gout"],
        2,
        "no such file: example.org/health/gout; is it an address? "
        "Then https://example.org/health/gout",
    ),
    "folder": (["{tmp}"], 2, "{tmp} is a folder; give one page"),
    "kind": (["{tmp}/x.pdf"], 2, "{tmp}/x.pdf: can clean .html, .htm, .xhtml, .txt, each also"),
    "scheme": (
        ["ftp://example.org/a"],
        2,
        '"ftp://example.org/a" is not an http(s) address: only http and https are crawled',
    ),
    "host": (["https:///a"], 2, '"https:///a" is not an address: no host'),
    "output": (
        ["{tmp}/a.html", "-o", "{tmp}/out.pdf"],
        2,
        "-o {tmp}/out.pdf: the name of a file that ends in .html, .htm, or - is needed",
    ),
    "output folder": (["{tmp}/a.html", "-o", "{tmp}"], 2, "-o {tmp}: the name of a file that"),
    "site": (["{tmp}/a.html", "--site", "nowhere"], 2, 'unknown site "nowhere"'),
    "gzip": (["{tmp}/bad.html.gz"], 1, "{tmp}/bad.html.gz: "),
    "against missing": (
        ["{tmp}/a.html", "--against", "{tmp}/no.jsonl"],
        2,
        "--against: no such file: {tmp}/no.jsonl",
    ),
    "against other": (
        ["{tmp}/a.html", "--against", "{tmp}/x.pdf"],
        2,
        "{tmp}/x.pdf: no records can be read from it: a file that ends in .jsonl",
    ),
    "against broken": (
        ["{tmp}/a.html", "--against", "{tmp}/broken.jsonl"],
        2,
        "{tmp}/broken.jsonl: no records can be read from it",
    ),
    "against empty": (
        ["{tmp}/a.html", "--against", "{tmp}/empty.jsonl"],
        2,
        "{tmp}/empty.jsonl: holds no record",
    ),
    "against strangers": (
        ["{tmp}/a.html", "--against", "{tmp}/strangers.jsonl"],
        2,
        "{tmp}/strangers.jsonl: none of its 2 records is of this page",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_in_a_line(scrapy: Scrapy, tmp_path: Path, mistake: str) -> None:
    (tmp_path / "a.html").write_text(page("en"), "utf-8")
    (tmp_path / "x.pdf").write_bytes(b"%PDF")
    (tmp_path / "bad.html.gz").write_bytes(b"\x1f\x8b\x08 no gzip at all")
    (tmp_path / "broken.jsonl").write_text('{"id": "a"\n')
    (tmp_path / "empty.jsonl").write_text("\n")
    (tmp_path / "strangers.jsonl").write_text('{"id": "a"}\n{"id": "b"}\n')
    arguments, status, said = MISTAKES[mistake]
    before = sorted(path.name for path in tmp_path.iterdir())
    filled = [argument.replace("{tmp}", str(tmp_path)) for argument in arguments]
    if "-o" not in filled:
        filled += ["-o", str(tmp_path / "out.html")]
    done = scrapy("explain", *filled)
    expected = f"scrapy explain: {said.replace('{tmp}', str(tmp_path))}"
    assert done.stderr.startswith(expected), done.stderr
    assert done.stderr.count("\n") == 1
    assert (done.returncode, done.stdout) == (status, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == before


class TestAddresses:
    def test_a_page_is_asked_for_once_after_robots_txt(self, scrapy: Scrapy, out: Path) -> None:
        with serve(
            {"/health/gout": page("en"), "/robots.txt": Reply("", type="text/plain")}
        ) as site:
            done = scrapy("explain", f"{site.url}/health/gout", "-o", out, *FAST)
            assert (done.returncode, done.stderr) == (0, "")
            assert site.paths == ["/robots.txt", "/health/gout"]
            assert "marrow" in site.asked[1].headers["User-Agent"]
        shown = out.read_text("utf-8")
        assert TITLE in shown
        assert f"{site.url}/health/gout" in shown

    def test_nothing_of_a_run_is_left(self, scrapy: Scrapy, tmp_path: Path, out: Path) -> None:
        with serve({"/a": page("en")}) as site:
            done = scrapy(
                "explain", f"{site.url}/a", "-o", out, *FAST, "-s", f"OUTPUT_DIR={tmp_path}/runs"
            )
        assert done.returncode == 0, done.stderr
        assert [path.name for path in tmp_path.iterdir()] == ["out.html"]

    def test_a_redirect_is_followed(self, scrapy: Scrapy, out: Path) -> None:
        moved = Reply(status=301, headers={"Location": "{base}/new"})
        with serve({"/old": moved, "/new": page("en")}) as site:
            done = scrapy("explain", f"{site.url}/old", "-o", out, *FAST)
        assert done.returncode == 0, done.stderr
        assert f"{site.url}/new" in out.read_text("utf-8")

    @pytest.mark.parametrize(
        ("routes", "said"),
        [
            ({"/robots.txt": Reply("User-agent: *\nDisallow: /", type="text/plain"), "/a": "x"},
             "robots-disallowed: robots.txt does not allow it"),
            ({"/robots.txt": Reply(status=503), "/a": "x"}, "robots-unreachable: "),
            ({}, "http-404: HTTP status 404 (Not Found)"),
            ({"/a": Reply(status=500)}, "http-500: HTTP status 500"),
        ],
    )  # fmt: skip
    def test_why_a_page_could_not_be_had(
        self, scrapy: Scrapy, out: Path, routes: dict[str, Any], said: str
    ) -> None:
        with serve(routes) as site:
            done = scrapy("explain", f"{site.url}/a", "-o", out, *FAST, "-s", "RETRY_TIMES=0")
            if "robots" in said:
                assert "/a" not in site.paths
        assert done.stderr.startswith(f"scrapy explain: {site.url}/a: {said}"), done.stderr
        assert done.stderr.count("\n") == 1
        assert (done.returncode, out.exists()) == (1, False)

    def test_nobody_there(self, scrapy: Scrapy, out: Path) -> None:
        done = scrapy("explain", "http://127.0.0.1:9/a", "-o", out, *FAST, "-s", "RETRY_TIMES=0")
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert line.startswith("scrapy explain: http://127.0.0.1:9/a: connection-refused: ")

    @pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
    def test_a_fetch_can_be_stopped(self, out: Path, stop: signal.Signals) -> None:
        with serve({"/a": Reply(page("en"), delay=5)}) as site:
            running = subprocess.Popen(
                scrapy_command("explain", f"{site.url}/a", "-o", out, *FAST),
                cwd=ROOT, env=scrapy_environment(), stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
            deadline = time.monotonic() + 60
            while "/a" not in site.paths and time.monotonic() < deadline:
                time.sleep(0.05)
            running.send_signal(stop)
            _, said = running.communicate(timeout=60)
        assert said == "scrapy explain: interrupted; nothing was written\n"
        assert (running.returncode, out.exists()) == (130, False)

    def test_a_setting_that_stops_scrapy_is_told(self, scrapy: Scrapy, out: Path) -> None:
        broken = ("-s", 'DOWNLOADER_MIDDLEWARES={"no.such.Thing": 1}')
        done = scrapy("explain", "http://127.0.0.1:9/a", "-o", out, *broken)
        assert done.returncode == 1
        assert "the fetch could not start: ModuleNotFoundError" in done.stderr

    def test_what_is_no_html_is_explained_by_its_refusal(self, scrapy: Scrapy, out: Path) -> None:
        with serve({"/a": Reply("%PDF", type="application/pdf")}) as site:
            done = scrapy("explain", f"{site.url}/a", "-o", out, *FAST)
        assert done.returncode == 0, done.stderr
        assert "rejected, not-html" in done.stdout

    def test_the_description_of_the_address_s_site_is_obeyed(
        self, scrapy: Scrapy, tmp_path: Path, out: Path
    ) -> None:
        with serve({"/a": page("en")}) as site:
            sites = described(tmp_path, site.url)
            done = scrapy("explain", f"{site.url}/a", "-o", out, *FAST, "-s", f"SITES_DIR={sites}")
        assert done.returncode == 0, done.stderr
        assert "Dropped as site-rule" in out.read_text("utf-8")


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two pages and their records, by `scrapy clean`, in every kind of file."""
    folder = tmp_path_factory.mktemp("records")
    (folder / "pages").mkdir()
    (folder / "pages" / "a.html").write_text(page("de"), "utf-8")
    (folder / "pages" / "b.html").write_text(page("en"), "utf-8")
    for name in ("old.jsonl", "old.parquet"):
        assert run_scrapy("clean", folder / "pages", "-o", folder / name).returncode == 0
    lines = (folder / "old.jsonl").read_bytes()
    (folder / "old.jsonl.gz").write_bytes(gzip.compress(lines))
    listed = [json.loads(line) for line in lines.splitlines()]
    (folder / "old.json").write_text(json.dumps(listed), "utf-8")
    return folder


class TestAgainst:
    @pytest.mark.parametrize("name", ["old.jsonl", "old.jsonl.gz", "old.parquet", "old.json"])
    def test_the_record_of_the_same_page_is_found_among_others(
        self, scrapy: Scrapy, records: Path, out: Path, name: str
    ) -> None:
        done = scrapy("explain", records / "pages/b.html", "-o", out, "--against", records / name)
        assert done.returncode == 0, done.stderr
        assert "Nothing: the record says the same." in out.read_text("utf-8")

    def test_the_only_record_is_taken_and_another_page_is_told(
        self, scrapy: Scrapy, article: Path, tmp_path: Path, out: Path
    ) -> None:
        record = {"id": "x", "body": "Quite another text.", "page_sha256": "00" * 32}
        (tmp_path / "one.json").write_text(json.dumps(record, indent=2))
        done = scrapy("explain", article, "-o", out, "--against", tmp_path / "one.json")
        assert done.returncode == 0, done.stderr
        shown = out.read_text("utf-8")
        assert "<del>Quite another text.</del>" in shown
        assert "The record was made of other bytes" in shown


def test_the_readme_s_examples_run(scrapy: Scrapy, tmp_path: Path) -> None:
    lines = re.findall(r"^scrapy ((?:clean|explain) examples/.*)$", README, re.M)
    assert [line.split()[0] for line in lines] == ["clean", "explain", "explain"]
    for line in lines:
        outputs = {"articles.parquet", "gallstones.html"}
        words = [tmp_path / word if word in outputs else word for word in line.split()]
        done = scrapy(*words)
        assert done.returncode == 0, done.stderr
    assert "Nothing: the record says the same." in (tmp_path / "gallstones.html").read_text("utf-8")
