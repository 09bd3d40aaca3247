"""`scrapy site new`: from an address to the files of its description, none of them written yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from scrapy.settings import Settings

from scraper.new_site.description import describe
from scraper.new_site.fetching import Fetcher, run_errand
from scraper.new_site.fixtures import files_of, most_typical
from scraper.new_site.survey import MOST_REQUESTS, Survey, survey
from scraper.new_site.writing import read_back


@dataclass(frozen=True, slots=True)
class NewSite:
    """What a look at a site gave: the text of its description, the files of its saved page."""

    survey: Survey
    text: str
    files: dict[str, bytes]


def describe_site(
    address: str, name: str, settings: Settings, tell: Callable[[str], None]
) -> NewSite:
    """Look at the site of an address; `tell` hears of each step.

    Raises SurveyError where there is nothing to describe, KeyboardInterrupt where it was stopped.
    """
    surveys: list[Survey] = []

    async def errand(fetcher: Fetcher) -> None:
        surveys.append(await survey(fetcher, address, name))

    run_errand(errand, [address], settings, MOST_REQUESTS, tell)
    (found,) = surveys
    text = describe(found, name, date.today(), settings.getfloat("DOWNLOAD_DELAY"))
    read_back(text, name)
    typical = most_typical(found.articles)
    return NewSite(found, text, files_of(typical) if typical else {})
