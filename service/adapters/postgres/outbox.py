"""A pool -> the relay's side of the outbox: rows numbered without a gap, and forgotten once Kafka has them.

Refuses a relay whose shard was taken over. Ids have gaps and become visible out of order; `publish_seq` is given to
what is visible, under the shard's lock, and so has neither trouble.
"""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from service.adapters.postgres.packed import pairs
from service.adapters.postgres.pool import Pool
from service.adapters.postgres.session import lent
from service.ports import FencedError, Numbered, Outgoing

# Take a shard over.
_CLAIM = """
INSERT INTO relay_shard (shard, epoch, next_seq, owner) VALUES ($1, 1, 1, $2)
ON CONFLICT (shard) DO UPDATE SET epoch = relay_shard.epoch + 1, owner = excluded.owner
RETURNING epoch
"""

# Delete what Kafka has and number what is visible and has no place yet, in id order, where the shard is still this
# relay's; read the first rows that have a place, up to the one that reaches the bound in bytes. Numbers go on past what
# Kafka has: a server that lost its last commits would otherwise give these out again. Without a row to read there is
# one of nulls, without the shard none. Nothing is written where nothing waits and nothing is to be deleted.
_NUMBER = """
WITH waiting AS (
  SELECT id, row_number() OVER (ORDER BY id) AS place
  FROM (SELECT id FROM outbox WHERE shard = $1 AND publish_seq IS NULL ORDER BY id LIMIT $3) AS first
), held AS (
  UPDATE relay_shard SET next_seq = greatest(next_seq, $5::bigint + 1) + (SELECT count(*) FROM waiting)
  WHERE shard = $1 AND epoch = $2 AND ($5::bigint > 0 OR EXISTS (SELECT FROM waiting))
  RETURNING next_seq - (SELECT count(*) FROM waiting) AS first_seq
), forgotten AS (
  DELETE FROM outbox WHERE shard = $1 AND publish_seq <= $5::bigint AND EXISTS (SELECT FROM held)
), numbered AS (
  UPDATE outbox o SET publish_seq = held.first_seq + waiting.place - 1
  FROM held, waiting WHERE o.id = waiting.id
  RETURNING o.publish_seq, o.owner, o.topic, o.keys, o.values, o.packed, o.size, o.received_at, o.created_at
), placed AS (
  SELECT * FROM (
    SELECT publish_seq, owner, topic, keys, values, packed, size, received_at, created_at FROM outbox
    WHERE shard = $1 AND publish_seq > $5::bigint ORDER BY publish_seq LIMIT $3
  ) AS before
  UNION ALL SELECT * FROM numbered ORDER BY publish_seq LIMIT $3
), sized AS (
  SELECT *, sum(coalesce(size, 0)) OVER (ORDER BY publish_seq) - coalesce(size, 0) AS before FROM placed
)
SELECT sized.* FROM relay_shard mine LEFT JOIN sized ON before < $4
WHERE mine.shard = $1 AND mine.epoch = $2 AND ($5::bigint = 0 OR EXISTS (SELECT FROM held)) ORDER BY publish_seq
"""

# One row may hold 500 dead letters, 2 MB of text: a hundred of them must not meet in memory.
_MOST_BYTES = 2 * 1024 * 1024

# Find the oldest row.
_OLDEST = "SELECT min(created_at) AS created_at FROM outbox"


class PostgresOutbox:
    """Implements Outbox."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def claim_shard(self, shard: int, owner: str) -> int:
        async with lent(self._pool) as session:
            rows = await session.fetch(_CLAIM, shard, owner)
        epoch: int = rows[0]["epoch"]
        return epoch

    async def number(self, shard: int, epoch: int, limit: int, published: int = 0) -> Sequence[Numbered]:
        async with lent(self._pool) as session:
            rows = await session.fetch(_NUMBER, shard, epoch, limit, _MOST_BYTES, published)
        if not rows:
            raise FencedError(f"relay shard {shard} is no longer at epoch {epoch}")
        return [_numbered(row) for row in rows if row["publish_seq"] is not None]

    async def oldest(self) -> datetime | None:
        async with lent(self._pool) as session:
            rows = await session.fetch(_OLDEST)
        oldest: datetime | None = rows[0]["created_at"]
        return oldest


def _numbered(row: asyncpg.Record) -> Numbered:
    outgoing = Outgoing(
        owner=row["owner"],
        topic=row["topic"],
        values=pairs(row),
        received_at=row["received_at"],
    )
    return Numbered(publish_seq=row["publish_seq"], outgoing=outgoing, created_at=row["created_at"])
