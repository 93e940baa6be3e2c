"""The job as a loop by hand: fetches of many records, one statement for each table, the partitions at the same time.

Guarantee: at least once from Kafka, and once in PostgreSQL, since the identity is written in the same transaction.
Tuned: `getmany` and manual commits by aiokafka's "Batch consumer", prepared `unnest` statements by asyncpg's pages.
Both of the race's ways to write are the same here.
"""

import asyncio
import signal
from collections.abc import Sequence

import asyncpg
from aiokafka import AIOKafkaConsumer, ConsumerRecord

from tests.bench.peers.job import sql
from tests.bench.peers.job.asked import PARTITIONS, Asked
from tests.bench.peers.job.judge import judge

RECORDS = 2_000


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
    async with asyncpg.create_pool(asked.dsn, min_size=PARTITIONS, max_size=PARTITIONS) as pool, consumer:
        print("ready", flush=True)  # noqa: T201 - the race waits for this line
        while not stop.is_set():
            fetched = await consumer.getmany(timeout_ms=100, max_records=RECORDS)
            if fetched:
                await asyncio.gather(*[_write(pool, asked, records) for records in fetched.values()])
                await consumer.commit({partition: records[-1].offset + 1 for partition, records in fetched.items()})


async def _write(pool: "asyncpg.Pool[asyncpg.Record]", asked: Asked, records: Sequence[ConsumerRecord]) -> None:
    judged = [judge(record.value, asked.rules) for record in records]
    async with pool.acquire() as connection:
        await sql.write(connection, judged)


asyncio.run(main())
