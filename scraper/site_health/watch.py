"""A run's account against the past of its sites, and whom its alarms are told to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from scrapy import Spider
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings

from scraper.alarms import alarm
from scraper.arguments import CrawlPlan
from scraper.site_health.alarm import Alarm
from scraper.site_health.comparison import alarms_of
from scraper.site_health.history import past_runs_of
from scraper.site_health.notify import addresses, notify
from scraper.site_health.site_run import SiteRun, site_run
from scraper.site_health.thresholds import thresholds

# Alarms that are told one by one; what a run has beyond them has one cause, or stands in run.json.
MOST_TOLD = 20
# Characters of a title, as the subject of an e-mail.
_LONGEST_TITLE = 120


def alarms_in(report: Mapping[str, Any], runs_folder: Path, spider: Spider | None) -> list[Alarm]:
    """What has changed about each site of a run, by its account `report`.

    The sites of the spider's plan say from when on the past counts (`usual_since`).
    """
    if not report["sites"]:
        return []
    past: dict[str, list[SiteRun]] = {name: [] for name in report["sites"]}
    for run in past_runs_of(past.keys(), runs_folder):
        for name, before in past.items():
            if (each := site_run(run, name)) is not None:
                before.insert(0, each)
    plan: CrawlPlan | None = getattr(spider, "plan", None)
    since = {site.name: site.usual_since for site in plan.sites} if plan else {}
    return [
        found
        for name, before in past.items()
        for found in _of_site(name, report, before, since.get(name))
    ]


def _of_site(
    name: str, report: Mapping[str, Any], past: Sequence[SiteRun], since: date | None
) -> tuple[Alarm, ...]:
    present = site_run(report, name)
    if present is None:
        return ()
    first = since.isoformat() if since else ""
    counting = [run for run in past if run.day >= first]
    return alarms_of(name, present, counting, thresholds())


def send(alarms: Sequence[Alarm], settings: BaseSettings) -> None:
    """Send them to those whom ALARM_NOTIFY names; an alarm where that fails."""
    try:
        given = addresses(settings) if alarms else []
    except UsageError as error:  # a file that was there when the crawl began
        alarm(str(error))
        return
    if not given:
        return
    names = sorted({found.site for found in alarms})
    title = f"Marrow: {len(alarms)} alarm{'' if len(alarms) == 1 else 's'} of {', '.join(names)}"
    lines = [found.message for found in alarms]
    body = "\n".join(
        [*lines, "", f"Run {settings['RUN_ID']}; docs/site-health.md says what to do."]
    )
    seconds = settings.getfloat("ALARM_NOTIFY_SECONDS")
    for sentence in notify(given, title[:_LONGEST_TITLE], body, seconds):
        alarm(sentence)


def tell(alarms: Sequence[Alarm]) -> None:
    """Say them on stderr, with `--cron` as well."""
    for found in alarms[:MOST_TOLD]:
        alarm(found.message)
    if len(alarms) > MOST_TOLD:
        alarm(f"and {len(alarms) - MOST_TOLD} alarms more: they stand in the run's run.json")
