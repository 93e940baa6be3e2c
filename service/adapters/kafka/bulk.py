"""Many records in order -> Kafka, with a bounded number of them under way."""

import asyncio
from collections.abc import AsyncIterable, Callable

from aiokafka import AIOKafkaProducer

from service.adapters.kafka.clients import start, stop
from service.adapters.kafka.connection import Connection, reaching

_UNDER_WAY = 1_000
_STOP_SECONDS = 30.0

# topic, key, value
Record = tuple[str, bytes | None, bytes | None]


async def send_in_order(
    connection: Connection,
    records: AsyncIterable[Record],
    *,
    idempotent: bool,
    sent: Callable[[int], None] = lambda _: None,
) -> int:
    """Send every record; records of one partition keep their order. `sent` hears of each lot that Kafka has.

    Raises:
        OutOfReachError: Kafka has an unknown part of the last lot; sending again is safe, since ids decide duplicates.
    """
    client = AIOKafkaProducer(
        acks="all", enable_idempotence=idempotent, linger_ms=5, compression_type="zstd", **connection.options()
    )
    await start(client, "publish")
    total = 0
    try:
        under_way: list[asyncio.Future[object]] = []
        with reaching("publish"):
            async for topic, key, value in records:
                under_way.append(await client.send(topic, value, key))
                if len(under_way) >= _UNDER_WAY:
                    total += await _settled(under_way, sent)
            total += await _settled(under_way, sent)
    finally:
        await stop(client, _STOP_SECONDS)
    return total


async def _settled(under_way: list[asyncio.Future[object]], sent: Callable[[int], None]) -> int:
    await asyncio.gather(*under_way)
    count = len(under_way)
    under_way.clear()
    sent(count)
    return count
