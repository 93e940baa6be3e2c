"""Reading: from bytes to what one event says, cleaned before anything else sees it, or the stage that refused it."""

import time
from typing import Any

import orjson
import pytest
from msgspec.structs import replace

from service.core.erase import marks_of_event, marks_of_subject
from service.core.pipeline.cleaning import MOST_CHARACTERS, MOST_REDACTED
from service.core.pipeline.read import ReadRecord, read
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.records.feedback import (
    Categorised,
    Downtime,
    Feedback,
    FeedbackRead,
    Instance,
    Message,
    Reading,
    Recorded,
    Rejected,
    Signals,
)
from service.core.records.steps import Step
from service.core.records.words import CategoryMethod, Change, FeedbackKind, Flag, Lifecycle, SentimentSource, Stage
from tests.builders import KEY, START, downtime, instance, make_playbook, survey

RULES = compile_playbook(make_playbook())
TOOL = {
    "topic": "tool",
    "kind": "survey",
    "id": "id",
    "subject": "id",
    "time": {"value": "at", "default": "rfc3339"},
    "texts": ["words"],
    "customer": {"ref": "who"},
}


def message(value: bytes | None, topic: str = "feedback.surveys") -> Message:
    return Message(topic=topic, partition=0, offset=7, key=None, value=value, received_at=START)


def one(event: dict[str, Any]) -> ReadRecord:
    (record,) = read(message(orjson.dumps({"time": START.isoformat(), **event})), RULES, KEY)
    return record


def feedback(event: dict[str, Any]) -> FeedbackRead:
    said = one(event).read
    assert isinstance(said, Reading)
    assert isinstance(said.said, FeedbackRead)
    return said.said


def test_a_survey_says_what_it_is_about_and_how_it_sounds() -> None:
    event = survey("r1", 0, "Late and awful", survey_id="s-1", revision=2)
    assert one(event) == ReadRecord(
        message=message(orjson.dumps({"time": START.isoformat(), **event})),
        item=0,
        read=Reading(
            event_id="r1-2",
            source="/surveys",
            occurred_at=START,
            said=FeedbackRead(
                feedback=Feedback(
                    event_id="r1-2",
                    source="/surveys",
                    subject="response/r1",
                    revision=2,
                    occurred_at=START,
                    received_at=START,
                    kind=FeedbackKind.SURVEY,
                    change=Change.STATE,
                    event_type="feedback.survey.response.v1",
                    text="Late and awful",
                    language="en",
                    metrics=feedback(event).feedback.metrics,
                    customer=KEY.pseudonym("anna"),
                    survey="s-1",
                ),
                categorised=Categorised(
                    category="delivery",
                    confidence=2 / 3,
                    method=CategoryMethod.KEYWORD,
                    categories=("delivery",),
                    matched=("late",),
                ),
                signals=Signals(
                    negativity=1.0,
                    scored=True,
                    sentiment=-1.0,
                    sentiment_source=SentimentSource.WORDS,
                    negative_text=0.75,
                    text_source=SentimentSource.WORDS,
                ),
            ),
            event_marks=marks_of_event(KEY, "/surveys", "r1-2"),
            subject_marks=marks_of_subject(KEY, "/surveys", "response/r1"),
        ),
    )


def test_an_address_is_gone_before_anything_else_sees_the_text() -> None:
    said = feedback(survey("r1", 0, "late\u200b, write to anna@example.org"))
    assert "anna" not in repr(replace(said.feedback, customer=""))
    assert (said.feedback.text.startswith("late, write to"), said.feedback.flags) == (True, (Flag.TEXT_REDACTED,))


def test_a_long_text_is_cut_and_says_so() -> None:
    said = feedback(survey("r1", 0, "late " * MOST_CHARACTERS))
    assert len(said.feedback.text) <= MOST_CHARACTERS
    assert said.feedback.flags == (Flag.TEXT_CUT,)


def test_a_megabyte_of_digits_used_to_be_redacted_to_its_end() -> None:
    began = time.process_time()
    said = feedback(survey("r1", 0, "late " + "+44 7700 900123, " * 3_800))
    assert time.process_time() - began < 2.0
    assert said.feedback.text.startswith("late [phone], [phone], ")
    assert (len(said.feedback.text) <= MOST_CHARACTERS, "900123" in said.feedback.text) == (True, False)
    assert said.feedback.flags == (Flag.TEXT_REDACTED, Flag.TEXT_CUT)


@pytest.mark.parametrize(
    ("length", "flags"),
    [(MOST_CHARACTERS, ()), (MOST_CHARACTERS + 1, (Flag.TEXT_CUT,)), (MOST_REDACTED + 1, (Flag.TEXT_CUT,))],
)
def test_a_text_is_kept_to_the_limit_and_cut_beyond(length: int, flags: tuple[Flag, ...]) -> None:
    said = feedback(survey("r1", 0, "\u00e4" * length))
    assert (said.feedback.text, said.feedback.flags) == ("\u00e4" * min(length, MOST_CHARACTERS), flags)


def test_a_process_event_is_recorded_and_brings_its_instance_and_its_step() -> None:
    said = one(instance("i1", event_id="p-1", step="s-1")).read
    assert said == Reading(
        event_id="p-1",
        source="/engine",
        occurred_at=START,
        said=Recorded(event_id="p-1", source="/engine", event_type="process.instance.v1", occurred_at=START),
        instance=Instance(instance_id="i1", process="shipping", started_at=START, updated_at=START, begun_at=START),
        step=Step(
            instance_id="i1",
            process="shipping",
            source="/engine",
            event_id="p-1",
            name="s-1",
            at=START,
            told_at=START,
            lifecycle=Lifecycle.START,
        ),
        event_marks=marks_of_event(KEY, "/engine", "p-1"),
    )


def test_what_people_wrote_into_variables_is_redacted_before_it_is_kept() -> None:
    said = one(instance("i1", event_id="p-1", attributes={"note": "ask anna@example.org", "items": 4})).read
    assert isinstance(said, Reading)
    assert said.step is not None
    assert said.step.attributes == {"note": "ask [email]", "items": 4}


def test_what_a_source_hands_on_beside_the_text_is_redacted_and_still_names_its_category() -> None:
    label = "late for jane@example.org"
    late = {"id": "late", "label": {"en": "Late"}, "labels": [label]}
    rules = compile_playbook(make_playbook(taxonomy=[late]))
    event = {"time": START.isoformat(), **survey(source_labels=[label])}
    (record,) = read(message(orjson.dumps(event)), rules, KEY)
    assert isinstance(record.read, Reading)
    assert isinstance(record.read.said, FeedbackRead)
    assert record.read.said.feedback.labels == ("late for [email]",)
    assert record.read.said.categorised.category == "late"


def test_a_ticket_that_is_an_instance_is_no_step() -> None:
    rules = compile_playbook(make_playbook(sources={"tool": {**TOOL, "instance": {"id": "id", "process": "what"}}}))
    body = {"id": "1", "at": START.isoformat(), "words": "late", "who": "anna", "what": "shipping"}
    (record,) = read(message(orjson.dumps(body), topic="tool"), rules, KEY)
    assert isinstance(record.read, Reading)
    assert (record.read.instance is not None, record.read.step) == (True, None)


def test_a_downtime_is_recorded_and_brought_along() -> None:
    said = one(downtime("d1", event_id="p-1", process="Shipping")).read
    assert said == Reading(
        event_id="p-1",
        source="/engine",
        occurred_at=START,
        said=Recorded(event_id="p-1", source="/engine", event_type="process.downtime.v1", occurred_at=START),
        downtime=Downtime(
            source="/engine",
            downtime_id="d1",
            process="shipping",
            started_at=START,
            occurred_at=START,
            event_id="p-1",
        ),
        event_marks=marks_of_event(KEY, "/engine", "p-1"),
    )


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(None, "tombstone", id="nothing"),
        pytest.param(b"late!", "broken_json", id="no JSON"),
        pytest.param(b'{"specversion":"1.0"}', "missing_id", id="no identity"),
    ],
)
def test_what_can_not_be_read_is_refused_with_stage_and_reason(value: bytes | None, reason: str) -> None:
    (record,) = read(message(value), RULES, KEY)
    assert isinstance(record.read, Rejected)
    assert (record.read.stage, record.read.reason) == (Stage.INTAKE, reason)
    assert "late" not in record.read.detail


def mapped(body: object) -> tuple[ReadRecord, ...]:
    rules: Rules = compile_playbook(make_playbook(sources={"tool": TOOL}))
    return read(message(orjson.dumps(body), topic="tool"), rules, KEY)


def test_a_topic_of_a_source_is_read_in_the_source_s_own_shape() -> None:
    body = {"id": "1", "at": START.isoformat(), "words": "late", "who": "anna"}
    (record,) = mapped(body)
    assert isinstance(record.read, Reading)
    assert isinstance(record.read.said, FeedbackRead)
    found = record.read.said
    assert (found.feedback.customer, found.categorised.category) == (KEY.pseudonym("anna"), "delivery")


def test_a_body_of_several_gives_several_in_order_each_read_by_itself() -> None:
    at = START.isoformat()
    records = mapped([{"id": "1", "at": at, "words": "late"}, {"at": at}, {"id": "3", "at": at, "words": "refund"}])
    assert [record.item for record in records] == [0, 1, 2]
    assert [type(record.read) for record in records] == [Reading, Rejected, Reading]
