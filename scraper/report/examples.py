"""Examples of what a run refused, a few a reason, from its `rejected.jsonl`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from w3lib.url import safe_url_string

from scraper.archive import Place
from scraper.report.values import number, text

# Bytes of the file that are read for examples: a second's work. A reason that only shows behind
# them is counted in the report, and has none.
MOST_READ = 50_000_000
# Reasons that have examples, in the order in which they come: codes are fewer, so this bounds a
# file that is not ours.
MOST_REASONS = 60
# Characters of an address and of a detail that are shown.
_SHOWN = 300
# Stages at which a page had been read. What brought a cleaning process down, took too long or met
# a defect there is not tried again.
_READ = frozenset({"clean", "validate"})
_NOT_AGAIN = frozenset({"worker-died", "clean-timeout", "error"})


@dataclass(frozen=True, slots=True)
class Example:
    """A page that was refused; `place` is where its response is archived."""

    reason: str
    url: str
    detail: str
    explainable: bool
    place: Place | None

    @property
    def page_name(self) -> str:
        """The name of the file that explains the page."""
        return blake2b(self.url.encode("utf-8", "replace"), digest_size=8).hexdigest() + ".html"

    @property
    def link(self) -> str | None:
        """The address in plain ASCII, where a browser may go there: never a script."""
        try:
            safe = safe_url_string(self.url)
            parts = urlsplit(safe)
        except ValueError:
            return None
        return safe if parts.scheme in ("http", "https") and parts.netloc else None

    @property
    def shown_url(self) -> str:
        """The address as far as it is shown."""
        return _cut(self.url)


def examples(rejects: Path, per_reason: int) -> dict[str, list[Example]]:
    """Up to so many refused pages of each reason, of several hosts where there are several.

    Lines that are no rejects are passed over. Raises OSError.
    """
    found: dict[str, list[Example]] = {}
    hosts: set[tuple[str, str]] = set()
    spare: dict[str, list[Example]] = {}
    for record in _records(rejects) if per_reason else ():
        reason = text(record, "reason")
        known = found.get(reason)
        if known is None:
            if len(found) == MOST_REASONS:
                continue
            known = found[reason] = []
        if len(known) < per_reason:
            example = _example(reason, record)
            host = (reason, _host(example.url))
            if host not in hosts:
                hosts.add(host)
                known.append(example)
            elif len(waiting := spare.setdefault(reason, [])) < per_reason:
                waiting.append(example)
    for reason, waiting in spare.items():
        found[reason] += waiting[: per_reason - len(found[reason])]
    return found


def _records(path: Path) -> Iterator[Mapping[str, Any]]:
    if not path.is_file():
        return
    read = 0
    with path.open("rb") as file:
        for line in file:
            read += len(line)
            if read > MOST_READ:
                return
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(record, Mapping):
                yield record


def _example(reason: str, record: Mapping[str, Any]) -> Example:
    file, offset = text(record, "warc_file"), number(record, "warc_offset")
    # A name, and no way out of the archive's folder.
    usable = file and offset is not None and Path(file).name == file
    return Example(
        reason=reason,
        url=text(record, "url"),
        detail=_cut(text(record, "detail")),
        explainable=text(record, "stage") in _READ and reason not in _NOT_AGAIN,
        place=Place(file, int(offset or 0)) if usable else None,
    )


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def _cut(told: str) -> str:
    return told if len(told) <= _SHOWN else told[: _SHOWN - 1] + "…"
