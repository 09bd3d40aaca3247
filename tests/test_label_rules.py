"""Every labelling rule with a line that it must drop and a near miss that it must leave alone.

The cases are in `tests/data/label_cases.toml`. A rule that occurs in `pipelines/label/` without a
case that it decides fails the suite.
"""

from __future__ import annotations

import ast
import fnmatch
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pipelines import clean_text, read_page
from pipelines.blocks import Verdict
from pipelines.cleaner import label_page
from pipelines.label import STEPS, Draft
from pipelines.records import Article
from pipelines.vocabulary import languages
from tests.articles import DATA, page, text, visible

LABEL = Path(__file__).parent.parent / "pipelines" / "label"
URL = "https://example.org/blog/sprained-ankle-care"
CASES: list[dict[str, Any]] = tomllib.loads((DATA / "label_cases.toml").read_text("utf-8"))["cases"]


def rule_names() -> set[str]:
    """The last argument of every `draft.drop` and `draft.keep`; `*` for what a rule fills in."""
    found = set()
    for source in sorted(LABEL.glob("*.py")):
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("drop", "keep")
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "draft"
            ):
                found.add(_name(node.args[-1]))
    return found


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.JoinedStr), f"a rule is named by {ast.unparse(node)}"
    return "".join(str(p.value) if isinstance(p, ast.Constant) else "*" for p in node.values)


def looked_at(case: dict[str, Any]) -> str:
    return str(case.get("look") or visible(case.get("html") or case["text"]))


@cache
def labelled(number: int) -> Draft:
    """The draft of the page of one case."""
    case = CASES[number]
    markup = page(case["lang"], **{case["at"]: case["html"]})
    found = read_page(markup.encode("utf-8"), URL)
    return label_page(found).draft  # type: ignore[arg-type]


def verdicts(number: int) -> list[Verdict]:
    """The verdicts on the blocks with the text that the case looks at."""
    draft, look = labelled(number), looked_at(CASES[number])
    return [
        verdict
        for block, verdict in zip(draft.blocks, draft.verdicts, strict=True)
        if " ".join(block.text.split()) == look
    ]


def parameters(kind: str) -> list[Any]:
    """The numbers of the cases in HTML or text, with ids, skips and known failures."""
    made = []
    for number, case in enumerate(CASES):
        if kind not in case:
            continue
        marks: list[pytest.MarkDecorator] = []
        if "known_failure" in case:
            marks.append(pytest.mark.xfail(reason=case["known_failure"], strict=True))
        elif case["lang"] not in languages():
            marks.append(pytest.mark.skip(reason=f"no vocabulary for {case['lang']}"))
        verdict = "kept" if case.get("kept") else "dropped"
        name = f"{case['rule']}-{case['lang']}-{verdict}-{looked_at(case)[:24]}"
        made.append(pytest.param(number, marks=marks, id=name))
    return made


@pytest.mark.parametrize("number", parameters("html"))
def test_line_of_a_page(number: int) -> None:
    case, found = CASES[number], verdicts(number)
    assert found, f"no block reads {looked_at(case)!r}"
    # A copy is dropped, its original stays; every other case is about each block of that text.
    verdict = found[-1]
    if case.get("kept"):
        assert verdict.keep, f"dropped as {verdict.reason} by {verdict.rule}"
    else:
        assert not verdict.keep, f"kept by {verdict.rule}, score {verdict.score:.2f}"
        assert verdict.reason in _reasons(case), f"by {verdict.rule}"


@pytest.mark.parametrize("number", parameters("text"))
def test_line_of_a_text(number: int) -> None:
    case = CASES[number]
    record = clean_text(text(case["lang"], **{case["at"]: case["text"]}))
    assert isinstance(record, Article)
    look = looked_at(case)
    body, removed = record.body.split("\n"), {r.text: r.reason for r in record.removed}
    if case.get("kept"):
        assert look in body, f"dropped as {removed.get(look)}"
    else:
        assert look not in body, "kept"
        assert removed.get(look) in _reasons(case)


def _reasons(case: dict[str, Any]) -> list[str]:
    dropped = case["dropped"]
    return dropped if isinstance(dropped, list) else [dropped]


class Recorder(Draft):
    """A draft that remembers which rules wrote on each block."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(draft.blocks, draft.scores, draft.vocabulary, draft.titles)
        self.rules: list[tuple[int, str]] = []

    def keep(self, i: int, rule: str) -> None:
        self.rules.append((i, rule))
        super().keep(i, rule)

    def drop(self, i: int, reason: str, rule: str) -> None:
        self.rules.append((i, rule))
        super().drop(i, reason, rule)


@cache
def decided() -> frozenset[str]:
    """The rules that spoke of the line looked at, in a case that is about them."""
    found = set()
    for number, case in enumerate(CASES):
        if "html" in case:
            draft = Recorder(labelled(number))
            for step in STEPS:
                step(draft)
                draft.settle()
            look = looked_at(case)
            spoken = {rule for i, rule in draft.rules if _line(draft, i) == look}
            found |= spoken & {case["rule"]}
    return frozenset(found)


def _line(draft: Draft, i: int) -> str:
    return " ".join(draft.blocks[i].text.split())


@pytest.mark.parametrize("rule", sorted(rule_names()))
def test_every_rule_has_a_case_that_it_decides(rule: str) -> None:
    assert fnmatch.filter([case["rule"] for case in CASES], rule), "no case is about it"
    assert fnmatch.filter(decided(), rule), "no case is decided by it"


@pytest.mark.parametrize("rule", sorted({case["rule"] for case in CASES}))
def test_every_rule_has_a_line_on_either_side(rule: str) -> None:
    assert any(fnmatch.fnmatch(rule, known) for known in rule_names()), "no such rule"
    kept = [bool(case.get("kept")) for case in CASES if case["rule"] == rule]
    assert any(kept), "nothing that must be kept"
    assert not all(kept), "nothing that must be dropped"


@pytest.mark.parametrize("language", sorted(languages()))
def test_every_language_has_cases(language: str) -> None:
    assert sum(case["lang"] == language for case in CASES) >= 3
