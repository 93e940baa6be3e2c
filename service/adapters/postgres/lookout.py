"""A pool -> what waits in each shard of the outbox, and in queues that nobody reads."""

from collections.abc import Collection, Mapping
from datetime import datetime

from service.adapters.postgres.pool import Pool
from service.adapters.postgres.session import lent
from service.ports import Queues, Waiting

# The highest shard that the settings allow for: a row is found even where no relay was ever started for its shard.
_LAST_SHARD = 63

# Find the first numbered and the first unnumbered row of each shard, and take the older. A backlog is not read through.
_SHARDS = """
SELECT wanted.shard, head.id, head.created_at, held.shard IS NOT NULL AS taken
FROM generate_series(0, $1::integer) AS wanted (shard)
CROSS JOIN LATERAL (
  SELECT min(id) AS id, min(created_at) AS created_at FROM (
    (SELECT id, created_at FROM outbox WHERE shard = wanted.shard AND publish_seq IS NOT NULL
      ORDER BY publish_seq LIMIT 1)
    UNION ALL
    (SELECT id, created_at FROM outbox WHERE shard = wanted.shard AND publish_seq IS NULL ORDER BY id LIMIT 1)
  ) AS heads
) AS head
LEFT JOIN relay_shard AS held ON held.shard = wanted.shard
WHERE head.id IS NOT NULL ORDER BY wanted.shard
"""

# Count the open alerts of no known team, and find the oldest in arbitration that nobody has acknowledged.
_QUEUES = """
SELECT count(*) FILTER (WHERE team <> ALL ($1::text[])) AS orphans,
  min(opened_at) FILTER (WHERE team = $2 AND (acked_until IS NULL OR acked_until <= $3)) AS arbitration_since
FROM alert WHERE state = 'open'
"""

# Find the oldest delivery that nobody has tried, though nothing that is about the same goes first and its channel rests
# at nobody's wish.
_UNTRIED = """
SELECT min(d.made_at) AS since FROM delivery d
WHERE d.state = 'waiting' AND d.count = 0 AND d.lease IS NULL
  AND NOT EXISTS (SELECT FROM delivery e
    WHERE e.channel = d.channel AND e.thread = d.thread AND e.state = 'waiting' AND e.place < d.place)
  AND NOT EXISTS (SELECT FROM channel_state c WHERE c.channel = d.channel
    AND (c.doc #>> '{breaker,until}' IS NOT NULL OR c.doc ->> 'quiet_until' IS NOT NULL))
"""


class PostgresLookout:
    """Implements Lookout."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def shards(self) -> Mapping[int, Waiting]:
        async with lent(self._pool) as session:
            rows = await session.fetch(_SHARDS, _LAST_SHARD)
        return {row["shard"]: Waiting(since=row["created_at"], first=row["id"], taken=row["taken"]) for row in rows}

    async def queues(self, teams: Collection[str], arbitration: str, now: datetime) -> Queues:
        async with lent(self._pool) as session:
            (row,) = await session.fetch(_QUEUES, list(teams), arbitration, now)
            (untried,) = await session.fetch(_UNTRIED)
        return Queues(
            orphans=row["orphans"], arbitration_since=row["arbitration_since"], untried_since=untried["since"]
        )
