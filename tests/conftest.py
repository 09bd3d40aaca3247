"""Fixtures that several test modules share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipelines.records import (
    Article,
    Figure,
    Link,
    Links,
    Medical,
    Person,
    Rejected,
    Removed,
    Section,
)

ROOT = Path(__file__).parent.parent

Scrapy = Callable[..., subprocess.CompletedProcess[str]]

# The tests start hundreds of processes: each would compile the project anew, for 0.3 s.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """For `-n auto`: one more than cores, as tests wait for servers that are slow on purpose."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture
def article() -> Article:
    """A record with every field filled."""
    body = "Malaria is spread by mosquitoes.\n\nSymptoms\n\n- fever\n- chills"
    return Article(
        id="a1",
        url="https://example.org/malaria?utm_source=x",
        canonical_url="https://example.org/malaria",
        site="example.org",
        title="Malaria: what to know",
        description="How it spreads",
        author="Ana Lee, MD",
        reviewer="Tom Roe",
        authors=(Person("Ana Lee", "MD", "physician", "City Hospital", "https://example.org/ana"),),
        reviewers=(Person("Tom Roe"),),
        date_published=date(2020, 2, 29),
        date_published_raw="29 February 2020",
        date_modified=date(2021, 1, 1),
        date_modified_raw="1/1/2021",
        date_reviewed=date(2021, 1, 2),
        date_reviewed_raw="2 January 2021",
        language="en",
        sections=(
            Section(0, None, "Malaria is spread by mosquitoes."),
            Section(2, "Symptoms", "- fever\n- chills"),
        ),
        body=body,
        figures=(Figure("https://example.org/a.jpg", "A mosquito", "J. Doe"),),
        references=("WHO 2019",),
        tags=("malaria", "travel"),
        breadcrumbs=("Home", "Infections"),
        medical=Medical("Patient", "Infectious", ("Malaria",)),
        links=Links(
            Link("Dengue", "https://example.org/dengue"), None, (Link("Zika", None), Link("Lice"))
        ),
        word_count=8,
        boilerplate_share=0.25,
        rights="© Example",
        license="https://creativecommons.org/licenses/by/4.0/",
        robots="noarchive",
        warnings=("date-conflict",),
        removed=(Removed("copyright", "All rights reserved"), Removed("nav", "Home")),
        fetched_at=datetime(2022, 3, 4, 5, 6, 7, 890000, UTC),
        http_status=200,
        etag='"abc"',
        last_modified="Fri, 04 Mar 2022 05:06:07 GMT",
        page_sha256="00" * 32,
        body_sha256="11" * 32,
        warc_file="a.warc.gz",
        warc_offset=123456789012,
        run_id="20220304T050607Z-abcd",
        pipeline_version="0.1.0",
        duplicate_of="a0",
        cluster_size=2,
    )


@pytest.fixture
def rejected() -> Rejected:
    return Rejected(
        stage="clean",
        reason="hub",
        detail="a list of links",
        url="https://example.org/",
        page_type="hub",
        title="Home",
        links=Links(related=(Link("Malaria", "https://example.org/malaria"),)),
        fetched_at=datetime(2022, 3, 4, 5, 6, 7, tzinfo=UTC),
        http_status=200,
    )


@pytest.fixture
def scrapy() -> Scrapy:
    """Runs `scrapy ARGUMENT…` in a process of its own, from the project's folder."""

    return run_scrapy


def run_scrapy(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    """The same, for fixtures of a whole module."""
    return subprocess.run(
        scrapy_command(*arguments),
        cwd=ROOT,
        env=scrapy_environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **options,
    )


def scrapy_command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "scrapy", *map(str, arguments)]


def scrapy_environment() -> dict[str, str]:
    """The environment of the tests, so that no setting of the caller's shell reaches Scrapy."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SCRAPY")}
