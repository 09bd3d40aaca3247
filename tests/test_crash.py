"""A crawl that is killed, at any moment, and run again: nothing is lost, nothing is doubled."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.crawls import PROJECT, WITH_A_PROCESS
from tests.health_site import article, hub
from tests.servers import Reply, serve

pytestmark = pytest.mark.slow

PAGES = 500
KILLS = 20
# Links on a page: the next ones, so that the site is found a few pages at a time.
LINKS = 5


def site(pages: int) -> dict[str, Reply | str]:
    """A site of that many articles, each linking to the next few; the front page to the first."""
    routes: dict[str, Reply | str] = {"/": hub(*(f"/{n}.html" for n in range(LINKS)))}
    for number in range(pages):
        after = range(number + 1, min(number + 1 + LINKS, pages))
        links = [f"/{n}.html" for n in after]
        routes[f"/{number}.html"] = article(f"illness {number}", *links)
    return routes


def start(output: Path, url: str, *more: str, file: Path | None = None) -> subprocess.Popen[bytes]:
    """`scrapy crawl articles` in a process group of its own, so that its workers die as well."""
    settings = [f"OUTPUT_DIR={output}", *WITH_A_PROCESS, "CHECKPOINT_SECONDS=0.3", *more]
    options = [word for setting in settings for word in ("-s", setting)]
    if file:
        options += ["-o", str(file)]
    return subprocess.Popen(
        [sys.executable, "-m", "scrapy", "crawl", "articles", "-a", f"url={url}/", *options],
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def records(output: Path) -> Iterator[dict[str, Any]]:
    """The articles of all published runs; that they can be read is part of what is tested."""
    for run in sorted(output.glob("runs/[!.]*")):
        lines = [json.loads(line) for line in (run / "articles.jsonl").read_text().splitlines()]
        frame = pd.read_parquet(run / "articles.parquet")
        assert list(frame["id"]) == [line["id"] for line in lines]
        yield from lines


def test_twenty_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    moments = random.Random(5)
    killed = 0
    with serve(site(PAGES)) as server:
        while True:
            process = start(tmp_path, server.url)
            try:
                _, told = process.communicate(
                    timeout=moments.uniform(0.5, 4.0) if killed < KILLS else 120
                )
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.communicate()
                killed += 1
                list(records(tmp_path))
                continue
            if killed >= KILLS or not _pending(tmp_path):
                break
    assert killed > 5
    assert process.returncode in (0, 3), told.decode()
    paths = Counter(line["url"].rsplit("/", 1)[1] for line in records(tmp_path))
    assert [path for path, times in paths.items() if times > 1] == []
    assert len(paths) == PAGES


def _pending(output: Path) -> bool:
    return any(output.glob("runs/.*.tmp"))
