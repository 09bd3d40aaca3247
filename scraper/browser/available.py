"""Whether there is a browser to read pages with, found out before a crawl starts."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings

from scraper.amounts import setting_number

# What Chromium's executable is called, by system and packager.
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_WHY = "a site of this crawl is to be read in a browser (javascript)"


def require_browser(settings: BaseSettings) -> None:
    """Raises UsageError with the command that installs what is missing."""
    setting_number(settings, "BROWSER_PAGES", 1)
    setting_number(settings, "BROWSER_TIMEOUT", 1)
    if importlib.util.find_spec("scrapy_playwright") is None:
        raise UsageError(
            f"{_WHY}, and scrapy-playwright is not installed: "
            "pip install -r requirements-browser.txt"
        )
    browser_path(settings)


def browser_path(settings: BaseSettings) -> str:
    """The path of Chromium: the setting BROWSER_PATH, else the first on PATH. Raises UsageError."""
    given = settings.get("BROWSER_PATH")
    if given:
        if Path(given).is_file() and os.access(given, os.X_OK):
            return str(given)
        raise UsageError(
            f"BROWSER_PATH={given} is no program: give the path of Chromium's executable"
        )
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise UsageError(
            f"{_WHY}, and no Chromium is on the PATH: install it (Debian and Ubuntu: apt-get "
            "install chromium), or give its path with -s BROWSER_PATH=…"
        )
    return found
