"""Topics -> everything that they hold at present: keys, values and headers, those of aborted transactions included."""

from collections.abc import AsyncIterator, Callable

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from service.adapters.kafka.clients import start, stop
from service.adapters.kafka.connection import Connection, reaching
from service.core.leaks import Piece

_STOP_SECONDS = 10.0
_WAIT_MS = 500


async def topics(connection: Connection, wanted: Callable[[str], bool]) -> AsyncIterator[Piece]:
    """Yield what each record of the wanted topics holds, up to where the topics ended at the beginning.

    Raises:
        OutOfReachError: Kafka does not answer.
    """
    consumer = AIOKafkaConsumer(enable_auto_commit=False, auto_offset_reset="earliest", **connection.options())
    await start(consumer, "scan")
    try:
        with reaching("scan"):
            names = sorted(filter(wanted, await consumer.topics()))
            parts = [TopicPartition(name, at) for name in names for at in consumer.partitions_for_topic(name) or ()]
            ends = await consumer.end_offsets(parts) if parts else {}
            consumer.assign(parts)
            left = {part for part in parts if await consumer.position(part) < ends[part]}
            while left:
                for part, records in (await consumer.getmany(*left, timeout_ms=_WAIT_MS)).items():
                    for record in records:
                        for piece in _pieces(part, record):
                            yield piece
                left = {part for part in left if await consumer.position(part) < ends[part]}
    finally:
        await stop(consumer, _STOP_SECONDS)


def _pieces(part: TopicPartition, record: ConsumerRecord) -> list[Piece]:
    held = {"key": record.key, "value": record.value, **{f"header {name}": value for name, value in record.headers}}
    at = f"partition {part.partition}, offset {record.offset}"
    return [
        Piece(place=f"{part.topic} {name}", at=at, value=value) for name, value in held.items() if value is not None
    ]
