"""The benchmarks of whole crawls run, and count rightly, on sites of a few pages."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from urllib.request import urlopen

import pytest
from lxml import html

from benchmarks.generated_site import GeneratedSite
from benchmarks.page_server import drained, serving
from benchmarks.processes import PROC, watched
from pipelines import Article, clean

PROJECT = Path(__file__).parent.parent
SITE = GeneratedSite(articles=20, size=12_000, links=20)
SMALL = ("--pages", "20", "--size", "12000", "--links", "20")
needs_proc = pytest.mark.skipif(not PROC.exists(), reason="reads /proc")


def benchmark(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    script = str(PROJECT / "benchmarks" / f"{name}.py")
    return subprocess.run(
        [sys.executable, script, *map(str, arguments)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def links(number: int, site: GeneratedSite = SITE) -> list[str]:
    return [link.get("href") for link in html.fromstring(site.page(number)).iter("a")]


def test_pages_are_as_asked_and_the_same_each_time() -> None:
    heavy = GeneratedSite(articles=300, size=60_000, links=80)
    for number in (0, 1, 299):
        assert heavy.page(number) == replace(heavy).page(number)
        assert len(heavy.page(number)) == 60_000
        assert len(links(number, heavy)) == 80
    assert heavy.page(7) != replace(heavy, seed=1).page(7)


def test_every_page_is_reached_from_the_front_page() -> None:
    numbers = {SITE.path(number): number for number in SITE.numbers}
    reached, pending = {"/"}, ["/"]
    while pending:
        found = set(links(numbers[pending.pop()])) - reached
        reached |= found
        pending += found
    assert reached == numbers.keys()


def test_the_pages_are_articles_of_their_own() -> None:
    records = [
        clean(SITE.page(number), url=f"http://127.0.0.1{SITE.path(number)}")
        for number in SITE.numbers[1:]
    ]
    articles = [record for record in records if isinstance(record, Article)]
    assert len(articles) == 20
    assert len({article.body_sha256 for article in articles}) == 20
    assert {article.language for article in articles} == {"en"}
    assert all(article.authors and article.date_published for article in articles)


@pytest.mark.slow
@pytest.mark.parametrize("zipped", [False, True])
def test_the_server_tells_what_it_was_asked_for(zipped: bool) -> None:
    with serving(SITE, zipped=zipped) as server:
        assert server.told().first is None
        assert drained(server, SITE, connections=3) > 0
        with urlopen(server.address) as answer:
            assert answer.headers["Content-Encoding"] == ("gzip" if zipped else None)
        told = server.told()
        assert (told.pages, told.repeated, told.missing) == (21, 1, 0)
        assert told.first is not None
        assert told.last is not None
        assert told.first < told.last
        assert server.told().pages == 0


@needs_proc
def test_processes_are_told_apart(tmp_path: Path) -> None:
    busy = "import time\nwhile time.process_time() < 0.5: pass\n"
    command = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {busy!r}])\n{busy}"
    used = watched([sys.executable, "-c", command], cwd=tmp_path, log=tmp_path / "log")
    assert used.status == 0
    assert len(used.below) == 1
    assert 0.2 < used.main.seconds < 2
    assert 0.2 < used.children.seconds < 2
    assert 1 < used.main.peak < 1_000


@pytest.mark.slow
@needs_proc
def test_throughput_counts_pages_and_articles() -> None:
    done = benchmark("throughput", *SMALL, "--concurrency", 4, "--rounds", 1, "--least", 0)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^bare \(css\), 4 at a time +21 +- ", done.stdout, re.MULTILINE)
    assert re.search(r"^marrow, 4 at a time +21 +20 ", done.stdout, re.MULTILINE)
    assert re.search(r"pages a second of the bare spider's: \d+%", done.stdout)


@pytest.mark.slow
@needs_proc
def test_throughput_names_what_was_not_reached() -> None:
    done = benchmark("throughput", *SMALL, "--concurrency", 4, "--rounds", 1, "--least", 1e9)
    assert done.returncode == 1


@pytest.mark.slow
@needs_proc
def test_throughput_profiles_the_crawling_process() -> None:
    done = benchmark("throughput", *SMALL, "--profile")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Ordered by: internal time" in done.stdout
    assert "parse_page" in done.stdout


@pytest.mark.slow
@needs_proc
def test_memory_is_told_at_both_ends_of_a_crawl() -> None:
    done = benchmark("crawl_memory", *SMALL, "--early", 10)
    assert re.search(r"after 10 pages \d+ MB, after 20 \d+ MB", done.stdout), done.stderr
    assert "ended with status" not in done.stdout


@pytest.mark.slow
@needs_proc
def test_a_start_is_timed_and_the_state_shared_out() -> None:
    done = benchmark("state_size", *SMALL, "--addresses", 2_000, "--starts", 1)
    assert "2000 fetched: " in done.stdout, done.stderr
    for state in ("no state", "2000 fetched", "2000 wait"):
        assert re.search(rf"^{state} +\d+\.\d\d  \d", done.stdout, re.MULTILINE)
    assert re.search(r"^crawl_state\.State\.commit +\d+ ", done.stdout, re.MULTILINE)
    assert re.search(r"^21 pages in .*\nthe state: .*% of the run", done.stdout, re.MULTILINE)


def mirrored(folder: Path) -> None:
    """The site as files, with its truth, as `recrawl_sites.py` wants it."""
    rows = []
    for number in SITE.numbers:
        page = SITE.page(number)
        where = folder / "letter" / SITE.path(number).lstrip("/") / "index.html"
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_bytes(page)
        if number:
            tree = html.fromstring(page)
            plain = tree.xpath("//div[@class='article__body']/p[not(*)]/text()")
            rows.append(
                {
                    "path": str(where.relative_to(folder / "letter")),
                    "url_path": SITE.path(number),
                    "date": tree.xpath("//time/@datetime")[0],
                    "blocks": [{"type": "p", "text": text} for text in plain],
                }
            )
    truth = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "letter" / "truth.jsonl").write_text(truth, "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "sites.json").write_text(json.dumps([{"site": "letter", "port": port}]), "utf-8")


@pytest.mark.slow
def test_a_site_is_crawled_again_unchanged_and_changed(tmp_path: Path) -> None:
    mirrored(tmp_path)
    done = benchmark("recrawl_sites", tmp_path)
    # Articles; requests of the three crawls; articles exported by the second and the third.
    assert re.search(r"^letter +20 +\d+ +\d +\d+ +0 +2  right$", done.stdout, re.MULTILINE)
    assert done.returncode == 0, done.stdout + done.stderr
