"""Reading the records of a process engine: each is what its CloudEvent would have been, or recorded and no more."""

from typing import Any

import orjson

from service.core.pipeline.read import read
from service.core.pipeline.rules import compile_playbook
from service.core.records.feedback import Message, Reading, Recorded, Rejected
from service.core.records.words import Stage
from tests.builders import KEY, START, instance, make_playbook

ENGINE = {
    "topic": "engine",
    "kind": "process",
    "id": "id",
    "subject": "case",
    "time": {"value": "at"},
    "process": "shipping",
    "step": {"lifecycle": "state", "activity": "task", "keys": "order", "skip_when": "record.kind != 'step'"},
}
RULES = compile_playbook(make_playbook(sources={"engine": ENGINE}))


def said(topic: str, value: dict[str, Any]) -> Reading | Rejected:
    message = Message(topic=topic, partition=0, offset=7, key=None, value=orjson.dumps(value), received_at=START)
    (record,) = read(message, RULES, KEY)
    return record.read


def told(**members: object) -> dict[str, Any]:
    return {"kind": "step", "id": "p-1", "case": "i1", "at": START.isoformat(), "state": "start", **members}


def test_a_record_of_an_engine_reads_as_its_event_does() -> None:
    event = instance("i1", event_id="p-1", keys=["SO-1"], activity="Pack") | {"time": START.isoformat()}
    assert said("engine", told(order="SO-1", task="Pack")) == said("process.events", event)


def test_what_a_source_skips_is_recorded_and_tells_of_no_instance() -> None:
    found = said("engine", {"kind": "job"})
    assert isinstance(found, Reading)
    recorded = Recorded(event_id=found.event_id, source="/engine", event_type="process.instance.v1", occurred_at=START)
    assert found == Reading(event_id=found.event_id, source="/engine", occurred_at=START, said=recorded)


def test_a_bad_record_of_an_engine_is_refused_at_intake() -> None:
    assert said("engine", told(state="thinking")) == Rejected(
        stage=Stage.INTAKE, reason="invalid_field", detail="data.lifecycle: enum"
    )
