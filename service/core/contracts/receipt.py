"""`privacy.receipt.v1`: a person was erased; it names neither the person nor anything that was said."""

from collections.abc import Mapping

from service.core.contracts.values import Count, EventId, Instant, Label, Outgoing, Ref


class Receipt(Outgoing):
    """What was replaced or removed, by kind and count; kinds are those of deploy/docs/privacy.md.

    `customer_hash` is an HMAC of the reference under the pseudonym key, other than its pseudonym. `joined` counts the
    further references of the same person, which were erased too if `include_joined` was asked.
    """

    idempotency_key: EventId
    request_id: Ref | None = None
    customer_hash: Label
    erased: Mapping[str, Count]
    include_joined: bool
    joined: Count
    asked_at: Instant
    erased_at: Instant
