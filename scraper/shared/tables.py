"""What else a crawl knows, on the server: exported articles, hints, runs, files of hosts."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict

from scraper.host_files import HostFile
from scraper.shared.fields import as_fields, as_pairs, read
from scraper.shared.pages import Note
from scraper.shared.server import Server
from scraper.state.articles import is_believed
from scraper.state.rows import Exported, RunRow


class SharedArticles:
    """`scraper.state.contract.Articles` over a server.

    An article that a run exports is claimed there at once, so that no other run exports it as
    well; it is there as exported when its record is safe. What a killed run had claimed is free.
    """

    def __init__(self, server: Server, run_id: str) -> None:
        self._server = server
        self._run_id = run_id
        self._noted: dict[int, Exported] = {}
        self.notes: list[Note] = []

    def committed(self) -> None:
        """The notes are safe."""
        self.notes = []
        self._noted.clear()

    def get(self, key: int) -> Exported | None:
        """The article of an address: exported, or about to be."""
        if key in self._noted:
            return self._noted[key]
        names = (f"claim:{key}", f"article:{key}")
        claimed, exported = self._server.ask([("HGETALL", name) for name in names])
        stored = claimed or exported
        return read(Exported, stored) if stored else None

    def with_body(self, body_sha256: str, hosts: Collection[str]) -> Exported | None:
        """An article of these hosts that has this text and is not gone."""
        for noted in self._noted.values():
            if noted.body_sha256 == body_sha256 and noted.host in hosts and not noted.gone_at:
                return noted
        names = [f"{body_sha256} {host}" for host in hosts]
        if not names:
            return None
        tables = ("claimed_bodies", "bodies")
        answers = self._server.ask([("HMGET", table, *names) for table in tables])
        keys = (int(key) for answer in answers for key in answer if key)
        found = (article for key in keys if (article := self.get(key)) and not article.gone_at)
        return next(found, None)

    def claim(self, article: Exported, before: Exported | None) -> bool:
        """Tell other runs that this one exports an article; False where one of them was quicker."""
        body, host = article.body_sha256 or "", article.host or ""
        version = f"{before.run_id or ''} {before.content_sha256}" if before else " "
        fields = as_pairs(asdict(article))
        said = (article.key, body, host, version)
        return bool(self._server.call("claim", self._run_id, *said, *fields))

    def drop(self, article: Exported) -> None:
        """Take a claim back."""
        self._server.call("unclaim", self._run_id, article.key)

    def put(self, article: Exported, now: float) -> None:
        """Note an export; it takes the place of an earlier version."""
        self._noted[article.key] = article
        fields = as_fields({**asdict(article), "exported_at": now, "gone_at": None})
        self.notes.append({"verb": "put", "key": str(article.key), "fields": fields})

    def gone(self, key: int, now: float) -> None:
        """Note that the page of an article has vanished."""
        self.notes.append({"verb": "gone", "key": str(key), "at": repr(now)})

    def exported_from(self, hosts: Collection[str]) -> int:
        """How many articles were exported from these hosts, ever."""
        if not hosts:
            return 0
        counts = self._server.ask_one("HMGET", "exported", *hosts)
        return sum(int(count) for count in counts if count)


class SharedHints:
    """`scraper.state.contract.Hints` over a server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._believed: dict[str, bool] = {}

    def committed(self) -> None:
        """A checkpoint was made: look anew at what others have noted."""
        self._believed.clear()

    def count(self, host: str, right: bool) -> None:
        """Note whether a page that was said to have changed had."""
        self._believed.pop(host, None)
        self._server.ask_one("HINCRBY", f"hints:{host}", "right" if right else "wrong", 1)

    def believed(self, host: str) -> bool:
        """Whether a new lastmod brings a page forward: not where nearly all of them were wrong."""
        if host not in self._believed:
            right, wrong = self._server.ask_one("HMGET", f"hints:{host}", "right", "wrong")
            self._believed[host] = is_believed(int(right or 0), int(wrong or 0))
        return self._believed[host]


class SharedRuns:
    """`scraper.state.contract.Runs` over a server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.reason: str | None = None
        self.started = 0.0

    def begin(self, run_id: str, started: float) -> None:
        """Note a run that starts."""
        self.started = started
        fields = as_pairs(
            {"started": started, "checkpoint": started, "lengths": "{}", "tally": "{}"}
        )
        self._server.ask_one("HSET", f"run:{run_id}", *fields)

    def end(self, run_id: str, reason: str) -> None:  # noqa: ARG002
        """Note how this run ended, with the next checkpoint."""
        self.reason = reason

    def get(self, run_id: str) -> RunRow | None:
        """The run as its last checkpoint left it."""
        stored = self._server.ask_one("HGETALL", f"run:{run_id}")
        if not stored:
            return None
        known = {name.decode(): text.decode() for name, text in stored.items()}
        return RunRow(
            run_id,
            float(known["started"]),
            float(known["checkpoint"]),
            json.loads(known["lengths"]),
            json.loads(known["tally"]),
            known.get("exit_reason"),
        )


class SharedHostFiles:
    """`scraper.host_files.HostFiles` over a server: each host is asked once for all runs."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def get(self, address: str) -> HostFile | None:
        """The file that was last put there."""
        stored = self._server.ask_one("HMGET", f"file:{address}", "body", "status", "fetched_at")
        body, status, fetched_at = stored
        return HostFile(body or b"", int(status), float(fetched_at)) if status else None

    def put(self, address: str, file: HostFile) -> None:
        """Keep a file, in place of the one before."""
        known = ("body", file.body, "status", file.status, "fetched_at", file.fetched_at)
        self._server.ask_one("HSET", f"file:{address}", *known)
