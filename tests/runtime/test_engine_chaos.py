"""The engine through the death of its broker and of its database: nothing is lost and nothing is told twice."""

import asyncio
import uuid

import pytest

from service.adapters.kafka import Connection, cluster_of
from service.adapters.postgres import open_pool
from service.core.publish import CLASSIFIED_TOPIC, DEAD_LETTER_TOPIC, REVIEWS_TOPIC
from service.embedded.postgres import EmbeddedPostgres
from tests.infrastructure.apache_kafka import ApacheKafka
from tests.infrastructure.kafka import Kafka, KafkaKind, MakeTopic, create_topic
from tests.runtime.engine import PARTITIONS, Engine, have_topic

pytestmark = [pytest.mark.chaos, pytest.mark.kafka]


async def test_the_broker_dies_and_comes_back(killable_kafka: ApacheKafka, database: str) -> None:
    servers = killable_kafka.bootstrap_servers
    team = f"desk-{uuid.uuid4().hex[:8]}"
    await create_topic(servers, "in", partitions=PARTITIONS)
    for name in (f"queue.{team}", CLASSIFIED_TOPIC, DEAD_LETTER_TOPIC, REVIEWS_TOPIC, "markers"):
        await create_topic(servers, name)
    pool = await open_pool(database, size=16)
    cluster = await cluster_of(Connection(bootstrap_servers=servers))
    kafka = Kafka(bootstrap_servers=servers, kind=KafkaKind.APACHE)
    engine = Engine(kafka, pool, cluster=cluster, incoming="in", markers="markers", team=team)
    async with engine.working(rows=10), engine.relaying():
        await engine.publish(0, 100)
        await engine.until_decided(30)
        killable_kafka.kill()
        await asyncio.to_thread(killable_kafka.start)
        await engine.publish(100, 100)
        await engine.until_decided(200, seconds=90)
    told = await engine.told()
    assert (await engine.decided(), len(told), await engine.queue(200)) == (200, 200, told)
    await pool.close()


async def test_the_database_dies_and_comes_back(
    kafka: Kafka, topic: MakeTopic, killable_postgres: EmbeddedPostgres
) -> None:
    team = f"desk-{uuid.uuid4().hex[:8]}"
    for name in (f"queue.{team}", CLASSIFIED_TOPIC, DEAD_LETTER_TOPIC, REVIEWS_TOPIC):
        await have_topic(kafka, name)
    pool = await open_pool(killable_postgres.dsn, size=16)
    engine = Engine(
        kafka,
        pool,
        cluster=await cluster_of(Connection(bootstrap_servers=kafka.bootstrap_servers)),
        incoming=await topic("in", partitions=PARTITIONS),
        markers=await topic("markers"),
        team=team,
    )
    async with engine.working(rows=10), engine.relaying():
        await engine.publish(0, 100)
        await engine.until_decided(30)
        for share in (100, 200):
            killable_postgres.kill()
            await engine.publish(share, 100)
            await asyncio.to_thread(killable_postgres.restart)
            await engine.until_decided(share, seconds=60)
        await engine.until_decided(300, seconds=60)
        assert engine.health.stuck() == ()
    told = await engine.told()
    assert (await engine.decided(), len(told), await engine.queue(300)) == (300, 300, told)
    await pool.close()
