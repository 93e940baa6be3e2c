"""One run's ground: topics with traffic in them, a database, a fleet of processes, and a watch on how it all moves."""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TypeAlias

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.errors import for_code

from service.adapters.postgres.faults import BROKEN
from service.embedded.postgres import EmbeddedPostgres
from tests.chaos.fleet import Fleet
from tests.chaos.proxy import CuttingProxy
from tests.chaos.traffic import PROCESSES, TOPICS, Record
from tests.infrastructure.apache_kafka import ApacheKafka
from tests.oracle import Published

_POLL_SECONDS = 0.02
_PATIENCE = 150.0
_AT_ONCE = 500

_BROKEN = (asyncpg.PostgresError, *BROKEN, TimeoutError)

# Count what a ticker has left to do.
_DUE = """
SELECT (SELECT count(*) FROM alert WHERE due_at <= $1)
  + (SELECT count(*) FROM process_instance WHERE late_at <= $1)
  + (SELECT count(*) FROM tick WHERE ran_at IS NULL AND due_at <= $1) AS count
"""

Place = tuple[str, int]
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | None"


class Stuck(Exception):
    """Nothing came to an end in time; the message says what was waited for."""


@dataclass(slots=True, kw_only=True)
class Field:
    """What a fault may lay hands on.

    `recoveries` are seconds from a fault's end until every partition moved again; where partitions wait for one another
    by the stream clock they mean nothing and are not `measured`.
    """

    kafka: ApacheKafka
    postgres: EmbeddedPostgres
    dsn: str
    fleet: Fleet
    dice: Random
    workers: int
    folder: Path
    total: int = 0
    partitions: int = 0
    held_back: Sequence[Record] = ()
    disk: Path | None = None
    proxy: CuttingProxy | None = None
    published: list[Published] = field(default_factory=list)
    recoveries: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    faults: int = 0
    measured: bool = True
    ahead: timedelta = timedelta()
    _connection: Connection = None

    async def positions(self) -> Mapping[Place, int]:
        rows = await self.fetch("SELECT topic, partition, coalesce(next_offset, 0) AS at FROM partition_lease")
        return {(row["topic"], row["partition"]): row["at"] for row in rows}

    async def consumed(self) -> int:
        rows = await self.fetch("SELECT coalesce(sum((books->>'consumed')::int), 0)::int AS count FROM batch")
        return rows[0]["count"] if rows else 0

    async def share(self, share: float) -> None:
        """Wait until this share of the traffic is decided."""
        await self._until(lambda count: count >= share * self.total, f"{share:.0%} of the traffic")

    async def settled(self) -> None:
        """Wait until everything is decided and everything decided was relayed."""
        await self._until(lambda count: count >= self.total, "the end of the traffic")
        give_up_at = time.monotonic() + _PATIENCE
        while (await self.fetch("SELECT count(*) AS count FROM outbox"))[0]["count"]:
            self._look(give_up_at, "an empty outbox")
            await asyncio.sleep(_POLL_SECONDS)

    async def recovered(self) -> None:
        """Measure from now until every partition that has records left moves, or the traffic is at its end."""
        self.faults += 1
        before, started = await self.positions(), time.monotonic()
        ends = self._ends()
        waiting = {place for place, end in ends.items() if before.get(place, 0) < end}
        if not waiting or not self.measured:
            return
        while waiting:
            now = await self.positions()
            waiting -= {place for place in waiting if now.get(place, 0) > before.get(place, 0)}
            self._look(started + _PATIENCE, f"{sorted(waiting)} to move again")
            await asyncio.sleep(_POLL_SECONDS)
        self.recoveries.append(time.monotonic() - started)

    def put_clock(self, ahead: int) -> None:
        """Put the wall clock of every process so many seconds ahead, or back."""
        written = self.folder / "clock.new"
        written.write_text(str(ahead))
        # Nobody may read half of it.
        written.replace(self.folder / "clock")
        self.ahead = timedelta(seconds=ahead)

    async def fired(self) -> None:
        """Wait until nothing is due any more by the clock as it was put."""
        now = datetime.now(UTC) + self.ahead
        give_up_at = time.monotonic() + _PATIENCE
        while (await self.fetch(_DUE, now))[0]["count"]:
            self._look(give_up_at, "due timers, limits and ticks")
            await asyncio.sleep(_POLL_SECONDS)

    async def pause(self, low: float, high: float) -> None:
        """Let the service work for a while that nobody can foresee."""
        await asyncio.sleep(self.dice.uniform(low, high))

    async def start_worker(self, number: int, **planted: str) -> None:
        await self.fleet.start(f"worker-{number}", "worker", **planted)

    async def start_relay(self, number: int = 1, **planted: str) -> None:
        await self.fleet.start(f"relay-{number}", "relay", "ticker", **planted)

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*_BROKEN):
                await connection.close(timeout=2)

    async def add_partitions(self) -> None:
        """Let the topics have all partitions that the traffic knows, and publish what was held back for them."""
        await more_partitions(self.kafka, [topic for topic in TOPICS if topic != PROCESSES], self.partitions)
        await self.publish(self.held_back)
        self.total += len(self.held_back)

    async def publish(self, records: Sequence[Record]) -> None:
        """Publish in order, each partition's records one after another, and keep where each was put."""
        async with AIOKafkaProducer(
            bootstrap_servers=self.kafka.bootstrap_servers, enable_idempotence=True, linger_ms=5
        ) as producer:
            for first in range(0, len(records), _AT_ONCE):
                share = records[first : first + _AT_ONCE]
                sent = [await producer.send(one.topic, one.value, one.key, partition=one.partition) for one in share]
                for record, place in zip(share, await asyncio.gather(*sent), strict=True):
                    self._published(record, place.offset)

    async def trickle(self, records: Sequence[Record]) -> None:
        """Publish each record when it arrives by the wall clock, through whatever happens to the brokers."""
        async with AIOKafkaProducer(
            bootstrap_servers=self.kafka.bootstrap_servers, enable_idempotence=True
        ) as producer:
            for record in records:
                await asyncio.sleep(max(0.0, record.arrives.timestamp() - time.time()))
                place = await producer.send_and_wait(record.topic, record.value, record.key, partition=record.partition)
                self._published(record, place.offset)

    def _published(self, record: Record, offset: int) -> None:
        self.published.append(
            Published(topic=record.topic, partition=record.partition, offset=offset, key=record.key, value=record.value)
        )

    def _ends(self) -> Mapping[Place, int]:
        ends: dict[Place, int] = {}
        for one in self.published:
            ends[one.topic, one.partition] = max(ends.get((one.topic, one.partition), 0), one.offset + 1)
        return ends

    async def _until(self, holds: Callable[[int], bool], what: str) -> None:
        give_up_at = time.monotonic() + _PATIENCE
        while not holds(await self.consumed()):
            self._look(give_up_at, what)
            await asyncio.sleep(_POLL_SECONDS)

    def _look(self, give_up_at: float, what: str) -> None:
        self.fleet.check()
        if time.monotonic() > give_up_at:
            raise Stuck(f"waited in vain for {what}")

    async def fetch(self, statement: str, *arguments: object) -> Sequence[asyncpg.Record]:
        """Ask the database, for as long as it takes a killed one to come back."""
        give_up_at = time.monotonic() + _PATIENCE
        while True:
            try:
                if self._connection is None:
                    self._connection = await asyncpg.connect(self.dsn, timeout=5)
                return await self._connection.fetch(statement, *arguments, timeout=10)
            except _BROKEN:
                await self.close()
                self._look(give_up_at, "the database")
                await asyncio.sleep(_POLL_SECONDS)


async def fresh_topics(kafka: ApacheKafka, partitions: int) -> None:
    """Leave only empty topics for what comes in; those for what goes out are made by the service."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)
    await admin.start()
    try:
        old = [topic for topic in await admin.list_topics() if not topic.startswith("__")]
        if old:
            await admin.delete_topics(old)
        wanted = [NewTopic(topic, 1 if topic == PROCESSES else partitions, len(kafka.brokers)) for topic in TOPICS]
        give_up_at = time.monotonic() + 30.0
        while True:
            answer = await admin.create_topics(wanted)
            failed = [code for _, code, *_ in answer.topic_errors if code]
            if not failed:
                break
            if time.monotonic() > give_up_at:
                raise Stuck(f"topics were not made: {[for_code(code).__name__ for code in failed]}")
            wanted = [one for one, error in zip(wanted, answer.topic_errors, strict=True) if error[1]]
            await asyncio.sleep(0.1)
    finally:
        await admin.close()


async def more_partitions(kafka: ApacheKafka, topics: Collection[str], partitions: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)
    await admin.start()
    try:
        await admin.create_partitions({topic: NewPartitions(partitions) for topic in topics})
    finally:
        await admin.close()
