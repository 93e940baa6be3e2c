"""A database after a run -> how many rows each table got and how many bytes they have, as PostgreSQL stores them."""

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from service.adapters.postgres.schema import metadata

# Tables of which a run's own rows are few and the same in each.
_LEFT_OUT = frozenset({"outbox", "partition_lease", "playbook", "relay_shard"})
# A row's header of 24 bytes is left out: the yardstick's rows have one as well.
_COUNT = 'SELECT count(*), sum(pg_column_size(t.*) - 24)::bigint FROM "{table}" t'
_SAMPLE = "SELECT f::text FROM feedback f LIMIT 200"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Rows of one table and their bytes."""

    rows: int
    size: int

    @property
    def row_size(self) -> int:
        return round(self.size / self.rows)


async def written(dsn: str, *, outbox: Written) -> tuple[Mapping[str, Written], str]:
    """Count what each table holds; return it with a text of the kind that was written.

    `outbox` is given, since the relay has deleted its rows.
    """
    connection = await asyncpg.connect(dsn)
    try:
        found = {"outbox": outbox}
        for table in metadata.sorted_tables:
            if table.name not in _LEFT_OUT:
                counted = await connection.fetch(_COUNT.format(table=table.name))
                rows, size = counted[0]
                if rows:
                    found[str(table.name)] = Written(rows=rows, size=size)
        samples = await connection.fetch(_SAMPLE)
    finally:
        await connection.close()
    return found, "".join(row[0] for row in samples)
