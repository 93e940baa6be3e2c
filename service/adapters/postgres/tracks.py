"""A pool -> what happened to process instances, and what was said of them: streamed by cursors, as of one moment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from service.adapters.postgres.documents import CONTRIBUTIONS, INSTANCES
from service.adapters.postgres.faults import translated
from service.adapters.postgres.pool import Pool
from service.adapters.postgres.reading import read_step
from service.core.records.decisions import Contribution
from service.core.records.steps import Step
from service.ports import Span, Tracked

_PREFETCH = 500

# An export may take as long as it takes, and reads most of what there is.
_SETTINGS = """
SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL enable_seqscan = on;
SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on
"""

_WALKED = """
walked AS (
  SELECT * FROM process_step WHERE NOT withdrawn AND ($1::text IS NULL OR process = $1)
    AND ($2::timestamptz IS NULL OR at >= $2) AND ($3::timestamptz IS NULL OR at < $3)
)
"""
_HEARD = """
heard AS (
  SELECT * FROM contribution WHERE negative AND ($1::text IS NULL OR process = $1)
    AND ($2::timestamptz IS NULL OR began_at >= $2) AND ($3::timestamptz IS NULL OR began_at < $3)
)
"""
_NAMED = """
named AS (
  SELECT instance_id, min(process) AS process FROM (
    SELECT instance_id, process FROM walked
    UNION ALL SELECT instance_id, process FROM heard WHERE instance_id IS NOT NULL
  ) AS one GROUP BY instance_id
)
"""

# List steps.
_STEPS = f"WITH {_WALKED} SELECT * FROM walked ORDER BY at, instance_id, source, name"  # noqa: S608 - made of the constants above

# List negative contributions.
_COMPLAINTS = f"WITH {_HEARD} SELECT doc FROM heard ORDER BY began_at, source, subject, part"  # noqa: S608 - as above

# List the instances that steps and contributions name, with what is known of them.
_INSTANCES = f"""
WITH {_WALKED}, {_HEARD}, {_NAMED}
SELECT n.instance_id, coalesce(i.process, n.process) AS process, i.doc
FROM named n LEFT JOIN process_instance i ON i.instance_id = n.instance_id ORDER BY n.instance_id
"""  # noqa: S608 - as above

# List the customers of contributions.
_CUSTOMERS = f"WITH {_HEARD} SELECT DISTINCT customer AS name FROM heard WHERE customer <> '' ORDER BY name"  # noqa: S608 - as above

# List the tickets that contributions name.
_TICKETS = f"""
WITH {_HEARD}
SELECT DISTINCT (doc #>> '{{feedback,keys,ticket}}') COLLATE "C" AS name FROM heard
WHERE doc #>> '{{feedback,keys,ticket}}' <> '' ORDER BY name
"""  # noqa: S608 - as above

# List the teams of steps and of contributions' owners.
_TEAMS = f"""
WITH {_WALKED}, {_HEARD}
SELECT name FROM (
  SELECT team AS name FROM walked UNION SELECT (doc #>> '{{routed,owner,team}}') COLLATE "C" FROM heard
) AS one WHERE name <> '' ORDER BY name
"""  # noqa: S608 - as above


class PostgresTracks:
    """Implements Tracks on one connection, within its transaction."""

    def __init__(self, connection: "PoolConnectionProxy[asyncpg.Record]") -> None:
        self._connection = connection

    async def steps(self, span: Span) -> AsyncIterator[Step]:
        async for row in self._rows(_STEPS, span):
            yield read_step(row)

    async def complaints(self, span: Span) -> AsyncIterator[Contribution]:
        async for row in self._rows(_COMPLAINTS, span):
            yield CONTRIBUTIONS.read(row["doc"])

    async def instances(self, span: Span) -> AsyncIterator[Tracked]:
        async for row in self._rows(_INSTANCES, span):
            known = None if row["doc"] is None else INSTANCES.read(row["doc"])
            yield Tracked(instance_id=row["instance_id"], process=row["process"], known=known)

    async def customers(self, span: Span) -> AsyncIterator[str]:
        async for row in self._rows(_CUSTOMERS, span):
            yield row["name"]

    async def tickets(self, span: Span) -> AsyncIterator[str]:
        async for row in self._rows(_TICKETS, span):
            yield row["name"]

    async def teams(self, span: Span) -> AsyncIterator[str]:
        async for row in self._rows(_TEAMS, span):
            yield row["name"]

    async def _rows(self, statement: str, span: Span) -> AsyncIterator[asyncpg.Record]:
        with translated():
            cursor = await self._connection.cursor(statement, span.process, span.since, span.until)
        while True:
            with translated():
                rows = await cursor.fetch(_PREFETCH)
            if not rows:
                return
            for row in rows:
                yield row


@asynccontextmanager
async def tracks_at_once(pool: Pool) -> AsyncIterator[PostgresTracks]:
    """Hold one connection, on which everything is read as of the same moment.

    Raises:
        OutOfReachError: the server does not answer.
    """
    with translated():
        connection = await pool.acquire()
    try:
        with translated():
            transaction = connection.transaction(isolation="repeatable_read", readonly=True)
            await transaction.start()
        try:
            with translated():
                await connection.execute(_SETTINGS)
            yield PostgresTracks(connection)
        finally:
            with translated():
                await transaction.rollback()
    finally:
        await pool.release(connection)
