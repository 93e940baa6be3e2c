"""Records in both content modes become the same event, or the fault that says what is wrong with them."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from service.core.contracts.answers import CesMetric, MetricKind, Orientation, Verbatim
from service.core.contracts.cloudevent import Event, decode, decode_mapping
from service.core.contracts.event_type import IncomingType
from service.core.contracts.faults import Fault, FaultReason
from service.core.contracts.parties import Correlation, Customer
from service.core.contracts.survey import SurveyResponse

STRUCTURED = [("content-type", b"application/cloudevents+json; charset=UTF-8")]
SURVEY: Mapping[str, Any] = {
    "specversion": "1.0",
    "id": "r-1001",
    "source": "/typeform/acme/lT4Z3j",
    "type": "feedback.survey.response.v1",
    "subject": "response/a3a12ec6",
    "time": "2026-05-04T09:12:31Z",
    "data": {
        "response_id": "a3a12ec6",
        "survey_id": "lT4Z3j",
        "revision": 1,
        "state": "complete",
        "survey_kind": "transactional",
        "metrics": [{"kind": "ces", "raw": 2, "scale_min": 1, "scale_max": 7, "orientation": "higher_better"}],
        "verbatims": [{"text": "Third time I call about the same refund.", "language": "en"}],
        "customer": {"ref": "c-77", "tier": "gold", "region": "uk"},
        "channel": "email",
        "correlation": {"process": "order-to-cash", "business_key": "SO-5531"},
    },
}
READ = Event(
    id="r-1001",
    source="/typeform/acme/lT4Z3j",
    type=IncomingType.SURVEY_RESPONSE,
    subject="response/a3a12ec6",
    time=datetime(2026, 5, 4, 9, 12, 31, tzinfo=UTC),
    data=SurveyResponse(
        response_id="a3a12ec6",
        survey_id="lT4Z3j",
        revision=1,
        metrics=(
            CesMetric(kind=MetricKind.CES, raw=2, scale_min=1, scale_max=7, orientation=Orientation.HIGHER_BETTER),
        ),
        verbatims=(Verbatim(text="Third time I call about the same refund.", language="en"),),
        customer=Customer(ref="c-77", tier="gold", region="uk"),
        channel="email",
        correlation=Correlation(process="order-to-cash", business_key="SO-5531"),
    ),
    dataschema=None,
    partition_key=None,
    tenant_id=None,
)


def _bytes(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event).encode()


def _with(**changed: object) -> Mapping[str, Any]:
    return {**SURVEY, **changed}


def _with_payload(**changed: object) -> Mapping[str, Any]:
    return _with(data={**SURVEY["data"], **changed})


def _without(name: str) -> Mapping[str, Any]:
    return {key: value for key, value in SURVEY.items() if key != name}


def _binary(event: Mapping[str, Any], content_type: bytes = b"application/json") -> list[tuple[str, bytes]]:
    named = [(f"ce_{name}", str(value).encode()) for name, value in event.items() if name != "data"]
    return [("content-type", content_type), *named]


@pytest.mark.parametrize(
    ("value", "headers"),
    [
        pytest.param(_bytes(SURVEY), STRUCTURED, id="structured, as the header says"),
        pytest.param(_bytes(SURVEY), [("Content-Type", b"APPLICATION/CloudEvents")], id="structured, in capitals"),
        pytest.param(_bytes(SURVEY), [], id="structured, without any header"),
        pytest.param(_bytes(SURVEY), [("traceparent", b"\xff"), ("empty", None)], id="structured, among other headers"),
        pytest.param(_bytes(SURVEY["data"]), _binary(SURVEY), id="binary"),
        pytest.param(_bytes(SURVEY["data"]), _binary(SURVEY)[1:], id="binary, without a content type"),
        pytest.param(_bytes(SURVEY["data"]), _binary(SURVEY, b"application/x+json; v=1"), id="binary, JSON of a kind"),
    ],
)
def test_both_modes_read_the_same_event(value: bytes, headers: Sequence[tuple[str, bytes | None]]) -> None:
    assert decode(value, headers) == READ


def test_an_event_that_a_source_mapping_put_together_reads_like_a_sent_one() -> None:
    assert decode_mapping({**SURVEY, "time": datetime(2026, 5, 4, 9, 12, 31, tzinfo=UTC)}) == READ


def test_half_a_surrogate_pair_in_a_mapped_text_is_a_fault() -> None:
    assert decode_mapping(_with(subject="\ud800")) == Fault(reason=FaultReason.BAD_ENCODING, detail="value: not JSON")


def test_the_reference_implementation_and_this_one_agree_in_both_modes() -> None:
    attributes = {name: value for name, value in SURVEY.items() if name != "data"}
    attributes |= {"time": READ.time, "datacontenttype": "application/json", "partitionkey": "c-77"}
    sent = CloudEvent(attributes=attributes, data=SURVEY["data"])
    read = [
        decode(message.value, list(message.headers.items()))
        for message in (to_structured_event(sent), to_binary_event(sent))
    ]
    expected = Event(
        id=READ.id,
        source=READ.source,
        type=READ.type,
        subject=READ.subject,
        time=READ.time,
        data=READ.data,
        dataschema=None,
        partition_key="c-77",
        tenant_id=None,
    )
    assert read == [expected, expected]


@pytest.mark.parametrize(
    ("kind", "payload", "subject"),
    [
        ("feedback.survey.response.v1", {"response_id": "r"}, "response/r"),
        ("feedback.ticket.created.v1", {"ticket_id": "t"}, "ticket/t"),
        ("feedback.employee.v1", {"feedback_id": "f"}, "employee/f"),
        ("process.instance.v1", {"instance": "i", "process": "p", "lifecycle": "start"}, "instance/i"),
        ("process.downtime.v1", {"process": "p", "started_at": "2026-05-04T08:00:00Z"}, "downtime/r-1001"),
        ("privacy.erasure.v1", {"customer": "c-77"}, "erasure/r-1001"),
    ],
)
def test_an_event_without_a_subject_is_about_what_its_payload_names(
    kind: str, payload: Mapping[str, str], subject: str
) -> None:
    event = decode(_bytes({**_without("subject"), "type": kind, "data": payload}))
    assert isinstance(event, Event)
    assert event.subject == subject


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("feedback.survey.response.v1", {"response_id": "r", "submitted_at": "2026-05-04T11:12:31+02:00"}),
        ("feedback.ticket.updated.v1", {"ticket_id": "t", "updated_at": "2026-05-04T09:12:31Z"}),
        ("feedback.ticket.created.v1", {"ticket_id": "t", "created_at": "2026-05-04 09:12:31.000Z"}),
        ("feedback.employee.v1", {"feedback_id": "f", "submitted_at": "2026-05-04t09:12:31z"}),
        (
            "process.instance.v1",
            {"instance": "i", "process": "p", "lifecycle": "start", "time": "2026-05-04T09:12:31Z"},
        ),
        ("process.downtime.v1", {"process": "p", "started_at": "2026-05-04T09:12:31Z"}),
        ("privacy.erasure.v1", {"customer": "c-77", "requested_at": "2026-05-04T09:12:31Z"}),
    ],
)
def test_an_event_without_a_time_happened_when_its_payload_says(kind: str, payload: Mapping[str, str]) -> None:
    event = decode(_bytes({**_without("time"), "type": kind, "data": payload}))
    assert isinstance(event, Event)
    assert (event.time, event.time.tzinfo) == (READ.time, UTC)


@pytest.mark.parametrize(
    ("value", "headers", "reason", "detail"),
    [
        (None, STRUCTURED, "tombstone", "value: null"),
        (b"[]", [("content-type", b"application/cloudevents-batch+json")], "unsupported_mode", None),
        (_bytes(SURVEY), [("content-type", b"application/cloudevents+avro")], "unsupported_mode", None),
        (_bytes(SURVEY), [("content-type", b"application/json")], "unsupported_mode", None),
        (b"<x/>", _binary(SURVEY, b"application/xml"), "unsupported_mode", None),
        (_bytes(_with(specversion="0.3")), STRUCTURED, "unsupported_mode", "specversion: literal_error"),
        (_bytes({"response_id": "r"}), [], "unsupported_mode", "specversion: missing"),
        (_bytes({**_without("data"), "data_base64": "e30="}), [], "unsupported_mode", "data_base64: none_required"),
        (_bytes(SURVEY).replace(b"gold", b"g\xff"), STRUCTURED, "bad_encoding", "value: not UTF-8"),
        (b"{}", [("ce_id", b"\xff")], "bad_encoding", "headers: not UTF-8"),
        (_bytes(_with(extra="a\0b")), STRUCTURED, "nul_byte", "value: nul_byte"),
        (b"{}", [("ce_id", b"a\0b")], "nul_byte", "headers: nul_byte"),
        (_bytes(_with(extra=[[]])).replace(b"[[]]", b"[" * 32 + b"]" * 32), STRUCTURED, "too_deep", None),
        (b"{", STRUCTURED, "broken_json", "value: json_invalid"),
        (b"", STRUCTURED, "broken_json", "value: json_invalid"),
        (b'{"a":NaN}', STRUCTURED, "broken_json", "value: not_finite"),
        (b'{"a":"\\ud800"}', STRUCTURED, "broken_json", "value: json_invalid"),
        (b"", _binary(SURVEY), "broken_json", "value: json_invalid"),
        (b"[]", [], "not_an_object", "value: dict_type"),
        (b"5", STRUCTURED, "not_an_object", "value: dict_type"),
        (b'"text"', _binary(SURVEY), "not_an_object", None),
        (_bytes(_without("id")), STRUCTURED, "missing_id", "id: missing"),
        (_bytes(_with(id="")), STRUCTURED, "missing_id", "id: string_too_short"),
        (_bytes(_with(id=None)), STRUCTURED, "missing_id", "id: string_type"),
        (_bytes(SURVEY["data"]), _binary(_without("id")), "missing_id", "id: missing"),
        (_bytes(_without("source")), STRUCTURED, "missing_source", "source: missing"),
        (_bytes(_without("type")), STRUCTURED, "missing_type", "type: missing"),
        (_bytes(_with(type=None)), STRUCTURED, "missing_type", "type: string_type"),
        (_bytes(_with(type=7)), STRUCTURED, "wrong_type", "type: string_type"),
        (_bytes(_with(type="feedback.notice.v1")), STRUCTURED, "unknown_type", "type: union_tag_invalid"),
        (_bytes(SURVEY["data"]), _binary(_with(type="x.y")), "unknown_type", "type: union_tag_invalid"),
        (_bytes({**_without("id"), "type": "x.y"}), STRUCTURED, "missing_id", "id: missing"),
        (_bytes(_without("time")), STRUCTURED, "bad_time", "time: missing"),
        (_bytes(_with(time="yesterday")), STRUCTURED, "bad_time", "time: string_pattern_mismatch"),
        (_bytes(_with(time="1777881600")), STRUCTURED, "bad_time", "time: string_pattern_mismatch"),
        (_bytes(_with(time=1777881600)), STRUCTURED, "bad_time", "time: string_type"),
        (_bytes(_with(time="2026-05-04T09:12:31")), STRUCTURED, "bad_time", "time: string_pattern_mismatch"),
        (_bytes(_with(time="2026-02-30T09:12:31Z")), STRUCTURED, "bad_time", "time: datetime_from_date_parsing"),
        (_bytes(_with(time="0000-01-01T00:00:00Z")), STRUCTURED, "bad_time", "time: string_pattern_mismatch"),
        (_bytes(_with_payload(submitted_at="9999-12-31T23:59:59Z")), [], "bad_time", None),
        (
            _bytes(_with_payload(metrics=[{"kind": "nps", "raw": 11}])),
            STRUCTURED,
            "score_off_scale",
            "data.metrics[0]: score_off_scale",
        ),
        (
            _bytes(_with_payload(metrics=[{"kind": "nps", "raw": True}])),
            STRUCTURED,
            "wrong_type",
            "data.metrics[0].raw: number_type",
        ),
        (
            _bytes(_with_payload(metrics=[{"kind": "ces", "raw": 1}])["data"]),
            _binary(SURVEY),
            "invalid_field",
            "data.metrics[0].orientation: missing",
        ),
        (_bytes(_with_payload(state="gone")), STRUCTURED, "invalid_field", "data.state: enum"),
        (_bytes(_with_payload(state=4)), STRUCTURED, "wrong_type", "data.state: enum"),
        (
            _bytes(_with_payload(response_id="x" * 201)),
            STRUCTURED,
            "invalid_field",
            "data.response_id: string_too_long",
        ),
        (_bytes(_with_payload(source_labels=["x"] * 101)), STRUCTURED, "invalid_field", "data.source_labels: too_long"),
        (_bytes(_with(source="a\nb")), STRUCTURED, "invalid_field", "source: string_pattern_mismatch"),
        (_bytes(_with(data="text")), STRUCTURED, "wrong_type", None),
        (_bytes(_without("data")), STRUCTURED, "invalid_field", "data: missing"),
    ],
)
def test_a_record_is_refused_for_one_named_reason(
    value: bytes | None, headers: Sequence[tuple[str, bytes | None]], reason: str, detail: str | None
) -> None:
    fault = decode(value, headers)
    assert isinstance(fault, Fault)
    assert fault == Fault(reason=FaultReason(reason), detail=fault.detail if detail is None else detail)


def test_the_limit_counts_the_value_and_the_headers() -> None:
    value = _bytes(SURVEY)
    too_large = Fault(reason=FaultReason.TOO_LARGE, detail=f"value: above {len(value)} bytes")
    assert decode(value, (), len(value)) == READ
    assert decode(value + b" ", (), len(value)) == too_large
    assert decode(value, [("a", b"b")], len(value)) == too_large


def test_a_nul_that_is_only_spelled_out_and_numbers_in_quotes_are_text() -> None:
    event = decode(_bytes(_with_payload(verbatims=[{"text": "C:\\u0000 is NaN, not Infinity" + "[" * 40}])))
    assert isinstance(event, Event)
    assert isinstance(event.data, SurveyResponse)
    assert event.data.verbatims == (Verbatim(text="C:\\u0000 is NaN, not Infinity" + "[" * 40),)


def test_scores_come_as_numbers_or_as_strings_on_the_scale_of_their_kind() -> None:
    metrics = [
        {"kind": "nps", "raw": "10"},
        {"kind": "csat", "raw": 4.5},
        {"kind": "binary", "raw": 0},
        {"kind": "rating", "raw": -1, "scale_min": -2, "scale_max": "2"},
    ]
    event = decode(_bytes(_with_payload(metrics=metrics)))
    assert isinstance(event, Event)
    assert isinstance(event.data, SurveyResponse)
    read = [(one.kind, one.raw, one.scale_min, one.scale_max) for one in event.data.metrics]
    assert read == [("nps", 10, 0, 10), ("csat", 4.5, 1, 5), ("binary", 0, 0, 1), ("rating", -1, -2, 2)]


@given(value=st.none() | st.binary(), headers=st.lists(st.tuples(st.text(), st.none() | st.binary())))
def test_decode_never_raises_for_any_bytes(value: bytes | None, headers: list[tuple[str, bytes | None]]) -> None:
    assert isinstance(decode(value, headers), Fault)


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
_NAMES = st.sampled_from([*SURVEY, *SURVEY["data"], "data_base64", "keys", "csat", "process", "instance", "lifecycle"])


@given(
    changed=st.dictionaries(_NAMES, _ANYTHING, max_size=4),
    inner=st.dictionaries(_NAMES, _ANYTHING, max_size=4),
    kind=st.sampled_from(IncomingType),
    binary=st.booleans(),
)
def test_decode_never_raises_for_any_json(
    changed: dict[str, Any], inner: dict[str, Any], kind: IncomingType, *, binary: bool
) -> None:
    payload = {**SURVEY["data"], "ticket_id": "t", "instance": "i", "process": "p", "lifecycle": "start", **inner}
    event = {**SURVEY, "type": kind.value, "data": payload, **changed}
    value = json.dumps(event["data"] if binary else event).encode()
    headers = [] if not binary else [(name, raw) for name, raw in _binary_or_surrogates(event) if raw is not None]
    assert isinstance(decode(value, headers), Event | Fault)


def _binary_or_surrogates(event: Mapping[str, Any]) -> list[tuple[str, bytes | None]]:
    return [(f"ce_{name}", str(value).encode(errors="replace")) for name, value in event.items() if name != "data"]
