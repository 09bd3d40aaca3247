"""Runs the real command `scrapy crawl` in a process of its own, and reads what it wrote."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parent.parent
# Pages are cleaned by the crawl itself, and so judged in the order in which they came: a process
# for a handful of pages takes as long to start as all the rest of the crawl. No report: few tests
# look at it.
IMPOLITE = (
    *("DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=0", "CONCURRENT_REQUESTS_PER_DOMAIN=4"),
    *("CLEANING_PROCESSES=0", "REPORT=False"),
)
# The same with a process that cleans, for what is promised of processes: kills and signals.
WITH_A_PROCESS = (*IMPOLITE, "CLEANING_PROCESSES=1")


@dataclass(frozen=True)
class Crawl:
    """A crawl that ended. `articles` and `rejected` are the records, empty where none came out."""

    status: int
    stdout: str
    stderr: str
    articles: list[dict[str, Any]]
    rejected: list[dict[str, Any]]
    run: dict[str, Any]

    @property
    def titles(self) -> list[str]:
        """The titles of the articles, sorted."""
        return sorted(article["title"] for article in self.articles)

    @property
    def reasons(self) -> dict[str, str]:
        """Path of each page refused, with the reason."""
        return {"/" + r["url"].split("/", 3)[3]: r["reason"] for r in self.rejected}


def crawl(output: Path, *arguments: str, settings: tuple[str, ...] = IMPOLITE) -> Crawl:
    """`scrapy crawl articles` with `-a` for each argument and `-s` for each setting."""
    options = [option for argument in arguments for option in ("-a", argument)]
    for setting in (f"OUTPUT_DIR={output}", *settings):
        options += ["-s", setting]
    return _read(scrapy("crawl", "articles", *options), output)


def scrapy(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command `scrapy` with any arguments, in the project's folder."""
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _read(done: subprocess.CompletedProcess[str], output: Path) -> Crawl:
    folders = sorted(path for path in output.glob("runs/*") if not path.name.startswith("."))
    folder = folders[-1] if folders else None
    return Crawl(
        status=done.returncode,
        stdout=done.stdout,
        stderr=done.stderr,
        articles=_lines(folder / "articles.jsonl") if folder else [],
        rejected=_lines(folder / "rejected.jsonl") if folder else [],
        run=json.loads((folder / "run.json").read_text("utf-8")) if folder else {},
    )


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
