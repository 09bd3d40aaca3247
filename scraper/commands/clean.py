"""`scrapy clean PATH… -o OUT`: pages already on disk to the same records as a crawl."""

from __future__ import annotations

import argparse
import io
import signal
import sys
import time
from contextlib import ExitStack
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from scrapy.commands import ScrapyCommand

from pipelines import Rejected
from pipelines.schema import ARTICLE_SCHEMA, REJECTED_SCHEMA
from pipelines.validation import stamp
from pipelines.writers import FORMATS, Writer, format_of, open_output, plain_record
from scraper.cleaning import clean_file
from scraper.inputs import ENDINGS, Found, find
from scraper.outputs import OutputError, require_writable
from scraper.runs import new_run_id
from scraper.sites import Site, load_site
from scraper.summary import Tally, describe, tell
from scraper.usable_settings import processors
from scraper.workers import Workers

USAGE, FAILED, INTERRUPTED = 2, 1, 130


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "PATH... -o OUT [options]"

    def short_desc(self) -> str:
        return "Clean pages already on disk"

    def long_desc(self) -> str:
        return (
            f"Clean files and folders of {', '.join(ENDINGS)}, each also with .gz, into OUT "
            f"({', '.join(FORMATS)}, by its name). What is no article, and why, is written beside "
            "it as NAME.rejected.jsonl. OUT is replaced when all is done, and not before."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-o", "--output", metavar="OUT", help="file to write")
        parser.add_argument(
            "--workers",
            type=int,
            default=processors(),
            metavar="N",
            help="processes to clean with (default: one a processor, here %(default)s)",
        )
        parser.add_argument(
            "--site",
            metavar="NAME",
            help="clean by the description of this site, scraper/sites/NAME.toml",
        )
        parser.add_argument(
            "--removed", action="store_true", help="add every dropped block and why to the records"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        signal.signal(signal.SIGTERM, _interrupt)
        for stream in (sys.stdout, sys.stderr):  # names of files need not be printable
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            self.exitcode = self._run(args, opts)
        except KeyboardInterrupt:
            self.exitcode = _complain("interrupted; nothing was written", INTERRUPTED)

    def _run(self, args: list[str], opts: argparse.Namespace) -> int:
        if not args or not opts.output:
            return _complain("give what to clean, and -o OUT; -h tells more", USAGE)
        if opts.workers < 1:
            return _complain(f"--workers: at least 1, not {opts.workers}", USAGE)
        out = Path(opts.output)
        if format_of(out) is None or out.is_dir():
            kinds = ", ".join(FORMATS)
            return _complain(f"-o {out}: the name of a file that ends in {kinds}", USAGE)
        try:
            site = self._site(opts.site) if opts.site else None
            found = find(args)
        except (FileNotFoundError, ValueError) as error:
            return _complain(str(error), USAGE)
        if not found.files and not found.rejected:
            others = f" (but {found.skipped} other files)" if found.skipped else ""
            return _complain(f"no {', '.join(ENDINGS)} in {' '.join(args)}{others}", USAGE)
        try:
            require_writable(out.parent, "choose another with -o")
            removed = opts.removed or bool(
                self.settings and self.settings.getbool("EXPORT_REMOVED")
            )
            crew = Workers(opts.workers, partial(clean_file, site=site) if site else clean_file)
            return _clean(found, out, crew, removed)
        except OutputError as error:
            return _complain(str(error), USAGE)
        except OSError as error:
            return _complain(f"cannot write {out}: {error.strerror or error}", FAILED)

    def _site(self, name: str) -> Site:
        assert self.settings is not None
        return load_site(name, Path(self.settings["SITES_DIR"]))


def rejected_name(out: Path) -> Path:
    """Where the rejects go: `articles.parquet` has `articles.rejected.jsonl` beside it."""
    return out.with_name(out.name[: -len(format_of(out) or "")] + ".rejected.jsonl")


def _clean(found: Found, out: Path, crew: Workers, removed: bool) -> int:
    """Clean the files found and tell what came out; the exit status."""
    started, rejects = time.monotonic(), rejected_name(out)
    tally = _write(found, out, rejects, crew, removed)
    seconds = time.monotonic() - started
    others = f"; passed over, of other kinds: {found.skipped}" if found.skipped else ""
    summary = describe(tally.as_dict(), [out, rejects] if tally.articles else [rejects])
    took = f"Files cleaned: {len(found.files)} in {seconds:.1f} s{others}"
    tell(f"{summary}\n\n{took}", sys.stdout)
    if not tally.articles:
        return _complain(f"no article found, {out} not written; {rejects} says why", FAILED)
    return 0


def _write(found: Found, out: Path, rejects: Path, crew: Workers, removed: bool) -> Tally:
    """Write both files, published together at the end; `out` only if there is an article."""
    tally, run_id = Tally(), new_run_id()
    with ExitStack() as stack:
        refused = stack.enter_context(open_output(rejects, REJECTED_SCHEMA))
        stack.enter_context(crew)
        progress = stack.enter_context(_progress())
        bar = progress.add_task("cleaning", total=len(found.files))
        articles: Writer | None = None
        results = crew.clean(found.files)
        cleaned = progress.track(results, total=len(found.files), task_id=bar)
        for item in (stamp(item, run_id) for item in chain(found.rejected, cleaned)):
            tally.add(item)
            if isinstance(item, Rejected):
                refused.write(plain_record(item))
                continue
            articles = articles or stack.enter_context(open_output(out, ARTICLE_SCHEMA))
            articles.write(plain_record(item, removed=removed))
    return tally


def _progress() -> Progress:
    """A bar on a terminal, and nothing at all elsewhere; on stderr, as the summary is on stdout."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _interrupt(signum: int, frame: object) -> NoReturn:  # noqa: ARG001 signature of a handler
    raise KeyboardInterrupt


def _complain(message: str, status: int) -> int:
    print(f"scrapy clean: {message}", file=sys.stderr)
    return status
