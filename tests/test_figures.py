"""Pictures of the article: their addresses, captions and credits."""

from __future__ import annotations

import pytest

from pipelines import Article, clean
from pipelines.records import Figure
from tests.articles import page

URL = "https://example.org/blog/sprained-ankle-care"
IMAGE = "https://example.org/img/ankle.jpg"
PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACw="


def figures(**inserts: str) -> tuple[Figure, ...]:
    record = clean(page("en", **inserts).encode(), URL)
    assert isinstance(record, Article)
    return record.figures


@pytest.mark.parametrize(
    "image",
    [
        "<img src='/img/ankle.jpg'>",
        "<img src='../img/ankle.jpg'>",
        f"<img src='{PIXEL}' data-src='/img/ankle.jpg'>",
        "<img src='/blank.gif' data-original='/img/ankle.jpg'>",
        "<img src='/blank.gif' data-lazy-src='/img/ankle.jpg'>",
        f"<img src='{PIXEL}' srcset='/img/ankle.jpg 800w, /img/small.jpg 400w'>",
        f"<img src='{PIXEL}' data-srcset='/img/ankle.jpg 2x'>",
        "<amp-img src='/img/ankle.jpg' width='800' height='600'></amp-img>",
        f"<picture><source srcset='/img/ankle.webp'><img src='{IMAGE}'></picture>",
        f"<picture><img src='{IMAGE}'></picture>",
    ],
)
def test_the_address_of_a_picture(image: str) -> None:
    assert figures(middle=f"<p>{image}</p>") == (Figure(IMAGE),)


@pytest.mark.parametrize(
    "markup",
    [
        "<figure><img src='/img/ankle.jpg'><figcaption>{}</figcaption></figure>",
        "<div><p><img src='/img/ankle.jpg'></p><p class='wp-caption-text'>{}</p></div>",
    ],
    ids=["figcaption", "class"],
)
def test_a_caption_belongs_to_its_picture(markup: str) -> None:
    caption = "The outer ligaments of the ankle"
    assert figures(middle=markup.format(caption)) == (Figure(IMAGE, caption),)


@pytest.mark.parametrize(
    "credit", ["Photo: Anna Lind", "Image credit: Anna Lind", "Photo by Anna Lind"]
)
def test_a_credit_alone_is_no_caption(credit: str) -> None:
    found = figures(middle=f"<p><img src='/img/ankle.jpg'></p><p>{credit}</p>")
    assert found == (Figure(IMAGE, None, credit),)


@pytest.mark.parametrize(
    "text", ["{} (Photo: Anna Lind)", "{} Photo: Anna Lind", "{} | Photo: Anna Lind"]
)
def test_a_credit_at_the_end_of_a_caption_stands_apart(text: str) -> None:
    caption = "The outer ligaments of the ankle."
    markup = f"<figure><img src='{IMAGE}'><figcaption>{text.format(caption)}</figcaption></figure>"
    assert figures(middle=markup) == (Figure(IMAGE, caption, "Photo: Anna Lind"),)


def test_a_caption_that_speaks_of_pictures_has_no_credit() -> None:
    caption = "A photo by candle light shows less of the bruise than one taken outside"
    markup = f"<figure><img src='{IMAGE}'><figcaption>{caption}</figcaption></figure>"
    assert figures(middle=markup) == (Figure(IMAGE, caption),)


def test_a_caption_without_a_picture_is_a_figure() -> None:
    caption = "Figure 1 Original copyright image, no permission to reprint"
    assert [f.caption for f in figures(middle=f"<p>{caption}</p>")] == [caption]


def test_two_pictures_with_a_caption_each() -> None:
    one = "<figure><img src='/{0}.jpg'><figcaption>Step {0} of the bandage</figcaption></figure>"
    found = figures(top=one.format(1), middle=one.format(2))
    assert [(f.url, f.caption) for f in found] == [
        ("https://example.org/1.jpg", "Step 1 of the bandage"),
        ("https://example.org/2.jpg", "Step 2 of the bandage"),
    ]


@pytest.mark.parametrize(
    "inserts",
    [
        {"middle": "<p><img src='/dot.gif' width='1' height='1'></p>"},
        {"middle": "<p><img src='/icon.png' width='24'></p>"},
        {"middle": f"<p><img src='{PIXEL}'></p>"},
        {"middle": "<p><img alt='nothing'></p>"},
        {"middle": "<div class='share-buttons'><img src='/mail.png'></div>"},
        {"after": "<aside><img src='/banner.jpg'></aside>"},
        {"after": "<footer><img src='/logo.png'></footer>"},
    ],
    ids=["pixel", "icon", "data", "no-address", "share", "aside", "footer"],
)
def test_what_is_no_picture_of_the_article(inserts: dict[str, str]) -> None:
    assert figures(**inserts) == ()


def test_a_caption_is_not_in_the_body() -> None:
    record = clean(
        page(middle="<figure><img src='/a.jpg'><figcaption>An ankle</figcaption></figure>"), URL
    )
    assert isinstance(record, Article)
    assert "An ankle" not in record.body
