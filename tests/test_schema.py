"""One record, told in four places: dataclass, Arrow schema, field table, exported dict."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
import typing
from typing import Any

import pyarrow as pa
import pytest

from pipelines import records, schema, warning_codes
from pipelines.records import Article, Rejected
from pipelines.schema import ARTICLE_SCHEMA, REJECTED_SCHEMA, field_table, problems
from pipelines.warning_codes import WARNINGS

from .conftest import ROOT

BOTH = pytest.mark.parametrize(
    ("record", "arrow"), [(Article, ARTICLE_SCHEMA), (Rejected, REJECTED_SCHEMA)]
)
README = (ROOT / "output" / "README.md").read_text(encoding="utf-8")


@BOTH
def test_dataclass_and_schema_have_the_same_fields_in_the_same_order(
    record: type, arrow: pa.Schema
) -> None:
    assert [field.name for field in dataclasses.fields(record)] == arrow.names


@pytest.mark.parametrize(
    ("part", "struct"),
    [
        (records.Person, schema.PERSON),
        (records.Section, schema.SECTION),
        (records.Figure, schema.FIGURE),
        (records.Link, schema.LINK),
        (records.Links, schema.LINKS),
        (records.Medical, schema.MEDICAL),
        (records.Removed, schema.REMOVED),
    ],
)
def test_parts_of_the_record_have_the_fields_of_their_structs(
    part: type, struct: pa.StructType
) -> None:
    names = [struct.field(i).name for i in range(struct.num_fields)]
    assert [field.name for field in dataclasses.fields(part)] == names


@BOTH
def test_types_of_the_dataclass_are_those_of_the_schema(record: type, arrow: pa.Schema) -> None:
    hints = typing.get_type_hints(record)
    for column in arrow:
        kinds = [kind for kind in _alternatives(hints[column.name]) if kind is not type(None)]
        assert [_arrow_kind(kind) for kind in kinds] == [_family(column.type)], column.name


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return (
        typing.get_args(hint)
        if typing.get_origin(hint) is not tuple and typing.get_args(hint)
        else (hint,)
    )


def _arrow_kind(kind: Any) -> str:
    if typing.get_origin(kind) is tuple:
        return "list"
    return "struct" if dataclasses.is_dataclass(kind) else kind.__name__


def _family(kind: pa.DataType) -> str:
    checks = {
        "list": pa.types.is_list,
        "struct": pa.types.is_struct,
        "str": pa.types.is_string,
        "int": pa.types.is_integer,
        "float": pa.types.is_floating,
        "date": pa.types.is_date,
        "datetime": pa.types.is_timestamp,
    }
    return next(name for name, check in checks.items() if check(kind))


@BOTH
def test_a_filled_record_fits_its_schema(
    record: type, arrow: pa.Schema, article: Article, rejected: Rejected
) -> None:
    item = article if record is Article else rejected
    assert problems(item.to_dict(), arrow) == []


def test_every_field_says_what_it_holds() -> None:
    for column in [*ARTICLE_SCHEMA, *REJECTED_SCHEMA]:
        assert len(column.metadata[b"description"]) > 5


def between(beginning: str, end: str) -> str:
    return README.split(f"<!-- {beginning} -->\n", 1)[1].split(f"<!-- {end} -->", 1)[0].strip()


def test_the_readme_of_the_output_has_the_field_tables() -> None:
    """If this fails: `python -m pipelines.schema` prints the table of articles anew."""
    assert between("fields of an article", "end of fields") == field_table().strip()
    assert between("fields of a reject", "end of rejects") == field_table(REJECTED_SCHEMA).strip()


def test_the_module_prints_the_table() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "pipelines.schema"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed == field_table()


def test_the_version_of_the_schema_is_in_its_metadata_and_in_every_record(article: Article) -> None:
    for arrow in (ARTICLE_SCHEMA, REJECTED_SCHEMA):
        assert arrow.metadata[b"schema_version"].decode() == article.schema_version


def test_every_warning_code_is_explained_and_every_code_explained_is_one() -> None:
    section = README.split("### Warnings", 1)[1].split("\n```", 1)[0].split("\n#", 1)[0]
    table = dict(re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", section, re.M))
    assert table == dict(WARNINGS)


def test_warnings_have_no_codes_but_those() -> None:
    """Each is a constant of `warning_codes`, which other modules import and somebody uses."""
    names = {name: code for name, code in vars(warning_codes).items() if code in list(WARNINGS)}
    assert sorted(names.values()) == sorted(WARNINGS)
    files = [*(ROOT / "pipelines").rglob("*.py"), *(ROOT / "scraper").rglob("*.py")]
    others = [path.read_text("utf-8") for path in files if path.name != "warning_codes.py"]
    unused = [name for name in names if not any(re.search(rf"\b{name}\b", t) for t in others)]
    assert unused == []
    added = [found for text in others for found in re.findall(r"# Warning codes?\b.*", text)]
    assert added == [], "a code of its own belongs into pipelines/warning_codes.py"


# How the code names the reason of a reject, in each of its forms.
REASONS = re.compile(
    r"(?:\b(?:Refused|Unreadable)\(|reason="
    r"|\b(?:unfetched|refused|refusal|_duplicate|_note)\([\w.]+, )"
    r"\"([a-z]+(?:-[a-z]+)*)\""
    r"|^    \([\w.\"' ]+, \"([a-z]+(?:-[a-z]+)*)\", \"[a-z]"
    r"|^    \(\n        [\w.]+,\n        \"([a-z]+(?:-[a-z]+)*)\",$",
    re.M,
)
NO_REASONS = {
    "over-limit",
    "output-failed",
    "related",
    "disclaimer",
}  # of pages not asked for, of crawls, of blocks


def test_every_reason_of_a_reject_is_explained() -> None:
    sources = "\n".join(
        path.read_text("utf-8")
        for folder in ("pipelines", "scraper")
        for path in sorted((ROOT / folder).rglob("*.py"))
    )
    codes = {code for pair in REASONS.findall(sources) for code in pair if code} - NO_REASONS
    section = README.split("## A reject", 1)[1].split("\n## ", 1)[0]
    assert {"timeout", "bad-redirect", "listing", "unreadable", "robots-disallowed"} <= codes
    assert [code for code in sorted(codes) if f"`{code}`" not in section] == []
