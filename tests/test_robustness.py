"""No page brings the cleaner down: the command that shows it, and a little of what it does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.hostile import HOSTILE, SHAPES, shaped
from benchmarks.mutations import CHANGES, mutated
from benchmarks.robustness import PARTS, digest, faults
from pipelines import clean
from tests.conftest import ROOT

PAGES = [path.read_bytes() for path in sorted((ROOT / "examples" / "site").rglob("*.html"))]
COMMAND = (sys.executable, str(ROOT / "benchmarks" / "robustness.py"))
URL = "https://example.org/health/page"


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False
    )


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 2**40))
def test_a_page_changed_at_random_gives_a_record(seed: int) -> None:
    page = mutated(PAGES, seed)
    outcome = clean(page, URL)
    assert faults(outcome) == []
    assert digest(clean(page, URL)) == digest(outcome)


def test_mutations_are_the_same_for_the_same_seed() -> None:
    first = [mutated(PAGES, seed) for seed in range(40)]
    assert first == [mutated(PAGES, seed) for seed in range(40)]
    assert len(set(first)) == 40
    assert len(CHANGES) == len(set(CHANGES))


@pytest.mark.parametrize("shape", SHAPES)
def test_large_pages_are_as_large_as_asked_and_mean_something(shape: str) -> None:
    assert 100_000 <= len(shaped(shape, 100_000)) < 110_000
    assert faults(clean(shaped(shape, 100_000), URL)) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "100,000 divs in each other",
        "1,000,000 siblings",
        "1,000,000 attributes",
        "a comment that never ends",
        "a deep JSON-LD",
        "a JSON-LD of comments that never end",
        "a JSON-LD of objects without a list",
        "a gzip bomb",
        "spaces",
        "years below a heading",
        "by and by",
    ],
)
def test_a_hostile_page_ends_in_a_record(name: str) -> None:
    assert name in HOSTILE
    done = run("--one", name)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["faults"] == []
    assert found["said"].startswith(("article", "refused: "))


@pytest.mark.slow
def test_the_command_prints_a_table_for_each_part(tmp_path: Path) -> None:
    for n, page in enumerate(PAGES[:4]):
        (tmp_path / f"{n}.html").write_bytes(page)
    parts = [word for part in ("mutations", "same") for word in ("--only", part)]
    done = run(tmp_path, *parts, "--mutations", 12)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 mutations" in done.stdout
    assert "other records than the first" in done.stdout


def test_the_command_says_what_it_needs(tmp_path: Path) -> None:
    for arguments in ((), (tmp_path,), (tmp_path / "none",)):
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert "FOLDER" in done.stderr or "no *.html" in done.stderr


def test_every_part_is_documented() -> None:
    guide = (ROOT / "benchmarks" / "README.md").read_text("utf-8")
    assert all(f"`{part}`" in guide for part in PARTS)
