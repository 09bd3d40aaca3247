"""The README's examples, run as they stand there (those that need no network)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.schema import ARTICLE_SCHEMA

from .conftest import ROOT, scrapy_environment

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like a checkout, with what `scrapy clean` makes by the README's own line."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("examples", "pipelines", "scraper", "scrapy.cfg"):
        (folder / name).symlink_to(ROOT / name)
    (line,) = [line for line in "".join(blocks("sh")).splitlines() if "scrapy clean" in line]
    run([sys.executable, "-m", *line.split()], folder)
    return folder


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env=scrapy_environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("code", blocks("python"))
def test_python_examples_run_and_print(folder: Path, code: str) -> None:
    assert run([sys.executable, "-c", code], folder).strip()


@pytest.mark.slow
@pytest.mark.parametrize("query", blocks("sql"))
def test_queries_run_in_duckdb(folder: Path, query: str) -> None:
    duckdb = pytest.importorskip("duckdb")
    query = query.replace("'articles.parquet'", f"'{folder / 'articles.parquet'}'")
    assert duckdb.sql(query).fetchall()


@pytest.mark.parametrize("sample", blocks("json"))
def test_the_sample_is_a_record(sample: str) -> None:
    record = json.loads(sample)
    assert set(record) <= set(ARTICLE_SCHEMA.names)


def test_make_targets_and_linked_files_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"\bmake ([a-z]+)\b", README)) <= targets
    for link in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / link).exists(), link
