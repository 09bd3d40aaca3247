"""Pages that are on disk, gathered and joined as a crawl does it."""

from __future__ import annotations

from collections.abc import Mapping

from pipelines import Article, Page, clean_page, clean_part, page_links, read_page
from pipelines.join_parts import belonging, join_parts
from pipelines.page_parts import Parts, page_parts
from scraper.addresses import page_key


def read(pages: Mapping[str, bytes | str]) -> dict[str, tuple[Article | None, Parts | None]]:
    """What each page of these addresses is by itself, and of what it says that it is a part."""
    found = {}
    for url, html in pages.items():
        page = read_page(html, url)
        assert isinstance(page, Page)
        record = clean_page(page)
        claim = page_parts(page, list(page_links(page)))
        if claim and claim.number > 1 and record.page_type == "other":
            record = clean_part(page)
        found[page_key(url)] = (record if isinstance(record, Article) else None, claim)
    return found


def joined(pages: Mapping[str, bytes | str]) -> list[Article]:
    """Every article that is put together of several of these pages."""
    known = read(pages)
    wholes: dict[str, dict[int, Article]] = {}
    for article, claim in known.values():
        if article is None or claim is None:
            continue
        parts = wholes.setdefault(claim.whole, {})
        if claim.sure:
            parts[claim.number] = article
        for number, address in claim.addresses:
            other = known.get(page_key(address), (None, None))[0]
            if other is not None:
                parts.setdefault(number, other)
    return [
        join_parts({number: parts[number] for number in numbers})
        for parts in wholes.values()
        if 1 in parts and (numbers := belonging(parts))
    ]
