"""What the service asks of Kafka, proved on the one that the suite runs on."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import ProducerFenced

from tests.infrastructure.apache_kafka import ApacheKafka
from tests.infrastructure.kafka import Kafka, MakeTopic, create_topic

pytestmark = pytest.mark.kafka


class UndoneError(Exception):
    pass


@pytest.fixture
async def stale_relay(kafka: Kafka, topic: MakeTopic) -> AsyncIterator[tuple[AIOKafkaProducer, str]]:
    """A transactional producer, and the topic that it writes to."""
    name = await topic("queue")
    producer = _producer(kafka.bootstrap_servers, name)
    await producer.start()
    yield producer, name
    await producer.stop()


def _producer(bootstrap_servers: str, transactional_id: str) -> AIOKafkaProducer:
    return AIOKafkaProducer(bootstrap_servers=bootstrap_servers, transactional_id=transactional_id)


async def _write(producer: AIOKafkaProducer, topic: str, value: bytes) -> None:
    async with producer.transaction():
        await producer.send_and_wait(topic, value)


async def _committed(bootstrap_servers: str, topic: str, count: int, *, group: str = "readers") -> list[bytes]:
    read: list[bytes] = []
    async with (
        AIOKafkaConsumer(
            topic,
            bootstrap_servers=bootstrap_servers,
            group_id=f"{topic}-{group}",
            isolation_level="read_committed",
            auto_offset_reset="earliest",
        ) as consumer,
        asyncio.timeout(20),
    ):
        while len(read) < count:
            for records in (await consumer.getmany(timeout_ms=100)).values():
                read += [record.value for record in records]
    return read


async def test_a_reader_of_committed_records_sees_no_aborted_one(kafka: Kafka, topic: MakeTopic) -> None:
    name = await topic("queue")
    async with _producer(kafka.bootstrap_servers, name) as producer:
        await _write(producer, name, b"first")
        with contextlib.suppress(UndoneError):
            async with producer.transaction():
                await producer.send_and_wait(name, b"undone")
                raise UndoneError
        await _write(producer, name, b"last")
    assert await _committed(kafka.bootstrap_servers, name, 2) == [b"first", b"last"]


async def test_a_second_producer_of_the_same_transactional_id_fences_the_first(
    kafka: Kafka, stale_relay: tuple[AIOKafkaProducer, str]
) -> None:
    stale, name = stale_relay
    async with _producer(kafka.bootstrap_servers, name) as fresh:
        with pytest.raises(ProducerFenced):
            await _write(stale, name, b"stale")
        await _write(fresh, name, b"fresh")
    assert await _committed(kafka.bootstrap_servers, name, 1) == [b"fresh"]


async def test_records_spread_over_the_partitions_asked_for(kafka: Kafka, topic: MakeTopic) -> None:
    name = await topic("feedback.surveys", partitions=3)
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers) as producer:
        sent = [await producer.send_and_wait(name, b"event", partition=partition) for partition in range(3)]
    assert [(record.partition, record.offset) for record in sent] == [(0, 0), (1, 0), (2, 0)]


@pytest.mark.parametrize("end", [ApacheKafka.halt, ApacheKafka.kill])
async def test_a_record_once_read_outlives_its_broker(
    killable_kafka: ApacheKafka, end: Callable[[ApacheKafka], None]
) -> None:
    servers = killable_kafka.bootstrap_servers
    await create_topic(servers, "queue")
    async with _producer(servers, "relay-0") as producer:
        await _write(producer, "queue", b"kept")
    before = await _committed(servers, "queue", 1, group="before")
    await asyncio.to_thread(end, killable_kafka)
    await asyncio.to_thread(killable_kafka.start)
    assert before == await _committed(servers, "queue", 1, group="after") == [b"kept"]
