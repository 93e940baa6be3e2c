"""Numbered outbox rows -> Kafka, for one shard: in one transaction with the shard's marker, or plainly.

The transactional publisher makes each record appear once to readers of committed records. It is thrown away at its
first error: opening another one with the same id undoes what was left open, and the marker says what was done.
"""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
    UnknownError,
    UnsupportedVersionError,
)

from service.adapters.kafka.batches import HeadersOf, send_all
from service.adapters.kafka.clients import start, stop
from service.adapters.kafka.connection import Connection, reaching
from service.core.contracts.marker import RelayMarker
from service.ports import Numbered, OutOfReachError

_STOP_SECONDS = 5.0
_POLL_MS = 100
# An outbox row of 500 decisions is half a megabyte; in batches of the default size it would be 30 requests.
_BATCH_BYTES = 262_144
# What a broker answers that has no transactions, or none for us; asking again would not change its mind.
_REFUSALS = (
    ClusterAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
    UnknownError,
    UnsupportedVersionError,
)


class TransactionsRefusedError(Exception):
    """The broker gives no transactions: set the relay's guarantee to at_least_once, or let the account have them."""


class TransactionalPublisher:
    """Publishes rows and the marker {shard, publish_seq} atomically; markers of shard n are in partition n."""

    def __init__(
        self,
        connection: Connection,
        *,
        shard: int,
        transactional_id: str,
        marker_topic: str,
        headers_of: HeadersOf,
        start_seconds: float = 30.0,
    ) -> None:
        self._connection = connection
        self._shard = shard
        self._transactional_id = transactional_id
        self._markers = TopicPartition(marker_topic, shard)
        self._headers_of = headers_of
        self._start_seconds = start_seconds
        self._client: AIOKafkaProducer | None = None

    async def open(self) -> int:
        """Fence every earlier publisher of the shard; return the last `publish_seq` that readers can see, or 0.

        Raises:
            TransactionsRefusedError: the broker gives none.
            OutOfReachError: no broker answers in time.
        """
        client = AIOKafkaProducer(
            transactional_id=self._transactional_id,
            compression_type="zstd",
            max_batch_size=_BATCH_BYTES,
            **self._connection.options(),
        )
        try:
            await start(client, "relay", self._start_seconds)
        except OutOfReachError as failed:
            if isinstance(failed.__cause__, _REFUSALS):
                raise TransactionsRefusedError(f"no transactions: {type(failed.__cause__).__name__}") from failed
            raise
        self._client = client
        with reaching("relay marker"):
            async with asyncio.timeout(self._start_seconds):
                return await self._last_marker()

    async def publish(self, rows: Sequence[Numbered]) -> None:
        """Make the rows and their marker visible together.

        Raises:
            FencedError: another publisher of the shard was opened.
            OutOfReachError: whether they are visible only the marker can tell; open another publisher.
        """
        client = self._client
        if client is None or not rows:
            return
        marker = RelayMarker(shard=self._shard, publish_seq=rows[-1].publish_seq)
        with reaching("relay"):
            await client.begin_transaction()
            sent = await send_all(client, rows, self._headers_of)
            sent.append(
                await client.send(
                    self._markers.topic,
                    marker.model_dump_json().encode(),
                    str(self._shard).encode(),
                    partition=self._markers.partition,
                )
            )
            await asyncio.gather(*sent)
            await client.commit_transaction()

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await stop(client, _STOP_SECONDS)

    async def _last_marker(self) -> int:
        consumer = AIOKafkaConsumer(
            enable_auto_commit=False, isolation_level="read_committed", **self._connection.options()
        )
        last = 0
        consumer.assign([self._markers])
        await start(consumer, "relay marker", self._start_seconds)
        try:
            end = (await consumer.end_offsets([self._markers]))[self._markers]
            # `seek_to_beginning` can be overtaken by the reset to the end that `start` has begun; `seek` can not.
            consumer.seek(self._markers, (await consumer.beginning_offsets([self._markers]))[self._markers])
            while await consumer.position(self._markers) < end:
                for record in (await consumer.getmany(timeout_ms=_POLL_MS)).get(self._markers, ()):
                    last = max(last, RelayMarker.model_validate_json(record.value).publish_seq)
        finally:
            await consumer.stop()
        return last


class PlainPublisher:
    """Publishes rows at least once, in order: after an error they are sent again, under the same idempotency keys."""

    def __init__(self, connection: Connection, *, headers_of: HeadersOf) -> None:
        self._connection = connection
        self._headers_of = headers_of
        self._client: AIOKafkaProducer | None = None

    async def open(self) -> int:
        """Return 0: nothing in Kafka says what was published.

        Raises:
            OutOfReachError: no broker answers.
        """
        client = AIOKafkaProducer(
            acks="all", compression_type="zstd", max_batch_size=_BATCH_BYTES, **self._connection.options()
        )
        await start(client, "relay")
        self._client = client
        return 0

    async def publish(self, rows: Sequence[Numbered]) -> None:
        """Return once Kafka has all rows.

        Raises:
            OutOfReachError: it may have some of them.
        """
        client = self._client
        if client is None:
            return
        with reaching("relay"):
            await asyncio.gather(*await send_all(client, rows, self._headers_of))

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await stop(client, _STOP_SECONDS)
