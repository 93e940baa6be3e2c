"""Who is told what, when: events pushed at a time, every notice expected, and none beside those."""

from datetime import timedelta
from typing import Any

import pytest

from service.core.pipeline.act import Deed
from service.core.records.alerts import Alert
from service.core.records.words import AlertState
from tests.builders import Timeline, Told, make_playbook, survey, ticket, with_routes
from tests.core.pipeline.acting import do

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOW = timedelta()
BY_CASE = with_routes(
    {"id": "drivers", "match": {"group": "drivers"}, "team": "drivers"},
    {"id": "rest", "team": "legal"},
    group_by=["subject"],
)


def late(number: int, customer: str | None = None, score: int = 0, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    text = more.pop("text", "late")
    return survey(f"r{number}", score, text, customer=customer or f"c{number}", **more)


def problem(number: int, change: str = "created", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    given: dict[str, Any] = {"priority": "urgent", "body": "late", "status": "open", "customer": f"c{number}"}
    return ticket(change, f"t{number}", **(given | more))


def told(at: timedelta, reason: str, severity: str = "high", customers: int = 1, team: str = "drivers") -> Told:
    return Told(at=at, team=team, reason=reason, severity=severity, customers=customers)


def only(timeline: Timeline) -> Alert:
    (alert,) = timeline.store.rows.alerts.values()
    return alert


def test_a_first_notice_gathers_for_a_minute() -> None:
    timeline = Timeline()
    timeline.push(NOW, late(1))
    timeline.push(30 * SECOND, late(2), late(3))
    timeline.wait(MINUTE - SECOND)
    assert timeline.told() == []
    timeline.wait(HOUR)
    assert timeline.told() == [told(MINUTE, "opened", customers=3)]


def test_twice_the_customers_are_told_after_the_interval_and_more_events_are_not() -> None:
    timeline = Timeline()
    timeline.push(NOW, late(1))
    timeline.push(2 * MINUTE, late(2, customer="c1"), late(3, customer="c1"))
    timeline.push(3 * MINUTE, late(4))
    timeline.push(4 * MINUTE, late(5))
    timeline.push(20 * MINUTE, late(6))
    timeline.push(40 * MINUTE, late(7), late(8))
    timeline.wait(2 * HOUR)
    assert timeline.told() == [
        told(MINUTE, "opened"),
        told(16 * MINUTE, "customers_doubled", customers=3),
        told(40 * MINUTE, "customers_doubled", customers=6),
    ]


def test_reminders_come_after_a_day_and_three_more_and_then_in_digests() -> None:
    timeline = Timeline()
    timeline.push(NOW, late(1))
    timeline.wait(13 * DAY)
    assert timeline.told() == [
        told(MINUTE, "opened"),
        told(DAY + MINUTE, "repeat"),
        told(4 * DAY + MINUTE, "repeat"),
        told(8 * DAY, "digest"),
        told(12 * DAY, "digest"),
    ]


def test_what_gets_worse_is_told_and_reminders_begin_anew() -> None:
    timeline = Timeline()
    timeline.push(NOW, late(1, score=2))
    timeline.push(5 * MINUTE, late(2, score=0))
    timeline.wait(DAY + HOUR)
    assert timeline.told() == [
        told(MINUTE, "opened", "medium"),
        told(16 * MINUTE, "severity_increased", customers=2),
        told(DAY + 16 * MINUTE, "repeat", customers=2),
    ]


def test_critical_news_waits_for_nothing() -> None:
    timeline = Timeline(with_routes({"id": "all", "team": "drivers"}, wait="1h", interval="4h"))
    timeline.push(NOW, late(1))
    timeline.push(30 * MINUTE, late(2, text="fire"), late(3, score=0))
    timeline.push(61 * MINUTE, late(4))
    timeline.push(62 * MINUTE, late(5, text="fire, late"))
    timeline.wait(63 * MINUTE)
    # A fire alone is of another category, and so has an alert of its own.
    assert timeline.told() == [
        told(30 * MINUTE, "opened", "critical"),
        told(HOUR, "opened", customers=2),
        told(62 * MINUTE, "severity_increased", "critical", customers=4),
    ]


def test_the_end_is_told_once_if_the_beginning_was() -> None:
    timeline = Timeline()
    timeline.push(NOW, problem(1, event_id="1"))
    timeline.push(5 * MINUTE, problem(1, "status", event_id="2", status="solved"))
    timeline.push(HOUR, problem(1, "status", event_id="3", status="closed"))
    timeline.wait(3 * DAY)
    assert timeline.told() == [told(MINUTE, "opened", "medium"), told(16 * MINUTE, "resolved", "medium")]


def test_what_is_over_before_it_was_told_is_not_told() -> None:
    timeline = Timeline()
    timeline.push(NOW, problem(1, event_id="1"))
    timeline.push(30 * SECOND, problem(1, "status", event_id="2", status="solved"))
    timeline.wait(3 * DAY)
    assert timeline.told() == []
    assert only(timeline).state is AlertState.RESOLVED


def test_a_critical_ticket_that_was_closed_before_it_was_seen_is_told_all_the_same() -> None:
    timeline = Timeline()
    timeline.push(NOW, problem(1, event_id="1", body="fire", status="solved"))
    timeline.push(HOUR, problem(2, event_id="2", body="fire", status="solved"))
    timeline.wait(3 * DAY)
    assert timeline.told() == [
        told(NOW, "opened", "critical"),
        told(15 * MINUTE, "resolved", "critical"),
        told(HOUR, "reopened", "critical", customers=2),
        told(75 * MINUTE, "resolved", "critical", customers=2),
    ]


def test_a_correction_that_leaves_nothing_withdraws() -> None:
    timeline = Timeline()
    timeline.push(NOW, late(1, revision=1))
    timeline.push(HOUR, late(1, score=9, revision=2))
    timeline.wait(3 * DAY)
    assert timeline.told() == [told(MINUTE, "opened"), told(HOUR, "withdrawn", "info", customers=0)]


def test_news_within_a_week_reopens_and_later_news_opens_another() -> None:
    timeline = Timeline()
    for week, number in ((0, 1), (6, 2), (14, 3)):
        timeline.push(week * DAY, problem(number, event_id=f"{number}-1"))
        timeline.push(week * DAY + HOUR, problem(number, "status", event_id=f"{number}-2", status="solved"))
    timeline.wait(15 * DAY)
    assert timeline.told() == [
        told(MINUTE, "opened", "medium"),
        told(HOUR, "resolved", "medium"),
        told(6 * DAY, "reopened", "medium", customers=2),
        told(6 * DAY + HOUR, "resolved", "medium", customers=2),
        told(14 * DAY + MINUTE, "opened", "medium"),
        told(14 * DAY + HOUR, "resolved", "medium"),
    ]
    first, second = timeline.store.rows.alerts.values()
    assert (first.episode, first.events, second.episode, second.events) == (1, 2, 2, 1)
    assert first.alert_key == second.alert_key


@pytest.mark.parametrize(("first", "then"), [("late", "refund"), ("refund", "late")])
def test_what_is_as_bad_as_in_its_last_alert_is_no_news_however_mild_it_was_in_one_before(
    first: str, then: str
) -> None:
    timeline = Timeline()
    for at, score, text in ((0, 4, first), (8, 0, then), (16, 0, first)):
        timeline.push(at * DAY, late(1, score=score, text=text, revision=at + 1))
        for alert in [one for one in timeline.store.rows.alerts.values() if one.state is AlertState.OPEN]:
            timeline.act(at * DAY, alert.alert_id, Deed.RESOLVE)
    assert [(one.severity, one.episode) for one in timeline.store.rows.alerts.values()] == [("low", 1), ("high", 1)]


def test_an_alert_that_is_reopened_before_its_end_was_told_is_still_reminded_of() -> None:
    timeline = Timeline()
    timeline.push(NOW, problem(1, event_id="1"))
    timeline.push(2 * MINUTE, problem(1, "status", event_id="2", status="solved"))
    timeline.push(3 * MINUTE, problem(1, "reopened", event_id="3"))
    timeline.wait(2 * DAY)
    assert timeline.told() == [told(MINUTE, "opened", "medium"), told(DAY + MINUTE, "repeat", "medium")]


def test_an_acknowledgement_holds_reminders_back_until_it_expires_but_not_what_gets_worse() -> None:
    timeline = Timeline()
    timeline.push(NOW, late(1, score=2))
    timeline.wait(12 * HOUR)
    do(timeline, Deed.ACK)
    timeline.push(20 * HOUR, late(2))
    timeline.wait(2 * DAY + 10 * HOUR)
    assert timeline.told() == [
        told(MINUTE, "opened", "medium"),
        told(20 * HOUR, "severity_increased", customers=2),
        told(DAY + 20 * HOUR, "repeat", customers=2),
    ]
    held = Timeline()
    held.push(NOW, late(1))
    held.wait(12 * HOUR)
    do(held, Deed.ACK)
    held.wait(2 * DAY)
    assert held.told() == [told(MINUTE, "opened"), told(DAY + 12 * HOUR, "repeat")]


def test_an_alert_without_news_is_closed_after_two_weeks_and_keeps_its_members() -> None:
    timeline = Timeline()
    timeline.push(NOW, late(1))
    timeline.wait(DAY * 15)
    assert timeline.told()[-1] == told(14 * DAY, "resolved")
    assert (only(timeline).events, only(timeline).resolved_at) == (1, only(timeline).opened_at + 14 * DAY)
    timeline.push(16 * DAY, late(2))
    timeline.wait(17 * DAY)
    assert timeline.told() == [told(16 * DAY, "reopened", customers=2), told(17 * DAY, "repeat", customers=2)]


def test_a_case_is_handed_over_with_its_history() -> None:
    timeline = Timeline(BY_CASE)
    timeline.push(NOW, problem(1, event_id="1", group_ref="drivers"))
    timeline.push(HOUR, problem(1, "updated", event_id="2", group_ref="lawyers"))
    timeline.push(2 * HOUR, problem(1, "status", event_id="3", status="solved"))
    timeline.wait(DAY)
    assert timeline.told() == [
        told(MINUTE, "opened", "medium"),
        told(HOUR, "owner_changed", "medium", team="legal"),
        told(2 * HOUR, "resolved", "medium", team="legal"),
    ]
    assert only(timeline).revision == 3


def test_there_and_back_in_one_batch_is_nobody_s_news() -> None:
    timeline = Timeline(BY_CASE)
    timeline.push(NOW, problem(1, event_id="1", group_ref="drivers"))
    away = problem(1, "updated", event_id="2", group_ref="lawyers", revision=2**60)
    back = problem(1, "updated", event_id="3", group_ref="drivers", revision=2**60 + 1)
    timeline.push(HOUR, away, back)
    timeline.wait(2 * HOUR)
    assert timeline.told() == [told(MINUTE, "opened", "medium")]


def test_the_end_reaches_the_team_that_was_told_of_the_beginning() -> None:
    timeline = Timeline(BY_CASE)
    timeline.push(NOW, problem(1, event_id="1", group_ref="drivers"))
    timeline.push(2 * MINUTE, problem(1, "updated", event_id="2", group_ref="lawyers"))
    timeline.push(3 * MINUTE, problem(1, "status", event_id="3", status="solved"))
    timeline.wait(HOUR)
    assert timeline.told() == [told(MINUTE, "opened", "medium"), told(16 * MINUTE, "resolved", "medium")]


def test_what_is_critical_but_old_waits_for_the_digest_by_name() -> None:
    timeline = Timeline()
    books = timeline.push(10 * DAY, late(1, text="fire"), late(2), occurred=DAY)
    assert books.verdicts == {("drivers", "stale"): 2}
    timeline.push(10 * DAY + HOUR, problem(3, event_id="3", body="fire", status="solved"), occurred=DAY)
    timeline.wait(12 * DAY)
    assert timeline.told() == [
        told(11 * DAY, "digest", "critical", customers=2),
        told(12 * DAY, "repeat", "critical", customers=2),
    ]
    assert only(timeline).events == 2


def test_a_fresh_event_ends_the_wait_for_the_digest_and_a_withdrawal_does_not() -> None:
    timeline = Timeline()
    timeline.push(10 * DAY, late(1, text="fire"), late(2, text="fire", revision=1), occurred=DAY)
    timeline.push(10 * DAY + HOUR, late(2, state="deleted", revision=2))
    timeline.wait(10 * DAY + 2 * HOUR)
    assert timeline.told() == []
    timeline.push(10 * DAY + 3 * HOUR, late(3, text="fire"))
    assert timeline.told() == [told(10 * DAY + 3 * HOUR, "opened", "critical", customers=2)]


def test_solving_a_ticket_ends_what_was_remarked_on_it() -> None:
    timeline = Timeline()
    timeline.push(NOW, problem(1, event_id="1"))
    angry = problem(1, "comment", event_id="2", body="Still late. Awful, terrible", status=None)
    timeline.push(HOUR, angry)
    timeline.push(2 * HOUR, problem(1, "status", event_id="3", status="solved", body=None))
    timeline.wait(3 * HOUR)
    assert timeline.told() == [told(MINUTE, "opened", "medium"), told(2 * HOUR, "resolved", "medium")]
    # A bad rating afterwards is a matter of its own.
    timeline.push(4 * HOUR, problem(1, "csat", event_id="4", csat={"raw": 1}, status=None))
    timeline.wait(5 * HOUR)
    assert timeline.told() == [told(4 * HOUR, "reopened")]


def test_an_alert_whose_successor_opens_at_once_says_what_is_left_to_say() -> None:
    timeline = Timeline(make_playbook(fatigue={"reopen_window": "0s", "interval": "4h"}))
    timeline.push(NOW, problem(1, event_id="1"))
    timeline.push(2 * MINUTE, problem(1, "status", event_id="2", status="solved"))
    timeline.push(3 * MINUTE, problem(2, event_id="3"))
    timeline.wait(DAY)
    assert timeline.told() == [
        told(MINUTE, "opened", "medium"),
        told(3 * MINUTE, "resolved", "medium"),
        told(4 * MINUTE, "opened", "medium"),
    ]
