from collections.abc import AsyncIterator
from random import Random

import pytest

from service.adapters.kafka import Connection, Producer
from service.ports import TooLargeError
from tests.infrastructure.kafka import Kafka, MakeTopic

MEBIBYTE = 1_048_576


@pytest.fixture
async def producer(kafka: Kafka) -> AsyncIterator[Producer]:
    one = Producer(Connection(bootstrap_servers=kafka.bootstrap_servers), idempotent=False)
    await one.start()
    yield one
    await one.stop()


async def test_a_record_larger_than_a_request_is_refused_for_good(producer: Producer, topic: MakeTopic) -> None:
    name = await topic()
    await producer.send(name, b"key", b"x" * (MEBIBYTE - 1_024))
    with pytest.raises(TooLargeError, match="MessageSizeTooLargeError"):
        await producer.send(name, b"key", b"x" * MEBIBYTE)


@pytest.mark.kafka
async def test_a_record_larger_than_its_topic_takes_is_refused_for_good(producer: Producer, topic: MakeTopic) -> None:
    name = await topic(settings={"max.message.bytes": "1024"})
    await producer.send(name, None, b"x" * 512)
    with pytest.raises(TooLargeError):
        await producer.send(name, None, Random(7).randbytes(65_536))
