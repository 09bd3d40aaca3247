"""Pages of a described site: cleaned as its description says, and compared with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipelines import clean_page, clean_part
from pipelines.overrides import select
from pipelines.page import Page
from pipelines.records import Article, Rejected
from scraper.selectors import apply_selectors, matches, overrides_of
from scraper.sites import Site


@dataclass(frozen=True, slots=True)
class Override:
    """One selector of a site's description; `key` is where it stands in the file."""

    key: str
    css: str

    def __str__(self) -> str:
        return f'{self.key} "{self.css}"'

    def matches(self, page: Page) -> bool:
        """Whether the page has what the selector looks for."""
        if self.key.startswith("labels.") or self.key == "selectors.body":
            return bool(select(page.root, (self.css,)))
        return bool(matches(page, self.css))


def clean_described(page: Page, site: Site) -> Article | Rejected:
    """The page's record, by the site's selectors and labels."""
    outcome = clean_page(page, overrides=overrides_of(site.selectors, site.labels))
    return apply_selectors(outcome, page, site.selectors)


def clean_described_part(page: Page, site: Site) -> Article | Rejected:
    """The same for a page that carries on an article."""
    outcome = clean_part(page, overrides=overrides_of(site.selectors, site.labels))
    return apply_selectors(outcome, page, site.selectors)


def overrides(site: Site) -> tuple[Override, ...]:
    """Every selector of the description, in the order of the file's tables."""
    return tuple(_overrides(site))


def _overrides(site: Site) -> Iterator[Override]:
    for field, css in site.selectors.items():
        yield Override(f"selectors.{field}", css)
    for verdict, selectors in site.labels.items():
        for css in selectors:
            yield Override(f"labels.{verdict}", css)


def unmatched(candidates: Iterable[Override], pages: Sequence[Page]) -> list[Override]:
    """Those that match nothing on any of the pages."""
    return [one for one in candidates if not any(one.matches(page) for page in pages)]
