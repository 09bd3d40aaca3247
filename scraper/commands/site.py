"""`scrapy site new URL` describes a site after a look at it; `scrapy site check` looks again."""

from __future__ import annotations

import argparse
import io
import re
import signal
import sys
from pathlib import Path
from typing import NoReturn

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from scraper.directives import DirectiveError, obeyed_directives
from scraper.exit_status import DONE, FAILED, USAGE
from scraper.explain_source import described_site
from scraper.new_site.check import Checked, check_saved, table
from scraper.new_site.describing import NewSite, describe_site
from scraper.new_site.description import name_for
from scraper.new_site.fixtures import FixtureError
from scraper.new_site.live_check import check_live
from scraper.new_site.review import review, shown
from scraper.new_site.survey import SurveyError
from scraper.new_site.writing import WritingError, write_site
from scraper.outputs import OutputError, require_writable
from scraper.sites import Site, SiteError, check_address, load_site, site_names, suggestion
from scraper.summary import tell
from scraper.usable_settings import require_usable

INTERRUPTED = 130
_ACTIONS = ("new", "check")
# Names that are a file's name everywhere, and one word on a command line.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "new URL [--name NAME] [--force] | check [NAME …] [--offline] [--accept]"

    def short_desc(self) -> str:
        return "Describe a new site after a look at it, or check the described ones"

    def long_desc(self) -> str:
        return (
            "new: look at a site (robots.txt, sitemaps, feeds, at most some dozens of pages), "
            "write scraper/sites/NAME.toml and one saved page, and print the records that it would "
            "export. check: hold each description, or those named, to its saved pages and to the "
            "site as it is now."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--name", help="new: the site's name (default: from its domain)")
        parser.add_argument(
            "--force", action="store_true", help="new: replace the description that is there"
        )
        parser.add_argument(
            "--offline", action="store_true", help="check: the files alone, ask no site anything"
        )
        parser.add_argument(
            "--accept",
            action="store_true",
            help="check: take the records of today as those expected of the saved pages",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        signal.signal(signal.SIGTERM, _interrupt)
        for stream in (sys.stdout, sys.stderr):  # what a page says need not be printable
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            self.exitcode = self._run(args, opts)
        except (UsageError, SiteError, DirectiveError, OutputError) as error:
            self.exitcode = _complain(str(error), USAGE)
        except (SurveyError, WritingError, FixtureError) as error:
            self.exitcode = _complain(str(error), FAILED)
        except KeyboardInterrupt:
            self.exitcode = _complain("interrupted; nothing was written", INTERRUPTED)

    def _run(self, args: list[str], opts: argparse.Namespace) -> int:
        assert self.settings is not None
        obeyed_directives(self.settings.getlist("OBEY_DIRECTIVES"))
        require_usable(self.settings)
        if not args or args[0] not in _ACTIONS:
            hint = suggestion(args[0], _ACTIONS) if args else ""
            raise UsageError(
                f"say what to do{hint}: scrapy site new https://…, or scrapy site check [NAME …]"
            )
        return self._new(args[1:], opts) if args[0] == "new" else self._check(args[1:], opts)

    def _new(self, args: list[str], opts: argparse.Namespace) -> int:
        assert self.settings is not None
        if len(args) != 1:
            raise UsageError("give one address: scrapy site new https://www.example.org/")
        if opts.offline or opts.accept:
            raise UsageError("--offline and --accept belong to scrapy site check")
        address = check_address(args[0])
        folder = Path(self.settings["SITES_DIR"])
        name = _name(opts.name or name_for(address))
        _require_free(folder / f"{name}.toml", force=opts.force)
        require_writable(folder, "choose another with -s SITES_DIR=FOLDER")
        other = _other_description(address, folder)
        kept = sorted(path.name for path in (folder / name).glob("*.html"))
        found: NewSite = describe_site(address, name, self.settings, _progress)
        tell(review(found.survey), sys.stdout)
        written = write_site(folder, name, found.text, found.files)
        told = [f"Written: {', '.join(map(str, written))}"]
        if not found.files:
            told.append("No page was saved: their owner does not want them archived (noarchive)")
        if set(kept) - found.files.keys():
            told.append(f"Saved pages from before are still there: {', '.join(kept)}")
        if other and other.name != name:
            told.append(f"Note: {other.name}.toml describes this host too; one of them is enough")
        told += [
            f"Next: look through {written[-1].name}, then",
            f"  scrapy site check {name}",
            f"  scrapy crawl articles -a site={name}",
        ]
        tell("\n" + "\n".join(told), sys.stdout)
        return DONE

    def _check(self, args: list[str], opts: argparse.Namespace) -> int:
        assert self.settings is not None
        if opts.name or opts.force:
            raise UsageError("--name and --force belong to scrapy site new")
        folder = Path(self.settings["SITES_DIR"])
        names = list(dict.fromkeys(args)) or site_names(folder)
        for name in args:
            if name not in site_names(folder):
                load_site(name, folder)  # it says which there are
        if not names:
            raise UsageError(f"{folder} has no NAME.toml yet: scrapy site new https://… makes one")
        checked = [check_saved(name, folder, accept=opts.accept) for name in names]
        if not opts.offline:
            checked = check_live(checked, self.settings, _progress, named=bool(args))
        tell(table(checked), sys.stdout)
        return _status(checked)


def _status(checked: list[Checked]) -> int:
    return FAILED if any(one.problems for one in checked) else DONE


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"--name {name}: letters, digits, hyphens, dots and underscores are needed"
        )
    return name


def _other_description(address: str, folder: Path) -> Site | None:
    """The site that is described and has the host of the address, as far as that can be read."""
    try:
        return described_site(address, folder)
    except SiteError:
        return None


def _require_free(path: Path, *, force: bool) -> None:
    if path.exists() and not force:
        raise UsageError(
            f"{path} is there already: --force replaces it, --name NAME takes another name"
        )


def _progress(line: str) -> None:
    print(shown(line), file=sys.stderr, flush=True)


def _interrupt(signum: int, frame: object) -> NoReturn:  # noqa: ARG001 signature of a handler
    raise KeyboardInterrupt


def _complain(message: str, status: int) -> int:
    print(f"scrapy site: {shown(message, cut=False)}", file=sys.stderr)
    return status
