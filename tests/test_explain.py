"""What an explanation is promised to say: the record that cleaning gives, and why."""

from __future__ import annotations

import ast
import dataclasses
import json
import tomllib
from pathlib import Path

import numpy as np
import pytest

from pipelines import Article, Rejected, clean, clean_text, read_page
from pipelines.cleaner import MAX_BLOCKS, label_page
from pipelines.explain import AFTERWARDS, BlockStory, Explanation, explain, explain_text
from pipelines.explain_changes import LineChange, as_written, changes, line_changes, word_changes
from pipelines.explain_scores import node_means
from pipelines.features import NAMES, features
from pipelines.label import STEPS
from pipelines.label.inline import LABELS
from pipelines.label.tokens import ZONE_REASONS, family_of
from pipelines.model import forest, odds
from pipelines.vocabulary import FAMILIES
from scraper.explain_view import words

from .articles import page, text
from .conftest import ROOT

URL = "https://example.org/blog/sprained-ankle-care"
SITE = sorted((ROOT / "examples" / "site").rglob("*.html"))
RELATED = (
    '<h3>You may also like</h3><ul class="related-posts">'
    '<li><a href="/k">Why knees crack</a></li></ul>'
)
CASES = {
    "Why knees crack": ("related", "related-list", "drop_related"),
    "All rights reserved.": ("copyright", "phrase-line", "drop_phrases"),
    "Reviewer: Thomas Reed, MD": ("byline", "byline-line", "drop_bylines"),
}


@pytest.fixture(scope="module")
def explained() -> Explanation:
    return explain(
        page(
            "en",
            head="<p>Reviewer: Thomas Reed, MD</p>",
            after=f"{RELATED}<p>All rights reserved.</p>",
        ),
        URL,
    )


def story(explanation: Explanation, text: str) -> BlockStory:
    (found,) = [block for block in explanation.blocks if block.text == text]
    return found


@pytest.mark.parametrize("path", SITE, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_record_is_the_one_that_cleaning_gives(path: Path) -> None:
    raw = path.read_bytes()
    assert explain(raw, URL).outcome == clean(raw, URL)


def test_the_record_of_a_text_is_the_one_that_cleaning_gives() -> None:
    said = text("en", after="Related articles\n\nWhy knees crack on the stairs")
    explanation = explain_text(said, URL)
    assert explanation.outcome == clean_text(said, URL)
    assert isinstance(explanation.outcome, Article)
    assert story(explanation, "Related articles").reason == "related"
    assert all(not block.pushes for block in explanation.blocks)


TOO_LONG = "<p>Gout.</p>" * (MAX_BLOCKS + 1)


@pytest.mark.parametrize("nothing", ["", "   ", b"%PDF-1.7 \x00\x01", TOO_LONG], ids=range(4))
def test_what_holds_nothing_is_explained_by_its_refusal(nothing: str | bytes) -> None:
    explanation = explain(nothing, URL)
    assert explanation == Explanation(clean(nothing, URL))
    assert isinstance(explanation.outcome, Rejected)


STUB = "<html><body><h1>Gout at night</h1><p>Gout wakes people at night.</p>{}</body></html>"


def test_text_that_the_page_does_not_show_has_its_story_too() -> None:
    paragraphs = [
        f"{'Gout begins in one joint, mostly at night. ' * 4}So it is, {i}." for i in "abcde"
    ]
    body = json.dumps({"@type": "Article", "articleBody": "\n\n".join(paragraphs)})
    html = STUB.format(f'<script type="application/ld+json">{body}</script>')
    explanation = explain(html, URL)
    assert explanation.outcome == clean(html, URL)
    assert story(explanation, paragraphs[-1]).keep
    assert not story(explanation, paragraphs[-1]).pushes
    shown = story(explanation, "Gout wakes people at night.")
    assert (shown.keep, shown.steps[-1].step) == (False, AFTERWARDS)
    assert len(shown.steps) > 1
    for block in explanation.blocks:
        assert block.steps[-1].rule == block.rule


def test_no_text_is_left_out(explained: Explanation) -> None:
    outcome = explained.outcome
    assert isinstance(outcome, Article)
    dropped = [(b.reason, b.text) for b in explained.blocks if b.mass and not b.keep]
    assert dropped == [(removed.reason, removed.text) for removed in outcome.removed]
    for block in explained.blocks:
        if block.keep:
            assert block.reason is None
            assert all(line in outcome.body for line in block.text.split("\n"))


@pytest.mark.parametrize("text", CASES)
def test_a_dropped_block_names_the_rule_and_the_step_that_spoke(
    explained: Explanation, text: str
) -> None:
    block = story(explained, text)
    reason, rule, step = CASES[text]
    assert (block.keep, block.reason, block.rule) == (False, reason, rule)
    assert block.steps[-1] == dataclasses.replace(
        block.steps[-1], step=step, keep=False, reason=reason, rule=rule
    )


def test_every_turn_of_a_verdict_is_told(explained: Explanation) -> None:
    turned = [b for b in explained.blocks if [s.keep for s in b.steps] == [True, False]]
    assert turned
    names = [step.__name__ for step in STEPS]
    for block in explained.blocks:
        order = [names.index(step.step) for step in block.steps]
        assert order == sorted(order)
        if block.mass:
            assert (block.steps[-1].keep, block.steps[-1].rule) == (block.keep, block.rule)


def test_phrases_are_quoted_with_how_much_they_explain(explained: Explanation) -> None:
    hits = story(explained, "You may also like").hits
    assert ("whole", "related", "you may also like") in [
        (hit.table, hit.family, hit.phrase) for hit in hits
    ]


def test_containers_and_class_words_are_named(explained: Explanation) -> None:
    block = story(explained, "Why knees crack")
    assert block.container == "related: ul.related-posts"
    assert "ul.related-posts" in block.path
    assert any(word.odds < 0 for word in block.words)


def test_pushes_and_the_mean_add_up_to_the_score() -> None:
    found = read_page(page("en", after=RELATED), URL)
    assert not isinstance(found, Rejected)
    blocks = [b for b in label_page(found).draft.blocks if b.kind != "image"]
    table = features(blocks, odds("blocks"))
    means = node_means(forest("blocks"), table)
    total = means.usual + means.pushes(table).sum(axis=1)
    np.testing.assert_allclose(total, forest("blocks").raw(table), atol=1e-9)
    np.testing.assert_allclose(means.pushes(table).mean(axis=0).sum(), 0, atol=1e-9)


def test_the_strongest_pushes_of_a_block_come_first(explained: Explanation) -> None:
    for block in explained.blocks:
        strengths = [abs(push.push) for push in block.pushes]
        assert strengths == sorted(strengths, reverse=True)
        assert {push.feature for push in block.pushes} <= set(NAMES)


def rules() -> set[str]:
    """Every rule that a verdict can name, from the source."""
    found = set()
    for path in (ROOT / "pipelines").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("drop", "keep", "fix")
                and len(node.args) > 1
                and isinstance(node.args[-1], ast.Constant)
            ):
                found.add(str(node.args[-1].value))
    return found | {"toc-list", "site-rule"}


def test_there_are_words_for_all_that_the_code_can_name() -> None:
    classes = tomllib.loads((ROOT / "pipelines/label/class_words.toml").read_text("utf-8"))
    reasons = {*FAMILIES, *LABELS.values(), *classes, *(reason for _, reason in ZONE_REASONS)}
    reasons |= {"byline", "date", "headline", "hidden", "duplicate", "prev-next", "site-rule"}
    assert reasons - {"previous", "next"} <= words()["reasons"].keys()
    assert rules() <= words()["rules"].keys()
    assert [*(step.__name__ for step in STEPS), AFTERWARDS] == list(words()["steps"])
    assert tuple(words()["features"]) == NAMES
    assert family_of("related-posts") in words()["reasons"]


BEFORE = {
    "id": "a1",
    "title": "Malaria: what to know",
    "body": "Malaria is spread by mosquitoes.\n\nSubscribe now.\n\nSymptoms\n\n- fever\n- chill",
    "pipeline_version": "0.0.9",
    "page_sha256": "00" * 32,
    "date_published": "2020-02-29",
    "sections": [{"level": 3, "heading": "Symptoms", "text": "- fever\n- chill"}],
    "removed": [{"reason": "nav", "text": "All rights reserved"}],
}


def test_changes_tell_lines_fields_and_reasons(article: Article) -> None:
    found = changes(BEFORE, article)
    assert found.lines == (
        LineChange("Subscribe now.", None),
        LineChange("- chill", "- chills"),
    )
    told = {change.name: (change.before, change.now) for change in found.fields}
    assert told["reviewer"] == (None, "Tom Roe")
    assert told["sections"] == (["h3: Symptoms"], ["h2: Symptoms"])
    assert "title" not in told
    assert "date_published" not in told
    assert "run_id" not in told
    ((reason),) = found.reasons
    assert (reason.text, reason.before, reason.now) == ("All rights reserved", "nav", "copyright")
    assert found.version_before == "0.0.9"
    assert not found.other_page


def test_the_same_record_has_not_changed(article: Article) -> None:
    assert changes(article.to_dict(removed=True) | {"run_id": "another"}, article).lines == ()
    assert changes(as_written(article), article).nothing


def test_a_page_that_became_an_article_says_so(article: Article, rejected: Rejected) -> None:
    found = changes(rejected.to_dict(), article)
    assert (found.kind_before, found.kind_now) == ("rejected", "article")
    assert {change.name for change in found.fields} >= {"stage", "reason", "title"}
    assert not found.nothing


@pytest.mark.parametrize("before", [{}, {"body": None}, {"body": 3, "removed": "x", "sections": 1}])
def test_records_of_other_versions_are_compared_as_far_as_they_go(
    before: dict[str, object], article: Article
) -> None:
    assert [change.before for change in changes(before, article).lines] == [None] * 4


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("a b c", "a c", [("same", "a "), ("out", "b "), ("same", "c")]),
        ("早上腹痛", "早上头痛", [("same", "早上"), ("out", "腹"), ("in", "头"), ("same", "痛")]),
        ("x " * 5000, "y", [("out", "x " * 5000), ("in", "y")]),
    ],
)
def test_a_changed_line_shows_its_words(
    before: str, now: str, expected: list[tuple[str, str]]
) -> None:
    assert word_changes(LineChange(before, now)) == expected


def test_thousands_of_equal_lines_are_compared_too() -> None:
    old = "\n".join(["and so on"] * 20_000 + ["the end"])
    assert line_changes(old, old.replace("the end", "no end")) == [LineChange("the end", "no end")]
