"""`scrapy explain URL|FILE`: one page that shows each block, kept or dropped, and why."""

from __future__ import annotations

import argparse
import io
import re
import signal
import sys
from pathlib import Path
from typing import NoReturn
from urllib.parse import unquote, urlsplit

from scrapy.commands import ScrapyCommand

from pipelines.explain import Explanation
from pipelines.records import Rejected
from pipelines.writers import publish, temporary_name, well_formed
from scraper.explain_against import AgainstError, earlier_record
from scraper.explain_fetch import FetchError
from scraper.explain_page import GENERATOR, Against, explain_html
from scraper.explain_source import (
    UnreadableError,
    described_site,
    explain_address,
    explain_file,
)
from scraper.inputs import ENDINGS, ending, find
from scraper.outputs import OutputError, require_writable
from scraper.sites import SiteError, check_address, load_site

USAGE, FAILED, INTERRUPTED = 2, 1, 130
PAGE_ENDINGS = (".html", ".htm")
STDOUT = "-"
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
# Where an explain page names itself: in the first so many bytes.
HEAD_BYTES = 4096
# Longer names of files are not taken from addresses (characters).
NAME_CHARS = 80


class UsageError(Exception):
    """The command cannot be carried out as given; the message says what to change."""


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "URL|FILE [-o PAGE.html] [--against RECORDS]"

    def short_desc(self) -> str:
        return "Show each block of a page, kept or dropped, and why"

    def long_desc(self) -> str:
        return (
            f"Explain one page on the web or one file on disk ({', '.join(ENDINGS)}, each also "
            "with .gz) in one HTML file that a browser shows without a network. Without -o it is "
            "NAME.explained.html in the current folder. An earlier explain page is replaced; any "
            "other file is left alone."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "-o", "--output", metavar="PAGE.html", help="file to write; - is standard output"
        )
        parser.add_argument(
            "--against",
            metavar="RECORDS",
            help="show what changed since this record: .jsonl, .jsonl.gz, .json or .parquet, of "
            "which the record of the same page is taken",
        )
        parser.add_argument(
            "--site",
            metavar="NAME",
            help="clean by the description of this site (default: the one that has the address)",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        signal.signal(signal.SIGTERM, _interrupt)
        for stream in (sys.stdout, sys.stderr):  # names of files need not be printable
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            self.exitcode = self._run(args, opts)
        except (UsageError, SiteError, AgainstError, OutputError) as error:
            self.exitcode = _complain(str(error), USAGE)
        except (UnreadableError, FetchError) as error:
            self.exitcode = _complain(str(error), FAILED)
        except KeyboardInterrupt:
            self.exitcode = _complain("interrupted; nothing was written", INTERRUPTED)

    def _run(self, args: list[str], opts: argparse.Namespace) -> int:
        if len(args) != 1:
            raise UsageError("give one page: an address or a file; -h tells more")
        source = args[0]
        out = _output(source, opts.output)
        earlier = Path(opts.against) if opts.against else None
        if earlier and not earlier.exists():
            raise UsageError(f"--against: no such file: {earlier}")
        explanation = self._explain(source, opts.site)
        against = None
        if earlier:
            against = Against(earlier.name, earlier_record(earlier, explanation.outcome))
        page = well_formed(explain_html(explanation, source, against)).encode()
        if out is None:
            sys.stdout.buffer.write(page)
            print(_told(explanation), file=sys.stderr)
            return 0
        try:
            temporary = temporary_name(out)
            temporary.write_bytes(page)
            publish(temporary, out)
        except OSError as error:
            return _complain(f"cannot write {out}: {error.strerror or error}", FAILED)
        print(f"{out}: {_told(explanation)}")
        return 0

    def _explain(self, source: str, name: str | None) -> Explanation:
        assert self.settings is not None
        folder = Path(self.settings["SITES_DIR"])
        site = load_site(name, folder) if name else None
        if _is_address(source):
            address = check_address(source)
            return explain_address(address, self.settings, site or described_site(address, folder))
        return explain_file(_file(source), site)


def _is_address(source: str) -> bool:
    return bool(ADDRESS.match(source)) and not Path(source).exists()


def _file(source: str) -> str:
    """The path, if it is that of one file that can be cleaned."""
    if Path(source).is_dir():
        raise UsageError(f"{source} is a folder; give one page")
    try:
        find([source])
    except FileNotFoundError:
        hint = f"; is it an address? Then https://{source}" if _looks_like_host(source) else ""
        raise UsageError(f"no such file: {source}{hint}") from None
    except ValueError as error:
        raise UsageError(str(error)) from None
    return source


def _looks_like_host(source: str) -> bool:
    return (
        bool(re.match(r"[\w-]+(\.[\w-]+)+(:\d+)?(/|$)", source)) and ending(source) not in ENDINGS
    )


def _output(source: str, given: str | None) -> Path | None:
    """The file to write, or None for standard output."""
    if given == STDOUT:
        return None
    out = Path(given) if given else Path(default_name(source))
    if out.suffix.lower() not in PAGE_ENDINGS or out.is_dir():
        kinds = ", ".join(PAGE_ENDINGS)
        raise UsageError(f"-o {out}: the name of a file that ends in {kinds}, or - is needed")
    if out.exists() and not _is_explain_page(out):
        raise UsageError(f"{out} is there and is no explain page; choose another with -o")
    require_writable(out.parent, "choose another with -o")
    return out


def default_name(source: str) -> str:
    """The name of the page for a file or an address: the last part of it that says something.

    >>> default_name("pages/gout.html.gz"), default_name("https://e.org/health/gout/?p=1")
    ('gout.explained.html', 'gout.explained.html')
    >>> default_name("https://www.e.org/")
    'www.e.org.explained.html'
    """
    if _is_address(source):
        parts = urlsplit(source)
        path = [part for part in unquote(parts.path).split("/") if part]
        name = path[-1] if path else parts.netloc
        name = name if not path else Path(name).stem
    else:
        name = Path(source).name
        name = name.removesuffix(".gz").removesuffix(".GZ")
        name = Path(name).stem
    name = re.sub(r"[^\w.-]+", "-", name).strip("-.")[:NAME_CHARS]
    return f"{name or 'page'}.explained.html"


def _is_explain_page(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return GENERATOR.encode() in file.read(HEAD_BYTES)
    except OSError:
        return False


def _told(explanation: Explanation) -> str:
    """What came out, in a line."""
    outcome = explanation.outcome
    with_text = [block for block in explanation.blocks if block.mass]
    kept = sum(block.keep for block in with_text)
    what = f"rejected, {outcome.reason}" if isinstance(outcome, Rejected) else "an article"
    return f"{what}; {len(with_text)} blocks: {kept} kept, {len(with_text) - kept} dropped"


def _interrupt(signum: int, frame: object) -> NoReturn:  # noqa: ARG001 signature of a handler
    raise KeyboardInterrupt


def _complain(message: str, status: int) -> int:
    print(f"scrapy explain: {message}", file=sys.stderr)
    return status
