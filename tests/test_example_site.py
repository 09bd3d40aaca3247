"""The bundled site: every field of every article, every page that is none, a crawl of it all."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pyarrow.parquet as pq
import pytest

from examples.serve import SITE, serve
from pipelines import clean
from tests.conftest import scrapy_command, scrapy_environment

ROOT = Path(__file__).parent.parent
EXPECTED = ROOT / "examples" / "expected"
BASE = "https://www.lantern-health.example"

NOT_ARTICLES: dict[str, list[str]] = json.loads((EXPECTED / "not-articles.json").read_text("utf-8"))
ARTICLES: dict[str, dict[str, Any]] = {
    file.stem: json.loads(file.read_text("utf-8"))
    for file in sorted(EXPECTED.glob("*.json"))
    if file.stem != "not-articles"
}
COPIES = {"gallstones": "/print/gallstones.html"}

PLAIN_FIELDS = (
    "title",
    "description",
    "author",
    "reviewer",
    "date_published",
    "date_modified",
    "date_reviewed",
    "language",
    "body",
    "sections",
    "references",
    "tags",
    "breadcrumbs",
    "medical",
    "rights",
    "license",
)
PEOPLE_FIELDS = ("authors", "reviewers")


def page_bytes(path: str) -> bytes:
    file = SITE / path.lstrip("/")
    return (file / "index.html" if path.endswith("/") else file).read_bytes()


@cache
def cleaned(path: str) -> dict[str, Any]:
    return clean(page_bytes(path), BASE + path).to_dict()


def article(slug: str) -> dict[str, Any]:
    record = cleaned(ARTICLES[slug]["path"])
    assert record.get("page_type") == "article", f"rejected: {record.get('reason')}"
    return record


def as_link(link: dict[str, str] | None) -> tuple[str, str] | None:
    return (urljoin(BASE, link["url"]), link["title"]) if link else None


@pytest.mark.parametrize("slug", ARTICLES)
@pytest.mark.parametrize("field", PLAIN_FIELDS)
def test_field_is_what_the_page_says(field: str, slug: str) -> None:
    found = article(slug)[field]
    if field.startswith("date_"):
        found = found and str(found)
    assert found == ARTICLES[slug][field]


@pytest.mark.parametrize("slug", ARTICLES)
@pytest.mark.parametrize("field", PEOPLE_FIELDS)
def test_people_have_their_parts_apart(field: str, slug: str) -> None:
    parts = ("name", "credentials", "role", "affiliation")
    found = [{part: person[part] for part in parts} for person in article(slug)[field]]
    assert found == ARTICLES[slug][field]


@pytest.mark.parametrize("slug", ARTICLES)
def test_raw_date_stands_beside_each_date(slug: str) -> None:
    record = article(slug)
    for field in ("date_published", "date_modified", "date_reviewed"):
        assert bool(record[f"{field}_raw"]) == bool(record[field])


@pytest.mark.parametrize("slug", ARTICLES)
def test_canonical_address_is_absolute(slug: str) -> None:
    assert article(slug)["canonical_url"] == BASE + ARTICLES[slug]["canonical_url"]


@pytest.mark.parametrize("slug", ARTICLES)
def test_figures_carry_address_caption_and_credit(slug: str) -> None:
    expected = [{**f, "url": urljoin(BASE, f["url"])} for f in ARTICLES[slug]["figures"]]
    assert article(slug)["figures"] == expected


@pytest.mark.parametrize("slug", ARTICLES)
@pytest.mark.parametrize("neighbour", ["previous", "next"])
def test_neighbours_are_links(neighbour: str, slug: str) -> None:
    found = article(slug)["links"][neighbour]
    assert as_link(found) == as_link(ARTICLES[slug]["links"][neighbour])


@pytest.mark.parametrize("slug", ARTICLES)
def test_related_links_are_those_of_lists_and_read_also_lines(slug: str) -> None:
    def without_tracking(link: tuple[str, str] | None) -> tuple[str, str]:
        assert link is not None
        return urlsplit(link[0])._replace(query="").geturl(), link[1]

    expected = {as_link(link) for link in ARTICLES[slug]["links"]["related"]}
    sidebar = {BASE + path for path in ARTICLES[slug].get("optional_related", [])}
    found = {without_tracking(as_link(link)) for link in article(slug)["links"]["related"]}
    assert {link for link in found if link in expected or link[0] not in sidebar} == expected


@pytest.mark.parametrize("slug", COPIES)
def test_copy_under_another_address_is_the_same_record(slug: str) -> None:
    copy = cleaned(COPIES[slug])
    for field in ("id", "canonical_url", "title", "body", "author", "reviewer"):
        assert copy[field] == article(slug)[field]


@pytest.mark.parametrize("path", NOT_ARTICLES)
def test_page_that_is_no_article_says_what_it_is(path: str) -> None:
    record = cleaned(path)
    assert record.get("stage") == "clean", "taken for an article"
    assert record["page_type"] in NOT_ARTICLES[path]


@pytest.mark.parametrize("slug", ARTICLES)
def test_same_page_gives_same_record_twice(slug: str) -> None:
    path = ARTICLES[slug]["path"]
    assert clean(page_bytes(path), BASE + path).to_dict() == cleaned(path)


def test_every_page_of_the_site_is_accounted_for() -> None:
    private = {"/private/staff-handbook.html"}
    expected = {record["path"] for record in ARTICLES.values()} | set(NOT_ARTICLES)
    files = {"/" + file.relative_to(SITE).as_posix() for file in SITE.rglob("*.html")}
    found = {path.removesuffix("index.html") for path in files}
    assert found == expected | set(COPIES.values()) | private


@dataclass(frozen=True)
class Crawl:
    """What a crawl of the served site left behind."""

    base: str
    requested: list[str]
    folder: Path
    status: int
    errors: str

    def records(self, name: str) -> list[dict[str, Any]]:
        lines = (self.folder / name).read_text("utf-8").split("\n")
        return [json.loads(line) for line in lines if line]

    def paths(self, name: str) -> list[str]:
        return [urlsplit(record["url"]).path or "/" for record in self.records(name)]


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    output = tmp_path_factory.mktemp("output")
    unhurried = {"DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": False, "OUTPUT_DIR": output}
    settings = [part for name, value in unhurried.items() for part in ("-s", f"{name}={value}")]
    with serve() as site:
        done = subprocess.run(
            scrapy_command("crawl", "articles", "-a", f"url={site.url}", *settings),
            cwd=ROOT,
            env=scrapy_environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert (output / "runs").is_dir(), done.stderr
    (folder,) = (output / "runs").iterdir()
    return Crawl(site.url, site.requested, folder, done.returncode, done.stderr)


@pytest.mark.slow
class TestCrawl:
    def test_ends_well(self, crawl: Crawl) -> None:
        assert crawl.status == 0, crawl.errors

    def test_exports_every_article_once_and_nothing_else(self, crawl: Crawl) -> None:
        titles = Counter(record["title"] for record in crawl.records("articles.jsonl"))
        assert titles == Counter(record["title"] for record in ARTICLES.values())

    def test_parquet_holds_the_same_articles(self, crawl: Crawl) -> None:
        ids = pq.read_table(crawl.folder / "articles.parquet").column("id").to_pylist()
        assert ids == [record["id"] for record in crawl.records("articles.jsonl")]

    def test_canonical_address_names_each_article(self, crawl: Crawl) -> None:
        found = {record["canonical_url"] for record in crawl.records("articles.jsonl")}
        assert found == {crawl.base + record["canonical_url"] for record in ARTICLES.values()}

    def test_disallowed_part_is_never_asked_for(self, crawl: Crawl) -> None:
        assert not [path for path in crawl.requested if path.startswith("/private")]

    def test_no_page_is_fetched_twice(self, crawl: Crawl) -> None:
        pages = Counter(urlsplit(path).path for path in crawl.requested)
        # A redirect leads back to a page that may have been fetched under its own address before.
        targets = {"/knowledge/gallstones.html", "/conditions/iron-deficiency/"}
        assert {path: n for path, n in pages.items() if n > (2 if path in targets else 1)} == {}

    def test_missing_page_is_recorded(self, crawl: Crawl) -> None:
        missing = [
            record
            for record in crawl.records("rejected.jsonl")
            if record["url"] == crawl.base + "/knowledge/withdrawn.html"
        ]
        assert [record["http_status"] for record in missing] == [404]

    def test_hubs_are_recorded_as_no_articles(self, crawl: Crawl) -> None:
        assert set(NOT_ARTICLES) <= set(crawl.paths("rejected.jsonl"))

    def test_redirects_are_followed(self, crawl: Crawl) -> None:
        assert {"/old/gallstones.php", "/go/iron"} <= set(crawl.requested)

    def test_crawled_page_is_cleaned_like_a_page_from_disk(self, crawl: Crawl) -> None:
        bodies = {record["title"]: record["body"] for record in crawl.records("articles.jsonl")}
        assert bodies == {
            cleaned(a["path"])["title"]: cleaned(a["path"])["body"] for a in ARTICLES.values()
        }
