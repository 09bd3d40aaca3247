"""Marrow's cleaning: `from pipelines import clean` gives an `Article` or a `Rejected`.

No network, no Scrapy, no state between calls.
"""

from pipelines.cleaner import clean, clean_page, clean_part, clean_text
from pipelines.page import Page, PageLink, page_links, read_page
from pipelines.records import Article, Rejected
from pipelines.version import __version__

__all__ = [
    "Article",
    "Page",
    "PageLink",
    "Rejected",
    "__version__",
    "clean",
    "clean_page",
    "clean_part",
    "clean_text",
    "page_links",
    "read_page",
]
