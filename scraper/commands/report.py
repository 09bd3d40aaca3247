"""`scrapy report [RUN]`: what a run did, as one HTML page in its folder."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from scraper.exit_status import DONE, FAILED, USAGE
from scraper.runs import output_folder
from scraper.sites import suggestion


class Command(ScrapyCommand):
    """Makes a report, and the list of runs, for what is there already."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[RUN]"

    def short_desc(self) -> str:
        return "Show what a run did, as a page"

    def long_desc(self) -> str:
        return (
            "Write report.html into the folder of a run, by its name or its path (without one: of "
            "the newest), and OUTPUT_DIR/index.html, the list of runs. Every crawl does so at its "
            "end; this does it for older runs, and adds explain pages that are missing."
        )

    def run(self, args: list[str], opts: object) -> None:  # noqa: ARG002 - Scrapy's signature
        """Make both pages; the exit status says whether they are there."""
        from scraper.report.making import report_maker  # the plotting library is loaded with it

        assert self.settings is not None
        try:
            folder = chosen_run(output_folder(self.settings) / "runs", args)
            maker = report_maker(self.settings, folder.parent.parent)
            print(shown(maker.again(folder)))
            maker.index()
        except UsageError as error:
            self.exitcode = _complain(str(error), USAGE)
        except OSError as error:
            why = f"{error.strerror or error}; make the folder writable, or make room"
            self.exitcode = _complain(f"cannot write the report into {folder}: {why}", FAILED)
        else:
            self.exitcode = DONE


def chosen_run(runs: Path, args: Sequence[str]) -> Path:
    """The folder of the run that is meant. Raises UsageError."""
    if len(args) > 1:
        raise UsageError("give one run, or none for the newest: scrapy report [RUN]")
    known = sorted(path.name for path in runs.glob("[!.]*") if (path / "run.json").is_file())
    if not args:
        if not known:
            raise UsageError(f"there is no run yet in {shown(runs)}; make one with scrapy crawl")
        return runs / known[-1]
    for folder in (Path(args[0]).absolute(), runs / args[0]):
        if (folder / "run.json").is_file():
            return folder
    raise UsageError(f'no run "{args[0]}" in {shown(runs)}{suggestion(args[0], known)}')


def shown(path: Path) -> Path:
    """The path as one would type it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _complain(message: str, status: int) -> int:
    print(f"scrapy report: {message}", file=sys.stderr)
    return status
