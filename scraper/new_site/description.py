"""What a survey found, as the text of `sites/NAME.toml`: every line with what it rests on."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from urllib.parse import urlsplit

import tomlkit
from tomlkit.items import Array

from pipelines.addresses import registrable_domain
from scraper.addresses import host_of
from scraper.new_site.evidence import MOST_PATTERNS
from scraper.new_site.listings import Found
from scraper.new_site.survey import Survey

# In comments: longer lines are broken (characters).
_WIDTH = 96


def name_for(address: str) -> str:
    """A site's name from its registrable domain: safe as a file's name, and on a command line.

    >>> name_for("https://www.health.example.co.uk/a"), name_for("http://127.0.0.1:8201/")
    ('example-co-uk', '127-0-0-1-8201')
    """
    domain = registrable_domain(address) or "site"
    host = host_of(address) or ""
    port = re.search(r"\d:\d+$|[a-z]:\d+$", host)
    said = domain + (host[host.rindex(":") :] if port else "")
    return re.sub(r"[^a-z0-9]+", "-", said.lower()).strip("-") or "site"


def describe(survey: Survey, name: str, day: date, own_delay: float) -> str:
    """The description as TOML; `own_delay` is what a crawl waits without any (seconds)."""
    text = _Text()
    text.say(
        f"{urlsplit(survey.start).netloc}, as found on {day}. Edit what is wrong, and hold it to "
        "the site again; docs/adding-a-site.md explains every key."
    )
    text.comment(f"    scrapy site check {name}")
    text.give("Where a crawl begins.", "start", _strings([survey.start]))
    _say_sitemaps(text, survey)
    _say_feeds(text, survey)
    _say_pattern(text, survey)
    _say_language(text, survey)
    _say_delay(text, survey, own_delay)
    return text.written()


def _say_sitemaps(text: _Text, survey: Survey) -> None:
    if not survey.sitemaps:
        text.say("sitemaps: none was found. Left out, so that a crawl looks for one each time.")
        return
    told = "; ".join(_origin(found) for found in survey.sitemaps)
    text.give(
        f"{told}. Only these are read; without the line a crawl asks robots.txt each time.",
        "sitemaps",
        _strings([found.address for found in survey.sitemaps]),
    )


def _say_feeds(text: _Text, survey: Survey) -> None:
    if not survey.feeds:
        text.say(
            "feeds: none was found. Left out, so that a crawl looks for them on the start page."
        )
        return
    told = "; ".join(_origin(found) for found in survey.feeds)
    addresses = _strings([found.address for found in survey.feeds])
    text.give(f"{told}.", "feeds", addresses)


def _say_pattern(text: _Text, survey: Survey) -> None:
    pattern, articles = survey.pattern, len(survey.articles)
    if not pattern.patterns:
        text.say("allow: no pattern, since no article was looked at.")
        return
    patterns = _strings(pattern.patterns, literal=True)
    if pattern.doubt is None:
        text.give(
            f"How articles are addressed: all {articles} that were looked at match, and "
            f"{pattern.matching} of {survey.seen} addresses seen. What does not match is not "
            "fetched, lists of articles included, since the sitemaps list the articles. Take the "
            "line out if any are missing.",
            "allow",
            patterns,
        )
        return
    text.say(
        "allow: no line, so that nothing is missed. Articles seem to be addressed as below, but "
        f"{pattern.doubt}."
    )
    if len(pattern.patterns) <= MOST_PATTERNS:
        for line in f"allow = {patterns.as_string()}".split("\n"):
            text.comment(line)


def _say_language(text: _Text, survey: Survey) -> None:
    languages = Counter(s.article.language or "unknown" for s in survey.articles if s.article)
    if survey.language is None:
        told = ", ".join(f"{count} {language}" for language, count in languages.most_common())
        text.say(
            f"language: no line, because the articles are in several ({told}); it would hold for "
            "those whose language cannot be told."
        )
        return
    count = languages[survey.language]
    text.give(
        f"That of {count} of {len(survey.articles)} articles; it holds for those whose language "
        "cannot be told.",
        "language",
        survey.language,
    )


def _say_delay(text: _Text, survey: Survey, own_delay: float) -> None:
    asked = survey.delay_asked
    if asked and asked > own_delay:
        text.give("Seconds between requests: the Crawl-delay of its robots.txt.", "delay", asked)
        return
    said = f"asks for {asked:g}" if asked else "asks for none"
    text.say(
        f"Seconds between requests. robots.txt {said}, so the setting DOWNLOAD_DELAY holds: "
        f"{own_delay:g}, and more where the server is slow. A line here would be kept to exactly."
    )
    text.comment("delay = 2.0")


class _Text:
    """The file, from top to bottom."""

    def __init__(self) -> None:
        self._document = tomlkit.document()

    def say(self, sentence: str) -> None:
        """A comment, set apart."""
        if self._document.body:
            self._document.add(tomlkit.nl())
        for line in _broken(sentence):
            self.comment(line)

    def comment(self, line: str) -> None:
        """One line of comment."""
        self._document.add(tomlkit.comment(_plain(line)))

    def give(self, sentence: str, key: str, value: str | float | Array) -> None:
        """A key with its value, below a comment."""
        self.say(sentence)
        self._document.add(key, tomlkit.item(value))

    def written(self) -> str:
        """The text of the file."""
        return tomlkit.dumps(self._document).rstrip("\n") + "\n"


def _strings(values: list[str] | tuple[str, ...], *, literal: bool = False) -> Array:
    """A list of strings, a line each where there are several; literal ones need no escapes."""
    array = tomlkit.array()
    for value in values:
        plain = literal and "'" not in value and value.isprintable()
        array.append(tomlkit.string(value, literal=plain))
    return array.multiline(len(values) > 1)


def _origin(found: Found) -> str:
    unread = f", {found.unread} of its sitemaps not read" if found.unread else ""
    told = "Named by" if found.origin != "the usual place" else "In"
    return f"{told} {found.origin}: {found.pages} pages{unread}"


def _plain(text: str) -> str:
    """The text on one line, without what a terminal or TOML would take for a command."""
    return "".join(char if char.isprintable() else " " for char in text)


def _broken(sentence: str) -> list[str]:
    lines: list[str] = [""]
    for word in sentence.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > _WIDTH:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return lines
