"""Deliveries in memory, by place, with what each channel knows and how it does."""

from datetime import datetime

from service.core.records.deliveries import ChannelState, Delivery, Known, Listed, Tries
from service.core.records.words import DeliveryState


class Mailroom:
    """`lent` has the lease of a delivery and until when it is, `known` and `told_at` are by channel and thread."""

    def __init__(self) -> None:
        self.deliveries: dict[int, Listed] = {}
        self.places: dict[str, int] = {}
        self.lent: dict[int, tuple[str, datetime]] = {}
        self.known: dict[tuple[str, str], Known] = {}
        self.told_at: dict[tuple[str, str], datetime] = {}
        self.channels: dict[str, ChannelState] = {}
        self._last = 0

    def keep(self, delivery: Delivery) -> None:
        """Put a delivery in behind all others, if it is not there yet."""
        if delivery.delivery_id in self.places:
            return
        self._last += 1
        self.places[delivery.delivery_id] = self._last
        self.deliveries[self._last] = Listed(
            place=self._last,
            delivery=delivery,
            tries=Tries(),
            state=DeliveryState.WAITING,
            due_at=delivery.not_before,
        )

    def forget(self, place: int) -> None:
        gone = self.deliveries.pop(place)
        del self.places[gone.delivery.delivery_id]
