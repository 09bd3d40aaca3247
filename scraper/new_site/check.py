"""Descriptions held to their saved pages, and what came out as a table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelines.page import Page
from pipelines.records import Article, Rejected
from pipelines.writers import publish, temporary_name
from scraper.described import clean_described, overrides, unmatched
from scraper.new_site.fixtures import (
    Fixture,
    FixtureError,
    differences,
    fixtures_of,
    page_of,
    saved_again,
)
from scraper.new_site.review import shown
from scraper.sites import Site, SiteError, read_site

_COLUMNS = ("site", "description", "saved pages", "now")


@dataclass(frozen=True, slots=True)
class Checked:
    """One site's check; `site` is None where its description cannot be read.

    `saved` and `now` are the words of the table, `problems` and `notes` sentences.
    """

    name: str
    site: Site | None = None
    saved: str = "–"
    now: str = "–"
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def check_saved(name: str, folder: Path, *, accept: bool) -> Checked:
    """A description against its saved pages; `accept` makes today's records the expected ones.

    Raises OSError, as FixtureError, only where accepted records cannot be written.
    """
    try:
        site = read_site(folder / f"{name}.toml")
        fixtures = fixtures_of(name, folder)
    except (SiteError, FixtureError) as error:
        return Checked(name, problems=(str(error),))
    problems: list[str] = []
    notes: list[str] = []
    pages: list[Page] = []
    for fixture in fixtures:
        page = _page(fixture)
        if isinstance(page, Page):
            pages.append(page)
        outcome = _outcome(page, site)
        if accept and isinstance(outcome, Article) and fixture.url:
            _accept(fixture, outcome)
        elif fixture.expected is None:
            notes += _without_record(fixture, outcome, problems)
        else:
            told = differences(fixture, outcome)
            problems += [f"{name}/{fixture.path.name}: {one}" for one in told]
    problems += _idle(site, pages)
    if not fixtures:
        notes.append("no page is saved: save one as docs/adding-a-site.md tells")
    elif problems and not accept:
        notes.append(f"if the new records are right: scrapy site check {name} --offline --accept")
    return Checked(
        name, site, f"{len(pages)} of {len(fixtures)}", "–", tuple(problems), tuple(notes)
    )


def table(checked: list[Checked]) -> str:
    """A row a site, then a line for each problem and note."""
    rows = [_COLUMNS, *(_row(one) for one in checked)]
    wide = [max(len(row[n]) for row in rows) for n in range(len(_COLUMNS))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)).rstrip()
        for row in rows
    ]
    for one in checked:
        lines += [f"problem: {one.name}: {shown(text, cut=False)}" for text in one.problems]
        lines += [f"note: {one.name}: {shown(text, cut=False)}" for text in one.notes]
    bad = sum(bool(one.problems) for one in checked)
    lines.append(f"{len(checked) - bad} of {len(checked)} in order")
    return "\n".join(lines)


def _row(one: Checked) -> tuple[str, ...]:
    return (one.name, "read" if one.site else "unreadable", one.saved, one.now)


def _page(fixture: Fixture) -> Page | Rejected:
    try:
        return page_of(fixture)
    except OSError as error:
        detail = f"cannot be read: {error.strerror or error}"
        return Rejected(stage="decode", reason="unreadable", detail=detail)


def _outcome(page: Page | Rejected, site: Site) -> Article | Rejected:
    if isinstance(page, Rejected):
        return page
    return clean_described(page, site)


def _accept(fixture: Fixture, outcome: Article) -> None:
    path = fixture.path.with_suffix(".json")
    temporary = temporary_name(path)
    try:
        temporary.write_bytes(saved_again(fixture, outcome))
        publish(temporary, path)
    except OSError as error:
        raise FixtureError(f"cannot write {path}: {error.strerror or error}") from None


def _without_record(
    fixture: Fixture, outcome: Article | Rejected, problems: list[str]
) -> list[str]:
    if isinstance(outcome, Rejected):
        problems.append(f"{fixture.path.name} is no article: {outcome.reason}: {outcome.detail}")
        return []
    return [f"{fixture.path.name}: no {fixture.path.stem}.json beside it says what is expected"]


def _idle(site: Site, pages: list[Page]) -> list[str]:
    idle = unmatched(overrides(site), pages) if pages else overrides(site)
    return [
        f"{one} matches nothing on the saved pages: mend it, or save a page anew" for one in idle
    ]
