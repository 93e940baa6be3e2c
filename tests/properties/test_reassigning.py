"""Alerts given to and fro among feedback, withdrawals, acts and dates: nothing is lost, and nothing counts twice."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.core.pipeline.act import ActOutcome, Deed
from service.core.playbook.model import Playbook
from service.core.records.alerts import Alert, Member
from service.core.records.decisions import PartKey
from service.core.records.words import AlertKind, AlertState, Severity
from tests.builders import START, Timeline, make_playbook, ticket, with_routes
from tests.core.pipeline.reassigning import give
from tests.properties.generous import GenerousStore
from tests.properties.streams import PLAYBOOKS

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEAMS = ("drivers", "refunds", "legal", "desk")
OWNED = {"id": "owned", "team": "owner"}
DATED: Playbook = make_playbook(
    teams=[
        {"id": "drivers", "name": "D", "owns": [{"category": ["delivery", "safety"], "until": START + 5 * DAY}]},
        {"id": "refunds", "name": "R", "owns": [{"category": "refund"}]},
        {"id": "legal", "name": "L", "owns": [{"category": ["delivery", "safety"], "from": START + 5 * DAY}]},
        {"id": "desk", "name": "Desk"},
        {"id": "judges", "name": "Judges"},
    ]
)
GIVEN: Mapping[str, Playbook] = {
    **{name: PLAYBOOKS[name] for name in ("owned", "by customer", "copied", "by severity")},
    "dated": DATED,
    # Two teams have the same kind of trouble open, so that giving puts the two together.
    "by region": with_routes({"id": "uk", "match": {"region": "uk"}, "team": "legal"}, OWNED),
    "copied twice": with_routes(
        {"id": "first", "team": "drivers", "continue": True},
        {"id": "second", "match": {"region": "uk"}, "team": "legal", "continue": True},
        {"id": "third", "team": "refunds"},
    ),
}

few = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

SAID = st.tuples(
    st.just("say"),
    st.integers(0, 4),
    st.sampled_from(("late", "late", "refund", "fire", "solved", "deleted", "comment", "urgent late")),
)
GAVE = st.tuples(st.just("give"), st.integers(0, 9), st.sampled_from(TEAMS))
CLOSED = st.tuples(st.just("resolve"), st.integers(0, 9), st.just(""))
WAITED = st.tuples(st.just("wait"), st.integers(1, 10), st.just(""))
STEPS = st.lists(st.one_of(SAID, SAID, SAID, GAVE, GAVE, CLOSED, WAITED), min_size=4, max_size=24)
Step = tuple[str, int, str]


@pytest.mark.parametrize("name", GIVEN)
@given(steps=STEPS)
@few
def test_each_key_has_one_open_alert_and_each_count_is_that_of_its_members(name: str, steps: list[Step]) -> None:
    timeline = Timeline(GIVEN[name])
    for number, step in enumerate(steps):
        before = _held(timeline)
        if _take(timeline, number, step):
            assert _held(timeline) == before
        _look(timeline)


@pytest.mark.parametrize("name", GIVEN)
@given(steps=STEPS)
@few
def test_what_is_decided_reads_no_more_than_it_names(name: str, steps: list[Step]) -> None:
    meagre, generous = Timeline(GIVEN[name]), Timeline(GIVEN[name], GenerousStore)
    for number, step in enumerate(steps):
        for timeline in (meagre, generous):
            _take(timeline, number, step)
    assert meagre.store.rows.alerts == generous.store.rows.alerts
    assert meagre.store.rows.members == generous.store.rows.members
    assert meagre.store.rows.gates == generous.store.rows.gates


def _take(timeline: Timeline, number: int, step: Step) -> bool:
    """Take one step; tell whether an alert was given to another team."""
    what, pick, detail = step
    at = max(timeline.now - START, timedelta())
    alerts = sorted(timeline.store.rows.alerts.values(), key=lambda one: one.alert_id)
    match what:
        case "say":
            timeline.push(at + HOUR, _event(pick, number, detail))
        case "wait":
            timeline.wait(at + pick * DAY)
        case "resolve" if alerts:
            alert = alerts[pick % len(alerts)]
            if timeline.store.rows.gates[alert.alert_key].alert_id == alert.alert_id:
                timeline.act(at, alert.alert_id, Deed.RESOLVE)
        case "give" if alerts:
            alert = alerts[pick % len(alerts)]
            return give(timeline, alert, detail).outcome is ActOutcome.DONE
        case _:
            pass
    return False


def _event(subject: int, number: int, said: str) -> dict[str, Any]:
    name, event_id, customer = f"t{subject}", f"e{number}", f"c{subject % 3}"
    match said:
        case "solved":
            return ticket("status", name, event_id=event_id, status="solved", customer=customer)
        case "deleted":
            return ticket("deleted", name, event_id=event_id, customer=customer)
        case "comment":
            body = "late, this is awful, terrible"
            return ticket("comment", name, event_id=event_id, body=body, customer=customer)
        case _:
            more = {"subject": said, "priority": "urgent", "status": "open"}
            who = {"ref": customer, "region": "uk" if subject % 2 else "de"}
            return ticket("updated", name, event_id=event_id, customer=who, **more)


def _held(timeline: Timeline) -> set[tuple[PartKey, bool]]:
    return {(one.key, one.copy) for one in timeline.store.rows.members.values()}


def _look(timeline: Timeline) -> None:
    rows = timeline.store.rows
    members: dict[str, list[Member]] = {}
    for member in rows.members.values():
        members.setdefault(member.alert_id, []).append(member)
    opened = Counter(alert.alert_key for alert in rows.alerts.values() if alert.state is AlertState.OPEN)
    assert all(count == 1 for count in opened.values())
    for key, gate in rows.gates.items():
        assert gate.forward is None or gate.alert_id is None
        assert gate.alert_id is None or rows.alerts[gate.alert_id].alert_key == key
    for alert in rows.alerts.values():
        mine = members.get(alert.alert_id, [])
        assert counted(alert) == recounted(mine)
        assert {one.alert_key for one in mine} <= {alert.alert_key}
        if alert.state is AlertState.OPEN:
            assert rows.gates[alert.alert_key].alert_id == alert.alert_id
        if alert.merged_into is not None:
            assert (alert.state, mine) == (AlertState.RESOLVED, [])
            assert alert.merged_into in rows.alerts
    assert rows.tallies == tallied(rows.members.values())
    homes = Counter(
        one.key for one in rows.members.values() if not one.copy and rows.alerts[one.alert_id].state is AlertState.OPEN
    )
    assert all(count == 1 for count in homes.values())


def counted(alert: Alert) -> tuple[object, ...]:
    assert alert.kind is AlertKind.EVENT
    return (alert.events, alert.customers, alert.instances, alert.unfinished, alert.severities)


def recounted(members: Sequence[Member]) -> tuple[object, ...]:
    return (
        len(members),
        len({one.customer for one in members}),
        len({one.instance_id for one in members} - {None}),
        sum(not one.done for one in members),
        tuple(sum(one.severity is severity for one in members) for severity in Severity),
    )


def tallied(members: Any) -> dict[tuple[str, str, str], int]:  # noqa: ANN401 - members, gone through twice
    people = Counter((one.alert_id, "customer", one.customer) for one in members)
    cases = Counter((one.alert_id, "instance", one.instance_id) for one in members if one.instance_id is not None)
    return dict(people | cases)
