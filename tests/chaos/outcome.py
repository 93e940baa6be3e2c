"""A database and a Kafka after a run -> all that the service says was decided and told, as plain values."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from service.adapters.postgres import PostgresArchive, open_pool
from service.adapters.postgres.documents import ALERTS, NOTICES
from service.core.records.alerts import Alert, Notice
from service.ports import Books

_READ_SECONDS = 40.0
_OUTGOING = ("queue.", "feedback.classified", "feedback.reviews", "feedback.deadletter")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a reader of committed records finds: (topic, type, data of each), in the order of its partition."""

    records: Sequence[tuple[str, str, Row]] = field(repr=False)

    def of(self, prefix: str, kind: str = "") -> Sequence[Row]:
        return [said for topic, type_, said in self.records if topic.startswith(prefix) and type_.startswith(kind)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Everything that a run left behind.

    `said` are the notices in the order of their writing, each with its alert as it was then, and `kept` the alerts as
    they are. `digests` are rows of the table, and `over` names what holds nothing back any more: reviews and silences
    that ended and were released.
    """

    books: Books
    feedback: Sequence[Row]
    alerts: Sequence[Row]
    notices: Sequence[Row]
    dead_letters: Sequence[Row]
    batches: Sequence[Row]
    subjects: Mapping[tuple[str, str], int]
    versions: Mapping[tuple[str, str], int]
    reviews: Sequence[Row]
    recount: Sequence[Row]
    owed: Sequence[Row]
    told: Told
    said: Sequence[Notice] = ()
    kept: Sequence[Alert] = ()
    digests: Sequence[Row] = ()
    over: frozenset[str] = frozenset()


# What each alert's counts are, beside what its members add up to.
_RECOUNT = """
SELECT a.alert_id, a.alert_key, a.kind, a.state, a.events, a.customers, a.severity,
  array_remove(array_agg(m.severity), NULL) AS member_severities,
  count(m.event_id)::int AS member_events, count(DISTINCT m.customer)::int AS member_customers
FROM alert a LEFT JOIN member m ON m.alert_id = a.alert_id GROUP BY a.alert_id
"""

# Open alerts of which nobody was told though they wait for nothing any more.
_OWED = """
SELECT alert_id, alert_key, severity, due_at FROM alert
WHERE state = 'open' AND revision = 0 AND kind <> 'volume'
  AND ((due_at IS NULL AND held_by IS NULL) OR severity = 'critical')
"""

# All that was said, in the order in which it was written.
_SAID = "SELECT doc FROM notice ORDER BY seq"

# What has ended, and has nothing left to be asked for again.
_OVER = """
SELECT muter FROM (
  SELECT alert_id AS muter FROM alert WHERE kind = 'volume' AND state <> 'open'
  UNION SELECT silence_id FROM silence WHERE ended_at IS NOT NULL
) AS ended WHERE muter NOT IN (SELECT muter FROM release)
"""


async def read_outcome(dsn: str, bootstrap_servers: str) -> Outcome:
    told = await _read_topics(bootstrap_servers)
    pool = await open_pool(dsn, size=4)
    try:
        archive = PostgresArchive(pool)
        rows = await pool.fetch("SELECT source, event_id, version FROM feedback")
        return Outcome(
            books=await archive.books(),
            feedback=[row async for row in archive.feedback()],
            alerts=[row async for row in archive.alerts()],
            notices=[row async for row in archive.notices()],
            reviews=[row async for row in archive.reviews()],
            dead_letters=await _rows(pool, 'SELECT topic, partition, "offset", stage, reason FROM dead_letter'),
            batches=await _rows(
                pool,
                "SELECT grp, topic, partition, first_offset, next_offset FROM batch ORDER BY topic, partition, id",
            ),
            subjects={
                (row["source"], row["subject"]): row["revision"]
                for row in await pool.fetch("SELECT source, subject, revision FROM subject WHERE event_id IS NOT NULL")
            },
            versions=Counter({(row["source"], row["event_id"]): row["version"] for row in rows}),
            recount=await _rows(pool, _RECOUNT),
            owed=await _rows(pool, _OWED),
            told=told,
            said=[NOTICES.read(row["doc"]) for row in await pool.fetch(_SAID)],
            kept=[ALERTS.read(row["doc"]) for row in await pool.fetch("SELECT doc FROM alert ORDER BY alert_id")],
            digests=[
                {**row, "document": json.loads(row["document"])} for row in await _rows(pool, "SELECT * FROM digest")
            ],
            over=frozenset(row["muter"] for row in await pool.fetch(_OVER)),
        )
    finally:
        await pool.close()


async def _rows(pool: "asyncpg.Pool[asyncpg.Record]", statement: str) -> Sequence[Row]:
    return [dict(row) for row in await pool.fetch(statement)]


async def _read_topics(bootstrap_servers: str) -> Told:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    found: list[tuple[str, str, Row]] = []
    try:
        # Each topic for what goes out was made by the service, with the one partition of the settings of these runs.
        parts = [TopicPartition(topic, 0) for topic in sorted(await consumer.topics()) if topic.startswith(_OUTGOING)]
        consumer.assign(parts)
        ends = await consumer.end_offsets(parts)
        left = {part for part in parts if ends[part] > 0}
        async with asyncio.timeout(_READ_SECONDS):
            while left:
                for part, records in (await consumer.getmany(timeout_ms=200)).items():
                    read = (json.loads(record.value) for record in records)
                    found += [(part.topic, one["type"], one["data"]) for one in read]
                left = {part for part in left if await consumer.position(part) < ends[part]}
    finally:
        await consumer.stop()
    return Told(records=found)
