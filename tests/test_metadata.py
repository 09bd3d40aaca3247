"""What pages declare is read without touching the tree, and reconciled with what they show."""

from __future__ import annotations

import pytest
from lxml import etree, html

from pipelines.bylines import read_byline
from pipelines.json_text import parse_json
from pipelines.metadata import read_metadata
from pipelines.reconcile import merge_people_and_dates
from pipelines.vocabulary import vocabulary

PAGE = """<html lang="en"><head><title>Gout: causes and cure | Knee Gazette</title>
<meta property="og:site_name" content="Knee Gazette"><meta name="robots" content="noarchive">
<link rel="canonical" href="https://knee.example/gout?utm_source=x">
<script type="application/ld+json"><!--
{"@context": "https://schema.org", "@graph": [
 {"@type": "Person", "@id": "#ann", "name": "Dr. Ann Poe", "honorificSuffix": "MD", "url": "https://knee.example/ann"},
 {"@type": "MedicalWebPage", "headline": "Gout: causes and cure", "author": {"@id": "#ann"},
  "reviewedBy": [{"@type": "Person", "name": "Bob Roe, PhD", "jobTitle": "Rheumatologist"}],
  "datePublished": "2023-05-04T23:10:00-05:00", "lastReviewed": "2024-01-02",
  "about": {"@type": "MedicalCondition", "name": "Gout"}, "audience": {"audienceType": "Patient"},},
]};
--></script></head><body><h1>Gout: causes and cure</h1><p>Text.</p></body></html>"""


def test_linked_data_gives_people_dates_and_medical_fields() -> None:
    root = html.fromstring(PAGE)
    before = etree.tostring(root)
    found = read_metadata(root, "https://knee.example/gout")
    assert etree.tostring(root) == before
    assert found.title == "Gout: causes and cure"
    assert [(p.name, p.credentials, p.url) for p in found.authors] == [
        ("Ann Poe", "MD", "https://knee.example/ann")
    ]
    assert [(p.name, p.credentials, p.role) for p in found.reviewers] == [
        ("Bob Roe", "PhD", "Rheumatologist")
    ]
    assert found.published is not None
    assert str(found.published.value) == "2023-05-04"
    assert found.reviewed is not None
    assert found.medical is not None
    assert (found.medical.audience, found.medical.about) == ("Patient", ("Gout",))
    assert (found.robots, found.canonical_url) == ("noarchive", "https://knee.example/gout")


def test_the_site_and_logins_are_no_authors() -> None:
    for name in ("Knee Gazette", "admin", "knee.example"):
        page = (
            '<html><head><meta property="og:site_name" content="Knee Gazette">'
            f'<meta name="author" content="{name}"></head><body><p>x</p></body></html>'
        )
        assert read_metadata(html.fromstring(page), "https://knee.example/a").authors == ()


def test_an_institution_at_the_end_of_the_title_is_the_site() -> None:
    page = (
        "<title>Gout in winter | Knee Town Children's Hospital</title>"
        '<meta name="author" content="Children\'s Hospital"><p>x</p>'
    )
    assert read_metadata(html.fromstring(page), None).authors == ()


def test_microdata_is_read() -> None:
    page = """<html><body><div itemscope itemtype="https://schema.org/Article">
    <h1 itemprop="headline">Gout in winter</h1>
    <span itemprop="author" itemscope itemtype="https://schema.org/Person">
    <b itemprop="name">Ann Poe</b></span>
    <time itemprop="datePublished" datetime="2022-02-03">February</time></div></body></html>"""
    found = read_metadata(html.fromstring(page), None)
    assert [p.name for p in found.authors] == ["Ann Poe"]
    assert found.published is not None
    assert str(found.published.value) == "2022-02-03"


def test_a_visible_byline_beats_the_declared_author_and_is_completed_by_it() -> None:
    found = read_metadata(html.fromstring(PAGE), "https://knee.example/gout")
    words = vocabulary("en")
    lines = [read_byline(line, words) for line in ("By Ann Poe", "Published June 1, 2023")]
    merged = merge_people_and_dates(found, [line for line in lines if line])
    assert [p.display() for p in merged.authors] == ["Ann Poe, MD"]
    assert merged.published is not None
    assert str(merged.published.value) == "2023-06-01"
    assert merged.warnings == ("dates-differ",)


@pytest.mark.parametrize(
    ("page", "title"),
    [
        # The heading is the site's logo.
        (
            "<title>Knee Gazette: Gout in winter</title>"
            '<h1><a href="/">Knee Gazette</a></h1><h3>Gout in winter</h3>',
            "Gout in winter",
        ),
        (
            "<title>Gout in winter | Knee Gazette</title>"
            '<a href="https://knee.example/"><h1>Knee Gazette</h1></a><p>x</p>',
            "Gout in winter",
        ),
        (  # The logo of a blog in a folder.
            "<title>Gout in winter</title>"
            '<h1><a href="/gout/../">Knee Notes</a></h1><h2>Gout in winter</h2>',
            "Gout in winter",
        ),
        # A section and the site behind bars, in the heading too.
        (
            "<title>Gout in winter | Patients | Knee</title>"
            "<h1>Gout in winter | Patients | Knee</h1>",
            "Gout in winter",
        ),
        # A print view says so.
        ('<html lang="en"><title>Print: Gout in winter</title><h2>x</h2>', "Gout in winter"),
        ("<html lang='fr'><title>Imprimer : La goutte en hiver</title>", "La goutte en hiver"),
        # The site before the headline, and an element that shows the headline.
        (
            "<title>東山診所 - 冬天為何痛風</title><div>冬天為何痛風</div>",
            "冬天為何痛風",
        ),
        # A date in the element of the headline.
        (
            "<title>Gout in winter | Knee</title>"
            '<meta property="og:title" content="Gout in winter">'
            "<h1>Gout in winter <span>Posted on July 1, 2021</span></h1>",
            "Gout in winter",
        ),
        # The headline that readers see, although meta tags have another wording.
        (
            '<title>Gout: why winter hurts</title><meta property="og:title" content="Gout hurts">'
            "<h1>Gout: why winter hurts</h1>",
            "Gout: why winter hurts",
        ),
    ],
)
def test_title_is_the_headline_a_reader_sees(page: str, title: str) -> None:
    assert read_metadata(html.fromstring(page), "https://knee.example/gout").title == title


def test_many_labelled_names_below_are_cards_of_other_articles() -> None:
    found = read_metadata(html.fromstring("<p>Text.</p>"), None)
    words = vocabulary("en")
    names = ("By Ann Poe, MD", "Written by Joe Roe", "Written by Sue Moe")
    lines = [read_byline(line, words) for line in names]
    merged = merge_people_and_dates(found, [line for line in lines if line])
    assert [p.name for p in merged.authors] == ["Ann Poe"]


def test_a_card_with_another_name_and_day_is_not_the_author() -> None:
    found = read_metadata(html.fromstring(PAGE), "https://knee.example/gout")
    card = read_byline("Written by Joe Roe 01 Dec 2021", vocabulary("en"))
    assert card is not None
    merged = merge_people_and_dates(found, [card])
    assert [p.name for p in merged.authors] == ["Ann Poe"]


def test_words_that_the_page_writes_small_are_no_name() -> None:
    page = html.fromstring("<p>Your mental health is as important.</p>")
    line = read_byline("December 8, 2021 | Mental Health", vocabulary("en"))
    assert line is not None
    assert merge_people_and_dates(read_metadata(page, None), [line]).authors == ()


def test_broken_json_is_repaired_only_where_that_is_certain() -> None:
    assert parse_json('/*<![CDATA[*/{"a": "x\ny", "b": [1,],};/*]]>*/') == {"a": "x\ny", "b": [1]}
    assert parse_json('{"a": 1}{"b": 2}') == [{"a": 1}, {"b": 2}]
    assert parse_json('{"a": ') is None


def test_a_page_that_declares_nothing_gives_nothing() -> None:
    found = read_metadata(html.fromstring("<p>Text.</p>"), None)
    assert (found.title, found.authors, found.published, found.medical) == (None, (), None, None)
    assert merge_people_and_dates(found, []).published is None


def test_every_declared_value_knows_where_it_stands() -> None:
    found = read_metadata(html.fromstring(PAGE), "https://knee.example/gout")
    assert found.sources["authors"] == "JSON-LD author"
    assert found.sources["reviewers"] == "JSON-LD reviewedBy"
    assert found.sources["medical"] == "JSON-LD MedicalWebPage"
    assert found.sources["robots"] == "meta robots"
    assert "tags" not in found.sources
    words = vocabulary("en")
    line = read_byline("By Ann Poe", words)
    assert line is not None
    merged = merge_people_and_dates(found, [line])
    assert merged.sources["authors"] == "byline"
    assert merged.sources["reviewers"] == "JSON-LD reviewedBy"
