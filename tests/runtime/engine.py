"""Worker and relay over real Kafka and PostgreSQL, in parts that can be started and cut off at will."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from service.adapters.kafka import (
    Connection,
    KafkaSource,
    SourceSettings,
    Topic,
    TransactionalPublisher,
    ensure_topics,
)
from service.adapters.meter import PrometheusMeter
from service.adapters.postgres import PostgresArchive, PostgresOutbox, PostgresStore
from service.adapters.postgres.pool import Pool
from service.core.pipeline.rules import Rules, compile_playbook
from service.runtime.health import Health
from service.runtime.relay import Relay, headers_of
from service.runtime.rulebook import Rulebook
from service.runtime.timekeeping import WallTime
from service.runtime.worker import Limits, Worker
from tests.builders import KEY, make_playbook, survey
from tests.infrastructure.kafka import Kafka

PARTITIONS = 3


async def _no_other_rules(digest: str) -> Rules:
    raise AssertionError(digest)


class Engine:
    """The topics, database and rules of one test, with parts that can be started and cut off at will."""

    def __init__(self, kafka: Kafka, pool: Pool, *, cluster: str, incoming: str, markers: str, team: str) -> None:
        self.pool = pool
        self.team = team
        self.health = Health()
        self.meter = PrometheusMeter()
        self._bootstrap_servers = kafka.bootstrap_servers
        self._connection = Connection(bootstrap_servers=kafka.bootstrap_servers)
        self._cluster = cluster
        self._incoming = incoming
        self._markers = markers
        self._rules = compile_playbook(
            make_playbook(
                processes=[],
                taxonomy=[{"id": "safety", "label": {"en": "Safety"}, "keywords": {"en": ["fire"]}}],
                teams=[{"id": team, "name": "Desk"}],
                routes={"team": team, "arbitration": team, "group_by": ["subject"]},
            )
        )

    async def publish(self, first: int, count: int) -> None:
        """Publishes events that each open an alert of their own, and tell of it at once."""
        async with AIOKafkaProducer(bootstrap_servers=self._bootstrap_servers, linger_ms=5) as producer:
            await asyncio.gather(
                *[
                    await producer.send(self._incoming, _event(number), partition=number % PARTITIONS)
                    for number in range(first, first + count)
                ]
            )

    async def publish_raw(self, value: bytes) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self._bootstrap_servers) as producer:
            await producer.send_and_wait(self._incoming, value, partition=0)

    @asynccontextmanager
    async def working(self, *, rows: int = 20) -> AsyncIterator[asyncio.Task[None]]:
        """Runs a worker of its own in the group; it may be cancelled before the end."""
        store = PostgresStore(self.pool)
        source = KafkaSource(
            self._connection,
            SourceSettings(group=self._incoming, heartbeat_seconds=0.2, session_seconds=6.0, hint_seconds=0.2),
            cluster=self._cluster,
            topics=[self._incoming],
            leases=store,
            watch=self.health,
            meter=self.meter,
        )
        worker = Worker(
            store,
            Rulebook(self._rules, _no_other_rules),
            KEY,
            WallTime(),
            watch=self.health,
            meter=self.meter,
            limits=Limits(rows=rows),
        )
        stop = asyncio.Event()
        task = asyncio.create_task(source.run(worker.drive, stop))
        yield task
        stop.set()
        await asyncio.wait({task})

    @asynccontextmanager
    async def relaying(self, outbox: PostgresOutbox | None = None) -> AsyncIterator[asyncio.Task[None]]:
        relay = Relay(
            outbox or PostgresOutbox(self.pool),
            self.publisher,
            shard=0,
            owner="tests",
            watch=self.health,
            meter=self.meter,
        )
        stop = asyncio.Event()
        task = asyncio.create_task(relay.run(stop))
        yield task
        stop.set()
        await asyncio.wait({task})

    def publisher(self) -> TransactionalPublisher:
        return TransactionalPublisher(
            self._connection,
            shard=0,
            transactional_id=self._markers,
            marker_topic=self._markers,
            headers_of=headers_of,
        )

    async def decided(self) -> int:
        return (await PostgresArchive(self.pool).books()).consumed

    async def until_decided(self, count: int, seconds: float = 30.0) -> None:
        async with asyncio.timeout(seconds):
            while await self.decided() < count:  # noqa: ASYNC110 (a database sets no event of ours)
                await asyncio.sleep(0.05)

    async def told(self) -> Counter[tuple[str, int]]:
        """The notices that the store holds, as (alert id, revision)."""
        return Counter([(one["alert_id"], one["revision"]) async for one in PostgresArchive(self.pool).notices()])

    async def queue(self, count: int) -> Counter[tuple[str, int]]:
        """What a reader of committed records finds in the team's queue, once `count` are there or more."""
        found: list[Mapping[str, Any]] = []
        async with (
            AIOKafkaConsumer(
                f"queue.{self.team}",
                bootstrap_servers=self._bootstrap_servers,
                isolation_level="read_committed",
                auto_offset_reset="earliest",
            ) as consumer,
            asyncio.timeout(30),
        ):
            while records := await consumer.getmany(timeout_ms=300 if len(found) >= count else 5_000):
                found += [orjson.loads(record.value)["data"] for batch in records.values() for record in batch]
        return Counter((one["alert_id"], one["revision"]) for one in found)


def _event(number: int) -> bytes:
    event = survey(f"r{number}", 0, "There was a fire.", customer=f"c{number}")
    return orjson.dumps({**event, "time": datetime.now(UTC).isoformat()})


async def have_topic(kafka: Kafka, name: str) -> None:
    connection = Connection(bootstrap_servers=kafka.bootstrap_servers)
    await ensure_topics(connection, [Topic(name=name)], replication_factor=1, create=True)
