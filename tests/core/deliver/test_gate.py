"""How a channel does: its breaker opens after failures and lets one through to see, and its rate is never passed."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from service.core.deliver import admit, heard
from service.core.deliver.gate import FAILURES, FIRST_REST
from service.core.records.deliveries import Attempt, Breaker, Bucket, ChannelState
from service.core.records.words import Attempted, BreakerState
from tests.builders import START

LEASE = timedelta(minutes=2)
NEW = ChannelState(channel="hook")
FAILED = Attempt(outcome=Attempted.FAILED, detail="HTTP 500")


def admitted(
    state: ChannelState, wanted: int, now: datetime = START, per_minute: int = 600
) -> tuple[int, ChannelState]:
    return admit(state, wanted, now, per_minute=per_minute, lease=LEASE)


def after_failures(count: int, state: ChannelState = NEW, now: datetime = START) -> ChannelState:
    for _ in range(count):
        state = heard(state, FAILED, now, jitter=1.0)
    return state


def test_a_breaker_opens_after_so_many_failures_in_a_row() -> None:
    assert after_failures(FAILURES - 1).breaker.state(START) is BreakerState.CLOSED
    opened = after_failures(FAILURES)
    assert opened == replace(
        NEW,
        breaker=Breaker(failures=FAILURES, opened=1, until=START + FIRST_REST),
        failed_at=START,
        failure=Attempted.FAILED,
        detail="HTTP 500",
    )
    assert admitted(opened, 3) == (0, opened)


def test_what_is_accepted_or_refused_between_them_begins_the_count_anew() -> None:
    for outcome in (Attempted.ACCEPTED, Attempted.REFUSED):
        answered = heard(after_failures(FAILURES - 1), Attempt(outcome=outcome), START, jitter=1.0)
        assert answered.breaker == Breaker()


def test_a_breaker_lets_one_through_at_a_time_once_it_has_rested() -> None:
    later = START + FIRST_REST
    count, probing = admitted(after_failures(FAILURES), 3, later)
    assert (count, probing.breaker.state(later)) == (1, BreakerState.HALF_OPEN)
    assert admitted(probing, 3, later)[0] == 0
    # Whoever was to see may have died.
    assert admitted(probing, 3, later + LEASE)[0] == 1


def test_a_failure_of_the_one_that_is_let_through_doubles_the_rest_and_a_success_ends_it() -> None:
    later = START + FIRST_REST
    _, probing = admitted(after_failures(FAILURES), 1, later)
    again = heard(probing, FAILED, later, jitter=1.0)
    assert (again.breaker.until, again.breaker.opened) == (later + 2 * FIRST_REST, 2)
    closed = heard(probing, Attempt(outcome=Attempted.ACCEPTED), later, jitter=1.0)
    assert (closed.breaker, closed.sent_at) == (Breaker(), later)


def test_what_was_in_the_air_when_a_breaker_opened_does_not_lengthen_its_rest() -> None:
    opened = after_failures(FAILURES)
    assert after_failures(3, opened).breaker.until == opened.breaker.until


def test_a_channel_that_asks_to_be_left_alone_is_and_its_breaker_stays_closed() -> None:
    throttled = Attempt(outcome=Attempted.THROTTLED, retry_after=timedelta(seconds=30))
    quiet = heard(NEW, throttled, START, jitter=1.0)
    assert admitted(quiet, 1) == (0, quiet)
    assert quiet.breaker.state(START) is BreakerState.CLOSED
    assert admitted(quiet, 1, START + timedelta(seconds=30))[0] == 1


def test_a_sixth_of_a_minutes_rate_may_go_at_once_and_the_rest_as_time_passes() -> None:
    count, state = admitted(NEW, 50, per_minute=60)
    assert (count, state.bucket) == (10, Bucket(tokens=0, at=START))
    assert [admitted(state, 50, START + timedelta(seconds=seconds), 60)[0] for seconds in (0.5, 1, 3, 600)] == [
        0,
        1,
        3,
        10,
    ]


@given(
    per_minute=st.integers(1, 6_000),
    steps=st.lists(st.tuples(st.floats(0, 90), st.integers(0, 50)), max_size=40),
)
def test_no_minute_sees_more_than_the_rate_and_its_burst(per_minute: int, steps: list[tuple[float, int]]) -> None:
    state, now, sent = NEW, START, list[tuple[datetime, int]]()
    for seconds, wanted in steps:
        now += timedelta(seconds=seconds)
        count, state = admitted(state, wanted, now, per_minute)
        assert 0 <= count <= wanted
        sent.append((now, count))
    for until, _ in sent:
        within = sum(count for at, count in sent if until - timedelta(seconds=60) < at <= until)
        assert within <= per_minute + max(1, per_minute / 6)
