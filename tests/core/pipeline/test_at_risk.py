"""Customers with too many unresolved cases at once: one alert each, told when it begins and ends, not for counts."""

from datetime import timedelta
from typing import Any

import pytest

from service.core.pipeline.act import Deed
from service.core.pipeline.judge import MOST_UNRESOLVED
from service.core.playbook.model import Playbook
from service.core.records.alerts import Alert
from service.core.records.words import AlertState
from tests.builders import KEY, START, Timeline, Told, instance, make_playbook, survey, ticket
from tests.core.pipeline.acting import do

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOW = timedelta()
ANNA = KEY.pseudonym("anna")


def watched(**changes: Any) -> Playbook:  # noqa: ANN401 - fields of at_risk and of the playbook
    asked = {name: changes.pop(name) for name in ("cases", "within", "severity") if name in changes}
    return make_playbook(at_risk={"team": "legal", **asked}, **changes)


def case(number: int, change: str = "created", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    given: dict[str, Any] = {"priority": "urgent", "body": "late", "status": "open"}
    return ticket(change, f"t{number}", **{"event_id": f"{number}-{change}", **given, **more})


def solved(number: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    return case(number, "status", status="solved", body=None, **more)


def told(at: timedelta, reason: str, customers: int = 1) -> Told:
    severity = "high" if customers else "info"
    return Told(at=at, team="legal", reason=reason, severity=severity, customers=customers)


def risks(timeline: Timeline) -> list[Alert]:
    return [one for one in timeline.store.rows.alerts.values() if one.kind.value == "at_risk"]


def heard(timeline: Timeline) -> list[Told]:
    """What was told of customers at risk since the last look."""
    return [one for one in timeline.told() if one.team == "legal"]


def open_cases(timeline: Timeline) -> int:
    (alert,) = risks(timeline)
    return alert.events if alert.state is AlertState.OPEN else 0


def subjects(timeline: Timeline) -> set[str]:
    (alert,) = risks(timeline)
    return {one["subject"].removeprefix("ticket/") for one in alert.evidence["cases"]}


def test_a_third_unresolved_case_puts_a_customer_at_risk_and_a_solved_one_ends_it() -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, case(1), case(2, body="refund"))
    assert risks(timeline) == []
    timeline.push(HOUR, instance("i1", event_id="i", keys=["t3"]), case(3, correlation={"instance": "i1"}))
    (alert,) = risks(timeline)
    assert (alert.team, alert.route, alert.severity, alert.category, alert.process) == (
        "legal",
        "at_risk",
        "high",
        "*",
        "*",
    )
    assert (alert.events, alert.customers, alert.instances, alert.unfinished, alert.linked) == (3, 1, 1, 3, ("i1",))
    assert (alert.opened_at, alert.first_seen, alert.last_seen) == (START + HOUR, START, START + HOUR)
    assert alert.evidence["customer"] == ANNA
    assert sorted(one["event_id"] for one in alert.evidence["cases"]) == ["1-created", "2-created", "3-created"]
    timeline.push(2 * HOUR, solved(2))
    timeline.wait(3 * HOUR)
    assert heard(timeline) == [told(HOUR + MINUTE, "opened"), told(2 * HOUR, "resolved", 0)]
    assert [notice.title for notice in timeline.store.rows.notices if notice.alert.team == "legal"] == [
        "A customer has 3 unresolved cases",
        "A customer is no longer at risk",
    ]
    (alert,) = risks(timeline)
    assert (alert.state, alert.events, alert.unfinished, alert.linked, alert.evidence) == ("resolved", 0, 0, (), {})


def test_cases_of_one_kind_say_of_which() -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, case(1), case(2), case(3))
    (alert,) = risks(timeline)
    assert (alert.category, alert.process) == ("delivery", "shipping")


def test_a_further_case_is_counted_and_not_told() -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, case(1), case(2), case(3))
    timeline.push(HOUR, case(4))
    timeline.push(2 * HOUR, case(5), case(6), case(7))
    timeline.push(3 * HOUR, solved(6))
    timeline.wait(4 * HOUR)
    assert open_cases(timeline) == 6
    assert heard(timeline) == [told(MINUTE, "opened")]


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([case(1), case(2), case(1, "comment", body="Awful, terrible")], id="one case told of twice"),
        pytest.param([case(1), case(2), solved(3)], id="one that is done"),
        pytest.param([case(1), case(2), survey("r1", 9, "great")], id="praise"),
        pytest.param([case(1), case(2), case(3, customer="ben")], id="another customer's"),
        pytest.param([case(at, customer=None) for at in range(4)], id="nobody known by name"),
        pytest.param([case(1), case(2), case(3), case(3, "deleted")], id="one that is deleted at once"),
    ],
)
def test_what_is_not_a_third_case_of_a_customer_puts_nobody_at_risk(events: list[dict[str, Any]]) -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, *events)
    timeline.wait(HOUR)
    assert heard(timeline) == []


def test_answers_to_surveys_are_cases_as_well_however_mild() -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, survey("r1", 4, "late"), survey("r2", 4, "late"), survey("r3", 4, "late"))
    assert open_cases(timeline) == 3


def test_without_at_risk_nobody_is() -> None:
    timeline = Timeline(make_playbook())
    timeline.push(NOW, *(case(number) for number in range(9)))
    assert risks(timeline) == []


def test_cases_that_began_too_far_apart_do_not_add_up() -> None:
    timeline = Timeline(watched(within="30d"))
    for day, number in ((0, 1), (20, 2), (40, 3)):
        timeline.push(day * DAY, case(number))
    assert risks(timeline) == []
    timeline.push(45 * DAY, case(4))
    assert open_cases(timeline) == 3
    (alert,) = risks(timeline)
    assert alert.first_seen == START + 20 * DAY


def test_a_group_of_long_ago_still_counts_when_somebody_writes_again() -> None:
    timeline = Timeline(watched(within="2d", fatigue={"auto_close": "90d"}))
    timeline.push(NOW, case(1), case(2), case(3))
    timeline.push(40 * DAY, case(4))
    assert open_cases(timeline) == 3
    timeline.push(41 * DAY, solved(4), solved(3))
    assert open_cases(timeline) == 0


def test_of_two_groups_the_larger_counts_and_of_equal_ones_the_latest() -> None:
    timeline = Timeline(watched(within="2d", fatigue={"auto_close": "90d"}))
    timeline.push(NOW, case(1), case(2), case(3), case(4))
    timeline.push(9 * DAY, case(5), case(6), case(7))
    assert subjects(timeline) == {"t1", "t2", "t3", "t4"}
    timeline.push(10 * DAY, solved(4))
    assert subjects(timeline) == {"t5", "t6", "t7"}


def test_the_end_of_a_case_brings_no_alert_back_though_an_older_group_counts_now() -> None:
    timeline = Timeline(watched(within="2d", fatigue={"auto_close": "90d"}))
    timeline.push(NOW, case(1), case(2), case(3))
    timeline.push(9 * DAY, case(4), case(5), case(6), case(7))
    do(timeline, Deed.RESOLVE, "at_risk")
    timeline.push(10 * DAY, solved(6))
    timeline.push(10 * DAY + HOUR, solved(7))
    assert [one.state for one in risks(timeline)] == [AlertState.RESOLVED]


def test_a_case_that_comes_back_within_a_week_reopens_it_and_later_another_is_opened() -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, case(1), case(2), case(3))
    timeline.push(DAY, solved(3))
    timeline.push(6 * DAY, case(3, "reopened", event_id="again"))
    timeline.push(6 * DAY + HOUR, solved(3, event_id="once more"))
    timeline.push(20 * DAY, case(4))
    timeline.wait(20 * DAY + HOUR)
    assert [(one.at, one.reason) for one in heard(timeline) if one.reason != "repeat"] == [
        (MINUTE, "opened"),
        (DAY, "resolved"),
        (6 * DAY, "reopened"),
        (6 * DAY + HOUR, "resolved"),
        (20 * DAY + MINUTE, "opened"),
    ]
    assert [one.episode for one in risks(timeline)] == [1, 2]


def test_who_was_resolved_by_a_person_comes_back_with_a_new_case_alone() -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, case(1), case(2), case(3), case(4))
    timeline.wait(HOUR)
    do(timeline, Deed.RESOLVE, "at_risk")
    timeline.push(2 * HOUR, case(3, "updated", event_id="more", body="Still late. Awful, terrible"))
    timeline.push(3 * HOUR, case(3, "comment", event_id="words", body="Terrible"))
    timeline.push(4 * HOUR, solved(4))
    timeline.wait(5 * HOUR)
    assert heard(timeline) == [told(MINUTE, "opened"), told(HOUR, "resolved")]
    timeline.push(6 * HOUR, case(5))
    timeline.wait(6 * HOUR)
    assert heard(timeline) == [told(6 * HOUR, "reopened")]
    assert open_cases(timeline) == 4


def test_an_acknowledgement_holds_reminders_back() -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, case(1), case(2), case(3))
    timeline.wait(12 * HOUR)
    do(timeline, Deed.ACK, "at_risk")
    timeline.wait(2 * DAY)
    assert heard(timeline) == [told(MINUTE, "opened"), told(DAY + 12 * HOUR, "repeat")]


def test_cases_of_which_nothing_is_heard_for_two_weeks_end_it() -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, survey("r1", 0), survey("r2", 0), survey("r3", 0))
    timeline.push(5 * DAY, survey("r2", 1, event_id="corrected"))
    timeline.wait(18 * DAY)
    assert open_cases(timeline) == 3
    timeline.wait(20 * DAY)
    (alert,) = risks(timeline)
    assert (alert.state, alert.events, alert.resolved_at) == ("resolved", 3, START + 19 * DAY)
    assert heard(timeline)[-1] == told(19 * DAY, "resolved")


def test_a_case_that_turns_out_to_be_another_customer_s_counts_there() -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, case(1), case(2), case(3), case(4, customer="ben"), case(5, customer="ben"))
    timeline.push(HOUR, case(3, "updated", customer="ben"))
    by_customer = {one.fields["customer"]: (one.state, one.events) for one in risks(timeline)}
    assert by_customer == {ANNA: ("resolved", 0), KEY.pseudonym("ben"): ("open", 3)}


def test_a_correction_and_a_deletion_end_it() -> None:
    for end in (survey("r3", 9, event_id="x"), survey("r3", state="deleted", event_id="x")):
        timeline = Timeline(watched())
        timeline.push(NOW, survey("r1", 0), survey("r2", 0), survey("r3", 0))
        timeline.push(HOUR, end)
        timeline.wait(2 * HOUR)
        assert heard(timeline) == [told(MINUTE, "opened"), told(HOUR, "resolved", 0)]


def test_a_bad_word_about_a_case_that_is_done_is_not_done_itself() -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, case(1), case(2), case(3))
    timeline.push(HOUR, solved(3))
    assert open_cases(timeline) == 0
    timeline.push(2 * HOUR, case(3, "csat", csat={"raw": 1}, status=None, priority=None, body=None))
    assert open_cases(timeline) == 3


def test_what_is_too_old_puts_nobody_at_risk() -> None:
    timeline = Timeline(watched())
    timeline.push(10 * DAY, case(1), case(2), case(3), occurred=NOW)
    assert risks(timeline) == []
    timeline.push(10 * DAY + HOUR, case(4))
    assert open_cases(timeline) == 4


def test_a_critical_risk_is_told_at_once() -> None:
    timeline = Timeline(watched(severity="critical", cases=2))
    timeline.push(NOW, case(1), case(2))
    (one,) = heard(timeline)
    assert (one.at, one.reason, one.severity) == (NOW, "opened", "critical")


def test_its_severity_does_not_follow_that_of_the_cases_but_the_playbook() -> None:
    timeline = Timeline(watched(severity="medium"))
    timeline.push(NOW, case(1), case(2), case(3, body="fire"))
    timeline.wait(HOUR)
    timeline.turn_to(watched(severity="high"))
    timeline.push(HOUR, case(4))
    assert [(one.reason, one.severity) for one in heard(timeline)] == [
        ("opened", "medium"),
        ("severity_increased", "high"),
    ]


def test_no_customer_who_never_had_cases_enough_leaves_a_gate() -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, case(1), case(2), case(3, customer="ben"))
    timeline.push(HOUR, solved(1))
    gates = {alert.alert_key for alert in timeline.store.rows.alerts.values()}
    assert set(timeline.store.rows.gates) == gates


def test_an_alert_shows_the_worst_of_many_cases() -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, *(case(number) for number in range(30)), case(99, body="fire"))
    (alert,) = risks(timeline)
    shown = alert.evidence["cases"]
    assert (alert.events, len(shown)) == (31, 20)
    assert shown[0] == {
        "source": "/tickets",
        "subject": "ticket/t99",
        "event_id": "99-created",
        "began_at": "2026-05-04T09:00:00Z",
        "category": "safety",
        "process": "shipping",
        "severity": "critical",
    }


def test_of_more_cases_than_anybody_has_those_count_that_began_last() -> None:
    timeline = Timeline(watched())
    for hour in range(MOST_UNRESOLVED + 20):
        timeline.push(hour * HOUR, case(hour))
    assert open_cases(timeline) == MOST_UNRESOLVED
    (alert,) = risks(timeline)
    assert alert.first_seen == START + 20 * HOUR
    timeline.push(200 * HOUR, *(solved(number) for number in range(20, MOST_UNRESOLVED + 20)))
    assert open_cases(timeline) == 20
