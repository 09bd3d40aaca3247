"""Logging of a crawl that nobody watches: `scrapy crawl --cron`.

Standard error gets errors and alarms, a line each, so that cron mails only what matters. All
else, and these too, goes to `OUTPUT_DIR/logs/crawl.log`, which starts anew when it is full.
"""

from __future__ import annotations

import logging
import sys
from logging.handlers import MemoryHandler, RotatingFileHandler
from pathlib import Path

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings

from scraper.alarms import ALARM_LOGGER, alarm
from scraper.exit_status import FAILED
from scraper.outcome import Verdict
from scraper.outputs import OutputError, require_writable
from scraper.runs import output_folder

logger = logging.getLogger(__name__)

# Errors that stderr gets of one crawl: a defect that shows on every page should not fill a mailbox.
# Alarms, and what the command itself says at the end, are not counted.
ERRORS_TOLD = 20
# Records held until the log is open, which is when the lock is ours; about five are written before.
_HELD = 10_000
# With one file, RotatingFileHandler would let it grow for ever.
_FILES_LEAST = 2
_FORMAT = "%(asctime)s %(run_id)s [%(name)s] %(levelname)s: %(message)s"


def prepare(settings: BaseSettings) -> None:
    """Keep Scrapy from setting up its own log, and the terminal silent.

    Raises OutputError where a log was asked for, too.
    """
    if settings["LOG_FILE"] or not settings.getbool("LOG_ENABLED"):
        raise OutputError(
            "--cron writes its own log, OUTPUT_DIR/logs/crawl.log: leave out --logfile, --nolog "
            "and the settings LOG_FILE and LOG_ENABLED"
        )
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")
    settings.set("PROGRESS", False, priority="cmdline")


class CronLog:
    """The log of one crawl. Nothing is written to the file before `open`."""

    def __init__(self, settings: BaseSettings) -> None:
        self._settings = settings
        self._opened = False
        try:
            self._size = settings.getint("CRON_LOG_BYTES")
            self._files = max(_FILES_LEAST, settings.getint("CRON_LOG_FILES"))
        except ValueError as error:
            raise OutputError(f"CRON_LOG_BYTES and CRON_LOG_FILES: {error}") from None
        self.path = output_folder(settings) / "logs" / "crawl.log"
        require_writable(self.path.parent)
        logging.root.setLevel(logging.NOTSET)
        self._early = MemoryHandler(_HELD, flushLevel=logging.CRITICAL + 1)
        self._early.setLevel(_level(settings))
        logging.root.addHandler(self._early)
        self._worth = _Worth()
        told = logging.StreamHandler(sys.stderr)
        told.setFormatter(_OneLine())
        told.addFilter(self._worth)
        logging.root.addHandler(told)

    def open(self) -> None:
        """Begin to write the file, with what was logged so far: the output folder is ours."""
        self._opened = True
        try:
            file = _LogFile(
                self.path,
                maxBytes=self._size,
                backupCount=self._files - 1,
                encoding="utf-8",
                errors="backslashreplace",
            )
        except OSError as error:
            alarm(
                f"cannot write the log {self.path}: {error.strerror or error}; this run goes on "
                "without one, make the file writable for the next"
            )
            return
        run_id = {"run_id": self._settings["RUN_ID"] or "-"}
        file.setFormatter(logging.Formatter(_FORMAT, defaults=run_id))
        file.setLevel(self._early.level)
        logging.root.addHandler(file)
        logging.root.removeHandler(self._early)
        self._early.setTarget(file)
        self._early.flush()

    def tell(self, verdict: Verdict) -> None:
        """The end of the crawl: its account to the log, what went wrong to stderr as well."""
        if verdict.status == FAILED and not self._opened:  # by a defect, which is worth keeping
            self.open()
        if verdict.account:
            logger.info("%s", verdict.account)
        if self._worth.untold:
            logger.error("further errors, told in %s alone: %d", self.path, self._worth.untold)
        for warning in verdict.warnings:
            alarm(warning)
        if verdict.problem:
            logger.error("%s", verdict.problem)
        logger.info("Ended with status %d", verdict.status)


class _Worth(logging.Filter):
    """Lets errors and alarms pass, and of a flood of errors the first."""

    def __init__(self) -> None:
        super().__init__()
        self._errors = 0

    @property
    def untold(self) -> int:
        """Errors that did not pass."""
        return max(0, self._errors - ERRORS_TOLD)

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name in (ALARM_LOGGER, __name__):
            return record.levelno >= logging.WARNING
        if record.levelno < logging.ERROR:
            return False
        self._errors += 1
        return self._errors <= ERRORS_TOLD


class _OneLine(logging.Formatter):
    """A record as one line; tracebacks stand in the log."""

    def format(self, record: logging.LogRecord) -> str:
        message = " ".join(record.getMessage().split())
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            message = f"{message}: {type(error).__name__}: {error}".partition("\n")[0]
        return f"scrapy crawl: {message}"


class _LogFile(RotatingFileHandler):
    """A log that can fail, as when the disk is full: said once, and the crawl goes on."""

    def __init__(self, path: Path, **options: object) -> None:
        super().__init__(path, **options)  # type: ignore[arg-type]
        self._failed = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802
        error = sys.exc_info()[1]
        if not self._failed:
            self._failed = True
            print(f"scrapy crawl: cannot write the log: {error}", file=sys.stderr)


def _level(settings: BaseSettings) -> int:
    """INFO, or less where the command line asks for more: the project's level is for terminals."""
    asked = (settings.getpriority("LOG_LEVEL") or 0) >= SETTINGS_PRIORITIES["cmdline"]
    named = logging.getLevelName(str(settings["LOG_LEVEL"]).upper()) if asked else logging.INFO
    return min(logging.INFO, named) if isinstance(named, int) else logging.INFO
