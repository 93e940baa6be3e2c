"""Micro-batches of one owned partition -> committed decisions, in order, until the partition is lost.

Whatever fails, the batch stays at hand and is tried again from its first statement, unless somebody else owns the
partition by then (FencedError ends the work) or the store says that it was committed after all. A value that the store
can not hold is found by halving the batch, and its message becomes a dead letter.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, assert_never

import structlog

from service.core.pipeline.cadence import cadences
from service.core.pipeline.rules import Rules
from service.core.pseudonym import PseudonymKey
from service.core.records.feedback import Message
from service.core.records.metrics import Meter
from service.ports import (
    ConflictError,
    FencedError,
    Lease,
    OutcomeUnknownError,
    OutOfReachError,
    PartitionKey,
    RefusedError,
    StalePlaybookError,
    Store,
)
from service.runtime.batch import Batch
from service.runtime.clock import Fire, Go, NowOf, Wait
from service.runtime.counting import UnmappedShare, count_batch, count_ends, count_heard, count_notices
from service.runtime.due import run_due
from service.runtime.reading import ReadMessage, read_all, records_of, refused
from service.runtime.retry import pause
from service.runtime.rounds import until_stop
from service.runtime.rulebook import Rulebook
from service.runtime.timekeeping import Timekeeper
from service.runtime.together import Together

log = structlog.get_logger()

# What comes while a transaction is under way is read every so many seconds, and once more at its end.
_READ_ON_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """A batch ends at the first of these: rows, bytes, or seconds since its first record. `patience` is in seconds.

    Rows bound the messages and the records in them alike. They are fewer where they would probably bring more than so
    many contributions with them, 8 or 9 kB each.
    """

    rows: int = 500
    size: int = 1024 * 1024
    linger: float = 0.02
    patience: float = 0.2
    contributions: int = 8_000


class Lost(Protocol):
    def is_set(self) -> bool: ...


class Partition(Protocol):
    """A partition as its owner has it; the source sets `lost`, the worker `next_offset`."""

    lease: Lease
    next_offset: int

    @property
    def lost(self) -> Lost: ...

    @property
    def at_end(self) -> bool: ...

    async def take(self, *, rows: int, size: int, linger: float, patience: float) -> tuple[Message, ...]: ...
    async def rest(self, seconds: float) -> None: ...


class Watch(Protocol):
    def moved(self, key: PartitionKey) -> None: ...
    def fault(self, name: str, reason: str) -> None: ...
    def clear(self, name: str) -> None: ...


class Worker:
    """Drives partitions; one instance serves all of a process."""

    def __init__(
        self,
        store: Store,
        rulebook: Rulebook,
        key: PseudonymKey,
        timekeeper: Timekeeper,
        *,
        watch: Watch,
        meter: Meter,
        limits: Limits,
    ) -> None:
        self._store = store
        self._rulebook = rulebook
        self._key = key
        self._time = timekeeper
        self._watch = watch
        self._meter = meter
        self._limits = limits
        self._together = Together(store, 2 * limits.rows if timekeeper.is_one else 0, limits.contributions)
        self._unmapped = UnmappedShare()

    async def drive(self, partition: Partition) -> None:
        """Work until the partition is lost.

        Raises:
            FencedError: another owner has taken it over; what was in hand is theirs now.
        """
        work = _Work(partition=partition, lease=partition.lease, rules=self._rulebook.rules)
        tries = 0
        try:
            while not partition.lost.is_set():
                try:
                    await self._step(work)
                    tries = 0
                    self._watch.clear("store")
                except OutcomeUnknownError:
                    self._meter.add("retries_total", "outcome_unknown")
                    await self._settle(work)
                except ConflictError:
                    tries += 1
                    self._meter.add("retries_total", "conflict")
                    await partition.rest(pause(tries, first=0.01, longest=1.0))
                except OutOfReachError as failed:
                    tries += 1
                    self._meter.add("retries_total", "out_of_reach")
                    self._watch.fault("store", type(failed).__name__)
                    log.warning("batch_waits", reason=str(failed), tries=tries)
                    await partition.rest(pause(tries))
        finally:
            self._time.gone(work.lease.key)

    async def _step(self, work: "_Work") -> None:
        if not work.pending and not await self._take(work):
            await self._idle(work)
            return
        await self._read_on(work)
        if work.partition.lost.is_set():
            return
        work.lease = await self._time.resume(work.lease)
        ahead = self._ahead(work)
        ticks = cadences(self._rulebook.rules.playbook.volume)
        match await self._time.plan(work.lease, [one.latest for one in ahead], ticks):
            case Go(count=count, now_of=now_of):
                await self._commit(work, count, now_of)
            case Fire(now=now):
                await self._fire(now)
            case Wait() as wait:
                work.lease = await self._time.stall(work.lease, wait)
                self._watch.moved(work.lease.key)
            case never:
                assert_never(never)

    def _ahead(self, work: "_Work") -> list[ReadMessage]:
        """Return the messages that may be decided together; one alone may hold a thousand records."""
        records, most = 0, min(self._limits.rows, self._together.at_once)
        ahead = work.pending[: work.most]
        for count, one in enumerate(ahead):
            records += len(one.records)
            if records > most and count:
                return ahead[:count]
        return ahead

    async def _take(self, work: "_Work") -> bool:
        limits = self._limits
        messages = await work.partition.take(
            rows=limits.rows, size=limits.size, linger=limits.linger, patience=limits.patience
        )
        await self._read_anew(work, messages)
        return bool(messages)

    async def _read_on(self, work: "_Work") -> None:
        """Take what comes while a transaction is under way: else it would wait for the one after the next."""
        limits = self._limits
        while work.most is None and (ending := self._together.ending) is not None:
            rows = limits.rows - len(work.pending)
            size = limits.size - sum(len(one.message.value or b"") for one in work.pending)
            if rows <= 0 or size <= 0 or work.partition.lost.is_set():
                return
            await until_stop(ending, _READ_ON_SECONDS)
            more = await work.partition.take(rows=rows, size=size, linger=0, patience=0)
            if more:
                work.pending += await self._read(more, work.rules)
            if ending.is_set():
                return

    async def _read_anew(self, work: "_Work", messages: tuple[Message, ...]) -> None:
        """Read by the rules that are current now; what is pending is decided by the rules that it was read by."""
        work.rules = self._rulebook.rules
        work.pending = await self._read(messages, work.rules)

    async def _read(self, messages: tuple[Message, ...], rules: Rules) -> list[ReadMessage]:
        started = time.perf_counter()
        read = await read_all(messages, rules, self._key, self._classified)
        self._meter.observe("stage_seconds", "read", value=time.perf_counter() - started)
        return read

    def _classified(self, seconds: float) -> None:
        self._meter.observe("stage_seconds", "classify", value=seconds)

    async def _idle(self, work: "_Work") -> None:
        if work.partition.at_end and not work.partition.lost.is_set():
            work.lease, now = await self._time.ended(work.lease)
            if now is not None:
                await self._fire(now)

    async def _fire(self, now: datetime) -> None:
        rules, ended = self._rulebook.rules, count_ends(self._meter)
        count_notices(self._meter, await run_due(self._store, rules, now, ended=ended))

    async def _commit(self, work: "_Work", count: int, now_of: NowOf) -> None:
        batch = work.pending[:count]
        records = records_of(batch)
        next_offset = batch[-1].message.offset + 1
        work.reaching = next_offset
        try:
            asked = Batch(lease=work.lease, records=records, next_offset=next_offset, now_of=now_of)
            ran = await self._together.run(asked, work.rules)
        except StalePlaybookError as stale:
            await self._rulebook.turn_to(stale.digest)
            await self._read_anew(work, tuple(one.message for one in work.pending))
            return
        except RefusedError:
            self._halve(work, count)
            return
        count_batch(self._meter, batch[0].message.topic, ran)
        self._unmapped.count(self._meter, records, work.rules)
        count_heard(self._meter, records)
        self._advance(work, ran.lease)

    def _advance(self, work: "_Work", lease: Lease) -> None:
        work.lease = lease
        reached = lease.next_offset or 0
        work.pending = [one for one in work.pending if one.message.offset >= reached]
        if reached >= work.suspect_until:
            work.most = None
        work.partition.next_offset = reached
        self._time.moved(lease)
        self._watch.moved(lease.key)

    def _halve(self, work: "_Work", count: int) -> None:
        """Try half of a batch that was refused; a single message that was is rejected."""
        self._meter.add("retries_total", "refused")
        if count > 1:
            work.suspect_until = max(work.suspect_until, work.pending[count - 1].message.offset + 1)
            work.most = count // 2
            return
        no = refused(work.pending[0])
        if no == work.pending[0]:
            raise RuntimeError("the store refuses a dead letter")
        log.warning("message_refused", topic=no.message.topic, partition=no.message.partition, offset=no.message.offset)
        work.pending[0] = no

    async def _settle(self, work: "_Work") -> None:
        """Learn from the store whether the last commit counts."""
        tries = 0
        while not work.partition.lost.is_set():
            try:
                held = await self._store.lease(work.lease.key)
            except OutOfReachError as failed:
                tries += 1
                self._watch.fault("store", type(failed).__name__)
                await work.partition.rest(pause(tries))
                continue
            if held is None or held.epoch != work.lease.epoch:
                raise FencedError(f"{work.lease.key.topic}/{work.lease.key.partition} was taken over")
            if held.next_offset == work.reaching:
                self._advance(work, held)
            return


@dataclass(slots=True, kw_only=True)
class _Work:
    """What is in hand of one partition, read by `rules`. `most` bounds a batch while a refused value is looked for."""

    partition: Partition
    lease: Lease
    rules: Rules
    pending: list[ReadMessage] = field(default_factory=list)
    most: int | None = None
    suspect_until: int = 0
    reaching: int = 0
