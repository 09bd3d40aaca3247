"""What came out of each site of a run, counted while it goes on."""

from __future__ import annotations

import statistics
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.records import Article, Rejected
from scraper.site_crawl import SiteCrawl
from scraper.state.rows import Row
from scraper.summary import Tally

# Stages at which a page is refused before anything of it could be read.
UNREAD_STAGES = frozenset({"fetch", "decode"})
# The reason of a page that met a defect, at whatever stage.
_DEFECT = "error"


@dataclass
class SiteTally:
    """Counts of one site; `words` has the length of each article, `anew` is explained below.

    A page refused *anew* could be read, and was no article; and it was not known before, or was an
    article then. So the hubs that each night reads again are no part of it. Of these,
    `refused_articles` were articles.
    """

    tally: Tally = field(default_factory=Tally)
    words: array[int] = field(default_factory=lambda: array("L"))
    boilerplate: float = 0.0
    errors: int = 0
    anew: Counter[str] = field(default_factory=Counter)
    refused_articles: int = 0

    def add(self, item: Article | Rejected, one: Tally, row: Row | None) -> None:
        """Count an item; `one` is the tally of it alone, `row` what was known of its page."""
        self.tally.merge(one)
        if isinstance(item, Article):
            self.words.append(item.word_count)
            self.boilerplate += item.boilerplate_share or 0.0
        elif item.stage in UNREAD_STAGES or item.reason == _DEFECT:
            self.errors += 1
        elif row is None or row.page_type in (None, "article"):
            self.anew[item.reason] += 1
            self.refused_articles += row is not None and row.page_type == "article"

    def as_dict(self) -> dict[str, Any]:
        """The site's counts as `run.json` holds them, less what its crawl knows."""
        counts, articles = self.tally.as_dict(), self.tally.articles
        return {
            "articles": articles,
            "rejected": counts["rejected"],
            "rejected_by_reason": counts["rejected_by_reason"],
            "rejected_anew": dict(self.anew.most_common()),
            "articles_refused": self.refused_articles,
            "fields_filled": counts["fields_filled"],
            "warnings": counts["warnings"],
            "words_median": int(statistics.median(self.words)) if articles else None,
            "boilerplate_share": round(self.boilerplate / articles, 4) if articles else None,
            "boilerplate_dropped": {
                reason: dropped["characters"]
                for reason, dropped in counts["boilerplate_dropped"].items()
            },
            "errors": self.errors,
        }


class RunTally:
    """Counts of a run, and of each site in it. Each item is looked into once."""

    def __init__(self) -> None:
        self.total = Tally()
        self._sites: dict[str, SiteTally] = {}

    def add(self, item: Article | Rejected, meta: Mapping[str, Any]) -> None:
        """Count an item; `meta` is that of its request, empty where there is none."""
        one = Tally()
        one.add(item)
        self.total.merge(one)
        site = meta.get("site")
        if site is not None:
            self._sites.setdefault(site, SiteTally()).add(item, one, meta.get("row"))

    def sites(
        self, crawls: Iterable[SiteCrawl], unchanged: Mapping[str, int]
    ) -> dict[str, dict[str, Any]]:
        """What `run.json` holds of each site that was crawled, by its name."""
        return {
            crawl.site.name: {
                **self._sites.get(crawl.site.name, SiteTally()).as_dict(),
                "pages": {
                    "asked": crawl.asked,
                    "unchanged": unchanged.get(crawl.site.name, 0),
                    "limit": crawl.spent,
                },
                "bytes_received": crawl.received,
            }
            for crawl in crawls
        }
