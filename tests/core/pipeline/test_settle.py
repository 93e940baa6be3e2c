"""Settling: the verdict and row of each record, what is sent again, and timers applied before a record is."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson
import pytest

from service.core.records.words import AlertState
from tests.builders import START, Timeline, instance, make_playbook, read_event, survey, ticket, with_routes

NOW, HOUR, DAY = timedelta(), timedelta(hours=1), timedelta(days=1)


def row(timeline: Timeline, event_id: str) -> Mapping[str, Any]:
    return next(one.document for (_, name), one in timeline.store.rows.rows.items() if name == event_id)


def decided(timeline: Timeline, event_id: str) -> tuple[str, str, str | None]:
    found = row(timeline, event_id)
    return (found["verdict"], found["reason"], found["team"])


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([survey("r", 0, "late")], ("opened", "new_alert", "drivers"), id="the first of an alert"),
        pytest.param(
            [survey("q", 0, "late"), survey("r", 0, "late")], ("merged", "joined_alert", "drivers"), id="the second"
        ),
        pytest.param(
            [survey("r", 0, "late", event_id="a", revision=1), survey("r", 1, "late", event_id="r-1", revision=2)],
            ("merged", "already_member", "drivers"),
            id="a revision of the first",
        ),
        pytest.param([survey("r", 9, "late")], ("quiet", "not_negative", "drivers"), id="praise"),
        pytest.param([survey("r", 4, "late")], ("quiet", "below_floor", "drivers"), id="a mild complaint"),
        pytest.param(
            [survey("r", 0, "late", event_id="a", revision=1), survey("r", 9, "late", event_id="r-1", revision=2)],
            ("updated", "withdrawn", "drivers"),
            id="a revision that takes the complaint back",
        ),
        pytest.param(
            [
                survey("r", 0, "late", event_id="a", revision=1),
                survey("r", event_id="r-1", revision=2, state="deleted"),
            ],
            ("updated", "withdrawn", None),
            id="a deletion",
        ),
        pytest.param([survey("r", state="deleted")], ("updated", "subject_changed", None), id="of what never was"),
        pytest.param(
            [ticket("comment", event_id="r-1", body="done", comment_author_role="agent")],
            ("recorded", "not_feedback", None),
            id="the word of an agent",
        ),
        pytest.param(
            [ticket(event_id="r-1", body="late", priority="urgent", status="solved")],
            ("updated", "subject_changed", "drivers"),
            id="a ticket that was done before it was seen",
        ),
        pytest.param(
            [ticket(event_id="r-1", body="fire", status="solved")],
            ("opened", "new_alert", "drivers"),
            id="unless it is critical",
        ),
    ],
)
def test_a_record_gets_the_first_verdict_that_holds(
    events: list[dict[str, Any]], expected: tuple[str, str, str | None]
) -> None:
    timeline = Timeline(make_playbook(fatigue={"floor": "medium"}))
    timeline.push(NOW, *events)
    assert decided(timeline, "r-1") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("late", ("stale", "too_old", "drivers"), id="what is too old"),
        pytest.param("fire", ("stale", "too_old_but_critical", "drivers"), id="what is too old but critical"),
    ],
)
def test_what_is_stale_says_so(text: str, expected: tuple[str, str, str]) -> None:
    timeline = Timeline()
    timeline.push(8 * DAY, survey("r", 0, text), occurred=NOW)
    assert decided(timeline, "r-1") == expected
    assert (row(timeline, "r-1")["alert_id"] is not None) is (text == "fire")


def test_books_count_each_verdict_under_its_team_and_copies_apart() -> None:
    timeline = Timeline(
        with_routes(
            {"id": "watch", "match": {"severity": "critical"}, "team": "legal", "continue": True},
            {"id": "owned", "team": "owner"},
        )
    )
    books = timeline.push(
        NOW,
        survey("a", 0, "late"),
        survey("b", 0, "late"),
        survey("c", 0, "fire"),
        survey("d", 9, "refund"),
        instance("i1", event_id="p-1"),
        survey("a", 0, "late"),
        survey("a", 0, event_id="older", revision=0),
        {"specversion": "1.0"},
    )
    assert books.verdicts == Counter(
        {
            ("drivers", "opened"): 1,
            ("drivers", "merged"): 1,
            ("legal", "opened"): 1,
            ("refunds", "quiet"): 1,
            ("", "recorded"): 1,
        }
    )
    assert (books.consumed, books.accepted, books.duplicate, books.superseded, books.copies) == (8, 5, 1, 1, 1)
    assert books.rejected == Counter({("intake", "missing_id"): 1})


def test_a_row_follows_when_its_feedback_is_assessed_again_and_keeps_its_verdict() -> None:
    timeline = Timeline()
    timeline.push(DAY, survey("r", 0, "late"))
    before = row(timeline, "r-1")
    timeline.push(DAY + HOUR, survey("q", 3, "late"), occurred=NOW)
    after = row(timeline, "r-1")
    assert (before["severity_score"], after["severity_score"]) == (60.0, 66.0)
    assert {**after, "severity_score": 60.0} == before


def sent(timeline: Timeline) -> list[tuple[str, int]]:
    values = [one for row in timeline.store.outgoing if row.topic == "feedback.classified" for one in row.values]
    return [(body["event_id"], body["revision"]) for body in (orjson.loads(value)["data"] for _, value in values)]


def test_what_is_decided_anew_is_sent_with_the_next_revision() -> None:
    timeline = Timeline()
    timeline.push(DAY, survey("r", 0, "late"))
    timeline.push(DAY, survey("p", 3, "late"), occurred=NOW)
    timeline.push(DAY, survey("q", 3, "late"), survey("s", 3, "late"), occurred=HOUR)
    assert sent(timeline) == [("r-1", 1), ("p-1", 1), ("r-1", 2), ("q-1", 1), ("s-1", 1), ("r-1", 3)]
    assert [(one.event_id, one.version) for one in timeline.store.rows.rows.values()] == [
        ("r-1", 3),
        ("p-1", 1),
        ("q-1", 1),
        ("s-1", 1),
    ]


def test_within_one_batch_it_is_sent_once_as_it_is_in_the_end() -> None:
    timeline = Timeline()
    later = read_event(survey("r", 0, "late"), START + DAY, timeline.rules)
    earlier = read_event(survey("p", 3, "late"), START, timeline.rules)
    timeline.batch([later, earlier], lambda _: START + DAY)
    assert sent(timeline) == [("r-1", 1), ("p-1", 1)]
    assert row(timeline, "r-1")["severity_score"] == 66.0


def test_a_late_ticker_changes_no_decision() -> None:
    playbook = make_playbook(fatigue={"auto_close": "2d", "reopen_window": "1d", "repeat": []})
    punctual, late = Timeline(playbook), Timeline(playbook)
    for timeline in (punctual, late):
        timeline.push(NOW, survey("a", 0, "late", customer="a"))
        timeline.push(HOUR, survey("b", 0, "late", customer="b"))
    punctual.push(5 * DAY, survey("c", 0, "late", customer="c"))
    late.now = START + 5 * DAY
    late.batch([read_event(survey("c", 0, "late", customer="c"), late.now, late.rules)], lambda _: late.now)
    for timeline in (punctual, late):
        timeline.wait(6 * DAY)
    assert late.store.rows.alerts == punctual.store.rows.alerts
    assert late.told() == punctual.told()
    first, second = punctual.store.rows.alerts.values()
    assert (first.state, first.resolved_at, second.episode) == (AlertState.RESOLVED, START + HOUR + 2 * DAY, 2)


def test_an_event_from_the_far_future_holds_no_alert_open() -> None:
    timeline = Timeline(make_playbook(fatigue={"auto_close": "2d", "repeat": []}))
    timeline.push(NOW, survey("a", 0, "late"), occurred=20_000 * DAY)
    timeline.wait(3 * DAY)
    (alert,) = timeline.store.rows.alerts.values()
    assert (alert.state, alert.resolved_at) == (AlertState.RESOLVED, START + 2 * DAY + timedelta(minutes=15))
