"""A site of articles made from a seed, for crawls of any length: `/`, and N articles behind it.

    site = GeneratedSite(articles=2_000, size=60_000, links=80)
    site.path(7), site.page(7)          # number 0 is the front page, 1 to N are articles

A page of 60 kB has what pages of that weight have: medians of 150 pages of 50 to 72 kB of the
WCXB set (`benchmarks/README.md`) are 630 elements, a hundred links and 9,500 characters of text,
5,500 of them in paragraphs; the rest is attributes, style and script. No two articles have the same
title or text. Page N leads to pages N·F + 1 to N·F + F (F: half of its links), so that each is
reached in few steps from the front page, and to others drawn at random, as lists of articles do.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

SEED = 20260131
NAME = "The Generated Health Letter"
FIRST_DAY = date(2019, 1, 7)
# Bytes of a page for each word of its article: the 5,500 characters above. A small page still has
# LEAST_WORDS, since a stub is no article.
BYTES_A_WORD = 75
LEAST_WORDS = 160
WORDS_A_PARAGRAPH = 75
PARAGRAPHS_A_HEADING = 3

ADJECTIVES = (
    "mild chronic sudden common gentle daily careful early severe simple regular quiet steady "
    "healthy older younger nervous tired warm cold painful swollen local medical useful familiar"
).split()
NOUNS = (
    "patient doctor heart muscle joint kidney sleep fever cough diet walk pressure pulse vein "
    "stomach skin nerve bone tissue hospital clinic nurse symptom treatment dose tablet habit week "
    "evening breakfast shoulder ankle knee throat headache allergy infection appetite breath"
).split()
VERBS = (
    "reduces improves follows affects protects relieves worsens explains requires precedes "
    "supports delays changes accompanies prevents limits strengthens weakens causes replaces"
).split()
PLACES = ("after", "during", "before", "without", "because of", "alongside", "despite", "with")
ENDINGS = (
    "in most adults",
    "for several weeks",
    "in about one case in ten",
    "as large studies have shown",
    "and nobody should worry about it",
    "when the cause is known",
    "even in people who feel well",
    "if it is noticed in time",
)
TOPICS = ("heart", "sleep", "nutrition", "joints", "breathing", "skin", "digestion", "prevention")
GIVEN = "Anna Brian Clara David Elena Frank Grace Henry Irene James Karen Louis Maria Nora".split()
FAMILY = "Abbott Barlow Castell Dorsey Ellwood Fenwick Garland Hobart Ingram Jarvis Kendal".split()

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title} | {name}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="{summary}"><meta property="og:site_name" content="{name}">
<meta property="og:title" content="{title}"><meta property="og:type" content="{kind}">
<link rel="stylesheet" href="/static/main.3f9c.css">
<script defer src="/static/app.71ab.js"></script>
<style>{style}</style>
{declared}</head>
<body class="page page--{kind} theme-light has-sidebar"><header class="site-header" role="banner">
<div class="site-header__brand"><span class="logo logo--wide">{name}</span></div>
<nav class="main-menu" aria-label="Main"><ul class="main-menu__list">{menu}</ul></nav></header>
<div class="layout layout--two-columns"><main class="layout__main" id="content">{main}</main>
<aside class="layout__side" aria-label="More"><section class="box box--most-read">
<h2 class="box__title">Most read</h2><ol class="box__list">{most_read}</ol></section></aside></div>
<footer class="site-footer"><ul class="site-footer__links">{footer}</ul>
<p class="site-footer__note">© 2026 {name}. All rights reserved.</p></footer>
<script>window.__STATE__={filling};</script></body></html>
"""
ARTICLE = """<article class="article" itemscope itemtype="https://schema.org/Article">
<p class="article__topic">{topic}</p><h1 class="article__title">{title}</h1>
<p class="article__byline">By <span class="author" rel="author">{author}</span></p>
<p class="article__dates">Published <time datetime="{published}">{published:%d %B %Y}</time></p>
<div class="article__body">{body}</div></article>
<section class="related" aria-label="Related"><h2 class="related__title">Related articles</h2>
<ul class="related__list">{related}</ul></section>"""
FRONT = """<h1>{name}</h1><section class="latest"><h2>Latest</h2><ul>{related}</ul></section>"""
MENU_ITEM = (
    '<li class="menu-item menu-item-type-custom"><a class="menu-item__link" href="{path}" '
    'data-track="{zone}"><span class="menu-item__icon"><svg viewBox="0 0 16 16"><path '
    'd="M3 8h10M8 3v10"></path></svg></span><span class="menu-item__label">{title}</span>'
    "</a></li>\n"
)
TEASER = (
    '<li class="teaser teaser--small"><div class="teaser__media"><picture><source '
    'type="image/webp" srcset="/media/{number}-160.webp 160w, /media/{number}-320.webp 320w" '
    'sizes="(min-width: 60em) 160px, 30vw"><img class="lazy" alt="" loading="lazy" '
    'src="/media/{number}-160.jpg"></picture></div><div class="teaser__text">'
    '<a class="teaser__link" href="{path}" data-track="related"><span class="teaser__title">{title}'
    '</span></a><div class="teaser__foot"><span class="teaser__day">{day:%d %B %Y}</span></div>'
    "</div></li>\n"
)


@dataclass(frozen=True)
class GeneratedSite:
    """Pages by their number, the same for the same arguments.

    `size`: bytes a page, exact where links and text leave room; `links`: `<a href>` a page.
    """

    articles: int
    size: int = 60_000
    links: int = 80
    seed: int = SEED

    @property
    def numbers(self) -> range:
        """The numbers of all pages, the front page first."""
        return range(self.articles + 1)

    def path(self, number: int) -> str:
        """Where the page is, from the server's root."""
        if number == 0:
            return "/"
        slug = self.titles[number].lower().replace(" ", "-")
        return f"/{TOPICS[number % len(TOPICS)]}/{slug}/"

    @cached_property
    def titles(self) -> list[str]:
        """A title a page; the number of the case keeps them apart."""
        rng = random.Random(f"{self.seed}/titles")
        return [NAME] + [
            f"Why a {rng.choice(ADJECTIVES)} {rng.choice(NOUNS)} {rng.choice(VERBS)} "
            f"the {rng.choice(NOUNS)} of case {number}"
            for number in self.numbers[1:]
        ]

    def page(self, number: int) -> bytes:
        """The page as UTF-8."""
        rng = random.Random(f"{self.seed}/{number}")
        zones = _Zones(self._targets(number, rng))
        shared = {"name": NAME, "title": self.titles[number]}
        if number == 0:
            kind, declared, summary = "website", "", "Health, explained"
            main = FRONT.format(related=self._teasers(zones.text + zones.related), **shared)
        else:
            kind, summary = "article", _sentence(rng)
            declared, main = self._article(number, zones, rng)
        html = PAGE.format(
            kind=kind,
            declared=declared,
            summary=summary,
            main=main,
            style=_style(self.size // 10),
            menu=self._items(zones.menu, "menu"),
            most_read=self._items(zones.most_read, "most-read"),
            footer=self._items(zones.footer, "footer"),
            filling="{filling}",
            **shared,
        )
        room = self.size - len(html.encode()) + len("{filling}")
        return html.replace("{filling}", _filling(rng, room)).encode()

    def _targets(self, number: int, rng: random.Random) -> list[int]:
        """The pages that this one leads to, in the order of its links: first the site's menu."""
        menu = [1 + index % self.articles for index in range(self.links // 8)]
        fan = self.links // 2
        children = [
            child
            for child in range(number * fan + 1, (number + 1) * fan + 1)
            if child <= self.articles
        ]
        more = self.links - len(menu) - len(children)
        return menu + children + rng.choices(self.numbers[1:], k=more)

    def _article(self, number: int, zones: _Zones, rng: random.Random) -> tuple[str, str]:
        """What the page declares about itself, and its main part."""
        author = f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}, MD"
        published = self._day(number)
        declared = {
            "@context": "https://schema.org",
            "@type": "Article",
            "headline": self.titles[number],
            "datePublished": published.isoformat(),
            "author": {"@type": "Person", "name": author.partition(",")[0]},
        }
        main = ARTICLE.format(
            topic=TOPICS[number % len(TOPICS)].capitalize(),
            title=self.titles[number],
            author=author,
            published=published,
            body=self._body(zones.text, rng),
            related=self._teasers(zones.related),
        )
        return f'<script type="application/ld+json">{json.dumps(declared)}</script>', main

    def _body(self, links: list[int], rng: random.Random) -> str:
        """Paragraphs below headings; some end with a link to another page."""
        pending = list(links)
        parts = []
        words = max(LEAST_WORDS, self.size // BYTES_A_WORD)
        for index in range(max(2, words // WORDS_A_PARAGRAPH)):
            if index and index % PARAGRAPHS_A_HEADING == 0:
                parts.append(f"<h2>The {rng.choice(ADJECTIVES)} {rng.choice(NOUNS)}</h2>")
            text = _paragraph(rng)
            if pending:
                target = pending.pop()
                text += f' More is said of <a href="{self.path(target)}">case {target}</a>.'
            parts.append(f"<p>{text}</p>")
        return "\n".join(parts)

    def _day(self, number: int) -> date:
        return FIRST_DAY + timedelta(days=number % 2_000)

    def _items(self, targets: list[int], zone: str) -> str:
        return "".join(
            MENU_ITEM.format(path=self.path(target), title=self.titles[target], zone=zone)
            for target in targets
        )

    def _teasers(self, targets: list[int]) -> str:
        return "".join(
            TEASER.format(
                number=target,
                path=self.path(target),
                title=self.titles[target],
                day=self._day(target),
            )
            for target in targets
        )


class _Zones:
    """The links of a page, parted among its menu, text, related list, side and footer."""

    def __init__(self, targets: list[int]) -> None:
        eighth = len(targets) // 8
        self.menu = targets[:eighth]
        self.footer = targets[eighth : 2 * eighth]
        self.text = targets[2 * eighth : 2 * eighth + eighth // 3]
        rest = targets[2 * eighth + eighth // 3 :]
        self.related, self.most_read = rest[: len(rest) // 2], rest[len(rest) // 2 :]


def _sentence(rng: random.Random) -> str:
    return (
        f"A {rng.choice(ADJECTIVES)} {rng.choice(NOUNS)} {rng.choice(VERBS)} the "
        f"{rng.choice(ADJECTIVES)} {rng.choice(NOUNS)} {rng.choice(PLACES)} a "
        f"{rng.choice(NOUNS)}, {rng.choice(ENDINGS)}."
    )


def _paragraph(rng: random.Random) -> str:
    sentences: list[str] = []
    while sum(sentence.count(" ") + 1 for sentence in sentences) < WORDS_A_PARAGRAPH:
        sentences.append(_sentence(rng))
    return " ".join(sentences)


def _style(size: int) -> str:
    """Rules of about so many bytes, the same on every page."""
    rule = ".block-{}>.item{{margin:0 auto;padding:.5rem 1rem;color:#2{:02x}a40}}"
    return "\n".join(rule.format(index, index % 256) for index in range(size // 64))


def _filling(rng: random.Random, size: int) -> str:
    """A script's data of exactly so many bytes: what pages keep for their scripts."""
    ids = [rng.getrandbits(40) for _ in range(max(0, size - 40) // 24)]
    data = json.dumps({"ids": [f"item-{value:013}" for value in ids]})
    return data + " " * (size - len(data))
