"""A site's description is taken as it is meant, or refused with a sentence that helps."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from scraper.arguments import read_arguments
from scraper.sites import SiteError, load_site, load_sites, read_site, site_names

SHIPPED = Path(__file__).parent.parent / "scraper" / "sites"
START = 'start = ["https://example.org/"]\n'

MISTAKES = {
    "misspelt key": ("sitmaps = []", 'unknown key "sitmaps": did you mean "sitemaps"?'),
    "strange key": ("colour = 1", 'unknown key "colour"; known: start, sitemaps, feeds, allow'),
    "misspelt field": (
        START + '[selectors]\ntilte = "h1"',
        'unknown selectors field "tilte": did you mean "title"?',
    ),
    "field that is computed": (START + '[selectors]\nid = "h1"', 'unknown selectors field "id"'),
    "string for a list": ('start = "https://example.org/"', "start: a list of strings is needed"),
    "number in a list": ("start = [1]", "start: a list of strings is needed"),
    "no scheme": ('start = ["example.org"]', 'start: "example.org" is not an http(s) address'),
    "other scheme": ('feeds = ["ftp://e.org/f"]', 'feeds: "ftp://e.org/f" is not an http(s)'),
    "bad port": ('start = ["http://e.org:x/"]', 'start: "http://e.org:x/" is not an address'),
    "nothing to begin with": ('language = "en"', "nothing to begin with"),
    "empty": ("", "nothing to begin with"),
    "bad pattern": (START + 'allow = ["("]', 'allow: "(" is not a regular expression'),
    "bad selector": (
        START + '[selectors]\ntitle = "h1["',
        'selectors.title: "h1[" is not a CSS selector',
    ),
    "selector no string": (START + "[selectors]\ntitle = 1", "selectors.title: a CSS selector"),
    "selectors no table": (START + "selectors = 1", "selectors: a table is needed"),
    "misspelt verdict": (START + "[labels]\ndorp = []", 'unknown labels key "dorp": did you mean'),
    "labels no table": (START + "labels = []", "labels: a table is needed"),
    "label no list": (START + '[labels]\ndrop = ".ad"', "labels.drop: a list of strings is needed"),
    "bad label": (
        START + '[labels]\nkeep = [".a", "p:nth(x)"]',
        'labels.keep: "p:nth(x)" is not a CSS selector',
    ),
    "label of a text": (
        START + '[labels]\ndrop = [".ad::text"]',
        'labels.drop: ".ad::text" must name an element',
    ),
    "body of a text": (
        START + '[selectors]\nbody = "#x::text"',
        'selectors.body: "#x::text" must name an element',
    ),
    "bad language": (START + 'language = "English!"', "language: a language tag is needed"),
    "pages a word": (START + 'max_pages = "ten"', "max_pages: a whole number from 1 up"),
    "pages none": (START + "max_pages = 0", "max_pages: a whole number from 1 up"),
    "depth negative": (START + "max_depth = -1", "max_depth: a whole number from 0 up"),
    "depth true": (START + "max_depth = true", "max_depth: a whole number from 0 up"),
    "delay negative": (START + "delay = -1", "delay: a number of seconds from 0 to 3600"),
    "delay not a number": (START + "delay = nan", "delay: a number of seconds from 0 to 3600"),
    "bytes none": (START + "max_bytes = 0", "max_bytes: a whole number from 1 up"),
    "bytes a share": (START + "max_bytes = 1.5", "max_bytes: a whole number from 1 up"),
    "minutes none": (START + "max_minutes = 0", "max_minutes: a number above 0"),
    "minutes endless": (START + "max_minutes = inf", "max_minutes: a number above 0"),
    "minutes a word": (START + 'max_minutes = "ten"', "max_minutes: a number above 0"),
    "revisit a word": (START + 'revisit_min = "often"', "revisit_min: a number of seconds above 0"),
    "revisit no fixed time": (
        START + 'revisit_max = "2 months"',
        'revisit_max: a number of seconds above 0 is needed, or one such as "12 hours"',
    ),
    "revisit at once": (START + "revisit_min = 0", "revisit_min: a number of seconds above 0"),
    "day in quotes": (
        START + 'usual_since = "2026-01-31"',
        "usual_since: a day is needed, without",
    ),
    "revisit true": (START + "revisit_max = true", "revisit_max: a number of seconds above 0"),
    "revisit not a number": (START + "revisit_max = nan", "revisit_max: a number of seconds above"),
    "revisit bounds crossed": (
        START + 'revisit_min = "2 days"\nrevisit_max = 3600',
        "revisit_min: must not be longer than revisit_max",
    ),
    "enabled no truth": (START + 'enabled = "no"', "enabled: true or false is needed"),
    "no TOML": ("start = [", "not valid TOML"),
}


@pytest.mark.parametrize(("text", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_named_with_its_file_and_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clinic.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SiteError) as caught:
        read_site(tmp_path / "clinic.toml")
    assert str(caught.value).startswith(f"clinic.toml: {message}")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SiteError, match="not UTF-8 text"):
        read_site(tmp_path / "clinic.toml")


def test_a_full_description_is_taken_as_written(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_text(
        START
        + 'sitemaps = []\nfeeds = ["https://example.org/feed"]\nallow = ["/health/"]\n'
        + 'deny = ["[?]page="]\nlanguage = "zh-Hans"\ndelay = 2\nmax_pages = 10\nmax_depth = 3\n'
        + 'max_bytes = 2_000_000\nmax_minutes = 1.5\nrevisit_min = 3600\nrevisit_max = "2 days"\n'
        + "usual_since = 2026-01-31\n"
        + '[selectors]\ntitle = "h1.headline::text"\nbody = "#story"\n',
        encoding="utf-8",
    )
    site = read_site(tmp_path / "clinic.toml")
    assert (site.name, site.start) == ("clinic", ("https://example.org/",))
    assert (site.sitemaps, site.feeds) == ((), ("https://example.org/feed",))
    assert (site.language, site.delay, site.max_pages, site.max_depth) == ("zh-Hans", 2.0, 10, 3)
    assert (site.max_bytes, site.max_minutes) == (2_000_000, 1.5)
    assert (site.revisit_min, site.revisit_max) == (3600.0, 172_800.0)
    assert site.usual_since == date(2026, 1, 31)
    assert site.selectors == {"title": "h1.headline::text", "body": "#story"}
    assert site.allow[0].search("https://example.org/health/a")
    assert site.enabled


def test_what_is_not_described_is_left_to_be_found(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_text(START, encoding="utf-8")
    site = read_site(tmp_path / "clinic.toml")
    assert (site.sitemaps, site.feeds, site.delay, site.max_pages) == (None, None, None, None)


def test_an_unknown_name_lists_the_known_ones_and_the_nearest(tmp_path: Path) -> None:
    for name in ("clinic", "hospital"):
        (tmp_path / f"{name}.toml").write_text(START, encoding="utf-8")
    with pytest.raises(SiteError) as caught:
        load_site("clinik", tmp_path)
    assert str(caught.value) == (
        'unknown site "clinik": did you mean "clinic"?; known sites: clinic, hospital'
    )


def test_a_name_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.toml").write_text(START, encoding="utf-8")
    (tmp_path / "sites").mkdir()
    with pytest.raises(SiteError, match="unknown site"):
        load_site("../secret", tmp_path / "sites")


def test_all_sites_are_the_enabled_ones(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(START, encoding="utf-8")
    (tmp_path / "two.toml").write_text("enabled = false\n" + START, encoding="utf-8")
    assert [site.name for site in load_sites(tmp_path)] == ["one"]
    assert load_site("two", tmp_path).name == "two"


def test_no_site_at_all_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="give an address with -a url="):
        load_sites(tmp_path)


@pytest.mark.parametrize("name", site_names(SHIPPED))
def test_every_shipped_description_loads(name: str) -> None:
    assert load_site(name, SHIPPED).entrances


ADDRESSES = {
    "one": ("https://e.org/", [("e.org", ("https://e.org/",))]),
    "two of a host": (
        "https://e.org/a, https://www.e.org/b",
        [("e.org", ("https://e.org/a", "https://www.e.org/b"))],
    ),
    "two hosts": (
        "https://e.org/,http://f.org:8080/",
        [("e.org", ("https://e.org/",)), ("f.org:8080", ("http://f.org:8080/",))],
    ),
    "comma within": ("https://e.org/a,b.html", [("e.org", ("https://e.org/a,b.html",))]),
    "comma at the end": ("https://e.org/,", [("e.org", ("https://e.org/",))]),
    "twice": ("https://e.org/,https://e.org/", [("e.org", ("https://e.org/",))]),
}


@pytest.mark.parametrize(("value", "sites"), ADDRESSES.values(), ids=ADDRESSES.keys())
def test_addresses_on_the_command_line(
    value: str, sites: list[tuple[str, tuple[str, ...]]], tmp_path: Path
) -> None:
    plan = read_arguments({"url": value}, tmp_path)
    assert [(site.name, site.start) for site in plan.sites] == sites


LIMITS = {
    "plain": ({"max_bytes": "2000"}, 2000),
    "k": ({"max_bytes": "1.5k"}, 1500),
    "M": ({"max_bytes": "500M"}, 500_000_000),
    "G": ({"max_bytes": "2G"}, 2_000_000_000),
    "of the file": ({}, 7),
}


@pytest.mark.parametrize(("asked", "size"), LIMITS.values(), ids=LIMITS.keys())
def test_bytes_on_the_command_line(tmp_path: Path, asked: dict[str, str], size: int) -> None:
    (tmp_path / "clinic.toml").write_text("max_bytes = 7\n" + START, "utf-8")
    assert read_arguments(asked, tmp_path).sites[0].max_bytes == size


BAD_ARGUMENTS = {
    "bytes of a word": ({"max_bytes": "lots"}, "-a max_bytes=lots: a whole number from 1 up"),
    "no bytes": ({"max_bytes": "0"}, "-a max_bytes=0: a whole number from 1 up"),
    "less than a byte": ({"max_bytes": "0.0001k"}, "-a max_bytes=0.0001k: a whole number"),
    "negative bytes": ({"max_bytes": "-5M"}, "-a max_bytes=-5M: a whole number from 1 up"),
    "empty bytes": ({"max_bytes": ""}, "-a max_bytes=: a whole number from 1 up"),
    "endless minutes": ({"max_minutes": "inf"}, "-a max_minutes=inf: a number above 0"),
    "unknown revisit": ({"revisit": "never"}, "-a revisit=never: due or all is needed"),
    "misspelt": ({"max_byte": "1"}, 'unknown argument "-a max_byte=": did you mean "max_bytes"?'),
}


@pytest.mark.parametrize(("asked", "told"), BAD_ARGUMENTS.values(), ids=BAD_ARGUMENTS.keys())
def test_a_mistake_on_the_command_line_is_told(
    tmp_path: Path, asked: dict[str, str], told: str
) -> None:
    with pytest.raises(SiteError) as caught:
        read_arguments({"url": "https://example.org/", **asked}, tmp_path)
    assert str(caught.value).startswith(told)


@pytest.mark.parametrize(("asked", "every"), [({}, False), ({"revisit": "all"}, True)])
def test_which_known_pages_are_looked_at(
    tmp_path: Path, asked: dict[str, str], every: bool
) -> None:
    plan = read_arguments({"url": "https://example.org/", **asked}, tmp_path)
    assert plan.revisit_all is every


def test_limits_on_the_command_line_go_before_those_of_the_description(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_text("max_pages = 5\nmax_depth = 1\n" + START, "utf-8")
    asked = {"site": "clinic", "max_pages": "9", "max_minutes": "1.5"}
    plan = read_arguments(asked, tmp_path)
    assert (plan.sites[0].max_pages, plan.sites[0].max_depth, plan.seconds) == (9, 1, 90.0)
