"""Deliveries as rows: written with the notices that they tell of, claimed by whoever sends, ended with a reason."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from service.core.records.deliveries import ChannelState, Delivery, Known, Listed, Tries, Waiting
from service.core.records.words import DeliveryState, Unsent


class Claimed(Struct, frozen=True, kw_only=True):
    """What waits for a channel about one thing, in order, and what the channel knows of it.

    The first is lent until `until` to whoever holds `lease`; nobody gets the others while it waits.
    """

    waiting: tuple[Waiting, ...]
    known: Known | None
    lease: str
    until: datetime


class Ended(Struct, frozen=True, kw_only=True):
    """How a delivery ended, or when it is due again; `unsent` None and `due_at` None say that it was sent."""

    place: int
    tries: Tries
    due_at: datetime | None = None
    unsent: Unsent | None = None


class Landed(Struct, frozen=True, kw_only=True):
    """What one transaction writes after an attempt, or instead of one. `known` is what the channel knows now."""

    claimed: Claimed
    ended: Sequence[Ended]
    known: Known | None = None


# How many of those that are wanted may be sent, and how the channel stands with these taken.
Admit = Callable[[ChannelState, int], tuple[int, ChannelState]]
Change = Callable[[ChannelState], ChannelState]


class Deliveries(Protocol):
    """The deliverer's side. Raises OutOfReachError where the store does not answer."""

    async def waiting_channels(self, now: datetime) -> Sequence[str]:
        """Name the channels for which something is due by `now`, in order."""
        ...

    async def claim(
        self, channel: str, limit: int, lease: str, now: datetime, until: datetime, admit: Admit
    ) -> Sequence[Claimed]:
        """Lend at most `limit` things that are due, as many of them as `admit` lets through, the longest due first.

        Raises:
            ConflictError: it was rolled back for another's sake.
            OutcomeUnknownError: the reply of the commit was lost.
        """
        ...

    async def record(self, recorded: Landed, now: datetime, change: Change | None) -> bool:
        """Write what became of what was lent, and of the channel; False where it is somebody else's by now.

        Raises:
            ConflictError: it was rolled back for another's sake.
            OutcomeUnknownError: the reply of the commit was lost.
        """
        ...

    async def drop(self, channel: str, now: datetime, limit: int) -> int:
        """End what waits for a channel that there is no more, and that nobody holds; return how much that was."""
        ...

    async def put(self, delivery: Delivery) -> None:
        """Add a delivery that no decision caused; one that is there already stays as it is."""
        ...

    async def again(self, delivery_id: str, now: datetime) -> Listed | None:
        """Let a dead delivery wait as if it had never been tried; return it as it is then, None if there is none."""
        ...


class DeliveriesWanted(Struct, frozen=True, kw_only=True):
    """Which deliveries are listed; an empty part lets everything through."""

    states: tuple[DeliveryState, ...] = ()
    channel: str | None = None
    team: str | None = None


class ChannelCounts(Struct, frozen=True, kw_only=True):
    """What waits for a channel, what of it failed before, what is dead, and since when the oldest has waited."""

    waiting: int = 0
    failed: int = 0
    dead: int = 0
    oldest_at: datetime | None = None


class DeliveriesRead(Protocol):
    """Raises OutOfReachError where the store does not answer."""

    async def deliveries(self, wanted: DeliveriesWanted, before: int | None, limit: int) -> Sequence[Listed]:
        """Return a page of deliveries below a place, the latest first."""
        ...

    async def delivery(self, delivery_id: str) -> Listed | None: ...

    async def channel_states(self) -> Mapping[str, ChannelState]:
        """Return how each channel does that was ever used."""
        ...

    async def channel_counts(self) -> Mapping[str, ChannelCounts]:
        """Count for each channel for which something waits or is dead."""
        ...
