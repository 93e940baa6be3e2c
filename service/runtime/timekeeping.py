"""What the worker asks before each batch -> how many records it may decide, and at which `now`.

`WallTime` lets everything pass at the present. `StreamTime` goes by event time over all partitions of the group
(`clock`), which the demo and a recorded stream use; it queries the store once in a while, and knows its own partitions
at once.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from service.core.pipeline.cadence import Cadences
from service.ports import Lease, PartitionKey, Store
from service.runtime.clock import AHEAD, BEGINNING, Fire, Go, Plan, Wait, clock, may_proceed, plan, resumed

_FRESH_SECONDS = 0.05
# So long does a record wait for its turn before the worker looks whether it still owns the partition.
_PATIENCE_SECONDS = 0.25
_FAR = datetime(9000, 1, 1, tzinfo=UTC)


class Timekeeper(Protocol):
    """Decides how the worker's time goes.

    Where it `is_one` for all partitions, records of several may be decided in one transaction.
    """

    is_one: bool

    async def present(self) -> datetime:
        """Return the `now` of what no record causes, such as an act of a person."""
        ...

    async def resume(self, lease: Lease) -> Lease:
        """Return the lease as it must stand before its next record is decided."""
        ...

    async def plan(self, lease: Lease, times: Sequence[datetime | None], ticks: Cadences) -> Plan:
        """Say what may happen next with messages whose greatest event times these are.

        `ticks` says when the tick of a record's window is due.
        """
        ...

    async def ended(self, lease: Lease) -> tuple[Lease, datetime | None]:
        """Note that a partition is at its end; return the lease, and the time up to which timers may fire by that."""
        ...

    async def stall(self, lease: Lease, wait: Wait) -> Lease:
        """Publish that a record has to wait, and wait until another partition has moved, or a little while."""
        ...

    def moved(self, lease: Lease) -> None:
        """Note how a lease stands after a commit."""
        ...

    def gone(self, key: PartitionKey) -> None:
        """Note that a partition is no longer owned here."""
        ...


class WallTime:
    """Implements Timekeeper: every record is decided at the present, which never goes back."""

    is_one = True

    def __init__(self, utc_now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._utc_now = utc_now
        self._latest = BEGINNING

    def now(self) -> datetime:
        self._latest = max(self._latest, self._utc_now())
        return self._latest

    async def present(self) -> datetime:
        return self.now()

    async def resume(self, lease: Lease) -> Lease:
        return lease

    async def plan(self, lease: Lease, times: Sequence[datetime | None], ticks: Cadences) -> Plan:  # noqa: ARG002 (event time plays no part)
        now = self.now()
        return Go(count=len(times), now_of=lambda _: now, until=now)

    async def ended(self, lease: Lease) -> tuple[Lease, datetime | None]:
        return lease, None

    async def stall(self, lease: Lease, wait: Wait) -> Lease:  # noqa: ARG002 (nothing waits)
        return lease

    def moved(self, lease: Lease) -> None:
        """Commits do not move this clock."""

    def gone(self, key: PartitionKey) -> None:
        """Nor do rebalances."""


class StreamTime:
    """Implements Timekeeper over the leases of one consumer group.

    Partitions run `ahead` of one another. Timers of alerts, which every record applies itself before it touches an
    alert, may run as much later than on time as `ahead` is above its default; ticks never do.
    """

    is_one = False

    def __init__(self, store: Store, *, cluster: str, group: str, ahead: timedelta = AHEAD) -> None:
        self._store = store
        self._cluster = cluster
        self._group = group
        self._ahead = ahead
        self._leases: dict[PartitionKey, Lease] = {}
        self._mine: set[PartitionKey] = set()
        self._read_at = -_FRESH_SECONDS
        self._latest = BEGINNING
        self._turn = asyncio.Event()

    async def present(self) -> datetime:
        leases = await self._store.stream_times(self._cluster, self._group)
        self._latest = max(self._latest, clock(leases.values()) or BEGINNING)
        return self._latest

    async def resume(self, lease: Lease) -> Lease:
        return resumed(lease, await self._others(lease))

    async def plan(self, lease: Lease, times: Sequence[datetime | None], ticks: Cadences) -> Plan:
        others = await self._others(lease)
        found = plan(lease, others, times, None, self._latest, self._ahead)
        if isinstance(found, Wait):
            return found
        found = plan(lease, others, times, await self._due(), self._latest, self._ahead, ticks)
        match found:
            case Fire(now=now):
                self._latest = max(self._latest, now)
            case Go(until=until):
                self._latest = max(self._latest, until)
            case Wait():
                pass
        return found

    async def ended(self, lease: Lease) -> tuple[Lease, datetime | None]:
        if not lease.at_end:
            lease = Lease(
                key=lease.key, epoch=lease.epoch, next_offset=lease.next_offset, stream_at=lease.stream_at, at_end=True
            )
            await self._publish(lease)
        now = clock([lease, *await self._others(lease)])
        if now is None:
            return lease, None
        self._latest = max(self._latest, now)
        return lease, self._latest

    async def stall(self, lease: Lease, wait: Wait) -> Lease:
        if lease.stream_at != wait.stream_at or self._leases.get(lease.key) != lease:
            lease = Lease(key=lease.key, epoch=lease.epoch, next_offset=lease.next_offset, stream_at=wait.stream_at)
            await self._publish(lease)
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + _PATIENCE_SECONDS
        while (left := give_up_at - loop.time()) > 0:
            # Whoever moves after this line sets the event that is waited for, so that no turn is missed.
            turn = self._turn
            others = await self._others(lease)
            if may_proceed(wait.stream_at, others, self._ahead):
                break
            abroad = any(other.key not in self._mine and not other.at_end for other in others)
            try:
                async with asyncio.timeout(min(left, _FRESH_SECONDS) if abroad else left):
                    await turn.wait()
            except TimeoutError:
                continue
        return lease

    def moved(self, lease: Lease) -> None:
        self._leases[lease.key] = lease
        self._mine.add(lease.key)
        self._turn.set()
        self._turn = asyncio.Event()

    def gone(self, key: PartitionKey) -> None:
        self._mine.discard(key)

    async def _due(self) -> datetime | None:
        due = await self._store.next_due()
        if due is None or self._ahead <= AHEAD:
            return due
        tick = await self._store.due_tick(_FAR)
        late = due + (self._ahead - AHEAD)
        return late if tick is None else min(late, tick[1])

    async def _publish(self, lease: Lease) -> None:
        await self._store.stall(lease)
        self.moved(lease)

    async def _others(self, lease: Lease) -> list[Lease]:
        now = asyncio.get_running_loop().time()
        if now - self._read_at > _FRESH_SECONDS:
            read = await self._store.stream_times(self._cluster, self._group)
            self._leases = {**read, **{key: held for key, held in self._leases.items() if key in self._mine}}
            self._read_at = now
        return [other for key, other in self._leases.items() if key != lease.key]
