"""What is handed to whoever speaks to a channel, and what comes back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from service.core.playbook.channels import Channel
from service.core.records.deliveries import Attempt, Delivery, Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One delivery, to be sent at `at` by a channel that knows of its thread what `known` says."""

    delivery: Delivery
    channel: Channel
    known: Known | None
    at: datetime


class Courier(Protocol):
    """Sends over a network."""

    async def send(self, parcel: Parcel) -> Attempt:
        """Try once, within a bounded time; whatever the other end does is an Attempt, no error."""
        ...
