"""The report and the list of runs in a real browser: they work, and nothing that they show does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from scraper.report.making import ReportMaker

from .articles import DATA
from .browsers import Seen, chromium, open_page
from .conftest import ROOT
from .made_runs import HOSTILE, account, alarm, reject, site, write_run

pytestmark = pytest.mark.slow

PHONE = 390
# Text against its background: WCAG 2.2, 1.4.3, level AA.
LEAST_CONTRAST = 4.5
SITES = 40
CONTRAST = (DATA / "contrast.js").read_text("utf-8")
LIVE = (DATA / "live.js").read_text("utf-8")
LONG = "antidisestablishmentarianism" * 20


@dataclass(frozen=True)
class Pages:
    """The pages under test."""

    usual: Path
    hostile: Path
    index: Path

    def named(self, name: str) -> Path:
        path: Path = getattr(self, name)
        return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


def hostile_run() -> dict[str, Any]:
    """A run in which whatever can be named has a name that would like to come alive."""
    run = account(30, exit_reason=HOSTILE, hosts_given_up={HOSTILE: HOSTILE, LONG: LONG})
    run["asked"] = {name: {HOSTILE: HOSTILE} for name in ("arguments", "settings")}
    run["asked"]["arguments"]["url"] = "javascript:alert(1)" + HOSTILE
    told = {HOSTILE: 3, LONG: 5}
    run["sites"] = {
        name: site(rejected_by_reason=told, warnings=told, boilerplate_dropped=told,
                   fields_filled={HOSTILE: 0.5})
        for name in (HOSTILE, LONG, "javascript:alert(1)")
    }  # fmt: skip
    run["alarms"] = [{**alarm(HOSTILE, HOSTILE), "name": HOSTILE}]
    run["counts"] |= {"rejected_by_reason": told, "warnings": told, "fields_filled": {HOSTILE: 1.0}}
    run["counts"]["boilerplate_dropped"] = {HOSTILE: {"blocks": 1, "characters": 900}}
    run["requests"]["responses"] = run["requests"]["failures"] = told
    return run | {"versions": {HOSTILE: HOSTILE}, "files": ["rejected.jsonl", HOSTILE, "../x"]}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    output = tmp_path_factory.mktemp("output")
    maker = ReportMaker(output, ROOT / "scraper" / "sites", 3)
    for day in range(1, 30):
        write_run(output, account(day, sites={"site-07": site(day)}))
    links = ["javascript:alert(1)", f"https://a.org/?{HOSTILE}", "data:text/html,x", LONG]
    rejects = [
        reject(reason=reason, url=url, detail=HOSTILE)
        for reason in (HOSTILE, LONG)
        for url in links
    ]
    hostile = maker.again(write_run(output, hostile_run(), rejects))
    sites = {f"site-{place:02}": site(place, errors=place % 2) for place in range(SITES)}
    run = account(31, sites=sites, alarms=[alarm("site-07"), alarm("site-33")])
    usual = maker.again(write_run(output, run))
    return Pages(usual, hostile, maker.index())


def quiet(seen: Seen, path: Path) -> None:
    """Nothing failed, nothing was blocked, nothing was asked for but the file."""
    assert seen.errors == []
    assert seen.requests == [path.as_uri()]


def unfold(seen: Seen) -> None:
    seen.page.evaluate("document.querySelectorAll('details').forEach((it) => { it.open = true })")


@pytest.mark.parametrize("name", ["usual", "hostile", "index"])
def test_no_error_no_request_and_nothing_wider_than_a_phone(
    browser: Any, pages: Pages, name: str
) -> None:
    path = pages.named(name)
    with open_page(browser, path, width=PHONE) as seen:
        unfold(seen)
        assert seen.page.evaluate("document.documentElement.scrollWidth") == PHONE
        quiet(seen, path)


def test_nothing_hostile_comes_alive(browser: Any, pages: Pages) -> None:
    with open_page(browser, pages.hostile) as seen:
        unfold(seen)
        found = seen.page.evaluate(LIVE)
        del found["links"]
        assert found == {
            "owned": None, "scripts": 1, "styles": 1, "alien": 0, "handlers": 0, "shown": "block",
        }  # fmt: skip
        protocols = "[...document.querySelectorAll('a')].map((it) => it.protocol)"
        assert set(seen.page.evaluate(protocols)) == {"file:", "https:"}
        assert "{{ 7 * 7 }}" in seen.page.inner_text("#sites")
        assert "\u202e" not in pages.hostile.read_text("utf-8")
    with open_page(browser, pages.index) as seen:
        assert seen.page.evaluate(LIVE)["owned"] is None


def test_alarms_come_first_and_sites_with_alarms_before_the_others(
    browser: Any, pages: Pages
) -> None:
    with open_page(browser, pages.usual) as seen:
        heads = seen.page.eval_on_selector_all("main h2", "all => all.map((it) => it.innerText)")
        assert heads[0] == "Alarms"
        names = seen.page.eval_on_selector_all(".site th", "all => all.map((it) => it.innerText)")
        assert names[:3] == ["site-07", "site-33", "site-00"]
        assert len(names) == SITES


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_sites_can_be_chosen(browser: Any, pages: Pages, script: bool) -> None:
    with open_page(browser, pages.usual, java_script_enabled=script) as seen:
        assert seen.page.locator("#find").is_visible() == script
        seen.page.get_by_role("radio", name="With alarms").check()
        assert seen.visible(".site") == 2
        seen.page.get_by_role("radio", name="With errors").check()
        assert seen.visible(".site") == SITES / 2
        if script:
            seen.page.get_by_label("Find").fill("SITE-3")
            assert seen.visible(".site") == 5
            assert seen.page.inner_text("#shown") == f"5 of {SITES} shown"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(browser: Any, pages: Pages, scheme: str) -> None:
    for path in (pages.usual, pages.index):
        with open_page(browser, path, color_scheme=scheme) as seen:
            unfold(seen)
            assert (
                seen.page.evaluate(CONTRAST, "body *:not(script, style, svg *)") >= LEAST_CONTRAST
            )


def test_landmarks_headings_and_tables(browser: Any, pages: Pages) -> None:
    for path in (pages.usual, pages.index):
        with open_page(browser, path) as seen:
            for role in ("banner", "main"):
                assert seen.page.get_by_role(role).count() == 1, role
            levels = seen.page.evaluate(
                "[...document.querySelectorAll('h1, h2, h3')].map((h) => Number(h.tagName[1]))"
            )
            assert levels.count(1) == 1
            assert all(after <= before + 1 for before, after in pairwise(levels))
            headless = "table => !table.querySelector('thead th[scope=col]')"
            tables = f"[...document.querySelectorAll('table')].filter({headless}).length"
            assert seen.page.evaluate(tables) == 0


def test_the_chart_fits_the_window(browser: Any, pages: Pages) -> None:
    for width in (PHONE, 1280):
        with open_page(browser, pages.usual, width=width) as seen:
            assert seen.visible("svg.chart") == 1
            assert seen.page.locator("svg.chart:visible rect").count() == 2 * 30
            smallest = "Math.min(...[...document.querySelectorAll('svg.chart text')]" + (
                ".map((it) => it.getBoundingClientRect().height).filter(Boolean))"
            )
            assert seen.page.evaluate(smallest) >= 10  # pixels: not scaled down


def test_print_shows_the_examples_and_no_controls(browser: Any, pages: Pages) -> None:
    with open_page(browser, pages.usual) as seen:
        seen.page.emulate_media(media="print")
        assert seen.visible(".filter, header nav") == 0
        assert seen.page.pdf(format="A4").startswith(b"%PDF")
