"""Texts that somebody else extracted: paragraphs, headings, the title, and the article in them."""

from __future__ import annotations

import textwrap

import pytest

from pipelines import Article, Rejected, clean_text
from pipelines.plain_text import segment_text
from tests.articles import PROSE, prose, text

LONG = (
    "During the first two days the foot should rest on a cushion above the level of the heart, and"
    " cold packs wrapped in a towel calm the pain while a firm bandage keeps the swelling small."
)
OTHER = (
    "Gentle circles with the foot may begin as soon as they no longer hurt, and after about a week"
    " most patients walk around the flat without a stick while the bruise turns yellow."
)


def kinds(dump: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in segment_text(dump)]


@pytest.mark.parametrize("gap", ["\n", "\n\n", "\r\n", "\r\n\r\n", "\n \t\n", "\u2028"])
def test_lines_are_paragraphs_whatever_parts_them(gap: str) -> None:
    assert kinds(gap.join((LONG, OTHER, LONG))) == [("p", LONG), ("p", OTHER), ("p", LONG)]


@pytest.mark.parametrize("width", [60, 72, 80])
def test_wrapped_lines_are_joined(width: int) -> None:
    dump = "\n\n".join(textwrap.fill(paragraph, width) for paragraph in (LONG, OTHER, LONG))
    assert kinds(dump) == [("p", LONG), ("p", OTHER), ("p", LONG)]


@pytest.mark.parametrize("sign", ["- ", "* ", "• ", "•", "· ", "– ", "● "])
def test_bullets_are_items_of_one_list(sign: str) -> None:
    blocks = segment_text(f"{LONG}\n\n{sign}two bandages\n{sign}a cold pack\n\n{OTHER}")
    assert [b.kind for b in blocks] == ["p", "li", "li", "p"]
    assert [b.text for b in blocks[1:3]] == ["two bandages", "a cold pack"]
    assert blocks[1].group == blocks[2].group != 0


def headings(dump: str) -> list[str | None]:
    record = clean_text(dump)
    assert isinstance(record, Article)
    return [section.heading for section in record.sections]


@pytest.mark.parametrize("heading", ["When to walk again", "When may I walk again?", "2. Walking"])
def test_a_short_line_above_a_paragraph_is_a_heading(heading: str) -> None:
    assert headings(f"{LONG}\n\n{heading}\n\n{OTHER}\n\n{LONG}") == [None, heading]


@pytest.mark.parametrize(
    "line", ["Then it stops hurting.", "You need three things:", "Be careful!", "(1) Rest first;"]
)
def test_a_short_sentence_is_no_heading(line: str) -> None:
    assert headings(f"{LONG}\n\n{line}\n\n{OTHER}") == [None]


def test_a_dash_in_a_word_is_no_bullet() -> None:
    assert kinds("-5 degrees is what a cold pack may have.")[0][0] == "p"


@pytest.mark.parametrize("language", sorted(PROSE))
def test_headings_and_paragraphs_of_every_language(language: str) -> None:
    record = clean_text(text(language))
    assert isinstance(record, Article)
    made = prose(language)
    first, second, third, fourth = made.paragraphs
    assert record.title == made.title
    assert [(s.heading, s.text) for s in record.sections] == [
        (None, f"{first}\n\n{second}"),
        (made.heading, f"{third}\n\n{fourth}"),
    ]


@pytest.mark.parametrize("language", ["en", "zh-Hans", "de", "ru"])
def test_title_printed_twice_is_no_part_of_the_body(language: str) -> None:
    record = clean_text(text(language, before=prose(language).title))
    assert isinstance(record, Article)
    assert record.title == prose(language).title
    assert prose(language).title not in record.body


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_blank_lines_make_no_difference(gap: str) -> None:
    with_gaps, without = clean_text(text("en")), clean_text(text("en").replace("\n\n", gap))
    assert isinstance(with_gaps, Article)
    assert isinstance(without, Article)
    assert without.body == with_gaps.body


# A whole document in the manner of a dump, boilerplate and all, in each language:
# people, caption, a line to another article, arrows, and teasers.
DUMPS: dict[str, dict[str, str]] = {
    "en": {
        "author": "Author: Martha Green, Chief Physician of Riverside Hospital",
        "reviewer": "Reviewer: Thomas Reed, Professor of Northern University",
        "caption": "Figure 1 Original copyright picture, do not reprint",
        "inline": "Read also: Why knees crack on the stairs",
        "previous": "<<: Why knees crack on the stairs",
        "next": ">>: What to eat before a long run",
        "opener": "Recommend",
        "teaser": "Warm socks for cold nights",
        "cut": "Cold feet keep many people awake, and the reasons for it are simple, as a...",
    },
    "zh-Hans": {
        "author": "作者：李明华 河滨医院主任医师",
        "reviewer": "审核：王建国 北方大学教授",
        "caption": "图1 版权图片，未经授权不得转载",
        "inline": "延伸阅读：上楼时膝盖为什么会响",
        "previous": "<<: 上楼时膝盖为什么会响",
        "next": ">>: 长跑之前应该吃什么",
        "opener": "推荐阅读",
        "teaser": "冬天晚上怎样给脚保暖",
        "cut": "很多人因为脚冷而睡不着，其中的原因其实并不复杂，只要注意下面几个方面……",
    },
    "de": {
        "author": "Autorin: Sabine Krüger, Chefärztin am Krankenhaus Flussufer",
        "reviewer": "Medizinisch geprüft von: Dr. med. Jonas Weber",
        "caption": "Abbildung 1: Urheberrechtlich geschützt, Nachdruck nicht gestattet",
        "inline": "Lesen Sie auch: Warum Knie auf der Treppe knacken",
        "previous": "<<: Warum Knie auf der Treppe knacken",
        "next": ">>: Was vor einem langen Lauf auf den Teller gehört",
        "opener": "Das könnte Sie auch interessieren",
        "teaser": "Warme Socken für kalte Nächte",
        "cut": "Kalte Füße halten viele Menschen wach, und die Gründe sind einfach, wie…",
    },
    "ru": {
        "author": "Автор: Ольга Смирнова, врач-травматолог",
        "reviewer": "Рецензент: Иван Петров, профессор",
        "caption": "Рисунок 1. Все права защищены, перепечатка запрещена",
        "inline": "Читайте также: Почему колени хрустят на лестнице",
        "previous": "<<: Почему колени хрустят на лестнице",
        "next": ">>: Что есть перед долгой пробежкой",
        "opener": "Материалы по теме",
        "teaser": "Тёплые носки для холодных ночей",
        "cut": "Холодные ноги не дают уснуть многим людям, и причин этому немного...",
    },
}
PEOPLE = {
    "en": ("Martha Green", "Thomas Reed"),
    "zh-Hans": ("李明华", "王建国"),
    "de": ("Sabine Krüger", "Jonas Weber"),
    "ru": ("Ольга Смирнова", "Иван Петров"),
}


# In a text no picture stands beside a caption: only its words can tell what it is.
LINES = [(language, part) for language in sorted(DUMPS) for part in sorted(DUMPS["en"])]


def dump(language: str) -> Article:
    parts = DUMPS[language]
    record = clean_text(
        text(
            language,
            before=prose(language).title,
            head=f"{parts['author']}\n\n{parts['reviewer']}",
            top=parts["caption"],
            middle=parts["inline"],
            end=f"{parts['previous']}\n\n{parts['next']}",
            after=f"{parts['opener']}\n\n{parts['teaser']}\n\n{parts['cut']}",
        )
    )
    assert isinstance(record, Article)
    return record


@pytest.mark.parametrize("language", sorted(DUMPS))
def test_a_dump_gives_the_article_and_nothing_else(language: str) -> None:
    made = prose(language)
    first, second, third, fourth = made.paragraphs
    body = "\n\n".join((first, second, made.heading, third, fourth))
    assert dump(language).body == body


@pytest.mark.parametrize(("language", "part"), LINES)
def test_each_line_of_boilerplate_is_told_as_removed(language: str, part: str) -> None:
    reasons = {
        "author": {"byline"},
        "reviewer": {"byline"},
        "caption": {"caption"},
        "inline": {"related"},
        "previous": {"prev-next"},
        "next": {"prev-next"},
    }
    removed = {r.text: r.reason for r in dump(language).removed}
    assert removed.get(DUMPS[language][part]) in reasons.get(part, {"related"})


@pytest.mark.parametrize("language", sorted(DUMPS))
def test_people_are_read(language: str) -> None:
    record = dump(language)
    author, reviewer = PEOPLE[language]
    assert [person.name for person in record.authors] == [author]
    assert [person.name for person in record.reviewers] == [reviewer]


@pytest.mark.parametrize("language", sorted(DUMPS))
def test_links_are_read(language: str) -> None:
    links, parts = dump(language).links, DUMPS[language]
    assert links.previous
    assert links.next
    assert links.previous.title == parts["previous"].removeprefix("<<: ")
    assert links.next.title == parts["next"].removeprefix(">>: ")
    related = [link.title for link in links.related]
    assert parts["teaser"] in related
    assert parts["cut"] not in related


@pytest.mark.parametrize(
    "language",
    sorted(DUMPS),
)
def test_the_caption_is_a_figure(language: str) -> None:
    assert DUMPS[language]["caption"] in [figure.caption for figure in dump(language).figures]


@pytest.mark.parametrize("nothing", ["", " \n\t\n", "\ufeff", "\x00\x01"])
def test_a_text_without_content_is_refused(nothing: str) -> None:
    record = clean_text(nothing)
    assert isinstance(record, Rejected)
    assert (record.stage, record.reason) == ("decode", "empty")


def test_a_text_without_prose_is_no_article() -> None:
    record = clean_text("Home\nAbout\nContact\nSearch\n")
    assert isinstance(record, Rejected)
    assert record.page_type != "article"
