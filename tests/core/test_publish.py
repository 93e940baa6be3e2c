"""What leaves on Kafka keeps its contract; the classified record is written by hand and must read like any other."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest
from msgspec.structs import replace

from service.core.contracts.classified import Classified
from service.core.contracts.dead_letter import DeadLetter
from service.core.contracts.event_type import OutgoingType
from service.core.contracts.notice import Notice as NoticeRecord
from service.core.contracts.outgoing import OutgoingEnvelope, encode
from service.core.contracts.review import Review
from service.core.describe import explanation, feedback_document
from service.core.publish import classified_records, dead_letter_record, notice_record, queue_topic, review_records
from service.core.records.alerts import Alert, FollowUp, Notice, Step
from service.core.records.facts import FeedbackRow, ReviewRow
from service.core.records.feedback import Signals
from service.core.records.words import AlertKind, AlertState, Flag, Reason, Stage, Verdict
from tests.builders import START, Timeline, make_contribution, make_feedback, survey

AT = START + timedelta(minutes=3)


def row(**changes: Any) -> FeedbackRow:  # noqa: ANN401 - any field of Feedback
    one = make_contribution(
        make_feedback(**{"channel": "email", "text": "Secret words", "flags": (Flag.ANONYMOUS,)} | changes),
        signals=Signals(negativity=1.0, scored=True, sentiment=-1.0),
    )
    return FeedbackRow(
        source=one.feedback.source,
        event_id=one.feedback.event_id,
        received_at=START,
        document=feedback_document(one, Verdict.OPENED, Reason.NEW_ALERT, "a-1"),
        explanation=explanation(one),
    )


def opened(value: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    envelope = orjson.loads(value)
    return envelope, envelope.pop("data")


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(row(), id="a feedback with much"),
        pytest.param(row(channel=None, language="und"), id="one with little"),
        pytest.param(replace(row(), version=3), id="one that was decided anew"),
    ],
)
def test_the_classified_record_is_what_its_contract_would_write(one: FeedbackRow) -> None:
    ((key, value),) = classified_records([one], AT, "digest")
    envelope, body = opened(value)
    record = Classified.model_validate(body)
    assert key == b"/surveys\ne-1"
    assert (record.revision, record.verdict, record.playbook) == (one.version, Verdict.OPENED, "digest")
    assert (envelope, body) == opened(encode(record, source="/feedback-router", at=AT))
    assert OutgoingEnvelope[OutgoingType, Classified].model_validate_json(value).data == record
    assert b"Secret" not in value


def test_each_version_has_a_key_of_its_own_and_the_same_one_has_the_same() -> None:
    def key_of(one: FeedbackRow) -> str:
        return str(opened(classified_records([one], AT, "digest")[0][1])[1]["idempotency_key"])

    again, other = replace(row(), version=2), replace(row(), event_id="e-2")
    assert key_of(row()) == key_of(row())
    assert len({key_of(row()), key_of(again), key_of(other)}) == 3


def test_the_notice_of_a_review_says_by_when_somebody_is_to_own_it_until_somebody_does() -> None:
    due = Step(due_at=AT)
    alert = replace(_told().alert, kind=AlertKind.VOLUME, follow_up=FollowUp(owner=due))
    owned = replace(alert, follow_up=FollowUp(owner=replace(due, taken_at=AT, by="ana")))
    over = replace(alert, state=AlertState.RESOLVED)

    def promised(one: Alert) -> str | None:
        body = opened(notice_record(replace(_told(), alert=one), "digest"))[1]
        by: str | None = body["sla"]["acknowledge_by"]
        return by

    assert [promised(one) for one in (alert, owned, over)] == ["2026-05-04T09:03:00Z", None, None]


def _told() -> Notice:
    timeline = Timeline()
    timeline.push(timedelta(), survey("r1", 0, "late", customer="anna"))
    timeline.wait(timedelta(minutes=2))
    return timeline.store.rows.notices[0]


def test_a_notice_keeps_its_contract() -> None:
    timeline = Timeline()
    timeline.push(timedelta(), survey("r1", 0, "late", customer="anna"), survey("r2", 1, "so late", customer="ben"))
    timeline.wait(timedelta(minutes=2))
    (notice,) = timeline.store.rows.notices
    envelope, body = opened(notice_record(notice, timeline.rules.digest))
    assert (envelope["type"], envelope["subject"], envelope["id"]) == (
        "feedback.notice.v1",
        f"alert/{notice.alert.alert_id}",
        f"{notice.alert.alert_id}:1",
    )
    record = NoticeRecord.model_validate(body)
    assert (record.reason, record.team, record.title, record.counts.customers, record.excerpts) == (
        "opened",
        "drivers",
        "Late delivery · Shipping: 2 customers, high",
        2,
        ("late", "so late"),
    )
    assert queue_topic("drivers") == "queue.drivers"


def review(**changes: Any) -> ReviewRow:  # noqa: ANN401 - any value of the line
    document = {
        "cell": {"process": "shipping", "category": "delivery", "region": None},
        "window_end": "2026-05-10",
        "window": ["2026-05-04", "2026-05-10"],
        "level": "formal_review",
        "episode_level": "formal_review",
        "transition": "opened",
        "team": "drivers",
        "x": 9,
        "expected": 2.5,
        "p": 0.001,
        "ratio": 3.6,
        "customers": 8,
        "method": "bayes_factor",
        "flags": [],
    }
    return ReviewRow(ends_at=datetime(2026, 5, 11, tzinfo=UTC), alert_id="a-1", document=document | changes)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        pytest.param({}, "review.formal.opened.v1", id="a formal review opens"),
        pytest.param({"level": "local_adjustment"}, "review.local.opened.v1", id="a local one opens"),
        pytest.param({"transition": "raised"}, "review.formal.opened.v1", id="a raised one opens at its level"),
        pytest.param(
            {"transition": "closed", "level": None, "episode_level": "local_adjustment"},
            "review.local.closed.v1",
            id="the end is of the level that was open",
        ),
    ],
)
def test_a_review_keeps_its_contract(changes: dict[str, Any], kind: str) -> None:
    ((owner, key, value),) = review_records([review(**changes)], AT, "digest")
    envelope, body = opened(value)
    record = Review.model_validate(body)
    assert (owner, key, envelope["type"]) == ("a-1", b"shipping", kind)
    assert (record.window.start, record.window.end) == (date(2026, 5, 4), date(2026, 5, 11))


@pytest.mark.parametrize(
    ("changes", "measure"),
    [
        pytest.param({}, "volume", id="an older line says nothing"),
        pytest.param({"measure": "volume"}, "volume", id="volume"),
        pytest.param({"measure": "recontact"}, "recontact", id="recontact"),
    ],
)
def test_a_review_says_what_it_counts(changes: dict[str, Any], measure: str) -> None:
    ((_, _, value),) = review_records([review(**changes)], AT, "digest")
    assert opened(value)[1]["measure"] == measure


@pytest.mark.parametrize("transition", ["continued", "none"])
def test_a_review_that_goes_on_is_not_told_again(transition: str) -> None:
    assert list(review_records([review(transition=transition)], AT, "digest")) == []


def test_a_dead_letter_keeps_its_contract() -> None:
    letter = DeadLetter(
        idempotency_key="t:0:7:0",
        reason="not_json",
        stage=Stage.INTAKE,
        topic="t",
        partition=0,
        offset=7,
        sha256="0" * 64,
        length=3,
        received_at=START,
    )
    envelope, body = opened(dead_letter_record(letter, AT))
    assert (envelope["type"], DeadLetter.model_validate(body)) == ("feedback.deadletter.v1", letter)
