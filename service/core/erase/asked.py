"""An erasure event -> what is to be forgotten, its references as pseudonyms under every key."""

from service.core.contracts.cloudevent import Event
from service.core.contracts.event_type import IncomingType
from service.core.contracts.parties import customer_of
from service.core.contracts.privacy import Erasure as ErasureEvent
from service.core.pseudonym import PseudonymKey
from service.core.records.erasing import Erasure


def asked(event: Event, key: PseudonymKey) -> Erasure | None:
    """Read what an event asks; None where it asks nothing of the kind."""
    # The type is asked first, since it costs a hundredth of asking a model.
    if event.type is not IncomingType.ERASURE or not isinstance(event.data, ErasureEvent):
        return None
    customer = customer_of(event.data.customer)
    named = (customer.ref, *(one.ref for one in customer.also))
    (erasure_id, *_), (customer_hash, *_) = (
        key.marks("erasure", event.source, event.id),
        key.marks("hash", customer.ref),
    )
    return Erasure(
        erasure_id=erasure_id,
        request_id=event.data.request_id,
        customer_hash=customer_hash,
        refs=tuple(sorted({one for ref in named for one in key.every(ref)})),
        include_joined=event.data.include_joined,
        asked_at=event.time,
    )
