"""The store in memory: for replay, explain, a playbook's own tests, and as the second adapter of the store's suite.

Rows are frozen, so that what is loaded can be shared; what changed is put in its place when the transaction ends well.
One transaction runs at a time.
"""

import asyncio
import heapq
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Any

from service.adapters.memory.lives import forget, forget_waits
from service.adapters.memory.retention import remove
from service.adapters.memory.rows import Rows
from service.adapters.memory.transaction import MemoryTransaction
from service.core.describe import alert_document, notice_line
from service.core.pipeline.cadence import Tick
from service.core.records.facts import FeedbackRow, ReviewRow, measure_of
from service.core.records.words import Kept
from service.ports import Books, Lease, Outgoing, PartitionKey


class MemoryStore:
    """Implements Store and Archive. `outgoing` holds what a relay would send, in order."""

    def __init__(self) -> None:
        self.rows = Rows()
        self._lock = asyncio.Lock()

    @property
    def outgoing(self) -> Sequence[Outgoing]:
        return self.rows.outgoing

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[MemoryTransaction]:
        async with self._lock:
            transaction = MemoryTransaction(self.rows)
            yield transaction
            transaction.commit()

    def transaction(self) -> AbstractAsyncContextManager[MemoryTransaction]:
        return self._transaction()

    async def claim(self, keys: Sequence[PartitionKey]) -> Sequence[Lease]:
        for key in keys:
            held = self.rows.leases.get(key) or Lease(key=key, epoch=0)
            self.rows.leases[key] = Lease(
                key=key, epoch=held.epoch + 1, next_offset=held.next_offset, stream_at=held.stream_at
            )
        return [self.rows.leases[key] for key in keys]

    async def lease(self, key: PartitionKey) -> Lease | None:
        return self.rows.leases.get(key)

    async def stall(self, lease: Lease) -> None:
        if self.rows.leases[lease.key].epoch == lease.epoch:
            self.rows.leases[lease.key] = lease

    async def stream_times(self, cluster: str, group: str) -> Mapping[PartitionKey, Lease]:
        return {key: lease for key, lease in self.rows.leases.items() if (key.cluster, key.group) == (cluster, group)}

    async def next_due(self) -> datetime | None:
        while self.rows.due and self.rows.alerts[self.rows.due[0][1]].due_at != self.rows.due[0][0]:
            heapq.heappop(self.rows.due)
        while self.rows.late and self.rows.instances[self.rows.late[0][1]].late_at != self.rows.late[0][0]:
            heapq.heappop(self.rows.late)
        first = [heap[0][0] for heap in (self.rows.due, self.rows.late) if heap]
        silences = [one.due_at for one in self.rows.silences.values() if one.due_at is not None]
        later = (*self.rows.ticks.values(), *self.rows.releases.values(), *silences)
        return min((*first, *later), default=None)

    async def due_alerts(self, now: datetime, limit: int) -> Sequence[tuple[str, str]]:
        found = {
            alert_id: (at, self.rows.alerts[alert_id].alert_key)
            for at, alert_id in self.rows.due
            if at <= now and self.rows.alerts[alert_id].due_at == at
        }
        order = sorted(found.items(), key=lambda item: (item[1][0], item[0]))
        return [(key, alert_id) for alert_id, (_, key) in order[:limit]]

    async def due_instances(self, now: datetime, limit: int) -> Sequence[str]:
        found = {(at, name) for at, name in self.rows.late if at <= now and self.rows.instances[name].late_at == at}
        return [name for _, name in sorted(found)[:limit]]

    async def due_releases(self, now: datetime, limit: int) -> Sequence[tuple[str, datetime]]:
        found = [(at, muter) for muter, at in self.rows.releases.items() if at <= now]
        return [(muter, at) for at, muter in sorted(found)[:limit]]

    async def due_silences(self, now: datetime, limit: int) -> Sequence[tuple[str, datetime]]:
        due = [(one.due_at, name) for name, one in self.rows.silences.items() if one.due_at is not None]
        return [(name, at) for at, name in sorted(due) if at <= now][:limit]

    async def due_tick(self, now: datetime) -> tuple[Tick, datetime] | None:
        at, tick = min(((at, tick) for tick, at in self.rows.ticks.items() if at <= now), default=(None, None))
        return (tick, at) if tick is not None and at is not None else None

    async def forget_instances(self, before: datetime, limit: int) -> int:
        async with self._lock:
            return forget(self.rows, before, limit)

    async def forget_waits(self, before: datetime, limit: int) -> int:
        async with self._lock:
            return forget_waits(self.rows, before, limit)

    async def remove(self, what: Kept, before: datetime, limit: int) -> int:
        async with self._lock:
            return remove(self.rows, what, before, limit)

    async def feedback(self) -> AsyncIterator[Mapping[str, Any]]:
        def order(row: FeedbackRow) -> tuple[str, str, str, int]:
            document = row.document
            return (document["occurred_at"], row.source, row.event_id, document["revision"])

        for row in sorted(self.rows.rows.values(), key=order):
            yield row.document

    async def alerts(self) -> AsyncIterator[Mapping[str, Any]]:
        members: dict[str, list[str]] = {}
        for member in self.rows.members.values():
            members.setdefault(member.alert_id, []).append(member.event_id)
        for alert in sorted(self.rows.alerts.values(), key=lambda one: (one.opened_at, one.alert_id)):
            yield alert_document(alert, members.get(alert.alert_id, []))

    async def notices(self) -> AsyncIterator[Mapping[str, Any]]:
        for notice in sorted(self.rows.notices, key=lambda one: (one.at, one.alert.alert_id, one.revision)):
            yield notice_line(notice)

    async def reviews(self) -> AsyncIterator[Mapping[str, Any]]:
        def order(row: ReviewRow) -> tuple[datetime, str, str, str, str]:
            cell = row.document["cell"]
            return (
                *(row.ends_at, cell["process"], cell["category"], cell["region"] or ""),
                measure_of(row.document),
            )

        for row in sorted(self.rows.reviews, key=order):
            yield row.document

    async def rejected(self) -> AsyncIterator[Mapping[str, Any]]:
        for letter in sorted(self.rows.dead_letters, key=lambda one: (one.topic, one.partition, one.offset, one.item)):
            yield {
                "file": letter.topic,
                "line": letter.offset,
                "partition": letter.partition,
                "item": letter.item,
                "stage": letter.rejected.stage.value,
                "reason": letter.rejected.reason,
                "detail": letter.rejected.detail,
            }

    async def books(self) -> Books:
        return self.rows.books
