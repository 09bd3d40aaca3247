"""The explain page in a real browser: it works, and nothing of the page it shows does.

Chromium comes from the system; `.ci/install-browser` installs it where it is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pipelines.explain import Explanation, explain, explain_text
from pipelines.explain_changes import as_written
from scraper.explain_page import Against, explain_html
from scraper.explain_view import MOST_BLOCKS

from .articles import DATA, page, text
from .browsers import Seen, chromium, open_page
from .conftest import ROOT

pytestmark = pytest.mark.slow

URL = "https://example.org/blog/sprained-ankle-care"
HEEL = ROOT / "examples" / "site" / "blog" / "heel-pain" / "index.html"
PHONE = 390
# Text against its background: WCAG 2.2, 1.4.3, level AA.
LEAST_CONTRAST = 4.5

ATTACK = "document.documentElement.dataset.owned='yes'"
HOSTILE = (DATA / "hostile.html").read_text("utf-8").replace("__LONG_WORD__", "x" * 3000)
CONTRAST = (DATA / "contrast.js").read_text("utf-8")
LIVE = (DATA / "live.js").read_text("utf-8")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


def write(folder: Path, explanation: Explanation, **options: Any) -> Path:
    path = folder / "page.explained.html"
    path.write_text(explain_html(explanation, "page.html", **options), "utf-8")
    return path


def heel() -> Explanation:
    return explain(HEEL.read_bytes(), URL)


def earlier() -> Against:
    """A record of the same page, made by rules that were worse."""
    record = as_written(heel().outcome)
    paragraphs = record["body"].split("\n\n")
    del paragraphs[0]
    paragraphs.append("Subscribe")
    return Against("<b>old.jsonl", record | {"body": "\n\n".join(paragraphs), "reviewer": None})


def huge() -> Explanation:
    rows = "".join(f"<li>Item {i} of a list that has no end.</li>" for i in range(5_000))
    return explain(page("en", end=f"<ul>{rows}</ul>"), URL)


PAGES = {
    "article": heel,
    "refused": lambda: explain("<p><a href=/a>A</a> <a href=/b>B</a></p>", URL),
    "empty": lambda: explain(b"", URL),
    "text": lambda: explain_text(text("zh-Hans", after="相关阅读\n\n上一篇：膝盖为什么会响"), URL),
    "arabic": lambda: explain(page("ar"), URL),
    "hostile": lambda: explain(HOSTILE, URL),
    "huge": huge,
}


def quiet(seen: Seen, path: Path) -> None:
    """Nothing failed, nothing was blocked, nothing was asked for but the file."""
    assert seen.errors == []
    assert seen.requests == [path.as_uri()]


@pytest.mark.parametrize("name", PAGES)
def test_any_page_is_quiet_counted_and_no_wider_than_a_phone(
    browser: Any, tmp_path: Path, name: str
) -> None:
    path = write(tmp_path, PAGES[name]())
    with open_page(browser, path) as seen:
        seen.page.wait_for_timeout(200)
        quiet(seen, path)
        if seen.page.query_selector("#sum"):
            kept, dropped = (
                seen.page.locator(f".block.{it}").count() for it in ("kept", "dropped")
            )
            said = seen.page.inner_text("#sum")
            assert said == f"{kept} kept + {dropped} dropped = {kept + dropped} blocks"
        seen.page.set_viewport_size({"width": PHONE, "height": 900})
        if seen.page.query_selector("#unfold"):
            seen.page.click("#unfold")
        assert seen.page.evaluate("document.documentElement.scrollWidth") == PHONE
        quiet(seen, path)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
class TestFilter:
    def test_a_reason_can_be_left_out(self, browser: Any, tmp_path: Path, script: bool) -> None:
        with open_page(browser, write(tmp_path, heel()), java_script_enabled=script) as seen:
            box = seen.page.get_by_label("Other articles")
            place = box.get_attribute("id").removeprefix("f")
            before = seen.visible(".block.dropped")
            of_reason = seen.visible(f".block.r{place}")
            assert 0 < of_reason < before
            box.uncheck()
            assert seen.visible(f".block.r{place}") == 0
            assert seen.visible(".block.dropped") == before - of_reason
            box.check()
            assert seen.visible(".block.dropped") == before

    @pytest.mark.parametrize("label", ["Kept", "Dropped", "Rules against the score"])
    def test_one_kind_can_be_shown(
        self, browser: Any, tmp_path: Path, script: bool, label: str
    ) -> None:
        kind = {"Kept": "kept", "Dropped": "dropped", "Rules against the score": "overruled"}[label]
        with open_page(browser, write(tmp_path, heel()), java_script_enabled=script) as seen:
            seen.page.get_by_role("radio", name=label).check()
            assert seen.visible(f".block.{kind}") > 0
            assert seen.visible(f".block:not(.{kind})") == 0

    def test_a_why_unfolds_by_keyboard(self, browser: Any, tmp_path: Path, script: bool) -> None:
        with open_page(browser, write(tmp_path, heel()), java_script_enabled=script) as seen:
            block = seen.page.locator(".block", has_text="You may also like")
            assert not block.locator(".story").is_visible()
            block.locator("summary").focus()
            seen.page.keyboard.press("Enter")
            story = block.locator(".story").inner_text()
            assert "Dropped as related by the rule related-list" in story
            assert "you may also like (Other articles: the whole line)" in story


def test_the_script_counts_what_is_shown(browser: Any, tmp_path: Path) -> None:
    with open_page(browser, write(tmp_path, heel())) as seen:
        everything = seen.visible(".block:not(.picture)")
        assert seen.page.inner_text("#shown") == f"{everything} of {everything} blocks shown"
        seen.page.click("#none")
        assert seen.page.inner_text("#shown") == f"0 of {everything} blocks shown"
        assert seen.visible(".block:not(.picture)") == 0
        seen.page.click("#all")
        seen.page.click("#unfold")
        assert seen.visible(".story") == everything


def test_the_record_stands_beside_with_every_field(browser: Any, tmp_path: Path) -> None:
    explanation = heel()
    with open_page(browser, write(tmp_path, explanation)) as seen:
        said = seen.page.inner_text("#record")
        record = as_written(explanation.outcome)
        assert all(name in said for name in record if name != "removed")
        assert "Marisol Achterberg" in said
        assert "Weeks one to four" in said


def test_a_refusal_says_stage_reason_and_type(browser: Any, tmp_path: Path) -> None:
    with open_page(browser, write(tmp_path, PAGES["refused"]())) as seen:
        said = seen.page.inner_text(".verdict")
        assert "Rejected: page-type-" in said
        assert "(clean)" in said
        assert "article score 0." in said


def test_changes_are_told_and_marked(browser: Any, tmp_path: Path) -> None:
    path = write(tmp_path, heel(), against=earlier())
    with open_page(browser, path, width=PHONE) as seen:
        quiet(seen, path)
        assert seen.page.inner_text("#changes h2") == "Changes since <b>old.jsonl"
        assert seen.page.inner_text("#changes ins").startswith("The alarm rings")
        assert seen.page.inner_text("#changes del") == "Subscribe"
        assert "reviewer" in seen.page.inner_text("#changes table")
        seen.page.get_by_role("radio", name="Came in or went out").check()
        assert seen.visible(".block.came") == 1
        assert seen.visible(".block") == seen.visible(".block.came") + seen.visible(".block.went")
        assert seen.page.evaluate("document.documentElement.scrollWidth") == PHONE


def test_nothing_of_a_hostile_page_comes_alive(browser: Any, tmp_path: Path) -> None:
    explanation = PAGES["hostile"]()
    record = as_written(explanation.outcome)
    hostile = dict.fromkeys(("title", "<img src=x>", "body"), f"</td><script>{ATTACK}</script>")
    path = write(tmp_path, explanation, against=Against("</h2><script>", record | hostile))
    with open_page(browser, path) as seen:
        seen.page.click("#unfold")
        seen.page.wait_for_timeout(200)
        quiet(seen, path)
        found = seen.page.evaluate(LIVE)
        assert found == {
            "owned": None, "scripts": 1, "styles": 1, "alien": 0, "links": 0, "handlers": 0,
            "shown": "block",
        }  # fmt: skip
        said = seen.page.inner_text("#blocks")
        assert "</script></style></textarea><img src=x onerror=" in said
        assert "{{ 7 * 7 }} {% for x in y %} ${title}" in said
        assert "Before U+202Ethe overrideU+202C, U+2066an isolateU+2069" in said
        assert not set("\u202e\u202b\u2066\x1b") & set(path.read_text("utf-8"))
        assert seen.page.title().endswith("explained")


def test_the_hostile_page_is_one(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    path.write_text(HOSTILE, "utf-8")
    with open_page(browser, path, offline=True) as seen:
        found = seen.page.evaluate(LIVE)
        assert (found["owned"], found["shown"]) == ("yes", "none")
        assert all(found[kind] > 0 for kind in ("scripts", "styles", "alien", "links", "handlers"))
        assert len(seen.requests) > 1


@pytest.fixture(scope="module", params=["light", "dark"])
def in_colours(
    request: pytest.FixtureRequest, browser: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Seen]:
    path = write(tmp_path_factory.mktemp(request.param), heel(), against=earlier())
    with open_page(browser, path, color_scheme=request.param) as seen:
        yield seen


@pytest.mark.parametrize(
    "selector",
    [".text", ".name", ".score", ".where", ".story *", ".reasons label", ".count", ".hint",
     "#record *", "header *", "footer *", ".lines *", "#changes td"],
)  # fmt: skip
def test_text_stands_out(in_colours: Seen, selector: str) -> None:
    assert in_colours.page.evaluate(CONTRAST, selector) >= LEAST_CONTRAST


def test_landmarks_labels_and_headings(browser: Any, tmp_path: Path) -> None:
    with open_page(browser, write(tmp_path, heel(), against=earlier())) as seen:
        for role in ("banner", "navigation", "main", "complementary", "contentinfo"):
            assert seen.page.get_by_role(role).count() == 1, role
        inputs = "[...document.querySelectorAll('input')]"
        names = seen.page.evaluate(f"{inputs}.map((it) => it.labels[0]?.innerText.trim() ?? '')")
        assert names
        assert all(names)
        assert seen.page.evaluate("document.documentElement.lang") == "en"
        levels = seen.page.evaluate(
            "[...document.querySelectorAll('h1, h2, h3')].map((h) => Number(h.tagName[1]))"
        )
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))


def test_print_shows_all_and_no_controls(browser: Any, tmp_path: Path) -> None:
    with open_page(browser, write(tmp_path, heel())) as seen:
        seen.page.emulate_media(media="print")
        assert seen.visible(".filter, header nav") == 0
        assert seen.visible(".block") == len(seen.page.query_selector_all(".block"))
        assert seen.page.pdf(format="A4").startswith(b"%PDF")


def test_a_page_without_end_is_shown_as_far_as_a_browser_likes() -> None:
    rows = "".join(f"<li>Item {i} of a list that has no end.</li>" for i in range(MOST_BLOCKS))
    explanation = explain(page("en", end=f"<ul>{rows}</ul>"), URL)
    shown = explain_html(explanation, "page.html")
    total = len(explanation.blocks)
    assert f"The first {MOST_BLOCKS:,} of {total:,} blocks are shown" in shown
    assert f"= {sum(block.mass > 0 for block in explanation.blocks)} blocks" in shown
    assert shown.count('<li class="block') == MOST_BLOCKS


def test_the_same_page_gives_the_same_bytes() -> None:
    assert explain_html(heel(), "page.html") == explain_html(heel(), "page.html")
