"""A small spider in a process of its own, that keeps the files of hosts in a file on disk.

crawl = fetch_all(tmp_path, site.url + "/page", settings={"OBEY_DIRECTIVES": "tdm"})
crawl.outcomes            # for each address: its status, or "reason: sentence"
crawl.parsed              # how often the signal robots_parsed was sent
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.crawls import PROJECT

_SCRIPT = """
import json, sys
from dataclasses import asdict
from pathlib import Path

from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings

from scraper.failures import explain
from scraper.host_files import HostFile

ASKED = json.loads(sys.argv[1])


class FilesOnDisk:
    def __init__(self, path):
        self.path = Path(path)

    def _all(self):
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def get(self, address):
        kept = self._all().get(address)
        return kept and HostFile(kept["body"].encode("latin-1"), kept["status"], kept["fetched_at"])

    def put(self, address, file):
        kept = asdict(file) | {"body": file.body.decode("latin-1")}
        self.path.write_text(json.dumps(self._all() | {address: kept}))


class Small(Spider):
    name = "small"
    outcomes, parsed, tdm = {}, 0, {}

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        if ASKED["store"]:
            self.host_files = FilesOnDisk(ASKED["store"])

    @classmethod
    def from_crawler(cls, crawler, *args, **kwargs):
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.robots_parsed, signals.robots_parsed)
        return spider

    def robots_parsed(self, robotparser, request):
        self.parsed += 1

    def trusted_hosts(self):
        return frozenset(ASKED["trusted"])

    async def start(self):
        for address in ASKED["addresses"]:
            yield Request(address, self.parse, errback=self.fail, cb_kwargs={"asked": address})

    def parse(self, response, asked):
        self.outcomes[asked] = response.status
        self.tdm[asked] = repr(response.meta.get("tdm_file"))

    def fail(self, failure):
        found = explain(failure.value)
        self.outcomes[failure.request.cb_kwargs["asked"]] = f"{found.reason}: {found.detail}"

    def closed(self, reason):
        told = {"outcomes": self.outcomes, "parsed": self.parsed, "tdm": self.tdm}
        print(json.dumps(told))


settings = get_project_settings()
settings.setdict(ASKED["settings"], priority="cmdline")
process = AsyncCrawlerProcess(settings)
process.crawl(Small)
process.start()
"""
_QUICK = {
    "RUN_FOLDER": False,
    "DOWNLOAD_DELAY": 0.001,
    "AUTOTHROTTLE_ENABLED": False,
    "RETRY_TIMES": 0,
    "DOWNLOAD_TIMEOUT": 5,
    "ITEM_PIPELINES": {},
}


@dataclass(frozen=True)
class Fetched:
    """What came of the addresses; `stderr` is what was logged."""

    outcomes: Mapping[str, int | str]
    parsed: int
    tdm: Mapping[str, str]
    stderr: str


def fetch_all(
    folder: Path,
    *addresses: str,
    settings: Mapping[str, Any] | None = None,
    trusted: Sequence[str] = ("127.0.0.1",),
    store: bool = True,
) -> Fetched:
    """Ask for each address; the files of hosts are kept in `folder`, if at all."""
    asked = {
        "addresses": addresses,
        "settings": {**_QUICK, **(settings or {})},
        "trusted": list(trusted),
        "store": str(folder / "host_files.json") if store else None,
    }
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, json.dumps(asked)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout, done.stderr
    return Fetched(**json.loads(done.stdout), stderr=done.stderr)


def keep_file(folder: Path, address: str, body: str, age: float, now: float) -> None:
    """Have a host's file in the store already; `age` and `now` in seconds."""
    path = folder / "host_files.json"
    kept = json.loads(path.read_text()) if path.exists() else {}
    kept[address] = {"body": body, "status": 200, "fetched_at": now - age}
    path.write_text(json.dumps(kept))


def kept_files(folder: Path) -> dict[str, dict[str, Any]]:
    """What stands in the store, by address."""
    return json.loads((folder / "host_files.json").read_text())
