"""Records as they are fetched -> micro-batches of one partition, while it is owned; bounded in rows and bytes."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from aiokafka import ConsumerRecord

from service.core.records.feedback import Message
from service.ports import Lease

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The last millisecond of the year 9998: a producer can claim any time, and what comes after overflows a datetime.
_LAST_MS = 253_370_764_799_999


class OwnedPartition:
    """What was fetched of a partition and not yet taken. `next_offset` is the first that was not committed.

    `lost` is set once the partition is no longer this owner's: nothing more can be taken, and what was taken must not
    be started any more.
    """

    def __init__(
        self, lease: Lease, *, start: int, most_rows: int, most_bytes: int, on_room: Callable[[], None]
    ) -> None:
        self.lease = lease
        self.next_offset = start
        self.lost = asyncio.Event()
        self.lag = 0
        self._start = start
        self._expected = start
        self._most_rows = most_rows
        self._most_bytes = most_bytes
        self._on_room = on_room
        self._messages: deque[Message] = deque()
        self._bytes = 0
        self._arrived = asyncio.Event()
        self._arrived_ms = 0
        self._waiting_since = 0.0
        self._at_end = False

    @property
    def advanced(self) -> bool:
        """Something was committed under this lease."""
        return self.next_offset > self._start

    @property
    def full(self) -> bool:
        """No more should be fetched for now."""
        return len(self._messages) >= self._most_rows or self._bytes >= self._most_bytes

    @property
    def at_end(self) -> bool:
        """Everything there is was taken: a fetch after the last record brought nothing."""
        return self._at_end and not self._messages

    def offer(self, records: Iterable[ConsumerRecord], now_ms: int) -> None:
        """Add fetched records; those before the position, fetched before a seek, are left out."""
        if not self._messages:
            self._waiting_since = asyncio.get_running_loop().time()
        for record in records:
            if record.offset < self._expected:
                continue
            self._expected = record.offset + 1
            message = _message(record, now_ms)
            self._messages.append(message)
            self._bytes += _size(message)
        if self._messages:
            self._at_end = False
            self._arrived_ms = now_ms
            self._arrived.set()

    def looked(self, position: int, end: int | None, polled_ms: int | None) -> None:
        """Note how far the partition goes: `end` is the offset after its last record, by the fetch at `polled_ms`."""
        if end is None or polled_ms is None:
            return
        everything_fetched = position >= end
        # Offsets have gaps, so that the difference alone would show a lag where there is nothing left to do.
        done = everything_fetched and self.next_offset >= self._expected
        self.lag = 0 if done else max(1, end - self.next_offset)
        self._at_end = everything_fetched and not self._messages and polled_ms > self._arrived_ms

    async def take(self, *, rows: int, size: int, linger: float, patience: float) -> tuple[Message, ...]:
        """Return a micro-batch: what came within `linger` s of its first record, at most `rows` and about `size` bytes.

        What has waited for that long while the batch before was at work waits no longer.
        Empty when nothing came for `patience` seconds, or the partition is lost.
        """
        if not self._messages and (patience <= 0 or not await self._news(patience)):
            return ()
        loop = asyncio.get_running_loop()
        give_up_at = self._waiting_since + linger
        while len(self._messages) < rows and self._bytes < size and (left := give_up_at - loop.time()) > 0:
            self._arrived.clear()
            if not await self._news(left):
                break
        return () if self.lost.is_set() else self._pop(rows, size)

    async def rest(self, seconds: float) -> None:
        """Sleep, but no longer than the partition is owned."""
        try:
            async with asyncio.timeout(seconds):
                await self.lost.wait()
        except TimeoutError:
            return

    def lose(self) -> None:
        self.lost.set()
        self._messages.clear()
        self._bytes = 0
        self._arrived.set()

    async def _news(self, seconds: float) -> bool:
        """Wait for records; False when none came, or the partition is lost."""
        if not self._messages:
            self._arrived.clear()
        if self.lost.is_set():
            return False
        try:
            async with asyncio.timeout(seconds):
                await self._arrived.wait()
        except TimeoutError:
            return False
        return not self.lost.is_set()

    def _pop(self, rows: int, size: int) -> tuple[Message, ...]:
        taken: list[Message] = []
        taken_bytes = 0
        while self._messages and len(taken) < rows and (not taken or taken_bytes + _size(self._messages[0]) <= size):
            message = self._messages.popleft()
            taken_bytes += _size(message)
            taken.append(message)
        self._bytes -= taken_bytes
        if len(self._messages) <= self._most_rows // 2 and self._bytes <= self._most_bytes // 2:
            self._on_room()
        return tuple(taken)


def _message(record: ConsumerRecord, now_ms: int) -> Message:
    given = record.timestamp
    at_ms = given if given is not None and 0 <= given <= _LAST_MS else now_ms
    return Message(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        value=record.value,
        headers=tuple((name, value) for name, value in record.headers if value is not None),
        received_at=_EPOCH + timedelta(milliseconds=at_ms),
    )


def _size(message: Message) -> int:
    return (
        len(message.key or b"")
        + len(message.value or b"")
        + sum(len(name) + len(value) for name, value in message.headers)
    )
