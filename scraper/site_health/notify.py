"""Alarms by e-mail, to a web address, or by what else Apprise can reach.

Setting ALARM_NOTIFY: addresses as Apprise writes them (`mailto://`, `json://`, …), or paths of
files that hold one a line, for an address with a password in it. What cannot be told is told on
stderr; it never fails a run, and never holds one up for longer than ALARM_NOTIFY_SECONDS.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings

if TYPE_CHECKING:
    from apprise import NotifyBase

_ADDRESS_MARK = "://"


def addresses(settings: BaseSettings) -> list[str]:
    """Those of the setting, files read; raises UsageError for one that cannot be read."""
    found: list[str] = []
    for given in settings.getlist("ALARM_NOTIFY"):
        found += [given] if _ADDRESS_MARK in given else _in_file(Path(given))
    return found


def require_addresses(settings: BaseSettings) -> None:
    """Raises UsageError unless each can be notified. Its text stays out of what is said of it."""
    for place, address in enumerate(addresses(settings), 1):
        if _notifier(address) is None:
            scheme = address.partition(_ADDRESS_MARK)[0]
            raise UsageError(
                f"ALARM_NOTIFY: address {place} ({scheme}://…) cannot be notified: write it as "
                "mailto://… or json://…, see docs/site-health.md"
            )


def notify(given: Sequence[str], title: str, body: str, seconds: float) -> list[str]:
    """Send to each address, all at once; a sentence for each that was not reached.

    Waits for `seconds` at most; what hangs for longer is left to itself and ends with the process.
    """
    reached: dict[int, bool] = {}
    notifiers = [_notifier(address) for address in given]
    threads = [
        threading.Thread(target=_send, args=(reached, i, notifier, title, body), daemon=True)
        for i, notifier in enumerate(notifiers)
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(deadline - time.monotonic(), 0))
    return [
        f"The alarms could not be sent to {_shown(notifier)} "
        f"({'refused or not reached' if i in reached else f'no end after {seconds:g} seconds'}): "
        "look at ALARM_NOTIFY; they stand in the run's run.json"
        for i, notifier in enumerate(notifiers)
        if not reached.get(i)
    ]


def _send(
    reached: dict[int, bool], i: int, notifier: NotifyBase | None, title: str, body: str
) -> None:
    try:
        reached[i] = bool(notifier and notifier.notify(body=body, title=title))
    except Exception:  # a notifier's defect in a thread of its own: not reached, whatever it was
        reached[i] = False


def _notifier(address: str) -> NotifyBase | None:
    from apprise import Apprise  # takes a moment to load, and few runs need it

    return Apprise.instantiate(address, suppress_exceptions=True)


def _shown(notifier: NotifyBase | None) -> str:
    """The address without its password and parameters."""
    if notifier is None:
        return "an unknown address"
    address: str = notifier.url(privacy=True)  # type: ignore[no-untyped-call]
    return address.partition("?")[0]


def _in_file(path: Path) -> list[str]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise UsageError(
            f"ALARM_NOTIFY: {path} is neither an address (mailto://…) nor a file of addresses: "
            f"{error}"
        ) from None
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]
