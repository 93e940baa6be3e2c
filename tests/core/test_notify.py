"""The notify decision: one table, read from the top, and when it is asked."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from service.core.calendar import ALWAYS
from service.core.notify import NOTHING_MUTES, Manners, Timing, decide, flush, schedule
from service.core.pipeline.attention import DailyDigest
from service.core.records.alerts import Alert, Announced, Notice
from service.core.records.words import AlertKind, AlertState, NoticeReason, Severity, Wait
from tests.builders import START

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TIMING = Timing(wait=MINUTE, interval=15 * MINUTE, repeat=(24 * HOUR, 72 * HOUR))
MANNERS = Manners(digests=DailyDigest(ALWAYS, 9))
ROUNDS = replace(MANNERS, in_rounds=True)
DIGEST = START + 24 * HOUR
NOON = START + 3 * HOUR
HIGH, CRITICAL = (0, 0, 0, 1, 0), (0, 0, 0, 0, 1)
RESOLVED = {"state": AlertState.RESOLVED, "resolved_at": NOON}


def alert(**changes: Any) -> Alert:  # noqa: ANN401 - any field of Alert
    given: dict[str, Any] = {
        "alert_id": "a-1",
        "alert_key": "k-1",
        "episode": 1,
        "kind": AlertKind.EVENT,
        "team": "desk",
        "route": "root",
        "process": "shipping",
        "category": "delivery",
        "opened_at": START,
        "first_seen": START,
        "last_seen": START,
        "events": 1,
        "customers": 1,
        "unfinished": 1,
        "severities": HIGH,
    }
    return Alert(**(given | changes))


def told(**changes: Any) -> Announced:  # noqa: ANN401 - any field of Announced
    given: dict[str, Any] = {
        "at": START,
        "state": AlertState.OPEN,
        "severity": Severity.HIGH,
        "customers": 1,
        "team": "desk",
    }
    return Announced(**(given | changes))


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        pytest.param(alert(), NoticeReason.OPENED, id="never told and open: opened"),
        pytest.param(alert(**RESOLVED), Wait.NEVER_ANNOUNCED, id="what was never announced is not resolved either"),
        pytest.param(alert(digest_only=True), NoticeReason.DIGEST, id="too old to interrupt: the digest"),
        pytest.param(
            alert(digest_only=True, **RESOLVED), NoticeReason.DIGEST, id="the digest tells it even when it is over"
        ),
        pytest.param(
            alert(digest_only=True, events=0, **RESOLVED), Wait.NEVER_ANNOUNCED, id="unless there is nothing left of it"
        ),
        pytest.param(alert(announced=told(), **RESOLVED), NoticeReason.RESOLVED, id="told as open and over: resolved"),
        pytest.param(
            alert(announced=told(), events=0, **RESOLVED), NoticeReason.WITHDRAWN, id="told and nothing left: withdrawn"
        ),
        pytest.param(
            alert(kind=AlertKind.AT_RISK, announced=told(), events=0, **RESOLVED),
            NoticeReason.RESOLVED,
            id="a customer who is at risk no more was so before",
        ),
        pytest.param(
            alert(kind=AlertKind.RECONTACT, announced=told(), events=0, **RESOLVED),
            NoticeReason.RESOLVED,
            id="told and nothing counted any more: was true",
        ),
        pytest.param(
            alert(announced=told(state=AlertState.RESOLVED), **RESOLVED), Wait.NOTHING_NEW, id="the end is told once"
        ),
        pytest.param(
            alert(announced=told(state=AlertState.RESOLVED)), NoticeReason.REOPENED, id="told as over and open again"
        ),
        pytest.param(
            alert(announced=told(state=AlertState.RESOLVED), digest_only=True),
            NoticeReason.DIGEST,
            id="reopened by what is too old to interrupt",
        ),
        pytest.param(alert(announced=told(team="legal")), NoticeReason.OWNER_CHANGED, id="another team was told"),
        pytest.param(
            alert(announced=told(), severities=CRITICAL), NoticeReason.SEVERITY_INCREASED, id="worse than was told"
        ),
        pytest.param(
            alert(announced=told(severity=Severity.CRITICAL)), Wait.NOTHING_NEW, id="better than was told is no news"
        ),
        pytest.param(
            alert(announced=told(customers=2), customers=4),
            NoticeReason.CUSTOMERS_DOUBLED,
            id="twice as many people",
        ),
        pytest.param(alert(announced=told(customers=2), customers=3), Wait.NOTHING_NEW, id="three are not twice two"),
        pytest.param(
            alert(announced=told(), events=12), Wait.NOTHING_NEW, id="more events of one customer are no news"
        ),
        pytest.param(alert(announced=told(), repeat_at=NOON), NoticeReason.REPEAT, id="time to remind"),
        pytest.param(alert(announced=told(), repeat_at=NOON + MINUTE), Wait.NOTHING_NEW, id="not yet time to remind"),
        pytest.param(
            alert(announced=told(), repeat_at=NOON, acked_until=NOON + MINUTE),
            Wait.ACKNOWLEDGED,
            id="somebody is at it, so nobody is reminded",
        ),
        pytest.param(
            alert(announced=told(), repeat_at=NOON, acked_until=NOON), NoticeReason.REPEAT, id="the promise has expired"
        ),
        pytest.param(
            alert(announced=told(), severities=CRITICAL, acked_until=NOON + MINUTE),
            NoticeReason.SEVERITY_INCREASED,
            id="what gets worse breaks through an acknowledgement",
        ),
    ],
)
def test_what_a_team_is_told(one: Alert, reason: NoticeReason | Wait) -> None:
    assert decide(one, NOON, TIMING, MANNERS, NOTHING_MUTES) == reason


@pytest.mark.parametrize(
    ("one", "flush_at"),
    [
        pytest.param(alert(), NOON + MINUTE, id="a first notice waits"),
        pytest.param(alert(flush_at=NOON), NOON, id="more news do not make it wait longer"),
        pytest.param(alert(severities=CRITICAL), NOON, id="critical is at once"),
        pytest.param(
            alert(announced=told(at=NOON - MINUTE), customers=2), NOON + 14 * MINUTE, id="later news keep the interval"
        ),
        pytest.param(alert(announced=told(), customers=2), NOON, id="after the interval news is due at once"),
        pytest.param(
            alert(announced=told(at=NOON), severities=CRITICAL), NOON, id="newly critical does not keep the interval"
        ),
        pytest.param(
            alert(announced=told(at=NOON, severity=Severity.CRITICAL), severities=CRITICAL, customers=2),
            NOON + 15 * MINUTE,
            id="more of what was told as critical does",
        ),
        pytest.param(
            alert(announced=told(at=NOON, team="legal", severity=Severity.CRITICAL), severities=CRITICAL),
            NOON,
            id="a new owner of what is critical is told at once",
        ),
        pytest.param(alert(announced=told(at=NOON), **RESOLVED), NOON + 15 * MINUTE, id="the end keeps the interval"),
        pytest.param(alert(announced=told(), flush_at=NOON), None, id="what has settled is not told"),
        pytest.param(alert(flush_at=NOON, **RESOLVED), None, id="what is over before it was told is not told"),
        pytest.param(
            alert(digest_only=True, severities=CRITICAL), START + 24 * HOUR, id="what is too old waits for the digest"
        ),
    ],
)
def test_when_it_is_asked(one: Alert, flush_at: datetime | None) -> None:
    assert schedule(one, NOON, TIMING, MANNERS) == replace(one, flush_at=flush_at)


def test_a_notice_has_the_next_revision_and_starts_the_reminders() -> None:
    one = alert(revision=4, flush_at=NOON, announced=told(), customers=2, repeats=1)
    after = replace(
        one,
        revision=5,
        announced=told(at=NOON, customers=2),
        flush_at=None,
        repeats=0,
        repeat_at=NOON + 24 * HOUR,
    )
    assert flush(one, NOON, "Late", TIMING, MANNERS, NOTHING_MUTES) == (
        after,
        Notice(at=NOON, reason=NoticeReason.CUSTOMERS_DOUBLED, revision=5, alert=after, title="Late"),
    )


def test_reminders_back_off_and_then_are_in_digests() -> None:
    one = alert(announced=told(), repeat_at=NOON)
    once, first = flush(one, NOON, "", TIMING, MANNERS, NOTHING_MUTES)
    assert once.repeat_at == NOON + 72 * HOUR
    twice, second = flush(once, NOON + 72 * HOUR, "", TIMING, MANNERS, NOTHING_MUTES)
    assert twice.repeat_at == START + 7 * 24 * HOUR
    thrice, third = flush(twice, START + 7 * 24 * HOUR, "", TIMING, MANNERS, NOTHING_MUTES)
    assert [said.reason for said in (first, second, third) if isinstance(said, Notice)] == [
        NoticeReason.REPEAT,
        NoticeReason.REPEAT,
        NoticeReason.DIGEST,
    ]
    assert thrice.repeat_at == START + 11 * 24 * HOUR


def test_a_reminder_that_is_held_back_comes_when_the_promise_expires() -> None:
    one = alert(announced=told(), repeat_at=NOON, acked_until=NOON + HOUR)
    assert flush(one, NOON, "", TIMING, MANNERS, NOTHING_MUTES) == (
        replace(one, repeat_at=NOON + HOUR),
        Wait.ACKNOWLEDGED,
    )


def test_the_end_is_told_to_whom_the_beginning_was_told() -> None:
    one = alert(announced=told(team="legal"), **RESOLVED)
    after, said = flush(one, NOON, "", TIMING, MANNERS, NOTHING_MUTES)
    assert isinstance(said, Notice)
    assert (said.reason, said.team, after.team, after.due_at) == (NoticeReason.RESOLVED, "legal", "desk", None)


def test_a_resolved_alert_waits_for_no_reminder_until_it_is_reopened() -> None:
    one = alert(announced=told(), repeat_at=NOON, **RESOLVED)
    assert one.due_at is None
    assert replace(one, state=AlertState.OPEN).due_at == NOON
