"""Worker and relay over real Kafka and PostgreSQL: what readers of a queue see is what the store decided, once.

Parts are cancelled without warning, taken over, and joined by others while events flow.
"""

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from service.adapters.kafka import (
    Connection,
    KafkaSource,
    SourceSettings,
    Topic,
    TransactionalPublisher,
    cluster_of,
    ensure_topics,
)
from service.adapters.meter import PrometheusMeter
from service.adapters.postgres import PostgresArchive, PostgresOutbox, PostgresStore, open_pool
from service.adapters.postgres.pool import Pool
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.publish import CLASSIFIED_TOPIC, DEAD_LETTER_TOPIC, REVIEWS_TOPIC
from service.ports import Numbered
from service.runtime.health import Health
from service.runtime.relay import Relay, headers_of
from service.runtime.rulebook import Rulebook
from service.runtime.timekeeping import WallTime
from service.runtime.worker import Limits, Worker
from tests.builders import KEY, make_playbook, survey
from tests.infrastructure.kafka import Kafka, MakeTopic
from tests.waiting import until

pytestmark = pytest.mark.kafka

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

    async def until_decided(self, count: int) -> None:
        async with asyncio.timeout(30):
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


@pytest.fixture
async def engine(kafka: Kafka, topic: MakeTopic, database: str) -> AsyncIterator[Engine]:
    suffix = uuid.uuid4().hex[:12]
    for name in (f"queue.desk-{suffix}", CLASSIFIED_TOPIC, DEAD_LETTER_TOPIC, REVIEWS_TOPIC):
        await _have(kafka, name)
    pool = await open_pool(database, size=16)
    yield Engine(
        kafka,
        pool,
        cluster=await cluster_of(Connection(bootstrap_servers=kafka.bootstrap_servers)),
        incoming=await topic("in", partitions=PARTITIONS),
        markers=await topic("markers"),
        team=f"desk-{suffix}",
    )
    await pool.close()


async def _have(kafka: Kafka, name: str) -> None:
    connection = Connection(bootstrap_servers=kafka.bootstrap_servers)
    await ensure_topics(connection, [Topic(name=name)], replication_factor=1, create=True)


async def test_the_queue_holds_what_the_store_decided(engine: Engine) -> None:
    await engine.publish(0, 150)
    async with engine.working(), engine.relaying():
        await engine.until_decided(150)
    told = await engine.told()
    assert (len(told), await engine.queue(150)) == (150, told)


async def test_a_worker_that_is_killed_in_the_middle_of_a_batch_loses_and_doubles_nothing(engine: Engine) -> None:
    await engine.publish(0, 120)
    async with engine.relaying():
        for share in (20, 60):
            async with engine.working(rows=10) as worker:
                await engine.until_decided(share)
                worker.cancel()
        async with engine.working():
            await engine.until_decided(120)
    told = await engine.told()
    assert (await engine.decided(), len(told), await engine.queue(120)) == (120, 120, told)


async def test_workers_that_join_and_leave_lose_and_double_nothing(engine: Engine) -> None:
    await engine.publish(0, 60)
    async with engine.relaying(), engine.working(rows=5):
        await engine.until_decided(30)
        async with engine.working(rows=5):
            await engine.publish(60, 60)
            await engine.until_decided(120)
        await engine.publish(120, 30)
        await engine.until_decided(150)
    told = await engine.told()
    assert (await engine.decided(), len(told), await engine.queue(150)) == (150, 150, told)


async def test_a_record_that_nobody_can_read_moves_on_as_a_dead_letter(engine: Engine) -> None:
    await engine.publish(0, 3)
    await engine.publish_raw(b"{broken")
    await engine.publish(3, 3)
    async with engine.working(), engine.relaying():
        await engine.until_decided(7)
    rejected = [one["reason"] async for one in PostgresArchive(engine.pool).rejected()]
    assert (rejected, len(await engine.queue(6))) == (["broken_json"], 6)


class ForgetfulOutbox(PostgresOutbox):
    """Dies after rows were sent and before they are forgotten, so many times."""

    def __init__(self, pool: Pool, deaths: int) -> None:
        super().__init__(pool)
        self.deaths = deaths
        self.sent: Sequence[Numbered] = ()

    async def forget(self, shard: int, epoch: int, publish_seq: int) -> None:
        if self.deaths and self.sent and publish_seq == self.sent[-1].publish_seq:
            self.deaths -= 1
            raise ConnectionAbortedError("killed")
        await super().forget(shard, epoch, publish_seq)

    async def number(self, shard: int, epoch: int, limit: int) -> Sequence[Numbered]:
        self.sent = await super().number(shard, epoch, min(limit, 20))
        return self.sent


async def test_a_relay_that_dies_after_sending_tells_nothing_twice(engine: Engine) -> None:
    await engine.publish(0, 90)
    async with engine.working():
        await engine.until_decided(90)
    for _ in range(2):
        async with engine.relaying(ForgetfulOutbox(engine.pool, 1)) as relay:
            await until(relay.done)
    async with engine.relaying():
        pass
    told = await engine.told()
    assert (len(told), await engine.queue(90)) == (90, told)


async def test_a_relay_that_is_cut_off_at_any_moment_tells_nothing_twice(engine: Engine) -> None:
    await engine.publish(0, 200)
    async with engine.working(rows=10):
        for wait in (0.05, 0.1, 0.15, 0.3, 0.4):
            async with engine.relaying() as relay:
                await asyncio.wait({relay}, timeout=wait)
                relay.cancel()
        await engine.until_decided(200)
    async with engine.relaying():
        pass
    told = await engine.told()
    assert (len(told), await engine.queue(200)) == (200, told)
