"""People saying what feedback is about among all that happens: counts are those of the members, all can be undone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from service.adapters.memory import MemoryStore
from service.core.corrections import acts_of
from service.core.records.alerts import Alert, Notice
from service.core.records.decisions import Contribution, PartKey
from service.core.records.words import AlertState
from service.core.volume import CellKey
from service.runtime.replay import in_order, replay
from tests.builders import START, TICKETS, Timeline, finish, make_playbook, read_event, survey, ticket
from tests.core.pipeline.refiling import say
from tests.properties.generous import GenerousStore
from tests.properties.streams import PLAYBOOKS
from tests.properties.test_reassigning import counted, recounted, tallied

HOUR = timedelta(hours=1)
NAMES = ("owned", "by customer", "copied", "floored")
MEANT = ("delivery", "refund", "safety", "")
TAKEN_BACK = "taken back"
SAYS = ("late", "refund", "fire", "awful", "hm", "late", "pending")

few = settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@dataclass(frozen=True, slots=True)
class Said:
    """An event of one of a few tickets, or what a person says of its event: none of these, or that it is taken back."""

    ticket: int
    text: str = ""
    meant: str = ""


EVENTS = st.builds(Said, ticket=st.integers(0, 3), text=st.sampled_from((*SAYS, "solved", "deleted", "comment")))
WORDS = st.builds(Said, ticket=st.integers(0, 3), meant=st.sampled_from(MEANT))
BACK = st.builds(Said, ticket=st.integers(0, 3), meant=st.just(TAKEN_BACK))


def event_of(one: Said, number: int) -> dict[str, Any]:
    name, event_id, customer = f"t{one.ticket}", f"e{number}", f"c{one.ticket % 2}"
    match one.text:
        case "solved" | "pending":
            return ticket("status", name, event_id=event_id, status=one.text, customer=customer)
        case "deleted":
            return ticket("deleted", name, event_id=event_id, customer=customer)
        case "comment":
            return ticket("comment", name, event_id=event_id, body="this is awful, terrible", customer=customer)
        case text:
            return ticket("updated", name, event_id=event_id, subject=text, priority="urgent", customer=customer)


def take(timeline: Timeline, number: int, one: Said, latest: dict[int, str]) -> None:
    """Take one step at its hour; what is said is said of the ticket's latest event."""
    at = number * HOUR
    if one.text:
        timeline.push(at, event_of(one, number))
        latest[one.ticket] = f"e{number}"
    elif one.ticket in latest:
        meant, back = (one.meant,) if one.meant else (), one.meant == TAKEN_BACK
        say(timeline, at, f"t{one.ticket}", latest[one.ticket], *meant, source=TICKETS, back=back)


@pytest.mark.parametrize("name", NAMES)
@given(steps=st.lists(st.one_of(EVENTS, EVENTS, WORDS, BACK), min_size=4, max_size=20))
@few
def test_each_count_is_that_of_its_members_and_no_more_is_read_than_is_named(name: str, steps: list[Said]) -> None:
    meagre, generous = Timeline(PLAYBOOKS[name]), Timeline(PLAYBOOKS[name], GenerousStore)
    for timeline in (meagre, generous):
        latest: dict[int, str] = {}
        for number, one in enumerate(steps):
            take(timeline, number, one, latest)
    rows = meagre.store.rows
    for alert in rows.alerts.values():
        assert counted(alert) == recounted([one for one in rows.members.values() if one.alert_id == alert.alert_id])
    assert rows.tallies == tallied(rows.members.values())
    assert (rows.alerts, rows.members, rows.contributions) == (
        *(generous.store.rows.alerts, generous.store.rows.members, generous.store.rows.contributions),
    )
    standing = [one.key for one in rows.corrections.values() if one.stands]
    assert len(standing) == len(set(standing))


@given(steps=st.lists(st.one_of(EVENTS, EVENTS, WORDS), min_size=3, max_size=16))
@few
def test_once_all_is_taken_back_each_feedback_is_as_if_nobody_had_said_anything(steps: list[Said]) -> None:
    said, silent = Timeline(), Timeline()
    latest: dict[int, str] = {}
    for number, one in enumerate(steps):
        take(said, number, one, latest)
        if one.text:
            silent.push(number * HOUR, event_of(one, number))
    for made in list(said.store.rows.corrections.values()):
        if made.stands:
            current = said.store.rows.contributions.get(made.key)
            event = made.event_id if current is None else current.feedback.event_id
            say(said, len(steps) * HOUR, made.key.subject.removeprefix("ticket/"), event, source=TICKETS, back=True)
    assert decided(said.store) == decided(silent.store)


def decided(store: MemoryStore) -> dict[PartKey, Contribution]:
    """Leave out what was told at the time, and how often."""
    plain: Mapping[str, Any] = {"verdict": None, "reason": None, "alert_id": None, "versions": 1}
    return {key: replace(one, **plain) for key, one in store.rows.contributions.items()}


ANSWERS = st.lists(
    st.tuples(st.sampled_from(("late", "refund", "late, awful", "fire", "hm")), st.integers(0, 4)),
    min_size=1,
    max_size=8,
)


@pytest.mark.parametrize("name", NAMES)
@given(answers=ANSWERS, words=st.lists(st.tuples(st.integers(0, 7), st.sampled_from(MEANT)), max_size=5))
@few
def test_saying_and_taking_back_leaves_counts_cells_and_members_of_open_alerts_as_they_were(
    name: str, answers: list[tuple[str, int]], words: list[tuple[int, str]]
) -> None:
    timeline = Timeline(PLAYBOOKS[name])
    for number, (text, customer) in enumerate(answers):
        timeline.push(number * HOUR, survey(f"r{number}", 0, text, customer=f"c{customer}"))
    before = (held(timeline), cells(timeline))
    for number, meant in words:
        subject = f"r{number % len(answers)}"
        say(timeline, 9 * HOUR, subject, f"{subject}-1", *((meant,) if meant else ()))
    for one in list(timeline.store.rows.corrections.values()):
        if one.stands:
            say(timeline, 10 * HOUR, one.key.subject.removeprefix("response/"), one.event_id, back=True)
    assert (held(timeline), cells(timeline)) == before


def held(timeline: Timeline) -> dict[str, tuple[object, ...]]:
    """Map each open alert onto its counts and members."""
    rows = timeline.store.rows
    found: dict[str, tuple[object, ...]] = {}
    alerts: list[Alert] = [one for one in rows.alerts.values() if one.state is AlertState.OPEN]
    for alert in alerts:
        members = sorted(one.event_id for one in rows.members.values() if one.alert_id == alert.alert_id)
        found[alert.alert_id] = (*counted(alert), tuple(members))
    return found


def cells(timeline: Timeline) -> dict[CellKey, int]:
    """Count the negative contacts of each cell."""
    found: dict[CellKey, int] = {}
    for one in timeline.store.rows.contributions.values():
        if one.assessed.negative:
            key = CellKey(process=one.process, category=one.categorised.category, region=one.feedback.region)
            found[key] = found.get(key, 0) + 1
    return found


@given(answers=ANSWERS, words=st.lists(st.tuples(st.integers(0, 7), st.sampled_from(MEANT), st.booleans()), max_size=6))
@few
def test_decisions_can_be_replayed_with_what_people_said(
    answers: list[tuple[str, int]], words: list[tuple[int, str, bool]]
) -> None:
    live, again = Timeline(make_playbook()), Timeline(make_playbook())
    records, minute = [], timedelta(minutes=1)
    for number, (text, customer) in enumerate(answers):
        event = survey(f"r{number}", 0, text, customer=f"c{customer}")
        live.push(number * HOUR, event)
        records.append(read_event(event, START + number * HOUR, live.rules, number))
        for step, (which, meant, back) in enumerate(words, start=1):
            subject, at = f"r{which}", number * HOUR + step * minute
            say(live, at, subject, f"{subject}-1", *((meant,) if meant else ()), back=back)
    live.wait(24 * HOUR)
    acts = acts_of(live.store.rows.corrections.values())
    ended = finish(replay(again.store, in_order(records), again.rules, START + 24 * HOUR, corrections=acts))
    assert ended.refused == 0
    assert again.store.rows.contributions == live.store.rows.contributions
    assert again.store.rows.alerts == live.store.rows.alerts
    assert sorted(again.store.rows.notices, key=place) == sorted(live.store.rows.notices, key=place)
    assert again.store.rows.rows == live.store.rows.rows
    assert again.store.rows.corrections == live.store.rows.corrections


def place(notice: Notice) -> tuple[str, int]:
    """Two alerts may tell at one time in any order."""
    return (notice.alert.alert_id, notice.revision)
