"""The files of a new site: complete, read back, and only then given their names."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from pipelines.writers import publish, temporary_name
from scraper.sites import Site, read_site


class WritingError(Exception):
    """The files of a site cannot be written; the message says which and why."""


def read_back(text: str, name: str) -> Site:
    """The site that a description describes; raises SiteError where a crawl could not read it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.toml"
        path.write_text(text, "utf-8")
        return read_site(path)


def write_site(folder: Path, name: str, text: str, pages: Mapping[str, bytes]) -> list[Path]:
    """Write saved pages into `folder/NAME/` and the description to `folder/NAME.toml`, it last.

    So a description that is there has its pages. The paths, in that order; raises WritingError.
    """
    contents = {folder / name / page: content for page, content in pages.items()}
    contents[folder / f"{name}.toml"] = text.encode()
    temporaries: dict[Path, Path] = {}
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            temporaries[path] = temporary_name(path)
            temporaries[path].write_bytes(content)
        for path, temporary in temporaries.items():
            publish(temporary, path)
    except OSError as error:
        for temporary in temporaries.values():
            temporary.unlink(missing_ok=True)
        raise WritingError(f"cannot write {error.filename}: {error.strerror or error}") from None
    return list(contents)
