"""A topic, partition and offset -> the record that is there, as it was published, while Kafka still has it."""

import asyncio

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from service.adapters.kafka.connection import Connection, reaching

_PATIENCE_SECONDS = 10.0


async def original_record(connection: Connection, topic: str, partition: int, offset: int) -> ConsumerRecord | None:
    """Return the record, None when the topic's retention or compaction has removed it.

    Raises:
        OutOfReachError: Kafka does not answer.
    """
    where = TopicPartition(topic, partition)
    consumer = AIOKafkaConsumer(enable_auto_commit=False, auto_offset_reset="none", **connection.options())
    with reaching("original"):
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await consumer.start()
            try:
                consumer.assign([where])
                first = (await consumer.beginning_offsets([where]))[where]
                end = (await consumer.end_offsets([where]))[where]
                if not first <= offset < end:
                    return None
                consumer.seek(where, offset)
                found = await consumer.getone(where)
            finally:
                await consumer.stop()
    return found if found.offset == offset else None
