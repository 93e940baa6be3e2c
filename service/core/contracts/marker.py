"""The value of one record in `feedback.relay-markers`: how far a shard of the outbox has been published."""

from service.core.contracts.values import Count, Outgoing


class RelayMarker(Outgoing):
    """Internal, and no CloudEvent: the relay alone reads it, in the transaction that it closes."""

    shard: Count
    publish_seq: Count
