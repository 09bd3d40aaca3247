"""Who may import whom, and `docs/architecture.md` against the code."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.label import STEPS

ROOT = Path(__file__).parent.parent
DOCUMENT = (ROOT / "docs" / "architecture.md").read_text("utf-8")

# What `scraper/` may use of `pipelines/`; the rest is how a page is cleaned.
PUBLIC = frozenset(
    "pipelines pipelines.records pipelines.schema pipelines.validation pipelines.writers"
    " pipelines.page pipelines.addresses pipelines.decode pipelines.dates pipelines.people"
    " pipelines.vocabulary pipelines.overrides pipelines.explain pipelines.explain_scores"
    " pipelines.explain_changes pipelines.warning_codes pipelines.page_parts"
    " pipelines.join_parts".split()
)
# The modules of `pipelines/` that stand between it and Scrapy.
SCRAPY_SIDE = frozenset(("pipelines.item_pipelines", "pipelines.exporters"))
# What opens connections: no part of cleaning.
NETWORK = frozenset(
    "scrapy twisted requests httpx aiohttp urllib3 socket ssl http urllib.request".split()
)


def modules(folder: str) -> dict[str, Path]:
    """Module names and paths below a folder; a package is named by its own name."""
    found = {}
    for path in sorted((ROOT / folder).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


def imports(path: Path) -> set[str]:
    """The modules that a source file imports; `from a import b` counts as `a` and `a.b`."""
    found: set[str] = set()
    tree = ast.parse(path.read_text("utf-8"))
    # What only the type checker reads is not imported.
    unread = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in unread:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            found.add(str(node.module))
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


PIPELINES, SCRAPER = modules("pipelines"), modules("scraper")


def of_project(path: Path) -> set[str]:
    return imports(path) & (PIPELINES.keys() | SCRAPER.keys())


@pytest.mark.parametrize("name", sorted(PIPELINES))
def test_cleaning_knows_no_network(name: str) -> None:
    used = imports(PIPELINES[name])
    known = {module for module in used if module in NETWORK or module.split(".")[0] in NETWORK}
    known -= {module for module in known if module.startswith("http.") and "client" not in module}
    if name in SCRAPY_SIDE:
        known = {module for module in known if not module.startswith("scrapy")}
    assert not known


@pytest.mark.parametrize("name", sorted(PIPELINES))
def test_cleaning_knows_no_crawler(name: str) -> None:
    assert not {used for used in imports(PIPELINES[name]) if used.split(".")[0] == "scraper"}


@pytest.mark.parametrize("name", sorted(PIPELINES.keys() - SCRAPY_SIDE))
def test_nothing_leans_on_the_side_of_scrapy(name: str) -> None:
    assert not of_project(PIPELINES[name]) & SCRAPY_SIDE


@pytest.mark.parametrize("name", sorted(SCRAPER))
def test_the_crawler_uses_what_is_public(name: str) -> None:
    used = {module for module in of_project(SCRAPER[name]) if module.startswith("pipelines")}
    assert used <= PUBLIC


@pytest.mark.parametrize("name", sorted(PIPELINES.keys() | SCRAPER.keys()))
def test_no_module_imports_a_test_or_a_benchmark(name: str) -> None:
    path = (PIPELINES | SCRAPER)[name]
    roots = {used.split(".")[0] for used in imports(path)}
    allowed = {"examples"} if name == "scraper.commands.demo" else set()
    assert not roots & {"tests", "benchmarks", "examples"} - allowed


@pytest.mark.parametrize("folder", ["pipelines", "scraper"])
def test_no_circles(folder: str) -> None:
    """Every module can be listed after all that it imports."""
    known = modules(folder)
    waiting = {
        name: (of_project(path) & known.keys()) - {name, name.rpartition(".")[0], folder}
        for name, path in known.items()
    }
    done: set[str] = set()
    while waiting:
        ready = {name for name, needs in waiting.items() if needs <= done}
        assert ready, f"a circle among {sorted(waiting)}"
        done |= ready
        for name in ready:
            del waiting[name]


def test_importing_the_cleaner_brings_no_crawler() -> None:
    code = "import sys, pipelines; print(*{m.split('.')[0] for m in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"scrapy", "twisted", "scraper", "pandas"} & set(loaded)


@pytest.mark.parametrize("name", sorted(PIPELINES.keys() | SCRAPER.keys()))
def test_every_module_is_in_the_document(name: str) -> None:
    if name in ("pipelines", "scraper", "scraper.commands", "scraper.spiders"):
        assert f"`{name.split('.')[0]}/`" in DOCUMENT
        return
    short = name.split(".", 1)[1].removeprefix("label.")
    assert f"`{short}`" in DOCUMENT


def test_the_document_names_no_module_that_is_gone() -> None:
    rows = re.findall(r"^\| ((?:`[a-z_.]+`(?:, )?)+) \|", DOCUMENT, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([a-z_.]+)`", row)}
    short = {name.split(".", 1)[-1] for name in PIPELINES.keys() | SCRAPER.keys()}
    assert named - {step.__name__ for step in STEPS} <= short


def test_the_steps_of_labelling_are_in_the_document_in_order() -> None:
    table = DOCUMENT.partition("## Labelling, step by step")[2]
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", table, re.MULTILINE)
    steps = [(step.__name__, step.__module__.rpartition(".")[2]) for step in STEPS]
    assert rows[: len(steps)] == steps
