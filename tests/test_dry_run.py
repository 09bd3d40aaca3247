"""What `--dry-run` promises: it says what would be fetched and why, and touches nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crawls import IMPOLITE, crawl, scrapy
from tests.health_site import article, hub
from tests.servers import Server, serve

pytestmark = pytest.mark.slow


def dry(output: Path, site: Server, *arguments: str) -> str:
    """What the command says; nothing is asked of the site, and nothing written."""
    before = sorted(output.rglob("*.jsonl")), len(site.asked)
    options = [word for argument in arguments for word in ("-a", argument)]
    done = scrapy(
        *("crawl", "articles", "-a", f"url={site.url}/", "--dry-run"),
        *("-s", f"OUTPUT_DIR={output}", *options),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (sorted(output.rglob("*.jsonl")), len(site.asked)) == before
    return done.stdout


def test_before_the_first_run_only_the_start_is_known(tmp_path: Path) -> None:
    with serve({"/": hub("/a")}) as site:
        told = dry(tmp_path / "output", site)
    assert "1 address to begin with, of 0 known" in told
    assert "named as a start" in told
    assert not (tmp_path / "output").exists()


def test_what_a_run_left_and_what_is_due_stand_there_with_their_reasons(tmp_path: Path) -> None:
    pages = {f"/{n}": article(f"illness {n}") for n in range(8)}
    with serve({"/": hub(*pages), **pages}) as site:
        crawl(tmp_path, f"url={site.url}/", "max_pages=3", settings=IMPOLITE)
        told = dry(tmp_path, site, "max_pages=4")
        assert "7 addresses to begin with" in told
        assert "at most 4 pages" in told
        assert "6  found by an earlier run, which did not come to it" in told
        assert "… and 1 more" in told
        assert "the next of the others is due at 20" in told
        assert "known, and revisit=all asks for it" in dry(tmp_path, site, "revisit=all")
        crawl(tmp_path, f"url={site.url}/", settings=IMPOLITE)
        assert "1 address to begin with, of 10 known" in dry(tmp_path, site)
