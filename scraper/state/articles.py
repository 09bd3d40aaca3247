"""The tables of exported articles, and of how far a site's own dates can be believed."""

from __future__ import annotations

import json
from collections.abc import Collection

from scraper.state.database import Database
from scraper.state.rows import Exported

_COLUMNS = "key, id, url, host, title, body_sha256, content_sha256, run_id, gone_at"
# A site whose lastmod was wrong in more than this share of at least so many cases is not believed.
_MOST_WRONG = 0.8
_LEAST_CASES = 20


class Articles:
    """The newest exported version of each article."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, key: int) -> Exported | None:
        """The article of an address."""
        return self._one("key = ?", key)

    def with_body(self, body_sha256: str, hosts: Collection[str]) -> Exported | None:
        """An article of these hosts that has this text and is not gone."""
        marks = ", ".join("?" * len(hosts))
        condition = f"body_sha256 = ? AND host IN ({marks}) AND gone_at IS NULL LIMIT 1"
        return self._one(condition, body_sha256, *hosts)

    def claim(self, article: Exported, before: Exported | None) -> bool:  # noqa: ARG002
        """There is no other run that could export it."""
        return True

    def drop(self, article: Exported) -> None:
        """There was nobody to tell."""

    def put(self, article: Exported, now: float) -> None:
        """Note an export; it takes the place of an earlier version."""
        self._db.execute(
            "INSERT OR REPLACE INTO articles (key, id, url, host, title, body_sha256,"
            " content_sha256, run_id, exported_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(article.key, article.id, article.url, article.host, article.title),
                *(article.body_sha256, article.content_sha256, article.run_id, now),
            ),
        )

    def gone(self, key: int, now: float) -> None:
        """Note that the page of an article has vanished."""
        self._db.execute(
            "UPDATE articles SET gone_at = ? WHERE key = ? AND gone_at IS NULL", (now, key)
        )

    def exported_from(self, hosts: Collection[str]) -> int:
        """How many articles were exported from these hosts, ever."""
        # One look through the index, however many hosts there are.
        (known,) = self._db.execute(
            "SELECT count(*) FROM articles INDEXED BY articles_body"
            " WHERE host IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(hosts)),),
        ).fetchone()
        return int(known)

    def _one(self, condition: str, *values: object) -> Exported | None:
        statement = f"SELECT {_COLUMNS} FROM articles WHERE {condition}"
        found = self._db.execute(statement, values).fetchone()
        return Exported(*found) if found else None


class Hints:
    """Whether the dates of change in a host's sitemaps and feeds are worth a visit."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def count(self, host: str, right: bool) -> None:
        """Note whether a page that was said to have changed had."""
        column = "right" if right else "wrong"
        self._db.execute(
            f'INSERT INTO hints (host, "{column}") VALUES (?, 1)'
            f' ON CONFLICT (host) DO UPDATE SET "{column}" = "{column}" + 1',
            (host,),
        )

    def believed(self, host: str) -> bool:
        """Whether a new lastmod brings a page forward: not where nearly all of them were wrong."""
        found = self._db.execute(
            'SELECT "right", "wrong" FROM hints WHERE host = ?', (host,)
        ).fetchone()
        return is_believed(*found) if found else True


def is_believed(right: int, wrong: int) -> bool:
    """Whether dates are believed that told the truth, and did not, in so many cases."""
    cases = right + wrong
    return cases < _LEAST_CASES or wrong / cases <= _MOST_WRONG
