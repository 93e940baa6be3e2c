"""A group's share of real partitions: leases decide where to read on, rebalances and fences lose and double nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from service.adapters.kafka import Connection, KafkaSource, SourceSettings, cluster_of
from service.adapters.kafka.partition import OwnedPartition
from service.adapters.memory import MemoryStore
from service.adapters.meter import PrometheusMeter
from service.ports import Lease, OutOfReachError, PartitionKey
from service.runtime.health import Health
from tests.infrastructure.kafka import Kafka, MakeTopic
from tests.waiting import until

pytestmark = pytest.mark.kafka

Seen = list[tuple[int, int]]


@dataclass
class Member:
    """A member of a group that commits offsets to a store and writes down (partition, offset) of what it committed."""

    store: MemoryStore
    seen: Seen
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    health: Health = field(default_factory=Health)
    meter: PrometheusMeter = field(default_factory=PrometheusMeter)

    async def drive(self, partition: OwnedPartition) -> None:
        lease = partition.lease
        while not partition.lost.is_set():
            messages = await partition.take(rows=20, size=100_000, linger=0.01, patience=0.1)
            if messages:
                moved = lease.moved(messages[-1].offset + 1, None)
                async with self.store.transaction() as transaction:
                    await transaction.advance([(lease, moved)])
                self.seen += [(message.partition, message.offset) for message in messages]
                lease, partition.next_offset = moved, messages[-1].offset + 1


@asynccontextmanager
async def _running(
    kafka: Kafka, group: str, topics: Sequence[str], member: Member, store: MemoryStore | None = None
) -> AsyncIterator[KafkaSource]:
    connection = Connection(bootstrap_servers=kafka.bootstrap_servers)
    source = KafkaSource(
        connection,
        SourceSettings(group=group, hint_seconds=0.2, heartbeat_seconds=0.2, session_seconds=10.0),
        cluster=await cluster_of(connection),
        topics=topics,
        leases=store or member.store,
        watch=member.health,
        meter=member.meter,
    )
    task = asyncio.create_task(source.run(member.drive, member.stop))
    try:
        yield source
    finally:
        member.stop.set()
        await task


async def _publish(kafka: Kafka, topic: str, count: int, partitions: int) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers) as producer:
        sent = [await producer.send(topic, b"%d" % at, partition=at % partitions) for at in range(count)]
        await asyncio.gather(*sent)


def _all(count: int, partitions: int) -> Seen:
    return sorted((at % partitions, at // partitions) for at in range(count))


async def _lease(store: MemoryStore, key: PartitionKey, next_offset: int) -> None:
    """Leaves the store as if an earlier owner had got so far."""
    (lease,) = await store.claim([key])
    async with store.transaction() as transaction:
        await transaction.advance([(lease, lease.moved(next_offset, None))])


async def _key(kafka: Kafka, topic: str) -> PartitionKey:
    cluster = await cluster_of(Connection(bootstrap_servers=kafka.bootstrap_servers))
    return PartitionKey(cluster=cluster, group=f"{topic}-group", topic=topic, partition=0)


async def test_a_new_group_reads_every_partition_from_its_beginning(kafka: Kafka, topic: MakeTopic) -> None:
    name = await topic("in", partitions=3)
    await _publish(kafka, name, 300, 3)
    member = Member(store=MemoryStore(), seen=[])
    async with _running(kafka, f"{name}-group", [name], member):
        await until(lambda: len(member.seen) >= 300)
    assert sorted(member.seen) == _all(300, 3)


async def test_reading_goes_on_at_the_lease_whatever_kafka_was_told(kafka: Kafka, topic: MakeTopic) -> None:
    name = await topic("in")
    await _publish(kafka, name, 10, 1)
    store = MemoryStore()
    await _lease(store, await _key(kafka, name), 6)
    async with AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap_servers, group_id=f"{name}-group") as other:
        other.assign([TopicPartition(name, 0)])
        await other.commit({TopicPartition(name, 0): 2})
    member = Member(store=store, seen=[])
    async with _running(kafka, f"{name}-group", [name], member):
        await until(lambda: len(member.seen) >= 4)
    assert member.seen == [(0, 6), (0, 7), (0, 8), (0, 9)]


async def test_kafka_is_told_how_far_the_store_got(kafka: Kafka, topic: MakeTopic) -> None:
    name = await topic("in")
    await _publish(kafka, name, 10, 1)
    member = Member(store=MemoryStore(), seen=[])
    async with _running(kafka, f"{name}-group", [name], member):
        await until(lambda: len(member.seen) >= 10)
    async with AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap_servers, group_id=f"{name}-group") as other:
        other.assign([TopicPartition(name, 0)])
        assert await other.committed(TopicPartition(name, 0)) == 10


async def test_what_retention_took_is_counted_and_reading_goes_on_behind_it(kafka: Kafka, topic: MakeTopic) -> None:
    name = await topic("in")
    await _publish(kafka, name, 10, 1)
    store = MemoryStore()
    await _lease(store, await _key(kafka, name), 3)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)
    await admin.start()
    await admin.delete_records({TopicPartition(name, 0): RecordsToDelete(before_offset=8)})
    await admin.close()
    member = Member(store=store, seen=[])
    async with _running(kafka, f"{name}-group", [name], member):
        await until(lambda: len(member.seen) >= 2)
    assert member.seen == [(0, 8), (0, 9)]
    assert f'skipped_records_total{{partition="0",topic="{name}"}} 5.0' in member.meter.text().decode()


async def test_a_lease_past_the_end_of_the_log_stops_its_partition_and_says_so(kafka: Kafka, topic: MakeTopic) -> None:
    name = await topic("in")
    await _publish(kafka, name, 10, 1)
    store = MemoryStore()
    await _lease(store, await _key(kafka, name), 50)
    member = Member(store=store, seen=[])
    async with _running(kafka, f"{name}-group", [name], member):
        await until(member.health.unready)
    assert (member.seen, member.health.unready()) == ([], (f"{name}/0: the next offset is past the end of the log",))


async def test_a_second_member_takes_its_share_and_nothing_is_lost_or_doubled(kafka: Kafka, topic: MakeTopic) -> None:
    name = await topic("in", partitions=4)
    store, seen = MemoryStore(), Seen()
    first, second = Member(store=store, seen=seen), Member(store=store, seen=seen)
    await _publish(kafka, name, 200, 4)
    async with _running(kafka, f"{name}-group", [name], first):
        await until(lambda: len(seen) >= 200)
        async with _running(kafka, f"{name}-group", [name], second):
            await _publish(kafka, name, 200, 4)
            await until(lambda: len(seen) >= 400)
        await _publish(kafka, name, 200, 4)
        await until(lambda: len(seen) >= 600)
    assert sorted(seen) == _all(600, 4)


async def test_an_owner_that_was_fenced_claims_again_and_goes_on(kafka: Kafka, topic: MakeTopic) -> None:
    name = await topic("in")
    member = Member(store=MemoryStore(), seen=[])
    async with _running(kafka, f"{name}-group", [name], member):
        await _publish(kafka, name, 5, 1)
        await until(lambda: len(member.seen) >= 5)
        await member.store.claim([await _key(kafka, name)])
        await _publish(kafka, name, 5, 1)
        await until(lambda: len(member.seen) >= 10)
    assert member.seen == [(0, offset) for offset in range(10)]
    assert "feedback_router_fenced_total 1.0" in member.meter.text().decode()


class UnreachableStore(MemoryStore):
    """Does not answer the first claims."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.failures = failures

    async def claim(self, keys: Sequence[PartitionKey]) -> Sequence[Lease]:
        self.failures -= 1
        if self.failures >= 0:
            raise OutOfReachError("no answer")
        return await super().claim(keys)


async def test_a_claim_that_fails_is_tried_again(kafka: Kafka, topic: MakeTopic) -> None:
    name = await topic("in")
    await _publish(kafka, name, 5, 1)
    member = Member(store=UnreachableStore(2), seen=[])
    async with _running(kafka, f"{name}-group", [name], member):
        await until(lambda: len(member.seen) >= 5)
    assert (member.seen, member.health.unready()) == ([(0, offset) for offset in range(5)], ())


async def test_a_slow_worker_stops_the_fetching_and_still_gets_everything(kafka: Kafka, topic: MakeTopic) -> None:
    name = await topic("in")
    store, seen, gate = MemoryStore(), Seen(), asyncio.Event()
    member = Member(store=store, seen=seen)
    drive: Callable[[OwnedPartition], Awaitable[None]] = member.drive
    buffered: list[int] = []

    async def wait_first(partition: OwnedPartition) -> None:
        await until(lambda: partition.full)
        buffered.append(partition.lag)
        gate.set()
        await drive(partition)

    connection = Connection(bootstrap_servers=kafka.bootstrap_servers)
    source = KafkaSource(
        connection,
        SourceSettings(group=f"{name}-group", most_rows=50),
        cluster=await cluster_of(connection),
        topics=[name],
        leases=store,
        watch=member.health,
        meter=member.meter,
    )
    await _publish(kafka, name, 60, 1)
    task = asyncio.create_task(source.run(wait_first, member.stop))
    await gate.wait()
    await _publish(kafka, name, 240, 1)
    await until(lambda: len(seen) >= 300)
    member.stop.set()
    await task
    assert seen == [(0, offset) for offset in range(300)]


async def test_where_no_broker_answers_the_start_says_so() -> None:
    with pytest.raises(OutOfReachError):
        await cluster_of(Connection(bootstrap_servers="127.0.0.1:1"))
