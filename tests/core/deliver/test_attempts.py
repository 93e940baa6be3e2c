"""When a message is tried again, and when it is given up."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.deliver import Next, after, outcome_of_status
from service.core.deliver.attempts import LONGEST_WAIT, MOST_ATTEMPTS, asked_wait, backoff
from service.core.records.deliveries import Attempt, Tries
from service.core.records.words import Attempted, Unsent
from tests.builders import START

DAY = timedelta(days=1)
TIMED_OUT = Attempt(outcome=Attempted.TIMED_OUT)


def judged(attempt: Attempt, before: Tries | None = None, *, jitter: float = 1.0) -> Next:
    return after(attempt, before or Tries(), START, jitter=jitter, give_up_after=DAY)


def tried(count: int, first_at: datetime = START, attempt: Attempt = TIMED_OUT) -> Tries:
    return Tries(count=count, first_at=first_at, last_at=START, last=attempt.outcome, detail=attempt.detail)


def test_what_is_accepted_is_over() -> None:
    accepted = Attempt(outcome=Attempted.ACCEPTED, detail="HTTP 202")
    assert judged(accepted) == Next(tries=tried(1, attempt=accepted))


def test_what_is_refused_is_dead_at_once() -> None:
    refused = Attempt(outcome=Attempted.REFUSED, detail="HTTP 404")
    assert judged(refused) == Next(tries=tried(1, attempt=refused), unsent=Unsent.REFUSED)


def test_what_failed_is_tried_again_after_a_wait_that_doubles() -> None:
    waits = [judged(TIMED_OUT, tried(count)).due_at for count in range(5)]
    assert waits == [START + timedelta(seconds=seconds) for seconds in (5, 10, 20, 40, 80)]


def test_chance_takes_anything_from_nothing_to_all_of_the_wait() -> None:
    assert [judged(TIMED_OUT, tried(2), jitter=jitter).due_at for jitter in (0.0, 0.5, 1.0)] == [
        START + timedelta(seconds=seconds) for seconds in (0, 10, 20)
    ]


def test_a_receiver_that_asks_for_a_longer_wait_gets_it_up_to_an_hour() -> None:
    def asking(wait: timedelta) -> datetime | None:
        return judged(Attempt(outcome=Attempted.THROTTLED, retry_after=wait)).due_at

    assert asking(timedelta(seconds=90)) == START + timedelta(seconds=90)
    assert asking(timedelta(seconds=1)) == START + timedelta(seconds=5)
    assert asking(timedelta(days=3)) == START + timedelta(hours=1)


def test_after_so_many_attempts_or_so_long_it_is_dead() -> None:
    assert judged(TIMED_OUT, tried(MOST_ATTEMPTS - 2)).unsent is None
    assert judged(TIMED_OUT, tried(MOST_ATTEMPTS - 1)).unsent is Unsent.TOO_MANY_ATTEMPTS
    assert judged(TIMED_OUT, tried(1, START - DAY)).unsent is Unsent.TOO_OLD


@given(count=st.integers(1, 1_000), jitter=st.floats(0, 1))
def test_no_wait_is_negative_or_longer_than_a_quarter_of_an_hour(count: int, jitter: float) -> None:
    assert timedelta(0) <= backoff(count, jitter) <= LONGEST_WAIT


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Attempted.ACCEPTED), (202, Attempted.ACCEPTED), (204, Attempted.ACCEPTED), (301, Attempted.REFUSED),
        (400, Attempted.REFUSED), (401, Attempted.REFUSED), (404, Attempted.REFUSED), (408, Attempted.FAILED),
        (410, Attempted.REFUSED), (425, Attempted.FAILED), (429, Attempted.THROTTLED), (500, Attempted.FAILED),
        (503, Attempted.FAILED),
    ],
)  # fmt: skip
def test_a_status_says_whether_it_is_of_use_to_try_again(status: int, outcome: Attempted) -> None:
    assert outcome_of_status(status) is outcome


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        (None, None),
        ("120", timedelta(seconds=120)),
        (" 7 ", timedelta(seconds=7)),
        ("Mon, 04 May 2026 09:01:00 GMT", timedelta(seconds=60)),
        ("Mon, 04 May 2026 08:00:00 GMT", timedelta(0)),
        ("99999999999999999999", timedelta(days=1)),
        ("soon", None),
        ("-5", None),
        ("Mon, 04 May 2026", None),
    ],
)
def test_a_wait_is_asked_for_in_seconds_or_by_a_date(header: str | None, wait: timedelta | None) -> None:
    assert asked_wait(header, START.astimezone(UTC)) == wait
