"""Worker and relay over real Kafka and PostgreSQL: what readers of a queue see is what the store decided, once.

Parts are cancelled without warning, taken over, and joined by others while events flow.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence

import pytest

from service.adapters.kafka import (
    Connection,
    cluster_of,
)
from service.adapters.postgres import PostgresArchive, PostgresOutbox, open_pool
from service.adapters.postgres.pool import Pool
from service.core.publish import CLASSIFIED_TOPIC, DEAD_LETTER_TOPIC, REVIEWS_TOPIC
from service.ports import Numbered
from tests.infrastructure.kafka import Kafka, MakeTopic
from tests.runtime.engine import PARTITIONS, Engine, have_topic
from tests.waiting import until

pytestmark = pytest.mark.kafka


@pytest.fixture
async def engine(kafka: Kafka, topic: MakeTopic, database: str) -> AsyncIterator[Engine]:
    suffix = uuid.uuid4().hex[:12]
    for name in (f"queue.desk-{suffix}", CLASSIFIED_TOPIC, DEAD_LETTER_TOPIC, REVIEWS_TOPIC):
        await have_topic(kafka, name)
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

    async def number(self, shard: int, epoch: int, limit: int, published: int = 0) -> Sequence[Numbered]:
        if self.deaths and self.sent and published == self.sent[-1].publish_seq:
            self.deaths -= 1
            raise ConnectionAbortedError("killed")
        self.sent = await super().number(shard, epoch, min(limit, 20), published)
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
