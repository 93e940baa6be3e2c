"""A pool -> everything that was decided, as the documents of `export --out`, streamed in a fixed order."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import asyncpg
import orjson

from service.adapters.postgres.documents import ALERTS, NOTICES
from service.adapters.postgres.faults import translated
from service.adapters.postgres.pool import Pool
from service.core.describe import alert_document, notice_line
from service.ports import Books

_PREFETCH = 500

# List all feedback in event order.
_FEEDBACK = "SELECT document FROM feedback ORDER BY occurred_at, source, event_id, revision"

# List all alerts with the events of their members.
_ALERTS = """
SELECT a.doc, ARRAY(SELECT m.event_id FROM member m WHERE m.alert_id = a.alert_id) AS members
FROM alert a ORDER BY a.opened_at, a.alert_id
"""

# List all notices.
_NOTICES = "SELECT doc FROM notice ORDER BY at, alert_id, revision"

# List all that ticks found.
_REVIEWS = "SELECT document FROM review ORDER BY ends_at, process, category, region, measure"

# List all rejected records.
_REJECTED = """
SELECT topic, partition, "offset", item, stage, reason, detail FROM dead_letter
ORDER BY topic, partition, "offset", item, id
"""

# List the books of all batches.
# Sum the books of all batches.
_BOOKS = """
SELECT what, '' AS first, '' AS second, coalesce(sum((books->>what)::bigint), 0) AS count
FROM batch, unnest(ARRAY['consumed', 'accepted', 'duplicate', 'superseded', 'copies']) AS what GROUP BY what
UNION ALL
SELECT what, part->>0, part->>1, sum((part->>2)::bigint)
FROM batch, unnest(ARRAY['rejected', 'verdicts', 'links']) AS what, json_array_elements(books->what) AS part
GROUP BY what, part->>0, part->>1
UNION ALL
SELECT what, part.key, '', sum(part.value::bigint)
FROM batch, unnest(ARRAY['methods', 'orphans']) AS what, json_each_text(books->what) AS part GROUP BY what, part.key
"""


class PostgresArchive:
    """Implements Archive."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def feedback(self) -> AsyncIterator[Mapping[str, Any]]:
        async for row in self._rows(_FEEDBACK):
            yield orjson.loads(row["document"])

    async def alerts(self) -> AsyncIterator[Mapping[str, Any]]:
        async for row in self._rows(_ALERTS):
            yield alert_document(ALERTS.read(row["doc"]), row["members"])

    async def notices(self) -> AsyncIterator[Mapping[str, Any]]:
        async for row in self._rows(_NOTICES):
            yield notice_line(NOTICES.read(row["doc"]))

    async def reviews(self) -> AsyncIterator[Mapping[str, Any]]:
        async for row in self._rows(_REVIEWS):
            yield orjson.loads(row["document"])

    async def rejected(self) -> AsyncIterator[Mapping[str, Any]]:
        async for row in self._rows(_REJECTED):
            yield {
                "file": row["topic"],
                "line": row["offset"],
                "partition": row["partition"],
                "item": row["item"],
                "stage": row["stage"],
                "reason": row["reason"],
                "detail": row["detail"],
            }

    async def books(self) -> Books:
        found: dict[str, dict[tuple[str, str], int]] = {}
        with translated():
            rows = await self._pool.fetch(_BOOKS)
        for row in rows:
            found.setdefault(row["what"], {})[row["first"], row["second"]] = int(row["count"])
        total = {what: counts.get(("", ""), 0) for what, counts in found.items()}
        return Books(
            consumed=total.get("consumed", 0),
            accepted=total.get("accepted", 0),
            duplicate=total.get("duplicate", 0),
            superseded=total.get("superseded", 0),
            rejected=found.get("rejected", {}),
            verdicts=found.get("verdicts", {}),
            methods={method: count for (method, _), count in found.get("methods", {}).items()},
            links=found.get("links", {}),
            copies=total.get("copies", 0),
            orphans={reason: count for (reason, _), count in found.get("orphans", {}).items()},
        )

    async def _rows(self, statement: str) -> AsyncIterator[asyncpg.Record]:
        """Stream rows by a cursor on the server, as of one moment."""
        with translated():
            connection = await self._pool.acquire()
        try:
            transaction = connection.transaction(isolation="repeatable_read", readonly=True)
            with translated():
                await transaction.start()
                # An export may take as long as it takes.
                await connection.execute("SET LOCAL statement_timeout = 0")
                await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
                cursor = await connection.cursor(statement)
            while True:
                with translated():
                    rows = await cursor.fetch(_PREFETCH)
                if not rows:
                    break
                for row in rows:
                    yield row
            with translated():
                await transaction.commit()
        finally:
            await self._pool.release(connection)
