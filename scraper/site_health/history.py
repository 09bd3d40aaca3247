"""The past of the sites: the `run.json` of the last runs. There is no other store."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

# Runs that are shown: a month of nights.
LAST = 30
# Runs of a site that are looked into for what is usual: of one that publishes in batches, most of
# them hold nothing.
COMPARED = 60
# Run folders that are looked into for the runs of a site: those of many sites may lie between.
MOST_LOOKED_AT = 1_000

Run = Mapping[str, Any]


def past_runs(runs_folder: Path, last: int = LAST) -> list[Run]:
    """What the last published runs say of themselves, oldest first.

    What stands there and is no account of a run is passed over, with a warning in the log.
    """
    return [*islice(_accounts(runs_folder), last)][::-1]


def past_runs_of(sites: Collection[str], runs_folder: Path, last: int = COMPARED) -> Iterator[Run]:
    """The same of the runs in which one of these sites was crawled, newest first, one at a time."""
    runs = _accounts(runs_folder)
    return islice((run for run in runs if not run["sites"].keys().isdisjoint(sites)), last)


def _accounts(runs_folder: Path) -> Iterator[Run]:
    """The accounts of the published runs, newest first: their names sort by time."""
    try:
        names = sorted((path.name for path in runs_folder.iterdir()), reverse=True)
    except FileNotFoundError:
        return
    published = [name for name in names if not name.startswith(".")]
    for name in published[:MOST_LOOKED_AT]:
        path = runs_folder / name / "run.json"
        try:
            yield _read(path)
        except (OSError, ValueError) as error:
            logger.warning("%s is no account of a run (%s): it is passed over", path, error)


def _read(path: Path) -> Run:
    """The account in a file; `sites` and `alarms` are empty where it is older than they are.

    Raises OSError or ValueError.
    """
    run = json.loads(path.read_text("utf-8"))
    if not isinstance(run, dict) or not isinstance(run.get("run_id"), str):
        raise ValueError("no run_id")
    run = {"sites": {}, "alarms": [], **run}
    for key, kind in (("counts", dict), ("sites", dict), ("alarms", list)):
        if not isinstance(run.get(key), kind):
            raise ValueError(f"no {key}")
    if not all(isinstance(site, dict) for site in run["sites"].values()):
        raise ValueError("a site without counts")
    return run
