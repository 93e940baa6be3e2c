"""The job as a plain loop of aiokafka: a session and a transaction for each event, the partitions at the same time.

Guarantee: at least once from Kafka, and once in PostgreSQL, since the identity is written in the same transaction.
Tuned: manual commits after the work by aiokafka's "Consumer client", a connection for each partition and sessions that
do not expire on commit by SQLAlchemy's "Asynchronous I/O". Given our statements it calls them with one event each.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

import asyncpg
from aiokafka import AIOKafkaConsumer, ConsumerRecord
from sqlalchemy.ext.asyncio import async_sessionmaker

from tests.bench.peers.job import own, sql
from tests.bench.peers.job.asked import PARTITIONS, Asked
from tests.bench.peers.job.judge import Judged, Refused, judge

Store = Callable[[Judged | Refused], Awaitable[None]]


async def main() -> None:
    asked = Asked.read()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    consumer = AIOKafkaConsumer(
        asked.topic,
        bootstrap_servers=asked.brokers,
        group_id=asked.group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    async with AsyncExitStack() as stack:
        store = await (_by_statements if asked.ours else _by_sessions)(asked.dsn, stack)
        await stack.enter_async_context(consumer)
        print("ready", flush=True)  # noqa: T201 - the race waits for this line
        while not stop.is_set():
            # Few enough for all of them to be done within the seconds that a stop may take.
            fetched = await consumer.getmany(timeout_ms=100, max_records=100 * PARTITIONS)
            if fetched:
                await asyncio.gather(*[_take(store, asked, records) for records in fetched.values()])
                await consumer.commit({partition: records[-1].offset + 1 for partition, records in fetched.items()})


async def _take(store: Store, asked: Asked, records: Sequence[ConsumerRecord]) -> None:
    for record in records:
        await store(judge(record.value, asked.rules))


async def _by_sessions(dsn: str, stack: AsyncExitStack) -> Store:
    engine = own.async_engine_of(dsn, PARTITIONS)
    stack.push_async_callback(engine.dispose)
    sessions = async_sessionmaker(engine, expire_on_commit=False)

    async def store(judged: Judged | Refused) -> None:
        async with sessions() as session:
            await own.store_async(session, judged)

    return store


async def _by_statements(dsn: str, stack: AsyncExitStack) -> Store:
    pool = await stack.enter_async_context(asyncpg.create_pool(dsn, min_size=PARTITIONS, max_size=PARTITIONS))

    async def store(judged: Judged | Refused) -> None:
        async with pool.acquire() as connection:
            await sql.write(connection, [judged])

    return store


asyncio.run(main())
