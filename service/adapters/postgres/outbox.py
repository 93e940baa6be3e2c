"""A pool -> the relay's side of the outbox: rows numbered without a gap, and forgotten once Kafka has them.

Refuses a relay whose shard was taken over. Ids have gaps and become visible out of order; `publish_seq` is given to
what is visible, under the shard's lock, and so has neither trouble.
"""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from service.adapters.postgres.pool import Pool
from service.adapters.postgres.session import lent, within
from service.ports import FencedError, Numbered, Outgoing

# Take a shard over.
_CLAIM = """
INSERT INTO relay_shard (shard, epoch, next_seq, owner) VALUES ($1, 1, 1, $2)
ON CONFLICT (shard) DO UPDATE SET epoch = relay_shard.epoch + 1, owner = excluded.owner
RETURNING epoch
"""

# Lock a shard that is still this relay's.
_HOLD = "SELECT next_seq FROM relay_shard WHERE shard = $1 AND epoch = $2 FOR UPDATE"

# Number what is visible and has no place yet, in id order.
_NUMBER = """
WITH waiting AS (
  SELECT id, row_number() OVER (ORDER BY id) AS place
  FROM (SELECT id FROM outbox WHERE shard = $1 AND publish_seq IS NULL ORDER BY id LIMIT $3) AS first
), numbered AS (
  UPDATE outbox o SET publish_seq = $2 + waiting.place - 1 FROM waiting WHERE o.id = waiting.id RETURNING 1
)
UPDATE relay_shard SET next_seq = next_seq + (SELECT count(*) FROM numbered) WHERE shard = $1
"""

# Read the first rows that are numbered, up to the one that reaches the bound in bytes; sizes are as they are stored.
_READ = """
SELECT publish_seq, owner, topic, keys, values, received_at, created_at
FROM (
  SELECT *, sum(pg_column_size(values)) OVER (ORDER BY publish_seq) - pg_column_size(values) AS before
  FROM (
    SELECT * FROM outbox WHERE shard = $1 AND publish_seq IS NOT NULL ORDER BY publish_seq LIMIT $2
  ) AS first
) AS sized
WHERE before < $3 ORDER BY publish_seq
"""

# One row may hold 500 dead letters, 2 MB of text: a hundred of them must not meet in memory.
_MOST_BYTES = 2 * 1024 * 1024

# Delete what Kafka has.
_FORGET = "DELETE FROM outbox WHERE shard = $1 AND publish_seq <= $2"

# Number past what Kafka has: a server that lost its last commits would otherwise give these numbers out again.
_LIFT = "UPDATE relay_shard SET next_seq = $2 + 1 WHERE shard = $1 AND next_seq <= $2"

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

    async def number(self, shard: int, epoch: int, limit: int) -> Sequence[Numbered]:
        async with within(self._pool) as session:
            held = await session.fetch(_HOLD, shard, epoch)
            if not held:
                raise FencedError(f"relay shard {shard} is no longer at epoch {epoch}")
            await session.execute(_NUMBER, shard, held[0]["next_seq"], limit)
        async with lent(self._pool) as session:
            return [_numbered(row) for row in await session.fetch(_READ, shard, limit, _MOST_BYTES)]

    async def forget(self, shard: int, epoch: int, publish_seq: int) -> None:
        async with within(self._pool) as session:
            if not await session.fetch(_HOLD, shard, epoch):
                raise FencedError(f"relay shard {shard} is no longer at epoch {epoch}")
            await session.execute(_FORGET, shard, publish_seq)
            await session.execute(_LIFT, shard, publish_seq)

    async def oldest(self) -> datetime | None:
        async with lent(self._pool) as session:
            rows = await session.fetch(_OLDEST)
        oldest: datetime | None = rows[0]["created_at"]
        return oldest


def _numbered(row: asyncpg.Record) -> Numbered:
    outgoing = Outgoing(
        owner=row["owner"],
        topic=row["topic"],
        values=tuple(zip(row["keys"], row["values"], strict=True)),
        received_at=row["received_at"],
    )
    return Numbered(publish_seq=row["publish_seq"], outgoing=outgoing, created_at=row["created_at"])
