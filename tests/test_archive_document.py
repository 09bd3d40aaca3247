"""The examples of `docs/archive.md`, run as they stand there on a crawl of a site."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.articles import page
from tests.crawls import PROJECT, crawl
from tests.servers import serve

EXAMPLES = re.findall(
    r"^```python\n(.*?)^```", (PROJECT / "docs" / "archive.md").read_text("utf-8"), re.M | re.S
)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose `output` is that of one crawl."""
    folder = tmp_path_factory.mktemp("checkout")
    with serve({"/": page("en")}) as site:
        assert crawl(folder / "output", f"url={site.url}/").status == 0
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("example", "prints"), list(zip(EXAMPLES, ("200", "responses"), strict=True))
)
def test_the_examples_run(checkout: Path, example: str, prints: str) -> None:
    [run] = (checkout / "output" / "runs").glob("2*")
    done = subprocess.run(
        [sys.executable, "-c", example.replace("RUN_ID", run.name)],
        cwd=checkout,
        env={"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert prints in done.stdout
