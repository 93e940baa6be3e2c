"""A workload's records and the topics of a run, in the Kafka that everybody reads."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete

from service.bench.events import Published
from tests.bench.race.ground import PARTITIONS, Ground
from tests.bench.race.workloads import Workload, partition_of

_AT_ONCE = 20_000
# Records of one run on tables that are used again, and of how many runs there may be some.
_RENEWED, _RENEWALS = 60_000, 1_000
# What a broker of the tests would delete after 128 MB stays here.
_KEPT = {"retention.bytes": "-1", "retention.ms": "-1"}


async def make_topic(ground: Ground, topic: str) -> None:
    async with admin(ground) as client:
        wanted = NewTopic(topic, num_partitions=PARTITIONS, replication_factor=1, topic_configs=_KEPT)
        await client.create_topics([wanted])


async def drop_other_topics(ground: Ground, topic: str) -> None:
    """Delete what an earlier run has published; what our relay knows of a shard lies in a topic as well."""
    async with admin(ground) as client:
        found = [name for name in await client.list_topics() if name != topic and not name.startswith("__")]
        if found:
            await client.delete_topics(found)


class Records:
    """What a workload's topic holds; before tables that have met it are used again, others take its place."""

    def __init__(self, ground: Ground, workload: Workload, seed: int, count: int) -> None:
        self._ground = ground
        self._workload = workload
        self._count = _RENEWED if workload.rows else workload.count or count
        self._events = workload.events(seed, _RENEWALS * self._count if workload.rows else self._count)
        self._stale = False

    async def renew(self) -> int:
        """Publish the next records in place of what is there; return how many."""
        if self._stale:
            await forget_records(self._ground, self._workload.topic)
        self._stale = True
        return await publish(self._ground, self._workload, itertools.islice(self._events, self._count))


async def publish(ground: Ground, workload: Workload, events: Iterable[Published]) -> int:
    """Send all events; return how many."""
    count = 0
    async with producer(ground, workload, linger_ms=20) as sender:
        waiting = []
        for event in events:
            count += 1
            where = partition_of(workload, event, PARTITIONS)
            waiting.append(await sender.send(workload.topic, event.value, event.key, partition=where))
            if len(waiting) == _AT_ONCE:
                await asyncio.gather(*waiting)
                waiting.clear()
        await asyncio.gather(*waiting)
    return count


def producer(ground: Ground, workload: Workload, *, linger_ms: int) -> AIOKafkaProducer:
    return AIOKafkaProducer(
        linger_ms=linger_ms,
        max_batch_size=262_144,
        compression_type=workload.compression,
        **ground.place.connection.options(),
    )


async def forget_records(ground: Ground, topic: str) -> None:
    """Delete what the topic holds, so that a new group begins with what is still to come."""
    places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    async with AIOKafkaConsumer(**ground.place.connection.options()) as consumer:
        ends = await consumer.end_offsets(places)
    async with admin(ground) as client:
        await client.delete_records({place: RecordsToDelete(before_offset=end) for place, end in ends.items()})


@asynccontextmanager
async def admin(ground: Ground) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=ground.brokers)
    await client.start()
    try:
        yield client
    finally:
        await client.close()
