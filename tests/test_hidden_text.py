"""A text that the page holds and does not show is read where the visible one is missing: once."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from pipelines import Article, Rejected, clean
from pipelines.page_state import MOST_DEPTH, Budget, parse
from pipelines.rich_text import is_text, write
from tests.articles import DATA, page, prose
from tests.conftest import ROOT

URL = "https://example.org/blog/sprained-ankle-care"
RICH: list[dict[str, Any]] = json.loads((DATA / "rich_text.json").read_text("utf-8"))


def markup(language: str) -> str:
    p = prose(language)
    first, second, third, fourth = (f"<p>{html.escape(text, False)}</p>" for text in p.paragraphs)
    return f"{first}{second}<h2>{html.escape(p.heading, False)}</h2>{third}{fourth}"


def long_markup(language: str) -> str:
    p = prose(language)
    return f"{markup(language)}<p>{p.paragraphs[2]} {p.paragraphs[0]}</p>"


def long_body(language: str) -> str:
    p = prose(language)
    return f"{body(language)}\n\n{p.paragraphs[2]} {p.paragraphs[0]}"


def post(language: str) -> dict[str, Any]:
    return {"title": prose(language).title, "content": markup(language), "slug": "ankle"}


def body(language: str) -> str:
    p = prose(language)
    return "\n\n".join([*p.paragraphs[:2], p.heading, *p.paragraphs[2:]])


def shell(language: str, inside: str, title: str | None = None) -> str:
    """A page that shows nothing but a menu."""
    title = prose(language).title if title is None else title
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title></head><body><nav><a href='/a'>A</a></nav>"
        f'<div id="root"></div>{inside}</body></html>'
    )


def dumps(value: Any) -> str:
    """JSON as servers write it into scripts."""
    return json.dumps(value, ensure_ascii=False).replace("</", "<\\/")


def flight(language: str) -> str:
    long = markup(language)
    row = f"1a:T{len(long.encode()):x},{long}"
    tree = ["$", "$L3", None, {"article": {**post(language), "content": "$1a"}}]
    stream = f'3:I["chunk.js"]\n{row}0:{json.dumps(tree, ensure_ascii=False)}\n'
    cut = len(stream) // 2
    return "".join(
        f"<script>self.__next_f.push({dumps([1, part])})</script>"
        for part in (stream[:cut], stream[cut:])
    )


def indexed(language: str) -> str:
    p = post(language)
    table = [{"data": 1}, {"post": 2}, {"title": 3, "content": 4, "self": 2}, p["title"]]
    return (
        '<script type="application/json" id="__NUXT_DATA__">'
        f"{dumps([['ShallowReactive', 1], *table[1:], p['content']])}</script>"
    )


def single_quoted(language: str) -> str:
    text = json.dumps(post(language)).replace("\\", "\\\\").replace("'", "\\'")
    return f"<script>window.__PRELOADED_STATE__ = JSON.parse('{text}');</script>"


def escaped(language: str) -> str:
    return html.escape(json.dumps({"props": {"post": post(language)}}))


STATES: dict[str, tuple[str, Callable[[str], str]]] = {
    "script of type JSON": (
        "vi",
        lambda lang: (
            f'<script type="application/json">{dumps({"p": {"post": post(lang)}})}</script>'
        ),
    ),
    "assigned to a global": (
        "ru",
        lambda lang: f"<script>window.__STATE__={dumps({'a': [post(lang)]})};start()</script>",
    ),
    "assigned to a global by its name as a string": (
        "hi",
        lambda lang: f'<script>self["state"] = {dumps({"a": post(lang)})}; var x = 1;</script>',
    ),
    "a string that is parsed": ("fr", single_quoted),
    "JSON in JSON": (
        "nl",
        lambda lang: (
            '<script type="application/json">'
            f"{dumps({'status': 200, 'body': json.dumps(post(lang))})}</script>"
        ),
    ),
    "an attribute": ("pt", lambda lang: f'<div id="app" data-page="{escaped(lang)}"></div>'),
    "streamed rows": ("ja", flight),
    "one list with numbers for places": ("de", indexed),
    "a title in a field of its own": (
        "it",
        lambda lang: (
            '<script type="application/json">'
            f"{dumps({'title': {'rendered': prose(lang).title}, 'c': {'rendered': markup(lang)}})}"
            "</script>"
        ),
    ),
    "paragraphs as nodes": (
        "ar",
        lambda lang: (
            '<script type="application/json">'
            + dumps(
                {
                    "title": prose(lang).title,
                    "body": [
                        {"type": "heading", "level": 2, "text": text}
                        if text == prose(lang).heading
                        else {"type": "paragraph", "text": text}
                        for text in body(lang).split("\n\n")
                    ],
                }
            )
            + "</script>"
        ),
    ),
}


@pytest.mark.parametrize("kind", STATES)
def test_a_text_in_page_state(kind: str) -> None:
    language, write_state = STATES[kind]
    record = clean(shell(language, write_state(language)), URL)
    assert isinstance(record, Article), record
    assert record.body == body(language)
    assert record.title == prose(language).title
    assert record.warnings == ("text-from-page-state",)
    assert [s.heading for s in record.sections] == [None, prose(language).heading]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh-Hans", body("zh-Hans")),
        ("ko", markup("ko")),
        ("es", html.escape(markup("es"))),
        ("en", body("en").replace("\n\n", "\r\n")),
    ],
    ids=["plain", "mark-up", "escaped mark-up", "single line breaks"],
)
def test_a_text_in_linked_data(language: str, text: str) -> None:
    data = {
        "@type": "Article",
        "headline": prose(language).title,
        "articleBody": text,
        "datePublished": "2021-03-03",
    }
    inside = f'<script type="application/ld+json">{dumps(data)}</script>'
    record = clean(shell(language, inside), URL)
    assert isinstance(record, Article), record
    assert record.body == body(language)
    assert record.warnings == ("text-from-json-ld",)
    assert str(record.date_published) == "2021-03-03"


@pytest.mark.parametrize(
    ("element", "warning"),
    [
        ("<noscript>{}</noscript>", "text-from-noscript"),
        ("<noscript>{escaped}</noscript>", "text-from-noscript"),
        ("<template>{}</template>", "text-from-template"),
    ],
)
def test_a_text_in_an_element_that_is_not_shown(element: str, warning: str) -> None:
    text = long_markup("tr")
    record = clean(shell("tr", element.format(text, escaped=html.escape(text))), URL)
    assert isinstance(record, Article), record
    assert record.body == long_body("tr")
    assert record.warnings == (warning,)


def every_source(language: str) -> str:
    data = {"@type": "Article", "headline": prose(language).title, "articleBody": body(language)}
    return (
        f'<script type="application/ld+json">{dumps(data)}</script>'
        f'<script type="application/json">{dumps(post(language))}</script>'
        f"<noscript>{markup(language)}</noscript><template>{markup(language)}</template>"
    )


@pytest.mark.parametrize("language", ["en", "zh-Hant", "pl"])
def test_a_text_that_is_visible_is_read_where_it_is_shown(language: str) -> None:
    plain = clean(page(language), URL)
    record = clean(page(language, after=every_source(language)), URL)
    assert isinstance(plain, Article)
    assert isinstance(record, Article)
    assert (record.body, record.warnings) == (plain.body, ())


def test_a_text_in_many_places_comes_out_once() -> None:
    record = clean(shell("ru", every_source("ru")), URL)
    assert isinstance(record, Article)
    assert record.body == body("ru")
    assert len(record.warnings) == 1


def test_the_beginning_that_is_shown_is_not_written_twice() -> None:
    p = prose("de")
    stub = (
        f"<main><h1>{p.title}</h1><p>Von Sabine Krüger</p><p>{p.paragraphs[0]}</p>"
        f"<p>{p.paragraphs[1][:60]}…</p><p>Jetzt weiterlesen mit unserem Abo.</p></main>"
    )
    state = f'<script type="application/json">{dumps(post("de"))}</script>'
    record = clean(shell("de", stub + state), URL)
    assert isinstance(record, Article), record
    assert record.body == body("de")
    assert record.author == "Sabine Krüger"
    reasons = {removed.text: removed.reason for removed in record.removed}
    assert reasons[p.paragraphs[0]] == "duplicate"


def test_what_is_no_part_of_a_hidden_text_is_dropped_with_its_reason() -> None:
    text = long_markup("en") + "<p>All rights reserved.</p><p>Read also: <a href='/k'>Knees</a></p>"
    record = clean(shell("en", f"<noscript>{text}</noscript>"), URL)
    assert isinstance(record, Article)
    assert record.body == long_body("en")
    reasons = {removed.text: removed.reason for removed in record.removed}
    assert reasons["All rights reserved."] == "copyright"
    assert reasons["Read also: Knees"] == "related"


NOT_ITS_OWN = {
    "a list of pages": {"posts": [post("en"), {**post("en"), "content": markup("fr")}]},
    "another page": {"related": [post("en")]},
    "comments": {"title": prose("en").title, "comments": [{"text": body("en")}]},
    "messages of the site": {"title": prose("en").title, "messages": {"terms": body("en")}},
    "who wrote it": {"title": prose("en").title, "authorBio": body("en")},
    "code": {"title": prose("en").title, "css": "a b { color: red; } " * 100},
    "addresses": {"title": prose("en").title, "srcset": "https://example.org/a.jpg 600w, " * 50},
}


@pytest.mark.parametrize("kind", NOT_ITS_OWN)
def test_state_that_is_not_the_article(kind: str) -> None:
    state = f'<script type="application/json">{dumps(NOT_ITS_OWN[kind])}</script>'
    assert isinstance(clean(shell("en", state), URL), Rejected)


def test_a_title_that_only_the_state_has() -> None:
    state = f'<script type="application/json">{dumps({"article": post("en")})}</script>'
    record = clean(shell("en", state, title=""), URL)
    assert isinstance(record, Article)
    assert (record.title, record.body) == (prose("en").title, body("en"))


def test_the_example_in_the_readme_prints_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    readme = (ROOT / "output" / "README.md").read_text("utf-8")
    (code,) = [c for c in re.findall(r"```python\n(.*?)```", readme, re.S) if "post = {" in c]
    exec(compile(code, "output/README.md", "exec"), {})
    assert f"# {capsys.readouterr().out.strip()}" == code.strip().splitlines()[-1]


@pytest.mark.parametrize("case", RICH, ids=lambda case: case["name"])
def test_text_kept_as_nodes(case: dict[str, Any]) -> None:
    if case["markup"] is None:
        assert not is_text(case["nodes"])
    else:
        assert is_text(case["nodes"])
        assert write(case["nodes"]) == case["markup"]


@pytest.mark.parametrize("depth", [MOST_DEPTH + 1, 100_000])
def test_json_nested_too_deep_is_left_alone(depth: int) -> None:
    assert parse("[" * depth + " " * 300 + "]" * depth, Budget()) is None
    assert parse("[" * depth + " " * 300, Budget()) is None


def test_json_is_read_to_the_depth_that_is_promised() -> None:
    depth = MOST_DEPTH - 1
    assert parse("[" * depth + " " * 300 + "]" * depth, Budget()) is not None


def test_more_than_the_budget_is_left_alone() -> None:
    assert parse(json.dumps(["x" * 900]), Budget(500)) is None


HOSTILE = {
    "one long string": '<script type="application/json">["' + "x" * 20_000_000,
    "many states": "<script>window.a={" * 20_000,
    "many assignments": "<script>" + 'var a={"' * 200_000 + "</script>",
    "deep": '<script type="application/json">' + '{"a":' * 200_000 + "1" + "}" * 200_000,
    "unclosed strings": "<script>" + "window.a=JSON.parse('" * 50_000,
    "a list of places in itself": '<script type="application/json">'
    + json.dumps([[1], *[[n + 1, 0, n] for n in range(5_000)]])
    + "</script>",
    "rows": "<script>" + 'self.__next_f.push([1,"0:[1]\\n"])' * 20_000 + "</script>",
    "one long row": '<script>self.__next_f.push([1,"0:Tfffffff,' + "x" * 1_000_000 + '"])</script>',
    "long attributes": f'<div data-page="{"[" * 1_000_000}"></div>' * 3,
    "strings of JSON": '<script type="application/json">'
    + json.dumps([json.dumps([n] * 200) for n in range(2_000)])
    + "</script>",
    "elements in elements": '<script type="application/json">'
    + '["$","div",null,{"a":1,"children":[' * 50
    + ",".join(['["$","b",null,{"children":"x"}]'] * 50_000)
    + "]}]" * 50
    + "</script>",
    "many values": f'<script type="application/json">{[[]] * 1_000_000}</script>',
    "templates in templates": "<template>" * 1_000 + "x " * 2_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_state_made_to_be_slow_is_refused(kind: str) -> None:
    outcome = clean(f"<html><title>Ankle</title><body>{HOSTILE[kind]}</body></html>", URL)
    assert isinstance(outcome, Rejected)
