"""What a page and its headers tell robots and text miners, as it is written in the wild."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from scraper.directives import (
    DirectiveError,
    Directives,
    directives,
    obeyed_directives,
    refusal_of,
)
from scraper.tdm import Reservation
from tests.crawls import crawl

ROBOTS = '<meta name="robots" content="{}">'


def said(markup: str = "", *headers: tuple[str, str], agent: str = "marrow") -> Directives:
    root = html.document_fromstring(f"<html><head>{markup}</head><body><p>Text</body></html>")
    return directives(root, headers, agent)


def robots(*values: str) -> list[tuple[str, str]]:
    return [("X-Robots-Tag", value) for value in values]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("", {}),
        (ROBOTS.format("index, follow, max-snippet:-1"), {}),
        (ROBOTS.format("noindex"), {"noindex": True}),
        (
            '<META NAME="ROBOTS" CONTENT=" NoIndex , NOARCHIVE">',
            {"noindex": True, "noarchive": True},
        ),
        ('<meta property="robots" content="noai;nofollow">', {"noai": True, "nofollow": True}),
        (ROBOTS.format("noindex nofollow"), {"noindex": True, "nofollow": True}),
        (ROBOTS.format("none"), {"noindex": True, "nofollow": True}),
        (ROBOTS.format("nocache"), {"noarchive": True}),
        (ROBOTS.format("noimageai, noimageindex, nosnippet"), {}),
        (ROBOTS.format("unavailable_after: 25 Jun 2010 15:00:00 PST"), {}),
        ('<meta name=" Marrow " content="noai">', {"noai": True}),
        ('<meta name="googlebot" content="noindex, noarchive">', {}),
        ('<meta name="marrowbot" content="noindex">', {}),
        (ROBOTS.format("index") + '<meta name="marrow" content="noindex">', {"noindex": True}),
        ("<meta name=robots><meta charset=utf-8>", {}),
        ('<meta name="tdm-reservation" content="1">', {"tdm_reserved": True}),
        ('<meta name="TDM-Reservation" content=" 0 ">', {"tdm_reserved": False}),
        ('<meta name="tdm-reservation" content="yes">', {}),
        (
            '<meta name="tdm-reservation" content="1">'
            '<meta name="tdm-policy" content=" https://example.org/terms ">',
            {"tdm_reserved": True, "tdm_policy": "https://example.org/terms"},
        ),
    ],
)
def test_meta_tags(markup: str, expected: dict[str, Any]) -> None:
    assert said(markup) == Directives(**expected)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (robots("noindex"), {"noindex": True}),
        (robots("NOINDEX,NoArchive"), {"noindex": True, "noarchive": True}),
        (robots("none"), {"noindex": True, "nofollow": True}),
        (robots("noai, noimageai"), {"noai": True}),
        (robots("googlebot: noindex"), {}),
        (robots("googlebot: noindex, noarchive"), {}),
        (robots("marrow: noindex, nofollow"), {"noindex": True, "nofollow": True}),
        (robots("Marrow : noarchive"), {"noarchive": True}),
        (robots("noarchive, googlebot: noindex, marrow: noai"), {"noarchive": True, "noai": True}),
        (robots("googlebot: noindex", "noarchive"), {"noarchive": True}),
        (robots("*: noai"), {"noai": True}),
        (robots("max-snippet: 20, max-image-preview:large, noarchive"), {"noarchive": True}),
        (
            robots("unavailable_after: Wed, 25 Jun 2010 15:00:00 GMT, noarchive"),
            {"noarchive": True},
        ),
        (robots("unavailable_after: 2010-06-25T15:00:00+00:00"), {}),
        (robots("", " , "), {}),
        ([("tdm-reservation", "1")], {"tdm_reserved": True}),
        ([("TDM-Reservation", "0")], {"tdm_reserved": False}),
        ([("TDM-Reservation", "0, 1")], {"tdm_reserved": True}),
        ([("TDM-Reservation", "0"), ("tdm-reservation", "1")], {"tdm_reserved": True}),
        ([("tdm-reservation", "2")], {}),
        ([("Tdm-Policy", "https://example.org/t,1")], {"tdm_policy": "https://example.org/t,1"}),
        ([("X-Robots", "noindex"), ("Content-Type", "noindex")], {}),
    ],
)
def test_headers(headers: list[tuple[str, str]], expected: dict[str, Any]) -> None:
    assert said("", *headers) == Directives(**expected)


def test_of_text_mining_the_page_goes_before_its_headers() -> None:
    free = '<meta name="tdm-reservation" content="0">'
    assert said(free, ("tdm-reservation", "1")).tdm_reserved is False


def test_headers_speak_where_there_is_no_tree() -> None:
    assert directives(None, robots("noarchive"), "marrow") == Directives(noarchive=True)


def test_a_robot_is_known_by_its_name_without_its_version() -> None:
    assert said("", *robots("marrow: noai"), agent="Marrow/0.1 (+me@example.org)").noai


EVERYTHING = frozenset(("noarchive", "noindex", "noai", "tdm"))
RESERVED, FREE = Reservation(True, "https://example.org/terms"), Reservation(False)


@pytest.mark.parametrize(
    ("found", "file", "obeyed", "reason"),
    [
        (Directives(), None, EVERYTHING, None),
        (Directives(noarchive=True, nofollow=True), None, EVERYTHING, None),
        (Directives(noindex=True), None, EVERYTHING, "robots-noindex"),
        (Directives(noindex=True), None, {"tdm", "noai"}, None),
        (Directives(noai=True), None, EVERYTHING, "robots-noai"),
        (Directives(tdm_reserved=True), None, EVERYTHING, "tdm-reserved"),
        (Directives(tdm_reserved=True), None, {"noindex"}, None),
        (Directives(tdm_reserved=True), FREE, EVERYTHING, "tdm-reserved"),
        (Directives(), RESERVED, EVERYTHING, "tdm-reserved"),
        (Directives(), FREE, EVERYTHING, None),
        (Directives(tdm_reserved=False), RESERVED, EVERYTHING, None),
    ],
)
def test_what_the_settings_say_to_obey_is_a_refusal(
    found: Directives, file: Reservation | None, obeyed: frozenset[str], reason: str | None
) -> None:
    refusal = refusal_of(found, file, obeyed)
    assert (refusal and refusal[0]) == reason


def test_a_refusal_names_the_policy() -> None:
    refusal = refusal_of(Directives(), RESERVED, EVERYTHING)
    assert refusal == (
        "tdm-reserved",
        "the page reserves text and data mining (TDMRep); its policy: https://example.org/terms",
    )


def test_the_setting_is_read_strictly() -> None:
    assert obeyed_directives(["tdm", " NoAI "]) == {"tdm", "noai"}
    assert obeyed_directives([]) == obeyed_directives([""]) == frozenset()
    with pytest.raises(DirectiveError, match='unknown "noarchiv": did you mean "noarchive"'):
        obeyed_directives(["noarchiv"])


def test_a_mistake_in_the_setting_stops_the_crawl_before_it_starts(tmp_path: Path) -> None:
    setting = ("OBEY_DIRECTIVES=tdm,nofolow",)
    result = crawl(tmp_path, "url=http://127.0.0.1:1/", settings=setting)
    assert result.status == 2
    assert result.stderr == (
        'scrapy crawl: OBEY_DIRECTIVES lists the unknown "nofolow": '
        "known: noarchive, noindex, noai, tdm\n"
    )
    assert not list(tmp_path.iterdir())


def test_it_runs_where_there_is_no_scrapy() -> None:
    code = "import sys, scraper.directives; sys.exit('scrapy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
