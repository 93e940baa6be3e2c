"""A Kafka record's value and headers -> one typed event, or the fault for which it is refused.

Both content modes of the CloudEvents 1.0 Kafka binding are read: structured (the whole event is the value) and binary
(attributes in `ce_` headers, the payload is the value). Refused are tombstones, batches, whatever is not JSON text in
UTF-8, and any event that breaks its contract in `schemas/`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import assert_never

from msgspec import Struct
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_json

from service.core.contracts.diagnosis import diagnose
from service.core.contracts.employee import EmployeeFeedback
from service.core.contracts.envelope import PAYLOADS, STRUCTURED, Attributes, Payload, TypedAttributes
from service.core.contracts.event_type import IncomingType
from service.core.contracts.faults import Fault, FaultReason
from service.core.contracts.privacy import Erasure
from service.core.contracts.process import ProcessDowntime, ProcessInstance
from service.core.contracts.screen import screen
from service.core.contracts.survey import SurveyResponse
from service.core.contracts.ticket import Ticket
from service.core.contracts.values import IDENTITY_BYTES

LIMIT_BYTES = 1_048_576


class Event(Struct, frozen=True, kw_only=True):
    """An event that keeps its contract. `time` is in UTC, when the thing happened at the source."""

    id: str
    source: str
    type: IncomingType
    subject: str
    time: datetime
    data: Payload
    dataschema: str | None
    partition_key: str | None
    tenant_id: str | None


def decode(
    value: bytes | None, headers: Sequence[tuple[str, bytes | None]] = (), limit_bytes: int = LIMIT_BYTES
) -> Event | Fault:
    """Read one record. The limit counts the value and the values of the headers.

    A record is in structured mode if its `content-type` says so, or if it has neither that header nor any `ce_` header.
    """
    if value is None:
        return Fault(reason=FaultReason.TOMBSTONE, detail="value: null")
    if len(value) + sum([len(raw) for _, raw in headers if raw]) > limit_bytes:
        return Fault(reason=FaultReason.TOO_LARGE, detail=f"value: above {limit_bytes} bytes")
    words = _header_words(headers)
    if isinstance(words, Fault):
        return words
    content_type = words.get("content-type", "").partition(";")[0].strip().lower()
    if content_type in _STRUCTURED_TYPES or not words:
        return screen(value) or _structured(value)
    if content_type.startswith("application/cloudevents") or not _is_json(content_type) or not words.keys() - _PLAIN:
        return Fault(reason=FaultReason.UNSUPPORTED_MODE, detail="content-type: neither structured nor binary JSON")
    return screen(value) or _binary(value, words)


def decode_mapping(event: Mapping[str, object]) -> Event | Fault:
    """Read an event that a source mapping has put together: plain JSON values, moments as text or aware datetimes."""
    try:
        value = to_json(event)
    except PydanticSerializationError:
        # Half of a surrogate pair fits into a string of Python's and into no UTF-8.
        return Fault(reason=FaultReason.BAD_ENCODING, detail="value: not JSON")
    return decode(value)


_STRUCTURED_TYPES = frozenset({"application/cloudevents", "application/cloudevents+json"})
_PLAIN = frozenset({"content-type"})
_ADAPTERS: Mapping[str, TypeAdapter[Payload]] = MappingProxyType(
    {kind: TypeAdapter(model) for kind, model in PAYLOADS.items()}
)


def _header_words(headers: Sequence[tuple[str, bytes | None]]) -> dict[str, str] | Fault:
    """Take the headers that matter, in lower case; the last of a name counts, and all others are left unread."""
    words = {}
    for name, raw in headers:
        lower = name.lower()
        if raw is None or not (lower == "content-type" or lower.startswith("ce_")):
            continue
        if b"\0" in raw:
            return Fault(reason=FaultReason.NUL_BYTE, detail="headers: nul_byte")
        try:
            words[lower] = raw.decode()
        except UnicodeDecodeError:
            return Fault(reason=FaultReason.BAD_ENCODING, detail="headers: not UTF-8")
    return words


def _is_json(content_type: str) -> bool:
    return content_type in ("", "application/json", "text/json") or content_type.endswith("+json")


def _structured(value: bytes) -> Event | Fault:
    try:
        envelope = STRUCTURED.validate_json(value)
    except ValidationError as error:
        return diagnose(error, value=value)
    return _event(envelope, envelope.type, envelope.data)


def _binary(value: bytes, words: Mapping[str, str]) -> Event | Fault:
    named = {name.removeprefix("ce_"): text for name, text in words.items() if name not in _PLAIN}
    try:
        attributes = TypedAttributes.model_validate(named)
    except ValidationError as error:
        return diagnose(error, value=value)
    adapter = _ADAPTERS.get(attributes.type)
    if adapter is None:
        return Fault(reason=FaultReason.UNKNOWN_TYPE, detail="type: union_tag_invalid")
    try:
        payload = adapter.validate_json(value)
    except ValidationError as error:
        return diagnose(error, value=value, within="data")
    return _event(attributes, IncomingType(attributes.type), payload)


def _event(attributes: Attributes, kind: IncomingType, payload: Payload) -> Event | Fault:
    time = attributes.time or _time_of(payload)
    if time is None:
        return Fault(reason=FaultReason.BAD_TIME, detail="time: missing")
    subject = attributes.subject or _subject_of(payload, attributes.id)
    if len(f"{attributes.source}{subject}{attributes.id}".encode()) > IDENTITY_BYTES:
        return Fault(
            reason=FaultReason.INVALID_FIELD, detail=f"source, subject and id: together above {IDENTITY_BYTES} bytes"
        )
    return Event(
        id=attributes.id,
        source=attributes.source,
        type=kind,
        subject=subject,
        time=time.astimezone(UTC),
        data=payload,
        dataschema=attributes.dataschema,
        partition_key=attributes.partitionkey,
        tenant_id=attributes.tenantid,
    )


def _subject_of(payload: Payload, event_id: str) -> str:
    match payload:
        case SurveyResponse():
            return f"response/{payload.response_id}"
        case Ticket():
            return f"ticket/{payload.ticket_id}"
        case EmployeeFeedback():
            return f"employee/{payload.feedback_id}"
        case ProcessInstance():
            return f"instance/{payload.instance}"
        case ProcessDowntime():
            return f"downtime/{payload.downtime_id or event_id}"
        case Erasure():
            # The customer's own reference must not outlive the erasure in a subject.
            return f"erasure/{payload.request_id or event_id}"
        case _:
            assert_never(payload)


def _time_of(payload: Payload) -> datetime | None:
    match payload:
        case SurveyResponse() | EmployeeFeedback():
            return payload.submitted_at
        case Ticket():
            return payload.updated_at or payload.created_at
        case ProcessInstance():
            return payload.time
        case ProcessDowntime():
            return payload.started_at
        case Erasure():
            return payload.requested_at
        case _:
            assert_never(payload)
