"""A setting that cannot be followed is told before a crawl begins, in a line."""

from __future__ import annotations

import pytest
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from scraper.exit_status import USAGE
from scraper.usable_settings import cleaning_processes, processors, require_usable
from tests.crawls import scrapy

WRONG = [
    *(("CHECKPOINT_SECONDS", wrong) for wrong in ("0", "-1", "often")),
    *(("CLEANING_PROCESSES", wrong) for wrong in ("-1", "many")),
    *(("CONCURRENT_REQUESTS_PER_DOMAIN", wrong) for wrong in ("0", "many")),
    *((name, "perhaps") for name in ("STATE", "ARCHIVE", "RUN_FOLDER", "GONE_AFTER")),
    ("ALARM_STATUS", "perhaps"),
    ("ALARM_NOTIFY_SECONDS", "0"),
    ("REVISIT_MIN", "-1"),
]


def settings_with(name: str, value: str | None) -> Settings:
    settings = Settings()
    settings.setmodule("scraper.settings")
    settings.set(name, value, priority="cmdline")
    return settings


@pytest.mark.parametrize(("name", "wrong"), WRONG)
def test_a_setting_that_cannot_be_followed_is_named(name: str, wrong: str) -> None:
    with pytest.raises(UsageError, match=f"^{name} is .*, not '{wrong}'$"):
        require_usable(settings_with(name, wrong))


@pytest.mark.parametrize("switch", ["True", "False", "0", "1", "true", "false"])
@pytest.mark.parametrize("name", ["STATE", "ARCHIVE"])
def test_switches_are_written_as_people_do(name: str, switch: str) -> None:
    require_usable(settings_with(name, switch))


@pytest.mark.parametrize(
    ("value", "processes"), [(None, processors()), ("", processors()), ("0", 0), ("3", 3)]
)
def test_as_many_processes_clean_as_are_asked_for(value: str | None, processes: int) -> None:
    assert cleaning_processes(settings_with("CLEANING_PROCESSES", value)) == processes


def test_the_command_says_so_in_one_line() -> None:
    done = scrapy(
        "crawl", "articles", "-a", "url=http://127.0.0.1:9/", "-s", "CLEANING_PROCESSES=x"
    )
    assert done.returncode == USAGE
    (line,) = done.stderr.splitlines()
    assert "CLEANING_PROCESSES is a number from 0 on, not 'x'" in line
