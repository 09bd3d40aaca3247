"""The report of a run: what it tells, of which runs it can be made, and what it costs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from lxml import html
from scrapy.exceptions import UsageError

from scraper.archive import Archive, Place
from scraper.commands.report import chosen_run
from scraper.report.examples import Example, examples
from scraper.report.explained import Explainer
from scraper.report.making import ReportMaker
from scraper.warc_records import Exchange, pack

from .crawls import IMPOLITE, PROJECT, crawl, scrapy
from .health_site import article, hub
from .made_runs import account, reject, site, write_run
from .servers import Reply, serve

DOCUMENT = (PROJECT / "docs" / "report.md").read_text("utf-8")
SITES = PROJECT / "scraper" / "sites"
REPORTED = tuple(setting for setting in IMPOLITE if setting != "REPORT=False")


def maker(output: Path) -> ReportMaker:
    return ReportMaker(output, SITES, per_reason=3)


def report_of(output: Path, run: Mapping[str, Any], **options: Any) -> Any:
    """The report of a run as a tree."""
    return html.parse(str(maker(output).again(write_run(output, run, **options)))).getroot()


def said(tree: Any, selector: str) -> str:
    return " ".join(" ".join(found.text_content() for found in tree.cssselect(selector)).split())


def broken_links(page: Path) -> list[str]:
    """The links of a page that lead to no file."""
    links = html.parse(str(page)).getroot().xpath("//@href")
    files = [link for link in links if not re.match(r"https?://|#", link)]
    assert files
    return [link for link in files if not (page.parent / unquote(link)).is_file()]


def test_the_report_tells_what_ran_and_what_came_out(tmp_path: Path) -> None:
    for day in (28, 29, 30):
        write_run(tmp_path, account(day, sites={"harbour": site(10 * day)}))
    tree = report_of(tmp_path, account(31))
    assert said(tree, "h1") == "https://example.org/"
    assert said(tree, ".source").startswith("31 January 2026, 02:17 UTC, 2 min 5 s · run 2026")
    assert said(tree, ".verdict").startswith("Finished.")
    assert said(tree, "#alarms .alarms").startswith("field-lost site meadow: author filled 2%")
    assert "slow.example" in said(tree, "#alarms")
    assert len(tree.cssselect("#records tbody tr")) == 4
    assert [said(row, "th") for row in tree.cssselect(".site")] == ["meadow", "harbour"]
    harbour = tree.cssselect(".site")[1]
    assert "12 usually 290 3 1 812 1.2 MB" in said(harbour, "td")
    facts = [each.text_content() for each in harbour.cssselect("dt, dd")]
    assert facts[:4] == ["Always filled", "title", "Filled in part", "author 75%"]
    assert harbour.cssselect("svg.spark path")
    assert "page-type-listing 2 67%" in said(tree, "#rejects")
    assert "links make up 84% of its text" in said(tree, "#rejects .examples")
    assert "paywall" in said(tree, "main")
    assert "Other articles 8% 5,112 characters in 150 blocks" in said(tree, "main")
    assert "Pages a second 0.12" in said(tree, "#speed")
    assert "CONTACT you@example.org" in said(tree, "#asked")


def test_a_run_that_knows_no_sites_says_that_it_was_not_compared(tmp_path: Path) -> None:
    older = {k: v for k, v in account().items() if k not in ("sites", "alarms", "pages")}
    tree = report_of(tmp_path, older)
    assert "not compared" in said(tree, "#alarms")
    assert not tree.cssselect("#sites")


def paths(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every place in a table of tables."""
    inner = value.items() if isinstance(value, dict) else ()
    return [path] * bool(path) + [p for key, each in inner for p in paths(each, (*path, key))]


@pytest.mark.parametrize("wrong", ["x", [{"x": -1}]], ids=str)
def test_whatever_stands_in_run_json_there_is_a_report(tmp_path: Path, wrong: Any) -> None:
    keys = [path for path in paths(account()) if path[0] not in ("run_id", "sites")]
    keys += [("sites",), *(path for path in paths(account()) if path[:2] == ("sites", "harbour"))]
    writes = maker(tmp_path)
    folder = write_run(tmp_path, account())
    for path in keys:
        run = json.loads(json.dumps(account()))
        table = run
        for key in path[:-1]:
            table = table[key]
        table[path[-1]] = wrong
        assert writes.report(folder, run, ["run.json"]).stat().st_size, path
        if len(path) == 1:
            (folder / "run.json").write_text(json.dumps(run), "utf-8")
            writes.index()


def test_damaged_runs_are_passed_over(tmp_path: Path) -> None:
    for day, text in ((1, "{"), (2, "[]"), (3, '{"run_id": 5}'), (4, "\x00")):
        (write_run(tmp_path, account(day)) / "run.json").write_text(text)
    (tmp_path / "runs" / "notes").mkdir()
    tree = report_of(tmp_path, account())
    assert len(tree.cssselect("#records tbody tr")) == 1
    rows = html.parse(str(maker(tmp_path).index())).getroot().cssselect("tbody tr")
    assert said(rows[0], "code") == account()["run_id"]


class TestExamples:
    def test_a_few_of_each_reason_from_several_hosts(self, tmp_path: Path) -> None:
        path = tmp_path / "rejected.jsonl"
        urls = ["https://a.org/1", "https://a.org/2", "https://a.org/3", "https://b.org/1"]
        records = [reject(url=url) for url in urls] + [reject(reason="gone", url=None)]
        path.write_text("\n".join(map(json.dumps, [*records, 5, "x"])) + "\n{\n\xff", "latin-1")
        found = examples(path, 3)
        assert [each.url for each in found["page-type-listing"]] == [urls[0], urls[3], urls[1]]
        assert [each.url for each in found["gone"]] == [""]

    @pytest.mark.parametrize(
        ("url", "link"),
        [
            ("https://a.org/x?y", True),
            ("javascript:alert(1)", False),
            ("java\tscript:alert(1)", False),
            ("data:text/html,x", False),
            ("https:", False),
            ("//a.org", False),
            ("http://[", False),
            ("/home/x.html", False),
        ],
    )
    def test_only_an_address_of_the_web_is_a_link(self, url: str, link: bool) -> None:
        assert (Example("r", url, "", True, None).link is not None) == link

    @pytest.mark.parametrize("file", ["../x.warc.gz", "/etc/passwd", "a/b", "", None, 5])
    def test_a_place_lies_in_the_archive(self, tmp_path: Path, file: Any) -> None:
        path = tmp_path / "rejected.jsonl"
        path.write_text(json.dumps(reject(warc_file=file, warc_offset=0)))
        assert examples(path, 1)["page-type-listing"][0].place is None


def archived(folder: Path, count: int) -> list[Example]:
    """Pages in an archive, as examples."""
    archive = Archive(folder, "run")
    body = hub("/a", "/b").encode()
    found = []
    for number in range(count):
        url = f"https://example.org/{number}"
        place = archive.append(pack(exchange(url, body), None))
        found.append(Example("page-type-listing", url, "", True, place))
    archive.close()
    return found


def exchange(url: str, body: bytes) -> Exchange:
    return Exchange(
        url=url, fetched_at=datetime.now(UTC), request_headers=(), status=200,
        headers=((b"Content-Type", b"text/html"),), body=body, ip=None, protocol="HTTP/1.1",
    )  # fmt: skip


class TestExplainPages:
    def test_their_number_is_bounded(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("scraper.report.explained.MOST_PAGES", 2)
        found = archived(tmp_path, 3)
        Explainer(tmp_path, SITES).explain(found, tmp_path / "explained")
        names = sorted(path.name for path in (tmp_path / "explained").iterdir())
        assert names == sorted(each.page_name for each in found[:2])

    def test_none_is_begun_when_the_time_is_over(self, tmp_path: Path) -> None:
        seconds = iter(range(0, 1000, 7))
        explainer = Explainer(tmp_path, SITES, clock=lambda: float(next(seconds)))
        explainer.explain(archived(tmp_path, 4), tmp_path / "explained")
        assert len(list((tmp_path / "explained").iterdir())) == 1

    def test_what_is_not_archived_or_damaged_has_none(self, tmp_path: Path) -> None:
        (there,) = archived(tmp_path, 1)
        elsewhere = [Place("run-00000.warc.gz", 7), Place("gone.warc.gz", 0)]
        lost = [Example("r", f"https://e.org/{p.offset}", "", True, p) for p in elsewhere]
        Explainer(tmp_path, SITES).explain([*lost, there], tmp_path / "explained")
        assert [p.name for p in (tmp_path / "explained").iterdir()] == [there.page_name]


@pytest.mark.slow
def test_the_command_takes_the_newest_run_or_the_one_named(tmp_path: Path) -> None:
    first, second = (write_run(tmp_path, account(day)) for day in (30, 31))
    settings = ("-s", f"OUTPUT_DIR={tmp_path}")
    done = scrapy("report", *settings)
    assert (done.returncode, done.stdout) == (0, f"{second / 'report.html'}\n"), done.stderr
    assert not (first / "report.html").exists()
    assert scrapy("report", first.name, *settings).returncode == 0
    assert broken_links(first / "report.html") == []
    assert broken_links(tmp_path / "index.html") == []
    done = scrapy("report", "20260131T021700Z-4f1d", *settings)
    assert done.returncode == 2
    assert 'did you mean "20260131T021700Z-4f1c"' in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("args", "told"),
    [(["a", "b"], "give one run"), (["../runs"], 'no run "../runs"'), ([], "there is no run yet")],
)
def test_a_mistake_is_told(tmp_path: Path, args: list[str], told: str) -> None:
    with pytest.raises(UsageError, match=re.escape(told)):
        chosen_run(tmp_path / "runs", args)


ROUTES = {
    "/": hub("/a", "/b", "/gone"),
    "/a": article("asthma"),
    "/b": Reply("<p><a href=/a>A</a> <a href=/c>C</a>"),
    "/gone": Reply(status=410),
}


@pytest.mark.slow
class TestCrawl:
    def test_every_run_leaves_its_report_with_explain_pages(self, tmp_path: Path) -> None:
        with serve(ROUTES) as server:
            done = crawl(tmp_path, f"url={server.url}/", settings=REPORTED)
        assert done.status == 0, done.stderr
        (folder,) = (tmp_path / "runs").iterdir()
        page = folder / "report.html"
        assert "report.html" in done.run["files"]
        assert broken_links(page) == []
        assert broken_links(tmp_path / "index.html") == []
        tree = html.parse(str(page)).getroot()
        explained = tree.xpath("//a[@class='explained']/@href")
        assert explained
        story = html.parse(str(folder / explained[0])).getroot()
        assert said(story, ".verdict").startswith("Rejected: page-type-")

        code = "".join(re.findall(r"```python\n(.*?)```", DOCUMENT, re.S))
        (tmp_path / "output").symlink_to(tmp_path)
        told = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert "127.0.0.1" in told.stdout
        assert f"1 articles, {len(done.rejected)} rejected" in told.stdout

    def test_without_an_archive_it_says_why_nothing_is_explained(self, tmp_path: Path) -> None:
        with serve(ROUTES) as server:
            crawl(tmp_path, f"url={server.url}/", settings=(*REPORTED, "ARCHIVE=False"))
        (folder,) = (tmp_path / "runs").iterdir()
        tree = html.parse(str(folder / "report.html")).getroot()
        assert "kept no raw pages (ARCHIVE)" in said(tree, "#rejects")
        assert not tree.cssselect(".explained")

    def test_a_report_that_cannot_be_written_keeps_no_run_from_being_published(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "index.html").mkdir()
        with serve(ROUTES) as server:
            done = crawl(tmp_path, f"url={server.url}/", settings=REPORTED)
        assert len(done.articles) == 1
        assert f"annot write {tmp_path / 'index.html'}" in done.stderr
        assert "Traceback" not in done.stderr
        assert done.status == 1


def test_a_crawl_begins_without_the_plotting_library() -> None:
    code = (
        "import sys, scraper.commands.crawl, scraper.commands.report, scraper.runs, "
        "scraper.spiders.articles; print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert not {"pygal", "jinja2", "scraper.report"} & set(done.stdout.split())
