"""A pool -> the deliveries and channels that the API shows, each as it stands, without a lock."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg

from service.adapters.postgres.documents import CHANNELS
from service.adapters.postgres.pool import Pool
from service.adapters.postgres.session import lent
from service.core.records.deliveries import ChannelState, Delivery, Listed, Tries
from service.core.records.words import Attempted, DeliveryState, Tiding, Unsent
from service.ports import ChannelCounts, DeliveriesWanted

# Read a delivery.
DELIVERY = "SELECT * FROM delivery WHERE delivery_id = $1"

# Read a page of those that failed or are dead, and of others.
_PAGE = """
SELECT * FROM delivery WHERE {which}
  AND ($2::text[] = '{{}}' OR CASE WHEN state = 'waiting' AND count > 0 THEN 'failed' ELSE state END = ANY ($2))
  AND ($3::text IS NULL OR channel = $3) AND ($4::text IS NULL OR team = $4)
  AND ($1::bigint IS NULL OR place < $1)
ORDER BY place DESC LIMIT $5
"""
_TROUBLED = _PAGE.format(which="(state = 'dead' OR (state = 'waiting' AND count > 0))")
_ALL = _PAGE.format(which="true")

_CHANNELS = "SELECT channel, doc FROM channel_state ORDER BY channel"

# Count what waits and what is dead.
_COUNTS = """
SELECT channel, sum(waiting) AS waiting, sum(failed) AS failed, sum(dead) AS dead, min(oldest) AS oldest_at FROM (
  SELECT channel, count(*) AS waiting, count(*) FILTER (WHERE count > 0) AS failed, 0 AS dead, min(made_at) AS oldest
  FROM delivery WHERE state = 'waiting' GROUP BY channel
  UNION ALL
  SELECT channel, 0, 0, count(*), NULL FROM delivery WHERE state = 'dead' GROUP BY channel) AS counted
GROUP BY channel ORDER BY channel
"""


class PostgresDelivered:
    """Implements DeliveriesRead."""

    _pool: Pool

    async def deliveries(self, wanted: DeliveriesWanted, before: int | None, limit: int) -> Sequence[Listed]:
        states = [one.value for one in wanted.states]
        troubled = bool(states) and {*wanted.states} <= {DeliveryState.DEAD, DeliveryState.FAILED}
        async with lent(self._pool) as session:
            rows = await session.fetch(
                _TROUBLED if troubled else _ALL, before, states, wanted.channel, wanted.team, limit
            )
        return [read_listed(row) for row in rows]

    async def delivery(self, delivery_id: str) -> Listed | None:
        async with lent(self._pool) as session:
            rows = await session.fetch(DELIVERY, delivery_id)
        return read_listed(rows[0]) if rows else None

    async def channel_states(self) -> Mapping[str, ChannelState]:
        async with lent(self._pool) as session:
            return {row["channel"]: CHANNELS.read(row["doc"]) for row in await session.fetch(_CHANNELS)}

    async def channel_counts(self) -> Mapping[str, ChannelCounts]:
        async with lent(self._pool) as session:
            return {
                row["channel"]: ChannelCounts(
                    waiting=int(row["waiting"]),
                    failed=int(row["failed"]),
                    dead=int(row["dead"]),
                    oldest_at=row["oldest_at"],
                )
                for row in await session.fetch(_COUNTS)
            }


def read_listed(row: asyncpg.Record) -> Listed:
    """Read a whole row."""
    first_at: datetime | None = row["first_at"]
    failed = row["state"] == DeliveryState.WAITING.value and row["count"] > 0
    return Listed(
        place=row["place"],
        delivery=Delivery(
            delivery_id=row["delivery_id"],
            key=row["key"],
            channel=row["channel"],
            team=row["team"],
            tiding=Tiding(row["tiding"]),
            thread=row["thread"],
            revision=row["revision"],
            payload=row["payload"],
            not_before=row["made_at"],
            ending=row["ending"],
        ),
        tries=Tries(
            count=row["count"],
            first_at=first_at,
            last_at=row["last_at"],
            last=None if row["last"] is None else Attempted(row["last"]),
            detail=row["detail"],
        ),
        state=DeliveryState.FAILED if failed else DeliveryState(row["state"]),
        due_at=row["due_at"],
        ended_at=row["ended_at"],
        unsent=None if row["unsent"] is None else Unsent(row["unsent"]),
    )
