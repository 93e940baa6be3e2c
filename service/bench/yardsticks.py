"""What the road is held against, on the same topic and server: reading alone, and the same writes without a decision.

Both are written by hand for their one purpose, in the way that is known to be fast: fetches of many records, one array
for each column, the partitions at the same time.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import asyncpg
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from service.bench.places import Place
from service.bench.spent import Spent, Watch
from service.bench.written import Written
from service.core.contracts.cloudevent import Event, decode
from service.runtime.worker import Limits

_OFFSETS = "CREATE TABLE yardstick_offset (partition integer PRIMARY KEY, next_offset bigint)"
_BEGIN = "INSERT INTO yardstick_offset VALUES ($1, 0)"
_MOVE = "UPDATE yardstick_offset SET next_offset = $2 WHERE partition = $1 AND next_offset = $3"


async def fetch_only(place: Place, topic: str, partitions: int, events: int, watch: Watch) -> Spent:
    """Read every record of a topic and do nothing with it."""
    async with _consumer(place) as consumer:
        watch.start()
        await _assign(consumer, topic, partitions)
        count = 0
        while count < events:
            count += sum(map(len, (await consumer.getmany(timeout_ms=100)).values()))
        return watch.read()


async def write_only(
    place: Place,
    dsn: str,
    topic: str,
    partitions: int,
    events: int,
    tables: Mapping[str, Written],
    sample: str,
    watch: Watch,
) -> Spent:
    """Read, validate, and write per batch what a run of the road wrote for as many events, with the next offset."""
    pool = await asyncpg.create_pool(dsn, min_size=partitions, max_size=partitions)
    rows = Limits().rows
    try:
        writer = _Writer(pool, events, tables, sample)
        await writer.prepare(partitions)
        async with _consumer(place) as consumer:
            watch.start()
            await _assign(consumer, topic, partitions)
            count = 0
            while count < events:
                fetched = await consumer.getmany(timeout_ms=100, max_records=rows * partitions)
                await asyncio.gather(*[writer.write(tp.partition, records) for tp, records in fetched.items()])
                count += sum(map(len, fetched.values()))
            return watch.read()
    finally:
        await pool.close()


class _Writer:
    """Writes the share of each table that a batch would have written; the sum over all batches is exact."""

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", events: int, tables: Mapping[str, Written], sample: str
    ) -> None:
        self._pool = pool
        self._events = events
        self._tables = tables
        self._sample = sample
        self._done = 0
        self._ids = itertools.count()
        self._offsets: dict[int, int] = {}

    async def prepare(self, partitions: int) -> None:
        async with self._pool.acquire() as connection:
            for table in self._tables:
                await connection.execute(f'CREATE TABLE "yardstick_{table}" (id bigint PRIMARY KEY, payload text)')
            await connection.execute(_OFFSETS)
            self._offsets = dict.fromkeys(range(partitions), 0)
            await connection.executemany(_BEGIN, [(partition,) for partition in self._offsets])

    async def write(self, partition: int, records: Sequence[ConsumerRecord]) -> None:
        events = [decode(record.value, record.headers) for record in records]
        if not all(isinstance(event, Event) for event in events):
            raise ValueError("an event of the benchmark's own breaks its contract")
        first, self._done = self._done, self._done + len(events)
        next_offset = records[-1].offset + 1
        async with self._pool.acquire() as connection, connection.transaction():
            moved = await connection.execute(_MOVE, partition, next_offset, self._offsets[partition])
            if moved != "UPDATE 1":
                raise RuntimeError("somebody else moved the yardstick's offset")
            for table, written in self._tables.items():
                rows = self._done * written.rows // self._events - first * written.rows // self._events
                if rows:
                    await connection.execute(
                        f'INSERT INTO "yardstick_{table}" SELECT * FROM unnest($1::bigint[], $2::text[])',  # noqa: S608
                        list(itertools.islice(self._ids, rows)),
                        [self._payload(written.row_size, number) for number in range(rows)],
                    )
        self._offsets[partition] = next_offset

    def _payload(self, size: int, number: int) -> str:
        """Cut a text out of the sample, another one for each number; it is repeated where the sample is too short."""
        start = number * 97 % max(1, len(self._sample) - size)
        text = self._sample[start : start + size]
        return text if len(text) == size else (self._sample * (size // len(self._sample) + 1))[:size]


@asynccontextmanager
async def _consumer(place: Place) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        enable_auto_commit=False, isolation_level="read_committed", **place.connection.options()
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def _assign(consumer: AIOKafkaConsumer, topic: str, partitions: int) -> None:
    """Have the first fetch sent now, each partition from where it begins, which is not 0 once records were deleted."""
    assigned = [TopicPartition(topic, number) for number in range(partitions)]
    consumer.assign(assigned)
    await consumer.seek_to_beginning(*assigned)
