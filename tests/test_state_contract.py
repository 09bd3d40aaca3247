"""What a crawl's state promises, in `state.db` and on a Redis server alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from scraper.host_files import HostFile
from scraper.shared.crawl_state import SharedState
from scraper.shared.gate import Gate
from scraper.shared.server import Server
from scraper.state import State
from scraper.state.contract import CrawlState, Wish
from scraper.state.keys import address_number
from scraper.state.rows import Exported, Found, Visit
from tests.redis_servers import RedisServer, redis_server

HOST = "example.org"
URL = "https://example.org/a"
TWIN = "https://example.org/a/index.html"
DAY = 86_400.0
_names = count()


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A server for all tests of the module, each with a frontier of its own name."""
    with redis_server(tmp_path_factory.mktemp("redis")) as running:
        yield running


def shared(redis: RedisServer, run: str, name: str, ticks: Callable[[], float]) -> SharedState:
    """The state as one of many runs sees it."""
    server = Server(redis.address, name)
    began = float(server.call("join", run, server.seconds(), 60_000))
    state = SharedState(server, run, began, ticks=ticks)
    state.gate = Gate(server, run, 1, 60.0)
    return state


@pytest.fixture(params=["sqlite", "redis"])
def state(request: pytest.FixtureRequest) -> Iterator[CrawlState]:
    """A state in which the run "run" has begun."""
    if request.param == "sqlite":
        made: CrawlState = State()
    else:
        redis = request.getfixturevalue("redis")
        made = shared(redis, "run", f"test{next(_names)}", lambda: 0.0)
    made.runs.begin("run", made.now())
    yield made
    made.close()


def visit(at: float, due: float, **more: object) -> Visit:
    """A visit that read the page."""
    return Visit(at=at, status=200, changed=True, interval=1.0, due=due, **more)  # type: ignore[arg-type]


def known(state: CrawlState, url: str = URL, *, at: float | None = None) -> int:
    """A page that was found and fetched, by default two days ago."""
    moment = state.now() - 2 * DAY if at is None else at
    key = address_number(url)
    state.pages.add(Found(url, HOST, 1, 0), moment)
    state.pages.lease(key, "run")
    state.pages.finish(key, visit(moment, moment + DAY, etag='"e"', body_sha256=b"\x00\xff"))
    state.commit("run", {}, {})
    return key


def take(state: CrawlState, limit: int = 10, *, everything: bool = False) -> list[int]:
    """Keys of rows that are taken."""
    horizon = float("inf") if everything else state.now()
    wish = Wish(HOST, state.now(), horizon, state.began, limit, 1)
    return [row.key for row in state.pages.take(wish, "run").rows]


def test_a_row_comes_back_as_it_was_put(state: CrawlState) -> None:
    key = known(state)
    row = state.pages.get(key)
    assert row
    assert (row.key, row.url, row.host, row.kind, row.depth) == (key, URL, HOST, "page", 1)
    assert (row.etag, row.body_sha256, row.status) == ('"e"', b"\x00\xff", 200)
    assert (row.rank, row.lost, row.failures, row.moved_to) == (None, 0, 0, None)
    assert not row.guessed
    assert row.due == row.last_fetched + DAY if row.last_fetched else False


@pytest.mark.parametrize("url", ["https://e.org/\ud800", "https://e.org/" + "ü" * 2000])
def test_any_address_can_be_kept(state: CrawlState, url: str) -> None:
    assert state.pages.add(Found(url, "e.org", 0, 0), state.now())
    assert not state.pages.add(Found(url, "e.org", 0, 0), state.now())
    assert state.pages.get(address_number(url))


def test_addresses_are_put_together_as_well_as_one_by_one(state: CrawlState) -> None:
    urls = [f"https://example.org/{n}" for n in range(5)]
    state.pages.add(Found(urls[0], HOST, 1, 0), state.now())
    with state.pages.together(urls):
        told = [state.pages.knows(address_number(url)) for url in urls]
        new = [state.pages.add(Found(url, HOST, 1, 0), state.now()) for url in urls[1:]]
        state.pages.note_lastmod(address_number(urls[0]), "2024-03-01")
    assert told == [True, False, False, False, False]
    assert new == [True] * 4
    assert all(state.pages.knows(address_number(url)) for url in urls)
    assert (state.pages.count(HOST), state.pages.count_wanted(HOST)) == (5, 5)
    row = state.pages.get(address_number(urls[0]))
    assert row
    assert row.lastmod == "2024-03-01"


def test_rows_go_out_by_rank_and_then_in_the_order_they_were_found(state: CrawlState) -> None:
    ranks = [0, 3, 0, 100, 3]
    for number, rank in enumerate(ranks):
        found = Found(f"https://example.org/{number}", HOST, 1, rank)
        state.pages.add(found, state.now() + number / 100)
    order = [3, 1, 4, 0, 2]
    assert take(state) == [address_number(f"https://example.org/{n}") for n in order]
    assert take(state) == []


def test_what_is_due_goes_out_beside_what_is_new_and_once(state: CrawlState) -> None:
    old = known(state)
    for number in range(8):
        state.pages.add(Found(f"https://example.org/{number}", HOST, 1, 0), state.now())
    assert old in take(state, 4)
    assert old not in take(state, 10)


def test_revisiting_all_leaves_out_what_this_crawl_has_fetched(state: CrawlState) -> None:
    early = known(state, URL)
    known(state, TWIN, at=state.now())
    assert take(state, everything=True) == [early]


def test_what_is_passed_over_is_never_due_until_it_is_brought_back(state: CrawlState) -> None:
    key, twin = known(state), address_number(TWIN)
    state.pages.pass_over(twin, key, TWIN)
    assert take(state, everything=True) == [key]
    state.pages.bring_back(twin)
    state.commit("run", {}, {})
    assert take(state, everything=True) == [twin]


def test_a_failed_row_waits_for_its_time(state: CrawlState) -> None:
    key = address_number(URL)
    state.pages.add(Found(URL, HOST, 1, 0), state.now())
    assert take(state) == [key]
    state.pages.postpone(key, state.now() + 100)
    assert take(state) == []
    assert state.pages.next_wanted([HOST]) == pytest.approx(state.now() + 100, abs=1)
    assert state.pages.count_wanted(HOST) == 1


def test_pending_rows_can_be_looked_at_without_taking_them(state: CrawlState) -> None:
    due = known(state)
    state.pages.add(Found(TWIN, HOST, 5, 0), state.now())
    later = known(state, "https://example.org/later", at=state.now())
    pending = [row.key for row in state.pages.each_pending(HOST, state.now(), state.now())]
    assert pending == [address_number(TWIN), due]
    row = state.pages.get(later)
    assert row
    assert state.pages.due_after(HOST, state.now()) == pytest.approx(row.due)
    assert state.pages.count_wanted(HOST, deepest=4) == 0


def test_what_a_run_holds_is_given_back_at_once(state: CrawlState) -> None:
    keys = [address_number(f"https://example.org/{n}") for n in range(3)]
    for number in range(3):
        state.pages.add(Found(f"https://example.org/{number}", HOST, 1, 0), state.now())
    assert sorted(take(state)) == sorted(keys)
    state.pages.set_aside(keys[0])
    assert state.pages.is_taken(keys[0])
    state.pages.release_run("run")
    assert sorted(take(state)) == sorted(keys)


def exported(key: int, **more: object) -> Exported:
    """An article of example.org."""
    values = {"url": URL, "host": HOST, "title": "T", "body_sha256": "b", "content_sha256": "c"}
    return Exported(key=key, id="id", run_id="run", **{**values, **more})  # type: ignore[arg-type]


def test_an_article_is_known_by_its_key_and_its_text(state: CrawlState) -> None:
    article = exported(7, title="Sleep \ud83d")
    assert state.articles.claim(article, None)
    state.articles.put(article, state.now())
    state.commit("run", {}, {})
    found = state.articles.get(7)
    assert found
    assert (found.id, found.title, found.gone_at) == ("id", "Sleep \ufffd", None)
    assert state.articles.with_body("b", [HOST, "other.org"]) == found
    assert state.articles.with_body("b", ["other.org"]) is None
    assert [state.articles.exported_from(hosts) for hosts in ([HOST], ["x.org"], [])] == [1, 0, 0]


def test_a_new_version_takes_the_place_of_the_one_before(state: CrawlState) -> None:
    for text in ("b", "b2"):
        state.articles.claim(exported(7, body_sha256=text), state.articles.get(7))
        state.articles.put(exported(7, body_sha256=text), state.now())
        state.commit("run", {}, {})
    assert state.articles.with_body("b", [HOST]) is None
    assert state.articles.exported_from([HOST]) == 1


def test_a_gone_article_is_nobodys_twin(state: CrawlState) -> None:
    state.articles.put(exported(7), state.now())
    state.articles.gone(7, state.now())
    state.commit("run", {}, {})
    assert state.articles.with_body("b", [HOST]) is None
    found = state.articles.get(7)
    assert found
    assert found.gone_at == pytest.approx(state.now(), abs=1)


def test_hints_runs_and_files_of_hosts_are_kept(state: CrawlState) -> None:
    for _ in range(20):
        assert state.hints.believed(HOST)
        state.hints.count(HOST, right=False)
    assert not state.hints.believed(HOST)
    file = HostFile(b"User-agent: *\n\xff", 200, state.now())
    state.host_files.put("https://example.org/robots.txt", file)
    assert state.host_files.get("https://example.org/robots.txt") == file
    assert state.host_files.get("https://example.com/robots.txt") is None
    state.commit("run", {"articles.jsonl": 12}, {"articles": 3})
    run = state.runs.get("run")
    assert run
    assert (run.lengths, run.tally, run.exit_reason) == (
        {"articles.jsonl": 12},
        {"articles": 3},
        None,
    )
    state.runs.end("run", "finished")
    state.commit("run", {}, {})
    ended = state.runs.get("run")
    assert ended
    assert ended.exit_reason == "finished"
    assert state.runs.get("another") is None


class FrontierMachine(RuleBasedStateMachine):
    """The frontier against a model: what is wanted, what is in flight, what is done."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0
        self.state = self.make()
        self.state.runs.begin("run", self.state.now())
        self.wanted: dict[int, tuple[int, float]] = {}  # key: rank, and when it may be fetched
        self.flight: dict[int, int] = {}  # key: rank
        self.done: set[int] = set()

    def make(self) -> CrawlState:
        """A state whose clock is this machine's."""
        return State(clock=lambda: 1e9 + self.passed, ticks=lambda: float(self.passed))

    @property
    def now(self) -> float:
        """The state's own time."""
        return self.state.now()

    @rule(page=st.integers(0, 30), rank=st.integers(0, 5))
    def find(self, page: int, rank: int) -> None:
        found = Found(f"https://example.org/{page}", HOST, 1, rank)
        key = address_number(found.url)
        new = key not in {*self.wanted, *self.flight, *self.done}
        assert self.state.pages.add(found, self.now) == new
        if new:
            self.wanted[key] = rank, 0.0

    @rule(limit=st.integers(1, 8))
    def take(self, limit: int) -> None:
        wish = Wish(HOST, self.now, self.now, self.state.began, limit, 0)
        rows = self.state.pages.take(wish, "run").rows
        open_now = {k: rank for k, (rank, due) in self.wanted.items() if due <= self.now}
        ranks = [open_now[row.key] for row in rows]
        assert len(rows) == len(set(open_now) & {row.key for row in rows})
        assert ranks == sorted(open_now.values(), reverse=True)[:limit]
        for row in rows:
            self.flight[row.key] = self.wanted.pop(row.key)[0]

    @precondition(lambda self: self.flight)
    @rule(data=st.data(), how=st.sampled_from(["finish", "postpone", "release"]))
    def give_back(self, data: st.DataObject, how: str) -> None:
        key = data.draw(st.sampled_from(sorted(self.flight)))
        rank = self.flight.pop(key)
        if how == "finish":
            self.state.pages.finish(key, visit(self.now, self.now + DAY))
            self.state.commit("run", {}, {})
            self.done.add(key)
        elif how == "postpone":
            self.state.pages.postpone(key, self.now + 10)
            self.wanted[key] = rank, self.now + 10
        else:
            self.state.pages.release([key])
            self.wanted[key] = rank, 0.0

    @precondition(lambda self: self.done)
    @rule(data=st.data(), rank=st.integers(0, 5))
    def want_again(self, data: st.DataObject, rank: int) -> None:
        key = data.draw(st.sampled_from(sorted(self.done)))
        self.state.pages.want(key, rank)
        self.done.remove(key)
        self.wanted[key] = rank, 0.0

    @rule(seconds=st.integers(0, 20))
    def wait(self, seconds: int) -> None:
        self.passed += seconds

    @invariant()
    def what_is_in_flight_is_known_to_be(self) -> None:
        assert all(map(self.state.pages.is_taken, self.flight))
        assert self.state.pages.count_wanted(HOST) == len(self.wanted)

    def teardown(self) -> None:
        """Every wanted page is handed out in the end."""
        self.passed += 100
        while self.wanted:
            before = len(self.wanted)
            self.take(8)
            assert len(self.wanted) < before
        assert self.state.pages.next_wanted([HOST]) is None
        self.state.close()


class SharedFrontierMachine(FrontierMachine):
    """The same on a server."""

    redis: RedisServer

    def make(self) -> CrawlState:
        """A frontier that nobody has used, whose clock is this machine's."""
        name = f"machine{next(_names)}"
        return shared(self.redis, "run", name, lambda: float(self.passed))


_SETTINGS = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
FrontierMachine.TestCase.settings = _SETTINGS
SharedFrontierMachine.TestCase.settings = settings(_SETTINGS, max_examples=15)
TestFrontier = FrontierMachine.TestCase


class TestSharedFrontier(SharedFrontierMachine.TestCase):  # type: ignore[misc,name-defined]
    """With the server of this module."""

    @pytest.fixture(autouse=True)
    def _running(self, redis: RedisServer) -> None:
        SharedFrontierMachine.redis = redis
