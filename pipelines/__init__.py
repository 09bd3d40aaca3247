"""Marrow's cleaning: `from pipelines import clean` gives an `Article` or a `Rejected`.

No network, no Scrapy, no state between calls.
"""

from pipelines.records import Article, Rejected

__version__ = "0.1.0"
__all__ = ["Article", "Rejected", "__version__"]
