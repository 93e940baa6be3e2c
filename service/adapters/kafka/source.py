"""A consumer group's share of some topics -> one task for each partition owned, under a lease that the store issued.

Where to read on is the lease's word; Kafka's committed offsets are a hint for lag tools. aiokafka logs and forgets what
a rebalance listener raises, so the listener only notes what changed; a loop claims, seeks and tries again. A partition
that is assigned but not claimed is paused, and what was fetched of it is dropped.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError

from service.adapters.kafka.claims import ClaimQueue
from service.adapters.kafka.connection import Connection, reaching
from service.adapters.kafka.hints import OffsetHints
from service.adapters.kafka.options import Leases, SourceSettings, Watch
from service.adapters.kafka.partition import OwnedPartition
from service.adapters.kafka.positions import Standing, start_of
from service.core.records.metrics import Meter
from service.ports import FencedError, Lease, OutOfReachError, PartitionKey

log = structlog.get_logger()

_POLL_MS = 200
_ERROR_SECONDS = 0.5
# A fetch of all partitions costs the same for one record as for a hundred, so some are left to come together.
_BREATH_SECONDS = 0.01

Drive = Callable[[OwnedPartition], Awaitable[None]]


class KafkaSource:
    """One member of a consumer group."""

    def __init__(
        self,
        connection: Connection,
        settings: SourceSettings,
        *,
        cluster: str,
        topics: Collection[str],
        leases: Leases,
        watch: Watch,
        meter: Meter,
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._cluster = cluster
        self._topics = frozenset(topics)
        self._leases = leases
        self._watch = watch
        self._meter = meter
        self._owned: dict[TopicPartition, OwnedPartition] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._claims = ClaimQueue()
        self._hints = OffsetHints(settings.hint_seconds)
        self._client: AIOKafkaConsumer | None = None

    async def run(self, drive: Drive, stop: asyncio.Event) -> None:
        """Own partitions and drive each, until `stop`; then finish what is under way within the revoke budget.

        What `drive` raises beside FencedError is a bug and ends the run. Brokers that do not answer are waited for.
        """
        while not stop.is_set():
            consumer = self._client = self._consumer()
            try:
                await consumer.start()
                self._watch.started("worker")
                await self._hold(consumer, drive, stop)
            except KafkaError as failed:
                log.warning("consumer_not_started", reason=type(failed).__name__)
                self._watch.fault("kafka", type(failed).__name__)
                await asyncio.sleep(_ERROR_SECONDS)
            finally:
                self._client = None
                await consumer.stop()

    def subscribe(self, topics: Collection[str]) -> None:
        """Read these topics from now on; the group rebalances where they are others than before."""
        if frozenset(topics) != self._topics:
            self._topics = frozenset(topics)
            if self._client is not None:
                self._client.subscribe(sorted(self._topics), listener=_Listener(self))

    async def revoked(self) -> None:
        """Note that no partition is ours any more, and wait, within the budget, for what is under way."""
        self._claims.close()
        if self._client is not None:
            await self._let_go(self._client)

    def assigned(self, partitions: Collection[TopicPartition]) -> None:
        """Note what is to be claimed. Until then nothing of it is fetched; with a position, aiokafka asks for none."""
        self._hints.forget()
        for tp in partitions:
            if self._client is not None:
                self._client.pause(tp)
                self._client.seek(tp, 0)
        self._claims.open(partitions)

    async def _hold(self, consumer: AIOKafkaConsumer, drive: Drive, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            loops = [
                group.create_task(self._fetch(consumer)),
                group.create_task(self._claim_due(consumer, group, drive)),
                group.create_task(self._hint_often(consumer)),
            ]
            await stop.wait()
            for loop in loops:
                loop.cancel()
            await self._let_go(consumer)
            for task in self._tasks:
                task.cancel()

    def _consumer(self) -> AIOKafkaConsumer:
        settings = self._settings
        consumer = AIOKafkaConsumer(
            group_id=settings.group,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            # Dealt out one by one, each topic is split evenly, also where one has all the traffic. An assignor that
            # keeps what can be kept has nothing to offer: a rebalance of this client takes every partition anyway.
            partition_assignment_strategy=(RoundRobinPartitionAssignor,),
            session_timeout_ms=int(settings.session_seconds * 1000),
            heartbeat_interval_ms=int(settings.heartbeat_seconds * 1000),
            rebalance_timeout_ms=int(settings.rebalance_seconds * 1000),
            fetch_max_wait_ms=int(settings.fetch_wait_seconds * 1000),
            **self._connection.options(),
        )
        consumer.subscribe(sorted(self._topics), listener=_Listener(self))
        return consumer

    async def _fetch(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            try:
                fetched = await consumer.getmany(timeout_ms=_POLL_MS)
                now_ms = time.time_ns() // 1_000_000
                for tp, records in fetched.items():
                    partition = self._owned.get(tp)
                    if partition is not None:
                        partition.offer(records, now_ms)
                        if partition.full:
                            consumer.pause(tp)
                await self._look(consumer)
                self._watch.clear("kafka")
                if fetched:
                    await asyncio.sleep(_BREATH_SECONDS)
            except OffsetOutOfRangeError as gone:
                # Retention overtook us, or the log was cut: claiming again finds out which.
                for tp in gone.args[0]:
                    self._again(tp)
            except NoOffsetForPartitionError:
                # Asked for before the position was set; it is by now.
                continue
            except KafkaError as failed:
                self._watch.fault("kafka", type(failed).__name__)
                await asyncio.sleep(_ERROR_SECONDS)

    async def _look(self, consumer: AIOKafkaConsumer) -> None:
        for tp, partition in list(self._owned.items()):
            if tp not in consumer.assignment():
                continue
            stable = consumer.last_stable_offset(tp)
            end = stable if stable is not None and stable >= 0 else consumer.highwater(tp)
            partition.looked(await consumer.position(tp), end, consumer.last_poll_timestamp(tp))
            self._watch.behind(partition.lease.key, partition.lag)
            self._meter.put("lag_records", tp.topic, str(tp.partition), value=partition.lag)

    async def _claim_due(self, consumer: AIOKafkaConsumer, group: asyncio.TaskGroup, drive: Drive) -> None:
        while True:
            due = [tp for tp in await self._claims.due() if tp in consumer.assignment()]
            try:
                await self._claim(due, consumer, group, drive)
                self._watch.clear("claims")
            except (OutOfReachError, KafkaError) as failed:
                log.warning("partitions_not_claimed", partitions=len(due), reason=str(failed))
                self._watch.fault("claims", type(failed).__name__)
                for tp in due:
                    self._again(tp)

    async def _claim(
        self, due: Sequence[TopicPartition], consumer: AIOKafkaConsumer, group: asyncio.TaskGroup, drive: Drive
    ) -> None:
        generation = self._claims.generation
        keys = [self._key(tp) for tp in due]
        with reaching("log bounds"):
            firsts = await consumer.beginning_offsets(due)
            leases = {lease.key: lease for lease in await self._leases.claim(keys)}
            # Asked for after the lease, which moves on while others still commit, so that it cannot seem past the end.
            ends = await consumer.end_offsets(due) if self._settings.trust_end else {}
        for tp, key in zip(due, keys, strict=True):
            if generation != self._claims.generation or tp not in consumer.assignment():
                continue
            lease = leases[key]
            start = start_of(lease.next_offset, firsts[tp], ends.get(tp))
            match start.standing:
                case Standing.PAST_END:
                    log.error("partition_stopped_past_end", topic=tp.topic, partition=tp.partition, offset=start.offset)
                    self._watch.fault(f"{tp.topic}/{tp.partition}", "the next offset is past the end of the log")
                    continue
                case Standing.LOG_CUT:
                    log.error("records_lost_to_retention", topic=tp.topic, partition=tp.partition, count=start.skipped)
                    self._meter.add("skipped_records_total", tp.topic, str(tp.partition), by=start.skipped)
                case Standing.NEW | Standing.WITHIN:
                    pass
            partition = self._own(tp, lease, start.offset)
            consumer.seek(tp, start.offset)
            consumer.resume(tp)
            task = group.create_task(self._drive(tp, partition, drive))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _own(self, tp: TopicPartition, lease: Lease, start: int) -> OwnedPartition:
        partition = OwnedPartition(
            lease,
            start=start,
            most_rows=self._settings.most_rows,
            most_bytes=self._settings.most_bytes,
            on_room=partial(self._resume, tp),
        )
        self._owned[tp] = partition
        return partition

    async def _drive(self, tp: TopicPartition, partition: OwnedPartition, drive: Drive) -> None:
        try:
            await drive(partition)
        except FencedError:
            self._meter.add("fenced_total")
            if self._owned.get(tp) is partition:
                self._again(tp)

    def _again(self, tp: TopicPartition) -> None:
        """Give a partition up, and claim it anew after a while."""
        partition = self._owned.pop(tp, None)
        if partition is not None:
            partition.lose()
            self._watch.gone(partition.lease.key)
            self._meter.put("lag_records", tp.topic, str(tp.partition), value=0)
        if self._client is not None and tp in self._client.assignment():
            self._client.pause(tp)
            self._claims.again(tp, afresh=partition is not None and partition.advanced)

    async def _let_go(self, consumer: AIOKafkaConsumer) -> None:
        for tp, partition in self._owned.items():
            partition.lose()
            self._watch.gone(partition.lease.key)
            self._meter.put("lag_records", tp.topic, str(tp.partition), value=0)
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=self._settings.revoke_seconds)
            if late:
                # The next owner's claim waits for their transactions, or fences them.
                log.warning("batches_outlived_the_rebalance", count=len(late))
        await self._hints.give(consumer, self._offsets())
        self._owned.clear()

    async def _hint_often(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            await asyncio.sleep(self._settings.hint_seconds)
            await self._hints.give(consumer, self._offsets())

    def _offsets(self) -> dict[TopicPartition, int]:
        return {tp: partition.next_offset for tp, partition in self._owned.items()}

    def _resume(self, tp: TopicPartition) -> None:
        client = self._client
        if client is not None and tp in self._owned and tp in client.paused():
            client.resume(tp)

    def _key(self, tp: TopicPartition) -> PartitionKey:
        return PartitionKey(cluster=self._cluster, group=self._settings.group, topic=tp.topic, partition=tp.partition)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types.
    def __init__(self, source: KafkaSource) -> None:
        self._source = source

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:  # noqa: ARG002 (it is always all)
        await self._source.revoked()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._source.assigned(assigned)
