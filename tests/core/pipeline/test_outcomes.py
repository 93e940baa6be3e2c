"""Complaints that their customer's outcome settles, on a timeline: alerts close and come back."""

from datetime import timedelta
from typing import Any

import pytest

from service.core.playbook.model import Playbook
from service.core.recontact import cases
from service.core.records.alerts import Alert
from service.core.records.decisions import PartKey
from service.core.records.words import AlertKind, AlertState
from tests.builders import SURVEYS, Timeline, Told, instance, make_playbook, survey, ticket

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOW = timedelta()


def settling(**changes: Any) -> Playbook:  # noqa: ANN401 - parts of a playbook
    return make_playbook(fatigue={"outcome": {"recovered_within": "30d"}}, **changes)


def bad(subject: str = "r1", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    return survey(subject, 0, "late", **{"correlation": {"process": "shipping"}, **more})


def good(subject: str = "r9", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    return survey(subject, 10, **{"correlation": {"process": "shipping"}, **more})


def request(change: str, status: str | None = None, ticket_id: str = "t1", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    """A change of a ticket about the instance `i1`, which is nothing bad in itself."""
    about = {"correlation": {"instance": "i1"}, "status": status, "priority": "low"}
    return ticket(change, ticket_id, event_id=f"{ticket_id}-{change}-{status}", **{**about, **more})


def alerts(timeline: Timeline, kind: AlertKind = AlertKind.EVENT) -> list[Alert]:
    return [one for one in timeline.store.rows.alerts.values() if one.kind is kind]


def state(timeline: Timeline) -> tuple[str, int, int]:
    """Whether the one alert is open, with how many members, and how many of them at work."""
    (alert,) = alerts(timeline)
    return (alert.state.value, alert.events, alert.unfinished)


def told(at: timedelta, reason: str, severity: str = "medium") -> Told:
    return Told(at=at, team="drivers", reason=reason, severity=severity)


def test_a_good_answer_resolves_the_alert_of_its_customers_complaint() -> None:
    timeline = Timeline(settling())
    timeline.push(NOW, bad())
    timeline.push(3 * DAY, good())
    timeline.wait(4 * DAY)
    assert state(timeline) == ("resolved", 1, 0)
    assert [(one.at, one.reason) for one in timeline.told() if one.reason not in ("repeat", "digest")] == [
        (MINUTE, "opened"),
        (3 * DAY, "resolved"),
    ]
    row = timeline.store.rows.rows[SURVEYS, "r1-1"]
    assert row.explanation["settled_by"] == {
        "how": "recovered",
        "source": "/surveys",
        "subject": "response/r9",
        "event_id": "r9-1",
        "at": "2026-05-07T09:00:00Z",
    }
    assert row.document["negative"]


def test_an_alert_stays_open_for_whoever_is_not_content() -> None:
    timeline = Timeline(settling())
    timeline.push(NOW, bad(), bad("r2", customer="ben"))
    timeline.push(DAY, good())
    assert state(timeline) == ("open", 2, 1)
    timeline.push(2 * DAY, good("r8", customer="ben"))
    assert state(timeline) == ("resolved", 2, 0)


def test_without_the_setting_a_complaint_is_never_done_by_itself() -> None:
    timeline = Timeline(make_playbook())
    timeline.push(NOW, bad())
    timeline.push(DAY, good())
    assert state(timeline) == ("open", 1, 1)
    assert timeline.store.rows.rows[SURVEYS, "r1-1"].explanation["settled_by"] is None


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(survey("r9", 0, event_id="r9-2", correlation={"process": "returns"}), id="corrected"),
        pytest.param(survey("r9", 10, event_id="r9-2", correlation={"process": "returns"}), id="about something else"),
        pytest.param(survey("r9", 10, event_id="r9-2", customer="ben"), id="of somebody else"),
        pytest.param(good(event_id="r9-2", state="deleted"), id="withdrawn"),
    ],
)
def test_what_becomes_of_the_good_answer_takes_it_back(event: dict[str, Any]) -> None:
    timeline = Timeline(settling())
    timeline.push(NOW, bad())
    timeline.push(DAY, good())
    timeline.push(DAY + HOUR, event)
    timeline.wait(DAY + 2 * HOUR)
    first = next(one for one in alerts(timeline) if one.process == "shipping")
    assert (first.state, first.events, first.unfinished) == (AlertState.OPEN, 1, 1)
    assert [one.reason for one in timeline.told() if one.team == "drivers"] == ["opened", "resolved", "reopened"]
    assert timeline.store.rows.rows[SURVEYS, "r1-1"].explanation["settled_by"] is None


def test_a_new_complaint_reopens_the_alert_and_brings_the_old_one_back() -> None:
    timeline = Timeline(settling())
    timeline.push(NOW, bad())
    timeline.push(DAY, good())
    timeline.push(2 * DAY, bad("r2"))
    assert state(timeline) == ("open", 2, 2)
    timeline.push(3 * DAY, good("r8"))
    assert state(timeline) == ("resolved", 2, 0)


def test_after_the_reopen_window_an_old_complaint_stays_history_where_a_new_one_comes() -> None:
    timeline = Timeline(settling())
    timeline.push(NOW, bad())
    timeline.push(DAY, good())
    timeline.push(10 * DAY, bad("r2"))
    assert [(one.state.value, one.events, one.episode) for one in alerts(timeline)] == [
        ("resolved", 1, 1),
        ("open", 1, 2),
    ]


def test_a_complaint_that_is_too_old_to_interrupt_is_told_when_it_is_brought_back() -> None:
    timeline = Timeline(settling())
    timeline.push(NOW, bad())
    timeline.push(10 * DAY, good())
    timeline.push(11 * DAY, good(event_id="r9-2", state="deleted"))
    timeline.wait(11 * DAY + HOUR)
    assert [(one.at, one.reason) for one in timeline.told() if one.reason not in ("repeat", "digest")] == [
        (MINUTE, "opened"),
        (10 * DAY, "resolved"),
        (11 * DAY, "reopened"),
    ]


def test_a_complaint_that_is_settled_when_it_comes_is_counted_and_told_to_nobody() -> None:
    timeline = Timeline(settling())
    timeline.push(DAY, good())
    books = timeline.push(DAY + HOUR, bad(), occurred=NOW)
    timeline.wait(3 * DAY)
    assert state(timeline) == ("resolved", 1, 0)
    assert (timeline.told(), books.verdicts) == ([], {("drivers", "opened"): 1})


def test_what_is_critical_is_told_before_its_alert_is_resolved_in_either_order() -> None:
    fire = survey("r1", 0, "fire", correlation={"process": "shipping"})
    timeline = Timeline(settling())
    timeline.push(DAY, good())
    timeline.push(DAY + MINUTE, fire, occurred=NOW)
    timeline.wait(2 * DAY)
    assert state(timeline) == ("resolved", 1, 0)
    assert timeline.told() == [
        told(DAY + MINUTE, "opened", "critical"),
        told(DAY + 16 * MINUTE, "resolved", "critical"),
    ]
    other = Timeline(settling())
    other.push(NOW, fire)
    other.push(HOUR, good())
    other.wait(DAY)
    assert other.told() == [told(NOW, "opened", "critical"), told(HOUR, "resolved", "critical")]


def test_the_end_of_the_linked_ticket_resolves_the_alert_and_its_reopening_brings_it_back() -> None:
    timeline = Timeline(settling())
    timeline.push(NOW, instance("i1", event_id="p1"))
    timeline.push(HOUR, bad(correlation={"instance": "i1"}))
    timeline.push(2 * HOUR, request("created", "new"))
    assert state(timeline) == ("open", 1, 1)
    timeline.push(DAY, request("status", "solved"))
    assert state(timeline) == ("resolved", 1, 0)
    explained = timeline.store.rows.rows[SURVEYS, "r1-1"].explanation["settled_by"]
    assert (explained["how"], explained["event_id"]) == ("tickets_closed", "t1-status-solved")
    timeline.push(2 * DAY, request("reopened", "open"))
    assert state(timeline) == ("open", 1, 1)
    timeline.push(3 * DAY, request("status", "closed"))
    assert state(timeline) == ("resolved", 1, 0)
    timeline.push(4 * DAY, request("created", "new", "t2"))
    assert state(timeline) == ("open", 1, 1)
    timeline.push(5 * DAY, request("merged", None, "t2", merged_into="t1"))
    assert state(timeline) == ("resolved", 1, 0)


def test_a_ticket_that_began_as_long_before_as_the_next_one_comes_after_is_looked_at_as_well() -> None:
    timeline = Timeline(settling())
    timeline.push(NOW, instance("i1", event_id="p1"), request("created", "new"))
    timeline.push(29 * DAY, bad(correlation={"instance": "i1"}))
    timeline.push(57 * DAY, request("created", "new", "t2"))
    timeline.push(57 * DAY + HOUR, request("status", "solved", "t2"))
    assert timeline.store.rows.contributions[PartKey(SURVEYS, "response/r1")].settled_by is None


def test_what_settled_a_complaint_stays_where_an_earlier_contact_makes_it_worse() -> None:
    timeline = Timeline(make_playbook(fatigue={"outcome": {"recovered_within": "2d"}}))
    timeline.push(6 * DAY, bad("r1"))
    timeline.push(7 * DAY, good())
    before = timeline.store.rows.contributions[PartKey(SURVEYS, "response/r1")]
    timeline.push(7 * DAY + HOUR, bad("r0"), occurred=DAY)
    after = timeline.store.rows.contributions[PartKey(SURVEYS, "response/r1")]
    assert after.assessed.contacts == before.assessed.contacts + 1
    assert (after.settled_by, after.is_done) == (before.settled_by, True)


def test_a_settled_complaint_is_no_closed_case_and_counts_in_its_cell_as_before() -> None:
    timeline = Timeline(settling())
    timeline.push(NOW, bad())
    timeline.push(DAY, good())
    contribution = timeline.store.rows.contributions[PartKey(SURVEYS, "response/r1")]
    assert (contribution.is_done, contribution.feedback.done, contribution.done_at) == (True, False, None)
    assert contribution.assessed.negative
    assert list(cases(timeline.store.rows.contributions.values(), 7 * DAY)) == []


def test_a_settled_complaint_puts_nobody_at_risk_until_it_is_brought_back() -> None:
    timeline = Timeline(settling(at_risk={"cases": 2, "team": "legal"}))
    timeline.push(NOW, bad())
    timeline.push(HOUR, survey("r2", 0, "refund"))
    (risk,) = alerts(timeline, AlertKind.AT_RISK)
    assert (risk.state, risk.events) == (AlertState.OPEN, 2)
    timeline.push(DAY, good())
    (risk,) = alerts(timeline, AlertKind.AT_RISK)
    assert (risk.state, risk.events) == (AlertState.RESOLVED, 0)
    timeline.push(2 * DAY, good(event_id="r9-2", state="deleted"))
    (risk,) = alerts(timeline, AlertKind.AT_RISK)
    assert (risk.state, risk.events) == (AlertState.OPEN, 2)


def test_where_the_setting_is_taken_out_what_was_settled_stays_so_until_its_own_next_event() -> None:
    timeline = Timeline(settling())
    timeline.push(NOW, bad())
    timeline.push(DAY, good())
    timeline.turn_to(make_playbook())
    timeline.push(2 * DAY, good(event_id="r9-2", state="deleted"))
    assert state(timeline) == ("resolved", 1, 0)
    timeline.push(3 * DAY, bad(event_id="r1-2"))
    assert state(timeline) == ("open", 1, 1)
