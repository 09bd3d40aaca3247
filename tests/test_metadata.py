"""What pages declare is read without touching the tree, and reconciled with what they show."""

from __future__ import annotations

from lxml import etree, html

from pipelines.bylines import read_byline
from pipelines.linked_data import parse_json
from pipelines.metadata import merge_people_and_dates, read_metadata
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


def test_broken_json_is_repaired_only_where_that_is_certain() -> None:
    assert parse_json('/*<![CDATA[*/{"a": "x\ny", "b": [1,],};/*]]>*/') == {"a": "x\ny", "b": [1]}
    assert parse_json('{"a": 1}{"b": 2}') == [{"a": 1}, {"b": 2}]
    assert parse_json('{"a": ') is None


def test_a_page_that_declares_nothing_gives_nothing() -> None:
    found = read_metadata(html.fromstring("<p>Text.</p>"), None)
    assert (found.title, found.authors, found.published, found.medical) == (None, (), None, None)
    assert merge_people_and_dates(found, []).published is None
