"""A notice, digest, decision, review or refusal -> the bytes of one Kafka record, a CloudEvent in structured mode.

These are promises to consumers: a field may be added, never renamed or given another meaning. No text of a customer
leaves but for the redacted excerpts of a notice or digest and the redacted payload of a dead letter.
"""

from datetime import datetime
from typing import Generic, Literal, TypeVar, assert_never

from service.core.contracts.classified import Classified
from service.core.contracts.dead_letter import DeadLetter
from service.core.contracts.digest import Digest
from service.core.contracts.event_type import OutgoingType
from service.core.contracts.notice import Notice
from service.core.contracts.outcome import Answered, Outcome
from service.core.contracts.receipt import Receipt
from service.core.contracts.review import Review, ReviewChange
from service.core.contracts.values import EventId, EventSource, Instant, Label, Outgoing, SpecVersion
from service.core.records.words import Level

# The header of every record that `encode` has made.
CONTENT_TYPE = ("content-type", b"application/cloudevents+json; charset=UTF-8")

Record = Notice | Digest | Classified | Review | DeadLetter | Receipt | Outcome | Answered

TypeT = TypeVar("TypeT", bound=OutgoingType)
RecordT = TypeVar("RecordT", bound=Record)


class OutgoingEnvelope(Outgoing, Generic[TypeT, RecordT]):
    """A whole record; its `id` is the idempotency key of what it tells."""

    specversion: SpecVersion = "1.0"
    id: EventId
    source: EventSource
    type: TypeT
    subject: Label
    time: Instant
    datacontenttype: Literal["application/json"] = "application/json"
    data: RecordT


def encode(record: Record, *, source: str, at: datetime) -> bytes:
    """Write a record that was decided at `at` (aware) by the service that calls itself `source`."""
    envelope = _AnyEnvelope(
        id=record.idempotency_key,
        source=source,
        type=type_of(record),
        subject=_subject_of(record),
        time=at,
        data=record,
    )
    return envelope.model_dump_json().encode()


def type_of(record: Record) -> OutgoingType:
    match record:
        case Notice():
            return OutgoingType.NOTICE
        case Digest():
            return OutgoingType.DIGEST
        case Classified():
            return OutgoingType.CLASSIFIED
        case Review():
            return _REVIEW_TYPES[record.level, record.change]
        case DeadLetter():
            return OutgoingType.DEAD_LETTER
        case Receipt():
            return OutgoingType.RECEIPT
        case Outcome():
            return OutgoingType.OUTCOME
        case Answered():
            return OutgoingType.ANSWERED
        case _:
            assert_never(record)


def key_of(record: Record) -> str | None:
    """Return the Kafka key; a dead letter keeps the key that its record came with, which only the caller has."""
    match record:
        case Notice():
            return record.alert_id
        case Digest():
            return record.team
        case Classified():
            return f"{record.source}\n{record.event_id}"
        case Review():
            return record.cell.process
        case DeadLetter():
            return None
        case Receipt():
            return record.customer_hash
        case Outcome() | Answered():
            return f"{record.source}\n{record.subject}"
        case _:
            assert_never(record)


_AnyEnvelope = OutgoingEnvelope[OutgoingType, Record]

_REVIEW_TYPES = {
    (Level.LOCAL_ADJUSTMENT, ReviewChange.OPENED): OutgoingType.REVIEW_LOCAL_OPENED,
    (Level.LOCAL_ADJUSTMENT, ReviewChange.CLOSED): OutgoingType.REVIEW_LOCAL_CLOSED,
    (Level.FORMAL_REVIEW, ReviewChange.OPENED): OutgoingType.REVIEW_FORMAL_OPENED,
    (Level.FORMAL_REVIEW, ReviewChange.CLOSED): OutgoingType.REVIEW_FORMAL_CLOSED,
}


def _subject_of(record: Record) -> str:
    match record:
        case Notice() | Review():
            return f"alert/{record.alert_id}"
        case Digest():
            return f"digest/{record.digest_id}"
        case Classified() | Outcome() | Answered():
            return record.subject
        case DeadLetter():
            return f"{record.topic}/{record.partition}/{record.offset}"
        case Receipt():
            return f"erasure/{record.customer_hash}"
        case _:
            assert_never(record)
