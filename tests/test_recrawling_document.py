"""The example in docs/recrawling.md, run on the state of a real crawl."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crawls import IMPOLITE, PROJECT, crawl
from tests.health_site import article, hub
from tests.servers import serve

pytestmark = pytest.mark.slow

EVERYTHING = (*IMPOLITE, "REVISIT_MIN=0", "REVISIT_FIRST=0")


def test_the_state_can_be_asked_as_the_document_says(tmp_path: Path) -> None:
    (code,) = re.findall(
        r"```python\n(.*?)```", (PROJECT / "docs" / "recrawling.md").read_text("utf-8"), re.S
    )
    routes = {"/": hub("/a", "/b"), "/a": article("asthma"), "/b": article("gout")}
    output = tmp_path / "output"
    with serve(routes) as site:
        crawl(output, f"url={site.url}/", settings=EVERYTHING)
        del routes["/b"]
        for _ in range(2):
            crawl(output, f"url={site.url}/", "revisit=all", settings=EVERYTHING)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert f"gone: {site.url}/b since 20" in done.stdout
    assert f"days: {site.url}/a" in done.stdout
