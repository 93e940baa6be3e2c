"""How much one event may hold, at the limit and beyond, and what used to happen without one."""

import json
import tracemalloc
from typing import Any

import pytest

from service.core.contracts.cloudevent import LIMIT_BYTES, Event, decode
from service.core.contracts.event_type import IncomingType
from service.core.contracts.faults import Fault, FaultReason
from service.core.contracts.values import IDENTITY_BYTES
from tests.fuzz.examples import event_of, structured

MEBIBYTE = 1 << 20


def survey(data: dict[str, Any], **attributes: object) -> bytes:
    event = event_of(IncomingType.SURVEY_RESPONSE)
    return structured({**event, **attributes, "data": {"response_id": "r", **data}})


def outcome(value: bytes) -> str:
    found = decode(value)
    return f"{found.reason}: {found.detail}" if isinstance(found, Fault) else "taken"


def metric(raw: float, low: float, high: float) -> dict[str, Any]:
    return {"metrics": [{"kind": "rating", "raw": raw, "scale_min": low, "scale_max": high}]}


def test_identities_of_long_characters_used_to_overflow_a_key_of_the_database_and_stop_the_worker() -> None:
    wide = "\U00020000"
    room = IDENTITY_BYTES // 4
    held = {"source": wide * 384, "subject": wide * 200}
    assert outcome(survey({}, **held, id=wide * (room - 584))) == "taken"
    assert outcome(survey({}, **held, id=wide * (room - 583))) == (
        "invalid_field: source, subject and id: together above 2560 bytes"
    )


def test_a_subject_that_is_made_of_the_payload_counts_for_the_identity_as_well() -> None:
    wide = "\U00020000"
    event = event_of(IncomingType.TICKET_COMMENT)
    del event["subject"]
    event |= {"source": wide * 384, "id": wide * 200}
    event["data"]["ticket_id"] = wide * 200
    assert outcome(structured(event)) == "invalid_field: source, subject and id: together above 2560 bytes"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (metric(1e15, -1e15, 1e15), "taken"),
        (metric(1e15, -1e15, 1.1e15), "wrong_type: data.metrics[0].scale_max: number_type"),
        (metric(-1.5e308, -1.7e308, -1e308), "wrong_type: data.metrics[0].raw: number_type"),
        (metric(1, 1, 1), "invalid_field: data.metrics[0]: scale_empty"),
        (metric(float("nan"), 0, 1), "broken_json: value: not_finite"),
    ],
)
def test_a_scale_of_huge_numbers_used_to_give_an_infinite_severity(data: dict[str, Any], expected: str) -> None:
    assert outcome(survey(data)) == expected


@pytest.mark.parametrize(
    ("name", "one", "most"),
    [
        ("verbatims", {"text": "a"}, 50),
        ("metrics", {"kind": "nps", "raw": 1}, 50),
        ("choices", {"question_id": "q"}, 100),
        ("source_labels", "a", 100),
    ],
)
def test_a_list_is_taken_to_its_limit_and_refused_beyond(name: str, one: object, most: int) -> None:
    assert outcome(survey({name: [one] * most})) == "taken"
    assert outcome(survey({name: [one] * (most + 1)})) == f"invalid_field: data.{name}: too_long"


def test_extras_are_taken_to_their_limit_and_refused_beyond() -> None:
    extras = {str(at): at for at in range(51)}
    assert outcome(survey({"correlation": {"extra": extras}})) == "invalid_field: data.correlation.extra: too_long"
    del extras["0"]
    assert outcome(survey({"correlation": {"extra": extras}})) == "taken"


@pytest.mark.parametrize(("length", "expected"), [(65_536, "taken"), (65_537, "string_too_long")])
def test_a_text_is_taken_to_its_limit_and_refused_beyond(length: int, expected: str) -> None:
    assert outcome(survey({"verbatims": [{"text": "a" * length}]})).endswith(expected)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({"verbatims": [{}] * 150_000}, id="verbatims"),
        pytest.param({"source_labels": [1] * 300_000}, id="labels"),
        pytest.param({"correlation": {"extra": {str(at): [] for at in range(80_000)}}}, id="extras"),
        pytest.param({str(at): at for at in range(60_000)}, id="fields that nobody knows"),
        pytest.param({"verbatims": [{"text": "x" * 900_000}]}, id="one text"),
    ],
)
def test_a_megabyte_of_faults_used_to_take_hundreds_of_megabytes_to_tell_of(data: dict[str, Any]) -> None:
    value = json.dumps(survey_event(data), separators=(",", ":")).encode()
    assert len(value) < LIMIT_BYTES
    tracemalloc.start()
    for _ in range(2):
        decode(value)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 24 * MEBIBYTE


@pytest.mark.parametrize("digits", [b"1" * 900_000, b"1." + b"1" * 900_000, b"1e" + b"9" * 900_000])
def test_a_number_of_a_million_digits_is_read_or_refused(digits: bytes) -> None:
    value = structured(survey_event(metric(0, 0, 10))).replace(b'"raw": 0', b'"raw": ' + digits)
    found = decode(value)
    assert isinstance(found, Event) or found.reason in {FaultReason.BROKEN_JSON, FaultReason.WRONG_TYPE}


def survey_event(data: dict[str, Any]) -> dict[str, Any]:
    return {**event_of(IncomingType.SURVEY_RESPONSE), "data": {"response_id": "r", **data}}
