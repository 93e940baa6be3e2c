"""Micro-batches out of what was fetched: their bounds, their order, and what a lost partition gives."""

import asyncio
from datetime import UTC, datetime

import pytest
from aiokafka import ConsumerRecord

from service.adapters.kafka.partition import OwnedPartition
from service.ports import Lease, PartitionKey

LEASE = Lease(key=PartitionKey(cluster="c", group="g", topic="t", partition=0), epoch=1)


def _partition(*, start: int = 0, rows: int = 10, size: int = 10_000) -> tuple[OwnedPartition, list[str]]:
    told: list[str] = []
    partition = OwnedPartition(LEASE, start=start, most_rows=rows, most_bytes=size, on_room=lambda: told.append("room"))
    return partition, told


def _records(*offsets: int, value: bytes = b"12345", at_ms: int = 1_000) -> list[ConsumerRecord[bytes, bytes]]:
    return [ConsumerRecord("t", 0, offset, at_ms, 0, None, value, None, -1, len(value), ()) for offset in offsets]


async def _take(partition: OwnedPartition, *, rows: int = 10, size: int = 10_000, linger: float = 0.0) -> list[int]:
    taken = await partition.take(rows=rows, size=size, linger=linger, patience=0.01)
    return [message.offset for message in taken]


async def test_a_batch_has_at_most_so_many_rows() -> None:
    partition, _ = _partition()
    partition.offer(_records(0, 1, 2, 3, 4), 1)
    assert [await _take(partition, rows=3), await _take(partition, rows=3)] == [[0, 1, 2], [3, 4]]


async def test_a_batch_has_at_most_so_many_bytes_but_for_a_single_record() -> None:
    partition, _ = _partition()
    partition.offer(_records(0, 1, 2, value=b"x" * 60), 1)
    assert [await _take(partition, size=130), await _take(partition, size=10)] == [[0, 1], [2]]


async def test_what_was_fetched_before_a_seek_is_left_out() -> None:
    partition, _ = _partition(start=7)
    partition.offer(_records(5, 6, 7, 9), 1)
    partition.offer(_records(9, 10), 1)
    assert await _take(partition) == [7, 9, 10]


async def test_a_batch_waits_a_little_for_more() -> None:
    partition, _ = _partition()
    partition.offer(_records(0), 1)
    taking = asyncio.create_task(_take(partition, rows=2, linger=5.0))
    await asyncio.sleep(0)
    partition.offer(_records(1), 1)
    assert await taking == [0, 1]


async def test_what_has_waited_while_a_batch_was_at_work_waits_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    partition, _ = _partition()
    partition.offer(_records(0), 1)
    loop = asyncio.get_running_loop()
    later = loop.time() + 10.0
    monkeypatch.setattr(loop, "time", lambda: later)
    assert await _take(partition, rows=2, linger=5.0) == [0]


async def test_nothing_is_taken_where_nothing_comes() -> None:
    partition, _ = _partition()
    assert await _take(partition) == []


async def test_a_full_partition_asks_for_more_once_it_is_half_empty() -> None:
    partition, told = _partition(rows=4)
    partition.offer(_records(0, 1, 2, 3), 1)
    assert partition.full
    await _take(partition, rows=1)
    assert told == []
    await _take(partition, rows=1)
    assert (partition.full, told) == (False, ["room"])


async def test_a_lost_partition_gives_nothing_and_ends_every_wait() -> None:
    partition, _ = _partition()
    partition.offer(_records(0), 1)
    taking = asyncio.create_task(_take(partition, rows=5, linger=60.0))
    resting = asyncio.create_task(partition.rest(60.0))
    await asyncio.sleep(0)
    partition.lose()
    await resting
    assert await taking == []


async def test_a_partition_is_at_its_end_only_when_a_later_fetch_brought_nothing() -> None:
    partition, _ = _partition()
    partition.offer(_records(0), 100)
    partition.looked(1, 1, 100)
    await _take(partition)
    seen = [partition.at_end]
    partition.looked(1, 1, 100)
    seen.append(partition.at_end)
    partition.looked(1, 1, 150)
    seen.append(partition.at_end)
    partition.offer(_records(1), 200)
    seen.append(partition.at_end)
    assert seen == [False, False, True, False]


async def test_the_lag_stays_until_what_was_taken_is_committed() -> None:
    partition, _ = _partition()
    partition.offer(_records(0, 1), 100)
    await _take(partition)
    partition.looked(3, 3, 150)
    lags = [partition.lag]
    partition.next_offset = 2
    partition.looked(3, 3, 200)
    assert [*lags, partition.lag] == [3, 0]


async def test_a_time_that_no_calendar_holds_is_replaced_by_the_present() -> None:
    partition, _ = _partition()
    partition.offer(_records(0, at_ms=-1), 5_000)
    partition.offer(_records(1, at_ms=2**62), 6_000)
    taken = await partition.take(rows=2, size=100, linger=0.0, patience=0.0)
    assert [message.received_at for message in taken] == [
        datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC),
        datetime(1970, 1, 1, 0, 0, 6, tzinfo=UTC),
    ]
