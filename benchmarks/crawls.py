"""The command `scrapy crawl articles` as benchmarks run it, and what it left behind."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

PROJECT = Path(__file__).resolve().parent.parent


def without_delay(concurrency: int) -> tuple[str, ...]:
    """Settings of a crawl of one's own server: so many requests at a time, none held back."""
    return (
        "DOWNLOAD_DELAY=0",
        "AUTOTHROTTLE_ENABLED=0",
        f"CONCURRENT_REQUESTS_PER_DOMAIN={concurrency}",
    )


def crawl_arguments(
    address: str, output: Path, concurrency: int = 8, arguments: tuple[str, ...] = ()
) -> list[str]:
    """What stands behind `scrapy` on the command line; `arguments` are given with `-a`."""
    settings = (f"OUTPUT_DIR={output}", *without_delay(concurrency))
    return ["crawl", "articles", *_given((f"url={address}", *arguments), settings)]


def crawl_command(
    address: str, output: Path, concurrency: int = 8, arguments: tuple[str, ...] = ()
) -> list[str]:
    """The whole command line."""
    behind = crawl_arguments(address, output, concurrency, arguments)
    return [sys.executable, "-m", "scrapy", *behind]


def described_command(name: str, sites: Path, output: Path, concurrency: int = 8) -> list[str]:
    """The command for a site that a folder describes, `sites/NAME.toml`."""
    folders = (f"SITES_DIR={sites}", f"OUTPUT_DIR={output}")
    given = _given((f"site={name}",), (*folders, *without_delay(concurrency)))
    return [sys.executable, "-m", "scrapy", "crawl", "articles", *given]


def _given(arguments: tuple[str, ...], settings: tuple[str, ...]) -> list[str]:
    """Arguments of the spider and settings, as options of the command line."""
    options = [("-a", argument) for argument in arguments] + [("-s", one) for one in settings]
    return [part for option in options for part in option]


@dataclass(frozen=True)
class PublishedRun:
    """A run's folder, read: `run.json`, and the records of `articles.jsonl`, `rejected.jsonl`."""

    folder: Path
    report: dict[str, Any]
    articles: list[dict[str, Any]]
    rejected: list[dict[str, Any]]


def published(output: Path) -> list[PublishedRun]:
    """Every run below the folder, the oldest first."""
    return [
        PublishedRun(
            folder=report.parent,
            report=json.loads(report.read_text("utf-8")),
            articles=lines(report.parent / "articles.jsonl"),
            rejected=lines(report.parent / "rejected.jsonl"),
        )
        for report in sorted(output.glob("runs/*/run.json"))
        if not report.parent.name.startswith(".")
    ]


def path_of(address: str) -> str:
    """The path of an address, percent-encoding undone, so that two spellings compare equal."""
    return unquote(urlsplit(address).path)


def lines(path: Path) -> list[dict[str, Any]]:
    """The records of a JSONL file, none where there is none; split at line feeds alone."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
