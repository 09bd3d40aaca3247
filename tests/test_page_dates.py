"""The days of whole pages: what a reader sees, what is declared, and which of them is believed."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from pipelines import Article, clean_page, read_page
from pipelines.cleaner import label_page
from pipelines.page import Page
from pipelines.reconcile import merge_people_and_dates
from tests import articles

FETCHED = datetime(2024, 5, 10, 12, 0, tzinfo=UTC)


def record(
    head: str = "",
    meta: str = "",
    url: str | None = None,
    language: str = "en",
    fetched_at: datetime | None = None,
    **inserts: str,
) -> Article:
    html = articles.page(language, head=head, **inserts).replace("</title>", f"</title>{meta}", 1)
    page = read_page(html, url)
    assert isinstance(page, Page)
    found = clean_page(dataclasses.replace(page, fetched_at=fetched_at))
    assert isinstance(found, Article)
    return found


def days(article: Article) -> tuple[str | None, str | None, str | None]:
    found = (article.date_published, article.date_modified, article.date_reviewed)
    return tuple(str(day) if day else None for day in found)  # type: ignore[return-value]


def declared(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


PUBLISHED = "article:published_time"

VISIBLE = [
    ("<p>December 18, 2023 ・ 3 min read</p>", "2023-12-18"),
    ("<p>Dec 26, 2023 • Ann Poe in Planning and Other Matters</p>", "2023-12-26"),
    ("<p>Kneewell- 2023/4/29</p>", "2023-04-29"),
    ("<p>Posted on December 18, 2023 Posted by Ann Poe 59 Comments</p>", "2023-12-18"),
    ('<p><time datetime="2023-03-01T12:00:00Z">03/01/2023</time> by Ann Poe</p>', "2023-03-01"),
    ('<p><time datetime="2023-03-01">a year ago</time></p>', "2023-03-01"),
]


@pytest.mark.parametrize(("head", "day"), VISIBLE)
def test_a_day_beside_the_headline_is_read(head: str, day: str) -> None:
    assert days(record(head))[0] == day


def test_a_label_says_what_a_day_is() -> None:
    head = "<p>By Ann Poe ⋅ Founder and Editor-in-Chief ⋅ Updated May 6, 2023</p>"
    assert days(record(head)) == (None, "2023-05-06", None)
    head = "<div><span>DECEMBER 22, 2022</span><span>Updated: JANUARY 02, 2023</span></div>"
    assert days(record(head)) == ("2022-12-22", "2023-01-02", None)


def test_the_page_s_own_day_is_kept() -> None:
    assert days(record(meta=declared(PUBLISHED, "2024-03-01T23:30:00-03:00")))[0] == "2024-03-01"
    evening = declared(PUBLISHED, "2024-03-02T02:30:00+00:00")
    assert days(record("<p>March 1, 2024</p>", evening))[0] == "2024-03-01"
    assert record("<p>March 1, 2024</p>", evening).warnings == ()
    url = "https://knee.example/2024/03/01/gout"
    assert days(record(meta=evening, url=url))[0] == "2024-03-01"
    assert days(record(meta=evening, url="https://knee.example/2024/02/01/gout"))[0] == "2024-03-02"


def test_what_is_seen_beats_what_is_hidden() -> None:
    moved = declared(PUBLISHED, "2023-11-20T16:02:46Z")
    article = record("<p>May 14, 2021</p>", moved)
    assert days(article)[0] == "2021-05-14"
    assert "dates-differ" in article.warnings


def test_a_bare_day_of_the_change_is_no_publication() -> None:
    meta = declared(PUBLISHED, "2021-05-14") + declared("article:modified_time", "2023-11-20")
    article = record("<p>November 20, 2023</p>", meta)
    assert days(article) == ("2021-05-14", "2023-11-20", None)
    assert article.warnings == ()


def test_a_month_is_completed_by_a_day_that_agrees() -> None:
    article = record("<p>Published March 2023</p>", declared(PUBLISHED, "2023-03-17"))
    assert (days(article)[0], article.date_published_raw) == ("2023-03-17", "March 2023")
    article = record("<p>Published March 2023</p>", declared(PUBLISHED, "2023-06-17"))
    assert (days(article)[0], article.date_published_raw) == ("2023-03-01", "March 2023")


def test_an_age_means_a_day_beside_the_fetch_alone() -> None:
    article = record("<p>Published 2 days ago</p>", fetched_at=FETCHED)
    assert (days(article)[0], article.date_published_raw) == ("2024-05-08", "2 days ago")
    article = record("<p>Published 2 days ago</p>")
    assert (days(article)[0], article.date_published_raw) == (None, "2 days ago")
    hidden = declared(PUBLISHED, "2024-05-07T10:00:00+02:00")
    assert days(record("<p>Published 2 days ago</p>", hidden))[0] == "2024-05-07"
    assert days(record("<p>Updated yesterday</p>", fetched_at=FETCHED))[1] == "2024-05-09"


def test_cards_and_lists_give_no_day() -> None:
    card = '<div class="related-posts"><a href="/b">Other knees</a> <time>May 3, 2023</time></div>'
    assert days(record(end=card)) == (None, None, None)
    lines = "<div>January 31, 2023</div><div>January 6, 2023</div>"
    assert days(record("<p>March 1, 2022</p>", before=lines))[0] == "2022-03-01"


@pytest.mark.parametrize(
    "inserts",
    [
        {"top": "<p>The congress takes place on March 3, 2023 in Springfield, with talks.</p>"},
        {"end": "<p>Copyright 2019 Kneewell</p>"},
        {"head": "<p>Next review due: March 3, 2023</p>"},
        {"head": "<p>Published January 1, 2099</p>"},
        {"head": "<p>Published March 3, 1975</p>"},
    ],
)
def test_other_days_are_not_those_of_the_article(inserts: dict[str, str]) -> None:
    assert days(record(**inserts)) == (None, None, None)


def test_a_dateline_tells_the_day_of_release() -> None:
    page = articles.page()
    first = articles.prose("en").paragraphs[0]
    page = page.replace(first, f"SPRINGFIELD, Ill. (March 3, 2023) — {first}", 1)
    article = clean_page(read_page(page))  # type: ignore[arg-type]
    assert isinstance(article, Article)
    assert days(article)[0] == "2023-03-03"


@pytest.mark.parametrize(
    ("name", "field"), [("site:last_reviewed", 2), ("lastreviewed", 2), ("published", 0)]
)
def test_names_of_meta_tags(name: str, field: int) -> None:
    assert days(record(meta=declared(name, "2023-03-17")))[field] == "2023-03-17"


@pytest.mark.parametrize(
    ("url", "language", "day"),
    [
        ("https://knee.example/a", "en-US", "2021-03-04"),
        ("https://www.knee.co.uk/a", "en", "2021-04-03"),
        ("https://www.knee.co.uk/a", "en-US", None),
        ("https://www.knee.com.au/a", "en-AU", "2021-04-03"),
        ("https://knee.example/a", "en", None),
        ("https://knee.ca/a", "en", None),
    ],
)
def test_the_region_settles_the_order_of_numbers(url: str, language: str, day: str | None) -> None:
    html = articles.page(head="<p>Published 03/04/2021</p>")
    page = read_page(html.replace('lang="en"', f'lang="{language}"'), url)
    assert isinstance(page, Page)
    article = clean_page(page)
    assert isinstance(article, Article)
    assert days(article)[0] == day


@pytest.mark.parametrize(
    ("head", "meta", "url", "source"),
    [
        ("<p>Published March 3, 2023</p>", "", None, "byline"),
        ('<p><time datetime="2023-03-03">03/03/23</time></p>', "", None, "<time>"),
        ("", declared(PUBLISHED, "2023-03-03"), None, f"meta {PUBLISHED}"),
        ("", "", "https://knee.example/2023/03/03/gout", "address"),
        ("", "", "https://knee.example/2023/mar/03/gout", "address"),
        (
            "",
            '<script type="application/ld+json">'
            '{"@type": "Article", "datePublished": "2023-03-03"}</script>',
            None,
            "JSON-LD datePublished",
        ),
    ],
)
def test_each_day_knows_where_it_stands(head: str, meta: str, url: str | None, source: str) -> None:
    html = articles.page(head=head).replace("</title>", f"</title>{meta}", 1)
    page = read_page(html, url)
    assert isinstance(page, Page)
    labelled = label_page(page)
    credits = merge_people_and_dates(labelled.metadata, labelled.draft.bylines)
    assert credits.published is not None
    assert (str(credits.published.value), credits.published.source) == ("2023-03-03", source)
    assert credits.sources["date_published"] == source
