"""Replay in its own batches against one record at a time, with weekly reviews that a handful of feedback can open."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings

from service.core.pipeline.read import ReadRecord
from service.core.records.alerts import Alert
from service.core.records.facts import ReviewRow
from service.core.records.words import AlertKind
from service.runtime.replay import in_order, replay
from tests.builders import START, Timeline, finish, make_playbook, read_event
from tests.properties.streams import Life, lives

DAY = timedelta(days=1)
AFTER = timedelta(days=60)
EAGER = make_playbook(
    volume={
        "warm_up_min": 2,
        "local_min": 1,
        "formal_min": 2,
        "local_min_customers": 1,
        "formal_min_customers": 1,
        "max_customer_share": 1.0,
    },
    processes=[
        {"id": "shipping", "name": "Shipping", "team": "drivers", "sla": "3h"},
        {"id": "returns", "name": "Returns", "team": "refunds"},
    ],
    high_value={"tiers": ["gold"]},
    at_risk={"cases": 2, "within": "6h", "team": "legal"},
    contradictions={"arbiter": "judges", "inside": 0.2, "min_completed": 1, "min_feedback": 1},
    taxonomy_review={"team": "desk", "min": 2},
)


@given(told=lives(12 * DAY, most=16, steps=3))
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_replay_decides_as_one_record_after_another_would_be(told: list[Life]) -> None:
    quick, slow = Timeline(EAGER), Timeline(EAGER)
    records = in_order(
        read_event(one.event, START + one.at, quick.rules, at)
        for at, one in enumerate(happening for life in told for happening in life)
    )
    finish(replay(quick.store, records, quick.rules, AFTER))
    one_by_one(slow, records)
    assert everything(quick) == everything(slow)


def one_by_one(timeline: Timeline, records: Sequence[ReadRecord]) -> None:
    for record in records:
        at = _time(record)
        timeline.wait(at - START)
        timeline.batch([record], lambda _: timeline.now)
    timeline.wait(timeline.now - START + AFTER)


def _time(record: ReadRecord) -> datetime:
    return record.message.received_at


def everything(timeline: Timeline) -> tuple[object, ...]:
    rows = timeline.store.rows
    told = sorted(rows.notices, key=lambda one: (one.alert.alert_id, one.revision))
    reviews = sorted((one.document["window_end"], one.alert_id or "", repr(one.document)) for one in rows.reviews)
    documents = {name: row.document for name, row in rows.rows.items()}
    return (documents, rows.alerts, rows.members, rows.tallies, rows.cells, told, reviews)


def test_the_streams_are_such_that_reviews_and_alerts_of_most_kinds_open() -> None:
    found: list[ReviewRow] = []
    alerts: list[Alert] = []

    @given(told=lives(12 * DAY, most=16, steps=3))
    @settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
    def look(told: list[Life]) -> None:
        timeline = Timeline(EAGER)
        records = in_order(
            read_event(one.event, START + one.at, timeline.rules, at)
            for at, one in enumerate(happening for life in told for happening in life)
        )
        finish(replay(timeline.store, records, timeline.rules, AFTER))
        found.extend(timeline.store.rows.reviews)
        alerts.extend(timeline.store.rows.alerts.values())

    look()
    # Recontacts take five weeks of closed cases, contradictions many completed instances: these streams are too short.
    assert {one.kind for one in alerts} == set(AlertKind) - {AlertKind.RECONTACT, AlertKind.CONTRADICTION}
    assert {one.document["transition"] for one in found} >= {"opened", "continued", "closed"}
