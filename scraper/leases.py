"""Which page is fetched next: the frontier's rows, host by host in turn.

A row is leased when it is taken. What is taken and not handed out is given back at the end; what a
killed run held is given back by the next run.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping

from scraper.site_crawl import SiteCrawl
from scraper.state.contract import CrawlState, Wish
from scraper.state.rows import Row

# The share of what is taken that is left to pages that are due again, so that a site with a long
# list of new pages is still kept up to date.
_SHARE_DUE = 0.25

Wait = Callable[[str], float]


class Leases:
    """Hands out rows of the hosts of a crawl's sites.

    `horizon`: rows that are due until then are fetched (infinite: all).
    """

    def __init__(
        self, state: CrawlState, run_id: str, crawls: Mapping[str, SiteCrawl], horizon: float
    ) -> None:
        self._state = state
        self._run_id = run_id
        self._crawls = crawls
        self._horizon = horizon
        self._rows: dict[str, deque[Row]] = {}
        self._ahead: dict[str, deque[tuple[SiteCrawl, Row]]] = {}
        self._all_due_taken: set[str] = set()
        self._turn: deque[str] = deque()
        self._known = 0
        self._given_up: set[str] = set()
        self._sites: dict[str, list[SiteCrawl]] = {}

    def take(
        self, in_flight: Mapping[str, int], most: int, wait: Wait
    ) -> tuple[SiteCrawl, Row] | None:
        """The next row, of a host that has fewer than `most` in flight and is not paused."""
        for host in self._hosts():
            if in_flight.get(host, 0) >= most:
                continue
            ahead = self._ahead.get(host)
            found = ahead[0] if ahead else self._first(host)
            if found is None:
                continue
            seconds = wait(host)
            if seconds == math.inf:
                self._given_up.add(host)
            if seconds > 0:
                continue
            (ahead or self._rows[host]).popleft()
            self._turn.remove(host)
            self._turn.append(host)
            return found
        return None

    def pending(self, remaining: Wait, patience: float) -> bool:
        """Whether there is a row to wait for, at most `patience` seconds."""
        known = self._hosts()
        if any(self._ahead.get(host) and remaining(host) <= patience for host in known):
            return True
        hosts = [h for h in known if self._open(h) and remaining(h) <= patience]
        if any(self._first(host) for host in hosts):
            return True
        first = self._state.pages.next_wanted(hosts)
        if first is not None and first - self._state.now() <= patience:
            return True
        # What another run has in flight may lead on, or come back if that run is killed.
        return self._state.pages.taken_elsewhere(hosts)

    def is_empty(self, crawl: SiteCrawl) -> bool:
        """Whether nothing was left for the site's hosts when they were last looked at."""
        hosts = crawl.frontier.hosts
        return all(host in self._rows and not self._rows[host] for host in hosts)

    def ahead(self, crawl: SiteCrawl, row: Row) -> None:
        """Hand out a row that this run has taken before all others of its host, whatever the limits
        of its site: the middleware that counts pages refuses it where they are reached."""
        waiting = self._rows.get(row.host, deque())
        for taken in [other for other in waiting if other.key == row.key]:
            waiting.remove(taken)
        self._ahead.setdefault(row.host, deque()).append((crawl, row))

    def left(self) -> int:
        """Rows that wait for another run, as far as the sites' depths allow them."""
        depths = [crawl.site.max_depth for crawl in self._crawls.values()]
        known = [depth for depth in depths if depth is not None]
        deepest = max(known) if len(known) == len(depths) else None
        return sum(self._state.pages.count_wanted(host, deepest) for host in self._hosts())

    def close(self) -> None:
        """Give back all that this run has taken and not brought to an end."""
        self._state.pages.release_run(self._run_id)
        self._rows.clear()
        self._ahead.clear()

    def _hosts(self) -> tuple[str, ...]:
        known = sum(len(crawl.frontier.hosts) for crawl in self._crawls.values())
        if known != self._known:  # a site was widened; it never narrows
            self._known = known
            self._sites.clear()
            for crawl in self._crawls.values():
                for host in crawl.frontier.hosts:
                    self._sites.setdefault(host, []).append(crawl)
            self._turn.extend(sorted(set(self._sites) - set(self._turn)))
        return tuple(self._turn)

    def _open(self, host: str) -> bool:
        return host not in self._given_up and any(not crawl.full for crawl in self._sites[host])

    def _first(self, host: str) -> tuple[SiteCrawl, Row] | None:
        """The next row of a host, and the site that takes it; what no site takes is passed over."""
        if not self._open(host):
            self._give_back(host)
            return None
        rows = self._rows.setdefault(host, deque())
        while True:
            if not rows and not self._refill(host, rows):
                return None
            crawl = self._taker(host, rows[0])
            if crawl is not None:
                return crawl, rows[0]
            # It stays leased, so that it does not come again in this run.
            self._state.pages.set_aside(rows.popleft().key)

    def _give_back(self, host: str) -> None:
        """Leave to other runs what was taken of a host that this one asks nothing more."""
        if rows := self._rows.get(host):
            self._state.pages.release([row.key for row in rows])
            rows.clear()

    def _taker(self, host: str, row: Row) -> SiteCrawl | None:
        """The site that takes a row; of several on one host, the one whose own it is."""
        sites = self._sites[host]
        takers = [crawl for crawl in sites if not crawl.full and crawl.frontier.takes(row)]
        own = (crawl for crawl in takers if len(takers) == 1 or crawl.frontier.owns(row))
        return next(own, takers[0] if takers else None)

    def _refill(self, host: str, rows: deque[Row]) -> bool:
        limit = self._state.at_a_time
        for_due = 0 if host in self._all_due_taken else max(int(limit * _SHARE_DUE), 1)
        wish = Wish(host, self._state.now(), self._horizon, self._state.began, limit, for_due)
        taken = self._state.pages.take(wish, self._run_id)
        if taken.all_due:
            self._all_due_taken.add(host)
        rows.extend(taken.rows)
        return bool(rows)
