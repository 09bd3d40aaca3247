"""What `run.json` says of each site, and how the runs of the past are read."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.records import Article, Rejected
from scraper.site_health.counting import RunTally
from scraper.site_health.history import past_runs, past_runs_of

from .crawls import Crawl, crawl
from .health_site import article, hub
from .servers import serve

PAGES = {
    "/": hub("/a", "/b", "/gone"),
    "/a": article("sore throats"),
    "/b": article("stiff necks"),
}


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Crawl]]:
    """Two sites crawled twice; one has no page but its first."""
    output = tmp_path_factory.mktemp("output")
    with serve(PAGES) as site, serve({"/": article("hiccups")}) as other:
        addresses = f"url={site.url}/,{other.url.replace('127.0.0.1', 'localhost')}/"
        yield [crawl(output, addresses, "revisit=all") for _ in range(2)]


def of_site(crawled: Crawl, host: str) -> dict[str, Any]:
    """The counts of the site on that host; its name has the port as well."""
    (found,) = (counts for name, counts in crawled.run["sites"].items() if name.startswith(host))
    return found


def test_each_site_has_counts_of_its_own(crawls: list[Crawl]) -> None:
    first = of_site(crawls[0], "127.0.0.1")
    assert first["articles"] == 2
    assert first["rejected_by_reason"] == {"page-type-listing": 1, "http-404": 1}
    assert first["rejected_anew"] == {"page-type-listing": 1}
    assert first["errors"] == 1
    assert first["fields_filled"]["author"] == 1
    assert first["words_median"] == 257  # of 263 and 251
    assert first["pages"] == {"asked": 4, "unchanged": 0, "limit": None}
    assert first["bytes_received"] > 3_000
    assert of_site(crawls[0], "localhost")["articles"] == 1


def test_the_counts_of_the_sites_add_up_to_those_of_the_run(crawls: list[Crawl]) -> None:
    for run in (each.run for each in crawls):
        for key in ("articles", "rejected"):
            assert sum(site[key] for site in run["sites"].values()) == run["counts"][key]
        for key in ("asked", "unchanged"):
            assert sum(site["pages"][key] for site in run["sites"].values()) == run["pages"][key]


def test_a_page_that_is_as_it_was_counts_for_its_site(crawls: list[Crawl]) -> None:
    again = of_site(crawls[1], "localhost")
    assert of_site(crawls[1], "127.0.0.1")["pages"]["unchanged"] == 3
    assert again["pages"]["unchanged"] == 1
    assert again | {"pages": None, "bytes_received": 0} == {
        **{"articles": 0, "rejected": 0, "rejected_by_reason": {}, "rejected_anew": {}},
        "articles_refused": 0,
        **{"fields_filled": {}, "warnings": {}, "words_median": None, "boilerplate_share": None},
        **{"boilerplate_dropped": {}, "errors": 0, "pages": None, "bytes_received": 0},
    }


def test_an_item_counts_once_for_the_run_and_once_for_its_site(
    article: Article, rejected: Rejected
) -> None:
    tally = RunTally()
    for words in (100, 300, 900):
        tally.add(replace(article, word_count=words), {"site": "one"})
    tally.add(rejected, {"site": "other"})
    tally.add(rejected, {})
    one = tally._sites["one"].as_dict()
    assert tally.total.as_dict()["articles"] == one["articles"] == 3
    assert tally.total.as_dict()["rejected"] == 2
    assert (one["words_median"], one["boilerplate_share"]) == (300, 0.25)
    assert one["boilerplate_dropped"] == {"copyright": 57, "nav": 12}
    assert one["fields_filled"] == tally.total.as_dict()["fields_filled"]


def told(runs: Path, name: str, **more: Any) -> None:
    (runs / name).mkdir(parents=True)
    account = {"run_id": name, "counts": {}, **more}
    (runs / name / "run.json").write_text(json.dumps(account))


def test_the_last_runs_are_read_oldest_first(tmp_path: Path) -> None:
    for name in ("20260103", "20260101", "20260102"):
        told(tmp_path, name, sites={"one" if name.endswith("2") else "other": {}})
    assert [run["run_id"] for run in past_runs(tmp_path, last=2)] == ["20260102", "20260103"]
    assert [run["run_id"] for run in past_runs_of(["one"], tmp_path)] == ["20260102"]
    newest, *_ = past_runs_of(["one", "other"], tmp_path)
    assert newest["run_id"] == "20260103"
    assert past_runs(tmp_path / "none") == []


def test_what_is_no_account_of_a_run_is_passed_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told(tmp_path, "20260101")
    told(tmp_path, "20260102", sites=["one"])
    told(tmp_path, ".20260103.tmp")
    (tmp_path / "20260104").mkdir()
    (tmp_path / "20260104" / "run.json").write_text('{"run_id": ')
    (tmp_path / "empty").mkdir()
    (tmp_path / "a file").touch()
    with caplog.at_level(logging.WARNING):
        assert [run["run_id"] for run in past_runs(tmp_path)] == ["20260101"]
    assert past_runs(tmp_path)[0]["sites"] == {}
    assert caplog.text.count("is passed over") >= 4
