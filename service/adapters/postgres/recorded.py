"""A pool -> the feedback that came lately, by the index of its days."""

from collections.abc import Sequence
from datetime import datetime

from service.adapters.postgres.documents import CONTRIBUTIONS
from service.adapters.postgres.pool import Pool
from service.adapters.postgres.session import lent
from service.core.records.decisions import Contribution

# Read what began since an instant, the latest first.
_RECENT = """
SELECT doc FROM contribution WHERE day >= ($1::timestamptz AT TIME ZONE 'UTC')::date AND began_at >= $1
ORDER BY began_at DESC, source COLLATE "C" DESC, subject COLLATE "C" DESC, part COLLATE "C" DESC LIMIT $2
"""


class PostgresRecorded:
    """Implements Recorded."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def recent(self, since: datetime, limit: int) -> Sequence[Contribution]:
        async with lent(self._pool) as session:
            return [CONTRIBUTIONS.read(row["doc"]) for row in await session.fetch(_RECENT, since, limit)]
