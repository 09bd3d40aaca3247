"""What schema.org's medical types declare: for whom a page is, of which field, about what."""

from __future__ import annotations

import html as entities
from collections.abc import Iterable, Iterator
from typing import Any

from pipelines.linked_data import Declared, Node, texts, types
from pipelines.records import Medical
from pipelines.told import Told

# Types of pages and texts that are medical; their audience, specialty and subjects count.
PAGES = frozenset(
    "MedicalWebPage MedicalScholarlyArticle HealthTopicContent MedicalGuideline "
    "MedicalGuidelineRecommendation MedicalGuidelineContraindication MedicalObservationalStudy "
    "MedicalTrial MedicalStudy".split()
)
# Types of what a page may be about so that this tells of health. Clinics, doctors and audiences
# are none.
CONDITIONS = frozenset(
    "MedicalCondition InfectiousDisease MedicalSignOrSymptom MedicalSign MedicalSymptom "
    "MedicalCause MedicalRiskFactor MedicalProcedure MedicalTherapy MedicalTest MedicalTestPanel "
    "MedicalDevice MedicalEntity".split()
)
AUDIENCES = ("MedicalAudience", "Patient", "Clinician", "MedicalResearcher")


def medical_of(declared: Declared, articles: list[Node]) -> Told[Medical | None]:
    """Audience, specialty and subjects; None where no medical type declares one of them.

    `articles`: the nodes of the article itself; what they are about counts if it is medical.
    """
    everything = (*declared.nodes, *declared.items)
    pages = [node for node in everything if PAGES & set(types(node))]
    subjects = [node for node in everything if CONDITIONS & set(types(node))]
    audience = _names(declared, pages, "audience", "medicalAudience")
    audience = audience or _audiences(declared, articles)
    specialty = _names(declared, pages, "specialty", "medicalSpecialty")
    about = _names(declared, pages, "about", "mainEntity")
    about += [name for name in _conditions(declared, articles) if name not in about]
    about += [name for node in subjects for name in _name(node) if name not in about]
    if not (audience or specialty or about):
        return Told(None)
    found = Medical(
        ", ".join(audience) or None, ", ".join(specialty) or None, tuple(dict.fromkeys(about))
    )
    speaker = next(iter([*pages, *subjects, *articles]))
    return Told(found, f"{declared.place_of(speaker)} {next(iter(types(speaker)), 'about')}")


def _names(declared: Declared, nodes: Iterable[Node], *keys: str) -> list[str]:
    """The names of what the nodes have under the keys, each once."""
    found = [
        name
        for node in nodes
        for key in keys
        for value in _values(declared, node.get(key))
        for name in _name(value)
    ]
    return list(dict.fromkeys(found))


def _values(declared: Declared, value: Any) -> Iterator[Any]:
    for part in value if isinstance(value, list) else [value]:
        if part:
            yield declared.resolve(part) if isinstance(part, dict) else part


def _name(value: Any) -> Iterator[str]:
    """What a value is called: itself, its name, or the type that says who an audience is."""
    if isinstance(value, dict):
        named = next(texts(value), None)
        kind = next(iter(types(value)), "")
        if named:
            yield _plain(named)
        elif kind in AUDIENCES[1:]:
            yield kind
    elif isinstance(value, str) and value.strip():
        yield _plain(value)


def _plain(name: str) -> str:
    """A name without the address of the list that it is from."""
    name = entities.unescape(" ".join(name.split()))
    address = name.startswith(("http://", "https://")) or name.startswith("schema:")
    return name.replace(":", "/").rstrip("/").rpartition("/")[2] if address else name


def _conditions(declared: Declared, articles: Iterable[Node]) -> list[str]:
    return [
        name
        for node in articles
        for key in ("about", "mainEntity")
        for value in _values(declared, node.get(key))
        if isinstance(value, dict) and CONDITIONS & set(types(value))
        for name in _name(value)
    ]


def _audiences(declared: Declared, articles: Iterable[Node]) -> list[str]:
    """The audience of an article of any type, where it is one of medicine's."""
    found = [
        name
        for node in articles
        for value in _values(declared, node.get("audience"))
        if isinstance(value, dict) and set(AUDIENCES) & set(types(value))
        for name in _name(value)
    ]
    return list(dict.fromkeys(found))
