"""A partition that holds a list of events, and a store that fails when told to."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import orjson

from service.adapters.memory import MemoryStore
from service.adapters.memory.rows import Rows
from service.adapters.memory.transaction import MemoryTransaction
from service.core.records.feedback import Message
from service.ports import Lease, PartitionKey, RefusedError, Saving
from tests.builders import START

TOPIC = "feedback.surveys"


def message(event: Mapping[str, Any] | bytes, offset: int, minutes: int = 0, partition: int = 0) -> Message:
    at = START + timedelta(minutes=minutes)
    value = event if isinstance(event, bytes) else orjson.dumps({**event, "time": at.isoformat()})
    return Message(topic=TOPIC, partition=partition, offset=offset, key=None, value=value, received_at=at)


def key(partition: int = 0) -> PartitionKey:
    return PartitionKey(cluster="test", group="test", topic=TOPIC, partition=partition)


class ListedPartition:
    """Implements the worker's Partition; it is lost once everything was committed and the worker has seen its end."""

    def __init__(self, lease: Lease, messages: Sequence[Message]) -> None:
        self.lease = lease
        self.lost = asyncio.Event()
        self.next_offset = 0
        self.taken = 0
        self.given = 0
        self.rests: list[float] = []
        self._messages = list(messages)

    @property
    def at_end(self) -> bool:
        return not self._messages

    async def take(self, *, rows: int, size: int, linger: float, patience: float) -> tuple[Message, ...]:  # noqa: ARG002 (all is there at once)
        await asyncio.sleep(0)
        taken, self._messages = tuple(self._messages[:rows]), self._messages[rows:]
        if not taken and self.taken:
            self.lost.set()
        self.taken = 0 if taken else self.taken + 1
        self.given += len(taken)
        return taken

    async def rest(self, seconds: float) -> None:
        self.rests.append(seconds)
        await asyncio.sleep(0)


class FaultyStore(MemoryStore):
    """Raises what it is told to: `before` and `after` the commits of transactions to come, one each.

    It refuses every batch that holds an event of a `poison` id. `batches` has the size of each that was committed,
    `order` its event ids with the batch's `now`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.before: list[Exception] = []
        self.after: list[Exception] = []
        self.poison: set[str] = set()
        self.batches: list[int] = []
        self.order: list[tuple[str, datetime]] = []

    def transaction(self) -> AbstractAsyncContextManager[MemoryTransaction]:
        return self._faulty()

    @asynccontextmanager
    async def _faulty(self) -> AsyncIterator[MemoryTransaction]:
        transaction = _Picky(self.rows, self.poison)
        yield transaction
        if self.before:
            raise self.before.pop(0)
        transaction.commit()
        if transaction.nows:
            self.batches.append(len(transaction.asked))
            self.order += [(event_id, transaction.nows[-1]) for _, event_id in transaction.asked]
        if self.after:
            raise self.after.pop(0)


class SlowStore(FaultyStore):
    """Each of its transactions says that it has begun, and goes on once one more may."""

    def __init__(self) -> None:
        super().__init__()
        self.may = asyncio.Semaphore(0)
        self.begun = asyncio.Semaphore(0)

    def let(self, count: int = 100) -> None:
        for _ in range(count):
            self.may.release()

    @asynccontextmanager
    async def _faulty(self) -> AsyncIterator[MemoryTransaction]:
        self.begun.release()
        await self.may.acquire()
        async with super()._faulty() as transaction:
            yield transaction


class _Picky(MemoryTransaction):
    def __init__(self, rows: Rows, poison: set[str]) -> None:
        super().__init__(rows)
        self.asked: Sequence[tuple[str, str]] = ()
        self.nows: list[datetime] = []
        self._poison = poison

    async def admit(self, identities: Sequence[tuple[str, str]]) -> Collection[tuple[str, str]]:
        self.asked = identities
        if any(event_id in self._poison for _, event_id in identities):
            raise RefusedError("SQLSTATE 22021")
        return await super().admit(identities)

    async def save(self, saving: Saving) -> None:
        if saving.consumed:
            self.nows.append(saving.now)
        await super().save(saving)


class Moment:
    """A wall clock that stands where it is put."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at
