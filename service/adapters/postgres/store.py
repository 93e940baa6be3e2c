"""A pool -> the store: leases, transactions, and what is due.

Refuses a second owner by the lease's epoch, and a value that PostgreSQL can not hold by RefusedError; messages name
SQLSTATEs, never rows.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime

import asyncpg

from service.adapters.postgres.lives import forget, forget_waits
from service.adapters.postgres.months import Months
from service.adapters.postgres.muting import KeptSilences
from service.adapters.postgres.pool import Pool
from service.adapters.postgres.retention import PostgresRetention
from service.adapters.postgres.session import lent
from service.adapters.postgres.transaction import PostgresTransaction
from service.core.pipeline.cadence import Tick
from service.core.records.words import TickKind
from service.ports import Lease, PartitionKey

# Take leases over; an earlier owner's running batch is waited for.
_CLAIM = """
INSERT INTO partition_lease (cluster, grp, topic, partition, epoch, owner)
SELECT cluster, grp, topic, partition, 1, $5
FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[]) AS wanted (cluster, grp, topic, partition)
ON CONFLICT (cluster, grp, topic, partition) DO UPDATE
SET epoch = partition_lease.epoch + 1, at_end = false, owner = excluded.owner, claimed_at = now()
RETURNING cluster, grp, topic, partition, epoch, next_offset, stream_at, at_end
"""

# Read the leases of a group, or one of them.
_LEASES = """
SELECT cluster, grp, topic, partition, epoch, next_offset, stream_at, at_end FROM partition_lease
WHERE cluster = $1 AND grp = $2 AND ($3::text IS NULL OR topic = $3) AND ($4::integer IS NULL OR partition = $4)
"""

# Tell how far a partition's time has come, if it is still this owner's.
_STALL = """
UPDATE partition_lease SET stream_at = $6, at_end = $7
WHERE cluster = $1 AND grp = $2 AND topic = $3 AND partition = $4 AND epoch = $5
"""

# Find when the next timer or tick is due, or an instance has to be looked at.
_NEXT_DUE = """
SELECT least(
  (SELECT due_at FROM alert WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1),
  (SELECT late_at FROM process_instance WHERE late_at IS NOT NULL ORDER BY late_at LIMIT 1),
  (SELECT at FROM release ORDER BY at LIMIT 1),
  (SELECT least(min(ends_at), min(check_at)) FROM silence WHERE ended_at IS NULL),
  (SELECT due_at FROM tick WHERE ran_at IS NULL ORDER BY due_at LIMIT 1)
) AS due_at
"""

# List the alerts that are due, earliest first.
_DUE_ALERTS = """
SELECT alert_key, alert_id FROM alert WHERE due_at IS NOT NULL AND due_at <= $1
ORDER BY due_at, rank DESC, customers DESC, alert_id LIMIT $2
"""

# List the instances that have to be looked at, earliest first.
_DUE_INSTANCES = """
SELECT instance_id FROM process_instance WHERE late_at IS NOT NULL AND late_at <= $1
ORDER BY late_at, instance_id LIMIT $2
"""

# List what has ended and may still hold alerts back, earliest first.
_DUE_RELEASES = "SELECT muter, at FROM release WHERE at <= $1 ORDER BY at, muter LIMIT $2"

# List the silences that must be looked at, earliest first.
_DUE_SILENCES = """
SELECT silence_id, least(ends_at, check_at) AS at FROM silence
WHERE ended_at IS NULL AND least(ends_at, check_at) <= $1 ORDER BY at, silence_id LIMIT $2
"""

# Find the earliest tick that is due.
_DUE_TICK = """
SELECT kind, ends_at, due_at FROM tick WHERE ran_at IS NULL AND due_at <= $1 ORDER BY due_at, kind, ends_at LIMIT 1
"""

_MOST_PLANNED = 10_000


class PostgresStore(PostgresRetention):
    """Implements Store.

    `owner` is written to leases for people to read; `shards` is by how many relays the outbox is shared. `on_outgoing`
    is called after each commit that left something for them.
    """

    def __init__(
        self, pool: Pool, *, shards: int = 1, owner: str = "", on_outgoing: Callable[[], None] = lambda: None
    ) -> None:
        self._pool = pool
        self._shards = shards
        self._owner = owner
        self._on_outgoing = on_outgoing
        self._months = Months()
        self._kept = KeptSilences()
        self._planned: set[Tick] = set()

    def transaction(self) -> AbstractAsyncContextManager[PostgresTransaction]:
        return self._transaction()

    async def claim(self, keys: Sequence[PartitionKey]) -> Sequence[Lease]:
        order = sorted(keys)
        parts = [(key.cluster, key.group, key.topic, key.partition) for key in order]
        # Who has to claim again may have met a server that has lost what it had committed.
        self._planned.clear()
        async with lent(self._pool) as session:
            rows = await session.fetch(_CLAIM, *([part[at] for part in parts] for at in range(4)), self._owner)
            await self._months.keep_ahead(session)
        found = {lease.key: lease for lease in map(_lease, rows)}
        return [found[key] for key in keys]

    async def lease(self, key: PartitionKey) -> Lease | None:
        async with lent(self._pool) as session:
            rows = await session.fetch(_LEASES, key.cluster, key.group, key.topic, key.partition)
        return _lease(rows[0]) if rows else None

    async def stall(self, lease: Lease) -> None:
        key = lease.key
        place = (key.cluster, key.group, key.topic, key.partition)
        async with lent(self._pool) as session:
            await session.execute(_STALL, *place, lease.epoch, lease.stream_at, lease.at_end)

    async def stream_times(self, cluster: str, group: str) -> Mapping[PartitionKey, Lease]:
        async with lent(self._pool) as session:
            rows = await session.fetch(_LEASES, cluster, group, None, None)
        return {lease.key: lease for lease in map(_lease, rows)}

    async def next_due(self) -> datetime | None:
        async with lent(self._pool) as session:
            rows = await session.fetch(_NEXT_DUE)
        due_at: datetime | None = rows[0]["due_at"]
        return due_at

    async def due_alerts(self, now: datetime, limit: int) -> Sequence[tuple[str, str]]:
        async with lent(self._pool) as session:
            rows = await session.fetch(_DUE_ALERTS, now, limit)
        return [(row["alert_key"], row["alert_id"]) for row in rows]

    async def due_instances(self, now: datetime, limit: int) -> Sequence[str]:
        async with lent(self._pool) as session:
            rows = await session.fetch(_DUE_INSTANCES, now, limit)
        return [row["instance_id"] for row in rows]

    async def due_releases(self, now: datetime, limit: int) -> Sequence[tuple[str, datetime]]:
        async with lent(self._pool) as session:
            rows = await session.fetch(_DUE_RELEASES, now, limit)
        return [(row["muter"], row["at"]) for row in rows]

    async def due_silences(self, now: datetime, limit: int) -> Sequence[tuple[str, datetime]]:
        async with lent(self._pool) as session:
            rows = await session.fetch(_DUE_SILENCES, now, limit)
        return [(row["silence_id"], row["at"]) for row in rows]

    async def due_tick(self, now: datetime) -> tuple[Tick, datetime] | None:
        async with lent(self._pool) as session:
            rows = await session.fetch(_DUE_TICK, now)
        if not rows:
            return None
        return Tick(kind=TickKind(rows[0]["kind"]), ends_at=rows[0]["ends_at"]), rows[0]["due_at"]

    async def forget_instances(self, before: datetime, limit: int) -> int:
        return await forget(self._pool, before, limit)

    async def forget_waits(self, before: datetime, limit: int) -> int:
        return await forget_waits(self._pool, before, limit)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[PostgresTransaction]:
        async with lent(self._pool) as session:
            await session.begin()
            transaction = PostgresTransaction(session, self._shards, self._kept, self._planned)
            yield transaction
            await session.commit()
            if transaction.left_outgoing:
                self._on_outgoing()
            self._remember(transaction.ticks)
            await self._months.keep_ahead(session, transaction.received)

    def _remember(self, ticks: set[Tick]) -> None:
        """Remember ticks that are committed: rows of ticks stay for good, and most batches ask for the same again."""
        if len(self._planned) > _MOST_PLANNED:
            self._planned.clear()
        self._planned |= ticks


def _lease(row: asyncpg.Record) -> Lease:
    return Lease(
        key=PartitionKey(cluster=row["cluster"], group=row["grp"], topic=row["topic"], partition=row["partition"]),
        epoch=row["epoch"],
        next_offset=row["next_offset"],
        stream_at=row["stream_at"],
        at_end=row["at_end"],
    )
