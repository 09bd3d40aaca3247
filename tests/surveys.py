"""Surveys of several sites in one process: `python -m tests.surveys URL …`, a line of JSON each."""

from __future__ import annotations

import json
import sys

from scrapy.utils.project import get_project_settings

from scraper.new_site.fetching import Fetcher, run_errand
from scraper.new_site.survey import SurveyError, survey

IMPOLITE = {"DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": False, "CLEANING_PROCESSES": 0}


def main(urls: list[str]) -> None:
    """Look at one site after the other; tell what was found, or why nothing could be."""

    async def errand(fetcher: Fetcher) -> None:
        for url in urls:
            try:
                found = await survey(fetcher, url, "site")
            except SurveyError as error:
                print(json.dumps({"error": str(error)}))
                continue
            told = {
                "start": found.start,
                "articles": [sample.url for sample in found.articles],
                "sitemaps": [one.address for one in found.sitemaps],
                "feeds": [one.address for one in found.feeds],
                "doubt": found.pattern.doubt,
                "notes": found.notes,
            }
            print(json.dumps(told))

    settings = get_project_settings()
    settings.setdict(IMPOLITE, priority="cmdline")
    run_errand(errand, urls, settings, most=1_000, tell=lambda _: None)


if __name__ == "__main__":
    main(sys.argv[1:])
