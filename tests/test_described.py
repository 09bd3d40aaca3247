"""Descriptions of sites against their saved pages: `scraper/sites/NAME/*.html`."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from pipelines import read_page
from pipelines.page import Page
from pipelines.records import Article
from scraper.described import Override, clean_described, overrides, unmatched
from scraper.site_crawl import LEAST_ARTICLES, SiteCrawl
from scraper.sites import Site, load_site, read_site, site_names
from scraper.state import State
from tests.articles import page
from tests.conftest import Scrapy, scrapy_environment

SITES = Path(__file__).parent.parent / "scraper" / "sites"
SHIPPED = [load_site(name, SITES) for name in site_names(SITES)]
OVERRIDES = [(site, override) for site in SHIPPED for override in overrides(site)]


@cache
def saved_pages(name: str) -> tuple[Page, ...]:
    """The pages of a site that are kept beside its description."""
    found = [
        read_page(path.read_bytes(), f"https://{name}.example/{path.stem}")
        for path in sorted((SITES / name).glob("*.html"))
    ]
    return tuple(one for one in found if isinstance(one, Page))


@pytest.mark.parametrize(
    ("site", "override"),
    OVERRIDES,
    ids=[f"{site.name}-{one.key}-{one.css}" for site, one in OVERRIDES],
)
def test_every_override_matches_on_a_saved_page(site: Site, override: Override) -> None:
    pages = saved_pages(site.name)
    assert pages, f"{site.name}.toml has selectors, and no page is saved in sites/{site.name}/"
    where = f"scraper/sites/{site.name}.toml: {override.key}"
    assert not unmatched([override], pages), f'{where}: "{override.css}" matches nothing'


def test_every_folder_of_saved_pages_belongs_to_a_description() -> None:
    folders = {path.name for path in SITES.iterdir() if path.is_dir()}
    assert folders <= set(site_names(SITES))


def test_the_bundled_description_shows_every_kind_of_override() -> None:
    kinds = {override.key.partition(".")[0] for override in overrides(load_site("demo", SITES))}
    assert kinds == {"selectors", "labels"}
    assert load_site("demo", SITES).labels.keys() == {"drop", "keep"}


def test_the_bundled_description_does_what_it_says() -> None:
    (saved,) = saved_pages("demo")
    article = clean_described(saved, load_site("demo", SITES))
    assert isinstance(article, Article)
    assert (article.author, article.reviewer) == (
        "Marisol Achterberg, DPT",
        "Ifeanyi Castellane, MD, FAAOS",
    )
    assert article.tags == ("Pain", "Self-care")
    assert "four pairs of insoles" in article.body
    by_site = [removed.text for removed in article.removed if removed.reason == "site-rule"]
    assert "Letters from the lantern" in by_site
    assert "About the author" in by_site


DESCRIPTION = (
    'start = ["https://e.org/"]\n[selectors]\ntitle = "h1"\ntags = ".gone a"\n'
    'date_published = "time.missing::attr(datetime)"\n'
    '[labels]\ndrop = ["nav", ".no-such-box"]\nkeep = ["article:nth-child(9)"]\n'
)


def test_the_documented_description_loads(tmp_path: Path) -> None:
    guide = (SITES.parent.parent / "docs" / "adding-a-site.md").read_text("utf-8")
    sample = guide.partition("```toml\n# scraper/sites/example.toml\n")[2].partition("```")[0]
    (tmp_path / "example.toml").write_text(sample, "utf-8")
    site = read_site(tmp_path / "example.toml")
    assert site.labels == {
        "drop": (".in-article-offer", "#quiz"),
        "keep": ("aside.case-report",),
    }


@pytest.mark.slow
def test_the_documented_command_runs(tmp_path: Path) -> None:
    guide = (SITES.parent.parent / "docs" / "adding-a-site.md").read_text("utf-8")
    (line,) = [line for line in guide.splitlines() if line.startswith("scrapy clean ")]
    for name in ("examples", "pipelines", "scraper", "scrapy.cfg"):
        (tmp_path / name).symlink_to(SITES.parent.parent / name)
    done = subprocess.run(
        [sys.executable, "-m", *line.split()],
        cwd=tmp_path,
        env=scrapy_environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "articles.jsonl").exists()


def test_an_override_that_matches_nothing_is_named(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_text(DESCRIPTION, "utf-8")
    site = read_site(tmp_path / "clinic.toml")
    saved = read_page(page("en").encode())
    assert isinstance(saved, Page)
    assert [(one.key, one.css) for one in unmatched(overrides(site), [saved])] == [
        ("selectors.tags", ".gone a"),
        ("selectors.date_published", "time.missing::attr(datetime)"),
        ("labels.drop", ".no-such-box"),
        ("labels.keep", "article:nth-child(9)"),
    ]


@pytest.mark.parametrize(("articles", "told"), [(LEAST_ARTICLES - 1, 0), (LEAST_ARTICLES, 4)])
def test_a_crawl_tells_of_overrides_that_never_matched(
    tmp_path: Path, articles: int, told: int
) -> None:
    (tmp_path / "clinic.toml").write_text(DESCRIPTION, "utf-8")
    crawl = SiteCrawl(read_site(tmp_path / "clinic.toml"), State())
    for n in range(articles):
        found = read_page(page("en", end=f"<p>Page {n}.</p>").encode(), f"https://e.org/{n}")
        assert isinstance(found, Page)
        crawl.note_article(one for one in overrides(crawl.site) if not one.matches(found))
    sentences = crawl.idle_overrides()
    assert len(sentences) == told
    if told:
        assert sentences[0] == (
            f'site clinic: selectors.tags ".gone a" matches nothing on any of {articles} articles'
        )


@pytest.mark.slow
def test_files_are_cleaned_by_the_description_of_their_site(tmp_path: Path, scrapy: Scrapy) -> None:
    saved = SITES / "demo" / "heel-pain.html"
    out = tmp_path / "a.jsonl"
    options = ["-o", str(out), "--removed", "--workers", "1", "--site"]
    done = scrapy("clean", str(saved), *options, "demo")
    assert done.returncode == 0, done.stderr
    (row,) = [json.loads(line) for line in out.read_bytes().splitlines()]
    assert "site-rule" in {removed["reason"] for removed in row["removed"]}
    done = scrapy("clean", str(saved), *options, "dmeo")
    assert done.returncode == 2
    assert 'unknown site "dmeo": did you mean "demo"?' in done.stderr
