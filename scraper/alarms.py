"""What people should hear of although the crawl goes on: with `--cron` it is all they hear of."""

from __future__ import annotations

import logging

# Records of this logger reach stderr with `--cron` as well; other warnings only the log.
ALARM_LOGGER = "marrow.alarm"


def alarm(message: str) -> None:
    """One sentence that says what happened and what to do."""
    logging.getLogger(ALARM_LOGGER).warning("%s", message)
