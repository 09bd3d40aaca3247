"""A real browser, the system's Chromium, and what it has to say about a page.

with open_page(chromium, path, width=390) as page:
    page.errors, page.requests     # must stay empty, but for the file itself
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Seen:
    """An open page; `errors` and `requests` collect what happens on it."""

    page: Any
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def visible(self, selector: str) -> int:
        """How many elements that match are shown."""
        return int(self.page.locator(selector).locator("visible=true").count())


@contextmanager
def chromium() -> Iterator[Any]:
    """The browser, headless; skips the test where there is none."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium on this machine: run .ci/install-browser as root")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def open_page(browser: Any, path: Path, **options: Any) -> Iterator[Seen]:
    """The file in a window of its own; `options` as of playwright's `new_context`, and `width`."""
    size = {"width": options.pop("width", 1280), "height": 900}
    context = browser.new_context(viewport=size, **options)
    try:
        seen = Seen(context.new_page())
        seen.page.on("console", lambda message: seen.errors.append(message.text))
        seen.page.on("pageerror", lambda error: seen.errors.append(str(error)))
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.goto(path.as_uri())
        yield seen
    finally:
        context.close()
