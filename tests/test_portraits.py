"""Biographies and closing thanks complete the people of an article, and name the right ones."""

from __future__ import annotations

import pytest

from pipelines.names import kinds
from pipelines.portraits import below_name, place_below, portrait
from pipelines.records import Person
from pipelines.thanks import thanked
from pipelines.vocabulary import vocabulary


def parts(person: Person | None) -> str | None:
    if person is None:
        return None
    return "|".join(v or "" for v in (person.credentials, person.role, person.affiliation))


@pytest.mark.parametrize(
    ("lang", "text", "told"),
    [
        ("en", "Ann Bell is a senior and Print Managing Editor for The Harbourer. She enjoys the "
         "flute.", "|senior and Print Managing Editor|The Harbourer"),
        ("en", "Ann Bell, MD, is a board-certified cardiologist at Mercy Hospital in Boston.",
         "MD|board-certified cardiologist|Mercy Hospital"),
        ("en", "Ann Bell, MD, Dipl. ABCD, is a family physician currently at Vale Primary Care "
         "clinic.", "MD, Dipl. ABCD|family physician|Vale Primary Care clinic"),
        ("en", "Dr. Ann Bell – Senior Editor, Harbour Magazine", "|Senior Editor|Harbour Magazine"),
        ("en", "Ann Bell is a registered dietitian with 20 years of experience.",
         "|registered dietitian|"),
        ("en", "Ann Bell lives by the sea with two dogs.", None),
        ("en", "Ann Bellamy is a nurse.", None),
        ("it", "Dott.ssa Ann Bell, Biologa nutrizionista, iscritta all'Ordine dal 2011",
         "|Biologa nutrizionista|"),
        ("zh-Hans", "李明华，主任医师，东山医院心内科，擅长高血压的治疗。", None),
    ],
)  # fmt: skip
def test_a_biography_tells_degrees_role_and_institution(
    lang: str, text: str, told: str | None
) -> None:
    words = vocabulary(lang)
    assert parts(portrait(text, "Ann Bell", words, kinds(words))) == told


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Senior Editor, Harbour Magazine; Senior Writer in the press office",
         "|Senior Editor|Harbour Magazine"),
        ("Family physician at Vale Medical Group, Springfield, Iowa. Director of a programme.",
         "|Family physician|Vale Medical Group"),
        ("Head of Cardiology, Mercy Hospital", "|Head of Cardiology|Mercy Hospital"),
        ("Contributing writer", "|Contributing writer|"),
        ("Ten things your doctor wants you to know about sleep and stress", None),
        ("I’m the founder of a clinic.", None),
        ("Five ways to sleep well", None),
    ],
)  # fmt: skip
def test_a_line_below_a_name_tells_of_its_bearer(line: str, told: str | None) -> None:
    words = vocabulary("en")
    assert parts(below_name(line, "Ann Bell", words, kinds(words))) == told


@pytest.mark.parametrize(
    ("lang", "name", "line", "told"),
    [
        ("ja", "久遠寺 晶", "みなと循環器クリニック 院長", "|院長|みなと循環器クリニック"),
        ("ja", "久遠寺 晶", "東雲大学を卒業後、総合病院に勤務。2012年に開業。", None),
        ("zh-Hans", "易芷兰", "本文由东屏市人民医院心内科副主任医师戴望云审核。", None),
    ],
)  # fmt: skip
def test_sentences_below_a_name_are_no_positions(
    lang: str, name: str, line: str, told: str | None
) -> None:
    words = vocabulary(lang)
    assert parts(below_name(line, name, words, kinds(words))) == told
    assert place_below(line, name, kinds(words)) is None


@pytest.mark.parametrize(
    ("above", "text", "names"),
    [
        ("", "Thanks to Ann Bell, Ph.D., and John Cole, Ph.D., for their review of this "
         "publication.", ["Ann Bell", "John Cole"]),
        ("", "The Vale Centre thanks Dr. Max Hill and Dr. Eva Frost for their scientific expertise "
         "and review.", ["Max Hill", "Eva Frost"]),
        ("This text is reviewed by scientists. The Vale Centre would like to thank:",
         "Dr. Ann Bell, Senior Advisor, Vale Institute; Dr. John Cole, Vale University",
         ["Ann Bell", "John Cole"]),
        ("", "Many thanks to Dr. Ann Bell, a nurse at Mercy Hospital, for her careful review.",
         ["Ann Bell"]),
        ("", "Thanks to Ann Bell Clinic for its review.", []),
        ("", "Thanks to Ann Bell for the photographs.", []),
        ("", "Thanks to Ann Bell for many helpful talks along the way, and to the whole of the "
         "team for thoughtful reviews.", []),
        ("The Vale Centre would like to thank:", "Ann Bell; John Cole", []),
        ("", "Thanks to an early review of the data, Ann Bell found the error.", []),
    ],
)  # fmt: skip
def test_reviewers_are_those_thanked_for_a_review(above: str, text: str, names: list[str]) -> None:
    assert [person.name for person in thanked(text, above, vocabulary("en"))] == names


def test_an_institution_stands_in_a_line_of_its_own() -> None:
    known = kinds(vocabulary("en"))
    assert (
        parts(place_below("Vale General Hospital", "Ann Bell", known)) == "||Vale General Hospital"
    )
    assert place_below("Hospitals that treat children well", "Ann Bell", known) is None
