"""Outbox rows -> batches of Kafka records, each for one partition, with one future for each batch."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder

from service.adapters.kafka.partitioning import partitions_of
from service.ports import Numbered

Headers = Sequence[tuple[str, bytes]]
HeadersOf = Callable[[bytes], Headers]
Records = Iterable[tuple[bytes, bytes]]


async def send_all(
    client: AIOKafkaProducer, rows: Iterable[Numbered], headers_of: HeadersOf
) -> list[asyncio.Future[object]]:
    """Hand over the records of rows, those of a partition in order; each future ends when Kafka has its batch."""
    topics: defaultdict[str, list[tuple[bytes, bytes]]] = defaultdict(list)
    for row in rows:
        topics[row.outgoing.topic] += row.outgoing.values
    return [
        await client.send_batch(batch, topic, partition=partition)
        for topic, records in topics.items()
        for partition, its_records in (await _by_partition(client, topic, records)).items()
        for batch in _batches(client, its_records, headers_of)
    ]


async def _by_partition(
    client: AIOKafkaProducer, topic: str, records: Sequence[tuple[bytes, bytes]]
) -> dict[int, list[tuple[bytes, bytes]]]:
    partitions = sorted(await client.partitions_for(topic))
    found: defaultdict[int, list[tuple[bytes, bytes]]] = defaultdict(list)
    places = partitions_of([key for key, _ in records], len(partitions))
    for place, record in zip(places, records, strict=True):
        found[partitions[place]].append(record)
    return found


def _batches(client: AIOKafkaProducer, records: Records, headers_of: HeadersOf) -> Iterator[BatchBuilder]:
    batch = client.create_batch()
    for key, value in records:
        headers = list(headers_of(value))
        # A batch without a record takes one of any size.
        if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:
            yield batch
            batch = client.create_batch()
            batch.append(timestamp=None, key=key, value=value, headers=headers)
    yield batch
