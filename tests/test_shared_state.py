"""What runs that share a frontier promise each other, on a real Redis server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import count

import pytest

from scraper.discovery import Listing
from scraper.host_health import HostHealth, Limits
from scraper.leases import Leases
from scraper.page_requests import Intake
from scraper.shared.crawl_state import SharedState
from scraper.shared.gate import Gate
from scraper.shared.server import VERSION, Server
from scraper.site_crawl import SiteCrawl
from scraper.sites import Site
from scraper.state import StateError
from scraper.state.contract import Wish
from scraper.state.keys import address_number
from scraper.state.rows import Exported, Found, Visit
from tests.redis_servers import RedisServer, redis_server

HOST = "example.org"
_names = count()


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A server for all tests of the module, each with a frontier of its own name."""
    with redis_server(tmp_path_factory.mktemp("redis")) as running:
        yield running


class Runs:
    """Runs of one crawl: `runs("a")` is what the run "a" sees."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.name = f"shared{next(_names)}"
        self.plain = Server(address, self.name)

    def __call__(self, run: str, *, lease: float = 60.0) -> SharedState:
        server = Server(self.address, self.name)
        return SharedState.join(server, run, lease, Gate(server, run, 1, 60.0))

    def names(self) -> set[str]:
        """Every name of the frontier on the server."""
        found = self.plain.redis.keys(f"{{{self.name}}}:*")
        return {name.decode().partition(":")[2] for name in found}  # type: ignore[union-attr]


@pytest.fixture
def runs(redis: RedisServer) -> Runs:
    """A frontier that nobody has used."""
    return Runs(redis.address)


def find(state: SharedState, *pages: str, host: str = HOST) -> list[int]:
    """Put pages into the frontier; their keys."""
    urls = [f"https://{host}/{page}" for page in pages]
    for url in urls:
        state.pages.add(Found(url, host, 1, 0), state.now())
    return list(map(address_number, urls))


def take(state: SharedState, run: str, limit: int = 10, host: str = HOST) -> list[int]:
    """Keys of rows that the run takes."""
    wish = Wish(host, state.now(), state.now(), state.began, limit, 1)
    return [row.key for row in state.pages.take(wish, run).rows]


def article(run: str, key: int = 7, **more: str) -> Exported:
    """An article of example.org."""
    values = {"url": f"https://{HOST}/{key}", "host": HOST, "title": "T", "body_sha256": "b"}
    told = {**values, "id": "id", "content_sha256": "c", **more}
    return Exported(key=key, run_id=run, **told)  # type: ignore[arg-type]


def test_a_run_whose_pages_were_left_to_others_takes_nothing_any_more(runs: Runs) -> None:
    sleeper, other = runs("sleeper"), runs("other")
    keys = find(other, "a", "b", "c")
    assert take(sleeper, "sleeper", 1)
    other.bury("sleeper")  # as the silence of its lease does
    for act in (
        lambda: take(sleeper, "sleeper"),
        lambda: sleeper.pages.lease(keys[0], "sleeper"),
        lambda: sleeper.articles.claim(article("sleeper"), None),
    ):
        with pytest.raises(StateError, match="has heard nothing of this run"):
            act()
    sleeper.close()
    assert not other.pages.taken_elsewhere([HOST])
    assert sorted(take(other, "other")) == sorted(keys)
    assert other.articles.claim(article("other"), None)


def test_a_run_that_holds_nothing_may_be_silent_for_longer_than_its_lease(runs: Runs) -> None:
    late = runs("late", lease=0.001)
    runs("other").pages.reclaim()
    find(late, "a")
    assert take(late, "late")


def test_what_a_run_has_done_stays_its_own_until_its_last_checkpoint(runs: Runs) -> None:
    one, other = runs("one"), runs("other")
    done, left = find(one, "a", "b")
    assert len(take(one, "one")) == 2
    now = one.now()
    visit = Visit(at=now, status=200, changed=True, interval=1.0, due=now + 1000)
    one.pages.finish(done, visit)
    one.pages.release_run("one")
    assert take(other, "other") == [left]
    one.commit("one", {}, {})
    row = other.pages.get(done)
    assert row
    assert row.status == 200


def test_rows_whose_answer_was_lost_are_handed_out_again(runs: Runs) -> None:
    one = runs("one")
    find(one, *map(str, range(6)))
    asked = ("take", HOST, one.now(), one.now(), one.began, 2, 1, "one")
    first, again, after = (runs.plain.call(*asked, nth) for nth in (1, 1, 2))
    assert len(first) == 3
    assert first == again
    assert not {row[1] for row in first[1:]} & {row[1] for row in after[1:]}


def test_what_another_run_has_exported_in_the_meantime_is_not_exported_again(runs: Runs) -> None:
    one, other = runs("one"), runs("other")
    assert one.articles.get(7) is None  # nothing is known yet ...
    other.articles.claim(article("other"), None)
    other.articles.put(article("other"), other.now())
    other.commit("other", {}, {})  # ... and by now it is
    assert not one.articles.claim(article("one"), None)
    assert not one.articles.claim(article("one", key=8), None)  # the same text elsewhere
    assert one.articles.claim(article("one", body_sha256="new"), one.articles.get(7))


def test_a_run_that_has_ended_leaves_its_last_checkpoint_alone(runs: Runs) -> None:
    one = runs("one")
    find(one, "a")
    take(one, "one")
    one.runs.begin("one", one.now())
    one.articles.claim(article("one"), None)
    assert one.gate
    one.gate.enter(HOST, 1.0, one.gate.ticket())
    one.commit("one", {}, {})
    one.close()
    own = {name for name in runs.names() if name.endswith(":one")}
    assert own == {"run:one"}
    assert runs.plain.ask_one("TTL", "run:one") > 0
    assert not {"claim:7", "claimed_bodies", f"busy:{HOST}", f"flight:{HOST}"} & runs.names()


def test_two_runs_that_give_a_host_up_do_not_wait_for_each_other(runs: Runs) -> None:
    site = Site(name="s", start=(f"https://{HOST}/",))
    states = {run: runs(run) for run in ("one", "two")}
    find(states["one"], *map(str, range(20)))
    both = []
    for run, state in states.items():
        leases = Leases(state, run, {"s": SiteCrawl(site, state)}, state.now())
        assert leases.take({}, 1, lambda _: 0.0)
        both.append(leases)
    for leases, state in zip(both, states.values(), strict=True):
        assert leases.take({}, 1, lambda _: float("inf")) is None
        leases.take({}, 1, lambda _: float("inf"))
        assert not leases.pending(lambda _: float("inf"), 900.0)
        state.pages.committed()
    # What was taken and not asked for is there for runs that have more luck with the host.
    assert len(take(runs("three"), "three", 100)) == 18


def test_waiting_for_many_hosts_asks_the_server_no_more_than_waiting_for_one(runs: Runs) -> None:
    passed, waited = count(), [0.0]
    server = Server(runs.address, runs.name)
    runs("one")
    state = SharedState(server, "one", ticks=lambda: waited[0] + next(passed) / 10_000)
    sites = {str(n): Site(name=str(n), start=(f"https://{n}.example.org/",)) for n in range(100)}
    crawls = {name: SiteCrawl(site, state) for name, site in sites.items()}
    leases = Leases(state, "one", crawls, state.now())

    def scripts() -> int:
        return int(server.redis.info("commandstats")["cmdstat_evalsha"]["calls"])

    def look() -> int:
        waited[0] += 10
        before = scripts()
        assert leases.take({}, 1, lambda _: 0.0) is None
        assert not leases.pending(lambda _: 0.0, 900.0)
        return scripts() - before

    look()
    assert look() < 10
    find(state, "a", host="77.example.org")
    assert leases.take({}, 1, lambda _: 0.0)


def test_a_request_whose_answer_was_lost_is_granted_again(runs: Runs) -> None:
    gate = runs("one").gate
    assert gate
    ticket = gate.ticket()
    assert gate.enter(HOST, 5.0, ticket) == 0.0
    assert gate.enter(HOST, 5.0, ticket) == 0.0
    assert gate.enter(HOST, 5.0, gate.ticket()) > 4.0


def test_the_slowest_pace_that_a_process_knows_of_holds_for_all(runs: Runs) -> None:
    slow, quick = runs("slow").gate, runs("quick").gate
    assert slow
    assert quick
    for first, then, delays in ((slow, quick, (50.0, 1.0)), (quick, slow, (1.0, 50.0))):
        host, ticket = f"{delays[0]}.example.org", first.ticket()
        assert first.enter(host, delays[0], ticket) == 0.0
        first.leave(host, ticket)
        assert then.enter(host, delays[1], then.ticket()) > 45.0


def test_a_server_whose_clock_is_set_back_keeps_nobody_waiting(runs: Runs) -> None:
    gate = runs("one").gate
    assert gate
    ahead = (runs.plain.seconds() + 3600) * 1000
    runs.plain.ask_one("SET", f"sent:{HOST}", f"{ahead:.0f} 1000")
    assert gate.enter(HOST, 1.0, gate.ticket()) == 0.0


def test_the_longest_time_that_a_host_was_promised_holds(runs: Runs) -> None:
    one, other = runs("one").gate, runs("other").gate
    assert one
    assert other
    one.hold({HOST: 600.0}, 1000.0)
    other.hold({HOST: 5.0}, 1000.0)
    assert other.held(1001.0) == {HOST: 599.0}
    assert other.held(2000.0) == {}
    assert "paused" not in runs.names()


def test_a_host_that_is_only_tried_is_not_said_to_want_rest() -> None:
    moment = 0.0
    limits = Limits(failures_max=1, openings_max=5, pause=10.0, probe=60.0)
    health = HostHealth(limits, clock=lambda: moment)
    health.failed(HOST, "HTTP 500")
    assert health.resting()
    moment = 11.0
    assert health.wait(HOST) == 0.0
    assert health.paused()
    assert health.resting() == {}


def test_a_host_that_asks_one_run_for_an_hour_is_given_up_by_all() -> None:
    one, other = (
        HostHealth(Limits(retry_after_max=900.0)),
        HostHealth(Limits(retry_after_max=900.0)),
    )
    one.failed(HOST, "HTTP 503", retry_after=3600.0)
    for host, seconds in one.resting().items():
        other.hold(host, seconds)
    assert (
        "asks to be left alone for 60 minutes (as another run was told)" in other.given_up()[HOST]
    )
    one.failed("broken.example", "HTTP 500")
    assert "broken.example" not in other.given_up()


def test_no_two_runs_of_one_name_share_a_frontier(runs: Runs) -> None:
    one = runs("nightly")
    with pytest.raises(StateError, match="a run nightly shares the frontier"):
        runs("nightly")
    one.close()
    assert runs("nightly")


def test_a_frontier_of_a_newer_version_is_refused(runs: Runs) -> None:
    runs("one").close()
    assert runs.plain.ask_one("GET", "version") == str(VERSION).encode()
    runs.plain.ask_one("SET", "version", VERSION + 1)
    for use in (
        lambda: runs("two"),
        lambda: SharedState.for_reading(Server(runs.address, runs.name)),
    ):
        with pytest.raises(StateError, match="newer version of Marrow"):
            use()


def test_a_frontier_that_is_emptied_in_mid_run_is_told_as_such(runs: Runs) -> None:
    one = runs("one")
    runs.plain.redis.delete(*(f"{{{runs.name}}}:{name}" for name in runs.names()))
    with pytest.raises(StateError, match="was emptied while this run went on"):
        one.commit("one", {}, {})


def test_a_sitemap_that_was_read_before_costs_few_questions(runs: Runs) -> None:
    one = runs("one")
    keys = find(one, *map(str, range(1000)))
    take(one, "one", 1000)
    now = one.now()
    visit = Visit(at=now, status=200, changed=True, interval=1.0, due=now + 1000)
    for key in keys:
        one.pages.finish(key, visit)
    one.commit("one", {}, {})
    urls = tuple(f"https://{HOST}/{n}" for n in range(1000))
    intake = Intake(one, {})
    crawl = SiteCrawl(Site(name="s", start=(f"https://{HOST}/",)), one)

    def questions(lastmod: str) -> int:
        """Answers that are read from the network in one go, at least."""
        before = runs.plain.redis.info("stats")["total_reads_processed"]
        asyncio.run(intake.pages(crawl, Listing(urls, lastmod=dict.fromkeys(urls, lastmod)), 1))
        return int(runs.plain.redis.info("stats")["total_reads_processed"] - before)

    assert questions("2001-01-01") < 100
    assert questions("2999-01-01") < 100
    assert one.pages.count_wanted(HOST) == 1000
