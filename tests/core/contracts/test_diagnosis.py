"""A fault says where and what kind, and never what somebody wrote."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.contracts.cloudevent import decode
from service.core.contracts.faults import Fault

SECRET = "jane.doe@example.org"


def _event(**payload: object) -> bytes:
    return json.dumps(
        {
            "specversion": "1.0",
            "id": "e-1",
            "source": "/s",
            "type": "feedback.survey.response.v1",
            "time": "2026-05-04T09:12:31Z",
            "data": {"response_id": "r", **payload},
        }
    ).encode()


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        (_event(correlation={"extra": {SECRET: [1]}}), "data.correlation.extra: string_type"),
        (_event(correlation={"extra": {SECRET + "\n": 1}}), "data.correlation.extra: string_pattern_mismatch"),
        (_event(state=SECRET), "data.state: enum"),
        (_event(metrics=[{"kind": SECRET}]), "data.metrics[0]: union_tag_invalid"),
        (_event(metrics=[{"kind": "csat", "raw": SECRET}]), "data.metrics[0].raw: number_type"),
        (_event(submitted_at=SECRET), "data.submitted_at: string_pattern_mismatch"),
        (_event().replace(b"feedback.survey.response.v1", SECRET.encode()), "type: union_tag_invalid"),
        (b'{"' + SECRET.encode(), "value: json_invalid"),
        (
            _event(csat={"raw": SECRET}, ticket_id="t").replace(b"survey.response", b"ticket.csat"),
            "data.csat.raw: number_type",
        ),
    ],
)
def test_a_detail_names_declared_fields_alone(value: bytes, detail: str) -> None:
    fault = decode(value)
    assert isinstance(fault, Fault)
    assert fault.detail == detail


@given(key=st.text(min_size=6), words=st.text(min_size=6))
def test_no_key_and_no_value_of_the_sender_gets_into_a_fault(key: str, words: str) -> None:
    value = _event(correlation={"extra": {f"<{key}>": {"deep": words}}}, state=f"<{words}>")
    fault = decode(value)
    assert isinstance(fault, Fault)
    assert "<" not in fault.detail
