"""Small true stories that a router of feedback must get right, from bytes to alerts and notices."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from service.core.records.words import AlertState, Level
from tests.builders import START, Timeline, Told, instance, make_playbook, read_event, survey, ticket

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def rows(timeline: Timeline) -> dict[str, dict[str, Any]]:
    return {event_id: dict(row.document) for (_, event_id), row in timeline.store.rows.rows.items()}


def test_a_rating_that_its_customer_corrects_opens_an_alert_and_takes_it_back() -> None:
    timeline = Timeline()
    timeline.push(timedelta(), survey("d1", 3, revision=1))
    timeline.push(HOUR, survey("d1", 3, "never again", revision=2, state="updated"))
    timeline.push(2 * HOUR, survey("d1", 9, revision=3, state="updated"))
    timeline.wait(DAY)
    told = timeline.told()
    assert [(one.reason, one.customers) for one in told] == [("opened", 1), ("withdrawn", 0)]
    (alert,) = timeline.store.rows.alerts.values()
    assert (alert.state, alert.events, alert.customers) == (AlertState.RESOLVED, 0, 0)
    assert [rows(timeline)[name]["verdict"] for name in ("d1-1", "d1-2", "d1-3")] == ["opened", "merged", "updated"]
    assert list(timeline.store.rows.members) == []


@pytest.mark.parametrize(
    ("raw", "orientation", "severity", "negative"),
    [
        pytest.param(2, "lower_better", "info", False, id="little effort"),
        pytest.param(6, "higher_better", "info", False, id="much ease"),
        pytest.param(6, "lower_better", "medium", True, id="much effort"),
        pytest.param(2, "higher_better", "medium", True, id="little ease"),
        pytest.param("2", "higher_better", "medium", True, id="little ease, as text"),
    ],
)
def test_effort_and_ease_are_one_question(raw: object, orientation: str, severity: str, negative: bool) -> None:  # noqa: FBT001 - an expected value
    timeline = Timeline()
    metrics = [{"kind": "ces", "raw": raw, "orientation": orientation}]
    timeline.push(timedelta(), survey("r1", None, metrics=metrics))
    row = rows(timeline)["r1-1"]
    assert (row["severity"], row["negative"]) == (severity, negative)


def test_a_thousand_copies_in_any_order_a_day_late_leave_what_one_of_each_leaves() -> None:
    stories = [survey(f"r{n}", n % 7, "late", customer=f"c{n % 5}") for n in range(20)]
    times = [START + n * HOUR for n in range(20)]

    def final(order: list[int]) -> tuple[object, ...]:
        timeline = Timeline(make_playbook(volume={"lateness": "48h"}))
        for start in range(0, len(order), 50):
            batch = [read_event(stories[n], times[n], timeline.rules) for n in order[start : start + 50]]
            timeline.batch(batch, lambda _: START + DAY)
        (alert,) = timeline.store.rows.alerts.values()
        members = sorted(one.event_id for one in timeline.store.rows.members.values())
        severities = {name: row["severity"] for name, row in rows(timeline).items()}
        return (alert.alert_key, alert.events, alert.customers, alert.severities, members, severities)

    once = list(range(20))
    often = once * 50
    Random(7).shuffle(often)
    assert final(often) == final(once)


def test_two_instances_that_fit_are_both_named_and_neither_is_chosen() -> None:
    timeline = Timeline()
    timeline.push(
        timedelta(), instance("i1", event_id="p-1", keys=["SO-1"]), instance("i2", event_id="p-2", keys=["SO-1"])
    )
    timeline.push(HOUR, survey("r1", 0, correlation={"process": "shipping", "business_key": "SO-1"}))
    assert rows(timeline)["r1-1"]["link"] == {
        "status": "ambiguous",
        "instance_id": None,
        "method": "business_key",
        "reason": "shared_key",
        "confidence": 0.0,
        "candidates": ["i1", "i2"],
    }


def test_four_languages_one_complaint_one_alert() -> None:
    timeline = Timeline()
    said = {"en": "It came late", "de": "Viel zu spät", "fr": "Toujours en retard", "es": "Llegó tarde"}
    for language, text in said.items():
        verbatims = [{"text": text, "language": language}]
        timeline.push(timedelta(), survey(language, 0, customer=language, verbatims=verbatims))
    assert {row["category"] for row in rows(timeline).values()} == {"delivery"}
    (alert,) = timeline.store.rows.alerts.values()
    assert alert.customers == 4


def test_what_is_critical_comes_at_night_behind_long_waits_and_among_many() -> None:
    slow = make_playbook(fatigue={"wait": "8h", "interval": "24h", "floor": "high"})
    timeline = Timeline(slow)
    night = 16 * HOUR
    for number in range(30):
        timeline.push(night, survey(f"r{number}", 0, "late", customer=f"c{number}"))
    timeline.push(night + MINUTE, ticket(event_id="1", subject="late", body="The van caught fire"))
    assert timeline.told() == [
        Told(at=night + MINUTE, team="drivers", reason="opened", severity="critical", customers=31)
    ]


def test_many_customers_of_one_week_call_for_a_look_at_their_process() -> None:
    timeline = Timeline()
    timeline.push(timedelta(), *(survey(f"r{n}", 1, "late", customer=f"c{n}") for n in range(6)))
    timeline.wait(9 * DAY)
    levels = [one.level for one in timeline.store.rows.alerts.values() if one.level is not None]
    assert levels == [Level.LOCAL_ADJUSTMENT]


def test_an_incident_log_is_one_alert_an_incident_and_one_incident_an_alert() -> None:
    timeline = Timeline(
        make_playbook(
            routes={
                "team": "desk",
                "arbitration": "judges",
                "group_by": ["instance"],
                "routes": [{"id": "late", "match": {"category": "delivery"}, "team": "drivers"}],
            }
        )
    )
    for number in (1, 2):
        timeline.push(timedelta(), instance(f"INC{number}", event_id=f"p{number}"))
    for step, status in enumerate(("new", "open", "pending", "solved", "closed")):
        for number in (1, 2):
            event = ticket(
                "updated" if step else "created",
                f"INC{number}",
                event_id=f"INC{number}-{step}",
                revision=step,
                status=status,
                priority="high",
                body="late",
                correlation={"instance": f"INC{number}"},
            )
            timeline.push(step * HOUR, event)
    timeline.wait(2 * DAY)
    assert [one.reason for one in timeline.told()] == ["opened", "opened", "resolved", "resolved"]
    alerts = timeline.store.rows.alerts.values()
    assert [(one.events, one.instances, one.linked, one.team) for one in alerts] == [
        (1, 1, ("INC1",), "drivers"),
        (1, 1, ("INC2",), "drivers"),
    ]
