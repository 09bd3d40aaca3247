"""One run of one site as the comparison sees it, out of `run.json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Key = tuple[str, str]  # name and measure of an alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRun:
    """What came out of a site in a run.

    `whole`: the run ended by itself and no limit kept it from anything, so that the number of its
    articles says how many there were. `revisit`: which known pages it looked at. `filled`: articles
    that have each field. `boilerplate` and `words` are None without articles. `alarmed`: what it
    has raised.
    """

    day: str  # of its start, YYYY-MM-DD
    whole: bool = True
    kind: str = "due"
    asked: int = 0
    errors: int = 0
    articles: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    rejected_anew: Mapping[str, int] = field(default_factory=dict)
    articles_refused: int = 0
    filled: Mapping[str, int] = field(default_factory=dict)
    words: float | None = None
    boilerplate: float | None = None
    alarmed: frozenset[Key] = frozenset()


def site_run(run: Mapping[str, Any], name: str) -> SiteRun | None:
    """The run of a site; None where it was not crawled, or its counts are not as they should be."""
    counts = run["sites"].get(name)
    if counts is None:
        return None
    try:
        return _site_run(run, name, counts)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _site_run(run: Mapping[str, Any], name: str, counts: Mapping[str, Any]) -> SiteRun:
    articles, pages = int(counts["articles"]), counts["pages"]
    return SiteRun(
        day=str(run.get("started") or "")[:10],
        whole=run.get("exit_reason") == "finished" and not pages.get("limit"),
        kind=_kind(run.get("asked") or {}),
        asked=int(pages["asked"]),
        errors=int(counts["errors"]),
        articles=articles,
        rejected=_numbers(counts["rejected_by_reason"]),
        rejected_anew=_numbers(counts.get("rejected_anew", {})),
        articles_refused=int(counts.get("articles_refused", 0)),
        filled={
            field: round(float(share) * articles)
            for field, share in counts["fields_filled"].items()
        },
        words=_number(counts["words_median"]),
        boilerplate=_number(counts["boilerplate_share"]),
        alarmed=frozenset(
            (str(alarm["name"]), str(alarm["measure"]))
            for alarm in run["alarms"]
            if alarm["site"] == name
        ),
    )


def _kind(asked: Mapping[str, Any]) -> str:
    """Which known pages a run looks at, or that it knows of none."""
    settings, arguments = asked.get("settings") or {}, asked.get("arguments") or {}
    if settings.get("REPLAY"):
        return "replay"
    if str(settings.get("STATE", True)).lower() in ("false", "0"):
        return "no state"
    return str(arguments.get("revisit", "due"))


def _numbers(counts: Mapping[str, Any]) -> dict[str, int]:
    return {str(name): int(count) for name, count in counts.items()}


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
