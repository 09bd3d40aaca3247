"""What came out of a run: counted while it goes on, told at its end.

`Tally` counts items, `as_dict()` is what `run.json` holds of them, and `describe()` makes of that
dict the lines that a crawl, `scrapy clean` and `make demo` print.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TextIO

from pipelines import Article, Rejected

# Set by the code for every record, so that a share would say nothing.
ALWAYS_FILLED = {"id", "body", "page_type", "sections", "word_count", "schema_version"}
# Not about the page but about the fetch, the code or a later step; and the audit trail.
NOT_OF_THE_PAGE = {
    *("removed", "run_id", "pipeline_version", "page_sha256", "body_sha256", "boilerplate_share"),
    *("fetched_at", "http_status", "etag", "last_modified", "warc_file", "warc_offset"),
    *("duplicate_of", "cluster_size", "warnings"),
}
COUNTED_FIELDS = tuple(
    f.name for f in fields(Article) if f.name not in ALWAYS_FILLED | NOT_OF_THE_PAGE
)


@dataclass
class Tally:
    """Counts of a run, or of a site in it, one `add` an item; holds no items."""

    articles: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    removed_blocks: Counter[str] = field(default_factory=Counter)
    removed_characters: Counter[str] = field(default_factory=Counter)
    kept_characters: int = 0

    def add(self, item: Article | Rejected) -> None:
        if isinstance(item, Rejected):
            self.rejected[item.reason] += 1
            return
        self.articles += 1
        self.kept_characters += len(item.body)
        self.filled.update(name for name in COUNTED_FIELDS if _is_filled(getattr(item, name)))
        self.warnings.update(item.warnings)
        for block in item.removed:
            self.removed_blocks[block.reason] += 1
            self.removed_characters[block.reason] += len(block.text)

    def merge(self, other: Tally) -> None:
        """Add what another has counted."""
        self.articles += other.articles
        self.kept_characters += other.kept_characters
        for mine, more in (
            (self.rejected, other.rejected),
            (self.filled, other.filled),
            (self.warnings, other.warnings),
            (self.removed_blocks, other.removed_blocks),
            (self.removed_characters, other.removed_characters),
        ):
            mine.update(more)

    def as_dict(self) -> dict[str, Any]:
        """Counts as `run.json` holds them; the largest first, shares between 0 and 1."""
        return {
            "articles": self.articles,
            "rejected": self.rejected.total(),
            "rejected_by_reason": dict(self.rejected.most_common()),
            "fields_filled": {
                name: round(self.filled[name] / self.articles, 4)
                for name in COUNTED_FIELDS
                if self.articles
            },
            "warnings": dict(self.warnings.most_common()),
            "body_characters": self.kept_characters,
            "boilerplate_dropped": {
                reason: {"blocks": self.removed_blocks[reason], "characters": characters}
                for reason, characters in self.removed_characters.most_common()
            },
        }


def _is_filled(value: Any) -> bool:
    """Whether a field says anything; `links` is filled where it holds any link."""
    if value is None or value in ("", ()):
        return False
    if hasattr(value, "related"):
        return bool(value.previous or value.next or value.related)
    return True


def describe(counts: Mapping[str, Any], files: Sequence[Path]) -> str:
    """The end of a run in plain text: records, rejects, fields, boilerplate, files, how to load."""
    parts = [f"Records: {_many(counts['articles'], 'article')}, {counts['rejected']} rejected"]
    if counts["rejected_by_reason"]:
        parts.append(_table("Rejected, by reason", counts["rejected_by_reason"].items()))
    if counts["articles"]:
        filled = (
            (name, f"{share:.0%}")
            for name, share in counts["fields_filled"].items()
            if not name.endswith("_raw")  # as often as the field beside it
        )
        parts.append(_table("Fields filled", filled, columns=3))
    if counts["boilerplate_dropped"]:
        dropped = (
            (reason, f"{_many(of['blocks'], 'block')}, {of['characters']:,} characters")
            for reason, of in counts["boilerplate_dropped"].items()
        )
        parts.append(_table("Boilerplate dropped, by reason", dropped))
    if files:
        shown = [_from_here(path) for path in files]
        parts.append("\n".join(["Files", *(f"  {path}" for path in shown)]))
        if counts["articles"]:
            parts.append(loading_lines(shown))
    return "\n\n".join(parts)


def describe_run(folder: Path) -> str:
    """The same for a published run folder, from its `run.json`."""
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    lines = [describe(run["counts"], [folder / name for name in run["files"]])]
    pages = run.get("pages") or {}
    if pages.get("unchanged"):
        lines.insert(0, f"Not changed since the last run: {_many(pages['unchanged'], 'page')}")
    if pages.get("left"):
        lines.insert(0, f"Left for the next run: {_many(pages['left'], 'page')}")
    return "\n\n".join(lines)


def tell(text: str, stream: TextIO) -> None:
    """Print to a stream whose reader may have gone (`| head`): that is no failure of the run."""
    try:
        print(text, file=stream, flush=True)
    except BrokenPipeError:
        # Python would try again at exit, and complain.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def loading_lines(files: Iterable[Path]) -> str:
    """The three lines that load the records in pandas, from the best format there is."""
    articles = [path for path in files if not path.name.endswith("rejected.jsonl")]
    best = min(articles, key=lambda path: path.suffix != ".parquet", default=None)
    if best is None:
        return ""
    call = "read_parquet({!r})" if best.suffix == ".parquet" else "read_json({!r}, lines=True)"
    return "\n".join(
        [
            "Load them in pandas",
            "  import pandas as pd",
            f"  articles = pd.{call.format(str(best))}",
            '  print(articles[["title", "author", "date_published", "word_count"]])',
        ]
    )


def _from_here(path: Path) -> Path:
    """The path as one would type it: relative, where it lies below the current folder."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _table(title: str, rows: Iterable[tuple[str, Any]], columns: int = 1) -> str:
    """A title over name-and-value pairs, in as many columns, aligned."""
    cells = [(name, f"{value:,}" if isinstance(value, int) else str(value)) for name, value in rows]
    wide = max((len(name) for name, _ in cells), default=0)
    texts = [f"{name:<{wide}}  {value:>4}" for name, value in cells]
    lines = ["    ".join(texts[i : i + columns]) for i in range(0, len(texts), columns)]
    return "\n".join([title, *(f"  {line}".rstrip() for line in lines)])
