"""`feedback.deadletter.v1`: a record that no decision could be made of, and where its original is to be found."""

from pydantic import JsonValue

from service.core.contracts.values import Count, Digest, EventId, Instant, Label, Outgoing
from service.core.records.words import Stage


class DeadLetter(Outgoing):
    """`detail` names fields and kinds of fault. `payload` is there, redacted, only if the original could be decoded.

    `sha256` and `length` (bytes) are those of the original value; both are absent for a tombstone, which has none.
    """

    idempotency_key: EventId
    reason: Label
    stage: Stage
    detail: Label = ""
    topic: Label
    partition: Count
    offset: Count
    sha256: Digest | None = None
    length: Count | None = None
    payload: JsonValue = None
    received_at: Instant
