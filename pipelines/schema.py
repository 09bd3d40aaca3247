"""The one Arrow schema of the record, from which everything else about its shape follows.

JSONL and Parquet are written with it, records are validated against it, and the field table in
`output/README.md` is printed from it (`python -m pipelines.schema`).
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from pipelines.records import SCHEMA_VERSION

PERSON = pa.struct(
    [
        pa.field("name", pa.string(), nullable=False),
        pa.field("credentials", pa.string()),
        pa.field("role", pa.string()),
        pa.field("affiliation", pa.string()),
        pa.field("url", pa.string()),
    ]
)
SECTION = pa.struct(
    [
        pa.field("level", pa.int32(), nullable=False),
        pa.field("heading", pa.string()),
        pa.field("text", pa.string(), nullable=False),
    ]
)
FIGURE = pa.struct([("url", pa.string()), ("caption", pa.string()), ("credit", pa.string())])
LINK = pa.struct([("title", pa.string()), ("url", pa.string())])
LINKS = pa.struct([("previous", LINK), ("next", LINK), ("related", pa.list_(LINK))])
MEDICAL = pa.struct(
    [("audience", pa.string()), ("specialty", pa.string()), ("about", pa.list_(pa.string()))]
)
REMOVED = pa.struct([("reason", pa.string()), ("text", pa.string()), ("score", pa.float64())])
STRINGS = pa.list_(pa.string())
UTC = pa.timestamp("us", tz="UTC")


def _field(name: str, kind: pa.DataType, description: str, *, required: bool = False) -> pa.Field:
    return pa.field(name, kind, nullable=not required, metadata={"description": description})


ARTICLE_FIELDS = [
    _field(
        "id",
        pa.string(),
        "stable identifier: a digest of the canonical URL, or of the source where there is no URL",
        required=True,
    ),
    _field("url", pa.string(), "address as fetched"),
    _field(
        "canonical_url",
        pa.string(),
        "address as the page declares it, normalised: tracking parameters and fragment removed",
    ),
    _field("site", pa.string(), "registrable domain of the address, such as `example.co.uk`"),
    _field("title", pa.string(), "the headline a reader sees, without site name", required=True),
    _field("description", pa.string(), "the page's own summary, or the line under its headline"),
    _field(
        "author", pa.string(), "authors for people who look: names with credentials, joined by `; `"
    ),
    _field("reviewer", pa.string(), "reviewers, in the same form"),
    _field(
        "authors",
        pa.list_(PERSON),
        "authors for people who compute: {name, credentials, role, affiliation, url}",
    ),
    _field(
        "reviewers",
        pa.list_(PERSON),
        "medical, expert or clinical reviewers and fact-checkers, in the same form",
    ),
    _field(
        "date_published",
        pa.date32(),
        "day of first publication, as the page gives it, never moved by a time zone",
    ),
    _field("date_published_raw", pa.string(), "the text that `date_published` was read from"),
    _field("date_modified", pa.date32(), "day of the last change that the page names"),
    _field("date_modified_raw", pa.string(), "the text that `date_modified` was read from"),
    _field("date_reviewed", pa.date32(), "day of the last medical review"),
    _field("date_reviewed_raw", pa.string(), "the text that `date_reviewed` was read from"),
    _field("language", pa.string(), "language of the body, BCP 47 (`en`, `zh-Hans`)"),
    _field(
        "sections",
        pa.list_(SECTION),
        "sections in reading order: {level, heading, text}; text before the first heading has level 0 and heading null",
        required=True,
    ),
    _field(
        "body",
        pa.string(),
        "the article as plain text: blocks separated by a blank line, headings as plain lines, list items as `- item` and table rows as `a | b` on consecutive lines",
        required=True,
    ),
    _field("figures", pa.list_(FIGURE), "pictures of the article: {url, caption, credit}"),
    _field("references", STRINGS, "the source list at the end, an entry each"),
    _field("tags", STRINGS, "the page's own keywords"),
    _field("breadcrumbs", STRINGS, "the page's place in the site, outermost first"),
    _field(
        "medical",
        MEDICAL,
        "what schema.org's medical types declare: {audience, specialty, about}; null where they do not",
    ),
    _field(
        "links",
        LINKS,
        "what the boilerplate pointed to: {previous, next, related}, each a {title, url} or a list of them",
    ),
    _field("page_type", pa.string(), "`article`", required=True),
    _field("page_type_score", pa.float32(), "how surely the page is of that type, 0 to 1"),
    _field(
        "word_count",
        pa.int32(),
        "words of the body; characters for Chinese and Japanese",
        required=True,
    ),
    _field("boilerplate_share", pa.float32(), "share of the page's text that was dropped, 0 to 1"),
    _field("rights", pa.string(), "copyright notice as found"),
    _field("license", pa.string(), "licence as declared, an address where there is one"),
    _field("robots", pa.string(), "robots and TDM directives as found"),
    _field("warnings", STRINGS, "short codes for contradictions and gaps"),
    _field(
        "removed",
        pa.list_(REMOVED),
        "audit trail: {reason, text, score} of every block dropped; only where it was asked for",
    ),
    _field("fetched_at", UTC, "when the page was fetched, UTC"),
    _field("http_status", pa.int32(), "status of the response"),
    _field("etag", pa.string(), "ETag of the response"),
    _field("last_modified", pa.string(), "Last-Modified of the response"),
    _field("page_sha256", pa.string(), "SHA-256 of the page's bytes, hex"),
    _field("body_sha256", pa.string(), "SHA-256 of the body as UTF-8, hex"),
    _field("warc_file", pa.string(), "archive file that holds the raw page"),
    _field("warc_offset", pa.int64(), "offset of its record there, bytes"),
    _field("run_id", pa.string(), "the run that made the record"),
    _field("pipeline_version", pa.string(), "version of the code that made it"),
    _field("schema_version", pa.string(), "version of this table", required=True),
    _field("duplicate_of", pa.string(), "in a corpus: `id` of the record that this one repeats"),
    _field("cluster_size", pa.int32(), "in a corpus: records in its cluster of near-duplicates"),
]

REJECTED_FIELDS = [
    _field(
        "stage",
        pa.string(),
        "where the page was refused: `fetch`, `decode`, `clean`, `validate`",
        required=True,
    ),
    _field("reason", pa.string(), "short code to count by", required=True),
    _field("detail", pa.string(), "what was seen, or what to do"),
    _field("id", pa.string(), "of a page that is gone: the `id` of the article that it was"),
    _field("url", pa.string(), "address or path of the page"),
    _field("page_type", pa.string(), "what the page is instead of an article, where known"),
    _field("page_type_score", pa.float32(), "how surely the page is of that type, 0 to 1"),
    _field("title", pa.string(), "the page's title, where known"),
    _field(
        "body",
        pa.string(),
        "the text that was found, so that a wrong refusal can be undone without the page",
    ),
    _field("links", LINKS, "what the page pointed to"),
    _field("fetched_at", UTC, "when the page was fetched, UTC"),
    _field("http_status", pa.int32(), "status of the response"),
    _field("page_sha256", pa.string(), "SHA-256 of the page's bytes, hex"),
    _field("warc_file", pa.string(), "archive file that holds the raw page"),
    _field("warc_offset", pa.int64(), "offset of its record there, bytes"),
    _field("run_id", pa.string(), "the run that made the record"),
    _field("pipeline_version", pa.string(), "version of the code that made it"),
    _field("schema_version", pa.string(), "version of this table", required=True),
]

_VERSION = {"schema_version": SCHEMA_VERSION}
ARTICLE_SCHEMA = pa.schema(ARTICLE_FIELDS, metadata=_VERSION)
REJECTED_SCHEMA = pa.schema(REJECTED_FIELDS, metadata=_VERSION)


def problems(record: dict[str, Any], schema: pa.Schema = ARTICLE_SCHEMA) -> list[str]:
    """What keeps `record` (from `to_dict()`) out of the schema: one sentence a field, or nothing."""
    found = [f"{name}: not a field of the record" for name in record if name not in schema.names]
    for column in schema:
        value = record.get(column.name)
        if value is None:
            if not column.nullable:
                found.append(f"{column.name}: required, but missing")
            continue
        try:
            pa.array([value], type=column.type)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
            found.append(f"{column.name}: {str(error).splitlines()[0]}")
    return found


def field_table(schema: pa.Schema = ARTICLE_SCHEMA) -> str:
    """The fields as a Markdown table."""
    lines = ["| field | type | what it holds |", "| --- | --- | --- |"]
    for column in schema:
        description = column.metadata[b"description"].decode()
        lines.append(f"| `{column.name}` | {_type_name(column.type)} | {description} |")
    return "\n".join(lines) + "\n"


def _type_name(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"list of {_type_name(kind.value_type)}"
    if pa.types.is_struct(kind):
        return "{" + ", ".join(kind.field(i).name for i in range(kind.num_fields)) + "}"
    if pa.types.is_timestamp(kind):
        return "timestamp (UTC)"
    return {"date32[day]": "date", "int32": "int", "int64": "int", "float": "float"}.get(
        str(kind), str(kind)
    )


if __name__ == "__main__":
    print(field_table(), end="")
