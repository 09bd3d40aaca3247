"""Days are read as the page means them, or not at all."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipelines.dates import parse_date, read_dates
from pipelines.vocabulary import languages, vocabulary

CASES = json.loads((Path(__file__).parent / "data" / "dates.json").read_text(encoding="utf-8"))
FETCHED = datetime(2024, 5, 10, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize(("text", "code", "day", "precision"), CASES)
def test_a_date_is_read_or_refused(
    text: str, code: str, day: str | None, precision: str | None
) -> None:
    found = parse_date(text, (code,))
    assert (found and str(found.value), found and found.precision) == (day, precision)


def test_every_language_has_forms_of_dates() -> None:
    forms = Counter(code.split("-")[0] for _, code, day, _ in CASES if day)
    assert [code for code in languages() if forms[code.split("-")[0]] < 4] == []
    assert min(forms["th"], forms["fa"]) >= 4


AGES = [
    ("2 days ago", "en", 2),
    ("Updated 3 hours ago", "en", 1),
    ("an hour ago", "en", 0),
    ("Yesterday at 5:30 pm", "en", 1),
    ("Posted yesterday", "en", 1),
    ("Updated today", "en", 0),
    ("vor 3 Tagen", "de", 3),
    ("vor einer Stunde", "de", 0),
    ("Aktualisiert: gestern, 18:20", "de", 1),
    ("il y a 2 jours", "fr", 2),
    ("Publié hier à 18h20", "fr", 1),
    ("hace 2 días", "es", 2),
    ("há 2 dias", "pt", 2),
    ("2 dias atrás", "pt", 2),
    ("2 giorni fa", "it", 2),
    ("2 dagen geleden", "nl", 2),
    ("2 dni temu", "pl", 2),
    ("2 дня назад", "ru", 2),
    ("2 gün önce", "tr", 2),
    ("2 ngày trước", "vi", 2),
    ("2 hari yang lalu", "id", 2),
    ("2 दिन पहले", "hi", 2),
    ("२ दिन पहले", "hi", 2),
    ("منذ 3 أيام", "ar", 3),
    ("منذ ٣ أيام", "ar", 3),
    ("منذ يومين", "ar", 2),
    ("3天前", "zh", 3),
    ("更新于3天前", "zh", 3),
    ("发布于昨天", "zh", 1),
    ("2 小時前", "zh-TW", 0),
    ("3日前", "ja", 3),
    ("昨日 14:30", "ja", 1),
    ("3시간 전", "ko", 1),
    ("입력 2일 전", "ko", 2),
]


@pytest.mark.parametrize(("text", "code", "days"), AGES)
def test_an_age_is_counted_from_the_fetch(text: str, code: str, days: int) -> None:
    found = parse_date(text, (code,), FETCHED)
    assert found is not None
    assert found.value is not None
    assert (FETCHED.date() - found.value).days == days
    assert found.raw == text


@pytest.mark.parametrize(("text", "code", "days"), AGES)
def test_an_age_without_a_fetch_is_text_alone(text: str, code: str, days: int) -> None:  # noqa: ARG001
    line = read_dates(text, vocabulary(code))
    told = [line.published, line.modified, line.reviewed, *line.bare]
    assert [found.value for found in told if found] == [None]
    assert all(found.raw in text for found in told if found)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("3 weeks ago", "en"),
        ("2 months ago", "en"),
        ("vor 2 Jahren", "de"),
        ("3か月前", "ja"),
        ("2 weeks of pain, 3 days of rest", "en"),
        ("Today", "en"),
        ("今日", "ja"),
        ("本周前三天", "zh"),
    ],
)
def test_a_rounded_age_is_no_day(text: str, code: str) -> None:
    line = read_dates(text, vocabulary(code), fetched_at=FETCHED)
    assert [day.value for day in line.bare if day.value] == []


def test_what_is_no_date_is_left_over() -> None:
    line = read_dates("Updated on March 3, 2023 by Jane Doe", vocabulary("en"))
    assert line.modified is not None
    assert line.rest == "by Jane Doe"
    assert line.modified.source == "byline"


def test_the_raw_text_is_that_of_the_page() -> None:
    line = read_dates("تاريخ النشر: ١٥ مارس ٢٠٢٤", vocabulary("ar"))
    assert line.published is not None
    assert line.published.raw == "١٥ مارس ٢٠٢٤"


NEXT_REVIEWS = [
    ("Next review due: 3 March 2021", "en"),
    ("Next scheduled review 03 March 2021", "en"),
    ("Nächste Überprüfung: 03.03.2021", "de"),
    ("Prochaine révision : 3 mars 2021", "fr"),
    ("Próxima revisión: 3 de marzo de 2021", "es"),
    ("Próxima revisão: 3 de março de 2021", "pt"),
    ("Prossima revisione: 3 marzo 2021", "it"),
    ("Volgende herziening: 3 maart 2021", "nl"),
    ("Następny przegląd: 3 marca 2021", "pl"),
    ("Следующая проверка: 3 марта 2021", "ru"),
    ("Sonraki inceleme: 3 Mart 2021", "tr"),
    ("Kiểm duyệt lần tới: 03/03/2021", "vi"),
    ("Tinjauan berikutnya: 3 Maret 2021", "id"),
    ("अगली समीक्षा: 3 मार्च 2021", "hi"),
    ("المراجعة القادمة: 3 مارس 2021", "ar"),
    ("下次审核时间：2021年3月3日", "zh-Hans"),
    ("下次審閱日期：2021年3月3日", "zh-Hant"),
    ("次回更新予定：2021年3月3日", "ja"),
    ("다음 검토일: 2021년 3월 3일", "ko"),
]


@pytest.mark.parametrize(("line", "code"), NEXT_REVIEWS)
def test_the_next_review_is_no_review(line: str, code: str) -> None:
    assert not read_dates(line, vocabulary(code))


def test_the_next_review_is_known_in_every_language() -> None:
    assert sorted(languages()) == sorted({code for _, code in NEXT_REVIEWS})


def test_no_day_is_later_than_the_fetch() -> None:
    assert parse_date("May 11, 2024", ("en",), FETCHED) is not None
    assert parse_date("May 12, 2024", ("en",), FETCHED) is None


def test_where_a_day_stands_does_not_make_it_another() -> None:
    one, other = parse_date("2024-05-01", source="address"), parse_date("2024-05-01")
    assert one is not None
    assert one == other
    assert (one.value, one.source) == (date(2024, 5, 1), "address")
