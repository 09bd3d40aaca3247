"""When a page is looked at again: as often as it has been seen to change, within bounds.

The interval shrinks when a visit finds a change and grows when it finds none, as in Apache Nutch's
AdaptiveFetchSchedule; the steps are larger, since a health article changes a few times in years,
and sitemaps and feeds bring forward what changes in between.
"""

from __future__ import annotations

from dataclasses import dataclass

from scrapy.settings import BaseSettings

from scraper.sites import Site

_SHRINK, _GROW = 0.5, 1.5


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds: before the second visit, and at least and at most between two visits."""

    first: float
    least: float
    most: float

    @classmethod
    def of(cls, settings: BaseSettings, site: Site) -> Bounds:
        """Those of the settings, unless the site's description has its own.

        Where one of a description's lies beyond the other of the settings, that one gives way.
        """
        least, most = settings.getfloat("REVISIT_MIN"), settings.getfloat("REVISIT_MAX")
        if site.revisit_max is not None:
            most = site.revisit_max
            least = min(least, most)
        if site.revisit_min is not None:
            least = site.revisit_min
        return cls(settings.getfloat("REVISIT_FIRST"), least, max(least, most))

    def within(self, interval: float) -> float:
        """The interval, brought within the bounds."""
        return min(max(interval, self.least), self.most)

    def after(self, earlier: float | None, changed: bool) -> float:
        """Seconds until the next visit, after one that found a change or none.

        >>> bounds = Bounds(first=100, least=50, most=400)
        >>> [bounds.after(None, True), bounds.after(100, False), bounds.after(100, True)]
        [100, 150.0, 50]
        """
        if earlier is None:
            return self.within(self.first)
        return self.within(earlier * (_SHRINK if changed else _GROW))

    def after_failures(self, failures: int) -> float:
        """Seconds until a page that failed so many times in a row is tried again."""
        return self.within(self.least * 2.0 ** min(failures - 1, 20))
