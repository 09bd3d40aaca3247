"""How long a host is left alone after failures: promised to the host, and to the crawl."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from scraper.host_health import HostHealth, Limits, retry_after_of, spoken

HOST = "example.org"
LIMITS = Limits()
# The rounding of sums of seconds.
NEAR = 1e-6


class Clock:
    """A clock that goes on when it is told to, in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Longest(Random):
    """Jitter at its end: every pause as long as it can be."""

    def uniform(self, a: float, b: float) -> float:  # noqa: ARG002 - as in the class extended
        return b


def health(clock: Clock, limits: Limits = LIMITS) -> HostHealth:
    return HostHealth(limits, clock=clock, random=Longest())


def fail(hosts: HostHealth, clock: Clock, times: int) -> list[float]:
    """Fails so often, each time as soon as the host may be asked; the pauses."""
    pauses = []
    for _ in range(times):
        clock.now += hosts.wait(HOST)
        hosts.failed(HOST, "timeout")
        pauses.append(round(hosts.remaining(HOST), 3))
    return pauses


# Failures in a row, each after the pause before it -> the pause after each.
PAUSES = {
    "back-off doubles": (4, [1, 2, 4, 8]),
    "the fifth opens the circuit": (5, [1, 2, 4, 8, 60]),
    "each opening doubles the pause": (7, [1, 2, 4, 8, 60, 120, 240]),
    "after three openings it is given up": (8, [1, 2, 4, 8, 60, 120, 240, math.inf]),
}


@pytest.mark.parametrize(("failures", "pauses"), PAUSES.values(), ids=PAUSES)
def test_failures_in_a_row(failures: int, pauses: list[float]) -> None:
    clock = Clock()
    assert fail(health(clock), clock, failures) == pauses


def test_a_host_that_is_given_up_says_why_and_what_comes_next() -> None:
    clock = Clock()
    hosts = health(clock)
    fail(hosts, clock, 8)
    assert hosts.given_up() == {
        HOST: "example.org failed 8 times in a row, at last with: timeout; "
        "its pages are left for the next run"
    }
    hosts.answered(HOST)
    assert hosts.wait(HOST) == math.inf


def test_an_answer_ends_back_off_and_closes_the_circuit() -> None:
    clock = Clock()
    hosts = health(clock)
    for failures in (1, 4, 5, 7):
        fail(hosts, clock, failures)
        hosts.answered(HOST)
        assert hosts.wait(HOST) == hosts.wait(HOST) == 0
        assert fail(hosts, clock, 1) == [1]
        hosts.answered(HOST)


def test_one_bad_page_among_good_ones_does_not_close_the_host() -> None:
    clock = Clock()
    hosts = health(clock)
    for _ in range(100):
        fail(hosts, clock, 1)
        clock.now += hosts.wait(HOST)
        hosts.answered(HOST)
    assert hosts.paused() == hosts.given_up() == {}


def test_half_open_lets_one_request_try() -> None:
    clock = Clock()
    hosts = health(clock)
    fail(hosts, clock, 5)
    clock.now += 60
    assert hosts.remaining(HOST) == 0
    assert hosts.paused() == {}
    assert hosts.wait(HOST) == 0
    assert hosts.wait(HOST) > 0
    hosts.answered(HOST)
    assert hosts.wait(HOST) == 0


@pytest.mark.parametrize("how", ["never sent", "never heard of again"])
def test_a_try_that_came_to_nothing_gives_way_to_another(how: str) -> None:
    clock = Clock()
    hosts = health(clock)
    fail(hosts, clock, 5)
    clock.now += 60
    assert hosts.wait(HOST) == 0
    if how == "never sent":
        hosts.unasked(HOST)
    else:
        clock.now += LIMITS.probe
    assert hosts.wait(HOST) == 0
    assert hosts.wait(HOST) > 0


def test_requests_that_were_on_their_way_fail_as_one() -> None:
    clock = Clock()
    hosts = health(clock)
    for _ in range(50):
        hosts.failed(HOST, "timeout")
    assert hosts.remaining(HOST) == 1


class TestRetryAfter:
    def test_is_kept_to_the_second(self) -> None:
        clock = Clock()
        hosts = health(clock)
        hosts.failed(HOST, "HTTP status 429", retry_after=77)
        assert hosts.wait(HOST) == 77
        clock.now += 77
        assert hosts.wait(HOST) == 0

    def test_is_kept_though_another_request_was_answered(self) -> None:
        hosts = health(Clock())
        hosts.failed(HOST, "HTTP status 429", retry_after=77)
        hosts.answered(HOST)
        assert hosts.wait(HOST) == 77

    def test_the_longest_of_several_counts(self) -> None:
        hosts = health(Clock())
        for seconds in (5, 77, 1):
            hosts.failed(HOST, "HTTP status 429", retry_after=seconds)
        assert hosts.wait(HOST) == 77

    def test_beyond_the_limit_leaves_the_host_for_the_next_run(self) -> None:
        hosts = health(Clock())
        hosts.failed(HOST, "HTTP status 503", retry_after=7200)
        assert hosts.wait(HOST) == math.inf
        assert hosts.paused() == {HOST: math.inf}
        assert hosts.given_up() == {
            HOST: "example.org asks to be left alone for 2 hours (HTTP status 503), longer than "
            "RETRY_AFTER_MAX, 15 minutes; its pages are left for the next run"
        }

    def test_again_and_again_opens_the_circuit_all_the_same(self) -> None:
        clock = Clock()
        hosts = health(clock)
        for _ in range(8):
            clock.now += hosts.wait(HOST)
            hosts.failed(HOST, "HTTP status 429", retry_after=1)
        assert HOST in hosts.given_up()


DATE = "Tue, 03 Feb 2026 10:00:00 GMT"
LATER = "Tue, 03 Feb 2026 10:02:00 GMT"
NOW = datetime(2026, 2, 3, 9, 0, tzinfo=UTC)
HEADERS = {
    "seconds": ("120", None, 120.0),
    "seconds and white space": (" 5 ", DATE, 5.0),
    "none": ("0", None, 0.0),
    "more than a float holds": ("9" * 400, None, math.inf),
    "a date, by the server's clock": (LATER, DATE, 120.0),
    "a date, by our own": (LATER, None, 3720.0),
    "a date, where the server's is no date": (LATER, "soon", 3720.0),
    "a date in the past": (DATE, LATER, 0.0),
    "a date without a zone": ("Tue, 03 Feb 2026 10:02:00 -0000", DATE, 120.0),
    "the older form": ("Tuesday, 03-Feb-26 10:02:00 GMT", DATE, 120.0),
    "words": ("soon", None, None),
    "nothing": ("", None, None),
    "less than nothing": ("-5", None, None),
    "a fraction": ("1.5", None, None),
    "no such day": ("Tue, 99 Feb 2026 10:02:00 GMT", DATE, None),
}


@pytest.mark.parametrize(("value", "sent", "seconds"), HEADERS.values(), ids=HEADERS)
def test_what_the_header_asks_for(value: str, sent: str | None, seconds: float | None) -> None:
    assert retry_after_of(value, sent, NOW) == seconds


@given(st.text(), st.none() | st.text())
def test_any_header_is_read_or_left(value: str, sent: str | None) -> None:
    seconds = retry_after_of(value, sent, NOW)
    assert seconds is None or seconds >= 0


def test_times_are_spoken() -> None:
    told = [spoken(seconds) for seconds in (1.4, 90, 900, 7200, 172800, math.inf)]
    assert told == ["1 seconds", "90 seconds", "15 minutes", "2 hours", "2 days", "ever"]


def test_a_page_waits_longer_each_time_and_never_less_than_its_host() -> None:
    hosts = health(Clock())
    assert [hosts.page_wait(HOST, tries) for tries in (0, 1, 2, 99)] == [1, 2, 4, 60]
    hosts.failed(HOST, "HTTP status 429", retry_after=30)
    assert [hosts.page_wait(HOST, tries) for tries in (0, 99)] == [30, 60]
    hosts.failed(HOST, "HTTP status 429", retry_after=7200)
    assert hosts.page_wait(HOST, 0) == 1


@pytest.mark.parametrize("wrong", ["soon", "-1", "inf", "nan"])
def test_a_setting_that_is_no_number_is_told(wrong: str) -> None:
    settings = Settings({"DOWNLOAD_TIMEOUT": 30})
    settings.setmodule("scraper.settings")
    assert Limits.of(settings) == LIMITS
    settings.set("RETRY_AFTER_MAX", wrong)
    with pytest.raises(UsageError, match="RETRY_AFTER_MAX is a number from 0 on, not"):
        Limits.of(settings)


# What may happen to a host, in any order: seconds pass, or a request comes to something.
EVENTS = st.lists(
    st.tuples(st.just("pass"), st.floats(0, 2000))
    | st.tuples(st.just("fail"), st.none() | st.floats(0, 1000))
    | st.tuples(st.sampled_from(["answer", "unasked", "ask"]), st.none()),
    max_size=60,
)


def happen(hosts: HostHealth, clock: Clock, event: str, number: float | None) -> None:
    match event:
        case "pass":
            clock.now += number or 0
        case "fail":
            hosts.failed(HOST, "timeout", retry_after=number)
        case "answer":
            hosts.answered(HOST)
        case "unasked":
            hosts.unasked(HOST)
        case "ask":
            hosts.wait(HOST)


@given(EVENTS, st.integers(0, 9))
def test_no_pause_is_negative_or_longer_than_the_limits(
    events: list[tuple[str, float | None]], seed: int
) -> None:
    clock = Clock()
    hosts = HostHealth(LIMITS, clock=clock, random=Random(seed))
    for event, number in events:
        happen(hosts, clock, event, number)
        left = hosts.remaining(HOST)
        given_up = HOST in hosts.given_up()
        assert left == math.inf if given_up else 0 <= left <= LIMITS.longest + NEAR
        assert (left > 0) == (HOST in hosts.paused())
        assert 0 <= hosts.page_wait(HOST, 3) <= LIMITS.longest + NEAR


@given(EVENTS, st.integers(0, 9))
def test_an_open_circuit_never_lets_two_try(
    events: list[tuple[str, float | None]], seed: int
) -> None:
    clock = Clock()
    hosts = HostHealth(LIMITS, clock=clock, random=Random(seed))
    fail(hosts, clock, 5)
    for event, number in events:
        if event != "answer":
            happen(hosts, clock, event, number)
        assert hosts.wait(HOST) > 0 or hosts.wait(HOST) > 0


@given(st.lists(st.tuples(st.floats(0, 100), st.text()), max_size=50))
def test_a_host_that_always_answers_is_never_paused(answers: list[tuple[float, str]]) -> None:
    clock = Clock()
    hosts = health(clock)
    for seconds, host in answers:
        clock.now += seconds
        assert hosts.wait(host) == 0
        hosts.answered(host)
    assert hosts.paused() == hosts.given_up() == {}
