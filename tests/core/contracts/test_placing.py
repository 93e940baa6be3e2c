from typing import Any

import orjson
import pytest

from service.core.contracts.cloudevent import Event, decode
from service.core.contracts.event_type import IncomingType
from service.core.contracts.placing import key_of, structured, topic_of

TIME = "2026-05-04T09:12:31.000001Z"
CASES: list[tuple[str, dict[str, Any], str, bytes | None]] = [
    ("feedback.survey.response.v1", {"response_id": "r", "customer": {"ref": "c-7"}}, "feedback.surveys", b"c-7"),
    ("feedback.survey.response.v1", {"response_id": "r"}, "feedback.surveys", None),
    ("feedback.ticket.csat.v1", {"ticket_id": "T-1", "csat": {"raw": 5}}, "feedback.tickets", b"T-1"),
    ("feedback.employee.v1", {"feedback_id": "f", "team": "night"}, "feedback.employee", b"night"),
    (
        "process.instance.v1",
        {"instance": "SO-1", "process": "p", "lifecycle": "start", "keys": {"order": "7"}},
        "process.events",
        b"SO-1",
    ),
    ("process.downtime.v1", {"process": "p", "started_at": TIME}, "process.events", None),
    ("privacy.erasure.v1", {"customer": "c-7"}, "privacy.erasures", b"c-7"),
    ("privacy.erasure.v1", {"customer": {"ref": "c-8"}}, "privacy.erasures", b"c-8"),
]


def _event(kind: str, data: dict[str, Any], **attributes: str) -> Event:
    envelope = {"specversion": "1.0", "id": "1", "source": "/s", "type": kind, "time": TIME, "data": data}
    event = decode(orjson.dumps(envelope | attributes))
    assert isinstance(event, Event)
    return event


@pytest.mark.parametrize(("kind", "data", "topic", "key"), CASES)
def test_an_event_travels_on_the_topic_of_its_type_with_its_like(
    kind: str, data: dict[str, Any], topic: str, key: bytes | None
) -> None:
    event = _event(kind, data)
    assert (topic_of(event.type), key_of(event)) == (topic, key)


def test_the_producers_own_key_comes_first() -> None:
    kind, response, _, _ = CASES[0]
    assert key_of(_event(kind, response, partitionkey="mine")) == b"mine"


def test_every_type_that_comes_in_has_a_topic() -> None:
    assert {topic_of(kind) for kind in IncomingType} == {topic for _, _, topic, _ in CASES}


@pytest.mark.parametrize(("kind", "data"), [case[:2] for case in CASES])
def test_what_is_written_again_reads_back_as_the_same_event(kind: str, data: dict[str, Any]) -> None:
    event = _event(kind, data, tenantid="t", partitionkey="k", dataschema="https://example.org/s")
    assert decode(structured(event)) == event
