"""What a site's description says of reading its pages in a browser."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scraper.sites import Site

# Screens that an endless page may be scrolled by: a hundred are more than any reader goes.
MOST_SCREENS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Javascript:
    """How the pages of a site are read in a browser.

    `wait_for`: a CSS selector; the page is not taken before something matches. `click`: CSS
    selectors of what is clicked on; None: buttons that say "read more". `scroll`: how many screens
    an endless page is scrolled by, at most.
    """

    wait_for: str | None = None
    click: tuple[str, ...] | None = None
    scroll: int = 0


def needs_browser(sites: Iterable[Site]) -> bool:
    """Whether any of the sites has the switch."""
    return any(site.javascript is not None for site in sites)
