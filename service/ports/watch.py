"""What a watchdog asks of the state that all replicas share, and what it says is amiss with it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Fault(StrEnum):
    """What all replicas suffer from alike, so that no other of them would serve a request better."""

    LATE_TIMERS = "late_timers"
    STUCK_RELAY = "stuck_relay"
    ORPHAN_ALERTS = "orphan_alerts"
    UNREAD_ARBITRATION = "unread_arbitration"
    LATE_DELIVERIES = "late_deliveries"
    UNWATCHED = "unwatched"


@dataclass(frozen=True, slots=True, kw_only=True)
class Degraded:
    """One fault, in figures for people to read."""

    fault: Fault
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The rows of one shard of the outbox: since when the oldest waits, and its id, which changes as rows leave.

    `taken` says that a relay has held the shard at some time.
    """

    since: datetime
    first: int
    taken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Queues:
    """How many alerts are open in teams that nobody knows, and since when the oldest in arbitration has no taker.

    `untried_since` is since when the oldest delivery that may go has waited for anybody to try it.
    """

    orphans: int
    arbitration_since: datetime | None
    untried_since: datetime | None = None


class Lookout(Protocol):
    """Raises OutOfReachError where the store does not answer."""

    async def shards(self) -> Mapping[int, Waiting]:
        """Return what waits in each shard of the outbox that has any row, whether or not a relay is there for it."""
        ...

    async def queues(self, teams: Collection[str], arbitration: str, now: datetime) -> Queues:
        """Look at the open alerts by the teams that there are; an acknowledgement counts until it expires."""
        ...
