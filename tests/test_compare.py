"""The comparison with other extractors: one command, on a folder of labelled pages."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from benchmarks.labelled import Score, articles, score, summary
from benchmarks.memory import STATUS
from benchmarks.systems import SYSTEMS, declared_language, plain
from pipelines import clean
from pipelines.model import MODELS

PROJECT = Path(__file__).parent.parent
COMMAND = (sys.executable, str(PROJECT / "benchmarks" / "compare.py"))
MODULES = {
    "trafilatura": "trafilatura",
    "resiliparse": "resiliparse",
    "readability-lxml": "readability",
    "newspaper4k": "newspaper",
    "jusText": "justext",
}

TOPICS = {
    "ankle": "A sprained ankle swells within the hour and hurts at every step that is taken on it",
    "cough": "A cough after a cold may last for three weeks and then goes away by itself at last",
    "sleep": "A short walk in the light of the morning helps people who lie awake late at night",
}


def body_of(topic: str) -> str:
    sentences = [f"{TOPICS[topic]}, says part {number} of this page." for number in range(1, 6)]
    return "\n\n".join(" ".join([sentence] * 3) for sentence in sentences)


def page_of(topic: str) -> str:
    paragraphs = "".join(f"<p>{text}</p>" for text in body_of(topic).split("\n\n"))
    menu = "".join(f'<li><a href="/{name}/">All about {name}</a></li>' for name in TOPICS)
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{topic}</title></head>"
        f"<body><nav><ul>{menu}</ul></nav><article><h1>About the {topic}</h1>{paragraphs}</article>"
        "<footer><p>© 2026 Example Clinic. All rights reserved.</p></footer></body></html>"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three labelled article pages, and a listing that is no part of the comparison."""
    where = tmp_path / "labelled"
    (where / "html").mkdir(parents=True)
    rows: list[dict[str, Any]] = [
        {
            "id": topic,
            "url": f"https://{topic}.example/page",
            "page_type": "article",
            "body": body_of(topic),
        }
        for topic in TOPICS
    ]
    rows.append({"id": "list", "url": "https://list.example/", "page_type": "listing", "body": ""})
    for row in rows:
        html = page_of(row["id"]) if row["id"] in TOPICS else "<ul><li>One</ul>"
        (where / "html" / f"{row['id']}.html.gz").write_bytes(gzip.compress(html.encode()))
    lines = [json.dumps(row) for row in rows]
    (where / "truth.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return where


def compare(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], cwd=PROJECT, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_one_command_compares(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = compare(folder, "--out", out)
    assert done.returncode == 0, done.stderr
    told = json.loads((out / "results.json").read_text("utf-8"))
    table = (out / "table.md").read_text("utf-8")

    run = told["run"]
    assert (run["folder"], run["pages"], run["out_of_fold"]) == ("labelled", 3, False)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", run["date"])
    assert run["cpu"]
    assert run["cores"] >= 1
    assert run["python"] == ".".join(map(str, sys.version_info[:3]))
    assert run["versions"]["lxml"]

    expected = {"marrow"} | {name for name, module in MODULES.items() if find_spec(module)}
    assert {system["name"] for system in told["systems"]} == expected
    for name in MODULES.keys() - expected:
        assert f"{name} is not installed: left out" in done.stdout
        assert name in run["missing"]
    for system in told["systems"]:
        assert system["name"] in done.stdout
        assert f"| {system['name']} |".replace("marrow", "**marrow**") in table
        assert system["ms_mean"] > 0
        assert system["raised"] == []
        assert all(0 <= value <= 1 for value in system["quality"].values())
        if STATUS.exists():
            assert system["mb_peak"] >= system["mb_after_import"] > 0

    ours = next(system for system in told["systems"] if system["name"] == "marrow")
    assert ours["quality"]["word_f1"] > 0.95
    assert run["versions"]["marrow"]
    assert "3 article pages" in table

    if find_spec("matplotlib"):
        assert ElementTree.parse(out / "plot.svg").getroot().tag.endswith("svg")
        assert "marrow" in (out / "plot.svg").read_text("utf-8")
    else:
        assert "without matplotlib no plot" in done.stdout


def test_a_folder_without_labels_is_refused(tmp_path: Path) -> None:
    done = compare(tmp_path)
    assert done.returncode == 2
    assert "truth.jsonl" in done.stderr


def test_pages_are_drawn_alike_each_time(folder: Path) -> None:
    drawn = [[page.id for page in articles(folder, 2)] for _ in range(3)]
    assert drawn[0] == drawn[1] == drawn[2]
    assert len(drawn[0]) == 2
    assert [page.id for page in articles(folder)] == list(TOPICS)


@pytest.mark.parametrize(
    ("text", "truth", "expected"),
    [
        ("one two three four five", "one two three four five", (1, 1, 1, 1)),
        ("one two three four", "one two three four five six", (1, 2 / 3, 1, 1 / 3)),
        ("four three two one", "one two three four", (1, 1, 0, 0)),
        ("one", "one", (1, 1, 1, 1)),
        ("", "one two three four", (0, 0, None, 0)),
        ("one two three four", "", (0, 0, 0, None)),
        ("", "", (1, 1, None, None)),
        ("发热三天", "发热三天", (1, 1, 1, 1)),
    ],
)
def test_scores(text: str, truth: str, expected: tuple[float | None, ...]) -> None:
    found = score(text, truth)
    shares = (found.precision, found.recall, found.shingle_precision, found.shingle_recall)
    assert shares == pytest.approx(expected)


def test_the_shingle_figure_is_that_of_the_means() -> None:
    means = summary([Score(1, 0.5, 1, 0.5), Score(0, 0, None, 0)])
    assert means["shingle_precision"] == 1
    assert means["shingle_recall"] == 0.25
    assert means["shingle_f1"] == pytest.approx(0.4)
    assert means["word_f1"] == pytest.approx((2 / 3) / 2)


def test_words_of_neighbouring_blocks_stay_apart() -> None:
    assert plain("<div><h2>Rest</h2><p>Cool<br>the <b>ank</b>le</p></div>").split() == [
        "Rest",
        "Cool",
        "the",
        "ankle",
    ]
    assert plain(" ") == ""


@pytest.mark.parametrize(
    ("page", "language"),
    [
        (b"<!doctype html><HTML class=a lang='de-AT'>", "de"),
        (b"<html data-x=1 lang=fr>", "fr"),
        (b"<html><p lang=it>", "en"),
    ],
)
def test_the_declared_language(page: bytes, language: str) -> None:
    assert declared_language(page) == language


def test_every_peer_is_among_the_requirements_with_a_reason() -> None:
    lines = (PROJECT / "benchmarks" / "requirements.txt").read_text("utf-8").splitlines()
    reasons = {
        re.split(r"[<>=]", line)[0]: line.partition("#")[2].strip()
        for line in lines
        if line and line[0] not in "#-"
    }
    for system in SYSTEMS:
        if system.distribution:
            assert reasons[system.distribution]


def test_pages_of_a_site_are_held_out_together(folder: Path) -> None:
    pytest.importorskip("lightgbm", reason="benchmarks/requirements.txt is not installed")
    from benchmarks.fold_tables import by_fold

    pages = articles(folder)
    twice = [
        replace(page, url=f"https://{sub}.example.com/{page.id}") for sub in "ab" for page in pages
    ]
    assert [len(part) for part in by_fold(twice) if part] == [len(twice)]
    assert sorted(page.id for part in by_fold(pages) for page in part) == sorted(TOPICS)


def test_tables_of_a_fold_are_used_and_given_back(tmp_path: Path) -> None:
    """With tables that find no text anywhere there is no article; afterwards there is one."""
    pytest.importorskip("lightgbm", reason="benchmarks/requirements.txt is not installed")
    from benchmarks.fold_tables import tables_from

    shutil.copytree(MODELS, tmp_path, dirs_exist_ok=True)
    with np.load(MODELS / "blocks.npz") as shipped:
        np.savez(tmp_path / "blocks.npz", **{**shipped, "bias": -100.0})
    page = page_of("ankle").encode()
    before = clean(page)
    with tables_from(tmp_path):
        assert len(clean(page).body or "") < len(before.body or "")
    assert clean(page) == before
