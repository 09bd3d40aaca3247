"""Descriptions of sites: `scraper/sites/NAME.toml`, read strictly.

Every mistake is one sentence that names the file, the key and, where there is one, the key that
was probably meant: a crawl that runs unattended must not quietly ignore half of its settings.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import cssselect
from parsel.csstranslator import HTMLTranslator

from scraper.amounts import read_duration
from scraper.browser.switch import MOST_SCREENS, Javascript
from scraper.selectors import LANGUAGE_TAG, SELECTABLE_FIELDS

# What `[labels]` may say of an element.
VERDICTS = ("drop", "keep")


class SiteError(ValueError):
    """A site cannot be crawled as described; the message says where and how to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One site, as its TOML file or an address on the command line describes it.

    `sitemaps` and `feeds` are None where they are to be found by the crawl itself.
    """

    name: str
    start: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] | None = None
    feeds: tuple[str, ...] | None = None
    allow: tuple[re.Pattern[str], ...] = ()
    deny: tuple[re.Pattern[str], ...] = ()
    language: str | None = None
    enabled: bool = True
    delay: float | None = None  # seconds between requests; None: as the settings say
    max_pages: int | None = None
    max_depth: int | None = None
    max_bytes: int | None = None  # received for the site in one run
    max_minutes: float | None = None  # that one run spends on the site
    revisit_min: float | None = None  # seconds between two looks at a page, at least
    revisit_max: float | None = None  # and at most
    javascript: Javascript | None = None  # pages are read in a browser; None: they are not
    usual_since: date | None = None  # runs before that day do not show what the site is like
    selectors: Mapping[str, str] = dataclasses.field(default_factory=dict)
    labels: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)

    @property
    def entrances(self) -> tuple[str, ...]:
        """Every address that the description names."""
        return self.start + (self.sitemaps or ()) + (self.feeds or ())


def load_site(name: str, folder: Path) -> Site:
    """The site `name`; raises SiteError for a name that is not there or a file with a mistake."""
    known = site_names(folder)
    if name not in known:
        listed = f"known sites: {', '.join(known)}" if known else f"{_shown(folder)} has none"
        raise SiteError(f'unknown site "{name}"{suggestion(name, known)}; {listed}')
    return read_site(folder / f"{name}.toml")


def load_sites(folder: Path) -> tuple[Site, ...]:
    """Every enabled site of the folder; raises SiteError where there is none."""
    sites = tuple(read_site(folder / f"{name}.toml") for name in site_names(folder))
    enabled = tuple(site for site in sites if site.enabled)
    if not enabled:
        raise SiteError(
            f"no site to crawl: {_shown(folder)} has no enabled NAME.toml; "
            "give an address with -a url=https://… or a name with -a site=NAME"
        )
    return enabled


def site_names(folder: Path) -> list[str]:
    """Names of the sites described in the folder, in order."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def read_site(path: Path) -> Site:
    """The description in one file; raises SiteError that names the file and the key."""
    shown = _shown(path)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise SiteError(f"{shown}: not valid TOML: {error}") from None
    except UnicodeDecodeError:
        raise SiteError(f"{shown}: not UTF-8 text") from None
    except OSError as error:
        raise SiteError(f"{shown}: cannot be read: {error.strerror}") from None
    try:
        return _site(path.stem, table)
    except SiteError as error:
        raise SiteError(f"{shown}: {error}") from None


def check_address(address: str) -> str:
    """The address without surrounding space; raises SiteError where it is no http(s) address."""
    address = address.strip()
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise SiteError(f'"{address}" is not an address: {error}') from None
    if parts.scheme not in {"http", "https"}:
        has_scheme = re.match(r"[a-z][a-z0-9+.-]*://", address, re.IGNORECASE)
        hint = "only http and https are crawled" if has_scheme else f"try https://{address}"
        raise SiteError(f'"{address}" is not an http(s) address: {hint}')
    if not host or re.search(r"\s", address):
        raise SiteError(f'"{address}" is not an address: no host, or a space within')
    return address


def suggestion(word: str, known: Iterable[str]) -> str:
    """`: did you mean "…"?` for the nearest known word, or nothing."""
    nearest = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f': did you mean "{nearest[0]}"?' if nearest else ""


def _site(name: str, table: dict[str, Any]) -> Site:
    for key in table:
        if key not in _READERS:
            raise SiteError(_unknown("key", key, _READERS))
    values = {key: _READERS[key](key, value) for key, value in table.items()}
    site = Site(name=name, **values)
    if not site.entrances:
        raise SiteError('nothing to begin with: give at least one of "start", "sitemaps", "feeds"')
    if site.revisit_min and site.revisit_max and site.revisit_min > site.revisit_max:
        raise SiteError("revisit_min: must not be longer than revisit_max")
    return site


def _unknown(kind: str, word: str, known: Iterable[str]) -> str:
    known = list(known)
    return f'unknown {kind} "{word}"{suggestion(word, known) or "; known: " + ", ".join(known)}'


def _strings(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise SiteError(f'{key}: a list of strings is needed, such as {key} = ["…"]')
    return tuple(value)


def _addresses(key: str, value: Any) -> tuple[str, ...]:
    try:
        return tuple(check_address(item) for item in _strings(key, value))
    except SiteError as error:
        message = str(error)
        raise SiteError(message if message.startswith(key) else f"{key}: {message}") from None


def _patterns(key: str, value: Any) -> tuple[re.Pattern[str], ...]:
    compiled = []
    for item in _strings(key, value):
        try:
            compiled.append(re.compile(item))
        except re.error as error:
            raise SiteError(f'{key}: "{item}" is not a regular expression: {error}') from None
    return tuple(compiled)


def _language(key: str, value: Any) -> str:
    if not isinstance(value, str) or not LANGUAGE_TAG.fullmatch(value):
        raise SiteError(f'{key}: a language tag is needed, such as "en" or "zh-Hans"')
    return value


def _truth(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise SiteError(f"{key}: true or false is needed")
    return value


def _seconds(key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 3600:
        raise SiteError(f"{key}: a number of seconds from 0 to 3600 is needed")
    return float(value)


def _day(key: str, value: Any) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise SiteError(f"{key}: a day is needed, without quotes, such as {key} = 2026-01-31")
    return value


def _minutes(key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise SiteError(f"{key}: a number above 0 is needed")
    return float(value)


def _duration(key: str, value: Any) -> float:
    seconds = read_duration(value) if isinstance(value, str) else value
    if (
        isinstance(seconds, bool)
        or not isinstance(seconds, int | float)
        or not 0 < seconds < math.inf
    ):
        raise SiteError(f'{key}: a number of seconds above 0 is needed, or one such as "12 hours"')
    return float(seconds)


def _count(least: int) -> Callable[[str, Any], int]:
    def read(key: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise SiteError(f"{key}: a whole number from {least} up is needed")
        return value

    return read


def _javascript(key: str, value: Any) -> Javascript | None:
    if isinstance(value, bool):
        return Javascript() if value else None
    if not isinstance(value, dict):
        raise SiteError(f"{key}: true, false or a table [{key}] is needed")
    readers: dict[str, Callable[[str, Any], Any]] = {
        "wait_for": _element,
        "click": lambda name, items: tuple(_element(name, item) for item in _strings(name, items)),
        "scroll": _screens,
    }
    for name in value:
        if name not in readers:
            raise SiteError(_unknown(f"{key} key", name, readers))
    return Javascript(
        **{name: readers[name](f"{key}.{name}", item) for name, item in value.items()}
    )


def _screens(key: str, value: Any) -> int:
    if _count(0)(key, value) > MOST_SCREENS:
        raise SiteError(f"{key}: at most {MOST_SCREENS} screens are scrolled")
    return int(value)


def _element(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise SiteError(f"{key}: a CSS selector in quotes is needed")
    _check_selector(key, value)
    _check_element(key, value)
    return value


def _selectors(key: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise SiteError(f'{key}: a table is needed: [{key}] with lines such as title = "h1"')
    for field, selector in value.items():
        if field not in SELECTABLE_FIELDS:
            raise SiteError(_unknown(f"{key} field", field, SELECTABLE_FIELDS))
        if not isinstance(selector, str):
            raise SiteError(f"{key}.{field}: a CSS selector in quotes is needed")
        if field == "body":
            _check_element(f"{key}.{field}", selector)
        _check_selector(f"{key}.{field}", selector)
    return dict(value)


def _labels(key: str, value: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise SiteError(f'{key}: a table is needed: [{key}] with lines such as drop = [".promo"]')
    labels = {}
    for verdict, selectors in value.items():
        if verdict not in VERDICTS:
            raise SiteError(_unknown(f"{key} key", verdict, VERDICTS))
        labels[verdict] = _strings(f"{key}.{verdict}", selectors)
        for selector in labels[verdict]:
            _check_selector(f"{key}.{verdict}", selector)
            _check_element(f"{key}.{verdict}", selector)
    return labels


def _check_selector(key: str, selector: str) -> None:
    try:
        HTMLTranslator().css_to_xpath(selector)
    except (cssselect.SelectorError, ValueError) as error:
        raise SiteError(f'{key}: "{selector}" is not a CSS selector: {error}') from None


def _check_element(key: str, selector: str) -> None:
    if "::" in selector:
        raise SiteError(f'{key}: "{selector}" must name an element, without ::text or ::attr()')


# One row a key of the file: the only place to change when a key is added.
_READERS: dict[str, Callable[[str, Any], Any]] = {
    "start": _addresses,
    "sitemaps": _addresses,
    "feeds": _addresses,
    "allow": _patterns,
    "deny": _patterns,
    "language": _language,
    "enabled": _truth,
    "delay": _seconds,
    "max_pages": _count(1),
    "max_depth": _count(0),
    "max_bytes": _count(1),
    "max_minutes": _minutes,
    "revisit_min": _duration,
    "revisit_max": _duration,
    "javascript": _javascript,
    "usual_since": _day,
    "selectors": _selectors,
    "labels": _labels,
}


def _shown(path: Path) -> str:
    """The path as a user would type it: relative to the current folder where it lies within."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
