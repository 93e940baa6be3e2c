"""The embedded broker: what the demo asks of it, through the client that the service uses."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from service.embedded.broker import EmbeddedBroker, start_broker

TOPIC_ALREADY_EXISTS = 36


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    with start_broker() as running:
        yield running


@pytest.fixture
async def admin(broker: EmbeddedBroker) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap_servers)
    await client.start()
    yield client
    await client.close()


async def _read(consumer: AIOKafkaConsumer, count: int) -> dict[str, str]:
    read: dict[str, str] = {}
    async with asyncio.timeout(10):
        while len(read) < count:
            for records in (await consumer.getmany(timeout_ms=100)).values():
                read |= {record.key.decode(): record.value.decode() for record in records}
    return read


async def test_a_group_reads_what_was_produced_and_goes_on_where_it_committed(
    broker: EmbeddedBroker, admin: AIOKafkaAdminClient
) -> None:
    await admin.create_topics([NewTopic("feedback.surveys", num_partitions=3, replication_factor=1)])
    sent = {f"customer-{number}": f"event {number}" for number in range(20)}
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap_servers, enable_idempotence=False) as producer:
        for key, value in sent.items():
            await producer.send_and_wait("feedback.surveys", value.encode(), key=key.encode())

    async with AIOKafkaConsumer(
        "feedback.surveys",
        bootstrap_servers=broker.bootstrap_servers,
        group_id="router",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    ) as consumer:
        read = await _read(consumer, len(sent))
        partitions = {partition.partition for partition in consumer.assignment()}
        await consumer.commit()
        committed = [await consumer.committed(partition) for partition in consumer.assignment()]

    assert (read, partitions, sum(committed)) == (sent, {0, 1, 2}, len(sent))


async def test_creating_a_topic_twice_is_answered_with_a_code(admin: AIOKafkaAdminClient) -> None:
    topic = NewTopic("feedback.tickets", num_partitions=1, replication_factor=1)
    answers = [await admin.create_topics([topic]) for _ in range(2)]
    assert [answer.topic_errors[0][1] for answer in answers] == [0, TOPIC_ALREADY_EXISTS]


async def test_an_unknown_topic_is_made_on_first_use(broker: EmbeddedBroker, admin: AIOKafkaAdminClient) -> None:
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap_servers, enable_idempotence=False) as producer:
        await producer.send_and_wait("queue.billing", b"first")
    assert "queue.billing" in await admin.list_topics()


async def test_each_start_is_a_cluster_of_its_own(broker: EmbeddedBroker, admin: AIOKafkaAdminClient) -> None:
    with start_broker() as other:
        assert other.cluster_id != broker.cluster_id
    assert (await admin.describe_cluster())["cluster_id"] == broker.cluster_id


def test_stopping_can_be_said_twice() -> None:
    broker = start_broker()
    broker.stop()
    broker.stop()
    assert broker.pid is None
