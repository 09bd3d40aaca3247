"""Whether the files of a crawl can be written, found out before it begins."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy.exceptions import UsageError
from w3lib.url import file_uri_to_path

from pipelines.writers import temporary_name


class OutputError(UsageError):
    """The output cannot be written; the message says which and why."""


def require_writable(
    folder: Path, advice: str = "choose another with -s OUTPUT_DIR=FOLDER"
) -> None:
    """Make the folder if need be, and try a file in it. Raises OutputError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(
            f"cannot write to the output folder {folder}: {error.strerror or error}; {advice}"
        ) from None


def require_possible(uri: str, feed: Mapping[str, Any]) -> None:
    """Raises OutputError for a file that could not be written when the crawl is over."""
    if feed.get("format") == "gz" and not uri.endswith(".jsonl.gz"):
        raise OutputError(f"{uri}: of the formats, only .jsonl.gz can be compressed so")
    if urlsplit(uri).scheme in ("", "file"):
        path = _path(uri)
        require_writable(path.parent, "choose another with -o")
        if path.is_dir():
            raise OutputError(f"{path} is a folder: give the name of a file with -o")


def restorable(feeds: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The files of `-o` that can be made good when the run is killed: whole records, on a disk."""
    return [
        {
            "path": str(path),
            "temporary": str(temporary_name(path)),
            "overwrite": bool(feed.get("overwrite")),
        }
        for uri, feed in feeds.items()
        if urlsplit(str(uri)).scheme in ("", "file") and not feed.get("fields")
        for path in [_path(str(uri))]
    ]


def _path(uri: str) -> Path:
    return Path(file_uri_to_path(uri) if uri.startswith("file:") else uri).absolute()
