"""What people did to alerts -> rows, and the pages of them that the API reads."""

from collections.abc import Iterable, Sequence

import orjson

from service.adapters.postgres.documents import write_json
from service.adapters.postgres.pool import Pool
from service.adapters.postgres.session import Session, lent
from service.core.records.handling import Act
from service.core.records.words import Deed

# Keep what was done.
_KEEP = """
INSERT INTO alert_act (alert_id, at, deed, author, text, said)
SELECT alert_id, at, deed, author, text, said::json
FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[])
  AS new (alert_id, at, deed, author, text, said)
"""

# Read a page of what was done to an alert.
_ACTS = """
SELECT number, alert_id, at, deed, author, text, said FROM alert_act
WHERE alert_id = $1 AND number > $2 ORDER BY number LIMIT $3
"""


async def keep_acts(session: Session, acts: Iterable[Act]) -> None:
    await session.write(
        _KEEP,
        ((one.alert_id, one.at, one.deed.value, one.by, one.text, write_json(dict(one.said))) for one in acts),
    )


class PostgresActs:
    """Implements ActsRead."""

    _pool: Pool

    async def acts(self, alert_id: str, after: int, limit: int) -> Sequence[Act]:
        async with lent(self._pool) as session:
            rows = await session.fetch(_ACTS, alert_id, after, limit)
        return [
            Act(
                alert_id=row["alert_id"],
                at=row["at"],
                deed=Deed(row["deed"]),
                by=row["author"],
                text=row["text"],
                said=orjson.loads(row["said"]),
                number=row["number"],
            )
            for row in rows
        ]
