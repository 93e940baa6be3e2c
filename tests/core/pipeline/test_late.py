"""High-value customers' cases past their limit: who is told when, and what ends or moves it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from service.core.pipeline.act import Deed
from service.core.playbook.model import Playbook
from service.core.records.alerts import Alert
from service.core.records.words import AlertState
from tests.builders import START, Timeline, Told, instance, make_playbook, ticket
from tests.core.pipeline.acting import do

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HALF = MINUTE / 2
NOW, LIMIT = timedelta(), timedelta(hours=48)
PROCESSES: Sequence[dict[str, Any]] = (
    {"id": "shipping", "name": "Delivery", "team": "drivers", "sla": "48h"},
    {"id": "returns", "name": "Returns", "team": "refunds", "sla": "96h"},
    {"id": "billing", "name": "Billing", "team": "legal"},
)


def watched(**changes: Any) -> Playbook:  # noqa: ANN401 - fields of high_value
    return make_playbook(processes=PROCESSES, high_value={"tiers": ["gold", "platinum"], **changes})


def case(number: int, lifecycle: str = "start", tier: str | None = "gold", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    given = {"tier": tier} if tier is not None else {}
    return instance("i1", event_id=str(number), lifecycle=lifecycle, **(given | more))


def told(at: timedelta, reason: str, severity: str = "high", team: str = "drivers") -> Told:
    return Told(at=at, team=team, reason=reason, severity=severity, customers=int(reason != "withdrawn"))


def only(timeline: Timeline) -> Alert:
    (alert,) = timeline.store.rows.alerts.values()
    return alert


def late_at(timeline: Timeline) -> timedelta | None:
    at = timeline.store.rows.instances["i1"].late_at
    return None if at is None else at - START


def test_a_gold_customer_s_case_is_told_of_when_its_limit_is_reached_and_when_it_ends() -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, case(1, keys=["SO-1"], region="uk"))
    assert late_at(timeline) == LIMIT
    timeline.wait(LIMIT)
    alert = only(timeline)
    assert (alert.kind, alert.route, alert.category, alert.process, alert.region) == (
        "late_case",
        "late_case",
        "*",
        "shipping",
        "uk",
    )
    assert (alert.opened_at, alert.first_seen, alert.last_seen) == (START + LIMIT, START, START + LIMIT)
    assert (alert.events, alert.customers, alert.instances, alert.unfinished, alert.linked) == (1, 1, 1, 1, ("i1",))
    assert alert.evidence == {
        "tier": "gold",
        "started_at": "2026-05-04T09:00:00Z",
        "late_at": "2026-05-06T09:00:00Z",
        "limit": "48 hours",
    }
    assert late_at(timeline) is None
    books = timeline.push(LIMIT + HOUR, case(2, "complete"))
    assert books.verdicts == {("", "recorded"): 1}
    timeline.wait(30 * DAY)
    assert timeline.told() == [told(LIMIT + HALF, "opened"), told(LIMIT + HOUR, "resolved")]
    assert [notice.title for notice in timeline.store.rows.notices] == [
        "Gold customer's case in Delivery is past its 48 hours",
        "Gold customer's case in Delivery was past its 48 hours — resolved",
    ]
    assert only(timeline).events == 1


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([case(1, tier="plain")], id="another tier"),
        pytest.param([case(1, tier=None)], id="no tier"),
        pytest.param([case(1, process="billing")], id="a process without a limit"),
        pytest.param([case(1, process="unheard-of")], id="a process that nobody knows"),
        pytest.param([case(1), case(2, "complete")], id="completed in time"),
        pytest.param([case(1), case(2, "cancel")], id="cancelled in time"),
        pytest.param([case(1), case(2, "fail")], id="failed in time"),
        pytest.param([case(1, "complete")], id="an end of which no start is known"),
    ],
)
def test_nobody_is_told_of_what_is_not_late(events: Sequence[dict[str, Any]]) -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, *events)
    assert late_at(timeline) is None
    timeline.wait(30 * DAY)
    assert timeline.told() == []


def test_without_high_value_nothing_is_ever_late() -> None:
    timeline = Timeline(make_playbook(processes=PROCESSES))
    timeline.push(NOW, case(1))
    timeline.wait(30 * DAY)
    assert timeline.told() == []
    assert late_at(timeline) is None


def test_the_end_of_an_activity_is_not_that_of_the_case() -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, case(1))
    timeline.push(HOUR, case(2, "complete", activity="Pick"))
    timeline.wait(LIMIT + HALF)
    assert timeline.told() == [told(LIMIT + HALF, "opened")]


def test_a_critical_case_waits_for_nothing_and_the_named_team_has_it() -> None:
    timeline = Timeline(watched(severity="critical", team="legal"))
    timeline.push(NOW, case(1))
    timeline.wait(LIMIT)
    assert timeline.told() == [told(LIMIT, "opened", "critical", "legal")]


@pytest.mark.parametrize(
    "end",
    [
        pytest.param({"closed": (START + 50 * HOUR).isoformat()}, id="by its time"),
        pytest.param({"state": "solved"}, id="by its status"),
        pytest.param({"state": "deleted"}, id="since it is gone"),
    ],
)
def test_a_ticket_whose_source_makes_it_an_instance_can_be_late_and_over(end: dict[str, str]) -> None:
    source = {
        "kind": "ticket",
        "subject": "number",
        "id": "id",
        "time": {"value": "at"},
        "customer": {"ref": "who", "tier": "tier"},
        "process": "shipping",
        "ticket": {"status": "state"},
        "instance": {"id": "number", "started_at": "opened", "ended_at": "closed"},
    }
    document = {**watched().model_dump(by_alias=True, exclude_none=True), "sources": {"desk": source}}
    timeline = Timeline(Playbook.model_validate(document))
    timeline.push_raw("desk", NOW, id="1", number="i1", opened=START.isoformat(), who="anna", tier="gold")
    timeline.push_raw("desk", HOUR, id="2", number="i1", opened=START.isoformat())
    timeline.wait(LIMIT + HALF)
    assert timeline.told() == [told(LIMIT + HALF, "opened")]
    timeline.push_raw("desk", 50 * HOUR, id="3", number="i1", opened=START.isoformat(), **end)
    timeline.wait(30 * DAY)
    assert timeline.told() == [told(50 * HOUR, "resolved")]


def test_an_event_that_says_that_it_started_earlier_or_elsewhere_moves_its_limit() -> None:
    timeline = Timeline(watched())
    timeline.push(DAY, case(1))
    assert late_at(timeline) == DAY + LIMIT
    timeline.push(DAY + HOUR, case(2), occurred=HOUR)
    assert late_at(timeline) == HOUR + LIMIT
    timeline.push(DAY + 2 * HOUR, case(3, process="returns"))
    assert late_at(timeline) == HOUR + timedelta(hours=96)
    timeline.push(DAY + 3 * HOUR, case(4, tier="plain", process="returns"))
    assert late_at(timeline) is None
    timeline.push(DAY + 4 * HOUR, case(5, tier=None, process="returns"))
    assert late_at(timeline) is None
    timeline.push(DAY + 5 * HOUR, case(6, tier="platinum", process="shipping"))
    assert late_at(timeline) == HOUR + LIMIT


def test_a_case_that_turns_out_to_be_nobody_s_of_high_value_is_withdrawn_and_can_come_back() -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, case(1))
    timeline.push(50 * HOUR, case(2, tier="plain"))
    timeline.push(52 * HOUR, case(3))
    timeline.wait(53 * HOUR)
    assert timeline.told() == [
        told(LIMIT + HALF, "opened"),
        Told(at=50 * HOUR, team="drivers", reason="withdrawn", severity="info", customers=0),
        told(52 * HOUR, "reopened"),
    ]


def test_a_late_case_that_goes_to_another_process_goes_to_its_team() -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, case(1))
    timeline.push(100 * HOUR, case(2, process="returns"))
    timeline.wait(100 * HOUR)
    assert timeline.told()[-1] == told(100 * HOUR, "owner_changed", team="refunds")
    assert only(timeline).evidence["limit"] == "4 days"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "the end first"])
def test_an_end_that_comes_before_the_start_leaves_no_alert(order: tuple[int, ...]) -> None:
    timeline = Timeline(watched())
    events = ((case(1), NOW), (case(2, "complete"), 50 * HOUR))
    for at, number in enumerate(order):
        event, occurred = events[number]
        timeline.push(60 * HOUR + at * SECOND, event, occurred=occurred)
    timeline.wait(70 * HOUR)
    assert [one for one in timeline.store.rows.alerts.values() if one.state is AlertState.OPEN] == []
    assert timeline.told() == []


def test_what_is_late_when_it_is_first_heard_of_is_told_at_once_unless_it_is_stale() -> None:
    timeline = Timeline(watched())
    timeline.push(LIMIT + 6 * DAY, case(1), occurred=NOW)
    timeline.wait(LIMIT + 6 * DAY + MINUTE)
    assert timeline.told() == [told(LIMIT + 6 * DAY + HALF, "opened")]
    stale = Timeline(watched())
    stale.push(LIMIT + 8 * DAY, case(1), occurred=NOW)
    stale.wait(30 * DAY)
    assert stale.told() == []


def test_a_late_case_is_not_closed_for_want_of_news_but_reminded_of() -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, case(1))
    timeline.wait(60 * DAY)
    first = LIMIT + HALF
    assert timeline.told()[:3] == [told(first, "opened"), told(first + DAY, "repeat"), told(first + 4 * DAY, "repeat")]
    assert only(timeline).state is AlertState.OPEN


def test_a_case_that_a_person_resolved_stays_so_until_it_starts_anew() -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, case(1))
    timeline.wait(50 * HOUR)
    do(timeline, Deed.RESOLVE)
    timeline.push(51 * HOUR, case(2, "start", activity="Pack"))
    timeline.push(52 * HOUR, case(3, "start"))
    timeline.push(60 * HOUR, case(4, "complete"))
    # An activity that is told of after the end does not begin it anew.
    timeline.push(61 * HOUR, case(5, "complete", activity="Invoice"))
    assert late_at(timeline) is None
    timeline.push(62 * HOUR, case(6, "start"))
    assert late_at(timeline) == 62 * HOUR + LIMIT
    timeline.wait(62 * HOUR + LIMIT + HALF)
    assert timeline.told() == [
        told(LIMIT + HALF, "opened"),
        told(50 * HOUR, "resolved"),
        told(62 * HOUR + LIMIT, "reopened"),
    ]
    assert only(timeline).episode == 1


def test_a_case_that_is_late_anew_after_the_reopen_window_opens_another_alert() -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, case(1))
    timeline.push(50 * HOUR, case(2, "complete"))
    timeline.push(10 * DAY, case(3))
    timeline.wait(12 * DAY + MINUTE)
    assert timeline.told()[-1] == told(12 * DAY + HALF, "opened")
    assert [one.episode for one in timeline.store.rows.alerts.values()] == [1, 2]


def test_an_end_of_an_earlier_run_that_comes_late_gives_the_later_run_its_whole_time() -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, case(1))
    timeline.push(40 * HOUR, case(2))
    timeline.push(50 * HOUR, case(3, "complete"), occurred=39 * HOUR)
    assert late_at(timeline) == 40 * HOUR + LIMIT
    timeline.wait(51 * HOUR)
    assert [one.reason for one in timeline.told()] == ["opened", "withdrawn"]


def test_a_late_ticker_changes_nothing() -> None:
    timeline = Timeline(watched(severity="critical"))
    start, end = case(1), case(2, "complete")
    punctual = Timeline(watched(severity="critical"))
    for one in (timeline, punctual):
        one.push(NOW, start)
    punctual.push(50 * HOUR, end)
    timeline.now = START + 50 * HOUR
    timeline.push_unticked(end, occurred=50 * HOUR)
    for one in (timeline, punctual):
        one.wait(60 * HOUR)
    expected = [told(LIMIT, "opened", "critical"), told(LIMIT + 2 * HOUR, "resolved", "critical")]
    assert (timeline.told(), punctual.told()) == (expected, expected)
    assert timeline.store.rows.alerts == punctual.store.rows.alerts


def test_a_limit_of_another_playbook_is_looked_at_again_by_the_rules_of_today() -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, case(1))
    off, longer = make_playbook(), watched()
    longer = longer.model_copy(
        update={"processes": tuple(one.model_copy(update={"sla": 3 * DAY}) for one in longer.processes)}
    )
    timeline.turn_to(longer)
    timeline.wait(LIMIT)
    assert (late_at(timeline), timeline.told()) == (3 * DAY, [])
    timeline.wait(3 * DAY + MINUTE)
    assert [one.reason for one in timeline.told()] == ["opened"]
    timeline.turn_to(off)
    timeline.push(4 * DAY, case(2, "start", activity="Pick"))
    assert [one.reason for one in timeline.told()] == ["withdrawn"]


def test_a_ticket_that_is_no_instance_is_never_late() -> None:
    timeline = Timeline(watched())
    timeline.push(NOW, ticket(event_id="1", customer={"ref": "anna", "tier": "gold"}, body="late", priority="low"))
    timeline.wait(30 * DAY)
    assert {one.kind.value for one in timeline.store.rows.alerts.values()} <= {"event"}
