"""How events are accounted for, and how late."""

from datetime import timedelta

import pytest

from service.bench.fatigue.accounting import Account, Accounted, account, critical, delays
from service.bench.fatigue.values import Heard, Told
from service.core.records.words import Severity, Verdict
from tests.bench.fatigue.deciding import DAY, HOUR, MINUTE, heard, told

NOW = timedelta()
CRITICAL, MEDIUM = Severity.CRITICAL, Severity.MEDIUM


@pytest.mark.parametrize(
    ("event", "notices", "expected"),
    [
        pytest.param(heard(), [told(MINUTE)], (Account.TOLD, MINUTE), id="told by the first notice after it"),
        pytest.param(heard(), [told(NOW)], (Account.TOLD, NOW), id="told at once"),
        pytest.param(heard(HOUR), [told(MINUTE)], (Account.JOINED, None), id="in an alert that was announced"),
        pytest.param(heard(), [], (Account.UNACCOUNTED, None), id="never told"),
        pytest.param(heard(), [told(alert_id="b")], (Account.UNACCOUNTED, None), id="told of another alert"),
        pytest.param(
            heard(HOUR, severity=CRITICAL),
            [told(MINUTE), told(HOUR, "severity_increased", severity=CRITICAL)],
            (Account.TOLD, NOW),
            id="worse than what was announced",
        ),
        pytest.param(
            heard(HOUR), [told(MINUTE, severity=MEDIUM)], (Account.UNACCOUNTED, None), id="announced as less severe"
        ),
        pytest.param(
            heard(2 * HOUR),
            [told(MINUTE), told(HOUR, "resolved"), told(3 * HOUR, "reopened")],
            (Account.TOLD, HOUR),
            id="told to be over before",
        ),
        pytest.param(
            heard(), [told(MINUTE, "resolved")], (Account.UNACCOUNTED, None), id="an end accounts for nothing"
        ),
        pytest.param(
            heard(2 * HOUR, severity=CRITICAL, done=True),
            [told(MINUTE, severity=CRITICAL), told(HOUR, "resolved", severity=CRITICAL)],
            (Account.JOINED, None),
            id="critical, and done, and told of earlier",
        ),
        pytest.param(
            heard(severity=CRITICAL, verdict=Verdict.STALE),
            [told(DAY, "digest", severity=CRITICAL)],
            (Account.TOLD, DAY),
            id="critical but stale, in the digest",
        ),
    ],
)
def test_an_event_is_accounted_for_by_a_notice_as_severe(
    event: Heard, notices: list[Told], expected: tuple[Account, timedelta | None]
) -> None:
    assert account([event], notices) == [Accounted(event, *expected)]


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(heard(negative=False), id="not negative"),
        pytest.param(heard(verdict=Verdict.QUIET), id="below the floor"),
        pytest.param(heard(verdict=Verdict.UPDATED), id="a change that joins nothing"),
        pytest.param(heard(verdict=Verdict.STALE), id="stale"),
        pytest.param(heard(done=True), id="of a case that is done"),
        pytest.param(heard(severity=CRITICAL, verdict=Verdict.UPDATED), id="critical, a change that joins nothing"),
    ],
)
def test_nothing_is_owed_to_what_opens_and_joins_nothing(event: Heard) -> None:
    assert account([event], [told()]) == []


def test_of_two_notices_at_one_instant_the_later_revision_is_the_last() -> None:
    notices = [told(HOUR, "resolved", revision=2), told(HOUR, "customers_doubled", revision=1)]
    event = heard(2 * HOUR)
    assert account([event], notices) == [Accounted(event, Account.UNACCOUNTED)]


def test_delays_are_of_notices_of_ones_own_and_the_rest_is_counted() -> None:
    events = [heard(), heard(30 * MINUTE), heard(HOUR), heard(verdict=Verdict.MERGED, alert_id="b")]
    notices = [told(10 * MINUTE), told(20 * MINUTE, "resolved"), told(40 * MINUTE, "reopened")]
    assert delays(account(events, notices)) == {
        "events": 4,
        "told": 2,
        "joined_announced": 1,
        "unaccounted": {"merged": 1},
        "median": 600.0,
        "worst": 600.0,
    }
    assert delays([])["median"] is None


def test_critical_events_that_nobody_heard_of_or_late_are_counted() -> None:
    grave = [heard(at * HOUR, severity=CRITICAL, alert_id=name) for at, name in enumerate("aabc")]
    notices = [told(NOW, severity=CRITICAL), told(5 * HOUR, severity=CRITICAL, alert_id="b")]
    assert critical([*account(grave, notices), Accounted(heard(), Account.UNACCOUNTED)]) == {
        "events": 4,
        "told": 2,
        "joined_announced": 1,
        "unaccounted": 1,
        "told_later_than_at_once": 1,
        "worst_delay_seconds": 10_800.0,
    }
