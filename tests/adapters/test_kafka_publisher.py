"""What readers of committed records see of a publisher that works, dies, or is replaced."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from service.adapters.kafka import (
    Connection,
    PlainPublisher,
    Producer,
    Topic,
    TopicsMissingError,
    TransactionalPublisher,
    TransactionsRefusedError,
    ensure_topics,
)
from service.adapters.kafka.batches import send_all
from service.embedded.broker import start_broker
from service.ports import FencedError, Numbered, Outgoing
from tests.infrastructure.kafka import Kafka, MakeTopic

kafka_only = pytest.mark.kafka
AT = datetime(2026, 5, 4, tzinfo=UTC)


def _headers(value: bytes) -> tuple[tuple[str, bytes], ...]:
    return (("idempotency_key", value),)


def _rows(topic: str, *numbers: int) -> list[Numbered]:
    return [_row(number, topic, [(b"a", b"%d" % number)]) for number in numbers]


def _row(publish_seq: int, topic: str, values: Sequence[tuple[bytes, bytes]]) -> Numbered:
    outgoing = Outgoing(owner="a", topic=topic, values=tuple(values))
    return Numbered(publish_seq=publish_seq, outgoing=outgoing, created_at=AT)


def _publisher(kafka: Kafka, markers: str, *, shard: int = 0) -> TransactionalPublisher:
    return TransactionalPublisher(
        Connection(bootstrap_servers=kafka.bootstrap_servers),
        shard=shard,
        transactional_id=f"{markers}-{shard}",
        marker_topic=markers,
        headers_of=_headers,
    )


async def _read(bootstrap_servers: str, topic: str, count: int) -> list[ConsumerRecord[bytes, bytes]]:
    read: list[ConsumerRecord[bytes, bytes]] = []
    async with (
        AIOKafkaConsumer(
            topic,
            bootstrap_servers=bootstrap_servers,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
        ) as consumer,
        asyncio.timeout(20),
    ):
        while len(read) < count:
            for records in (await consumer.getmany(timeout_ms=100)).values():
                read += records
    return read


@kafka_only
async def test_rows_arrive_in_order_with_key_and_headers(kafka: Kafka, topic: MakeTopic) -> None:
    name, publisher = await topic("queue"), _publisher(kafka, await topic("markers"))
    assert await publisher.open() == 0
    await publisher.publish(_rows(name, 1, 2))
    await publisher.publish(_rows(name, 3))
    await publisher.close()
    read = await _read(kafka.bootstrap_servers, name, 3)
    assert [(record.key, record.value, record.headers) for record in read] == [
        (b"a", b"1", (("idempotency_key", b"1"),)),
        (b"a", b"2", (("idempotency_key", b"2"),)),
        (b"a", b"3", (("idempotency_key", b"3"),)),
    ]


@kafka_only
async def test_more_than_one_batch_holds_arrives_in_order_and_by_key(kafka: Kafka, topic: MakeTopic) -> None:
    name, publisher = await topic("queue", partitions=3), _publisher(kafka, await topic("markers"))
    values = [(b"alert-%d" % (number % 40), b"%08d" % number * 1_000) for number in range(120)]
    await publisher.open()
    await publisher.publish([_row(1, name, values[:70]), _row(2, name, values[70:])])
    await publisher.close()
    read = await _read(kafka.bootstrap_servers, name, len(values))
    for key, partition in {(record.key, record.partition) for record in read}:
        kept = [record.value for record in read if record.partition == partition and record.key == key]
        assert kept == [value for its, value in values if its == key]


@kafka_only
async def test_the_next_publisher_learns_how_far_the_last_one_got(kafka: Kafka, topic: MakeTopic) -> None:
    name, markers = await topic("queue"), await topic("markers")
    first = _publisher(kafka, markers)
    await first.open()
    await first.publish(_rows(name, 1, 2))
    await first.publish(_rows(name, 3, 4))
    second = _publisher(kafka, markers)
    assert await second.open() == 4
    await first.close()
    await second.close()


@kafka_only
async def test_each_shard_has_markers_of_its_own(kafka: Kafka, topic: MakeTopic) -> None:
    name, markers = await topic("queue"), await topic("markers", partitions=2)
    first, second = _publisher(kafka, markers, shard=0), _publisher(kafka, markers, shard=1)
    assert (await first.open(), await second.open()) == (0, 0)
    await first.publish(_rows(name, 1, 2))
    await second.publish(_rows(name, 1))
    await first.close()
    await second.close()
    again = [_publisher(kafka, markers, shard=shard) for shard in range(2)]
    assert [await publisher.open() for publisher in again] == [2, 1]
    for publisher in again:
        await publisher.close()


@kafka_only
async def test_what_a_publisher_left_unfinished_is_never_seen(kafka: Kafka, topic: MakeTopic) -> None:
    name, markers = await topic("queue"), await topic("markers")
    unfinished = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers, transactional_id=f"{markers}-0")
    await unfinished.start()
    await unfinished.begin_transaction()
    await asyncio.gather(*await send_all(unfinished, _rows(name, 1, 2), _headers))
    publisher = _publisher(kafka, markers)
    assert await publisher.open() == 0
    await publisher.publish(_rows(name, 1, 2))
    await publisher.close()
    await unfinished.stop()
    assert [record.value for record in await _read(kafka.bootstrap_servers, name, 2)] == [b"1", b"2"]


@kafka_only
async def test_a_publisher_that_was_replaced_is_fenced(kafka: Kafka, topic: MakeTopic) -> None:
    name, markers = await topic("queue"), await topic("markers")
    stale, fresh = _publisher(kafka, markers), _publisher(kafka, markers)
    await stale.open()
    await stale.publish(_rows(name, 1))
    assert await fresh.open() == 1
    with pytest.raises(FencedError):
        await stale.publish(_rows(name, 2))
    await fresh.publish(_rows(name, 2))
    await stale.close()
    await fresh.close()
    assert [record.value for record in await _read(kafka.bootstrap_servers, name, 2)] == [b"1", b"2"]


async def test_a_broker_without_transactions_is_refused_by_name() -> None:
    with start_broker() as broker:
        publisher = TransactionalPublisher(
            Connection(bootstrap_servers=broker.bootstrap_servers),
            shard=0,
            transactional_id="relay-0",
            marker_topic="markers",
            headers_of=_headers,
            start_seconds=1.0,
        )
        with pytest.raises(TransactionsRefusedError):
            await publisher.open()


async def test_the_plain_publisher_and_producer_work_on_a_broker_without_producer_ids() -> None:
    with start_broker() as broker:
        connection = Connection(bootstrap_servers=broker.bootstrap_servers)
        await ensure_topics(connection, [Topic(name="queue.billing")], replication_factor=1, create=True)
        publisher, producer = PlainPublisher(connection, headers_of=_headers), Producer(connection, idempotent=False)
        assert await publisher.open() == 0
        await publisher.publish(_rows("queue.billing", 1, 2))
        await producer.start()
        await producer.send("queue.billing", b"k", b"3", [("h", b"v")])
        await publisher.close()
        await producer.stop()
        read = await _read(broker.bootstrap_servers, "queue.billing", 3)
    assert [record.value for record in read] == [b"1", b"2", b"3"]


@kafka_only
async def test_topics_are_made_once_with_what_they_need(kafka: Kafka, topic: MakeTopic) -> None:
    stem = await topic("stem")
    wanted = [Topic(name=f"{stem}.queue", partitions=3), Topic(name=f"{stem}.markers", partitions=2, compacted=True)]
    connection = Connection(bootstrap_servers=kafka.bootstrap_servers)
    made = await ensure_topics(connection, wanted, replication_factor=-1, create=True)
    again = await ensure_topics(connection, wanted, replication_factor=-1, create=False)
    assert (made, again) == ((f"{stem}.markers", f"{stem}.queue"), ())


@kafka_only
async def test_topics_that_may_not_be_made_are_named(kafka: Kafka, topic: MakeTopic) -> None:
    stem = await topic("stem")
    connection = Connection(bootstrap_servers=kafka.bootstrap_servers)
    wanted = [Topic(name=f"{stem}.queue"), Topic(name=stem, partitions=2, compacted=True)]
    with pytest.raises(TopicsMissingError) as refused:
        await ensure_topics(connection, wanted, replication_factor=1, create=False)
    assert str(refused.value) == (f"topics are missing: {stem} (has 1 partitions, needs 2), {stem}.queue (not there)")
