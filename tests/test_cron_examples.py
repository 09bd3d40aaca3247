"""The files of `examples/cron` do what `docs/cron.md` says, as cron and systemd would run them."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from examples.serve import serve
from scraper import exit_status

from .conftest import ROOT

CRON = ROOT / "examples" / "cron"
DOCUMENT = (ROOT / "docs" / "cron.md").read_text("utf-8")
# Where the examples have their checkout.
HOME = "/srv/marrow"
LINE = CRON.joinpath("crontab").read_text("utf-8").splitlines()[-1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder like a checkout, with a site that is called by its name and a place for output."""
    folder = tmp_path / "marrow"
    folder.mkdir()
    for name in ("examples", "pipelines", "scraper", "scrapy.cfg"):
        (folder / name).symlink_to(ROOT / name)
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "sites").mkdir()
    return folder


def unit() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(CRON / "marrow.service", "utf-8")
    return parser["Service"]


def crawl_the_demo(command: list[str], checkout: Path) -> subprocess.CompletedProcess[str]:
    """Run it with next to no environment, as cron and systemd do, against the bundled site."""
    with serve() as site:
        description = f'start = ["{site.url}/"]\ndelay = 0.05\n'
        (checkout / "sites" / "clinic.toml").write_text(description)
        return subprocess.run(
            command,
            cwd=checkout,
            env={"PATH": "/usr/bin:/bin", "HOME": str(checkout), "LOGNAME": "marrow"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def assert_well_done(done: subprocess.CompletedProcess[str], checkout: Path) -> None:
    assert (done.returncode, done.stdout, done.stderr) == (exit_status.DONE, "", "")
    (run,) = (checkout / "output" / "runs").iterdir()
    assert (run / "articles.parquet").stat().st_size
    assert "Records: 14 articles" in (checkout / "output" / "logs" / "crawl.log").read_text()


@pytest.mark.slow
def test_the_crontab_line(checkout: Path) -> None:
    time, command = re.fullmatch(r"((?:\S+ +){4}\S+)  (.+)", LINE).groups()  # type: ignore[union-attr]
    assert time == "17 2 * * *"
    assert "%" not in command
    command = command.replace(HOME, str(checkout)) + " -s SITES_DIR=sites -s AUTOTHROTTLE_ENABLED=0"
    assert_well_done(crawl_the_demo(["/bin/sh", "-c", command], checkout), checkout)


@pytest.mark.slow
def test_the_service(checkout: Path) -> None:
    service = unit()
    assert service["WorkingDirectory"] == HOME
    command = shlex.split(service["ExecStart"].replace(HOME, str(checkout)))
    command += ["-s", "SITES_DIR=sites", "-s", "AUTOTHROTTLE_ENABLED=0"]
    assert_well_done(crawl_the_demo(command, checkout), checkout)


def test_the_service_knows_what_is_no_failure() -> None:
    expected = [exit_status.NOTHING_NEW, exit_status.LOCKED]
    assert [int(status) for status in unit()["SuccessExitStatus"].split()] == expected


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")
@pytest.mark.slow
def test_systemd_understands_the_units(checkout: Path) -> None:
    for name in ("marrow.service", "marrow.timer"):
        text = (CRON / name).read_text("utf-8").replace(HOME, str(checkout))
        (checkout / name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "./marrow.service", "./marrow.timer"],
        cwd=checkout,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    of_ours = [line for line in done.stderr.splitlines() if "marrow." in line]
    assert (done.returncode, of_ours) == (0, [])


def test_the_documents_show_the_line_that_was_tested() -> None:
    assert LINE in DOCUMENT
    assert LINE in (ROOT / "README.md").read_text("utf-8")


def test_every_exit_status_is_in_the_documents() -> None:
    for document in (DOCUMENT, (ROOT / "docs" / "adding-a-site.md").read_text("utf-8")):
        table = document.partition("## Exit status")[2].partition("\n## ")[0]
        told = {int(status) for status in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}
        assert told == {
            exit_status.DONE,
            exit_status.FAILED,
            exit_status.USAGE,
            exit_status.NOTHING_NEW,
            exit_status.ALARMED,
            exit_status.LOCKED,
        }


def test_linked_files_exist() -> None:
    for link in re.findall(r"\]\(([^)#:]+)\)", DOCUMENT):
        assert (ROOT / "docs" / link).exists(), link
