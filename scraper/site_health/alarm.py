"""What a comparison finds to be different, as it stands in `run.json` and as people read it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """`measure` of `site` is `value` over `records` records; it was `usual` over `runs` runs.

    `name` is one of NAMES, `message` says all of it in one sentence.
    """

    name: str
    site: str
    measure: str
    value: float
    usual: float
    records: int
    runs: int
    message: str

    def as_dict(self) -> dict[str, Any]:
        """For `run.json`."""
        return asdict(self)


# Every name, and what it says.
NAMES = {
    "field-lost": "a field is filled in fewer articles",
    "shorter-articles": "articles have fewer words",
    "longer-articles": "articles have more words",
    "boilerplate-changed": "another share of the pages' text is dropped",
    "more-rejects": "more pages are refused for a reason, of those that were not known",
    "fewer-rejects": "fewer pages are refused for a reason, as if they were articles now",
    "more-errors": "more pages cannot be fetched or read",
    "fewer-articles": "fewer articles than usual, or none, for one run or several",
}
