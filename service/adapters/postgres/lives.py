"""A pool -> what is kept of process instances, and their end: read for the API, forgotten by the ticker."""

from datetime import datetime

from service.adapters.postgres.documents import CONTRIBUTIONS, INSTANCES
from service.adapters.postgres.pool import Pool
from service.adapters.postgres.reading import read_step
from service.adapters.postgres.registry import lock
from service.adapters.postgres.session import lent, within
from service.core.link.keys import customer_key
from service.ports import Known

# Read an instance.
_INSTANCE = "SELECT doc FROM process_instance WHERE instance_id = $1"

# Read the latest steps of an instance that hold, and count all.
_STEPS = """
SELECT *, count(*) OVER () AS total FROM process_step WHERE instance_id = $1 AND NOT withdrawn
ORDER BY at DESC, told_at DESC, event_id DESC, source DESC, name DESC LIMIT $2
"""

# Read what is linked to an instance, the latest begun first, and count all.
_LINKED = """
SELECT c.doc, (SELECT count(*) FROM contribution WHERE instance_id = $1) AS total FROM contribution c
WHERE c.instance_id = $1 ORDER BY c.began_at DESC, c.source DESC, c.subject DESC, c.part DESC LIMIT $2
"""

# Find instances that may be forgotten, the oldest first.
_OLD = """
SELECT i.instance_id, i.customer FROM process_instance i
WHERE i.aged_at < $1
  AND NOT EXISTS (SELECT FROM contribution c WHERE c.instance_id = i.instance_id AND c.began_at >= $1)
ORDER BY i.aged_at, i.instance_id LIMIT $2
"""

# Find the keys that instances carry, each of which is locked by whoever learns of it.
_KEYS = "SELECT DISTINCT key FROM instance_key WHERE instance_id = ANY ($1::text[])"

# Forget those that are as old still, with all that hangs on them.
_FORGET = """
WITH gone AS (
  DELETE FROM process_instance i WHERE i.instance_id = ANY ($2::text[]) AND i.aged_at < $1
    AND NOT EXISTS (SELECT FROM contribution c WHERE c.instance_id = i.instance_id AND c.began_at >= $1)
  RETURNING i.instance_id
), steps AS (
  DELETE FROM process_step s USING gone WHERE s.instance_id = gone.instance_id
), keys AS (
  DELETE FROM instance_key k USING gone WHERE k.instance_id = gone.instance_id
)
SELECT count(*) AS times FROM gone
"""


# Forget what has waited long enough; what is waited for anew has a row of its own.
_FORGET_WAITS = """
WITH gone AS (
  DELETE FROM link_wait WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM link_wait WHERE until < $1 ORDER BY until LIMIT $2 FOR UPDATE SKIP LOCKED))
  RETURNING 1
)
SELECT count(*) AS times FROM gone
"""


class PostgresLives:
    """Implements Lives over the pool of a desk."""

    _pool: Pool

    async def instance(self, instance_id: str, *, steps: int, linked: int) -> Known | None:
        async with lent(self._pool) as session:
            rows = await session.fetch(_INSTANCE, instance_id)
            if not rows:
                return None
            walked = await session.fetch(_STEPS, instance_id, steps)
            heard = await session.fetch(_LINKED, instance_id, linked)
        return Known(
            instance=INSTANCES.read(rows[0]["doc"]),
            steps=tuple(read_step(row) for row in reversed(walked)),
            steps_total=walked[0]["total"] if walked else 0,
            linked=tuple(CONTRIBUTIONS.read(row["doc"]) for row in heard),
            linked_total=heard[0]["total"] if heard else 0,
        )


async def forget(pool: Pool, before: datetime, limit: int) -> int:
    """Lock the keys of old instances and their customers, as whoever hears of one does, look again, and forget them."""
    async with within(pool) as session:
        old = await session.fetch(_OLD, before, limit)
        if not old:
            return 0
        names = [row["instance_id"] for row in old]
        keys = {row["key"] for row in await session.fetch(_KEYS, names)}
        keys |= {customer_key(row["customer"]) for row in old if row["customer"] is not None}
        await lock(session, sorted(keys))
        (row,) = await session.fetch(_FORGET, before, names)
    gone: int = row["times"]
    return gone


async def forget_waits(pool: Pool, before: datetime, limit: int) -> int:
    """Take out what has waited long enough, the earliest first."""
    async with within(pool) as session:
        (row,) = await session.fetch(_FORGET_WAITS, before, limit)
    gone: int = row["times"]
    return gone
