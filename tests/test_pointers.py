"""Where the boilerplate pointed to: previous and next, related, tags, breadcrumbs."""

from __future__ import annotations

import pytest

from pipelines import Article, clean, clean_text
from pipelines.records import Link
from tests.articles import page, prose, text

URL = "https://example.org/blog/sprained-ankle-care"
KNEES, RUN = "Why knees crack on the stairs", "What to eat before a long run"


def article(language: str = "en", **inserts: str) -> Article:
    record = clean(page(language, **inserts).encode(), URL)
    assert isinstance(record, Article)
    return record


def test_a_page_without_pointers_has_none() -> None:
    links = article().links
    assert (links.previous, links.next, links.related) == (None, None, ())


@pytest.mark.parametrize(
    "markup",
    [
        "<p>&lt;&lt;: <a href='/knees'>{}</a></p><p>&gt;&gt;: <a href='/run'>{}</a></p>",
        "<p>Previous article: <a href='/knees'>{}</a></p>"
        "<p>Next article: <a href='/run'>{}</a></p>",
        "<nav class='post-nav'><a rel='prev' href='/knees'>{}</a>"
        " <a rel='next' href='/run'>{}</a></nav>",
        "<nav><p><a href='/knees'>← {}</a></p><p><a href='/run'>→ {}</a></p></nav>",
        "<div class='nav-links'><div class='nav-previous'><a href='/knees'>{}</a></div>"
        "<div class='nav-next'><a href='/run'>{}</a></div></div>",
    ],
    ids=["arrows", "labels", "rel", "arrows-inside", "classes"],
)
def test_previous_and_next(markup: str) -> None:
    links = article(end=markup.format(KNEES, RUN)).links
    assert links.previous == Link(KNEES, "https://example.org/knees")
    assert links.next == Link(RUN, "https://example.org/run")


@pytest.mark.parametrize(
    ("language", "back", "on"),
    [
        ("zh-Hans", "上一篇：", "下一篇："),
        ("zh-Hant", "上一篇：", "下一篇："),
        ("ja", "前の記事：", "次の記事："),
        ("ko", "이전 기사: ", "다음 기사: "),
        ("de", "Vorheriger Beitrag: ", "Nächster Beitrag: "),
        ("fr", "Article précédent : ", "Article suivant : "),
        ("es", "Artículo anterior: ", "Artículo siguiente: "),
        ("pt", "Artigo anterior: ", "Próximo artigo: "),
        ("it", "Articolo precedente: ", "Articolo successivo: "),
        ("ru", "Предыдущая статья: ", "Следующая статья: "),
    ],
)
def test_previous_and_next_in_other_languages(language: str, back: str, on: str) -> None:
    title = prose(language).heading
    markup = f"<p>{back}<a href='/1'>{title}</a></p><p>{on}<a href='/2'>{title}</a></p>"
    links = article(language, end=markup).links
    assert links.previous == Link(title, "https://example.org/1")
    assert links.next == Link(title, "https://example.org/2")


def test_related_from_a_list() -> None:
    markup = (
        f"<h3>Related articles</h3><ul><li><a href='knees'>{KNEES}</a></li>"
        f"<li><a href='https://other.example/run'>{RUN}</a></li></ul>"
    )
    assert article(end=markup).links.related == (
        Link(KNEES, "https://example.org/blog/knees"),
        Link(RUN, "https://other.example/run"),
    )


def test_related_from_a_line_in_the_text() -> None:
    markup = f"<p>Read also: <a href='/knees'>{KNEES}</a></p>"
    assert article(top=markup).links.related == (Link(KNEES, "https://example.org/knees"),)


def test_related_cards_give_their_titles_once() -> None:
    card = (
        f"<div><a href='/knees'><img src='/k.jpg'></a><h4><a href='/knees'>{KNEES}</a></h4></div>"
    )
    markup = f"<section class='related-posts'><h3>You may also like</h3>{card}{card}</section>"
    assert article(after=markup).links.related == (Link(KNEES, "https://example.org/knees"),)


@pytest.mark.parametrize("href", ["javascript:void(0)", "mailto:a@example.org", "tel:123", "", "#"])
def test_what_is_no_address_of_a_page_is_no_pointer(href: str) -> None:
    markup = f"<h3>Related articles</h3><ul><li><a href='{href}'>{KNEES}</a></li></ul>"
    assert all(
        link.url is None or link.url.startswith(("http://", "https://"))
        for link in article(end=markup).links.related
    )


def test_plain_text_gives_titles_without_addresses() -> None:
    record = clean_text(
        text(end=f"<<: {KNEES}\n\n>>: {RUN}", after=f"Recommend\n\n{KNEES}\n\nKnees make noises...")
    )
    assert isinstance(record, Article)
    assert record.links.previous == Link(KNEES, None)
    assert record.links.next == Link(RUN, None)
    assert record.links.related == (Link(KNEES, None),)


@pytest.mark.parametrize(
    ("language", "markup", "tags"),
    [
        ("en", "<p>Tags: ankle, sport, first aid</p>", ("ankle", "sport", "first aid")),
        (
            "en",
            "<p>Tags: <a href='/t/1'>ankle</a> <a href='/t/2'>#sport</a></p>",
            ("ankle", "sport"),
        ),
        (
            "en",
            "<div class='post-tags'><a href='/t/1'>ankle</a> <a href='/t/2'>sport</a></div>",
            ("ankle", "sport"),
        ),
        ("zh-Hans", "<p>标签：脚踝、运动、急救</p>", ("脚踝", "运动", "急救")),
        ("de", "<p>Schlagwörter: Knöchel, Sport</p>", ("Knöchel", "Sport")),
        ("ru", "<p>Теги: голеностоп, спорт</p>", ("голеностоп", "спорт")),
    ],
)
def test_tags(language: str, markup: str, tags: tuple[str, ...]) -> None:
    assert article(language, end=markup).tags == tags


@pytest.mark.parametrize(
    "markup",
    [
        "<ul class='breadcrumb'><li><a href='/'>Home</a></li>"
        "<li><a href='/i'>Injuries</a></li></ul>",
        "<div class='breadcrumbs'><a href='/'>Home</a> &gt; <a href='/i'>Injuries</a></div>",
        "<p>Current location: Home &gt; Injuries</p>",
        "<p>Home &gt; Injuries</p>",
    ],
    ids=["list", "links", "label", "text"],
)
def test_breadcrumbs(markup: str) -> None:
    assert article(before=markup).breadcrumbs == ("Home", "Injuries")


def test_the_headline_is_no_step_of_the_trail() -> None:
    markup = (
        "<div class='breadcrumbs'><a href='/'>Home</a> <a href='/i'>Injuries</a>"
        f" <a href='/x'>{prose('en').title}</a></div>"
    )
    assert article(before=markup).breadcrumbs == ("Home", "Injuries")
