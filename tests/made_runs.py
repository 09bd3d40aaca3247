"""Accounts of runs as `run.json` holds them, and folders of such runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# What tries to come alive, wherever a page, a site or a file is named. The script would mark the
# document as its own.
ATTACK = "</title></style></script><script>document.documentElement.dataset.owned='yes'</script>"
HOSTILE = f"\u202e{ATTACK}<img src=x onerror=alert(1)>\"' onmouseover='x {{{{ 7 * 7 }}}}"


def site(articles: int = 12, **changes: Any) -> dict[str, Any]:
    """The counts of a site."""
    return {
        "articles": articles,
        "rejected": 3,
        "rejected_by_reason": {"page-type-listing": 2, "http-404": 1},
        "rejected_anew": {},
        "fields_filled": {"title": 1.0, "author": 0.75, "license": 0.0, "date_published_raw": 1.0},
        "warnings": {"paywall": 1},
        "words_median": 812,
        "boilerplate_share": 0.41,
        "boilerplate_dropped": {"related": 5112, "nav": 90},
        "pages": {"asked": 15, "unchanged": 4},
        "errors": 1,
        "bytes_received": 1_234_567,
    } | changes


def alarm(name: str, message: str = "author filled 2% of 120 records") -> dict[str, Any]:
    """An alarm for a site."""
    return {
        "name": "field-lost", "site": name, "measure": "author", "value": 0.02, "usual": 0.96,
        "records": 120, "runs": 10, "message": f"site {name}: {message}; 96% in the last 10 runs",
    }  # fmt: skip


def account(day: int = 31, **changes: Any) -> dict[str, Any]:
    """The account of a run on that day of January."""
    return {
        "run_id": f"202601{day:02}T021700Z-4f1c",
        "exit_reason": "finished",
        "started": f"2026-01-{day:02}T02:17:00Z",
        "finished": f"2026-01-{day:02}T02:19:05Z",
        "seconds": 125.0,
        "asked": {
            "spider": "articles",
            "arguments": {"url": "https://example.org/"},
            "settings": {"CONTACT": "you@example.org", "DOWNLOAD_DELAY": 1.0, "REPLAY": ""},
        },
        "counts": {
            "articles": 12,
            "rejected": 3,
            "rejected_by_reason": {"page-type-listing": 2, "http-404": 1},
            "fields_filled": {"title": 1.0, "author": 0.75, "license": 0.0},
            "warnings": {"paywall": 1},
            "body_characters": 60_000,
            "boilerplate_dropped": {"related": {"blocks": 150, "characters": 5112}},
        },
        "pages": {"asked": 15, "unchanged": 4, "left": 2},
        "requests": {
            "sent": 20, "responses": {"200": 18, "404": 1}, "failures": {},
            "bytes_received": 1_234_567,
        },
        "hosts_given_up": {"slow.example": "slow.example answers nothing: try it later"},
        "errors": {"spider": {}, "logged": 0},
        "sites": {"harbour": site(), "meadow": site(0)},
        "alarms": [alarm("meadow")],
        "files": ["articles.jsonl", "rejected.jsonl"],
        "versions": {"python": "3.11.7", "marrow": "0.1.0"},
    } | changes  # fmt: skip


def reject(**changes: Any) -> dict[str, Any]:
    """A refused page."""
    return {
        "stage": "clean",
        "reason": "page-type-listing",
        "detail": "links make up 84% of its text",
        "url": "https://example.org/topics/",
    } | changes


def write_run(
    output: Path, run: Mapping[str, Any], rejects: Sequence[Mapping[str, Any]] = (reject(),)
) -> Path:
    """The run as a published folder."""
    folder = output / "runs" / str(run["run_id"])
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps(run), "utf-8")
    (folder / "articles.jsonl").write_text("{}\n", "utf-8")
    lines = "".join(json.dumps(record) + "\n" for record in rejects)
    (folder / "rejected.jsonl").write_text(lines, "utf-8")
    return folder
