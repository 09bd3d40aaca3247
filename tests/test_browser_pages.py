"""The switch `javascript`: pages that hold nothing before their scripts have run, and a browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from scraper.browser.switch import Javascript
from scraper.sites import SiteError, read_site
from tests.browsers import NAMES
from tests.crawls import IMPOLITE, PROJECT, Crawl, crawl
from tests.health_site import hub
from tests.script_site import ALERTS, CHOSEN, MORE, NOISE, RESTLESS, SCROLL, data, scripts, shell
from tests.servers import Reply, Server, serve

needs_browser = pytest.mark.skipif(
    not any(map(shutil.which, NAMES)),
    reason="no Chromium on this machine: run .ci/install-browser as root",
)
FAST = (*IMPOLITE, "BACK_OFF_BASE=0.1", "BACK_OFF_MAX=1")
# Seconds that the page spends which never lets go.
SHORT = "BROWSER_TIMEOUT=6"
# The last description that docs/javascript.md gives.
DESCRIBED = re.findall(
    r"^```toml\n(.*?)^```", (PROJECT / "docs" / "javascript.md").read_text("utf-8"), re.M | re.S
)[-1]
# What a page may try to load that no text is in.
UNASKED = ("/popup", "/beacon", "/socket", "/worker.js", "/picture.png", "/frame")
READ = ("app", "scroll", "more", "alerts", "restless")
REFUSED = ("busy", "off", "private", "forbidden", "loop", "memory", "large")


@dataclass(frozen=True)
class Read:
    """A crawl with the switch; another one, in which the browser is killed; two from the archive,
    with and without the switch.
    """

    first: Crawl
    again: Crawl
    replayed: Crawl
    without: Crawl
    archive: Path
    asked: tuple[str, ...]
    asked_again: tuple[str, ...]
    agents: frozenset[str | None]

    def article(self, path: str) -> dict[str, Any]:
        return next(one for one in self.first.articles if one["url"].endswith(path))

    def detail(self, path: str) -> str:
        found = (one for one in self.first.rejected if one["url"].endswith(path))
        return str(next(found)["detail"])


def site(other: str) -> dict[str, Reply | str]:
    """`other`: a server in the same network that no page may lead to."""
    return {
        "/robots.txt": Reply("User-agent: *\nDisallow: /api/forbidden", type="text/plain"),
        "/": hub(*(f"/{page}" for page in (*READ, "away", *REFUSED))),
        **scripts(**{name: f"{name} fever" for name in (*READ, "target", "slow", "chosen")}),
        "/app": Reply(shell(NOISE), headers={"ETag": '"shell"'}),
        "/scroll": shell(SCROLL),
        "/more": shell(MORE),
        "/alerts": shell(ALERTS),
        "/restless": shell(RESTLESS),
        "/never": Reply("late", delay=15),
        "/away": shell("location.href = '/target';"),
        "/target": shell(),
        "/slow": shell(),
        "/chosen": shell(CHOSEN),
        "/busy": shell(),
        "/api/busy": Reply("not now", status=503, type="application/json"),
        "/api/slow": Reply(data("slow fever").body, type="application/json", delay=1.5),
        "/off": shell(f"location.replace('{other}/far');"),
        "/private": shell(f"fetch('{other}/secret').then(a => a.text()).then(show);"),
        "/api/forbidden": data("forbidden fever"),
        "/forbidden": shell(),
        "/loop": shell("while (true);"),
        "/memory": shell("window.all = new Uint8Array(1.3e9).fill(1);"),
        "/large": shell("for (let i = 0; i < 3000; i++) root.dataset['n' + i] = 'x'.repeat(5000);"),
    }


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    folder = tmp_path_factory.mktemp("browser")
    output, toml = folder / "output", folder / "health.toml"
    settings = (*FAST, f"SITES_DIR={folder}")
    with serve({}) as outside, serve(site(f"http://localhost:{outside.port}")) as server:
        toml.write_text(f'start = ["{server.url}/"]\nsitemaps = []\n[javascript]\nscroll = 4\n')
        first = crawl(output, "site=health", settings=(*settings, SHORT))
        asked = tuple(server.paths)
        starts = ", ".join(f'"{server.url}{path}"' for path in ("/app", "/slow", "/chosen"))
        toml.write_text(DESCRIBED.replace('"https://www.example.org/health/"', starts))
        killer = threading.Thread(target=kill_browser, args=(server,))
        killer.start()
        again = crawl(output, "site=health", settings=settings)
        killer.join()
        agents = frozenset(one.headers.get("User-Agent") for one in server.asked)
        asked_again = tuple(server.paths[len(asked) :])
        assert outside.paths == []
    archive = output / "archive"
    kept = (*FAST, f"REPLAY={archive}", "BROWSER_PATH=/not/needed")
    start = f"url={server.url}/"
    replayed = crawl(folder / "replayed", start, "javascript=true", settings=kept)
    without = crawl(folder / "without", start, settings=kept)
    return Read(first, again, replayed, without, archive, asked, asked_again, agents)


def kill_browser(server: Server) -> None:
    """`kill -9` for the browser below this process, once it waits for what /slow shows."""
    until = time.monotonic() + 60
    while "/api/slow" not in server.paths and time.monotonic() < until:
        time.sleep(0.02)
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command = (path / "cmdline").read_bytes()
        except OSError:
            continue
        if b"--headless" in command and b"--type=" not in command and is_below(int(path.name)):
            os.kill(int(path.name), signal.SIGKILL)


def is_below(pid: int) -> bool:
    """Whether a process descends from this one."""
    while pid > 1 and pid != os.getpid():
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            return False
    return pid == os.getpid()


@pytest.mark.slow
@needs_browser
def test_text_that_scripts_make_is_read(read: Read) -> None:
    assert read.first.titles == sorted(f"Living with {name} fever" for name in (*READ, "target"))
    assert read.first.stderr == ""
    whole = read.article("/app")["word_count"]
    assert read.article("/more")["word_count"] == whole
    assert read.article("/restless")["word_count"] == whole
    assert "Screen 2:" in read.article("/scroll")["body"]
    assert "Screen 6:" not in read.article("/scroll")["body"]


@pytest.mark.slow
@needs_browser
def test_only_what_text_is_made_of_is_asked_for_and_shared_scripts_once(read: Read) -> None:
    assert [path for path in UNASKED if path in read.asked] == []
    assert read.asked.count("/load.js") == 1
    assert read.agents == {"marrow/0.1"}


@pytest.mark.slow
@needs_browser
def test_what_a_browser_may_not_do_stands_in_the_rejects(read: Read) -> None:
    assert {path: read.first.reasons.get(f"/{path}") for path in REFUSED} == {
        "busy": "http-503",
        "off": "redirect-off-site",
        "private": "page-type-script-only",
        "forbidden": "page-type-script-only",
        "loop": "browser-timeout",
        "memory": "page-crashed",
        "large": "too-large",
    }
    assert "private-address (1)" in read.detail("/private")
    assert "robots-disallowed (1)" in read.detail("/forbidden")
    assert "BROWSER_TIMEOUT" in read.detail("/loop")


@pytest.mark.slow
@needs_browser
def test_a_killed_browser_is_started_again_and_what_has_not_changed_is_not_exported(
    read: Read,
) -> None:
    assert read.asked_again.count("/api/slow") == 2
    assert "/api/app" in read.asked_again  # the frame's ETag says nothing of what fills it
    assert read.again.titles == ["Living with chosen fever", "Living with slow fever"]
    assert read.again.rejected == []
    assert read.again.stderr == ""


@pytest.mark.slow
@needs_browser
def test_the_description_in_the_document_waits_and_clicks(read: Read) -> None:
    words = {one["url"].rpartition("/")[2]: one["word_count"] for one in read.again.articles}
    assert words["chosen"] == words["slow"]


@pytest.mark.slow
@needs_browser
def test_the_archive_has_what_came_and_what_the_browser_made_of_it(read: Read) -> None:
    article = read.article("/app")
    with (read.archive / article["warc_file"]).open("rb") as file:
        file.seek(article["warc_offset"])
        records = iter(ArchiveIterator(file))
        made = next(records)
        html = made.content_stream().read().decode()
        came = next(records)
        shell_sent = came.content_stream().read().decode()
    assert (made.rec_type, came.rec_type) == ("conversion", "response")
    refers, name = made.rec_headers["WARC-Refers-To"], came.rec_headers["WARC-Record-ID"]
    assert refers == name
    assert "What helps against app fever" in html
    assert shell_sent == shell(NOISE)


@pytest.mark.slow
@needs_browser
def test_a_replay_needs_no_browser_and_gives_the_same_articles(read: Read) -> None:
    def told(run: Crawl) -> list[tuple[Any, ...]]:
        names = ("url", "title", "body", "page_sha256", "warc_file", "warc_offset", "fetched_at")
        once = (one for one in run.articles if not one["url"].endswith("/app"))
        return sorted(tuple(one[name] for name in names) for one in once)

    assert read.replayed.titles == read.first.titles
    assert told(read.replayed) == told(read.first)
    assert read.replayed.reasons["/off"] == "redirect-off-site"


@pytest.mark.slow
@needs_browser
def test_without_the_switch_the_reject_names_it(read: Read) -> None:
    assert read.without.articles == []
    details = [one["detail"] for one in read.without.rejected if one["url"].endswith("/app")]
    assert read.without.reasons["/app"] == "page-type-script-only"
    assert "javascript = true in its description, or -a javascript=true" in details[0]


@pytest.mark.slow
def test_a_crawl_without_a_browser_does_not_begin(tmp_path: Path) -> None:
    settings = (*FAST, "BROWSER_PATH=/no/such/browser")
    done = crawl(tmp_path / "out", "url=http://127.0.0.1:9/", "javascript=true", settings=settings)
    assert done.status == 2
    assert done.stderr.count("\n") == 1
    assert "BROWSER_PATH=/no/such/browser is no program" in done.stderr
    assert not (tmp_path / "out").exists()


SWITCHES = [
    ("javascript = true", Javascript()),
    ("javascript = false", None),
    ("[javascript]", Javascript()),
    ("[javascript]\nclick = []", Javascript(click=())),
    (
        '[javascript]\nwait_for = ".text"\nclick = ["button.all"]\nscroll = 3',
        Javascript(wait_for=".text", click=("button.all",), scroll=3),
    ),
]
MISTAKES = [
    ('javascript = "yes"', "javascript: true, false or a table"),
    ("[javascript]\nwaitfor = 'p'", 'did you mean "wait_for"'),
    ("[javascript]\nwait_for = 'p::text'", "javascript.wait_for"),
    ("[javascript]\nclick = 'p'", "javascript.click: a list of strings"),
    ("[javascript]\nclick = ['p[']", "javascript.click"),
    ("[javascript]\nscroll = 101", "javascript.scroll: at most 100"),
    ("[javascript]\nscroll = true", "javascript.scroll: a whole number"),
]


@pytest.mark.parametrize(("lines", "expected"), SWITCHES)
def test_the_switch_in_a_description(
    tmp_path: Path, lines: str, expected: Javascript | None
) -> None:
    path = tmp_path / "site.toml"
    path.write_text(f'start = ["https://example.org/"]\n{lines}\n')
    assert read_site(path).javascript == expected


@pytest.mark.parametrize(("lines", "says"), MISTAKES)
def test_a_mistake_in_it_is_named(tmp_path: Path, lines: str, says: str) -> None:
    path = tmp_path / "site.toml"
    path.write_text(f'start = ["https://example.org/"]\n{lines}\n')
    with pytest.raises(SiteError, match=r"site\.toml") as error:
        read_site(path)
    assert says in str(error.value)


def test_nothing_of_playwright_is_imported_before_a_site_needs_it() -> None:
    seen = "import scraper.commands.crawl, scraper.replay, scraper.keeping, scraper.browser.addon"
    program = f"{seen}, json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    loaded = json.loads(done.stdout)
    assert [name for name in loaded if "playwright" in name] == []
