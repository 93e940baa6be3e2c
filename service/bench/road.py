"""The whole road: a topic in, decided, committed, relayed to another topic, by worker and relay as in `serve`.

What the relay sends goes to one topic of the benchmark's, so that no team's queue gets a made-up notice. Notices that
wait for a timer are not part of a run.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
from msgspec.structs import replace

from service.adapters.kafka import KafkaSource, PlainPublisher, SourceSettings, TransactionalPublisher, cluster_of
from service.adapters.meter import PrometheusMeter
from service.adapters.postgres import PostgresOutbox, PostgresStore, open_pool
from service.bench.places import Place
from service.bench.spent import Spent, Watch
from service.core.pipeline.rules import Rules
from service.core.pseudonym import PseudonymKey
from service.ports import Lease, Numbered, PartitionKey
from service.ports.relay import Outgoing
from service.runtime.collector import spare_what_stays
from service.runtime.health import Health
from service.runtime.lifecycle import Part, live
from service.runtime.relay import Publisher, Relay, headers_of
from service.runtime.rulebook import Rulebook
from service.runtime.timekeeping import WallTime
from service.runtime.worker import Limits, Worker

_KEY = PseudonymKey(key_id="bench", secret=b"feedback-router bench")
_POLL_SECONDS = 0.02
_DRAIN_SECONDS = 10.0
_QUEUES = "queue."
_DONE = "SELECT coalesce(sum(next_offset), 0) >= $1 AND NOT EXISTS (SELECT FROM outbox) FROM partition_lease"


@dataclass(frozen=True, slots=True, kw_only=True)
class Travelled:
    """What a run cost, and what it relayed: outbox rows, Kafka records and bytes."""

    spent: Spent
    relayed_rows: int
    relayed_records: int
    relayed_bytes: int


async def travel(
    place: Place, dsn: str, topics: Mapping[str, str], rules: Rules, events: int, watch: Watch
) -> Travelled:
    """Run the service on a migrated database until every event of topic `in` is decided and every row is relayed."""
    async with on_the_road(place, dsn, topics, rules, watch) as road:
        await _until_done(dsn, events, road.running)
        spent = watch.read()
        relayed = road.relayed
    return Travelled(
        spent=spent, relayed_rows=relayed.rows, relayed_records=relayed.records, relayed_bytes=relayed.size
    )


@asynccontextmanager
async def on_the_road(
    place: Place, dsn: str, topics: Mapping[str, str], rules: Rules, watch: Watch
) -> AsyncIterator["_Road"]:
    """Run the service on a migrated database for as long as the block lasts.

    Messages to teams go to topic `queue` where there is one, all else to `out`. The clock runs from the first claim of
    a partition, after which the first fetch is sent.
    """
    pool = await open_pool(dsn, size=16)
    try:
        store = PostgresStore(pool, owner="bench")
        meter, health = PrometheusMeter(), Health()
        leases = _TimedLeases(store, watch)
        relayed = _Relayed(_publisher(place, topics), topics["out"], topics.get("queue", topics["out"]))
        source = KafkaSource(
            place.connection,
            SourceSettings(group=f"bench-{uuid.uuid4().hex[:12]}", trust_end=place.trust_end),
            cluster=await cluster_of(place.connection),
            topics=[topics["in"]],
            leases=leases,
            watch=health,
            meter=meter,
        )
        rulebook = Rulebook(rules, _no_other)
        worker = Worker(store, rulebook, _KEY, WallTime(), watch=health, meter=meter, limits=Limits())
        relay = Relay(PostgresOutbox(pool), lambda: relayed, shard=0, owner="bench", watch=health, meter=meter)
        parts = [
            Part(name="worker", run=lambda stop: source.run(worker.drive, stop), seconds=_DRAIN_SECONDS),
            Part(name="relay", run=relay.run, seconds=_DRAIN_SECONDS),
        ]
        spare_what_stays()
        stop = asyncio.Event()
        running = asyncio.create_task(live(parts, stop, health.drain))
        try:
            await _first_of(running, leases.claimed)
            yield _Road(relayed=relayed, running=running, meter=meter)
        finally:
            stop.set()
            await running
    finally:
        await pool.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Road:
    relayed: "_Relayed"
    running: "asyncio.Task[None]"
    meter: PrometheusMeter


class _TimedLeases:
    """Starts the clock at the first claim."""

    def __init__(self, store: PostgresStore, watch: Watch) -> None:
        self._store = store
        self._watch: Watch | None = watch
        self.claimed = asyncio.Event()

    async def claim(self, keys: Sequence[PartitionKey]) -> Sequence[Lease]:
        if self._watch is not None:
            self._watch.start()
            self._watch = None
        found = await self._store.claim(keys)
        self.claimed.set()
        return found


class _Relayed:
    """Publishes to two topics what was meant for others, and counts it."""

    def __init__(self, publisher: Publisher, topic: str, queue: str) -> None:
        self._publisher = publisher
        self._topic = topic
        self._queue = queue
        self.rows = self.records = self.size = 0

    async def open(self) -> int:
        return await self._publisher.open()

    async def publish(self, rows: Sequence[Numbered]) -> None:
        await self._publisher.publish([replace(row, outgoing=self._elsewhere(row.outgoing)) for row in rows])
        self.rows += len(rows)
        self.records += sum(len(row.outgoing.values) for row in rows)
        self.size += sum(len(key) + len(value) for row in rows for key, value in row.outgoing.values)

    async def close(self) -> None:
        await self._publisher.close()

    def _elsewhere(self, outgoing: Outgoing) -> Outgoing:
        topic = self._queue if outgoing.topic.startswith(_QUEUES) else self._topic
        return Outgoing(owner=outgoing.owner, topic=topic, values=outgoing.values)


def _publisher(place: Place, topics: Mapping[str, str]) -> Publisher:
    if not place.transactional:
        return PlainPublisher(place.connection, headers_of=headers_of)
    return TransactionalPublisher(
        place.connection,
        shard=0,
        transactional_id=topics["markers"],
        marker_topic=topics["markers"],
        headers_of=headers_of,
    )


async def _no_other(digest: str) -> Rules:
    raise LookupError(digest)


async def _first_of(running: "asyncio.Task[None]", claimed: asyncio.Event) -> None:
    waiting = asyncio.ensure_future(claimed.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()


async def _until_done(dsn: str, events: int, running: "asyncio.Task[None]") -> None:
    connection = await asyncpg.connect(dsn)
    try:
        while not running.done() and not await connection.fetchval(_DONE, events):
            await asyncio.wait({running}, timeout=_POLL_SECONDS)
    finally:
        await connection.close()
    if running.done():
        await running
