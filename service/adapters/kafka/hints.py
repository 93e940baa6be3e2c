"""Offsets that the store holds -> Kafka's committed offsets, which lag tools read and nobody else trusts."""

import asyncio
from collections.abc import Mapping

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

log = structlog.get_logger()


class OffsetHints:
    """Commits what changed, best effort, in bounded time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._given: dict[TopicPartition, int] = {}

    def forget(self) -> None:
        self._given.clear()

    async def give(self, consumer: AIOKafkaConsumer, offsets: Mapping[TopicPartition, int]) -> None:
        assigned = consumer.assignment()
        changed = {tp: at for tp, at in offsets.items() if tp in assigned and self._given.get(tp) != at}
        if not changed:
            return
        try:
            async with asyncio.timeout(self._seconds):
                await consumer.commit(changed)
            self._given |= changed
        except (KafkaError, TimeoutError) as failed:
            log.debug("offset_hint_failed", reason=type(failed).__name__)
