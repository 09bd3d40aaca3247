"""What is done with a page in the browser, as a reader would: wait, click, scroll, all bounded."""

from __future__ import annotations

import asyncio
import time
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from playwright.async_api import Error, Page

from scraper.browser.switch import Javascript
from scraper.browser.traffic import Traffic

# Seconds without a request and without a change after which a page is taken for finished; scripts
# that get their data and then wait longer than this to show them are what `wait_for` is for.
_QUIET = 0.5
# Seconds after which a page that never comes to rest is taken as it is: at first, after a click.
_SETTLES = 10.0
_SETTLES_AGAIN = 4.0
_BETWEEN_LOOKS = 0.1
# Clicks on one page: articles have one or two such buttons, and lists add some twenty lines a time.
MOST_CLICKS = 20
# Pixels: an article is not read further down than 500 screens.
_HIGHEST = 500_000
# How many elements there are and how much they say: what changes when a script adds something.
_MEASURE = """() => [document.getElementsByTagName('*').length,
                     document.body ? document.body.textContent.length : 0].join()"""
# Clicks the next element that was not clicked before, and tells whether there was one. A button is
# what leads nowhere: no link to another page, nothing that sends a form.
_CLICK = """([selectors, phrases]) => {
  const squash = text => (text || '').replace(/\\s+/g, ' ').trim().toLowerCase();
  const bare = text => squash(text).replace(/[\\s.…»›→↓▼+:]+$/u, '');
  const clicked = window.__clicked ??= new WeakSet();
  const shown = e => e.checkVisibility ? e.checkVisibility() : e.offsetParent !== null;
  const away = e => {
    const link = e.closest('a[href]');
    return link && !/^(#|javascript:)/i.test(link.getAttribute('href').trim());
  };
  const sends = e => e.closest('form') && (e.type === 'submit' || e.type === 'image');
  const chosen = selectors
    ? selectors.flatMap(one => [...document.querySelectorAll(one)])
    : [...document.querySelectorAll('button, a, summary, [role=button], input[type=button]')]
        .filter(e => !e.closest('nav, header, footer, dialog, [role=dialog]'))
        .filter(e => phrases.includes(bare(e.innerText || e.value)));
  for (const element of chosen) {
    if (!shown(element) || away(element) || sends(element) || element.disabled) continue;
    if (!selectors && clicked.has(element)) continue;
    clicked.add(element);
    element.click();
    return true;
  }
  return false;
}"""
# The event is sent as well: a page that is no higher than the window cannot be scrolled yet.
_SCROLL = """() => { window.scrollTo(0, document.documentElement.scrollHeight);
                     window.dispatchEvent(new Event('scroll'));
                     return document.documentElement.scrollHeight; }"""


@lru_cache(maxsize=1)
def read_more() -> tuple[str, ...]:
    """What buttons say that unfold an article, in all languages."""
    path = Path(__file__).with_name("read_more.toml")
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(dict.fromkeys(phrase for phrases in tables.values() for phrase in phrases))


class Reading:
    """One page, read until `deadline` (seconds of the monotonic clock)."""

    def __init__(self, traffic: Traffic, how: Javascript, deadline: float) -> None:
        self._traffic = traffic
        self._how = how
        self._deadline = deadline

    async def read(self, page: Page) -> None:
        """Wait for the text, click on what unfolds it, scroll as far as is wanted."""
        try:
            await self._settle(page, _SETTLES)
            if self._how.wait_for:
                await self._wait_for(page, self._how.wait_for)
            self._traffic.settled = True
            await self._click(page)
            await self._scroll(page)
        finally:
            self._traffic.settled = True

    async def _wait_for(self, page: Page, selector: str) -> None:
        while self._left() > 0:
            if await page.query_selector(selector):
                await self._settle(page, _SETTLES_AGAIN)
                return
            await asyncio.sleep(_BETWEEN_LOOKS)

    async def _click(self, page: Page) -> None:
        selectors = list(self._how.click) if self._how.click is not None else None
        if selectors == []:
            return
        before = await self._measured(page)
        for _ in range(MOST_CLICKS):
            if self._left() <= 0:
                return
            if not await page.evaluate(_CLICK, [selectors, list(read_more())]):
                return
            await self._settle(page, _SETTLES_AGAIN)
            after = await self._measured(page)
            if selectors and after == before:
                return  # it does nothing any more
            before = after

    async def _scroll(self, page: Page) -> None:
        height = -1
        for _ in range(self._how.scroll):
            reached = await page.evaluate(_SCROLL)
            if reached == height or reached > _HIGHEST or self._left() <= 0:
                return
            height = reached
            await self._settle(page, _SETTLES_AGAIN)

    async def _settle(self, page: Page, seconds: float) -> None:
        """Wait until nothing happens any more."""
        until = min(time.monotonic() + seconds, self._deadline)
        measured, since = await self._measured(page), time.monotonic()
        while time.monotonic() < until:
            await asyncio.sleep(_BETWEEN_LOOKS)
            now = await self._measured(page)
            if now != measured:
                measured, since = now, time.monotonic()
            quiet = min(self._traffic.quiet_for(), time.monotonic() - since)
            if quiet >= _QUIET:
                return

    async def _measured(self, page: Page) -> Any:
        try:
            return await page.evaluate(_MEASURE)
        except Error as error:
            if "context was destroyed" in error.message:  # another document took its place
                return None
            raise

    def _left(self) -> float:
        return self._deadline - time.monotonic()
