"""What a source is told: its figures, who issues leases, and who watches it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from service.ports import Lease, PartitionKey


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """Times in seconds. The revoke budget must end well before the rebalance does, or the group goes on without us.

    `trust_end` is off for a broker whose `end_offsets` lags behind what it holds.
    """

    group: str
    most_rows: int = 2_000
    most_bytes: int = 4 * 1024 * 1024
    session_seconds: float = 45.0
    heartbeat_seconds: float = 3.0
    rebalance_seconds: float = 30.0
    revoke_seconds: float = 10.0
    hint_seconds: float = 1.0
    fetch_wait_seconds: float = 0.1
    trust_end: bool = True


class Leases(Protocol):
    """The part of a Store that a source needs."""

    async def claim(self, keys: Sequence[PartitionKey]) -> Sequence[Lease]: ...


class Watch(Protocol):
    """Who judges by lag and trouble whether the service is ready and alive."""

    def started(self, part: str) -> None: ...
    def behind(self, key: PartitionKey, lag: int) -> None: ...
    def gone(self, key: PartitionKey) -> None: ...
    def fault(self, name: str, reason: str) -> None: ...
    def clear(self, name: str) -> None: ...
